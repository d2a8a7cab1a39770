// SPDX-License-Identifier: GPL-3.0-or-later
// Import of many G.711 calls against a bare libpcap read loop, tshark, and what no import to WAV can do
// without (reading, hashing and writing as many octets): CPU seconds, ratios, anonymous memory.
//   bench_import DIR [CALLS 1000] [SECONDS 60] [EVERY 0.06] [FORMAT wav]      DIR on tmpfs, where disk noise
//   would decide
#include "core/base/file.h"
#include "tests/support/capture_builder.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <pcap/pcap.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace {

double cpuOf(const rusage& usage)
{
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Anonymous resident memory of a process [kB].
long anonymousOf(pid_t pid)
{
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("RssAnon:"))
            return std::atol(line.c_str() + 8);
    }
    return 0;
}

struct Child {
    double cpu = 0;
    long anonymousKb = 0;
    int code = -1;
};

Child runChild(const std::vector<std::string>& command)
{
    const pid_t pid = fork();
    if (pid == 0) {
        const int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        dup2(null, 2);
        std::vector<char*> words;
        for (const std::string& word : command)
            words.push_back(const_cast<char*>(word.c_str()));
        words.push_back(nullptr);
        execvp(words[0], words.data());
        _exit(127);
    }
    Child child;
    rusage usage{};
    int status = 0;
    while (wait4(pid, &status, WNOHANG, &usage) == 0) {
        child.anonymousKb = std::max(child.anonymousKb, anonymousOf(pid));
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    child.cpu = cpuOf(usage);
    child.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return child;
}

/// The bare loop of the figure: every packet read by libpcap and one octet of it touched.
double bareLoop(const std::string& file, std::uint64_t& packets)
{
    char error[PCAP_ERRBUF_SIZE] = {};
    pcap_t* capture = pcap_open_offline(file.c_str(), error);
    if (capture == nullptr)
        return 0;
    rusage before{};
    getrusage(RUSAGE_SELF, &before);
    pcap_pkthdr* header = nullptr;
    const u_char* data = nullptr;
    std::uint64_t sum = 0;
    packets = 0;
    while (pcap_next_ex(capture, &header, &data) == 1) {
        ++packets;
        sum += data[header->caplen / 2] + header->caplen;
    }
    rusage after{};
    getrusage(RUSAGE_SELF, &after);
    pcap_close(capture);
    std::printf("(checksum %llu)\n", static_cast<unsigned long long>(sum));
    return cpuOf(after) - cpuOf(before);
}

/// Reads with libpcap and puts every RTP payload into files of a minute each, hashed and synced, with nothing
/// else: no calls, no time line, no sidecar, no journal.
double necessaryWork(const std::string& file, const std::string& dir, double secondsACall)
{
    constexpr std::size_t kHeaders = 14 + 20 + 8 + 12; // of the frames this bench makes
    constexpr std::size_t kPiece = 256 * 1024;
    const auto perFile = static_cast<std::size_t>(secondsACall * 16000);
    char error[PCAP_ERRBUF_SIZE] = {};
    pcap_t* capture = pcap_open_offline(file.c_str(), error);
    if (capture == nullptr || !sr::makeDirs(dir))
        return 0;
    rusage before{};
    getrusage(RUSAGE_SELF, &before);
    EVP_MD_CTX* hash = EVP_MD_CTX_new();
    sr::Bytes piece;
    piece.reserve(2 * kPiece);
    std::unique_ptr<sr::File> out;
    std::size_t inFile = 0;
    unsigned files = 0;
    const auto flush = [&] {
        EVP_DigestUpdate(hash, piece.data(), piece.size());
        if (!out->write(piece))
            std::exit(1);
        inFile += piece.size();
        piece.clear();
    };
    const auto finish = [&] {
        unsigned char digest[EVP_MAX_MD_SIZE];
        flush();
        EVP_DigestFinal_ex(hash, digest, nullptr);
        if (!out->sync())
            std::exit(1);
        out.reset();
    };
    pcap_pkthdr* header = nullptr;
    const u_char* data = nullptr;
    while (pcap_next_ex(capture, &header, &data) == 1) {
        if (header->caplen <= kHeaders || (data[kHeaders - 12] >> 6) != 2)
            continue;
        if (!out) {
            auto made = sr::File::open(dir + "/" + std::to_string(files++), sr::OpenMode::CreateNew);
            if (!made)
                std::exit(1);
            out = std::move(*made);
            EVP_DigestInit_ex(hash, EVP_sha256(), nullptr);
            inFile = 0;
        }
        const auto* payload = reinterpret_cast<const std::byte*>(data + kHeaders);
        piece.insert(piece.end(), payload, payload + (header->caplen - kHeaders));
        if (piece.size() >= kPiece)
            flush();
        if (inFile + piece.size() >= perFile)
            finish();
    }
    if (out)
        finish();
    EVP_MD_CTX_free(hash);
    rusage after{};
    getrusage(RUSAGE_SELF, &after);
    pcap_close(capture);
    return cpuOf(after) - cpuOf(before);
}

} // namespace

