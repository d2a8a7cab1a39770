// SPDX-License-Identifier: GPL-3.0-or-later
// The list of archived calls in a live log: anything may stand there after a crash; datagrams pass or not.
// links: sr::core_capture
#include "core/capture/live_log_done.h"

namespace {

struct Nothing final : sr::capture::DatagramSink {
    void take(const sr::capture::Datagram&) override {}
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view lines(reinterpret_cast<const char*>(data), size);
    Nothing next;
    sr::capture::DoneFilter filter(next);
    filter.add(lines);
    sr::capture::Datagram datagram;
    datagram.time = sr::UtcTime(sr::seconds(100));
    datagram.payload = sr::bytesOf(lines.substr(0, 2000));
    filter.take(datagram);
    return 0;
}
