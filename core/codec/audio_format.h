// SPDX-License-Identifier: GPL-3.0-or-later
// The few shapes of sound that exist in the archive.
#pragma once

#include <cstdint>

namespace sr::codec {

enum class SampleCoding : std::uint8_t { ALaw, ULaw, Pcm16 };

struct AudioFormat {
    SampleCoding coding = SampleCoding::Pcm16;
    std::uint32_t sampleRate = 8000; ///< [Hz]
    std::uint8_t channels = 2;       ///< stereo is internal left, external right (decisions.md 1)

    std::uint32_t frameBytes() const { return channels * (coding == SampleCoding::Pcm16 ? 2U : 1U); }
    bool operator==(const AudioFormat&) const = default;
};

} // namespace sr::codec
