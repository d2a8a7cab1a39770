// SPDX-License-Identifier: GPL-3.0-or-later
// The tracking thread hands calls to a queue without end; recorders that find the archive full wait and try
// again, and meanwhile calls wait in the spool.
#include "recorder/pipeline/capture_job.h"

#include "recorder/pipeline/work_queue.h"

#include <algorithm>
#include <limits>

namespace sr::recorder {
namespace {

// Chosen: media of running calls waits in the mapped file, of which the system keeps what it has room for.
constexpr std::uint64_t kSpoolMemory = 1024 * 1024;

/// What a person or time may mend: the disk, the network, another program.
bool mayPass(const std::error_code& code)
{
    return code == BaseErrc::DiskFull || code == BaseErrc::Io || code == BaseErrc::Denied ||
           code == BaseErrc::NotFound || code == BaseErrc::Locked;
}

Error ofCall(const capture::CapturedCall& call, const Error& error)
{
    return Error{error.code, "call " + call.caller.number + " to " + call.callee.number + " (" + call.callId +
                                 "): " + error.context};
}

} // namespace

class CaptureJob::Impl {
public:
    Impl(archive::Archive& archive, CaptureOptions options, CaptureEvents events)
        : m_archive(archive)
        , m_options(std::move(options))
        , m_events(std::move(events))
        , m_queue(workers(), std::numeric_limits<std::size_t>::max())
    {}
    ~Impl() { stop(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Status start(const capture::DeviceOpener& opener, const Clock& clock);
    CaptureState state() const;
    void stop();

private:
    unsigned workers() const
    {
        return m_options.record.workers != 0 ? m_options.record.workers
                                             : std::clamp(std::thread::hardware_concurrency(), 1U, 8U);
    }
    capture::ReadOptions readOptions() const;
    Status startLog();
    void recover(const Path& dir);
    void take(capture::CapturedCall&& call);
    bool isThrownAway(const capture::CapturedCall& call) const
    {
        return m_options.isExchange && call.provisional;
    }
    bool record(const capture::CapturedCall& call);
    Result<CallOutcome> tryToRecord(const capture::CapturedCall& call);
    bool waitToRetry();
    void note(const CallOutcome& outcome);
    void tell(const Error& error) const
    {
        if (m_events.failed)
            m_events.failed(error);
    }

    archive::Archive& m_archive;
    const CaptureOptions m_options;
    const CaptureEvents m_events;
    const Progress m_progress; ///< nobody cancels the recording of a call

    mutable std::mutex m_mutex; // guards what follows
    std::condition_variable m_wake;
    CaptureState m_state; ///< its counts
    bool m_stopping = false;

    std::unique_ptr<capture::LiveLog> m_log; ///< may be null
    WorkQueue m_queue;
    std::unique_ptr<capture::LiveCapture> m_capture; // last: hands calls to all above
};

Status CaptureJob::Impl::start(const capture::DeviceOpener& opener, const Clock& clock)
{
    capture::LiveOptions live;
    live.devices = m_options.devices;
    live.waitForInterfaces = m_options.waitForInterfaces;
    live.copyTo = m_options.copyTo;
    live.read = readOptions();
    if (auto logging = startLog(); !logging)
        return logging;
    live.log = m_log.get();
    auto started = capture::LiveCapture::start(
        std::move(live), opener, clock, [this](capture::CapturedCall&& call) { take(std::move(call)); },
        {m_events.interfaceChanged, m_events.callBegan, m_events.failed});
    if (!started)
        return started.error();
    m_capture = std::move(*started);
    return {};
}

capture::ReadOptions CaptureJob::Impl::readOptions() const
{
    capture::ReadOptions read;
    read.spoolDir = m_archive.spoolDir();
    read.spoolMemory = kSpoolMemory;
    read.extraKeys = m_options.record.srtpKeys;
    read.linger = m_options.linger;
    read.maxCalls = m_options.record.maxCalls;
    read.maxStreams = m_options.record.maxStreams;
    return read;
}

/// What dead captures left is recorded beside the calls that come.
Status CaptureJob::Impl::startLog()
{
    if (m_options.logDir.empty())
        return {};
    for (const Path& dead : capture::deadLiveLogs(m_options.logDir))
        m_queue.push([this, dead] { recover(dead); });
    auto log = capture::LiveLog::create(m_options.logDir);
    if (!log)
        return log.error();
    m_log = std::move(*log);
    return {};
}

void CaptureJob::Impl::recover(const Path& dir)
{
    bool whole = true;
    const Status read = capture::recoverLiveLog(dir, readOptions(), [&](const capture::CapturedCall& call) {
        if (isThrownAway(call))
            return;
        {
            const std::scoped_lock lock(m_mutex);
            ++m_state.waiting;
        }
        whole = record(call) && whole;
    });
    if (!read && read.error().code != BaseErrc::Locked) // another program is at it
        tell(read.error());
    if (read && whole)
        (void)removeTree(dir);
}

void CaptureJob::Impl::take(capture::CapturedCall&& call)
{
    if (isThrownAway(call)) {
        if (m_log)
            m_log->archived(call); // or a crash would bring its sound back, once its beginning is gone
        return;
    }
    {
        const std::scoped_lock lock(m_mutex);
        ++m_state.waiting;
    }
    m_queue.push([this, kept = std::make_shared<capture::CapturedCall>(std::move(call))] {
        if (record(*kept) && m_log)
            m_log->archived(*kept);
    });
}

/// False: given up.
bool CaptureJob::Impl::record(const capture::CapturedCall& call)
{
    for (bool first = true;; first = false) {
        auto outcome = tryToRecord(call);
        if (outcome) {
            note(*outcome);
            return true;
        }
        const bool again = mayPass(outcome.error().code);
        if (first || !again)
            tell(ofCall(call, outcome.error()));
        if (!again || (!waitToRetry() && !first)) // a call that ends last has its second try too
            break;
    }
    const std::scoped_lock lock(m_mutex);
    --m_state.waiting;
    ++m_state.unrecorded;
    return false;
}

/// A call whose sound cannot be made is kept as its packets.
Result<CallOutcome> CaptureJob::Impl::tryToRecord(const capture::CapturedCall& call)
{
    auto outcome = recordCall(m_archive, call, m_options.record, m_progress);
    if (outcome || mayPass(outcome.error().code) || m_options.record.format == OutputFormat::Pcap)
        return outcome;
    tell(ofCall(call, outcome.error()));
    ImportOptions asPackets = m_options.record;
    asPackets.format = OutputFormat::Pcap;
    return recordCall(m_archive, call, asPackets, m_progress);
}

/// False: the job ends, and nothing was waited for.
bool CaptureJob::Impl::waitToRetry()
{
    std::unique_lock lock(m_mutex);
    if (m_stopping)
        return false;
    m_wake.wait_for(lock, m_options.retryEvery, [this] { return m_stopping; });
    return true;
}

void CaptureJob::Impl::note(const CallOutcome& outcome)
{
    {
        const std::scoped_lock lock(m_mutex);
        --m_state.waiting;
        m_state.recorded += outcome.recordings.size();
        m_state.unanswered += outcome.unanswered.size();
        m_state.duplicates += outcome.duplicates.size();
    }
    if (m_events.recorded)
        m_events.recorded(outcome);
}

CaptureState CaptureJob::Impl::state() const
{
    capture::LiveState live = m_capture->state();
    const std::scoped_lock lock(m_mutex);
    CaptureState state = m_state;
    state.interfaces = std::move(live.interfaces);
    state.calls = std::move(live.calls);
    state.stats = live.stats;
    return state;
}

void CaptureJob::Impl::stop()
{
    if (m_capture)
        m_capture->stop();
    {
        const std::scoped_lock lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_all();
    m_queue.drain();
}

CaptureJob::CaptureJob(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

CaptureJob::~CaptureJob() = default;

Result<std::unique_ptr<CaptureJob>> CaptureJob::start(archive::Archive& archive, CaptureOptions options,
                                                      const capture::DeviceOpener& opener, const Clock& clock,
                                                      CaptureEvents events)
{
    auto impl = std::make_unique<Impl>(archive, std::move(options), std::move(events));
    if (auto started = impl->start(opener, clock); !started)
        return started.error();
    return std::unique_ptr<CaptureJob>(new CaptureJob(std::move(impl)));
}

CaptureState CaptureJob::state() const
{
    return m_impl->state();
}

void CaptureJob::stop()
{
    m_impl->stop();
}

} // namespace sr::recorder
