// SPDX-License-Identifier: GPL-3.0-or-later
// A ByteSource as FFmpeg's input. Only for .cpp files of this folder.
#pragma once

#include "core/base/io.h"

extern "C" {
#include <libavformat/avformat.h>
}

#include <memory>

namespace sr::codec {

/// Demuxer over a source that outlives it. Reads nothing else: no other file, no network, no play list.
class FfmpegSource {
public:
    /// CodecErrc::BadFile if no known container begins here.
    static Result<std::unique_ptr<FfmpegSource>> open(ByteSource& source);
    ~FfmpegSource();
    FfmpegSource(const FfmpegSource&) = delete;
    FfmpegSource& operator=(const FfmpegSource&) = delete;

    AVFormatContext* format() { return m_format; }

private:
    explicit FfmpegSource(ByteSource& source)
        : m_source(source)
    {}
    static int readPacket(void* self, std::uint8_t* buffer, int size);
    static std::int64_t seekTo(void* self, std::int64_t offset, int whence);
    static int interrupted(void* self);

    ByteSource& m_source;
    AVIOContext* m_io = nullptr;
    AVFormatContext* m_format = nullptr;
    std::int64_t m_at = 0;
    std::uint64_t m_budget = 0; // octets left for recognising the file
    bool m_opening = true;
};

} // namespace sr::codec
