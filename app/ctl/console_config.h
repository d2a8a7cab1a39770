// SPDX-License-Identifier: GPL-3.0-or-later
// `config show|add|change|rem|write|activate` of the console: settings, changed in memory until written.
#pragma once

#include "app/ctl/command.h"
#include "core/settings/settings.h"

namespace sr::ctl {

/// The settings of one console. One thread.
class ConsoleConfig {
public:
    explicit ConsoleConfig(Path configDir)
        : m_configDir(std::move(configDir))
    {}
    /// `words` behind `config`. Answers in words; the exit code.
    int run(const QStringList& words);
    bool unwritten() const { return m_changed; }

private:
    settings::Settings* open(); ///< says in words why not
    int show();
    int add(const QStringList& words);
    int change(const QStringList& words);
    int remove(const QStringList& words);
    int write();
    int activate();
    int staged(const Status& changed, const QString& key);

    Path m_configDir;
    std::unique_ptr<settings::Settings> m_settings; ///< while m_changed; else read anew, as others write too
    bool m_changed = false;
};

} // namespace sr::ctl
