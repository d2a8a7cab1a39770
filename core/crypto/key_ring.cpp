// SPDX-License-Identifier: GPL-3.0-or-later
// The key ring in memory and in its binary form, and keys derived from words and files.
#include "core/crypto/key_ring.h"

#include "core/crypto/digest.h"
#include "core/crypto/kdf.h"
#include "core/crypto/wipe.h"

#include <algorithm>
#include <list>
#include <mutex>

namespace sr::crypto {
namespace {

constexpr std::string_view kRingMagic = "SRRING1\n";
constexpr std::int64_t kLastCreated = 253402300799999999; // [us], the end of the year 9999

bool known(KeyPurpose purpose) noexcept
{
    return purpose == KeyPurpose::Archive || purpose == KeyPurpose::Integrity;
}
bool known(KeyOrigin origin) noexcept
{
    return origin >= KeyOrigin::Default && origin <= KeyOrigin::Imported;
}

} // namespace

Secret::Secret(std::span<const std::byte, kBytes> bytes)
{
    std::copy(bytes.begin(), bytes.end(), m_bytes.begin());
}

Secret::~Secret()
{
    wipe(m_bytes);
}

Result<Secret> Secret::random()
{
    Secret secret;
    if (auto made = randomBytes(secret.m_bytes); !made)
        return made.error();
    return secret;
}

KeyId keyIdOf(KeyPurpose purpose, const Secret& secret)
{
    const std::byte octet{static_cast<std::uint8_t>(purpose)};
    Sha256Hasher hasher;
    hasher.add(bytesOf("switchroom key "));
    hasher.add(ByteView(&octet, 1));
    hasher.add(secret.bytes());
    const Sha256 digest = hasher.finish();
    KeyId id{};
    std::copy_n(digest.begin(), id.size(), id.begin());
    return id;
}

Key makeKey(KeyPurpose purpose, KeyOrigin origin, const Secret& secret, UtcTime created)
{
    // A machine whose clock is off must still be able to write its ring down.
    const UtcTime writable = std::clamp(created, UtcTime{}, UtcTime(microseconds(kLastCreated)));
    return {keyIdOf(purpose, secret), purpose, origin, false, writable, secret};
}

Result<KeyRing> KeyRing::generate(const Clock& clock)
{
    KeyRing ring;
    for (const KeyPurpose purpose : {KeyPurpose::Archive, KeyPurpose::Integrity}) {
        const auto secret = Secret::random();
        if (!secret)
            return secret.error();
        ring.add(purpose, KeyOrigin::Default, *secret, clock.utcNow());
    }
    return ring;
}

const Key* KeyRing::active(KeyPurpose purpose) const
{
    const auto at = std::find_if(m_keys.begin(), m_keys.end(),
                                 [&](const Key& key) { return key.active && key.purpose == purpose; });
    return at == m_keys.end() ? nullptr : &*at;
}

/// Keys that came after the ring was loaded. Their places stay, as others hold them by pointer.
struct KeyRing::Later {
    std::mutex mutex;
    Rested rested;
    std::list<Key> keys;

