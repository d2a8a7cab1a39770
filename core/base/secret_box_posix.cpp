// SPDX-License-Identifier: GPL-3.0-or-later
// POSIX has no machine-bound store that every system offers: the mode 0600 protects the file.
#include "core/base/secret_box.h"

namespace sr {

Result<Bytes> protectForMachine(ByteView secret)
{
    return Bytes(secret.begin(), secret.end());
}

Result<Bytes> unprotectForMachine(ByteView stored)
{
    return Bytes(stored.begin(), stored.end());
}

} // namespace sr
