// SPDX-License-Identifier: GPL-3.0-or-later
// The sentences of capture errors; what to do about them depends on the platform.
#include "core/capture/capture_error.h"

#include "core/capture/pcap_functions.h"

namespace sr::capture {
namespace {

const char* textOf(CaptureErrc code) noexcept
{
    switch (code) {
    case CaptureErrc::NoInterface:
        return "this machine has no such interface";
    case CaptureErrc::NoRight:
        return kNoRightText;
    case CaptureErrc::BadFilter:
        return "the capture filter is not understood";
    case CaptureErrc::Down:
        return "the interface is switched off";
    case CaptureErrc::Gone:
        return "the interface is gone";
    case CaptureErrc::NoLibrary:
        return kNoLibraryText;
    case CaptureErrc::Library:
        return "the interface cannot be captured";
    }
    return "unknown error of capturing";
}

} // namespace

const std::error_category& captureCategory() noexcept
{
    static const EnumCategory<CaptureErrc> category("capture", textOf);
    return category;
}

} // namespace sr::capture
