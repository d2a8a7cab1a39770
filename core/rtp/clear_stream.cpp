// SPDX-License-Identifier: GPL-3.0-or-later
// Keys in the order of their epoch; the one that fits the first packet goes on fitting.
#include "core/rtp/clear_stream.h"

#include <algorithm>

namespace sr::rtp {

StreamClearer::StreamClearer(const RtpStream& stream)
    : m_stream(stream)
    , m_encrypted(std::ranges::any_of(stream.epochs, [](const MediaEpoch& e) {
        return !e.srtpKeys.empty() || e.protection == Protection::Required;
    }))
{}

const MediaEpoch* StreamClearer::epochAt(UtcTime captured)
{
    if (m_stream.epochs.empty())
        return nullptr;
    while (m_epoch + 1 < m_stream.epochs.size() && m_stream.epochs[m_epoch + 1].since <= captured)
        ++m_epoch;
    return &m_stream.epochs[m_epoch];
}

SrtpReceiver* StreamClearer::receiverFor(const SrtpKey& key)
{
    // The same key in a later offer goes on with its roll-over count.
    const auto known =
        std::ranges::find_if(m_receivers, [&key](const KeyedReceiver& r) { return *r.key == key; });
    if (known != m_receivers.end())
        return known->receiver.get();
    auto opened = SrtpReceiver::open(key);
    m_receivers.push_back({&key, opened ? std::move(*opened) : nullptr});
    return m_receivers.back().receiver.get();
}

Result<ByteView, SrtpErrc> StreamClearer::clear(UtcTime captured, ByteView datagram)
{
    const MediaEpoch* epoch = m_encrypted ? epochAt(captured) : nullptr;
    if (epoch == nullptr || (epoch->srtpKeys.empty() && epoch->protection != Protection::Required))
        return datagram;
    SrtpErrc why = epoch->srtpKeys.empty() ? SrtpErrc::NoKey : SrtpErrc::UnknownSuite;
    for (const SrtpKey& key : epoch->srtpKeys) {
        SrtpReceiver* receiver = receiverFor(key);
        if (receiver == nullptr)
            continue;
        auto clear = receiver->unprotect(datagram);
        if (clear)
            return clear;
        why = clear.error();
        if (why == SrtpErrc::Duplicate)
            return why;
    }
    if (epoch->protection == Protection::Optional)
        return datagram;
    return why;
}

Status visitClear(const RtpStream& stream, const PacketSource::Visitor& visitor)
{
    StreamClearer clearer(stream);
    if (!clearer.encrypted())
        return stream.source->visit(visitor);
    return stream.source->visit([&](UtcTime captured, ByteView datagram) {
        if (const auto clear = clearer.clear(captured, datagram))
            visitor(captured, *clear);
    });
}

} // namespace sr::rtp
