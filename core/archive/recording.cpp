// SPDX-License-Identifier: GPL-3.0-or-later
// Small words of a recording: formats and their extensions.
#include "core/archive/recording.h"

namespace sr::archive {

std::string_view extensionOf(MediaFormat format)
{
    switch (format) {
    case MediaFormat::None:
        return "";
    case MediaFormat::Wav:
        return "wav";
    case MediaFormat::Mp3:
        return "mp3";
    case MediaFormat::Pcap:
        return "pcap";
    }
    return "";
}

std::optional<MediaFormat> formatOfExtension(std::string_view extension)
{
    for (const auto format : {MediaFormat::Wav, MediaFormat::Mp3, MediaFormat::Pcap})
        if (extension == extensionOf(format))
            return format;
    return std::nullopt;
}

} // namespace sr::archive
