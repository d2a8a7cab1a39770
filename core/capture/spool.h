// SPDX-License-Identifier: GPL-3.0-or-later
// Where media waits until its call ends: in memory up to a budget, then in one append-only file with all
// streams interleaved in large extents, so that a capture of any size needs little memory and reads back
// nearly in order.
#pragma once

#include "core/base/file.h"
#include "core/rtp/stream.h"

#include <memory>

namespace sr::capture {

/// One stream's packets: append while capturing, visit afterwards. Freed extents and memory return to the
/// spool when it dies. append() on the capture thread; visit() on any thread once appending is over, also
/// while others append.
class SpoolStream : public rtp::PacketSource {
public:
    virtual Status append(UtcTime time, ByteView datagram) = 0;
    virtual std::uint64_t packets() const = 0;
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
