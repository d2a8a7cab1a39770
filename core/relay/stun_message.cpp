// SPDX-License-Identifier: GPL-3.0-or-later
// Attributes one by one; lengths are checked before anything is read.
#include "core/relay/stun_message.h"

#include "core/crypto/hmac_sha1.h"

#include <algorithm>

namespace sr::relay::stun {
namespace {

constexpr std::size_t kIntegrity = 20;                 // HMAC-SHA1 [octets]
constexpr std::uint32_t kFingerprintMask = 0x5354554e; // RFC 8489 §14.7

enum Kind : std::uint16_t { // RFC 8489 §18.3, RFC 8445 §20.1
    kUserName = 0x0006,
    kMessageIntegrity = 0x0008,
    kErrorCode = 0x0009,
    kUnknownAttributes = 0x000a,
    kXorMappedAddress = 0x0020,
    kPriority = 0x0024,
    kUseCandidate = 0x0025,
    kFirstOptional = 0x8000, // from here on what is not known may be passed over (RFC 8489 §14)
    kSoftware = 0x8022,
    kFingerprint = 0x8028,
    kControlled = 0x8029,
    kControlling = 0x802a,
};

constexpr std::array<std::uint32_t, 256> makeCrcTable()
{
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit)
            value = (value >> 1) ^ ((value & 1U) != 0 ? 0xedb88320U : 0U);
        table[i] = value;
    }
    return table;
}

/// CRC-32 of ITU-T V.42, as FINGERPRINT has it.
std::uint32_t fingerprintOf(ByteView bytes) noexcept
{
    static constexpr auto kTable = makeCrcTable();
    std::uint32_t crc = 0xffffffffU;
    for (const std::byte octet : bytes)
        crc = kTable[(crc ^ std::to_integer<std::uint32_t>(octet)) & 0xffU] ^ (crc >> 8);
    return crc ^ 0xffffffffU ^ kFingerprintMask;
}

constexpr std::size_t padded(std::size_t size) noexcept
{
    return (size + 3) / 4 * 4;
}

/// The first 20 octets with the length that a message would have that ends at `end`.
std::array<std::byte, kHeader> headerUpTo(ByteView datagram, std::size_t end) noexcept
{
    std::array<std::byte, kHeader> header{};
    std::copy_n(datagram.begin(), kHeader, header.begin());
    storeBe(header.data() + 2, static_cast<std::uint16_t>(end - kHeader));
    return header;
}

/// Of everything before `at`, where MESSAGE-INTEGRITY stands; the length field counts it already (RFC 8489
/// §14.5).
crypto::Sha1 integrityOf(ByteView datagram, std::size_t at, std::string_view password) noexcept
{
    const auto header = headerUpTo(datagram, at + 4 + kIntegrity);
    return crypto::hmacSha1(bytesOf(password), {header, datagram.subspan(kHeader, at - kHeader)});
}

/// The mask of an address is the cookie and the transaction (RFC 8489 §14.2).
std::array<std::byte, 16> maskOf(const Transaction& transaction) noexcept
{
    std::array<std::byte, 16> mask{};
    storeBe(mask.data(), kCookie);
    std::ranges::copy(transaction, mask.begin() + 4);
    return mask;
}

std::optional<Endpoint> mappedAddress(ByteView value, const Transaction& transaction) noexcept
{
    const bool v4 = value.size() == 8 && value[1] == std::byte{1};
    const bool v6 = value.size() == 20 && value[1] == std::byte{2};
    if (!v4 && !v6)
        return std::nullopt;
    Endpoint out;
    out.port = static_cast<std::uint16_t>(loadBe<std::uint16_t>(value.data() + 2) ^ (kCookie >> 16));
    if (v4) {
        out.address = IpAddress::v4(loadBe<std::uint32_t>(value.data() + 4) ^ kCookie);
        return out;
    }
    const auto mask = maskOf(transaction);
    for (std::size_t i = 0; i < mask.size(); ++i)
        out.address.octets[i] = std::to_integer<std::uint8_t>(value[4 + i] ^ mask[i]);
    return out;
}

/// Hundreds and rest (RFC 8489 §14.8); 0 if it is none.
std::uint16_t errorCode(ByteView value) noexcept
{
    if (value.size() < 4)
        return 0;
    const auto hundreds = std::to_integer<unsigned>(value[2]) & 7U;
    const auto rest = std::to_integer<unsigned>(value[3]);
    return hundreds < 3 || hundreds > 6 || rest > 99 ? std::uint16_t{0}
                                                     : static_cast<std::uint16_t>(hundreds * 100 + rest);
}

