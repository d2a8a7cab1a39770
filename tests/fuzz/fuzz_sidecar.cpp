// SPDX-License-Identifier: GPL-3.0-or-later
// Sidecar XML past its authentication: bounded, and stable when written again.
// links: sr::core_archive
#include "core/archive/sidecar.h"

#include <cstdlib>

namespace {

const sr::crypto::KeyRing& ring()
{
    static const sr::crypto::KeyRing made = [] {
        sr::crypto::KeyRing one;
        one.add(sr::crypto::KeyPurpose::Integrity, sr::crypto::KeyOrigin::Default, sr::crypto::Secret(), {});
        return one;
    }();
    return made;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view document(reinterpret_cast<const char*>(data), size);
    (void)sr::archive::readSidecar(document, ring());
    const auto read = sr::archive::parseSidecar(document);
    if (!read)
        return 0;
    const auto& key = *ring().active(sr::crypto::KeyPurpose::Integrity);
    const auto again = sr::archive::readSidecar(sr::archive::writeSidecar(*read, key), ring());
    if (again && sr::archive::writeSidecar(*again, key) != sr::archive::writeSidecar(*read, key))
        std::abort();
    return 0;
}
