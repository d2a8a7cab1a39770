// SPDX-License-Identifier: GPL-3.0-or-later
// Rotation of a sealed file's key, and sealing of whole small things.
#include "core/crypto/sealed_layout.h"

#include <algorithm>

namespace sr::crypto {

Status rewrap(File& sealed, const KeyRing& ring, const Key& newKey)
{
    if (newKey.purpose != KeyPurpose::Archive)
        return fail(CryptoErrc::WrongKey, "an integrity key seals nothing");
    const auto preamble = readPreamble(sealed);
    if (!preamble)
        return preamble.error();
    const KeyId& oldId = preamble->header.keyId;
    const Key* oldKey = ring.find(oldId);
    if (oldKey == nullptr || oldKey->purpose != KeyPurpose::Archive)
        return fail(CryptoErrc::UnknownKey, "key " + toHex(oldId));
    const auto dataKey = unwrapKey(oldKey->secret, preamble->wrapped);
    if (!dataKey)
        return Error{dataKey.error().code, "key " + toHex(oldId)};
    if (oldId == newKey.id)
        return {}; // done before, so that a rotation can be continued
    const auto wrapped = wrapKey(newKey.secret, *dataKey);
    if (!wrapped)
        return wrapped.error();
    // Both fields stand side by side within the first 64 octets: one write, one disk sector, never half.
    std::array<std::byte, std::tuple_size_v<KeyId> + kWrappedKeyBytes> fields{};
    std::copy(newKey.id.begin(), newKey.id.end(), fields.begin());
    std::copy(wrapped->begin(), wrapped->end(), fields.begin() + std::tuple_size_v<KeyId>);
    if (auto written = sealed.writeAt(kKeyIdAt, fields); !written)
        return written;
    return sealed.sync();
}

Result<Bytes> seal(ByteView clear, const Key& archiveKey, ContentType content, std::string_view uid)
{
    MemorySink out;
    auto sink = SealingSink::create(out, archiveKey, content, uid);
    if (!sink)
        return sink.error();
    if (auto written = (*sink)->write(clear); !written)
        return written.error();
    if (auto finished = (*sink)->finish(); !finished)
        return finished.error();
    return out.take();
}

Result<Bytes> unseal(ByteView sealed, const KeyRing& ring, ContentType expected, std::string_view expectedUid)
{
    auto source = UnsealingSource::open(std::make_unique<MemorySource>(sealed), ring);
    if (!source)
        return source.error();
    // Content type and uid are authenticated with the first segment; a whole foreign file is found here.
    auto clear = readAll(**source, sealed.size());
    if (!clear)
        return clear.error();
    const SealedHeader& header = (*source)->header();
    if (header.content != expected || header.uid != expectedUid)
        return fail(CryptoErrc::Altered, "sealed as another file: type " +
                                             std::to_string(static_cast<int>(header.content)) + ", uid " +
                                             header.uid);
    return clear;
}

} // namespace sr::crypto
