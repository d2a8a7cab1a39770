// SPDX-License-Identifier: GPL-3.0-or-later
// Live capture of many concurrent G.711 calls that tcpreplay sends over a virtual cable in real time: packets
// lost, and CPU seconds of the capture for each second.
//   bench_live DIR [CALLS 200] [SECONDS 30]      DIR on tmpfs, where disk noise would decide
#include "core/base/file.h"
#include "tests/support/capture_builder.h"

#include <cstdio>
#include <cstdlib>
#include <string>

int main(int argc, char** argv)
{
    const std::string dir = argc > 1 ? argv[1] : "/dev/shm/sr-bench";
    const unsigned calls = argc > 2 ? static_cast<unsigned>(std::stoul(argv[2])) : 200;
    const double seconds = argc > 3 ? std::stod(argv[3]) : 30;
    if (!sr::makeDirs(dir) || !sr::removeTree(dir + "/archive"))
        return 1;
    const std::string file = dir + "/calls.pcap";
    if (!sr::removeFile(file))
        return 1;
    const std::uint64_t packets = sr::test::writeManyCalls(file, calls, seconds, 0.005);
    // The capture tells its own packets, losses and recordings; the shell's `time` its CPU seconds.
    const std::string script =
        "set -e; cd '" + dir +
        "'; TIMEFORMAT='%U user + %S system CPU s'\n"
        "ip link add name sra type veth peer name srb; ip link set sra up; ip link set srb up\n"
        "time '" SR_BINARY_DIR
        "/app/switchroomctl' capture --interface sra --archive archive --config config "
        "2>err.txt & capture=$!\n"
        "until grep -qs 'capturing on' err.txt; do sleep 0.1; done\n"
        "begin=$(date +%s.%N)\n"
        "tcpreplay --quiet --intf1=srb calls.pcap | grep -E 'Actual|Failed'\n"
        "sleep 8; pkill -INT -f 'switchroomctl capture --interface sra'; wait $capture\n"
        "echo \"after $(echo \"$(date +%s.%N) - $begin\" | bc) s: $(tail -n 1 err.txt)\"";
    std::printf("%llu packets of %u calls of %.0f s\n", static_cast<unsigned long long>(packets), calls,
                seconds);
    std::fflush(stdout);
    return std::system(
               ("unshare --user --map-root-user --net bash -c \"$(cat <<'EOF'\n" + script + "\nEOF\n)\"")
                   .c_str()) == 0
               ? 0
               : 1;
}