/// Keeps what comes first.
template <typename T>
bool take(std::optional<T>& into, ByteView value) noexcept
{
    if (value.size() != sizeof(T))
        return false;
    if (!into)
        into = loadBe<T>(value.data());
    return true;
}

void noteUnknown(Message& message, std::uint16_t kind) noexcept
{
    if (message.unknownCount < message.unknown.size())
        message.unknown[message.unknownCount++] = kind;
}

/// False: its length is not that of its kind.
bool takeAttribute(Message& message, std::uint16_t kind, ByteView value) noexcept
{
    switch (kind) {
    case kUserName:
        if (message.userName.empty())
            message.userName = textOf(value);
        return !value.empty() && value.size() <= kMostUserName;
    case kPriority:
        return take(message.priority, value);
    case kUseCandidate:
        message.useCandidate = true;
        return value.empty();
    case kControlled:
        return take(message.controlled, value);
    case kControlling:
        return take(message.controlling, value);
    case kXorMappedAddress:
        if (!message.mapped)
            message.mapped = mappedAddress(value, message.transaction);
        return message.mapped.has_value();
    case kErrorCode:
        message.errorCode = errorCode(value);
        return message.errorCode != 0;
    case kUnknownAttributes:
        return value.size() % 2 == 0;
    default:
        if (kind < kFirstOptional)
            noteUnknown(message, kind);
        return true;
    }
}

/// Where it ends, header and kind read; nothing of its attributes yet.
Result<Message, StunError> header(ByteView datagram) noexcept
{
    if (!mayBeStun(datagram) || loadBe<std::uint32_t>(datagram.data() + 4) != kCookie)
        return StunError::NotStun;
    const std::size_t length = loadBe<std::uint16_t>(datagram.data() + 2);
    if (length % 4 != 0 || length + kHeader != datagram.size() || datagram.size() > kMost)
        return StunError::BadLength;
    Message message;
    message.datagram = datagram;
    const unsigned type = loadBe<std::uint16_t>(datagram.data());
    message.kind = static_cast<Class>(((type >> 7) & 2U) | ((type >> 4) & 1U));
    message.method =
        static_cast<std::uint16_t>(((type >> 2) & 0xf80U) | ((type >> 1) & 0x70U) | (type & 0xfU));
    std::copy_n(datagram.begin() + 8, message.transaction.size(), message.transaction.begin());
    return message;
}

} // namespace

Result<Message, StunError> parse(ByteView datagram) noexcept
{
    auto message = header(datagram);
    if (!message)
        return message;
    std::size_t count = 0;
    for (std::size_t at = kHeader; at < datagram.size();) {
        if (message->hasFingerprint)
            return StunError::BadOrder;
        if (datagram.size() - at < 4 || ++count > kMostAttributes)
            return StunError::BadAttribute;
        const auto kind = loadBe<std::uint16_t>(datagram.data() + at);
        const std::size_t size = loadBe<std::uint16_t>(datagram.data() + at + 2);
        if (datagram.size() - at - 4 < padded(size))
            return StunError::BadAttribute;
        const ByteView value = datagram.subspan(at + 4, size);
        if (kind == kFingerprint) {
            if (size != 4 || loadBe<std::uint32_t>(value.data()) != fingerprintOf(datagram.first(at)))
                return StunError::Fingerprint;
            message->hasFingerprint = true;
        } else if (kind == kMessageIntegrity) {
            if (message->integrityAt != 0)
                return StunError::BadOrder;
            if (size != kIntegrity)
                return StunError::BadAttribute;
            message->integrityAt = at;
        } else if (message->integrityAt == 0 && !takeAttribute(*message, kind, value)) {
            return StunError::BadAttribute;
        }
        at += 4 + padded(size);
    }
    return message;
}

bool isSealedBy(const Message& message, std::string_view password) noexcept
{
    if (message.integrityAt == 0)
        return false;
    const auto expected = integrityOf(message.datagram, message.integrityAt, password);
    return equalConstantTime(expected, message.datagram.subspan(message.integrityAt + 4, kIntegrity));
}

