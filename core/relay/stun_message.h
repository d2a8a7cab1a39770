// SPDX-License-Identifier: GPL-3.0-or-later
// STUN messages (RFC 8489) as connectivity checks use them (RFC 8445 §7): reading in place, writing into a
// fixed buffer. No allocation, for the relay thread. Limits: UDP, short-term credentials, HMAC-SHA1; messages
// up to kMost octets and kMostAttributes.
#pragma once

#include "core/base/bytes.h"
#include "core/base/endpoint.h"
#include "core/base/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sr::relay::stun {

inline constexpr std::size_t kHeader = 20;           ///< [octets]
inline constexpr std::size_t kMost = 1280;           ///< chosen: the least MTU of IPv6 [octets]
inline constexpr std::size_t kMostAttributes = 32;   ///< chosen: checks have under ten
inline constexpr std::size_t kMostUserName = 513;    ///< RFC 8489 §14.3 allows no longer ones [octets]
inline constexpr std::size_t kMostUnknown = 8;       ///< that an answer names; chosen
inline constexpr std::uint16_t kBinding = 0x001;     ///< the one method of connectivity checks
inline constexpr std::uint32_t kCookie = 0x2112a442; ///< RFC 8489 §5

using Transaction = std::array<std::byte, 12>;

enum class Class : std::uint8_t { Request, Indication, Success, Error }; ///< RFC 8489 §5

enum class StunError : std::uint8_t {
    NotStun,      ///< no header, or without the magic cookie (RFC 3489)
    BadLength,    ///< the length field is not that of the datagram, or too large
    BadAttribute, ///< one reaches beyond the end, has another length than its kind, or there are too many
    BadOrder,     ///< something stands behind FINGERPRINT, or a second MESSAGE-INTEGRITY
    Fingerprint,  ///< does not fit the message
};

/// RFC 7983 §7, without a look at the rest.
inline bool mayBeStun(ByteView datagram) noexcept
{
    return datagram.size() >= kHeader && datagram[0] < std::byte{4};
}

/// Views onto a datagram, which has to outlive it. What is not here is passed over, as is what stands behind
/// MESSAGE-INTEGRITY (RFC 8489 §14.5). Of an attribute that comes twice the first counts (§14).
struct Message {
    ByteView datagram;
    Class kind = Class::Request;
    std::uint16_t method = 0;
    Transaction transaction{};
    std::string_view userName;               ///< empty: none
    std::optional<std::uint32_t> priority;   ///< RFC 8445 §16.1
    bool useCandidate = false;               ///< RFC 8445 §16.1
    std::optional<std::uint64_t> controlled; ///< tie-breaker of a sender in that role (RFC 8445 §16.1)
    std::optional<std::uint64_t> controlling;
    std::optional<Endpoint> mapped;                    ///< XOR-MAPPED-ADDRESS
    std::uint16_t errorCode = 0;                       ///< 300 to 699 of an error response; else 0
    std::array<std::uint16_t, kMostUnknown> unknown{}; ///< kinds that have to be understood and are not
    std::size_t unknownCount = 0;                      ///< how many of `unknown` are in use
    std::size_t integrityAt = 0; ///< of MESSAGE-INTEGRITY in the datagram [octets]; 0: none
    bool hasFingerprint = false; ///< and it fits
};

/// Any thread, wait-free.
Result<Message, StunError> parse(ByteView datagram) noexcept;

/// Whether MESSAGE-INTEGRITY was made under this password; false without one. In time that does not tell how
/// much of it fits. Any thread, wait-free.
bool isSealedBy(const Message& message, std::string_view password) noexcept;

/// A message in the making. What finds no room in kMost octets is left out, and datagram() is empty then.
class Writer {
public:
    Writer(Class kind, const Transaction& transaction, std::uint16_t method = kBinding) noexcept;
    void software(std::string_view name) noexcept; ///< RFC 8489 §14.14
    void userName(std::string_view name) noexcept;
    void priority(std::uint32_t value) noexcept;
    void useCandidate() noexcept;
    void controlled(std::uint64_t tieBreaker) noexcept;
    void controlling(std::uint64_t tieBreaker) noexcept;
    void mapped(const Endpoint& endpoint) noexcept;
    /// ERROR-CODE without a phrase (RFC 8489 §14.8): nobody reads it.
    void error(std::uint16_t code) noexcept;
    void unknownAttributes(std::span<const std::uint16_t> kinds) noexcept;
    /// MESSAGE-INTEGRITY over all that has been written.
    void seal(std::string_view password) noexcept;
    /// The last attribute.
    void fingerprint() noexcept;
    ByteView datagram() const noexcept; ///< lives as long as the writer

private:
    /// Room for the value, header and padding written; empty if there is none.
    std::span<std::byte> attribute(std::uint16_t kind, std::size_t size) noexcept;
    void number64(std::uint16_t kind, std::uint64_t value) noexcept;
    void text(std::uint16_t kind, std::string_view value) noexcept;
    void setLength(std::size_t octets) noexcept;

    std::array<std::byte, kMost> m_buffer; // written up to m_size
    std::size_t m_size = kHeader;
    bool m_full = false;
};

} // namespace sr::relay::stun
