// SPDX-License-Identifier: GPL-3.0-or-later
// The file of registrations with any octets: what was read is the same when it is written and read again.
// links: sr::core_pbx
#include "core/pbx/kept_bindings.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace sr::pbx;
    const auto read = parseBindings({reinterpret_cast<const char*>(data), size});
    if (!read)
        return 0;
    const auto again = parseBindings(writeBindings(read->all));
    if (!again || again->unread != 0)
        std::abort();
    // An address may be written in more octets than it was read, so a line may be too long by now.
    if (size < kBindingLineMost / 4 && again->all != read->all)
        std::abort();
    return 0;
}
