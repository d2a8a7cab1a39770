// SPDX-License-Identifier: GPL-3.0-or-later
// Frames with length and checksum.
#include "core/cdr/frames.h"

#include "core/crypto/digest.h"

#include <algorithm>
#include <array>

namespace sr::cdr {
namespace {

constexpr std::string_view kMagic = "CDR1";
constexpr std::size_t kSumAt = 16;
constexpr std::size_t kSumBytes = 8;

void sumOf(ByteView header, ByteView payload, std::byte* out)
{
    crypto::Sha256Hasher hasher;
    hasher.add(header.subspan(kMagic.size(), kSumAt - kMagic.size()));
    hasher.add(payload);
    const auto sum = hasher.finish();
    std::copy_n(sum.begin(), kSumBytes, out);
}

/// Begins at the first octet.
std::optional<Frame> frameAt(ByteView bytes)
{
    if (bytes.size() < kFrameHeaderBytes || textOf(bytes.first(kMagic.size())) != kMagic)
        return std::nullopt;
    const std::size_t length = loadLe<std::uint32_t>(bytes.data() + 4);
    if (length > kPayloadBytesMost || length > bytes.size() - kFrameHeaderBytes)
        return std::nullopt;
    const Frame frame{loadLe<std::uint64_t>(bytes.data() + 8), bytes.subspan(kFrameHeaderBytes, length)};
    std::array<std::byte, kSumBytes> sum{};
    sumOf(bytes, frame.payload, sum.data());
    if (!std::ranges::equal(sum, bytes.subspan(kSumAt, kSumBytes)))
        return std::nullopt;
    return frame;
}

} // namespace

void appendFrame(Bytes& out, std::uint64_t sequence, ByteView payload)
{
    const std::size_t at = out.size();
    out.resize(at + kFrameHeaderBytes + payload.size());
    std::byte* const header = out.data() + at;
    std::ranges::copy(bytesOf(kMagic), header);
    storeLe(header + 4, static_cast<std::uint32_t>(payload.size()));
    storeLe(header + 8, sequence);
    std::ranges::copy(payload, header + kFrameHeaderBytes);
    sumOf(ByteView(header, kFrameHeaderBytes), payload, header + kSumAt);
}

FrameScan scanFrames(ByteView bytes)
{
    FrameScan scan;
    const std::string_view text = textOf(bytes);
    for (std::size_t at = text.find(kMagic); at != text.npos;) {
        const auto frame = frameAt(bytes.subspan(at));
        if (!frame) {
            at = text.find(kMagic, at + 1);
            continue;
        }
        scan.damaged += at - scan.end;
        scan.end = at + kFrameHeaderBytes + frame->payload.size();
        scan.frames.push_back(*frame);
        at = text.find(kMagic, scan.end);
    }
    return scan;
}

} // namespace sr::cdr
