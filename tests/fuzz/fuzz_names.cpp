// SPDX-License-Identifier: GPL-3.0-or-later
// Recording names: anything may stand in a folder; what is read writes down to something that reads the same.
// links: sr::core_archive
#include "core/archive/recording_name.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view stem(reinterpret_cast<const char*>(data), size);
    const auto name = sr::archive::parseRecordingName(stem);
    if (name) {
        const auto written = name->toString();
        const auto again = sr::archive::parseRecordingName(written);
        if (!again || again->toString() != written)
            std::abort();
    }
    if (sr::archive::encodeParty(stem).size() > 60)
        std::abort();
    (void)sr::archive::splitUid(stem);
    return 0;
}
