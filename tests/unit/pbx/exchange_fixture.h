// SPDX-License-Identifier: GPL-3.0-or-later
// A `--config` folder with users, for the tests of this folder.
#pragma once

#include "core/pbx/directory_store.h"
#include "core/store/database.h"

#include <QTemporaryDir>

namespace sr::test {

/// What another program, or a hand, does to the database without our rules.
inline bool tamper(const Path& file, const std::string& sql)
{
    store::DatabaseOptions options;
    options.file = file;
    options.applicationId = 0x53525831;
    const auto nothing = [](store::Connection&) { return Status{}; };
    options.migrations = {nothing, nothing, nothing, nothing, nothing}; // as many as the schema has versions
    const auto database = store::Database::open(options);
    const auto connection = database ? (*database)->connection() : database.error();
    return connection && (*connection)->run(sql);
}

class ExchangeFixture {
public:
    ExchangeFixture() { secrets.settingsKey = crypto::Secret::random().value(); }

    Path config() const { return pathOf(m_dir.filePath(QStringLiteral("Büro/config")).toStdString()); }
    Path file() const { return config() / "exchange.sqlite"; }
    std::unique_ptr<pbx::DirectoryStore> open() const
    {
        auto store = pbx::DirectoryStore::open(config(), secrets);
        if (!store)
            qFatal("%s", store.error().text().c_str());
        return std::move(store).value();
    }
    /// A user of the store's realm whose password is `secret of NAME`.
    static pbx::User user(const pbx::DirectoryStore& store, const std::string& name,
                          const std::string& number = {}, std::vector<pbx::Membership> groups = {})
    {
        return {name, number, {}, std::move(groups), store.secretFor(name, "secret of " + name)};
    }
    bool tamper(const std::string& sql) const { return test::tamper(file(), sql); }

    crypto::MachineSecrets secrets;

private:
    QTemporaryDir m_dir;
};

} // namespace sr::test
