// SPDX-License-Identifier: GPL-3.0-or-later
// A capture that does not look at its interface until it is told to: what its small ring cannot hold is
// dropped by the kernel.   slow_capture IF   prints `ready`, waits for a line, prints `read N dropped M`.
#include "core/capture/packet_device.h"

#include <cstdio>

int main(int argc, char** argv)
{
    sr::capture::DeviceOptions options;
    options.interface = argc > 1 ? argv[1] : "";
    options.filter = "udp and not port 5353"; // nothing of the kernel's own
    options.ringBytes = 1024 * 1024;
    auto device = sr::capture::openPacketDevice(options);
    if (!device) {
        std::fprintf(stderr, "%s\n", device.error().text().c_str());
        return 1;
    }
    std::puts("ready");
    std::fflush(stdout);
    if (std::getchar() == EOF)
        return 1;
    sr::capture::PacketBatch batch;
    const auto drained = (*device)->drain(batch);
    const auto stats = (*device)->stats();
    if (!drained || !stats)
        return 1;
    std::printf("read %zu dropped %llu\n", batch.size(), static_cast<unsigned long long>(stats->dropped));
    return 0;
}
