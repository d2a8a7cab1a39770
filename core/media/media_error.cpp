// SPDX-License-Identifier: GPL-3.0-or-later
// Words for errors of the exchange's own sound.
#include "core/media/media_error.h"

namespace sr::media {
namespace {

const char* text(MediaErrc error) noexcept
{
    switch (error) {
    case MediaErrc::UnknownFile:
        return "not a sound file that can be played";
    case MediaErrc::TooLong:
        return "the sound is too long";
    case MediaErrc::NotEncodable:
        return "the exchange cannot speak the other side's codec";
    case MediaErrc::TooMany:
        return "too many at once";
    case MediaErrc::TooSlow:
        return "the disk does not keep up";
    case MediaErrc::Gone:
        return "the media server has stopped";
    }
    return "media error";
}

} // namespace

const std::error_category& mediaCategory() noexcept
{
    static const EnumCategory<MediaErrc> category("media", text);
    return category;
}

} // namespace sr::media
