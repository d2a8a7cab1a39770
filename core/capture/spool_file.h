// SPDX-License-Identifier: GPL-3.0-or-later
// The file behind the spool: mapped segments, each cut into pieces of one size.
#pragma once

#include "core/base/mapped_file.h"

#include <array>
#include <cstdint>
#include <vector>

namespace sr::capture {

/// A place for records in the file.
struct SpoolPiece {
    std::byte* data = nullptr;
    std::uint32_t bytes = 0;
    std::uint32_t segment = 0;
};

/// Not thread-safe: the spool's lock guards it; the octets of a piece are its owner's. Nothing stays behind,
/// however the process ends.
class SpoolFile {
public:
    static constexpr std::size_t kSegmentBytes = 4 * 1024 * 1024;
    static constexpr std::size_t kMinPiece = 1024;
    static constexpr std::size_t kMaxPiece = 128 * 1024; ///< holds the largest datagram

    static Result<std::unique_ptr<SpoolFile>> create(const Path& dir);

    /// At least `need` octets, kMaxPiece at most. Error: the disk's.
    Result<SpoolPiece> take(std::size_t need);
    void free(const SpoolPiece& piece);
    Status status() const { return m_file->status(); } ///< Io once octets could not be read back
    std::uint64_t bytes() const { return m_file->segments() * kSegmentBytes; } ///< length of the file

private:
    static constexpr std::size_t kSizes = 8; ///< of pieces: kMinPiece and its doubles up to kMaxPiece
    struct Segment {
        std::byte* data = nullptr;
        std::uint32_t pieceBytes = 0;
        std::uint32_t live = 0;                ///< pieces in use
        std::uint32_t fresh = 0;               ///< pieces that were ever in use
        std::vector<std::uint16_t> freed = {}; ///< the last one is used first, it is still cached
        bool full() const { return live == kSegmentBytes / pieceBytes; }
    };

    explicit SpoolFile(std::unique_ptr<MappedFile> file)
        : m_file(std::move(file))
    {}
    static std::size_t sizeIndex(std::size_t pieceBytes);
    Status addSegment(std::size_t pieceBytes);
    void giveBack();

    std::unique_ptr<MappedFile> m_file;
    std::vector<Segment> m_segments;
    std::vector<std::uint32_t> m_empty;                        ///< of no size yet
    std::array<std::vector<std::uint32_t>, kSizes> m_withRoom; ///< by size of piece
};

} // namespace sr::capture
