// SPDX-License-Identifier: GPL-3.0-or-later
// The facade that every shell talks to: opens the machine's secrets and an archive; later calls, users and
// rights.
#pragma once

#include "core/archive/archive.h"
#include "core/base/clock.h"
#include "core/crypto/key_store.h"

#include <memory>

namespace sr::engine {

struct EngineOptions {
    Path configDir; ///< empty: the platform's default
    Path archiveRoot;
    bool createArchive = false;
    std::string timeZone; ///< for a new archive; empty: the machine's
};

/// Owns secrets and archive. Opened on any thread (catching up with a large archive takes its time) and used
/// from one at a time; archive() is for any thread.
class Engine {
public:
    static Result<std::unique_ptr<Engine>> open(const EngineOptions& options, const Clock& clock);
    archive::Archive& archive() { return *m_archive; }
    const crypto::MachineSecrets& secrets() const { return m_secrets; }
    /// A new archive key, active from now on. Brought into the archive's sealed ring first, then into the
    /// machine's: where either cannot be written, the machine's stays as it is. No other thread uses the
    /// archive meanwhile. Its id.
    Result<crypto::KeyId> addKey(crypto::KeyOrigin origin, const crypto::Secret& secret, const Clock& clock);
    const Path& configDir() const { return m_configDir; }

private:
    Engine() = default;
    Path m_configDir;
    crypto::MachineSecrets m_secrets;
    std::unique_ptr<archive::Archive> m_archive;
};

/// In `<config>`, locked by the service that runs there.
inline constexpr const char* kServiceLockName = "switchroomd.lock";
inline constexpr const char* kLogFolder = "log"; ///< in the configuration folder
/// There; what the service has written when it crashed (base/crash_note.h).
inline constexpr const char* kCrashNotesName = "crashes.txt";

/// `$XDG_CONFIG_HOME/switchroom` or `%APPDATA%/Switchroom`; for root and services `/etc/switchroom`,
/// `%PROGRAMDATA%/Switchroom`.
Path defaultConfigDir();

} // namespace sr::engine
