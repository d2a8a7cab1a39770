// SPDX-License-Identifier: GPL-3.0-or-later
// Two interfaces that come and go bring calls while others ask for the state; every call comes out once.
#include "core/capture/live_capture.h"
#include "tests/support/capture_builder.h"
#include "tests/support/fake_network.h"

#include <atomic>
#include <cstdio>
#include <thread>

namespace {

constexpr int kCalls = 40;

class TestClock final : public sr::Clock {
public:
    sr::UtcTime utcNow() const override { return sr::UtcTime(sr::microseconds(m_now.load())); }
    std::chrono::steady_clock::time_point steadyNow() const override
    {
        return std::chrono::steady_clock::now();
    }
    void set(sr::UtcTime now) { m_now = now.time_since_epoch().count(); }

private:
    std::atomic<std::int64_t> m_now{sr::test::usualCall().start.time_since_epoch().count()};
};

sr::capture::PacketBatch call(int number)
{
    sr::test::CaptureBuilder builder;
    auto plan = sr::test::usualCall(sr::test::usualCall().start + sr::seconds(4 * number));
    plan.callId = "race-" + std::to_string(number);
    plan.talkSeconds = 1;
    builder.addCall(plan);
    return sr::test::batchOf(builder.pcap());
}

} // namespace

int main()
{
    sr::test::FakeNetwork network({"a", "b"});
    TestClock clock;
    std::atomic<int> calls{0};
    sr::capture::LiveOptions options;
    options.devices = {{.interface = "a", .filter = {}}, {.interface = "b", .filter = {}}};
    options.retryEvery = sr::milliseconds(1);
    auto live = sr::capture::LiveCapture::start(
        options, network.opener(), clock, [&](sr::capture::CapturedCall&&) { ++calls; },
        {[](const sr::capture::InterfaceState&) {}, [](const sr::capture::OpenCall&) {}, {}});
    if (!live)
        return 2;
    std::atomic<bool> over{false};
    std::jthread watcher([&] {
        while (!over)
            (void)(*live)->state();
    });
    for (int i = 0; i < kCalls; ++i) {
        const char* name = i % 2 == 0 ? "a" : "b";
        network.give(name, call(i));
        clock.set(sr::test::usualCall().start + sr::seconds(4 * i));
        network.drop(name, 1);
        network.setUp(name, i % 5 != 4);
        if (i % 5 == 4)
            network.setUp(name, true);
    }
    std::thread stopper([&] { (*live)->stop(); });
    (*live)->stop();
    stopper.join();
    over = true;
    watcher.join();
    if (calls != kCalls)
        std::fprintf(stderr, "%d of %d calls\n", calls.load(), kCalls);
    return calls == kCalls ? 0 : 1;
}
