// SPDX-License-Identifier: GPL-3.0-or-later
// Where secrets rest on this machine: `<config>/keys`, mode 0600 (design.md, Keys), and their sealed copy in
// the archive.
#pragma once

#include "core/base/file.h"
#include "core/crypto/key_ring.h"

namespace sr::crypto {

/// What `<config>/keys/secrets` holds besides the ring.
struct MachineSecrets {
    KeyRing ring;
    std::string recoveryPassphrase; ///< opens `<root>/TMP/keyring.sealed` on an empty machine; eight groups
                                    ///< of five letters
    Secret writerSeed;              ///< Ed25519 seed of this machine's journal writer
    Secret settingsKey;             ///< seals the settings file
    bool fresh = false;             ///< made by this very load(): show the recovery passphrase to the person
};

/// Loads, or makes at the first start (default key, passphrase, seeds). Two programs starting at once end
/// with one set.
Result<MachineSecrets> loadOrCreateSecrets(const Path& configDir, const Clock& clock);
/// Replaces them atomically, mode 0600, under a lock against other programs.
Status saveSecrets(const Path& configDir, const MachineSecrets& secrets);

/// The ring sealed under the recovery passphrase (scrypt + AES-256-GCM), for `<root>/TMP/keyring.sealed`.
Result<Bytes> sealRing(const KeyRing& ring, std::string_view recoveryPassphrase);
/// CryptoErrc::WrongPassphrase or Altered (they cannot be told apart and the sentence says so).
Result<KeyRing> openSealedRing(ByteView sealed, std::string_view recoveryPassphrase);

} // namespace sr::crypto
