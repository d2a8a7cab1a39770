// SPDX-License-Identifier: GPL-3.0-or-later
// A capture that runs for months: its time comes from the clock where packets are silent, and a full disk
// does not end it.
#include "core/capture/live_pass.h"

#include <algorithm>

namespace sr::capture {

LivePass::LivePass(Options options, CallSink sink)
    : m_options(std::move(options))
    , m_sink(std::move(sink))
    , m_merger(m_options.interfaces)
    , m_chain(newChain())
{}

/// Where the folder takes no file any more, media waits in memory as long as that lasts.
std::unique_ptr<LivePass::Chain> LivePass::newChain()
{
    auto spool = Spool::create(m_options.read.spoolDir, m_options.read.spoolMemory);
    if (!spool) {
        complain(spool.error());
        spool = Spool::create({}, m_options.read.spoolMemory);
    }
    auto chain = std::make_unique<Chain>(std::move(*spool), m_options.read, m_sink, m_options.log);
    chain->tracker.beginFile(m_options.source);
    return chain;
}

void LivePass::advance(UtcTime now)
{
    handOut(m_options.interfaces > 1 ? now - kReorder : UtcTime::max());
    m_chain->tracker.advance(now - std::min<milliseconds>(kBehind, m_options.read.linger));
    if (const Status status = m_chain->tracker.status(); !status) {
        complain(status.error());
        endChain();
        m_chain = newChain();
    }
    keepLog(now);
    flushCopy();
}

void LivePass::keepLog(UtcTime now)
{
    if (m_options.log == nullptr)
        return;
    const bool due = now - m_synced >= seconds(1) || now < m_synced;
    if (auto kept = due ? m_options.log->sync(m_chain->tracker.oldest()) : m_options.log->write(); !kept) {
        complain(kept.error());
        m_options.log = nullptr;
    }
    if (due)
        m_synced = now;
}

void LivePass::flushCopy()
{
    if (!m_options.copy)
        return;
    if (auto flushed = m_options.copy->flush(); !flushed) {
        complain(flushed.error());
        m_options.copy.reset();
    }
}

void LivePass::handOut(UtcTime until)
{
    m_merger.handOut(until, [this](std::span<const CapturedPacket> packets) {
        if (m_options.copy)
            m_options.copy->add(packets);
        m_chain->decoder.takeAll(packets);
    });
}

void LivePass::finish()
{
    handOut(UtcTime::max());
    endChain();
    flushCopy();
    m_options.copy.reset();
}

void LivePass::endChain()
{
    m_chain->decoder.finish();
    (void)m_chain->tracker.finish(); // its failure was told
    m_before = stats();
    m_chain.reset(); // calls that are still being recorded keep what they need of the spool
}

CaptureStats LivePass::stats() const
{
    CaptureStats stats = m_before;
    if (!m_chain)
        return stats;
    CaptureStats now = m_chain->tracker.stats();
    now.ignored += m_chain->decoder.dropped();
    now.packets = m_chain->decoder.frames();
    now.cut = m_chain->decoder.cut();
    stats += now;
    return stats;
}

void LivePass::complain(const Error& error) const
{
    if (m_options.failed)
        m_options.failed(error);
}

} // namespace sr::capture
