// SPDX-License-Identifier: GPL-3.0-or-later
// The secrets file of a machine: made once, replaced atomically, checked before it is believed.
#include "core/crypto/key_store.h"

#include "core/base/secret_box.h"
#include "core/crypto/digest.h"
#include "core/crypto/file_lock.h"
#include "core/crypto/wipe.h"

#include <algorithm>

namespace sr::crypto {
namespace {

constexpr std::string_view kMagic = "SRKEYF2\n";
constexpr std::string_view kFirstMagic = "SRKEYF1\n";      // without former passphrases
constexpr std::uint64_t kMaxFileBytes = 1024 * 1024;       // more than a full ring
constexpr std::size_t kMaxWordBytes = 255, kMaxWords = 64; // chosen: archives of 64 machines

Path keysDir(const Path& configDir)
{
    return configDir / "keys";
}
Path secretsPath(const Path& configDir)
{
    return keysDir(configDir) / "secrets";
}

// Form: magic, length of the ring (4, big-endian), ring, count of passphrases (1), each with its length (1)
// before it, the current one first, writer seed 32, settings key 32, SHA-256 of all before.
Bytes serialize(const MachineSecrets& secrets)
{
    Bytes ringBytes = secrets.ring.serialize();
    const WipeLater wiped(ringBytes);
    Bytes out;
    // No regrowth leaves secrets behind.
    out.reserve(kMagic.size() + ringBytes.size() + 256 + (kMaxWords + 1) * (kMaxWordBytes + 1));
    const auto put = [&](ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
    put(bytesOf(kMagic));
    std::array<std::byte, 4> length{};
    storeBe(length.data(), static_cast<std::uint32_t>(ringBytes.size()));
    put(length);
    put(ringBytes);
    const auto putWords = [&](const std::string& words) {
        out.push_back(static_cast<std::byte>(words.size()));
        put(bytesOf(words));
    };
    out.push_back(static_cast<std::byte>(1 + secrets.formerPassphrases.size()));
    putWords(secrets.recoveryPassphrase);
    for (const std::string& words : secrets.formerPassphrases)
        putWords(words);
    put(secrets.writerSeed.bytes());
    put(secrets.settingsKey.bytes());
    put(sha256(out));
    return out;
}

Result<MachineSecrets> parse(ByteView bytes)
{
    ByteReader reader(bytes);
    const std::string_view magic = textOf(reader.take(kMagic.size()));
    if (magic != kMagic && magic != kFirstMagic) {
        if (magic.size() == 8 && magic.starts_with("SRKEYF") && magic[6] > '2' && magic[6] <= '9')
            return fail(CryptoErrc::NewerVersion, "secrets file");
        return fail(BaseErrc::Malformed, "no secrets file");
    }
    const std::size_t ringBytes = reader.be<std::uint32_t>();
    const ByteView ring = reader.take(ringBytes);
    MachineSecrets secrets;
    const std::size_t count = magic == kMagic ? reader.be<std::uint8_t>() : 1;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t length = reader.be<std::uint8_t>();
        const std::string_view words = textOf(reader.take(length));
        if (i == 0)
            secrets.recoveryPassphrase = words;
        else
            secrets.formerPassphrases.emplace_back(words);
    }
    const ByteView seed = reader.take(Secret::kBytes);
    const ByteView settings = reader.take(Secret::kBytes);
    const std::size_t checked = reader.at();
    const ByteView digest = reader.take(std::tuple_size_v<Sha256>);
    if (reader.failed() || reader.remaining() != 0)
        return fail(BaseErrc::Truncated, "secrets file");
    if (!equalConstantTime(sha256(bytes.first(checked)), digest))
        return fail(BaseErrc::Malformed, "secrets file, its check sum does not fit");
    auto keys = KeyRing::parse(ring);
    if (!keys)
        return keys.error();
    secrets.ring = std::move(*keys);
    secrets.writerSeed = Secret(seed.first<Secret::kBytes>());
    secrets.settingsKey = Secret(settings.first<Secret::kBytes>());
    return secrets;
}

Result<MachineSecrets> load(const Path& configDir)
{
    auto stored = readFile(secretsPath(configDir), kMaxFileBytes);
    if (!stored)
        return stored.error();
    const WipeLater wipedToo(*stored); // on POSIX the secrets themselves
    auto bytes = unprotectForMachine(*stored);
    if (!bytes)
        return bytes.error();
    const WipeLater wiped(*bytes);
    auto secrets = parse(*bytes);
    if (!secrets && secrets.error().code == CryptoErrc::NewerVersion)
        return Error{secrets.error().code, utf8Of(secretsPath(configDir))};
    if (!secrets)
        return fail(CryptoErrc::DamagedSecrets,
                    utf8Of(secretsPath(configDir)) + " (" + secrets.error().context + ")");
    // A copy or an old umask may have let others in; where it cannot be mended, the keys still work.
    (void)makePrivate(keysDir(configDir));
    (void)makePrivate(secretsPath(configDir));
    return secrets;
}

Status store(const Path& configDir, const MachineSecrets& secrets)
{
    bool fits = secrets.recoveryPassphrase.size() <= kMaxWordBytes;
    for (const std::string& words : secrets.formerPassphrases)
        fits = fits && words.size() <= kMaxWordBytes;
    if (!fits || secrets.formerPassphrases.size() > kMaxWords)
        return fail(BaseErrc::TooLarge, "recovery passphrase");
    Bytes bytes = serialize(secrets);
    const WipeLater wiped(bytes);
    auto stored = protectForMachine(bytes);
    if (!stored)
        return stored.error();
    const WipeLater wipedToo(*stored); // the same octets where the system seals nothing
    // What could not be read back would lose every key.
    auto opened = unprotectForMachine(*stored);
    if (!opened)
        return opened.error();
    const WipeLater wipedAgain(*opened);
    if (auto again = parse(*opened); !again)
        return again.error();
    return writeFileAtomic(secretsPath(configDir), *stored, true);
}

/// Passphrases of `from` that `to` lacks become former ones of it.
void keepPassphrases(const MachineSecrets& from, MachineSecrets& to)
{
    const auto keep = [&](const std::string& words) {
        if (words != to.recoveryPassphrase &&
            std::ranges::find(to.formerPassphrases, words) == to.formerPassphrases.end())
            to.formerPassphrases.push_back(words);
    };
    keep(from.recoveryPassphrase);
    for (const std::string& words : from.formerPassphrases)
        keep(words);
}

Result<std::unique_ptr<File>> lockKeys(const Path& configDir)
{
    if (auto made = makeDirs(keysDir(configDir)); !made)
        return made.error();
    return waitForLock(keysDir(configDir) / "lock");
}

Result<MachineSecrets> generate(const Clock& clock)
{
    auto ring = KeyRing::generate(clock);
    if (!ring)
        return ring.error();
    auto passphrase = makeRecoveryPassphrase();
    if (!passphrase)
        return passphrase.error();
    const auto seed = Secret::random();
    if (!seed)
        return seed.error();
    const auto settings = Secret::random();
    if (!settings)
        return settings.error();
    MachineSecrets secrets;
    secrets.ring = std::move(*ring);
    secrets.recoveryPassphrase = *passphrase;
    wipe(*passphrase);
    secrets.writerSeed = *seed;
    secrets.settingsKey = *settings;
    return secrets;
}

} // namespace

MachineSecrets::~MachineSecrets()
{
    wipe(recoveryPassphrase);
    for (std::string& words : formerPassphrases)
        wipe(words);
}

namespace {

Result<MachineSecrets> loadOrMake(const Path& configDir, const Clock& clock)
{
    auto there = load(configDir);
    if (there || there.error().code != BaseErrc::NotFound)
        return there;
    const auto lock = lockKeys(configDir);
    if (!lock)
        return lock.error();
    there = load(configDir); // another program may have been first
    if (there || there.error().code != BaseErrc::NotFound)
        return there;
    auto made = generate(clock);
    if (!made)
        return made;
    if (auto stored = store(configDir, *made); !stored)
        return stored.error();
    made->fresh = true;
    return made;
}

} // namespace

Result<MachineSecrets> loadOrCreateSecrets(const Path& configDir, const Clock& clock)
{
    auto secrets = loadOrMake(configDir, clock);
    if (secrets)
        secrets->ring.lookAgainBy([configDir] {
            const auto now = load(configDir);
            return now ? now->ring.keys() : std::vector<Key>();
        });
    return secrets;
}

Result<MachineSecrets> loadSecrets(const Path& configDir)
{
    return load(configDir);
}

Bytes serializeSecrets(const MachineSecrets& secrets)
{
    return serialize(secrets);
}

Result<MachineSecrets> parseSecrets(ByteView bytes)
{
    return parse(bytes);
}

Status saveSecrets(const Path& configDir, const MachineSecrets& secrets)
{
    const auto lock = lockKeys(configDir);
    if (!lock)
        return lock.error();
    MachineSecrets all = secrets;
    const auto there = load(configDir);
    if (!there && there.error().code != BaseErrc::NotFound)
        return there.error(); // damaged or newer: not ours to replace
    if (there) {
        all.ring.merge(there->ring);
        keepPassphrases(*there, all);
    }
    return store(configDir, all);
}

} // namespace sr::crypto