    const Key* find(const KeyId& id)
    {
        const std::lock_guard guard(mutex);
        const auto known = [&] { return std::ranges::find(keys, id, &Key::id); };
        auto at = known();
        if (at == keys.end()) {
            for (Key& key : rested())
                if (std::ranges::find(keys, key.id, &Key::id) == keys.end())
                    keys.push_back(std::move(key));
            at = known();
        }
        return at == keys.end() ? nullptr : &*at;
    }
};

const Key* KeyRing::find(const KeyId& id) const
{
    const auto at = std::ranges::find(m_keys, id, &Key::id);
    if (at != m_keys.end())
        return &*at;
    return m_later ? m_later->find(id) : nullptr;
}

void KeyRing::lookAgainBy(Rested rested)
{
    m_later = std::make_shared<Later>();
    m_later->rested = std::move(rested);
}

Key* KeyRing::locate(const KeyId& id)
{
    const auto at = std::find_if(m_keys.begin(), m_keys.end(), [&](const Key& key) { return key.id == id; });
    return at == m_keys.end() ? nullptr : &*at;
}

const Key& KeyRing::add(KeyPurpose purpose, KeyOrigin origin, const Secret& secret, UtcTime created)
{
    for (Key& key : m_keys) {
        if (key.purpose == purpose)
            key.active = false;
    }
    Key* key = locate(keyIdOf(purpose, secret));
    if (key == nullptr)
        key = &m_keys.emplace_back(makeKey(purpose, origin, secret, created));
    key->active = true;
    return *key;
}

void KeyRing::merge(const KeyRing& other)
{
    for (const Key& theirs : other.m_keys) {
        const bool vacant = active(theirs.purpose) == nullptr;
        Key* key = locate(theirs.id);
        if (key == nullptr) {
            key = &m_keys.emplace_back(theirs);
            key->active = false;
        }
        if (vacant && theirs.active)
            key->active = true;
    }
}

Status KeyRing::take(Key key)
{
    if (m_keys.size() >= kMaxKeys)
        return fail(BaseErrc::TooLarge, "more than " + std::to_string(kMaxKeys) + " keys");
    if (locate(key.id) != nullptr)
        return fail(BaseErrc::Malformed, "key " + toHex(key.id) + " stands there twice");
    if (key.active && active(key.purpose) != nullptr)
        return fail(BaseErrc::Malformed, "two active keys of one purpose");
    m_keys.push_back(std::move(key));
    return {};
}

// Form: magic, count (2, big-endian), then for each key: purpose 1, origin 1, active 1, created [us] 8,
// id 16, secret 32. The id checks the secret.
Bytes KeyRing::serialize() const
{
    constexpr std::size_t kKeyBytes = 1 + 1 + 1 + 8 + 16 + Secret::kBytes;
    Bytes out;
    out.reserve(kRingMagic.size() + 2 + m_keys.size() * kKeyBytes); // no regrowth leaves secrets behind
    const auto put = [&](ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
    put(bytesOf(kRingMagic));
    std::array<std::byte, 8> number{};
    storeBe(number.data(), static_cast<std::uint16_t>(m_keys.size()));
    put(ByteView(number).first(2));
    for (const Key& key : m_keys) {
        out.push_back(static_cast<std::byte>(key.purpose));
        out.push_back(static_cast<std::byte>(key.origin));
        out.push_back(std::byte{key.active});
        storeBe(number.data(), static_cast<std::uint64_t>(key.created.time_since_epoch().count()));
        put(number);
        put(key.id);
        put(key.secret.bytes());
    }
    return out;
}

Result<KeyRing> KeyRing::parse(ByteView bytes)
{
    ByteReader reader(bytes);
    const std::string_view magic = textOf(reader.take(kRingMagic.size()));
    if (magic != kRingMagic) {
        if (magic.size() == 8 && magic.starts_with("SRRING") && magic[6] > '1' && magic[6] <= '9')
            return fail(CryptoErrc::NewerVersion, "key ring");
        return fail(BaseErrc::Malformed, "no key ring at offset 0");
    }
    const std::size_t count = reader.be<std::uint16_t>();
    if (count > kMaxKeys)
        return fail(BaseErrc::TooLarge, "more than " + std::to_string(kMaxKeys) + " keys");
    KeyRing ring;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string where = "key ring, key at offset " + std::to_string(reader.at());
        const auto purpose = static_cast<KeyPurpose>(reader.be<std::uint8_t>());
        const auto origin = static_cast<KeyOrigin>(reader.be<std::uint8_t>());
        const auto active = reader.be<std::uint8_t>();
        const auto created = static_cast<std::int64_t>(reader.be<std::uint64_t>());
        const ByteView id = reader.take(std::tuple_size_v<KeyId>);
        const ByteView secret = reader.take(Secret::kBytes);
        if (reader.failed())
            return fail(BaseErrc::Truncated, where);
        if (!known(purpose) || !known(origin) || active > 1 || created < 0 || created > kLastCreated)
            return fail(BaseErrc::Malformed, where);
        Key key =
            makeKey(purpose, origin, Secret(secret.first<Secret::kBytes>()), UtcTime(microseconds(created)));
        key.active = active == 1;
        if (!equalConstantTime(key.id, id))
            return fail(BaseErrc::Malformed, where + ", its id does not fit");
        if (auto taken = ring.take(std::move(key)); !taken)
            return taken.error();
    }
    if (reader.failed())
        return fail(BaseErrc::Truncated, "key ring");
    if (reader.remaining() != 0)
        return fail(BaseErrc::Malformed, "more after the key ring at offset " + std::to_string(reader.at()));
    return ring;
}

Result<Secret> keyFromPassphrase(std::string_view passphrase, std::string_view archiveId)
{
    if (passphrase.empty())
        return fail(BaseErrc::Malformed, "the passphrase is empty");
    std::array<std::byte, Secret::kBytes> bytes{};
    const WipeLater wiped(bytes);
    if (auto made = scrypt(passphrase, bytesOf(archiveId), ScryptCost{15, 8, 1}, bytes); !made)
        return made.error();
    return Secret(bytes);
}

Result<Secret> keyFromFileBytes(ByteView contents)
{
    constexpr std::size_t kLeast = 16; // 128 bits, if the file is random
    if (contents.size() < kLeast)
        return fail(BaseErrc::Malformed,
                    "a key file needs at least 16 octets, this has " + std::to_string(contents.size()));
    Sha256Hasher hasher;
    hasher.add(bytesOf("switchroom key file"));
    hasher.add(contents);
    Sha256 digest = hasher.finish();
    const WipeLater wiped(digest);
    return Secret(digest);
}

} // namespace sr::crypto
