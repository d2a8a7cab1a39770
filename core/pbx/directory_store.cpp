// SPDX-License-Identifier: GPL-3.0-or-later
// Transactions over the tables of directory_schema.
#include "core/pbx/directory_store.h"

#include "core/pbx/directory_schema.h"
#include "core/pbx/feature_codes.h"

#include <algorithm>

namespace sr::pbx {
namespace {

using store::Transaction;

/// Private before SQLite writes into it: its journal takes over the mode. An empty file is a new database.
Status makeFile(const Path& file)
{
    if (auto made = makeDirs(file.parent_path()); !made)
        return made;
    const auto fresh = File::open(file, OpenMode::CreateNew);
    if (!fresh && fresh.error().code == BaseErrc::Exists)
        return {};
    return fresh ? makePrivate(file) : Status(fresh.error());
}

void changeTexts(Object& after, const ObjectChange& change)
{
    const bool followed = after.longName == after.name;
    after.name = change.name.value_or(after.name);
    after.number = change.number.value_or(after.number);
    if (followed)
        after.longName = after.name;
    after.longName = change.longName.value_or(after.longName);
    if (after.longName.empty())
        after.longName = after.name;
    after.record = change.record.value_or(after.record);
    after.node = change.node.value_or(after.node);
}

/// What the object has several of.
void changeLists(Object& after, const ObjectChange& change)
{
    if (change.groups)
        after.groups = *change.groups;
    if (change.devices)
        after.devices = *change.devices;
    if (change.diversions)
        after.diversions = *change.diversions;
    if (change.profiles)
        after.profiles = *change.profiles;
    using Type = Diversion::Type;
    for (const auto& [type, to] :
         {std::pair(Type::Always, &change.forwardAlways), std::pair(Type::Busy, &change.forwardBusy),
          std::pair(Type::NoAnswer, &change.forwardNoAnswer)})
        if (*to)
            setPlainDiversion(after, type, **to);
    for (const auto& [key, value] : change.settings) {
        if (value.empty())
            after.settings.erase(key);
        else
            after.settings[key] = value;
    }
}

/// The object as it is after the change.
Result<Object> changed(const ObjectRow& row, const ObjectChange& change, const DirectoryStore& store)
{
    const Object& before = row.object;
    Object after = before;
    changeTexts(after, change);
    changeLists(after, change);
    if (after.name != before.name && !change.password && row.hasSecret)
        return fail(PbxErrc::PasswordNeeded, before.name);
    if (change.password && change.password->empty())
        return fail(PbxErrc::NoPassword, before.name);
    if (change.password && after.kind == Kind::Trunk)
        after.login = *change.password;
    else if (change.password)
        after.secret = store.secretFor(after.name, *change.password);
    return after;
}

/// All but the secret and the row itself; only what differs is written.
Status writeLists(store::Connection& connection, std::int64_t id, const Object& before, const Object& after)
{
    if (after.diversions != before.diversions)
        if (auto done = writeDiversions(connection, id, after.diversions); !done)
            return done;
    if (after.devices != before.devices)
        if (auto done = writeDevices(connection, id, after.devices); !done)
            return done;
    if (after.profiles != before.profiles)
        if (auto done = writeProfiles(connection, id, after.profiles); !done)
            return done;
    if (after.settings != before.settings)
        if (auto done = writeSettings(connection, id, after.settings); !done)
            return done;
    if (after.groups == before.groups)
        return {};
    if (auto done = writeGroups(connection, id, after.groups); !done)
        return done;
    return eraseEmptyGroups(connection);
}

/// What SQLite keeps beside a database while it is open has the rights of the folder on Windows, not the
/// file's.
Status protectJournal(const Path& file)
{
    for (const char* suffix : {"-wal", "-shm"}) {
        Path beside = file;
        beside += suffix;
        if (const auto done = makePrivate(beside); !done && done.error().code != BaseErrc::NotFound)
            return done;
    }
    return {};
}

} // namespace

struct DirectoryStore::Impl {
    std::unique_ptr<store::Database> database;
    crypto::FieldSeal seal;
    std::string realm;

