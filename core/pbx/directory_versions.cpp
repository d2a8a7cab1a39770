// SPDX-License-Identifier: GPL-3.0-or-later
// From each version of the tables to the next; none of these steps changes any more.
#include "core/pbx/directory_versions.h"

namespace sr::pbx {
namespace {

Status createVersion1(store::Connection& connection, const crypto::FieldSeal& seal)
{
    for (const char* sql : {
             "CREATE TABLE exchange(id INTEGER PRIMARY KEY CHECK(id=1), realm TEXT NOT NULL,"
             " sealedRealm BLOB NOT NULL)",
             "CREATE TABLE objects(id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,"
             " name TEXT NOT NULL, number TEXT NOT NULL, longName TEXT NOT NULL)",
             "CREATE UNIQUE INDEX objects_by_name ON objects(name)",
             "CREATE UNIQUE INDEX objects_by_number ON objects(number) WHERE number<>''",
             "CREATE UNIQUE INDEX objects_by_longName ON objects(longName)",
             "CREATE TABLE credentials(object INTEGER PRIMARY KEY REFERENCES objects(id) ON DELETE CASCADE,"
             " sealed BLOB NOT NULL)",
             "CREATE TABLE groups(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE)",
             "CREATE TABLE members(object INTEGER NOT NULL REFERENCES objects(id) ON DELETE CASCADE,"
             " groupId INTEGER NOT NULL REFERENCES groups(id), PRIMARY KEY(object, groupId)) WITHOUT ROWID",
             "CREATE INDEX members_by_group ON members(groupId)",
         })
        if (const auto done = connection.run(sql); !done)
            return done.error();
    const auto sealed = seal.seal(bytesOf(kRealm), kRealmUid);
    if (!sealed)
        return sealed.error();
    auto statement = connection.prepare("INSERT INTO exchange VALUES(1,?,?)");
    return statement ? statement->bind(kRealm).bind(*sealed).run() : Status(statement.error());
}

Status createVersion2(store::Connection& connection)
{
    for (const char* column : {"record INTEGER NOT NULL DEFAULT 1", "cfu TEXT NOT NULL DEFAULT ''",
                               "cfb TEXT NOT NULL DEFAULT ''", "cfnr TEXT NOT NULL DEFAULT ''"})
        if (const auto done = connection.run(std::string("ALTER TABLE objects ADD COLUMN ") + column); !done)
            return done.error();
    return {};
}

/// Objects of every kind: nodes, devices, settings, and forwards with conditions.
Status createVersion3(store::Connection& connection)
{
    const std::string object = "object INTEGER NOT NULL REFERENCES objects(id) ON DELETE CASCADE";
    for (const std::string& sql : {
             std::string("ALTER TABLE objects ADD COLUMN node TEXT NOT NULL DEFAULT ''"),
             std::string("DROP INDEX objects_by_number"),
             std::string("CREATE UNIQUE INDEX objects_by_number ON objects(node, number) WHERE number<>''"),
             std::string("ALTER TABLE members ADD COLUMN active INTEGER NOT NULL DEFAULT 0"),
             std::string("ALTER TABLE members ADD COLUMN dynamic INTEGER NOT NULL DEFAULT 0"),
             std::string("ALTER TABLE members ADD COLUMN joined INTEGER NOT NULL DEFAULT 1"),
             "CREATE TABLE diversions(" + object +
                 ", position INTEGER NOT NULL, type INTEGER NOT NULL, target TEXT NOT NULL,"
                 " boolean TEXT NOT NULL DEFAULT '', unless INTEGER NOT NULL DEFAULT 0,"
                 " filter INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(object, position)) WITHOUT ROWID",
             "CREATE TABLE callers(" + object +
                 ", diversion INTEGER NOT NULL, position INTEGER NOT NULL, external INTEGER NOT NULL,"
                 " number TEXT NOT NULL, name TEXT NOT NULL,"
                 " PRIMARY KEY(object, diversion, position)) WITHOUT ROWID",
             "CREATE TABLE devices(" + object +
                 ", position INTEGER NOT NULL, hardware TEXT NOT NULL, text TEXT NOT NULL,"
                 " PRIMARY KEY(object, position)) WITHOUT ROWID",
             "CREATE TABLE settings(" + object +
                 ", key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(object, key)) WITHOUT ROWID",
         })
        if (const auto done = connection.run(sql); !done)
            return done.error();
    const char* columns[] = {"cfu", "cfb", "cfnr"}; // in the order of Diversion::Type
    for (int type = 0; type < 3; ++type) {
        const std::string column = columns[type];
        const std::string number = std::to_string(type);
        for (const std::string& sql :
             {"INSERT INTO diversions(object, position, type, target) SELECT id, " + number + ", " + number +
                  ", " + column + " FROM objects WHERE " + column + "<>''",
              "ALTER TABLE objects DROP COLUMN " + column})
            if (const auto done = connection.run(sql); !done)
                return done.error();
    }
    return {};
}

/// Telephones whose calls are written elsewhere, too.
Status createVersion4(store::Connection& connection)
{
    return connection.run("ALTER TABLE devices ADD COLUMN recordTo TEXT NOT NULL DEFAULT ''");
}

/// Forwards for calls that somebody has forwarded before, and contact lists.
Status createVersion5(store::Connection& connection)
{
    const std::string object = "object INTEGER NOT NULL REFERENCES objects(id) ON DELETE CASCADE";
    for (const std::string& sql :
         {std::string("ALTER TABLE callers ADD COLUMN forwarded INTEGER NOT NULL DEFAULT 0"),
          "CREATE TABLE profiles(" + object +
              ", position INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY(object, position)) WITHOUT ROWID",
          "CREATE TABLE contacts(" + object +
              ", profile INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,"
              " number TEXT NOT NULL, display TEXT NOT NULL, external INTEGER NOT NULL,"
              " presence INTEGER NOT NULL, dialog INTEGER NOT NULL,"
              " PRIMARY KEY(object, profile, position)) WITHOUT ROWID"})
        if (const auto done = connection.run(sql); !done)
            return done.error();
    return {};
}

} // namespace

std::vector<store::Migration> directoryVersions(const crypto::FieldSeal& seal)
{
    return {[seal](store::Connection& connection) { return createVersion1(connection, seal); },
            &createVersion2, &createVersion3, &createVersion4, &createVersion5};
}

} // namespace sr::pbx
