// SPDX-License-Identifier: GPL-3.0-or-later
// The threads of a live capture and their end: readers first, then the tracker, so that nothing is lost.
#include "core/capture/live_capture.h"

#include "core/capture/live_pass.h"

#include <set>

namespace sr::capture {
namespace {

constexpr milliseconds kLookEvery{200}; // how late the time of a silent network reaches the tracker

std::string namesOf(const std::vector<DeviceOptions>& devices)
{
    std::string names;
    for (const DeviceOptions& device : devices)
        names += (names.empty() ? "" : ", ") + device.interface;
    return names;
}

} // namespace

class LiveCapture::Impl {
public:
    Impl(LiveOptions options, const DeviceOpener& opener, const Clock& clock, CallSink sink,
         LiveEvents events)
        : m_options(std::move(options))
        , m_opener(opener)
        , m_clock(clock)
        , m_sink(std::move(sink))
        , m_events(std::move(events))
        , m_inbox(m_options.inboxBytes)
    {}
    ~Impl() { stop(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Status start();
    LiveState state() const;
    void stop();

private:
    Result<std::vector<std::unique_ptr<PacketDevice>>> openAll() const;
    void track();
    void publish();
    void deliver(CapturedCall&& call);

    const LiveOptions m_options;
    const DeviceOpener m_opener;
    const Clock& m_clock;
    const CallSink m_sink;
    const LiveEvents m_events;
    PacketInbox m_inbox;
    std::vector<std::unique_ptr<DeviceReader>> m_readers;
    std::unique_ptr<LivePass> m_pass; ///< the tracking thread's
    std::set<std::string> m_known;    ///< Call-IDs of the open calls; the tracking thread's
    std::chrono::steady_clock::time_point m_published{};

    mutable std::mutex m_mutex; // guards what follows
    std::vector<OpenCall> m_calls;
    CaptureStats m_stats;
    bool m_stopping = false;

    std::mutex m_stopMutex; // one stop() at a time
    std::thread m_thread;   // last: everything it uses stands above
};

Result<std::vector<std::unique_ptr<PacketDevice>>> LiveCapture::Impl::openAll() const
{
    std::vector<std::unique_ptr<PacketDevice>> devices;
    for (const DeviceOptions& one : m_options.devices) {
        auto device = m_opener(one);
        const bool later =
            !device && m_options.waitForInterfaces &&
            (device.error().code == CaptureErrc::NoInterface || device.error().code == CaptureErrc::Down);
        if (!device && !later)
            return device.error();
        devices.push_back(device ? std::move(*device) : nullptr);
    }
    return devices;
}

Status LiveCapture::Impl::start()
{
    auto devices = openAll();
    if (!devices)
        return devices.error();
    LivePass::Options pass;
    pass.read = m_options.read;
    pass.interfaces = m_options.devices.size();
    pass.source = namesOf(m_options.devices);
    pass.failed = m_events.failed;
    pass.log = m_options.log;
    if (!m_options.copyTo.empty()) {
        auto copy = CaptureCopy::create(m_options.copyTo);
        if (!copy)
            return copy.error();
        pass.copy = std::move(*copy);
    }
    m_pass = std::make_unique<LivePass>(std::move(pass),
                                        [this](CapturedCall&& call) { deliver(std::move(call)); });
    const DeviceReader::Environment environment{&m_inbox, &m_clock, m_opener, m_options.retryEvery,
                                                m_events.interfaceChanged};
    for (std::size_t i = 0; i < devices->size(); ++i)
        m_readers.push_back(
            std::make_unique<DeviceReader>(i, m_options.devices[i], std::move((*devices)[i]), environment));
    m_thread = std::thread([this] { track(); });
    return {};
}

void LiveCapture::Impl::deliver(CapturedCall&& call)
{
    std::uint64_t dropped = 0;
    for (const auto& reader : m_readers)
        dropped += reader->droppedBetween(call.firstPacket, call.ended);
    call.droppedPackets = dropped;
    if (m_options.log != nullptr)
        m_options.log->handedOut(call);
    m_sink(std::move(call));
}

void LiveCapture::Impl::track()
{
    for (bool stopping = false; !stopping;) {
        {
            const std::scoped_lock lock(m_mutex);
            stopping = m_stopping; // then the readers are done, and the inbox holds the last packets
        }
        const UtcTime now = m_clock.utcNow();
        for (auto& [interface, batch] : m_inbox.takeAll(stopping ? milliseconds(0) : kLookEvery))
            m_pass->add(interface, std::move(batch));
        if (stopping)
            m_pass->finish();
        else
            m_pass->advance(now);
        if (const auto at = m_clock.steadyNow(); stopping || at - m_published >= kLookEvery) {
            m_published = at;
            publish();
        }
    }
}

void LiveCapture::Impl::publish()
{
    std::vector<OpenCall> calls = m_pass->openCalls();
    std::set<std::string> known;
    for (const OpenCall& call : calls) {
        known.insert(call.callId);
        if (!m_known.contains(call.callId) && m_events.callBegan)
            m_events.callBegan(call);
    }
    m_known = std::move(known);
    const std::scoped_lock lock(m_mutex);
    m_calls = std::move(calls);
    m_stats = m_pass->stats();
}

LiveState LiveCapture::Impl::state() const
{
    LiveState state;
    for (const auto& reader : m_readers)
        state.interfaces.push_back(reader->state());
    const std::scoped_lock lock(m_mutex);
    state.calls = m_calls;
    state.stats = m_stats;
    return state;
}

void LiveCapture::Impl::stop()
{
    const std::scoped_lock one(m_stopMutex);
    for (const auto& reader : m_readers)
        reader->stop();
    {
        const std::scoped_lock lock(m_mutex);
        m_stopping = true;
    }
    m_inbox.wake();
    if (m_thread.joinable())
        m_thread.join();
}

LiveCapture::LiveCapture(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

LiveCapture::~LiveCapture() = default;

Result<std::unique_ptr<LiveCapture>> LiveCapture::start(LiveOptions options, const DeviceOpener& opener,
                                                        const Clock& clock, CallSink sink, LiveEvents events)
{
    auto impl = std::make_unique<Impl>(std::move(options), opener, clock, std::move(sink), std::move(events));
    if (auto started = impl->start(); !started)
        return started.error();
    return std::unique_ptr<LiveCapture>(new LiveCapture(std::move(impl)));
}

LiveState LiveCapture::state() const
{
    return m_impl->state();
}

void LiveCapture::stop()
{
    m_impl->stop();
}

} // namespace sr::capture
