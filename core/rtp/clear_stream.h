// SPDX-License-Identifier: GPL-3.0-or-later
// The packets of a stored stream as clear RTP, whatever the signalling said of keys.
#pragma once

#include "core/rtp/srtp.h"
#include "core/rtp/stream.h"

#include <memory>
#include <vector>

namespace sr::rtp {

/// Opens the datagrams of one stream in order of capture. One thread at a time.
class StreamClearer {
public:
    explicit StreamClearer(const RtpStream& stream); ///< `stream` outlives it
    /// True when an epoch carries keys.
    bool encrypted() const { return m_encrypted; }
    /// Clear datagram (the same view if it was clear), or why not. The view lives until the next call.
    Result<ByteView, SrtpErrc> clear(UtcTime captured, ByteView datagram);
    const MediaEpoch*
    epochAt(UtcTime captured); ///< null if the stream has none; `captured` rises from call to call

private:
    struct KeyedReceiver {
        const SrtpKey* key;
        std::unique_ptr<SrtpReceiver> receiver; ///< null: this key cannot be used
    };
    SrtpReceiver* receiverFor(const SrtpKey& key);
    const RtpStream& m_stream;
    std::size_t m_epoch = 0;
    bool m_encrypted = false;
    std::vector<KeyedReceiver> m_receivers;
};

/// Visits what could be opened; packets that no key opens are left out.
Status visitClear(const RtpStream& stream, const PacketSource::Visitor& visitor);

} // namespace sr::rtp
