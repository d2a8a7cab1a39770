// SPDX-License-Identifier: GPL-3.0-or-later
// SRTP through libsrtp2: one library session per SSRC, so that each can be tried at other roll-over counts.
#include "core/rtp/srtp.h"

#include "core/rtp/packet.h"
#include "core/rtp/rtcp.h"
#include "core/rtp/srtp_suite.h"

#include <srtp2/srtp.h>

#include <algorithm>
#include <map>
#include <optional>

namespace sr::rtp {
namespace {

constexpr int kFirstScans = 32; // failed packets worth a search for the roll-over count
constexpr int kUnmarked = 32;   // failed packets that may lack the MKI that was announced

constexpr std::size_t kUsualDatagram = 2048; // no allocation for what an Ethernet carries [octets]
constexpr std::size_t kLeastRtcp = 8;        // header and SSRC (RFC 3550 §6.4.2)
constexpr std::size_t kRtcpIndex = 4;        // E bit and SRTCP index (RFC 3711 §3.4)

} // namespace

struct SrtpReceiver::Impl {
    using Unprotect = srtp_err_status_t (*)(srtp_t, void*, int*);
    using Sessions = std::map<std::uint32_t, SrtpSession>; // SSRCs that authenticated at least once

    SrtpMaster master;
    Joins joins;
    bool marked = false; // its MKI was seen on a packet that it opened
    int unmarkedLeft = kUnmarked;
    Bytes unmarked;
    Sessions sessions;
    Sessions rtcpSessions; // apart, for a stream that begins anew says nothing of its reports
    int scansLeft = kFirstScans;
    Bytes clear = Bytes(kUsualDatagram);

    Impl(SrtpMaster&& key, Joins joined)
        : master(std::move(key))
        , joins(joined)
    {}

    /// Decrypts a fresh copy of the datagram, for a failed try may leave half of it changed.
    Result<ByteView, SrtpErrc> attempt(Unprotect call, srtp_t session, ByteView datagram)
    {
        if (clear.size() < datagram.size() + SRTP_MAX_TRAILER_LEN)
            clear.resize(datagram.size() + SRTP_MAX_TRAILER_LEN);
        std::copy(datagram.begin(), datagram.end(), clear.begin());
        int length = static_cast<int>(datagram.size());
        const auto status = call(session, clear.data(), &length);
        if (status != srtp_err_status_ok)
            return srtpErrorOf(status);
        return ByteView(clear).first(static_cast<std::size_t>(length));
    }

    /// The datagram without the MKI: before the tag (RFC 3711 §3.1), or behind it where the tag is part of
    /// the ciphertext (RFC 7714 §8.2). Nothing if another one stands there.
    std::optional<ByteView> withoutMki(ByteView datagram, std::size_t tag)
    {
        const std::string& mki = master.mki();
        const std::size_t behind = master.suite().aead ? 0 : tag;
        if (datagram.size() < kFixedHeaderBytes + tag + mki.size())
            return std::nullopt;
        const std::size_t at = datagram.size() - behind - mki.size();
        if (textOf(datagram.subspan(at, mki.size())) != mki)
            return std::nullopt;
        unmarked.assign(datagram.begin(), datagram.end());
        const auto begin = unmarked.begin() + static_cast<std::ptrdiff_t>(at);
        unmarked.erase(begin, begin + static_cast<std::ptrdiff_t>(mki.size()));
        return ByteView(unmarked);
    }

    /// Some senders announce an MKI and leave it out.
    template <typename Open>
    Result<ByteView, SrtpErrc> openMarked(ByteView datagram, std::size_t tag, Open open)
    {
        if (master.mki().empty())
            return open(datagram);
        if (const auto bare = withoutMki(datagram, tag)) {
            auto result = open(*bare);
            marked = marked || result;
            if (result || result.error() != SrtpErrc::Authentication)
                return result;
        }
        if (marked || unmarkedLeft == 0)
            return SrtpErrc::Authentication;
        auto result = open(datagram);
        if (!result && result.error() == SrtpErrc::Authentication)
            --unmarkedLeft;
        return result;
    }

    Result<ByteView, SrtpErrc> unprotect(ByteView datagram)
    {
        const auto ssrc = loadBe<std::uint32_t>(datagram.data() + 8);
        const auto known = sessions.find(ssrc);
        if (known == sessions.end())
            return sessions.size() >= kMaxStreams ? SrtpErrc::TooManyStreams : attemptFresh(ssrc, datagram);
        auto result = attempt(srtp_unprotect, known->second.get(), datagram);
        if (joins != Joins::InMidCall)
            return result;
        // A number far from the last one is more likely a restart or a long gap than a forgery.
        if (!result && (result.error() == SrtpErrc::Authentication || result.error() == SrtpErrc::TooOld)) {
            auto again = attemptFresh(ssrc, datagram);
            if (again)
                return again;
        }
        return result;
    }

