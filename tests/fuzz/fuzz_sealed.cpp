// SPDX-License-Identifier: GPL-3.0-or-later
// Sealed files, key rings and key exports from bytes that nobody vouches for.
// links: sr::core_crypto
#include "core/crypto/cipher.h"
#include "core/crypto/key_store.h"
#include "core/crypto/sealed.h"

#include <cstdlib>

using namespace sr;
using namespace sr::crypto;

namespace {

/// The ring whose keys the seeds were sealed with.
const KeyRing& knownRing()
{
    static const KeyRing ring = [] {
        KeyRing made;
        made.add(KeyPurpose::Archive, KeyOrigin::Default, Secret(), {});
        return made;
    }();
    return ring;
}

void check(bool holds)
{
    if (!holds)
        std::abort();
}

void sealed(ByteView bytes)
{
    auto source = UnsealingSource::open(std::make_unique<MemorySource>(bytes), knownRing());
    if (!source)
        return;
    check((*source)->size() < bytes.size());
    Bytes some(100);
    (void)(*source)->readAt((*source)->size() / 2, some);
    const auto all = readAll(**source, bytes.size());
    check(!all || sealedSize(all->size(), (*source)->header().uid.size()) == bytes.size());
}

/// Behind the tag and the wrap: the fuzzer cannot forge them, so it seals what it made up.
void sealedByUs(ByteView bytes)
{
    const auto whole = seal(bytes, *knownRing().active(KeyPurpose::Archive), ContentType::Note, "u");
    check(static_cast<bool>(whole));
    const auto back = unseal(*whole, knownRing(), ContentType::Note, "u");
    check(back && std::equal(back->begin(), back->end(), bytes.begin(), bytes.end()));
}

void ring(ByteView bytes)
{
    const auto parsed = KeyRing::parse(bytes);
    if (!parsed)
        return;
    const Bytes again = parsed->serialize();
    check(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
    check(static_cast<bool>(KeyRing::parseExport(parsed->exportText())));
}

void exported(ByteView bytes)
{
    const auto parsed = KeyRing::parseExport(textOf(bytes));
    if (parsed)
        check(KeyRing::parse(parsed->serialize()) && KeyRing::parseExport(parsed->exportText()));
}

} // namespace

/// The first octet chooses the parser.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const ByteView bytes = std::as_bytes(std::span(data, size)).subspan(1);
    switch (data[0] % 5) {
    case 0:
        sealed(bytes);
        break;
    case 1:
        ring(bytes);
        break;
    case 2:
        exported(bytes);
        break;
    case 3:
        (void)openSealedRing(bytes, "words", 64 * 1024); // cheap, or thousands of runs would take a day
        break;
    default:
        sealedByUs(bytes);
    }
    return 0;
}
