// SPDX-License-Identifier: GPL-3.0-or-later
// Modes: exactly 0600 for files and 0700 for folders.
#include "tests/support/access.h"

namespace sr::test {

using std::filesystem::perms;

bool isPrivate(const Path& path)
{
    const perms wanted = isFolder(path) ? perms::owner_all : perms::owner_read | perms::owner_write;
    return std::filesystem::status(path).permissions() == wanted;
}

bool letOthersIn(const Path& path)
{
    std::error_code code;
    std::filesystem::permissions(path, perms::group_read | perms::others_read,
                                 std::filesystem::perm_options::add, code);
    return !code;
}

} // namespace sr::test
