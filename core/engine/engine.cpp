// SPDX-License-Identifier: GPL-3.0-or-later
// Assembling the facade, and where its settings live by default.
#include "core/engine/engine.h"

#include <QFileInfo>
#include <QTemporaryFile>

namespace sr::engine {

Result<std::unique_ptr<Engine>> Engine::open(const EngineOptions& options, const Clock& clock)
{
    std::unique_ptr<Engine> engine(new Engine);
    engine->m_configDir = options.configDir.empty() ? defaultConfigDir() : options.configDir;
    if (options.archiveRoot.empty())
        return fail(archive::ArchiveErrc::NotAnArchive, "no archive was named");
    auto secrets = crypto::loadOrCreateSecrets(engine->m_configDir, clock);
    if (!secrets)
        return secrets.error();
    engine->m_secrets = std::move(*secrets);
    archive::ArchiveOptions archiveOptions;
    archiveOptions.configDir = engine->m_configDir;
    archiveOptions.create = options.createArchive;
    archiveOptions.timeZone = options.timeZone;
    auto archive = archive::Archive::open(options.archiveRoot, archiveOptions, engine->m_secrets, clock);
    if (!archive)
        return archive.error();
    engine->m_archive = std::move(*archive);
    return engine;
}

Result<crypto::KeyId> Engine::addKey(crypto::KeyOrigin origin, const crypto::Secret& secret,
                                     const Clock& clock)
{
    crypto::MachineSecrets changed = m_secrets;
    const auto id = changed.ring.add(crypto::KeyPurpose::Archive, origin, secret, clock.utcNow()).id;
    if (auto held = m_archive->saveSealedRing(changed.ring); !held)
        return held.error();
    if (auto saved = crypto::saveSecrets(m_configDir, changed); !saved)
        return saved.error();
    m_secrets.ring = changed.ring;
    return id;
}

namespace {

/// A folder from the environment, empty if it is not set to an absolute path.
Path folderOf(const char* variable)
{
    const auto value = qEnvironmentVariable(variable);
    const Path path = value.isEmpty() ? Path() : pathOf(value.toStdString());
    return path.is_absolute() ? path : Path();
}

#ifndef _WIN32
/// What root makes belongs to root: told without a system call outside core/base.
bool runsAsRoot()
{
    QTemporaryFile mine;
    return mine.open() && QFileInfo(mine).ownerId() == 0;
}
#endif

} // namespace

Path defaultConfigDir()
{
#ifdef _WIN32
    const Path roaming = folderOf("APPDATA");
    const Path common = folderOf("PROGRAMDATA");
    return (roaming.empty() ? common : roaming) / "Switchroom";
#else
    // A variable is set on purpose, also for root; without one root and services share the machine's folder.
    if (const Path xdg = folderOf("XDG_CONFIG_HOME"); !xdg.empty())
        return xdg / "switchroom";
    if (runsAsRoot())
        return "/etc/switchroom";
    const Path home = folderOf("HOME");
    return home.empty() ? Path("/etc/switchroom") : home / ".config" / "switchroom";
#endif
}

} // namespace sr::engine
