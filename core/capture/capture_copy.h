// SPDX-License-Identifier: GPL-3.0-or-later
// A copy of everything captured, as pcapng that any reader opens, also after a crash.
#pragma once

#include "core/base/file.h"
#include "core/capture/packet_reader.h"

#include <vector>

namespace sr::capture {

/// One thread. Blocks of draft-ietf-opsawg-pcapng: one interface for each link type, times in microseconds.
class CaptureCopy {
public:
    /// Errors: Exists, and those of files.
    static Result<std::unique_ptr<CaptureCopy>> create(const Path& path);

    void add(std::span<const CapturedPacket> packets); ///< into memory; flush() says what went wrong
    Status flush();

private:
    explicit CaptureCopy(std::unique_ptr<File> file);
    std::uint32_t interfaceOf(std::uint16_t linkType);
    void block(std::uint32_t type, ByteView fixed, ByteView data);

    std::unique_ptr<File> m_file;
    std::vector<std::uint16_t> m_linkTypes; ///< by interface
    Bytes m_waiting;
    Status m_status;
};

} // namespace sr::capture
