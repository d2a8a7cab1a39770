// SPDX-License-Identifier: GPL-3.0-or-later
// Where sound goes: the machine's device, or a test's ear.
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace sr::player {

enum class PlayErrc {
    NoDevice = 1, ///< the machine has no sound output
    DeviceFailed, ///< it has one, but it cannot be opened
    NoAudio,      ///< a call record without sound
};
const std::error_category& playCategory() noexcept;
inline std::error_code make_error_code(PlayErrc e) noexcept
{
    return {static_cast<int>(e), playCategory()};
}

/// Takes interleaved stereo int16. All calls and the pull come on the playback thread.
class AudioOutput {
public:
    /// Fills `out` (whole frames, two channels) completely; silence where there is nothing.
    using Pull = std::function<void(std::span<std::int16_t> out)>;

    virtual ~AudioOutput() = default;
    /// Is there a device at this moment? PlayErrc::NoDevice.
    virtual Status probe() = 0;
    /// Starts pulling at once. PlayErrc::NoDevice, PlayErrc::DeviceFailed.
    virtual Status start(std::uint32_t sampleRate, Pull pull) = 0;
    /// Silent at once; what was not yet heard is dropped.
    virtual void stop() = 0;
    /// Pulled but not yet heard [frames].
    virtual std::uint64_t waitingFrames() const = 0;
};

/// Called on the playback thread, so that the device lives there.
using AudioOutputFactory = std::function<std::unique_ptr<AudioOutput>()>;

} // namespace sr::player

template <>
struct std::is_error_code_enum<sr::player::PlayErrc> : std::true_type {};
