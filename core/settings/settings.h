// SPDX-License-Identifier: GPL-3.0-or-later
// The settings of one `--config` folder: typed values over `<config>/settings.xml`, sealed by the machine's
// settings key. What a newer or foreign program put there survives.
#pragma once

#include "core/crypto/key_store.h"
#include "core/settings/definitions.h"
#include "core/settings/settings_xml.h"

#include <memory>
#include <optional>

namespace sr::settings {

/// One thread at a time. Changes live in memory until save().
class Settings {
public:
    /// All defaults if there is no file. Errors: crypto's NotSealed, UnknownKey, Altered, NewerVersion,
    /// SettingsErrc::Malformed; the file is left as it is.
    static Result<std::unique_ptr<Settings>> open(const Path& configDir,
                                                  const crypto::MachineSecrets& secrets);
    ~Settings();
    Settings(const Settings&) = delete;
    Settings& operator=(const Settings&) = delete;

    // typed; a stored value that no longer fits reads as the default
    bool get(Setting<bool> setting) const;
    int get(Setting<int> setting) const;
    QString get(Setting<QString> setting) const;
    Status set(Setting<bool> setting, bool value);
    Status set(Setting<int> setting, int value);
    Status set(Setting<QString> setting, const QString& value);

    // as text, for people and scripts
    /// The value in force; of a secret only `(set)` or nothing. UnknownKey.
    Result<QString> text(const QString& key) const;
    /// UnknownKey or BadValue with a sentence. A password is hashed (takes about a tenth of a second).
    Status setText(const QString& key, const QString& value);
    Status reset(const QString& key); ///< back to the default
    bool isDefault(const QString& key) const;

    /// Known settings that differ from their default, without secrets, and without keys this program does not
    /// know, as those might be secret.
    QByteArray exportXml() const;
    /// All or nothing: any unknown key or bad value leaves everything as it was. A password stands there in
    /// clear.
    Status importXml(const QByteArray& xml);

    bool hasSetupPassword() const;
    /// False while none is set: the caller decides what the first use may do.
    bool checkSetupPassword(std::string_view password) const;
    Status setSetupPassword(std::string_view password);

    /// Writes what changed here over what the file holds by now, under a lock, atomically. Blocks on the
    /// disk.
    Status save();

private:
    Settings(Path path, Path lockPath, const crypto::Secret& key);
    Result<Values> load() const;
    QString stored(const Definition& definition) const;
    void change(const Definition& definition, std::optional<QString> value);

    Path m_path;
    Path m_lockPath;
    crypto::KeyRing m_ring; ///< the settings key alone
    Values m_values;
    std::map<QString, std::optional<QString>> m_changes; ///< since the last save(); nothing = back to default
};

} // namespace sr::settings
