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
    /// Time [us] as int64, length as uint16, whether only its head and a pointer follow; in host order.
    static constexpr std::size_t kRecordHeader = 12;
    static constexpr std::size_t kHead = rtp::PacketHead::kBytes;
    static constexpr std::size_t kPointerRecord = kRecordHeader + kHead + sizeof(const std::byte*);

    Status append(UtcTime time, ByteView datagram)
    {
        const bool stands = m_standing->holds(datagram.data()) && datagram.size() >= kHead;
        const std::size_t need = stands ? kPointerRecord : kRecordHeader + datagram.size();
        if (static_cast<std::size_t>(m_end - m_at) < need ||
            (stands && m_source != m_standing->source.get()) || datagram.size() > UINT16_MAX) {
            if (auto grown = grow(need, datagram.size()); !grown)
                return grown;
        }
        const std::int64_t stamp = time.time_since_epoch().count();
        const auto length = static_cast<std::uint16_t>(datagram.size());
        std::memcpy(m_at, &stamp, sizeof stamp);
        std::memcpy(m_at + 8, &length, sizeof length);
        std::memcpy(m_at + 10, &stands, sizeof stands);
        if (const std::byte* const data = datagram.data(); stands) {
            std::memcpy(m_at + kRecordHeader, data, kHead);
            std::memcpy(m_at + kRecordHeader + kHead, &data, sizeof data);
        } else if (!datagram.empty()) {
            std::memcpy(m_at + kRecordHeader, data, datagram.size());
        }
        m_at += need;
        ++m_packets;
        return {};
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
    /// Makes room for a record of `need` octets and holds on to the capture that stands now.
    virtual Status grow(std::size_t need, std::size_t datagram) = 0;

    // What append() needs stands together.
    std::byte* m_at = nullptr; ///< where the next record goes, in the last chunk
    std::byte* m_end = nullptr;
    std::uint64_t m_packets = 0;
    const StandingCapture* m_standing;
    const MappedSource* m_source = nullptr; ///< the last one that records point into
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
