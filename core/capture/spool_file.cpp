// SPDX-License-Identifier: GPL-3.0-or-later
// Pieces of equal size share a segment, so that an empty segment serves any other size.
#include "core/capture/spool_file.h"

#include <algorithm>
#include <bit>
#include <random>

namespace sr::capture {
namespace {

// An empty file is not cut below this: growing it again costs many times more than writing over it.
constexpr std::uint64_t kKeptBytes = 64 * 1024 * 1024;

} // namespace

std::size_t SpoolFile::sizeIndex(std::size_t pieceBytes)
{
    static_assert(kMinPiece << (kSizes - 1) == kMaxPiece);
    return static_cast<std::size_t>(std::countr_zero(pieceBytes / kMinPiece));
}

Result<std::unique_ptr<SpoolFile>> SpoolFile::create(const Path& dir)
{
    std::random_device random;
    for (int attempt = 0;; ++attempt) {
        const std::uint64_t number = std::uint64_t{random()} << 32 | random();
        std::array<std::byte, 8> raw{};
        storeBe(raw.data(), number);
        const Path path = dir / pathOf("spool-" + toHex(raw));
        auto file = MappedFile::create(path, kSegmentBytes);
        if (!file) {
            if (file.error().code == BaseErrc::Exists && attempt < 8)
                continue;
            return file.error();
        }
        return std::unique_ptr<SpoolFile>(new SpoolFile(std::move(file).value()));
    }
}

Status SpoolFile::addSegment(std::size_t pieceBytes)
{
    if (m_empty.empty()) {
        const auto data = m_file->addSegment();
        if (!data)
            return data.error();
        m_empty.push_back(static_cast<std::uint32_t>(m_segments.size()));
        m_segments.push_back({*data});
    }
    const std::uint32_t number = m_empty.back();
    m_empty.pop_back();
    Segment& segment = m_segments[number];
    segment.pieceBytes = static_cast<std::uint32_t>(pieceBytes);
    segment.fresh = 0;
    segment.freed.clear();
    m_withRoom[sizeIndex(pieceBytes)].push_back(number);
    return {};
}

Result<SpoolPiece> SpoolFile::take(std::size_t need)
{
    const std::size_t pieceBytes = std::bit_ceil(std::max(need, kMinPiece));
    if (pieceBytes > kMaxPiece)
        return fail(BaseErrc::TooLarge, "spool piece of " + std::to_string(need) + " octets");
    auto& withRoom = m_withRoom[sizeIndex(pieceBytes)];
    if (withRoom.empty()) {
        if (auto added = addSegment(pieceBytes); !added)
            return added.error();
    }
    const std::uint32_t number = withRoom.back();
    Segment& segment = m_segments[number];
    std::size_t place = segment.fresh;
    if (segment.freed.empty()) {
        ++segment.fresh;
    } else {
        place = segment.freed.back();
        segment.freed.pop_back();
    }
    ++segment.live;
    if (segment.full())
        withRoom.pop_back();
    return SpoolPiece{segment.data + place * pieceBytes, segment.pieceBytes, number};
}

void SpoolFile::free(const SpoolPiece& piece)
{
    Segment& segment = m_segments[piece.segment];
    auto& withRoom = m_withRoom[sizeIndex(piece.bytes)];
    if (segment.full())
        withRoom.push_back(piece.segment);
    const auto offset = static_cast<std::size_t>(piece.data - segment.data);
    segment.freed.push_back(static_cast<std::uint16_t>(offset / piece.bytes));
    if (--segment.live > 0)
        return;
    withRoom.erase(std::find(withRoom.begin(), withRoom.end(), piece.segment));
    m_empty.push_back(piece.segment);
    if (m_empty.size() == m_segments.size() && bytes() > kKeptBytes)
        giveBack();
}

/// Nothing lives. A failure only delays the return of the space to the file's end.
void SpoolFile::giveBack()
{
    static_cast<void>(m_file->clear());
    m_segments.clear();
    m_empty.clear();
}

} // namespace sr::capture
