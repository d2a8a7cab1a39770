// SPDX-License-Identifier: GPL-3.0-or-later
// INFO bodies of any octets: what is a key is one that exists, and stays the same when it is passed on.
// links: sr::core_pbx
#include "core/pbx/key_info.h"

#include <cstdlib>

namespace {

using namespace sr::pbx;

void check(const std::optional<KeyInfo>& key)
{
    if (!key)
        return;
    if (std::string_view("0123456789*#ABCD!").find(key->symbol) == std::string_view::npos ||
        key->length <= std::chrono::milliseconds(0) || key->length > std::chrono::minutes(1))
        std::abort();
    const auto again = keyOfInfo("application/dtmf-relay", bodyOfInfo(*key));
    if (!again || again->symbol != key->symbol || again->length != key->length)
        std::abort();
}

} // namespace

/// The type is the first line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t end = std::min(text.find('\n'), text.size());
    check(keyOfInfo(text.substr(0, end), text.substr(std::min(end + 1, text.size()))));
    check(keyOfInfo("application/dtmf-relay", text));
    check(keyOfInfo("application/dtmf", text));
    return 0;
}
