// SPDX-License-Identifier: GPL-3.0-or-later
// A whole sound file at once, for measuring.
#pragma once

#include "core/base/file.h"
#include "core/codec/audio_file.h"

#include <vector>

namespace sr::test {

struct WholeSound {
    std::uint32_t rate = 0; ///< [Hz]; 0: the file could not be opened
    std::uint8_t channels = 0;
    std::vector<std::int16_t> samples; ///< interleaved [frame][channel]
};

inline WholeSound wholeSound(const Path& path)
{
    auto opened = File::open(path, OpenMode::Read);
    if (!opened)
        return {};
    auto reader = codec::openAudio(std::move(*opened));
    if (!reader)
        return {};
    WholeSound sound{(*reader)->sampleRate(), (*reader)->channels(), {}};
    std::vector<std::int16_t> block(std::size_t{4096} * sound.channels);
    for (;;) { // a read may deliver less than asked
        const auto got = (*reader)->read(block);
        if (!got || *got == 0)
            return sound;
        sound.samples.insert(sound.samples.end(), block.begin(),
                             block.begin() + static_cast<std::ptrdiff_t>(*got * sound.channels));
    }
}

} // namespace sr::test
