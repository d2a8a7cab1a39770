// SPDX-License-Identifier: GPL-3.0-or-later
// The key ring: archive keys that wrap the data key of every sealed file, and integrity keys that sign
// sidecars and journals. Former keys stay, so that nothing becomes unreadable (design.md, Keys; decisions.md
// 20).
#pragma once

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/crypto/errors.h"

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sr::crypto {

using KeyId = std::array<std::byte, 16>; ///< first 16 octets of SHA-256 over purpose and secret

/// 32 secret octets, wiped when they die. Never logged.
class Secret {
public:
    static constexpr std::size_t kBytes = 32;
    Secret() = default;
    explicit Secret(std::span<const std::byte, kBytes> bytes);
    static Result<Secret> random();
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    ~Secret();
    std::span<const std::byte, kBytes> bytes() const { return m_bytes; }

private:
    std::array<std::byte, kBytes> m_bytes{};
};

enum class KeyPurpose : std::uint8_t {
    Archive = 1,   ///< wraps data keys
    Integrity = 2, ///< HMAC of sidecars and journals; never changes for old files
};

enum class KeyOrigin : std::uint8_t { Default = 1, Passphrase = 2, KeyFile = 3, Rotation = 4, Imported = 5 };

struct Key {
    KeyId id{};
    KeyPurpose purpose = KeyPurpose::Archive;
    KeyOrigin origin = KeyOrigin::Default;
    bool active = false; ///< new files use it; exactly one active key a purpose
    UtcTime created{};
    Secret secret;
};

/// A whole key of a secret, not active: its id is derived.
Key makeKey(KeyPurpose purpose, KeyOrigin origin, const Secret& secret, UtcTime created);

constexpr std::size_t kMaxKeys = 4096; ///< of a ring; chosen: a rotation a day for eleven years

/// Value class; copies are deep. find() from any thread, else any one thread at a time. An id stands in it
/// once, and at most one key of a purpose is active.
class KeyRing {
public:
    /// One random archive key and one random integrity key, both active.
    static Result<KeyRing> generate(const Clock& clock);

    const Key* active(KeyPurpose purpose) const;
    /// Also one that another program of this machine added meanwhile, if lookAgainBy() was told where.
    const Key* find(const KeyId& id) const;
    /// Reads the ring where it rests; asked before a key is called unknown, under a lock. Copies share it.
    using Rested = std::function<std::vector<Key>()>;
    void lookAgainBy(Rested rested);
    const std::vector<Key>& keys() const { return m_keys; }

    /// Adds a key and makes it the active one of its purpose; a key that is there already only becomes
    /// active.
    const Key& add(KeyPurpose purpose, KeyOrigin origin, const Secret& secret, UtcTime created);
    /// Takes over every key of `other` that is missing here, as a former key; where this ring has no active
    /// key of a purpose, the active one of `other` becomes it.
    void merge(const KeyRing& other);

    /// Binary form, versioned; holds secrets in clear and so is only ever written 0600 or sealed. The caller
    /// wipes it (wipe.h).
    Bytes serialize() const;
    /// BaseErrc::Malformed or Truncated with the offset, CryptoErrc::NewerVersion.
    static Result<KeyRing> parse(ByteView bytes);

    /// `key export`: one key a line, `archive|integrity <id> active|former <origin> <created> <secret>`, ids
    /// and secrets in hex.
    std::string exportText() const;
    /// Empty lines and those that begin with `#` are skipped. BaseErrc::Malformed names the line, never the
    /// secret.
    static Result<KeyRing> parseExport(std::string_view text);

private:
    Key* locate(const KeyId& id);
    Status take(Key key); ///< refuses a second key of an id, a second active one, a full ring
    struct Later;
    std::vector<Key> m_keys;
    std::shared_ptr<Later> m_later; ///< null: what is not here is unknown
};

/// Id of a secret: SHA-256("switchroom key " + purpose octet + secret), first 16 octets.
KeyId keyIdOf(KeyPurpose purpose, const Secret& secret);

/// Customer key from words: scrypt (N 2^15, r 8, p 1), salt = the archive id, so recorder and player derive
/// the same key.
Result<Secret> keyFromPassphrase(std::string_view passphrase, std::string_view archiveId);
/// Customer key from a file of any kind, at least 16 octets: SHA-256 of "switchroom key file" and its bytes.
Result<Secret> keyFromFileBytes(ByteView contents);

} // namespace sr::crypto
