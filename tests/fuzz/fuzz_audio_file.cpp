// SPDX-License-Identifier: GPL-3.0-or-later
// Sound files of any kind: opened, read for a while, sought and read again, with bounded work.
// links: sr::core_codec sr::core_base
#include "core/codec/audio_file.h"
#include "core/codec/wav.h"

using namespace sr;

namespace {

void check(bool good)
{
    if (!good)
        __builtin_trap();
}

void readSome(codec::AudioReader& reader, int blocks)
{
    std::vector<std::int16_t> block(std::size_t{1024} * reader.channels());
    for (int i = 0; i < blocks; ++i) {
        const auto got = reader.read(block);
        if (!got || *got == 0)
            return;
        check(*got <= 1024);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ByteView bytes = std::as_bytes(std::span(data, size));
    MemorySource wav(bytes);
    if (const auto info = codec::parseWav(wav))
        check(info->dataOffset + info->frames * info->format.frameBytes() <=
              std::max<std::uint64_t>(size, info->dataOffset));
    auto opened = codec::openAudio(std::make_unique<MemorySource>(bytes));
    if (!opened)
        return 0;
    codec::AudioReader& reader = **opened;
    check(reader.channels() > 0 && reader.sampleRate() > 0);
    readSome(reader, 8);
    if (reader.seek(reader.frames() / 2))
        readSome(reader, 4);
    if (reader.seek(0))
        readSome(reader, 2);
    return 0;
}
