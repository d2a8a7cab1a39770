// SPDX-License-Identifier: GPL-3.0-or-later
// Sorts datagrams by their looks and keeps phone-written files apart from all others.
#include "core/capture/call_tracker.h"

#include "core/capture/call_assembler.h"
#include "core/capture/capture_clock.h"
#include "core/capture/rtp_probe.h"
#include "core/capture/sip_message.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace sr::capture {

class CallTracker::Impl {
public:
    Impl(Spool& spool, const ReadOptions& options, CallSink sink)
        : m_spool(&spool)
        , m_options(options)
        , m_sink(std::move(sink))
        , m_shared(
              spool, options, m_stats, [this](CapturedCall&& call) { deliver(std::move(call)); },
              std::nullopt)
        , m_clock([this](const Datagram& one) {
            takeGroup({&one, 1});
        })
    {}

    void beginFile(const std::string& name)
    {
        endFile();
        if (auto phone = phoneFileName(name))
            beginPhone(std::move(*phone), name);
        else if (auto bare = bareFileName(name))
            m_undecided = Undecided{std::move(*bare), name, {}};
        else
            beginShared(name);
    }

    void takeAll(std::span<const Datagram> datagrams)
    {
        while (!datagrams.empty()) {
            const auto group = datagrams.first(std::min(datagrams.size(), kGroup));
            datagrams = datagrams.subspan(group.size());
            if (m_clock.inStep(group)) {
                takeGroup(group);
                continue;
            }
            for (const Datagram& one : group)
                m_clock.take(one);
        }
    }

    void advance(UtcTime now)
    {
        m_clock.advance(now);
        assembler().advance(now);
    }
    std::vector<OpenCall> openCalls() { return assembler().openCalls(); }
    UtcTime oldest() { return std::min(m_clock.oldestHeld(), assembler().oldest()); }

    void take(CallAssembler& assembler, const Datagram& datagram, Looks looks, std::uint64_t tag)
    {
        ++m_stats.packets;
        assembler.advance(datagram.time);
        if (looks == Looks::Rtp) {
            ++m_stats.rtpPackets;
            assembler.rtp(datagram, tag);
        } else if (looks == Looks::Rtcp) {
            ++m_stats.rtcpPackets;
        } else if (const auto message = SipMessage::parse(textOf(datagram.payload))) {
            ++m_stats.sipMessages;
            assembler.sip(*message, datagram);
        } else {
            ++m_stats.ignored;
        }
    }

    Status finish()
    {
        m_finishing = true;
        endFile();
        m_shared.finish();
        m_finishing = false;
        std::stable_sort(m_last.begin(), m_last.end(),
                         [](const CapturedCall& a, const CapturedCall& b) { return a.ended < b.ended; });
        std::vector<CapturedCall> last = std::move(m_last);
        m_last.clear();
        for (CapturedCall& call : last)
            m_sink(std::move(call));
        return status();
    }

    const Status& status() const { return m_status ? m_shared.status() : m_status; }
    const CaptureStats& stats()
    {
        m_stats.misdated = m_clock.corrected();
        return m_stats;
    }

private:
    static constexpr std::size_t kGroup = 32;
    static constexpr std::size_t kUndecided = 64; ///< chosen: a dummy signalling is a handful of messages

    /// A file whose name may be that of a phone's: its first RTP packet tells by its ports.
    struct Undecided {
        PhoneFileName phone;
        std::string name;
        std::vector<HeldDatagram> held;
    };

    void beginPhone(PhoneFileName phone, const std::string& name)
    {
        m_phone = std::make_unique<CallAssembler>(
            *m_spool, m_options, m_stats, [this](CapturedCall&& call) { deliver(std::move(call)); },
            std::move(phone));
        m_phone->setFile(0, name);
    }

    void beginShared(const std::string& name)
    {
        m_shared.setFile(m_fileCount++, name);
        m_sharedFile = true;
    }

    CallAssembler& assembler() { return m_phone ? *m_phone : m_shared; }

    void takeGroup(std::span<const Datagram> group)
    {
        if (m_undecided) {
            for (const Datagram& one : group)
                takeUndecided(one);
            return;
        }
        std::array<Looks, kGroup> looks{};
        std::array<std::uint64_t, kGroup> tags{};
        for (std::size_t i = 0; i < group.size(); ++i) {
            looks[i] = group[i].stream ? Looks::Other : looksOf(group[i].payload);
            tags[i] = looks[i] == Looks::Rtp ? RtpCollector::tagOf(group[i]) : 0;
        }
        if (group.size() > 1)
            assembler().prefetch(std::span(tags).first(group.size()));
        for (std::size_t i = 0; i < group.size(); ++i)
            take(assembler(), group[i], looks[i], tags[i]);
    }

    void takeUndecided(const Datagram& datagram)
    {
        if (!m_undecided) {
            takeGroup({&datagram, 1});
            return;
        }
        m_undecided->held.emplace_back(datagram);
        const bool rtp = !datagram.stream && looksOf(datagram.payload) == Looks::Rtp;
        if (rtp || m_undecided->held.size() >= kUndecided)
            decide(rtp && hasPhonePorts(datagram.from, datagram.to));
    }

    void decide(bool byPhone)
    {
        Undecided file = *std::exchange(m_undecided, std::nullopt);
        if (byPhone)
            beginPhone(std::move(file.phone), file.name);
        else
            beginShared(file.name);
        for (const HeldDatagram& one : file.held)
            takeGroup({&one.datagram(), 1});
    }

    void endFile()
    {
        m_clock.endFile();
        if (m_undecided)
            decide(false);
        if (m_phone) {
            m_phone->finish();
            if (m_status)
                m_status = m_phone->status();
            m_phone.reset();
        } else if (m_sharedFile) {
            m_shared.endFile();
        }
        m_sharedFile = false;
    }

    void deliver(CapturedCall&& call)
    {
        if (m_finishing)
            m_last.push_back(std::move(call));
        else
            m_sink(std::move(call));
    }

    Spool* m_spool;
    ReadOptions m_options;
    CallSink m_sink;
    CaptureStats m_stats;
    Status m_status; ///< of phone files that are over
    CallAssembler m_shared;
    std::unique_ptr<CallAssembler> m_phone;
    std::optional<Undecided> m_undecided;
    CaptureClock m_clock;
    std::uint32_t m_fileCount = 0;
    std::vector<CapturedCall> m_last; ///< while finishing, to be put in order
    bool m_finishing = false;
    bool m_sharedFile = false; ///< a shared file is being read
};

CallTracker::CallTracker(Spool& spool, const ReadOptions& options, CallSink sink)
    : m_impl(std::make_unique<Impl>(spool, options, std::move(sink)))
{}

CallTracker::~CallTracker() = default;

void CallTracker::beginFile(const std::string& name)
{
    m_impl->beginFile(name);
}

void CallTracker::take(const Datagram& datagram)
{
    m_impl->takeAll({&datagram, 1});
}

void CallTracker::takeAll(std::span<const Datagram> datagrams)
{
    m_impl->takeAll(datagrams);
}

void CallTracker::advance(UtcTime now)
{
    m_impl->advance(now);
}

std::vector<OpenCall> CallTracker::openCalls()
{
    return m_impl->openCalls();
}

UtcTime CallTracker::oldest()
{
    return m_impl->oldest();
}

Status CallTracker::finish()
{
    return m_impl->finish();
}

const Status& CallTracker::status() const
{
    return m_impl->status();
}

const CaptureStats& CallTracker::stats() const
{
    return m_impl->stats();
}

} // namespace sr::capture
