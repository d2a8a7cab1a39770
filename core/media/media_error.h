// SPDX-License-Identifier: GPL-3.0-or-later
// What can go wrong with the exchange's own sound.
#pragma once

#include "core/base/error.h"

namespace sr::media {

enum class MediaErrc {
    UnknownFile = 1, ///< the name does not say which format, or the format cannot be read
    TooLong,         ///< over the limit
    NotEncodable,    ///< the far side's codec is none that the exchange encodes
    TooMany,         ///< ports, members of a conference, sounds of a list
    TooSlow,         ///< the disk does not keep up with a recording
    Gone,            ///< the server is no more
};
const std::error_category& mediaCategory() noexcept;
inline std::error_code make_error_code(MediaErrc e) noexcept
{
    return {static_cast<int>(e), mediaCategory()};
}

} // namespace sr::media

template <>
struct std::is_error_code_enum<sr::media::MediaErrc> : std::true_type {};