Writer::Writer(Class kind, const Transaction& transaction, std::uint16_t method) noexcept
{
    const auto kindBits = static_cast<unsigned>(kind);
    const unsigned type = (method & 0xfU) | ((method & 0x70U) << 1) | ((method & 0xf80U) << 2) |
                          ((kindBits & 1U) << 4) | ((kindBits & 2U) << 7);
    storeBe(m_buffer.data(), static_cast<std::uint16_t>(type));
    storeBe(m_buffer.data() + 4, kCookie);
    std::ranges::copy(transaction, m_buffer.begin() + 8);
    setLength(kHeader);
}

void Writer::setLength(std::size_t octets) noexcept
{
    storeBe(m_buffer.data() + 2, static_cast<std::uint16_t>(octets - kHeader));
}

std::span<std::byte> Writer::attribute(std::uint16_t kind, std::size_t size) noexcept
{
    m_full = m_full || m_buffer.size() - m_size < 4 + padded(size);
    if (m_full)
        return {};
    std::byte* const at = m_buffer.data() + m_size;
    storeBe(at, kind);
    storeBe(at + 2, static_cast<std::uint16_t>(size));
    std::fill_n(at + 4, padded(size), std::byte{0});
    m_size += 4 + padded(size);
    setLength(m_size);
    return {at + 4, size};
}

void Writer::text(std::uint16_t kind, std::string_view value) noexcept
{
    const auto room = attribute(kind, value.size());
    if (!room.empty())
        std::ranges::copy(bytesOf(value), room.begin());
}

void Writer::number64(std::uint16_t kind, std::uint64_t value) noexcept
{
    if (const auto room = attribute(kind, 8); !room.empty())
        storeBe(room.data(), value);
}

void Writer::software(std::string_view name) noexcept
{
    text(kSoftware, name);
}

void Writer::userName(std::string_view name) noexcept
{
    text(kUserName, name);
}

void Writer::priority(std::uint32_t value) noexcept
{
    if (const auto room = attribute(kPriority, 4); !room.empty())
        storeBe(room.data(), value);
}

void Writer::useCandidate() noexcept
{
    (void)attribute(kUseCandidate, 0);
}

void Writer::controlled(std::uint64_t tieBreaker) noexcept
{
    number64(kControlled, tieBreaker);
}

void Writer::controlling(std::uint64_t tieBreaker) noexcept
{
    number64(kControlling, tieBreaker);
}

void Writer::mapped(const Endpoint& endpoint) noexcept
{
    const bool v4 = endpoint.address.isV4();
    const auto room = attribute(kXorMappedAddress, v4 ? 8 : 20);
    if (room.empty())
        return;
    Transaction transaction{};
    std::copy_n(m_buffer.begin() + 8, transaction.size(), transaction.begin());
    const auto mask = maskOf(transaction);
    room[1] = std::byte{static_cast<unsigned char>(v4 ? 1 : 2)};
    storeBe(room.data() + 2, static_cast<std::uint16_t>(endpoint.port ^ (kCookie >> 16)));
    const std::size_t skip = v4 ? 12 : 0;
    for (std::size_t i = 0; skip + i < endpoint.address.octets.size(); ++i)
        room[4 + i] = std::byte{endpoint.address.octets[skip + i]} ^ mask[i];
}

void Writer::error(std::uint16_t code) noexcept
{
    const auto room = attribute(kErrorCode, 4);
    if (room.empty())
        return;
    room[2] = static_cast<std::byte>(code / 100);
    room[3] = static_cast<std::byte>(code % 100);
}

void Writer::unknownAttributes(std::span<const std::uint16_t> kinds) noexcept
{
    const auto room = attribute(kUnknownAttributes, 2 * kinds.size());
    for (std::size_t i = 0; i < room.size() / 2; ++i)
        storeBe(room.data() + 2 * i, kinds[i]);
}

void Writer::seal(std::string_view password) noexcept
{
    const std::size_t at = m_size;
    if (const auto room = attribute(kMessageIntegrity, kIntegrity); !room.empty())
        std::ranges::copy(integrityOf(ByteView(m_buffer).first(m_size), at, password), room.begin());
}

void Writer::fingerprint() noexcept
{
    const std::size_t at = m_size;
    if (const auto room = attribute(kFingerprint, 4); !room.empty())
        storeBe(room.data(), fingerprintOf(ByteView(m_buffer).first(at)));
}

ByteView Writer::datagram() const noexcept
{
    return m_full ? ByteView() : ByteView(m_buffer).first(m_size);
}

} // namespace sr::relay::stun
