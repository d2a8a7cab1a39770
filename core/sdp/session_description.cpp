// SPDX-License-Identifier: GPL-3.0-or-later
// Reads session descriptions line by line (RFC 8866 §5); what phones get wrong harmlessly is let through.
#include "core/sdp/session_description.h"

#include "core/sdp/crypto_line.h"
#include "core/sdp/text.h"

#include <algorithm>
#include <array>
#include <map>

namespace sr::sdp {
namespace {

constexpr std::size_t kMaxKeys = 8;         // chosen: more alternatives than any phone offers
constexpr std::size_t kMaxFingerprints = 8; // chosen: hashes of a certificate or two
constexpr std::size_t kMaxFmtpOctets = 1024;
constexpr std::array<std::string_view, 4> kDirections{"sendrecv", "sendonly", "recvonly",
                                                      "inactive"}; // in the order of Direction

class SdpCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "sdp"; }
    std::string message(int value) const override
    {
        switch (static_cast<SdpErrc>(value)) {
        case SdpErrc::NotSdp:
            return "not a session description";
        case SdpErrc::TooLarge:
            return "session description is too large";
        case SdpErrc::BadLine:
            return "line of the session description cannot be read";
        case SdpErrc::NoAudio:
            return "session description without audio";
        case SdpErrc::NoCommon:
            return "offer of which nothing can be answered";
        case SdpErrc::UnknownSuite:
            return "unknown SRTP suite";
        }
        return "unknown error";
    }
};

/// `IN IP4 192.0.2.1/127`: the address; none of host names, which nothing here resolves.
std::optional<IpAddress> connectionAddress(std::string_view value)
{
    nextToken(value);
    nextToken(value);
    std::string_view host = nextToken(value);
    return IpAddress::parse(cut(host, '/'));
}

/// One m= section while its lines are still coming in.
struct Section {
    Media media;
    std::map<std::uint8_t, rtp::PayloadFormat> mapped; ///< a=rtpmap
    std::map<std::uint8_t, std::string> params;        ///< a=fmtp
    IceAttributes ice;
    bool ownConnection = false;
    bool ownDirection = false;
};

class Reader {
public:
    Status line(std::string_view text, std::size_t offset);
    SessionDescription finish();

private:
    Status mediaLine(std::string_view value, std::size_t offset);
    void connectionLine(std::string_view value);
    void attribute(std::string_view value);
    void mediaAttribute(Section& section, std::string_view name, std::string_view value);
    static void rtpmap(Section& section, std::string_view value);
    static void fmtp(Section& section, std::string_view value);
    bool dtlsAttribute(std::string_view name, std::string_view value);
    static void iceAttribute(IceAttributes& ice, std::string_view name, std::string_view value);
    Media close(Section section) const;

    SessionDescription m_session;
    Direction m_direction = Direction::SendRecv;
    bool m_nowhere = false;
    IceAttributes m_ice;
    std::vector<rtp::Fingerprint> m_fingerprints;
    std::optional<Setup> m_setup;
    std::vector<Section> m_sections;
};

Status Reader::line(std::string_view text, std::size_t offset)
{
    if (text.size() < 2 || text[1] != '=')
        return {}; // stray text of a gateway: skipped
    const std::string_view value = trim(text.substr(2));
    switch (text[0]) {
    case 'o':
        m_session.origin = std::string(value);
        break;
    case 'c':
        connectionLine(value);
        break;
    case 'm':
        return mediaLine(value, offset);
    case 'a':
        attribute(value);
        break;
    default:
        break;
    }
    return {};
}

void Reader::connectionLine(std::string_view value)
{
    const auto said = connectionAddress(value);
    const IpAddress address = said.value_or(IpAddress{});
    const bool nowhere = said && said->isUnspecified();
    if (m_sections.empty()) {
        m_session.connection.address = address;
        m_nowhere = nowhere;
    } else {
        Section& section = m_sections.back();
        section.media.rtp.address = address;
        section.media.nowhere = nowhere;
        section.ownConnection = true;
    }
}

/// RFC 8866 §5.14: `audio 49170/2 RTP/AVP 0 8 101`.
Status Reader::mediaLine(std::string_view value, std::size_t offset)
{
    if (m_sections.size() >= kMaxMedia)
        return fail(SdpErrc::TooLarge, "more than " + std::to_string(kMaxMedia) + " media");
    Section section;
    section.media.type = std::string(nextToken(value));
    std::transform(section.media.type.begin(), section.media.type.end(), section.media.type.begin(), lower);
    std::string_view ports = nextToken(value);
    const auto port = number<std::uint16_t>(cut(ports, '/'));
    section.media.protocol = std::string(nextToken(value));
    if (!port || section.media.protocol.empty())
        return fail(SdpErrc::BadLine, "media line at offset " + std::to_string(offset));
    section.media.rtp.port = *port;
    std::array<bool, 128> seen{};
    for (std::string_view word = nextToken(value); !word.empty(); word = nextToken(value)) {
        const auto type = number<std::uint8_t>(word);
        if (!type || *type > 127 || seen[*type]) // `t38` of an image line, or nonsense
            continue;
        seen[*type] = true;
        section.media.order.push_back(*type);
    }
    m_sections.push_back(std::move(section));
    return {};
}

