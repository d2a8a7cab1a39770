// SPDX-License-Identifier: GPL-3.0-or-later
// Where the frames of an MPEG layer III stream stand, and what its Info frame says: the base of exact
// seeking.
#pragma once

#include "core/base/io.h"

#include <optional>
#include <vector>

namespace sr::codec {

/// Four octets before each frame (ISO 11172-3 §2.4.1.3, ISO 13818-3, and the 2.5 extension of Fraunhofer).
struct Mp3Header {
    std::uint8_t version = 0;     ///< 0: 2.5, 2: MPEG-2, 3: MPEG-1
    std::uint32_t sampleRate = 0; ///< [Hz]
    std::uint32_t bitrate = 0;    ///< [bit/s]
    std::uint8_t channels = 0;
    std::uint32_t bytes = 0;     ///< of the whole frame
    std::uint32_t samples = 0;   ///< per channel, 576 or 1152
    std::uint32_t sideBytes = 0; ///< header, check sum and side information before the main data

    /// Nothing for other layers, free format or a reserved value.
    static std::optional<Mp3Header> parse(const std::byte* four);
    /// May stand in one stream; bit rate and stereo mode may change.
    bool fits(const Mp3Header& other) const
    {
        return version == other.version && sampleRate == other.sampleRate && channels == other.channels;
    }
};

/// A window onto a source that serves small reads from memory.
class BlockReader {
public:
    explicit BlockReader(ByteSource& source)
        : m_source(source)
    {}
    /// Up to `count` octets (at most 64 KiB) at `offset`, fewer at the end; valid until the next call.
    Result<ByteView> at(std::uint64_t offset, std::size_t count);

private:
    ByteSource& m_source;
    Bytes m_block;
    std::uint64_t m_start = 0;
};

class Mp3Index {
public:
    struct Frame {
        std::uint64_t offset = 0;
        std::uint32_t bytes = 0;
    };

    /// Nothing if the source does not begin with layer III frames. Reads three headers of a constant bit
    /// rate, every header of another.
    static Result<std::optional<Mp3Index>> build(ByteSource& source);

    const Mp3Header& header() const { return m_header; }
    std::uint64_t count() const { return m_count; } ///< MP3 frames with sound
    Frame frame(std::uint64_t index) const;
    std::uint64_t skip() const { return m_skip; }       ///< decoded samples before the sound begins
    std::uint64_t samples() const { return m_samples; } ///< of the sound, per channel

private:
    Result<bool> takeInfoFrame(BlockReader& reader, std::uint64_t offset);
    Result<bool> tryConstant(BlockReader& reader, std::uint64_t begin, std::uint64_t end);
    Status scan(BlockReader& reader, std::uint64_t begin, std::uint64_t end);
    void settleLength();

    Mp3Header m_header;
    std::uint64_t m_begin = 0;
    std::uint32_t m_stride = 0;  // constant bit rate, else 0
    std::vector<Frame> m_frames; // otherwise
    std::uint64_t m_count = 0;
    std::uint64_t m_skip = 0;
    std::uint64_t m_samples = 0;
    std::uint64_t m_announced = 0; // frames by the Info frame
    std::uint32_t m_padding = 0;
    bool m_hasDelay = false;
};

} // namespace sr::codec
