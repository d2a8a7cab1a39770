// SPDX-License-Identifier: GPL-3.0-or-later
// Views onto SIP messages that are not ours (RFC 3261 §7): tolerant, without copies and without a grammar
// check of what nobody asks for. Limits: 64 KiB, 256 header lines, 64 headers that matter.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sr::capture {

/// Headers that calls are made of; all others are passed over.
enum class SipHeader : std::uint8_t {
    CallId,
    From,
    To,
    CSeq,
    Via,
    Contact,
    ContentType,
    ContentLength,
    AssertedIdentity, ///< RFC 3325
    RemotePartyId,    ///< its draft from 2002, still sent
    ReferTo,          ///< RFC 3515
    ReferredBy,       ///< RFC 3892
    Replaces,         ///< RFC 3891
    SessionId,        ///< RFC 7989
    Recording,        ///< of our own exchange: paused, resumed
    ConferenceGuid,   ///< h323-conf-id, Cisco-Guid, Conf-ID and their X- forms
    InternalParty,    ///< of our own exchange: `caller`, `callee` or `none`
    OwnerParty,       ///< likewise: whose recording it is
    AlertSeconds,     ///< of our own exchange: how long who speaks now had rung, as nothing here shows it
};

/// `sip:user;user-params:password@host:port;params?headers` or `tel:number;params`.
struct SipUri {
    std::string_view scheme;
    std::string_view
        user; ///< escaped as on the wire, without its parameters and password; the number of tel:
    std::string_view host; ///< without brackets of IPv6
    std::uint16_t port = 0;
    std::string_view params;  ///< after the host
    std::string_view headers; ///< after `?`
};

/// `"Display, name" <uri>;params` or `uri;params` (RFC 3261 §20.10).
struct SipAddress {
    std::string_view display; ///< without quotes, escapes as on the wire
    SipUri uri;
    std::string_view params; ///< of the header: tag, ...
};

/// Lives as long as the text it was made from. Any thread. Nothing here throws or allocates.
class SipMessage {
public:
    static constexpr std::size_t kMaxOctets = 64 * 1024;

    /// First octets can be SIP; made for every datagram.
    static bool looksLike(std::string_view text) noexcept;
    /// Nothing if it is not SIP/2.0, or Call-ID or CSeq are missing or broken, or CSeq names another method.
    static std::optional<SipMessage> parse(std::string_view text) noexcept;

    bool isRequest() const noexcept { return m_status == 0; }
    std::string_view method() const noexcept
    {
        return m_method;
    } ///< of the request, or CSeq's of the response
    std::string_view requestUri() const noexcept { return m_requestUri; }
    int status() const noexcept { return m_status; } ///< 100..699, 0 for requests
    std::string_view startLine() const noexcept { return m_startLine; }
    std::string_view statusText() const noexcept { return m_statusText; } ///< `180 Ringing`
    std::uint32_t cseq() const noexcept { return m_cseq; }
    std::string_view callId() const noexcept { return m_callId; }
    std::string_view fromTag() const noexcept { return m_fromTag; }
    std::string_view toTag() const noexcept { return m_toTag; }
    /// Value of the n-th header of the kind; folded lines are still folded in it. Empty if there is none.
    std::string_view header(SipHeader kind, std::size_t n = 0) const noexcept;
    std::string_view body() const noexcept { return m_body; }
    /// The session description: the body, or its part in a multipart body (also nested once). Empty if none.
    std::string_view sdp() const noexcept;

private:
    struct Field {
        SipHeader kind;
        std::string_view value;
    };
    bool parseStartLine(std::string_view line) noexcept;
    void keepField(std::string_view name, std::string_view value) noexcept;
    bool parseFields() noexcept;

    std::string_view m_startLine;
    std::string_view m_method;
    std::string_view m_requestUri;
    std::string_view m_statusText;
    std::string_view m_callId;
    std::string_view m_fromTag;
    std::string_view m_toTag;
    std::string_view m_body;
    int m_status = 0;
    std::uint32_t m_cseq = 0;
    std::size_t m_fieldCount = 0;
    std::array<Field, 64> m_fields{};
};

/// First address of a header value (From, To, P-Asserted-Identity, Contact, ...). The rest after its comma
/// goes to `rest`. Nothing for `*` and for what is no address.
std::optional<SipAddress> parseAddress(std::string_view value, std::string_view* rest = nullptr) noexcept;
std::optional<SipUri> parseUri(std::string_view text) noexcept;
/// Value of `;name=value`, quotes removed; empty view with data for a flag; data() null if absent.
std::string_view parameter(std::string_view params, std::string_view name) noexcept;
/// %XX decoded (RFC 3261 §25.1); a broken escape stays as it is.
std::string unescape(std::string_view text);
/// Backslashes of a quoted string removed, folds to one blank.
std::string displayText(std::string_view quoted);

} // namespace sr::capture
