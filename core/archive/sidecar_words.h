// SPDX-License-Identifier: GPL-3.0-or-later
// Words that the sidecar's writer and reader share.
#pragma once

#include "core/archive/recording.h"

namespace sr::archive {

inline constexpr std::string_view kSidecarTail = "\n </integrity>\n</recording>\n";

constexpr std::string_view wordOf(ChannelLayout layout)
{
    switch (layout) {
    case ChannelLayout::Stereo:
        return "internal-left";
    case ChannelLayout::Mono:
        return "mono";
    case ChannelLayout::InternalOnly:
        return "internal-only";
    case ChannelLayout::ExternalOnly:
        return "external-only";
    }
    return "internal-left";
}

} // namespace sr::archive
