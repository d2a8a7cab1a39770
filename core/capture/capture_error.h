// SPDX-License-Identifier: GPL-3.0-or-later
// What can go wrong with an interface that is being captured.
#pragma once

#include "core/base/error.h"

namespace sr::capture {

enum class CaptureErrc {
    NoInterface = 1, ///< the machine has none of that name
    NoRight,         ///< the program may not capture
    BadFilter,       ///< not a filter expression, or none for this kind of interface
    Down,            ///< it is there but switched off
    Gone,            ///< it was there and disappeared, or went down, while captured
    NoLibrary,       ///< Windows: Npcap is not installed
    Library,         ///< anything else that libpcap refuses
};

const std::error_category& captureCategory() noexcept;
inline std::error_code make_error_code(CaptureErrc e) noexcept
{
    return {static_cast<int>(e), captureCategory()};
}

} // namespace sr::capture

template <>
struct std::is_error_code_enum<sr::capture::CaptureErrc> : std::true_type {};
