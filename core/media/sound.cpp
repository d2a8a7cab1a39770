// SPDX-License-Identifier: GPL-3.0-or-later
// Sounds that need no file.
#include "core/media/sound.h"

#include <algorithm>

namespace sr::media {
namespace {

constexpr std::chrono::milliseconds kLongestMade{600000}; // chosen: ten minutes

} // namespace

SoundPtr Sound::of(std::vector<std::int16_t> samples, std::uint32_t rate)
{
    return std::make_shared<const Sound>(std::move(samples), rate);
}

SoundPtr Sound::tone(const Tone& tone)
{
    const auto most = static_cast<std::size_t>(kLongestMade.count()) * kNarrowband / 1000;
    return of(render(tone, kNarrowband, most), kNarrowband);
}

SoundPtr Sound::silence(std::chrono::milliseconds length)
{
    const auto ms = std::clamp(length, std::chrono::milliseconds(0), kLongestMade).count();
    return of(std::vector<std::int16_t>(static_cast<std::size_t>(ms) * kNarrowband / 1000), kNarrowband);
}

} // namespace sr::media
