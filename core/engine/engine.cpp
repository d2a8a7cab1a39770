// SPDX-License-Identifier: GPL-3.0-or-later
// Assembling the facade.
#include "core/engine/engine.h"

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

} // namespace sr::engine
