// SPDX-License-Identifier: GPL-3.0-or-later
// libavformat on a ByteSource. Containers are named one by one: play lists and the like would open files of
// their own choice.
#include "core/codec/ffmpeg_source.h"

#include "core/codec/ffmpeg_decoder.h"
#include "core/codec/payload_decoder.h"

extern "C" {
#include <libavutil/dict.h>
#include <libavutil/mem.h>
}

namespace sr::codec {
namespace {

constexpr int kBufferBytes = 32 * 1024;
constexpr std::uint64_t kOpenBudget = 64 * 1024 * 1024; // [octets] read before we call a file foreign
constexpr const char* kContainers =
    "wav,w64,aiff,au,flac,ogg,mp3,aac,ac3,amr,caf,mov,mp4,m4a,3gp,3g2,mj2,avi,asf,"
    "mpeg,mpegts,mpegvideo,matroska,webm,gsm,wv,ape";

int openNothing(AVFormatContext* /*context*/, AVIOContext** /*io*/, const char* /*url*/, int /*flags*/,
                AVDictionary** /*options*/)
{
    return AVERROR(EPERM);
}

} // namespace

int FfmpegSource::readPacket(void* self, std::uint8_t* buffer, int size)
{
    auto& me = *static_cast<FfmpegSource*>(self);
    if (me.m_opening) {
        if (me.m_budget == 0)
            return AVERROR_EXIT;
        me.m_budget -= std::min(me.m_budget, static_cast<std::uint64_t>(size));
    }
    const std::span<std::byte> out(reinterpret_cast<std::byte*>(buffer), static_cast<std::size_t>(size));
    const auto got = me.m_source.readAt(static_cast<std::uint64_t>(me.m_at), out);
    if (!got)
        return AVERROR(EIO);
    if (*got == 0)
        return AVERROR_EOF;
    me.m_at += static_cast<std::int64_t>(*got);
    return static_cast<int>(*got);
}

std::int64_t FfmpegSource::seekTo(void* self, std::int64_t offset, int whence)
{
    auto& me = *static_cast<FfmpegSource*>(self);
    const auto size = static_cast<std::int64_t>(me.m_source.size());
    if ((whence & AVSEEK_SIZE) != 0)
        return size;
    const int how = whence & ~AVSEEK_FORCE;
    const std::int64_t base = how == SEEK_CUR ? me.m_at : how == SEEK_END ? size : 0;
    if (offset < -base || offset > INT64_MAX - base)
        return AVERROR(EINVAL);
    me.m_at = base + offset;
    return me.m_at;
}

int FfmpegSource::interrupted(void* self)
{
    const auto& me = *static_cast<FfmpegSource*>(self);
    return me.m_opening && me.m_budget == 0 ? 1 : 0;
}

Result<std::unique_ptr<FfmpegSource>> FfmpegSource::open(ByteSource& source)
{
    silenceFfmpeg();
    std::unique_ptr<FfmpegSource> self(new FfmpegSource(source));
    self->m_budget = kOpenBudget;
    auto* const buffer = static_cast<unsigned char*>(av_malloc(kBufferBytes));
    if (buffer != nullptr)
        self->m_io = avio_alloc_context(buffer, kBufferBytes, 0, self.get(), readPacket, nullptr, seekTo);
    if (self->m_io == nullptr)
        av_free(buffer);
    self->m_format = avformat_alloc_context();
    if (self->m_io == nullptr || self->m_format == nullptr)
        return fail(CodecErrc::Library, "memory for a demuxer");
    AVFormatContext& format = *self->m_format;
    format.pb = self->m_io;
    format.flags |= AVFMT_FLAG_CUSTOM_IO;
    format.io_open = openNothing;
    format.interrupt_callback = {interrupted, self.get()};
    format.probesize = 1024 * 1024;
    format.max_streams = 32;
    AVDictionary* options = nullptr;
    av_dict_set(&options, "format_whitelist", kContainers, 0);
    const int opened = avformat_open_input(&self->m_format, "", nullptr, &options); // frees it on failure
    av_dict_free(&options);
    if (opened < 0 || avformat_find_stream_info(self->m_format, nullptr) < 0)
        return fail(CodecErrc::BadFile, "no known sound file");
    self->m_opening = false;
    return self;
}

FfmpegSource::~FfmpegSource()
{
    avformat_close_input(&m_format);
    if (m_io != nullptr)
        av_freep(&m_io->buffer); // the library may have replaced ours
    avio_context_free(&m_io);
}

} // namespace sr::codec