void Reader::attribute(std::string_view value)
{
    const std::string_view name = trim(cut(value, ':'));
    value = trim(value);
    if (const auto direction = directionNamed(name)) {
        if (m_sections.empty()) {
            m_direction = *direction;
        } else {
            m_sections.back().media.direction = *direction;
            m_sections.back().ownDirection = true;
        }
    } else if (startsNoCase(name, "ice-") || equalsNoCase(name, "candidate")) {
        iceAttribute(m_sections.empty() ? m_ice : m_sections.back().ice, name, value);
    } else if (!dtlsAttribute(name, value) && !m_sections.empty()) {
        mediaAttribute(m_sections.back(), name, value);
    }
}

/// RFC 8122 §5, RFC 4145 §4; of a section or of the session.
bool Reader::dtlsAttribute(std::string_view name, std::string_view value)
{
    Media* const media = m_sections.empty() ? nullptr : &m_sections.back().media;
    if (equalsNoCase(name, "setup")) {
        (media != nullptr ? media->setup : m_setup) = setupNamed(value);
        return true;
    }
    if (!equalsNoCase(name, "fingerprint"))
        return false;
    auto& all = media != nullptr ? media->fingerprints : m_fingerprints;
    if (auto one = parseFingerprint(value); one && all.size() < kMaxFingerprints)
        all.push_back(std::move(*one));
    return true;
}

/// RFC 8839 §5.
void Reader::iceAttribute(IceAttributes& ice, std::string_view name, std::string_view value)
{
    if (equalsNoCase(name, "ice-ufrag")) {
        ice.login.userFragment = isUserFragment(value) ? std::string(value) : std::string();
    } else if (equalsNoCase(name, "ice-pwd")) {
        ice.login.password = isPassword(value) ? std::string(value) : std::string();
    } else if (equalsNoCase(name, "ice-lite")) {
        ice.lite = true;
    } else if (equalsNoCase(name, "candidate") && ice.candidates.size() < IceAttributes::kMostCandidates) {
        if (const auto candidate = parseCandidate(value))
            ice.candidates.push_back(*candidate);
    }
}

void Reader::mediaAttribute(Section& section, std::string_view name, std::string_view value)
{
    Media& media = section.media;
    if (equalsNoCase(name, "rtpmap")) {
        rtpmap(section, value);
    } else if (equalsNoCase(name, "fmtp")) {
        fmtp(section, value);
    } else if (equalsNoCase(name, "crypto")) {
        for (rtp::SrtpKey& key : parseCrypto(value)) {
            if (media.keys.size() < kMaxKeys)
                media.keys.push_back(std::move(key));
        }
        if (auto followed = parseCryptoAttribute(value); followed && media.crypto.size() < kMaxKeys)
            media.crypto.push_back(std::move(*followed));
    } else if (equalsNoCase(name, "ptime")) {
        std::string_view whole = cut(value, '.'); // `20.0` exists
        media.ptimeMs = number<std::uint32_t>(trim(whole)).value_or(0);
    } else if (equalsNoCase(name, "rtcp")) {
        media.rtcpPort = number<std::uint16_t>(nextToken(value)).value_or(0);
    } else if (equalsNoCase(name, "rtcp-mux")) {
        media.rtcpMux = true;
    }
}

/// RFC 8866 §6.6: `97 opus/48000/2`.
void Reader::rtpmap(Section& section, std::string_view value)
{
    const auto type = number<std::uint8_t>(nextToken(value));
    std::string_view mapping = trim(value);
    rtp::PayloadFormat format;
    format.encoding = std::string(trim(cut(mapping, '/')));
    std::transform(format.encoding.begin(), format.encoding.end(), format.encoding.begin(), upper);
    const auto clock = number<std::uint32_t>(trim(cut(mapping, '/')));
    if (!type || *type > 127 || format.encoding.empty() || format.encoding.size() > 64 || !clock ||
        *clock == 0)
        return; // the type stays unknown, the call does not suffer
    format.clockRate = *clock;
    format.channels = std::max<std::uint8_t>(1, number<std::uint8_t>(trim(mapping)).value_or(1));
    section.mapped.insert_or_assign(*type, std::move(format));
}

void Reader::fmtp(Section& section, std::string_view value)
{
    const auto type = number<std::uint8_t>(nextToken(value));
    if (type && *type <= 127)
        section.params.insert_or_assign(*type, std::string(trim(value).substr(0, kMaxFmtpOctets)));
}

