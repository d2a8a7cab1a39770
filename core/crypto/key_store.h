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
    std::vector<std::string> formerPassphrases; ///< archives that are sealed under these go on being so
    Secret writerSeed;                          ///< Ed25519 seed of this machine's journal writer
    Secret settingsKey;                         ///< seals the settings file
    bool fresh = false; ///< made by this very load(): show the recovery passphrase to the person

    ~MachineSecrets(); ///< wipes
};

/// Loads, or makes at the first start (default key, passphrase, seeds). Two programs starting at once end
/// with one set. CryptoErrc::DamagedSecrets when the file is not whole: it is never replaced by a new one.
Result<MachineSecrets> loadOrCreateSecrets(const Path& configDir, const Clock& clock);
/// The same, but none are made: BaseErrc::NotFound.
Result<MachineSecrets> loadSecrets(const Path& configDir);
/// In clear, for a copy that is sealed by other means; the caller wipes it.
Bytes serializeSecrets(const MachineSecrets& secrets);
/// BaseErrc::Malformed, Truncated, CryptoErrc::NewerVersion.
Result<MachineSecrets> parseSecrets(ByteView bytes);
/// Replaces them atomically, mode 0600, under a lock against other programs. Keys and passphrases that
/// another program added meanwhile stay in the file as former ones: none is ever lost.
Status saveSecrets(const Path& configDir, const MachineSecrets& secrets);

/// Makes the words that open an archive's ring those of this machine too, for its next archives and for what
/// it writes into that one. The words before stay as former ones.
void adoptPassphrase(MachineSecrets& secrets, std::string_view typed);

/// Eight groups of five letters of an alphabet without look-alikes, drawn anew: 172 bits.
Result<std::string> makeRecoveryPassphrase();

/// The ring sealed under the recovery passphrase (scrypt + AES-256-GCM), for `<root>/TMP/keyring.sealed`. The
/// ids of its keys stand in clear before it, authenticated by the seal.
Result<Bytes> sealRing(const KeyRing& ring, std::string_view recoveryPassphrase);
/// CryptoErrc::WrongPassphrase (a wrong one and altered content cannot be told apart, and the sentence says
/// so), NotSealed, NewerVersion, BaseErrc::Malformed for a cost above `maxWork` [octets mixed by scrypt].
/// Case, spaces and dashes of a recovery passphrase do not matter.
Result<KeyRing> openSealedRing(ByteView sealed, std::string_view recoveryPassphrase,
                               std::uint64_t maxWork = 256ULL * 1024 * 1024);

struct OpenedRing {
    KeyRing ring;
    std::string passphrase; ///< of this machine's, the one that opened it
    ~OpenedRing();          ///< wipes
};
/// By any passphrase of this machine, the current one first.
Result<OpenedRing> openSealedRing(ByteView sealed, const MachineSecrets& secrets);
/// Whether the clear list names the key: no passphrase is needed, and nothing is proven.
bool sealedRingNames(ByteView sealed, const KeyId& id);

} // namespace sr::crypto
