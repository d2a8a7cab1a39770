// SPDX-License-Identifier: GPL-3.0-or-later
// Clear RTP and RTCP to SRTP and SRTCP (RFC 3711) under the SDES key that we announced to a peer.
#pragma once

#include "core/rtp/srtp.h"

#include <memory>

namespace sr::rtp {

/// Sender for every SSRC under one master key; the suites are those of SrtpReceiver, an MKI goes into every
/// packet. One thread at a time.
///
/// A sequence number is encrypted once: twice would give two texts under one key stream (RFC 3711 §9.1). So a
/// copy is refused (Duplicate), as is a packet over 32767 numbers late (TooOld). Keep the sender as long as
/// its key is in use, for it counts the roll-overs.
class SrtpSender {
public:
    static constexpr std::size_t kMaxStreams = SrtpReceiver::kMaxStreams;
    static constexpr std::size_t kMaxDatagram = SrtpReceiver::kMaxDatagram; ///< of clear RTP [octets]

    /// UnknownSuite, BadKeyLength, Library.
    static Result<std::unique_ptr<SrtpSender>> open(const SrtpKey& key);
    ~SrtpSender();
    SrtpSender(const SrtpSender&) = delete;
    SrtpSender& operator=(const SrtpSender&) = delete;

    /// The datagram as it goes out; the view lives until the next call. Allocates only for a new SSRC or a
    /// longer datagram than ever before. NotSrtp (here: not RTP), Duplicate, TooOld, TooManyStreams, Library.
    Result<ByteView, SrtpErrc> protect(ByteView rtp);
    /// The same for a compound RTCP datagram, whose first SSRC counts.
    Result<ByteView, SrtpErrc> protectRtcp(ByteView rtcp);

private:
    struct Impl;
    explicit SrtpSender(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace sr::rtp
