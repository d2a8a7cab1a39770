// SPDX-License-Identifier: GPL-3.0-or-later
// DPAPI in machine scope: a copy of the file is of no use elsewhere, and the access list keeps others on this
// machine away from it.
#include "core/base/secret_box.h"

// The second header needs the first. clang-format knows no exception but this:
// clang-format off
#include <windows.h>
#include <wincrypt.h>
// clang-format on

namespace sr {
namespace {

constexpr std::string_view kMark = "SRDPAPI1";
constexpr DWORD kFlags = CRYPTPROTECT_LOCAL_MACHINE | CRYPTPROTECT_UI_FORBIDDEN; // a service has no screen

/// The call only reads it.
DATA_BLOB blobOf(ByteView bytes)
{
    auto* const data = const_cast<std::byte*>(bytes.data());
    return {static_cast<DWORD>(bytes.size()), reinterpret_cast<BYTE*>(data)};
}

/// Copies what the system allocated behind `head`, and wipes it.
Bytes take(std::string_view head, const DATA_BLOB& blob)
{
    const ByteView start = bytesOf(head);
    const ByteView body(reinterpret_cast<const std::byte*>(blob.pbData), blob.cbData);
    Bytes out;
    out.reserve(start.size() + body.size());
    out.insert(out.end(), start.begin(), start.end());
    out.insert(out.end(), body.begin(), body.end());
    SecureZeroMemory(blob.pbData, blob.cbData);
    LocalFree(blob.pbData);
    return out;
}

Error refused(const char* what)
{
    return fail(BaseErrc::Denied,
                std::string(what) + " by DPAPI (error " + std::to_string(GetLastError()) + ")");
}

} // namespace

Result<Bytes> protectForMachine(ByteView secret)
{
    DATA_BLOB in = blobOf(secret);
    DATA_BLOB out{};
    if (!CryptProtectData(&in, nullptr, nullptr, nullptr, nullptr, kFlags, &out))
        return refused("seal secrets");
    return take(kMark, out);
}

Result<Bytes> unprotectForMachine(ByteView stored)
{
    if (!textOf(stored).starts_with(kMark))
        return Bytes(stored.begin(), stored.end());
    DATA_BLOB in = blobOf(stored.subspan(kMark.size()));
    DATA_BLOB out{};
    if (!CryptUnprotectData(&in, nullptr, nullptr, nullptr, nullptr, kFlags, &out))
        return refused("open secrets that another machine sealed, or damaged ones,");
    return take({}, out);
}

} // namespace sr
