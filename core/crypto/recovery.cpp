// SPDX-License-Identifier: GPL-3.0-or-later
// The recovery passphrase and the key ring sealed under it.
#include "core/crypto/cipher.h"
#include "core/crypto/digest.h"
#include "core/crypto/kdf.h"
#include "core/crypto/key_store.h"
#include "core/crypto/wipe.h"

#include <algorithm>

namespace sr::crypto {
namespace {

// No i l o q u v: they are misread in print or on the telephone.
constexpr std::string_view kLetters = "abcdefghjkmnprstwxyz";
constexpr std::size_t kGroups = 8;
constexpr std::size_t kGroupLetters = 5;

// Form: magic, log2 N (1), r (1), p (1), salt 16, nonce 12, count of keys (2, big-endian) and their ids (16
// each), ring under AES-256-GCM, tag 16. The associated data is everything before the ciphertext.
constexpr std::string_view kMagic = "SRKEYS2\n";
constexpr std::string_view kFirstMagic = "SRKEYS1\n"; // without count and ids
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kNonceAt = 8 + 3 + kSaltBytes;
constexpr std::size_t kHeaderBytes = kNonceAt + kNonceBytes;
constexpr std::size_t kIdBytes = std::tuple_size_v<KeyId>;
constexpr std::size_t kMaxSealedBytes = 1024 * 1024; // more than a full ring

/// A recovery passphrase as people type it, in the one spelling that was hashed; other words unchanged.
std::string canonical(std::string_view typed)
{
    std::string letters;
    letters.reserve(typed.size());
    for (const char c : typed) {
        if (c == ' ' || c == '-' || c == '\t' || c == '\r' || c == '\n')
            continue;
        letters.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    const bool ours =
        letters.size() == kGroups * kGroupLetters && letters.find_first_not_of(kLetters) == std::string::npos;
    if (ours)
        return letters;
    wipe(letters);
    return std::string(typed);
}

Result<Secret> ringKey(std::string_view passphrase, ByteView salt, const ScryptCost& cost)
{
    std::string words = canonical(passphrase);
    const WipeLater wipedWords(words);
    std::array<std::byte, Secret::kBytes> bytes{};
    const WipeLater wipedBytes(bytes);
    if (auto made = scrypt(words, salt, cost, bytes); !made)
        return made.error();
    return Secret(bytes);
}

/// Ids between the fixed header and the ciphertext; nothing where the file is too short for them.
std::optional<ByteView> idsOf(ByteView sealed)
{
    if (!textOf(sealed).starts_with(kMagic))
        return ByteView();
    if (sealed.size() < kHeaderBytes + 2)
        return std::nullopt;
    const std::size_t bytes = kIdBytes * loadBe<std::uint16_t>(sealed.data() + kHeaderBytes);
    if (sealed.size() < kHeaderBytes + 2 + bytes + kTagBytes)
        return std::nullopt;
    return sealed.subspan(kHeaderBytes + 2, bytes);
}

Nonce nonceIn(ByteView header)
{
    Nonce nonce{};
    std::copy_n(header.begin() + kNonceAt, kNonceBytes, nonce.begin());
    return nonce;
}

} // namespace

void adoptPassphrase(MachineSecrets& secrets, std::string_view typed)
{
    std::string words = canonical(typed);
    const WipeLater wiped(words);
    const auto same = [&](const std::string& other) { return canonical(other) == words; };
    if (same(secrets.recoveryPassphrase))
        return;
    std::erase_if(secrets.formerPassphrases, same);
    if (!secrets.recoveryPassphrase.empty())
        secrets.formerPassphrases.insert(secrets.formerPassphrases.begin(), secrets.recoveryPassphrase);
    secrets.recoveryPassphrase = typed;
}

Result<std::string> makeRecoveryPassphrase()
{
    // Octets from the largest multiple of 20 on would favour some letters.
    constexpr unsigned kFairBelow = 256 / kLetters.size() * kLetters.size();
    std::string text;
    text.reserve(kGroups * (kGroupLetters + 1));
    std::size_t letters = 0;
    while (letters < kGroups * kGroupLetters) {
        std::byte octet{};
        if (auto made = randomBytes(std::span(&octet, 1)); !made)
            return made.error();
        const auto value = std::to_integer<unsigned>(octet);
        if (value >= kFairBelow)
            continue;
        if (letters > 0 && letters % kGroupLetters == 0)
            text.push_back('-');
        text.push_back(kLetters[value % kLetters.size()]);
        ++letters;
    }
    return text;
}

Result<Bytes> sealRing(const KeyRing& ring, std::string_view recoveryPassphrase)
{
    if (recoveryPassphrase.empty())
        return fail(BaseErrc::Malformed, "the recovery passphrase is empty");
    if (ring.keys().size() > kMaxKeys)
        return fail(BaseErrc::TooLarge, "more than " + std::to_string(kMaxKeys) + " keys");
    const ScryptCost cost;
    Bytes clear = ring.serialize();
    const WipeLater wiped(clear);
    const std::size_t headerBytes = kHeaderBytes + 2 + ring.keys().size() * kIdBytes;
    Bytes out(headerBytes + clear.size() + kTagBytes);
    std::copy_n(bytesOf(kMagic).begin(), kMagic.size(), out.begin());
    out[8] = static_cast<std::byte>(cost.logN);
    out[9] = static_cast<std::byte>(cost.r);
    out[10] = static_cast<std::byte>(cost.p);
    const std::span header(out.data(), headerBytes);
    if (auto made = randomBytes(header.subspan(11, kSaltBytes + kNonceBytes)); !made)
        return made.error();
    storeBe(header.data() + kHeaderBytes, static_cast<std::uint16_t>(ring.keys().size()));
    auto at = header.begin() + kHeaderBytes + 2;
    for (const Key& each : ring.keys())
        at = std::copy(each.id.begin(), each.id.end(), at);
    const auto key = ringKey(recoveryPassphrase, header.subspan(11, kSaltBytes), cost);
    if (!key)
        return key.error();
    auto cipher = GcmCipher::create(GcmCipher::Direction::Seal, *key);
    if (!cipher)
        return cipher.error();
    if (!cipher->seal(nonceIn(header), header, clear, out.data() + headerBytes))
        return fail(CryptoErrc::Library, "seal the key ring");
    return out;
}

Result<KeyRing> openSealedRing(ByteView sealed, std::string_view recoveryPassphrase, std::uint64_t maxWork)
{
    const std::string_view magic = textOf(sealed.first(std::min(sealed.size(), kMagic.size())));
    if (magic != kMagic && magic != kFirstMagic) {
        if (magic.size() == 8 && magic.starts_with("SRKEYS") && magic[6] > '2' && magic[6] <= '9')
            return fail(CryptoErrc::NewerVersion, "sealed key ring");
        return fail(CryptoErrc::NotSealed, "no sealed key ring");
    }
    if (sealed.size() > kMaxSealedBytes)
        return fail(BaseErrc::TooLarge, "sealed key ring");
    const auto ids = idsOf(sealed);
    if (!ids || sealed.size() < kHeaderBytes + kTagBytes)
        return fail(BaseErrc::Truncated, "sealed key ring at offset " + std::to_string(sealed.size()));
    const ByteView header = sealed.first(magic == kMagic ? kHeaderBytes + 2 + ids->size() : kHeaderBytes);
    const ScryptCost cost{std::to_integer<unsigned>(header[8]), std::to_integer<unsigned>(header[9]),
                          std::to_integer<unsigned>(header[10])};
    // Before any work: a foreign file may not make us fill the memory.
    if (!acceptable(cost, maxWork))
        return fail(BaseErrc::Malformed, "sealed key ring, cost of the passphrase at offset 8");
    const auto key = ringKey(recoveryPassphrase, header.subspan(11, kSaltBytes), cost);
    if (!key)
        return key.error();
    auto cipher = GcmCipher::create(GcmCipher::Direction::Open, *key);
    if (!cipher)
        return cipher.error();
    Bytes clear(sealed.size() - header.size() - kTagBytes);
    const WipeLater wiped(clear);
    // One more octet, so that an empty text has a place too.
    clear.reserve(1);
    if (!cipher->open(nonceIn(header), header, sealed.subspan(header.size()), clear.data()))
        return fail(CryptoErrc::WrongPassphrase, "sealed key ring");
    return KeyRing::parse(clear);
}

OpenedRing::~OpenedRing()
{
    wipe(passphrase);
}

Result<OpenedRing> openSealedRing(ByteView sealed, const MachineSecrets& secrets)
{
    auto ring = openSealedRing(sealed, secrets.recoveryPassphrase);
    if (ring)
        return OpenedRing{std::move(*ring), secrets.recoveryPassphrase};
    for (const std::string& words : secrets.formerPassphrases) {
        if (ring.error().code != CryptoErrc::WrongPassphrase)
            break;
        if (ring = openSealedRing(sealed, words); ring)
            return OpenedRing{std::move(*ring), words};
    }
    return ring.error();
}

bool sealedRingNames(ByteView sealed, const KeyId& id)
{
    const auto ids = idsOf(sealed);
    for (std::size_t at = 0; ids && at < ids->size(); at += kIdBytes)
        if (std::ranges::equal(ids->subspan(at, kIdBytes), id))
            return true;
    return false;
}

} // namespace sr::crypto
