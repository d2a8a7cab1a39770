// SPDX-License-Identifier: GPL-3.0-or-later
// Where media waits until its call ends: in the mapped capture itself, or in memory up to a budget and then
// in one mapped file with all streams interleaved in long chunks, so that a capture of any size needs little
// memory and is read where it stands.
#pragma once

#include "core/base/mapped_source.h"
#include "core/rtp/stream.h"

#include <memory>

namespace sr::capture {

/// A mapped capture: its packets need no copies, the spool notes where they stand.
struct StandingCapture {
    std::shared_ptr<const MappedSource> source; ///< null: every packet is copied
    const std::byte* begin = nullptr;
    std::size_t bytes = 0;

    bool holds(const std::byte* at) const noexcept
    {
        return reinterpret_cast<std::uintptr_t>(at) - reinterpret_cast<std::uintptr_t>(begin) < bytes;
    }
};

/// One stream's packets: append while capturing, visit afterwards. File space and memory return to the
/// spool when it dies. append() on the capture thread; visit() on any thread once appending is over, also
/// while others append. A page that cannot be read makes visit() end with Io.
class SpoolStream : public rtp::PacketSource {
public:
    // Records, in host order: time [us] from the chunk's beginning as int32, length as uint16, whether the
    // datagram stands elsewhere, an octet of nothing. Then the datagram; or its first octets and where it
    // stands, from the chunk's beginning on, as uint32. A chunk ends early where a distance does not fit.
    static constexpr std::size_t kRecordHeader = 8;
    static constexpr std::size_t kHead = rtp::PacketHead::kBytes;
    static constexpr std::size_t kPointerRecord = kRecordHeader + kHead + sizeof(std::uint32_t);

    Status append(UtcTime time, ByteView datagram)
    {
        if (tryAppend(time, datagram))
            return {};
        if (auto grown = grow(time, datagram); !grown)
            return grown;
        tryAppend(time, datagram);
        return {};
    }
    /// The short way of nearly every packet. False, and nothing done: append() is needed.
    [[gnu::always_inline]] bool tryAppend(UtcTime time, ByteView datagram) noexcept
    {
        const bool stands = mayStand(datagram);
        if (!fits(time, datagram, stands))
            return false;
        std::byte* at = m_at; // octets alias everything, so the members would be read again and again
        const auto after = static_cast<std::int32_t>((time - m_time).count());
        const auto length = static_cast<std::uint16_t>(datagram.size());
        const std::byte* const data = datagram.data();
        std::memcpy(at, &after, sizeof after);
        std::memcpy(at + 4, &length, sizeof length);
        std::memcpy(at + 6, &stands, sizeof stands);
        at += kRecordHeader;
        if (stands) {
            const auto place = static_cast<std::uint32_t>(data - m_begin);
            std::memcpy(at, data, kHead);
            std::memcpy(at + kHead, &place, sizeof place);
            at += kHead + sizeof place;
        } else if (length > 0) {
            std::memcpy(at, data, length);
            at += length;
        }
        m_at = at;
        ++m_packets;
        return true;
    }
    std::uint64_t packets() const { return m_packets; }
    /// Fetches the place of the next record into the cache.
    void prefetch() const noexcept
    {
        const std::size_t bytes = m_standing->bytes > 0 ? 64 : 256;
        for (std::size_t line = 0; line < bytes; line += 64)
            __builtin_prefetch(m_at + line, 1);
    }

protected:
    explicit SpoolStream(const StandingCapture& standing)
        : m_standing(&standing)
    {}
    /// Makes room for this record in a chunk that begins with it.
    virtual Status grow(UtcTime time, ByteView datagram) = 0;

    bool mayStand(ByteView datagram) const noexcept
    {
        return m_standing->holds(datagram.data()) && datagram.size() >= kHead;
    }
    static std::size_t recordBytes(ByteView datagram, bool stands) noexcept
    {
        return stands ? kPointerRecord : kRecordHeader + datagram.size();
    }
    bool fits(UtcTime time, ByteView datagram, bool stands) const noexcept
    {
        const std::int64_t after = (time - m_time).count();
        return static_cast<std::size_t>(m_end - m_at) >= recordBytes(datagram, stands) &&
               after == static_cast<std::int32_t>(after) && datagram.size() <= UINT16_MAX &&
               (!stands || (m_source == m_standing->source.get() && placeFits(datagram.data())));
    }
    bool placeFits(const std::byte* data) const noexcept
    {
        return reinterpret_cast<std::uintptr_t>(data) - reinterpret_cast<std::uintptr_t>(m_begin) <=
               UINT32_MAX;
    }

    // What append() needs stands together.
    std::byte* m_at = nullptr; ///< where the next record goes, in the last chunk
    std::byte* m_end = nullptr;
    std::uint64_t m_packets = 0;
    const StandingCapture* m_standing;
    const MappedSource* m_source = nullptr; ///< that the last chunk's records point into
    const std::byte* m_begin = nullptr;     ///< places of the last chunk count from here
    UtcTime m_time{};                       ///< and times from here
};

/// Outlives nothing: its streams share what they need and keep the file open.
class Spool {
public:
    /// `dir` empty: memory only. The file is removed when the last stream and the spool are gone.
    static Result<std::unique_ptr<Spool>> create(const Path& dir, std::uint64_t memoryBudget);
    virtual ~Spool() = default;
    virtual std::shared_ptr<SpoolStream> newStream() = 0;
    /// From now on datagrams that lie in `source` are not copied; it lives as long as a stream needs it.
    /// Null: none is. Capture thread.
    virtual void setStanding(std::shared_ptr<const MappedSource> source) = 0;
    virtual std::uint64_t memoryBytes() const = 0; ///< held now [octets]
};

} // namespace sr::capture
