// SPDX-License-Identifier: GPL-3.0-or-later
// Where media waits until its call ends: in memory up to a budget, then in one mapped file with all streams
// interleaved in long chunks, so that a capture of any size needs little memory and is read where it stands.
#pragma once

#include "core/base/file.h"
#include "core/rtp/stream.h"

#include <memory>

namespace sr::capture {

/// One stream's packets: append while capturing, visit afterwards. File space and memory return to the
/// spool when it dies. append() on the capture thread; visit() on any thread once appending is over, also
/// while others append.
class SpoolStream : public rtp::PacketSource {
public:
    Status append(UtcTime time, ByteView datagram)
    {
        const std::size_t need = kRecordHeader + datagram.size();
        if (static_cast<std::size_t>(m_end - m_at) < need) {
            if (auto grown = grow(need); !grown)
                return grown;
        }
        const std::int64_t stamp = time.time_since_epoch().count();
        const auto length = static_cast<std::uint16_t>(datagram.size());
        std::memcpy(m_at, &stamp, sizeof stamp);
        std::memcpy(m_at + sizeof stamp, &length, sizeof length);
        if (!datagram.empty())
            std::memcpy(m_at + kRecordHeader, datagram.data(), datagram.size());
        m_at += need;
        ++m_packets;
        return {};
    }
    std::uint64_t packets() const { return m_packets; }
    /// Fetches the place of the next record into the cache.
    void prefetch() const noexcept
    {
        for (std::size_t line = 0; line < 256; line += 64)
            __builtin_prefetch(m_at + line, 1);
    }

protected:
    static constexpr std::size_t kRecordHeader = 10; ///< time [us] as int64, length as uint16, in host order
    /// Makes room for a record of `need` octets.
    virtual Status grow(std::size_t need) = 0;

    // What append() needs stands together.
    std::byte* m_at = nullptr; ///< where the next record goes, in the last chunk
    std::byte* m_end = nullptr;
    std::uint64_t m_packets = 0;
};

/// Outlives nothing: its streams share what they need and keep the file open.
class Spool {
public:
    /// `dir` empty: memory only. The file is removed when the last stream and the spool are gone.
    static Result<std::unique_ptr<Spool>> create(const Path& dir, std::uint64_t memoryBudget);
    virtual ~Spool() = default;
    virtual std::shared_ptr<SpoolStream> newStream() = 0;
    virtual std::uint64_t memoryBytes() const = 0; ///< held now [octets]
};

} // namespace sr::capture