int main(int argc, char** argv)
{
    const auto argument = [&](int n, const char* fallback) {
        return std::string(argc > n ? argv[n] : fallback);
    };
    const std::string dir = argument(1, "/dev/shm/sr-bench");
    const unsigned calls = static_cast<unsigned>(std::stoul(argument(2, "1000")));
    const double seconds = std::stod(argument(3, "60"));
    const double every = std::stod(argument(4, "0.06"));
    const std::string format = argument(5, "wav");
    if (!sr::makeDirs(dir))
        return 1;
    const std::string file = dir + "/calls.pcap";
    sr::test::writeManyCalls(file, calls, seconds, every);
    // Made beforehand: a new archive costs a derivation of keys that is slow on purpose, once in its life.
    const std::string first = dir + "/first.pcap";
    sr::test::writeManyCalls(first, 1, 1, 1);
    const auto import = [&](const std::string& capture) {
        return runChild({SR_BINARY_DIR "/app/switchroomctl", "import", capture, "--archive", dir + "/archive",
                         "--config", dir + "/config", "--format", format});
    };

    std::uint64_t packets = 0;
    std::vector<double> ratios;
    for (int round = 0; round < 3; ++round) {
        const double bare = bareLoop(file, packets);
        if (!sr::removeTree(dir + "/archive") || !sr::removeTree(dir + "/config"))
            return 1;
        if (import(first).code != 0)
            return 1;
        const Child ours = import(file);
        ratios.push_back(bare / ours.cpu);
        const double least = necessaryWork(file, dir + "/necessary", seconds);
        if (!sr::removeTree(dir + "/necessary"))
            return 1;
        std::printf("%llu packets: libpcap loop %.2f CPU s (%.1f M/s), import %.2f CPU s (%.2f M/s), ratio "
                    "%.1f %%, anonymous %ld MB, exit %d\n",
                    static_cast<unsigned long long>(packets), bare, static_cast<double>(packets) / bare / 1e6,
                    ours.cpu, static_cast<double>(packets) / ours.cpu / 1e6, 100 * bare / ours.cpu,
                    ours.anonymousKb / 1024, ours.code);
        if (format == "wav")
            std::printf("reading, hashing and writing alone: %.2f CPU s, %.1f %% of the libpcap loop's rate; "
                        "import takes "
                        "%.2f times as long\n",
                        least, 100 * bare / least, ours.cpu / least);
        if (round == 0) {
            const Child tshark = runChild({"tshark", "-r", file, "-q", "-z", "rtp,streams"});
            std::printf("tshark -q -z rtp,streams: %.1f CPU s, import is %.0f times faster\n", tshark.cpu,
                        tshark.cpu / ours.cpu);
        }
        std::fflush(stdout);
    }
    std::sort(ratios.begin(), ratios.end());
    std::printf("median %.1f %% of the bare loop (25 %% asked)\n", 100 * ratios[ratios.size() / 2]);
    return 0;
}
