// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a session description: no crash, and what comes out keeps its limits.
// links: sr::core_sdp
#include "core/sdp/session_description.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto parsed = sr::sdp::parse({reinterpret_cast<const char*>(data), size});
    if (!parsed)
        return 0;
    if (parsed->media.size() > sr::sdp::kMaxMedia)
        std::abort();
    for (const sr::sdp::Media& media : parsed->media) {
        if (media.order.size() > 128 || media.formats.size() > media.order.size() || media.keys.size() > 8)
            std::abort();
    }
    return 0;
}
