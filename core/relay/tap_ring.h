// SPDX-License-Identifier: GPL-3.0-or-later
// Copies of packets on their way from one relay thread to the spool: records of any length in one block of
// memory that is taken once. A full ring loses the newest; nobody ever waits.
#pragma once

#include "core/base/bytes.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>

namespace sr::relay {

inline constexpr unsigned kSkippedShift = 16;
inline constexpr std::uint32_t kKeyBit = 2;      ///< TapPacket::key
inline constexpr std::uint32_t kUntappedBit = 4; ///< TapPacket::tapped is not

/// One producer thread, one consumer thread, both wait-free.
///
/// Positions only grow; their low bits are the place. A record is never torn: where the end of the block is
/// too near, a gap fills it.
///
///     |..free..|record|record|record|..free..|       |record|gap|..free..|record|record|
///              ^m_read              ^m_written               ^m_written  ^m_read
class TapRing {
public:
    struct Label {
        std::uint64_t tag = 0;
        std::int64_t time = 0;  ///< [us] since 1970, UTC
        std::uint32_t from = 0; ///< of the relay: side, bits, and above kSkippedShift TapPacket::skipped
    };
    static constexpr std::size_t kLeastBytes = std::size_t{1} << 12;

    /// `bytes` is rounded up to a power of two. A record of up to half of it fits an empty ring always.
    explicit TapRing(std::size_t bytes)
        : m_size(std::bit_ceil(std::max(bytes, kLeastBytes)))
        , m_block(std::make_unique<std::byte[]>(m_size)) // zeroed, so its pages are there from the start
    {}

    /// Producer. False: no room, and counted as lost.
    bool put(const Label& label, ByteView datagram) noexcept
    {
        const std::size_t need = recordBytes(datagram.size());
        std::uint64_t at = m_written.load(std::memory_order_relaxed);
        const std::size_t toEnd = m_size - place(at);
        const std::size_t gap = toEnd < need ? toEnd : 0;
        if (!hasRoom(at, gap + need)) {
            m_lost.store(m_lost.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
            return false;
        }
        if (gap != 0) {
            write(at, Header{static_cast<std::uint32_t>(gap), kGap, {}}, kGapBytes);
            at += gap;
        }
        write(at, Header{static_cast<std::uint32_t>(datagram.size()), 0, label}, sizeof(Header));
        if (!datagram.empty())
            std::memcpy(m_block.get() + place(at) + sizeof(Header), datagram.data(), datagram.size());
        m_written.store(at + need, std::memory_order_release);
        return true;
    }

    /// Consumer: `visit(label, datagram)` for what was there at the call; the view lives during visit().
    template <typename Visit>
    std::size_t drain(Visit&& visit)
    {
        std::size_t count = 0;
        std::uint64_t at = m_read.load(std::memory_order_relaxed);
        const std::uint64_t end = m_written.load(std::memory_order_acquire);
        while (at != end) {
            std::array<std::uint32_t, 2> sizeAndKind{};
            std::memcpy(sizeAndKind.data(), m_block.get() + place(at), kGapBytes);
            if (sizeAndKind[1] == kGap) {
                at += sizeAndKind[0];
            } else {
                Header header;
                std::memcpy(static_cast<void*>(&header), m_block.get() + place(at), sizeof header);
                visit(header.label, ByteView(m_block.get() + place(at) + sizeof header, header.size));
                at += recordBytes(header.size);
                ++count;
            }
            m_read.store(at, std::memory_order_release); // each at once: the producer may be short of room
        }
        return count;
    }

    std::uint64_t lost() const noexcept { return m_lost.load(std::memory_order_relaxed); } ///< any thread
    std::size_t size() const noexcept { return m_size; }                                   ///< [octets]

private:
    struct Header {
        std::uint32_t size = 0; ///< [octets] of the datagram, or of the whole gap
        std::uint32_t kind = 0;
        Label label;
    };
    static constexpr std::uint32_t kGap = 1;
    static constexpr std::size_t kGapBytes = 8; // the shortest gap: size and kind
    static_assert(sizeof(Header) % kGapBytes == 0);

    static std::size_t recordBytes(std::size_t datagram) noexcept
    {
        return sizeof(Header) + (datagram + kGapBytes - 1) / kGapBytes * kGapBytes;
    }
    std::size_t place(std::uint64_t position) const noexcept
    {
        return static_cast<std::size_t>(position & (m_size - 1));
    }
    /// Looks at the other thread's position only when the one remembered is not enough.
    bool hasRoom(std::uint64_t at, std::size_t need) noexcept
    {
        if (at + need - m_knownRead <= m_size)
            return true;
        m_knownRead = m_read.load(std::memory_order_acquire);
        return at + need - m_knownRead <= m_size;
    }
    void write(std::uint64_t at, const Header& header, std::size_t bytes) noexcept
    {
        std::memcpy(m_block.get() + place(at), &header, bytes);
    }

    const std::size_t m_size;
    const std::unique_ptr<std::byte[]> m_block;
    alignas(64) std::atomic<std::uint64_t> m_written{0}; // lines of their own: two threads write them
    std::uint64_t m_knownRead = 0;
    std::atomic<std::uint64_t> m_lost{0};
    alignas(64) std::atomic<std::uint64_t> m_read{0};
};

} // namespace sr::relay
