// SPDX-License-Identifier: GPL-3.0-or-later
// SRTP out through libsrtp2; the MKI is put in by hand, as the receiver takes it out.
#include "core/rtp/srtp_sender.h"

#include "core/rtp/packet.h"
#include "core/rtp/rtcp.h"
#include "core/rtp/srtp_suite.h"

#include <srtp2/srtp.h>

#include <algorithm>
#include <map>

namespace sr::rtp {
namespace {

constexpr std::size_t kUsualDatagram = 2048; // no allocation for what an Ethernet carries [octets]
constexpr std::size_t kLeastRtcp = 8;        // header and SSRC (RFC 3550 §6.4.2)
constexpr std::size_t kTrailer = SRTP_MAX_TRAILER_LEN + 4; // and the SRTCP index (RFC 3711 §3.4)

} // namespace

struct SrtpSender::Impl {
    using Protect = srtp_err_status_t (*)(srtp_t, void*, int*);

    SrtpMaster master;
    std::map<std::uint32_t, SrtpSession> sessions;
    Bytes sealed = Bytes(kUsualDatagram + kTrailer);

    explicit Impl(SrtpMaster&& key)
        : master(std::move(key))
    {}

    /// Null: the table is full, or the library refuses.
    srtp_t sessionOf(std::uint32_t ssrc)
    {
        const auto known = sessions.find(ssrc);
        if (known != sessions.end())
            return known->second.get();
        if (sessions.size() >= kMaxStreams)
            return nullptr;
        SrtpSession session = master.newSession(ssrc);
        return session ? sessions.emplace(ssrc, std::move(session)).first->second.get() : nullptr;
    }

    Result<ByteView, SrtpErrc> run(Protect protect, std::uint32_t ssrc, ByteView clear, std::size_t tag)
    {
        const srtp_t session = sessionOf(ssrc);
        if (session == nullptr)
            return sessions.size() >= kMaxStreams ? SrtpErrc::TooManyStreams : SrtpErrc::Library;
        const std::size_t room = clear.size() + kTrailer + master.mki().size();
        if (sealed.size() < room)
            sealed.resize(room);
        std::copy(clear.begin(), clear.end(), sealed.begin());
        int length = static_cast<int>(clear.size());
        const auto status = protect(session, sealed.data(), &length);
        if (status != srtp_err_status_ok)
            return srtpErrorOf(status);
        return marked(static_cast<std::size_t>(length), tag);
    }

    /// The MKI stands before the tag (RFC 3711 §3.1), or at the end where the tag is part of the ciphertext
    /// (RFC 7714 §8.2).
    ByteView marked(std::size_t length, std::size_t tag)
    {
        const ByteView mki = bytesOf(master.mki());
        const std::size_t at = length - (master.suite().aead ? 0 : tag);
        std::copy_backward(sealed.data() + at, sealed.data() + length, sealed.data() + length + mki.size());
        std::copy(mki.begin(), mki.end(), sealed.data() + at);
        return ByteView(sealed).first(length + mki.size());
    }
};

SrtpSender::SrtpSender(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

SrtpSender::~SrtpSender() = default;

Result<std::unique_ptr<SrtpSender>> SrtpSender::open(const SrtpKey& key)
{
    auto master = SrtpMaster::of(key);
    if (!master)
        return master.error();
    return std::unique_ptr<SrtpSender>(new SrtpSender(std::make_unique<Impl>(std::move(*master))));
}

Result<ByteView, SrtpErrc> SrtpSender::protect(ByteView rtp)
{
    const auto packet = parsePacket(rtp);
    if (!packet || rtp.size() > kMaxDatagram)
        return SrtpErrc::NotSrtp;
    return m_impl->run(srtp_protect, packet->ssrc, rtp, m_impl->master.suite().tag);
}

Result<ByteView, SrtpErrc> SrtpSender::protectRtcp(ByteView rtcp)
{
    if (!isRtcp(rtcp) || rtcp.size() < kLeastRtcp || rtcp.size() > kMaxDatagram)
        return SrtpErrc::NotSrtp;
    const auto ssrc = loadBe<std::uint32_t>(rtcp.data() + 4);
    return m_impl->run(srtp_protect_rtcp, ssrc, rtcp, m_impl->master.suite().rtcpTag);
}

} // namespace sr::rtp