    /// A stream not seen before, or one that began its numbers anew: count 0, then the others while we may.
    Result<ByteView, SrtpErrc> attemptFresh(std::uint32_t ssrc, ByteView datagram)
    {
        SrtpSession session = master.newSession(ssrc);
        if (!session)
            return SrtpErrc::Library;
        const bool scan = joins != Joins::FromTheStart && scansLeft > 0;
        for (std::uint32_t rollover = 0; rollover <= (scan ? kMaxFirstRollover : 0U); ++rollover) {
            if (rollover > 0 && srtp_set_stream_roc(session.get(), ssrc, rollover) != srtp_err_status_ok)
                return SrtpErrc::Library;
            auto result = attempt(srtp_unprotect, session.get(), datagram);
            if (result) {
                sessions.insert_or_assign(ssrc, std::move(session));
                return result;
            }
            if (result.error() != SrtpErrc::Authentication)
                return result;
        }
        if (scan)
            --scansLeft;
        return SrtpErrc::Authentication;
    }

    /// SRTCP carries its whole index (RFC 3711 §3.4), so there is no count to guess.
    Result<ByteView, SrtpErrc> unprotectRtcp(ByteView datagram)
    {
        const auto ssrc = loadBe<std::uint32_t>(datagram.data() + 4);
        const auto known = rtcpSessions.find(ssrc);
        if (known != rtcpSessions.end())
            return attempt(srtp_unprotect_rtcp, known->second.get(), datagram);
        if (rtcpSessions.size() >= kMaxStreams)
            return SrtpErrc::TooManyStreams;
        SrtpSession session = master.newSession(ssrc);
        if (!session)
            return SrtpErrc::Library;
        auto result = attempt(srtp_unprotect_rtcp, session.get(), datagram);
        if (result)
            rtcpSessions.emplace(ssrc, std::move(session));
        return result;
    }
};

SrtpReceiver::SrtpReceiver(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

SrtpReceiver::~SrtpReceiver() = default;

Result<std::unique_ptr<SrtpReceiver>> SrtpReceiver::open(const SrtpKey& key, Joins joins)
{
    auto master = SrtpMaster::of(key);
    if (!master)
        return master.error();
    return std::unique_ptr<SrtpReceiver>(new SrtpReceiver(std::make_unique<Impl>(std::move(*master), joins)));
}

Result<ByteView, SrtpErrc> SrtpReceiver::unprotect(ByteView datagram)
{
    const std::size_t tag = m_impl->master.suite().tag;
    if (datagram.size() < kFixedHeaderBytes + tag || datagram.size() > kMaxDatagram)
        return SrtpErrc::NotSrtp;
    if ((std::to_integer<unsigned>(datagram[0]) >> 6) != 2)
        return SrtpErrc::NotSrtp;
    return m_impl->openMarked(datagram, tag, [this](ByteView bare) { return m_impl->unprotect(bare); });
}

Result<ByteView, SrtpErrc> SrtpReceiver::unprotectRtcp(ByteView datagram)
{
    const std::size_t tag = m_impl->master.suite().rtcpTag;
    if (!isRtcp(datagram) || datagram.size() < kLeastRtcp + kRtcpIndex + tag ||
        datagram.size() > kMaxDatagram)
        return SrtpErrc::NotSrtp;
    return m_impl->openMarked(datagram, tag, [this](ByteView bare) { return m_impl->unprotectRtcp(bare); });
}

const char* text(SrtpErrc error) noexcept
{
    switch (error) {
    case SrtpErrc::UnknownSuite:
        return "SRTP suite is not supported";
    case SrtpErrc::BadKeyLength:
        return "SRTP key has the wrong length for its suite";
    case SrtpErrc::NotSrtp:
        return "not an SRTP packet";
    case SrtpErrc::Authentication:
        return "SRTP key is wrong, the packet was changed, or the capture starts too late in the call";
    case SrtpErrc::Duplicate:
        return "SRTP packet came twice";
    case SrtpErrc::TooOld:
        return "SRTP packet came too late";
    case SrtpErrc::TooManyStreams:
        return "too many SRTP streams under one key";
    case SrtpErrc::Library:
        return "libsrtp2 refused";
    case SrtpErrc::NoKey:
        return "SRTP, and no key was given";
    }
    return "SRTP error";
}

const std::error_category& srtpCategory() noexcept
{
    static const EnumCategory<SrtpErrc> category("srtp", text);
    return category;
}

} // namespace sr::rtp