Media Reader::close(Section section) const
{
    constexpr std::uint16_t kDiscard = 9; // with an address of nowhere: ICE will tell (RFC 8840 §4.1.1)
    Media media = std::move(section.media);
    if (!section.ownConnection) {
        media.rtp.address = m_session.connection.address;
        media.nowhere = m_nowhere;
    }
    media.nowhere = media.nowhere && media.rtp.port != kDiscard;
    if (!section.ownDirection)
        media.direction = m_direction;
    if (media.rtcpPort == 0 && media.rtp.port != 0)
        media.rtcpPort = media.rtcpMux ? media.rtp.port : static_cast<std::uint16_t>(media.rtp.port + 1);
    if (media.fingerprints.empty())
        media.fingerprints = m_fingerprints;
    if (!media.setup)
        media.setup = m_setup;
    IceAttributes& ice = section.ice;
    ice.lite = m_ice.lite; // of the session only (RFC 8839 §5.3)
    if (ice.login.userFragment.empty() && ice.login.password.empty())
        ice.login = m_ice.login;
    if (!ice.login.userFragment.empty() && !ice.login.password.empty())
        media.ice = std::move(ice);
    for (const std::uint8_t type : media.order) {
        const auto mapped = section.mapped.find(type);
        auto format =
            mapped != section.mapped.end() ? std::optional(mapped->second) : rtp::staticFormat(type);
        if (!format)
            continue;
        if (const auto params = section.params.find(type); params != section.params.end())
            format->fmtp = params->second;
        media.formats.emplace(type, std::move(*format));
    }
    return media;
}

SessionDescription Reader::finish()
{
    for (Section& section : m_sections)
        m_session.media.push_back(close(std::move(section)));
    return std::move(m_session);
}

} // namespace

const std::error_category& sdpCategory() noexcept
{
    static const SdpCategory category;
    return category;
}

std::string_view toString(Direction direction) noexcept
{
    return kDirections[static_cast<std::size_t>(direction)];
}

std::optional<Direction> directionNamed(std::string_view attribute) noexcept
{
    for (std::size_t i = 0; i < kDirections.size(); ++i) {
        if (equalsNoCase(attribute, kDirections[i]))
            return static_cast<Direction>(i);
    }
    return std::nullopt;
}

bool isRtpProfile(std::string_view protocol) noexcept
{
    constexpr std::array<std::string_view, 6> kProfiles{"RTP/AVP",   "RTP/AVPF",         "RTP/SAVP",
                                                        "RTP/SAVPF", "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF"};
    return std::ranges::any_of(kProfiles,
                               [protocol](std::string_view one) { return equalsNoCase(protocol, one); });
}

bool Media::isSecure() const noexcept
{
    return endsNoCase(protocol, "/SAVP") || endsNoCase(protocol, "/SAVPF");
}

Direction Media::effectiveDirection() const noexcept
{
    return nowhere ? directionOf(sends(direction), false) : direction;
}

bool Media::isDtls() const noexcept
{
    return isSecure() && (startsNoCase(protocol, "UDP/TLS/") || (crypto.empty() && !fingerprints.empty()));
}

bool Media::wantsChecks() const noexcept
{
    if (!ice || ice->lite)
        return false;
    const bool isSaid = !rtp.address.isUnspecified() && !ice->candidates.empty();
    return !isSaid ||
           std::ranges::any_of(ice->candidates, [this](const Candidate& one) { return one.at == rtp; });
}

const Media* SessionDescription::audio() const
{
    for (const Media& one : media) {
        if (one.type == "audio" && one.rtp.port != 0)
            return &one;
    }
    return nullptr;
}

Result<SessionDescription> parse(std::string_view text)
{
    if (text.size() > kMaxOctets)
        return fail(SdpErrc::TooLarge, std::to_string(text.size()) + " octets");
    Reader reader;
    bool first = true;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t at = text.size() - rest.size();
        const std::string_view line = nextLine(rest);
        if (trim(line).empty())
            continue;
        if (first && (line.size() < 2 || line[1] != '=' || lower(line[0]) < 'a' || lower(line[0]) > 'z'))
            return fail(SdpErrc::NotSdp, "offset " + std::to_string(at));
        first = false;
        if (Status status = reader.line(line, at); !status)
            return status.error();
    }
    if (first)
        return fail(SdpErrc::NotSdp, "empty");
    return reader.finish();
}

std::optional<Media> audioOf(std::string_view text)
{
    const auto parsed = parse(text);
    const Media* const audio = parsed ? parsed->audio() : nullptr;
    return audio != nullptr ? std::optional(*audio) : std::nullopt;
}

} // namespace sr::sdp
