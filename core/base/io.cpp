// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a whole source under a limit.
#include "core/base/io.h"

namespace sr {

Result<Bytes> readAll(ByteSource& source, std::uint64_t limit)
{
    const std::uint64_t size = source.size();
    if (size > limit)
        return fail(BaseErrc::TooLarge,
                    std::to_string(size) + " octets, " + std::to_string(limit) + " allowed");
    Bytes bytes(static_cast<std::size_t>(size));
    const auto got = source.readAt(0, bytes);
    if (!got)
        return got.error();
    if (*got != bytes.size())
        return fail(BaseErrc::Truncated,
                    "read " + std::to_string(*got) + " of " + std::to_string(size) + " octets");
    return bytes;
}

} // namespace sr