    /// One write transaction around `change`, which nobody sees unless it succeeds.
    template <typename Change>
    Status write(Change change) const
    {
        const auto connection = database->connection();
        if (!connection)
            return connection.error();
        auto transaction = Transaction::begin(**connection, Transaction::Mode::Write);
        if (!transaction)
            return transaction.error();
        if (const Status done = change(**connection); !done)
            return done.error();
        return transaction->commit();
    }
};

DirectoryStore::DirectoryStore(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}
DirectoryStore::~DirectoryStore() = default;

Result<std::unique_ptr<DirectoryStore>> DirectoryStore::open(const Path& configDir,
                                                             const crypto::MachineSecrets& secrets)
{
    const Path file = configDir / "exchange.sqlite";
    if (auto made = makeFile(file); !made)
        return made.error();
    auto seal = credentialSeal(secrets.settingsKey);
    if (!seal)
        return seal.error();
    auto database = store::Database::open(exchangeOptions(file, *seal));
    if (!database)
        return database.error();
    const auto connection = (*database)->connection();
    if (!connection)
        return connection.error();
    auto realm = readRealm(**connection, *seal);
    if (!realm && realm.error().context.empty())
        return Error{realm.error().code, utf8Of(file)};
    if (!realm)
        return Error{realm.error().code, utf8Of(file) + ": " + realm.error().context};
    if (auto done = protectJournal(file); !done)
        return done.error();
    return std::unique_ptr<DirectoryStore>(
        new DirectoryStore(std::make_unique<Impl>(Impl{std::move(*database), *seal, std::move(*realm)})));
}

const std::string& DirectoryStore::realm() const
{
    return m_impl->realm;
}

sip::DigestSecret DirectoryStore::secretFor(std::string_view name, std::string_view password) const
{
    return password.empty() ? sip::DigestSecret{} : sip::digestSecret(name, m_impl->realm, password);
}

Result<std::shared_ptr<const Directory>> DirectoryStore::read() const
{
    const auto connection = m_impl->database->connection();
    if (!connection)
        return connection.error();
    const auto transaction = Transaction::begin(**connection, Transaction::Mode::Read);
    if (!transaction)
        return transaction.error();
    auto all = readObjects(**connection, m_impl->seal);
    if (!all)
        return all.error();
    return std::make_shared<const Directory>(m_impl->realm, std::move(all->objects), std::move(all->refused));
}

Result<std::int64_t> DirectoryStore::version() const
{
    const auto connection = m_impl->database->connection();
    if (!connection)
        return connection.error();
    return (*connection)->number("PRAGMA data_version");
}

Status DirectoryStore::add(Object object)
{
    if (object.longName.empty())
        object.longName = object.name;
    if (auto good = check(object); !good)
        return good;
    return m_impl->write([&](store::Connection& connection) -> Status {
        if (auto good = checkFree(connection, 0, object); !good)
            return good;
        if (auto good = checkNode(connection, object); !good)
            return good;
        const auto id = insertObject(connection, object);
        if (!id)
            return id.error();
        if (!object.secret.empty() || !object.login.empty())
            if (auto done = writeSecret(connection, m_impl->seal, *id, object); !done)
                return done;
        return writeLists(connection, *id, {}, object);
    });
}

Status DirectoryStore::modify(std::string_view name, const ObjectChange& change)
{
    return m_impl->write([&](store::Connection& connection) -> Status {
        const auto before = readObject(connection, name);
        if (!before)
            return before.error();
        const auto after = changed(*before, change, *this);
        if (!after)
            return after.error();
        if (auto good = checkTexts(*after); !good)
            return good;
        if (auto good = checkFree(connection, before->id, *after); !good)
            return good;
        if (auto good = checkNode(connection, *after); !good)
            return good;
        if (auto done = updateObject(connection, before->id, *after); !done)
            return done;
        if (after->kind == Kind::Node && after->name != before->object.name)
            if (auto done = renameNode(connection, before->object.name, after->name); !done)
                return done;
        if (change.password)
            if (auto done = writeSecret(connection, m_impl->seal, before->id, *after); !done)
                return done;
        return writeLists(connection, before->id, before->object, *after);
    });
}

Status DirectoryStore::setForward(std::string_view name, Diversion::Type type, const std::string& to)
{
    if (featureCodeOf(to))
        return fail(PbxErrc::BadDiversion,
                    "`" + to.substr(0, 80) + "` is a code, and no number to forward to");
    return m_impl->write([&](store::Connection& connection) -> Status {
        auto row = readObject(connection, name);
        if (!row)
            return row.error();
        Object& object = row->object;
        if (!mayDialCodes(object.kind))
            return fail(PbxErrc::BadDiversion, "`" + object.name + "` has no telephones to dial codes");
        setPlainDiversion(object, type, to);
        if (auto good = checkTexts(object); !good)
            return good;
        return writeDiversions(connection, row->id, object.diversions);
    });
}

Status DirectoryStore::setJoined(std::string_view name, const std::string& group, bool joined)
{
    return m_impl->write([&](store::Connection& connection) -> Status {
        auto row = readObject(connection, name);
        if (!row)
            return row.error();
        std::vector<Membership> groups = row->object.groups;
        const auto one = std::ranges::find(groups, group, &Membership::group);
        if (one == groups.end() || one->dynamic == Membership::Dynamic::No)
            return fail(PbxErrc::BadGroup,
                        "`" + group + "` is no group that " + row->object.name + " can join or leave");
        one->joined = joined;
        return writeGroups(connection, row->id, groups);
    });
}

Status DirectoryStore::remove(std::string_view name)
{
    return m_impl->write([&](store::Connection& connection) -> Status {
        const auto row = readObject(connection, name);
        if (!row)
            return row.error();
        auto shared = connection.prepare("SELECT 1 FROM objects WHERE node=?");
        if (!shared)
            return shared.error();
        const auto found = shared->bind(name).next();
        if (!found)
            return found.error();
        if (*found)
            return fail(PbxErrc::BadNode, "objects still share the numbers of `" + row->object.name + "`");
        if (auto done = eraseObject(connection, row->id); !done)
            return done;
        return eraseEmptyGroups(connection);
    });
}

} // namespace sr::pbx
