// SPDX-License-Identifier: GPL-3.0-or-later
// `objects` holds whatever can have a name and a number: names are unique among all kinds, numbers within a
// node. Ids of objects are never used again, so that other tables may keep them.
#include "core/pbx/directory_schema.h"

#include "core/crypto/errors.h"
#include "core/crypto/wipe.h"
#include "core/pbx/directory_versions.h"
#include "core/pbx/pbx_error.h"

#include <algorithm>

namespace sr::pbx {
namespace {

constexpr std::int32_t kApplicationId = 0x53525831; // "SRX1"
constexpr std::size_t kMd5Bytes = 16;
constexpr std::size_t kSha256Bytes = 32;

/// MD5, then SHA-256, as octets.
Result<Bytes> packed(const sip::DigestSecret& secret)
{
    auto md5 = fromHex(secret.md5);
    auto sha256 = fromHex(secret.sha256);
    if (!md5 || !sha256 || md5->size() != kMd5Bytes || sha256->size() != kSha256Bytes)
        return fail(PbxErrc::NoPassword, "hashes of a wrong length");
    Bytes all(kMd5Bytes + kSha256Bytes);
    std::ranges::copy(*md5, all.begin());
    std::ranges::copy(*sha256, all.begin() + kMd5Bytes);
    crypto::wipe(*md5);
    crypto::wipe(*sha256);
    return all;
}

/// The password of a trunk as octets.
Result<Bytes> loginOf(const Object& object)
{
    const ByteView octets = bytesOf(object.login);
    return Bytes(octets.begin(), octets.end());
}

Result<sip::DigestSecret> opened(const crypto::FieldSeal& seal, const Bytes& sealed, const std::string& name)
{
    auto clear = seal.open(sealed, name);
    if (!clear)
        return clear.error();
    const crypto::WipeLater wiped(*clear);
    if (clear->size() != kMd5Bytes + kSha256Bytes)
        return fail(crypto::CryptoErrc::Altered, name);
    const ByteView view = *clear;
    return sip::DigestSecret{toHex(view.first(kMd5Bytes)), toHex(view.subspan(kMd5Bytes))};
}

/// One statement whose only values are numbers.
Status runWith(store::Connection& connection, const char* sql, std::initializer_list<std::int64_t> values)
{
    auto statement = connection.prepare(sql);
    if (!statement)
        return statement.error();
    for (const std::int64_t value : values)
        statement->bind(value);
    return statement->run();
}

/// What stands in the row of an object.
store::Statement& bindFacts(store::Statement& statement, const Object& object)
{
    return statement.bind(nameOf(object.kind))
        .bind(object.name)
        .bind(object.number)
        .bind(object.longName)
        .bind(static_cast<std::int64_t>(object.record))
        .bind(object.node);
}

/// An id that means all objects.
constexpr std::int64_t kAll = 0;

/// Calls `each` with the object of every row that `sql` finds for one object, or for all of them. The first
/// column is the object's id, by which it sorts, as `rows` are sorted.
template <typename Each>
Status visit(store::Connection& connection, const std::string& select, const char* order, std::int64_t id,
             std::vector<ObjectRow>& rows, Each each)
{
    auto statement =
        connection.prepare(select + (id == kAll ? "" : " WHERE object=?") + " ORDER BY " + order);
    if (!statement)
        return statement.error();
    if (id != kAll)
        statement->bind(id);
    auto at = rows.begin();
    while (true) {
        const auto more = statement->next();
        if (!more)
            return more.error();
        if (!*more)
            return {};
        while (at != rows.end() && at->id < statement->number(0))
            ++at;
        if (at != rows.end() && at->id == statement->number(0))
            each(at->object, *statement);
    }
}

Status addGroups(store::Connection& connection, std::int64_t id, std::vector<ObjectRow>& rows)
{
    const auto done = visit(connection,
                            "SELECT m.object, g.name, m.active, m.dynamic, m.joined FROM members m"
                            " JOIN groups g ON g.id=m.groupId",
                            "m.object", id, rows, [](Object& object, const store::Statement& row) {
                                Membership one(row.text(1));
                                one.active = row.number(2) != 0;
                                one.dynamic = static_cast<Membership::Dynamic>(
                                    std::clamp<std::int64_t>(row.number(3), 0, 2));
                                one.joined = row.number(4) != 0;
                                object.groups.push_back(std::move(one));
                            });
    for (ObjectRow& row : rows)
        std::ranges::sort(row.object.groups);
    return done;
}

Status addDiversions(store::Connection& connection, std::int64_t id, std::vector<ObjectRow>& rows)
{
    std::map<std::pair<const Object*, std::int64_t>, std::size_t> places;
    const auto done =
        visit(connection, "SELECT object, position, type, target, boolean, unless, filter FROM diversions",
              "object, position", id, rows, [&](Object& object, const store::Statement& row) {
                  places[{&object, row.number(1)}] = object.diversions.size();
                  object.diversions.push_back(
                      {static_cast<Diversion::Type>(std::clamp<std::int64_t>(row.number(2), 0, 2)),
                       row.text(3), row.text(4), row.number(5) != 0,
                       static_cast<Diversion::Filter>(std::clamp<std::int64_t>(row.number(6), 0, 2))});
              });
    if (!done)
        return done;
    return visit(connection, "SELECT object, diversion, external, number, name, forwarded FROM callers",
                 "object, diversion, position", id, rows, [&](Object& object, const store::Statement& row) {
                     const auto place = places.find({&object, row.number(1)});
                     if (place != places.end())
                         object.diversions[place->second].callers.push_back(
                             {row.number(2) != 0, row.text(3), row.text(4), row.number(5) != 0});
                 });
}

Status addProfiles(store::Connection& connection, std::int64_t id, std::vector<ObjectRow>& rows)
{
    std::map<std::pair<const Object*, std::int64_t>, std::size_t> places;
    const auto done = visit(connection, "SELECT object, position, name FROM profiles", "object, position", id,
                            rows, [&](Object& object, const store::Statement& row) {
                                places[{&object, row.number(1)}] = object.profiles.size();
                                object.profiles.push_back({row.text(2)});
                            });
    if (!done)
        return done;
    return visit(
        connection, "SELECT object, profile, name, number, display, external, presence, dialog FROM contacts",
        "object, profile, position", id, rows, [&](Object& object, const store::Statement& row) {
            const auto place = places.find({&object, row.number(1)});
            if (place == places.end())
                return;
            const auto external =
                static_cast<ProfileContact::External>(std::clamp<std::int64_t>(row.number(5), 0, 2));
            object.profiles[place->second].contacts.push_back(
                {row.text(2), row.text(3), row.text(4), external, row.number(6) != 0, row.number(7) != 0});
        });
}

/// What stands in other tables than `objects`.
Status addRest(store::Connection& connection, std::int64_t id, std::vector<ObjectRow>& rows)
{
    if (auto done = addGroups(connection, id, rows); !done)
        return done;
    if (auto done = addDiversions(connection, id, rows); !done)
        return done;
    if (auto done = addProfiles(connection, id, rows); !done)
        return done;
    if (auto done = visit(connection, "SELECT object, hardware, text, recordTo FROM devices",
                          "object, position", id, rows,
                          [](Object& object, const store::Statement& row) {
                              object.devices.push_back({row.text(1), row.text(2), row.text(3)});
                          });
        !done)
        return done;
    return visit(connection, "SELECT object, key, value FROM settings", "object", id, rows,
                 [](Object& object, const store::Statement& row) {
                     object.settings.emplace(row.text(1), row.text(2));
                 });
}

/// The number of a group, which is made if it is new.
Result<std::int64_t> groupId(store::Connection& connection, const std::string& name)
{
    auto insert = connection.prepare("INSERT OR IGNORE INTO groups(name) VALUES(?)");
    if (!insert)
        return insert.error();
    if (const auto done = insert->bind(name).run(); !done)
        return done.error();
    auto select = connection.prepare("SELECT id FROM groups WHERE name=?");
    if (!select)
        return select.error();
    const auto row = select->bind(name).next();
    if (!row)
        return row.error();
    return select->number(0);
}

} // namespace

Result<crypto::FieldSeal> credentialSeal(const crypto::Secret& settingsKey)
{
    return crypto::FieldSeal::create(settingsKey, "credentials");
}

store::DatabaseOptions exchangeOptions(const Path& file, const crypto::FieldSeal& seal)
{
    store::DatabaseOptions options;
    options.file = file;
    options.applicationId = kApplicationId;
    options.migrations = directoryVersions(seal);
    return options;
}

Result<std::string> readRealm(store::Connection& connection, const crypto::FieldSeal& seal)
{
    auto statement = connection.prepare("SELECT realm, sealedRealm FROM exchange");
    if (!statement)
        return statement.error();
    const auto row = statement->next();
    if (!row)
        return row.error();
    if (!*row)
        return fail(store::StoreErrc::Corrupt, "it has no realm");
    std::string realm = statement->text(0);
    const auto sealed = seal.open(statement->bytes(1), kRealmUid);
    if (!sealed && sealed.error().code == crypto::CryptoErrc::Altered)
        return fail(PbxErrc::OtherMachine, "");
    if (!sealed)
        return sealed.error();
    if (textOf(*sealed) != realm)
        return fail(crypto::CryptoErrc::Altered, "realm");
    return realm;
}

namespace {

/// Of a row of kReadObject.
Result<Object> objectOf(const store::Statement& row)
{
    Object object;
    object.name = row.text(1);
    const auto kind = kindNamed(row.text(2));
    if (!kind)
        return fail(store::StoreErrc::Corrupt, object.name + " is of an unknown kind");
    object.kind = *kind;
    object.number = row.text(3);
    object.longName = row.text(4);
    const std::int64_t record = row.number(5);
    if (record < 0 || record > static_cast<std::int64_t>(RecordMode::Optional))
        return fail(store::StoreErrc::Corrupt, object.name + " is recorded in an unknown mode");
    object.record = static_cast<RecordMode>(record);
    object.node = row.text(6);
    return object;
}

constexpr std::string_view kReadObject =
    "SELECT o.id, o.name, o.kind, o.number, o.longName, o.record, o.node,"
    " c.sealed FROM objects o LEFT JOIN credentials c ON c.object=o.id";

/// The secret that the row brings, none where the kind needs none.
Status addSecret(const store::Statement& row, const crypto::FieldSeal& seal, Object& object)
{
    const Bytes sealed = row.bytes(7);
    if (sealed.empty() && object.kind != Kind::User)
        return {};
    if (object.kind == Kind::Trunk) {
        auto clear = seal.open(sealed, object.name);
        if (!clear)
            return clear.error();
        const crypto::WipeLater wiped(*clear);
        object.login = std::string(textOf(*clear));
        return {};
    }
    auto secret = opened(seal, sealed, object.name);
    if (!secret)
        return secret.error();
    object.secret = std::move(*secret);
    return {};
}

} // namespace

Result<AllObjects> readObjects(store::Connection& connection, const crypto::FieldSeal& seal)
{
    auto statement = connection.prepare(std::string(kReadObject) + " ORDER BY o.id");
    if (!statement)
        return statement.error();
    std::vector<ObjectRow> rows;
    AllObjects all;
    while (true) {
        const auto more = statement->next();
        if (!more)
            return more.error();
        if (!*more)
            break;
        auto object = objectOf(*statement);
        if (!object)
            return object.error();
        const auto secret = addSecret(*statement, seal, *object);
        if (!secret && secret.error().code == crypto::CryptoErrc::Library)
            return secret.error();
        if (secret)
            rows.push_back({statement->number(0), std::move(*object), true});
        else
            all.refused.push_back(std::move(object->name));
    }
    if (const auto done = addRest(connection, kAll, rows); !done)
        return done.error();
    all.objects.reserve(rows.size());
    for (ObjectRow& row : rows)
        all.objects.push_back(std::move(row.object));
    return all;
}

Result<ObjectRow> readObject(store::Connection& connection, std::string_view name)
{
    auto statement = connection.prepare(std::string(kReadObject) + " WHERE o.name=?");
    if (!statement)
        return statement.error();
    const auto found = statement->bind(name).next();
    if (!found)
        return found.error();
    if (!*found)
        return fail(PbxErrc::NotFound, std::string(name));
    auto object = objectOf(*statement);
    if (!object)
        return object.error();
    std::vector<ObjectRow> rows{{statement->number(0), std::move(*object), !statement->bytes(7).empty()}};
    if (const auto done = addRest(connection, rows.front().id, rows); !done)
        return done.error();
    return std::move(rows.front());
}

Status checkFree(store::Connection& connection, std::int64_t id, const Object& object)
{
    const struct {
        const char* sql;
        std::vector<std::string_view> texts;
        PbxErrc code;
    } all[] = {
        {"SELECT 1 FROM objects WHERE name=? AND id<>?", {object.name}, PbxErrc::NameTaken},
        {"SELECT 1 FROM objects WHERE number=? AND node=? AND number<>'' AND id<>?",
         {object.number, object.node},
         PbxErrc::NumberTaken},
        {"SELECT 1 FROM objects WHERE longName=? AND id<>?", {object.longName}, PbxErrc::LongNameTaken},
    };
    for (const auto& one : all) {
        auto statement = connection.prepare(one.sql);
        if (!statement)
            return statement.error();
        for (const std::string_view text : one.texts)
            statement->bind(text);
        const auto taken = statement->bind(id).next();
        if (!taken)
            return taken.error();
        if (*taken)
            return fail(one.code, std::string(one.texts.front()));
    }
    return {};
}

Status checkNode(store::Connection& connection, const Object& object)
{
    std::string at = object.node;
    for (int depth = 0; !at.empty(); ++depth) {
        if (at == object.name || depth == kMostNodes)
            return fail(PbxErrc::BadNode, "`" + object.node + "` stands in a circle or too deep");
        auto statement = connection.prepare("SELECT node FROM objects WHERE kind='node' AND name=?");
        if (!statement)
            return statement.error();
        const auto found = statement->bind(at).next();
        if (!found)
            return found.error();
        if (!*found)
            return fail(PbxErrc::BadNode, "there is no node `" + at + "`");
        at = statement->text(0);
    }
    return {};
}

Result<std::int64_t> insertObject(store::Connection& connection, const Object& object)
{
    auto statement = connection.prepare(
        "INSERT INTO objects(kind, name, number, longName, record, node) VALUES(?,?,?,?,?,?)");
    if (!statement)
        return statement.error();
    if (const auto done = bindFacts(*statement, object).run(); !done)
        return done.error();
    return connection.number("SELECT last_insert_rowid()");
}

Status updateObject(store::Connection& connection, std::int64_t id, const Object& object)
{
    auto statement = connection.prepare(
        "UPDATE objects SET kind=?, name=?, number=?, longName=?, record=?, node=? WHERE id=?");
    if (!statement)
        return statement.error();
    return bindFacts(*statement, object).bind(id).run();
}

Status eraseObject(store::Connection& connection, std::int64_t id)
{
    return runWith(connection, "DELETE FROM objects WHERE id=?", {id}); // the rest follows by its references
}

Status writeSecret(store::Connection& connection, const crypto::FieldSeal& seal, std::int64_t id,
                   const Object& object)
{
    auto clear = object.kind == Kind::Trunk ? loginOf(object) : packed(object.secret);
    if (!clear)
        return clear.error();
    const crypto::WipeLater wiped(*clear);
    const auto sealed = seal.seal(*clear, object.name);
    if (!sealed)
        return sealed.error();
    auto statement = connection.prepare("INSERT OR REPLACE INTO credentials VALUES(?,?)");
    return statement ? statement->bind(id).bind(*sealed).run() : Status(statement.error());
}

namespace {

/// Takes away what a table has of an object, then writes one row for each of `list`: id and position, then
/// what `bind` adds.
template <typename List, typename Bind>
Status rewrite(store::Connection& connection, const std::string& table, const char* insert, std::int64_t id,
               const List& list, Bind bind)
{
    if (auto done = runWith(connection, ("DELETE FROM " + table + " WHERE object=?").c_str(), {id}); !done)
        return done;
    std::int64_t position = 0;
    for (const auto& one : list) {
        auto statement = connection.prepare(insert);
        if (!statement)
            return statement.error();
        if (auto done = bind(statement->bind(id), position++, one).run(); !done)
            return done;
    }
    return {};
}

} // namespace

Status writeGroups(store::Connection& connection, std::int64_t id, const std::vector<Membership>& groups)
{
    std::map<std::string, std::int64_t> ids;
    for (const Membership& one : groups) {
        const auto group = groupId(connection, one.group);
        if (!group)
            return group.error();
        ids[one.group] = *group;
    }
    // A group that is named twice is one group.
    return rewrite(connection, "members", "INSERT OR IGNORE INTO members VALUES(?,?,?,?,?)", id, groups,
                   [&](store::Statement& row, std::int64_t, const Membership& one) -> store::Statement& {
                       return row.bind(ids[one.group])
                           .bind(std::int64_t{one.active})
                           .bind(static_cast<std::int64_t>(one.dynamic))
                           .bind(std::int64_t{one.joined});
                   });
}

Status writeDiversions(store::Connection& connection, std::int64_t id,
                       const std::vector<Diversion>& diversions)
{
    using Caller = std::pair<std::int64_t, CallerPattern>;
    std::vector<Caller> callers;
    const auto done =
        rewrite(connection, "diversions", "INSERT INTO diversions VALUES(?,?,?,?,?,?,?)", id, diversions,
                [&](store::Statement& row, std::int64_t position, const Diversion& one) -> store::Statement& {
                    for (const CallerPattern& caller : one.callers)
                        callers.emplace_back(position, caller);
                    return row.bind(position)
                        .bind(static_cast<std::int64_t>(one.type))
                        .bind(one.to)
                        .bind(one.boolean)
                        .bind(std::int64_t{one.unless})
                        .bind(static_cast<std::int64_t>(one.filter));
                });
    if (!done)
        return done;
    return rewrite(connection, "callers", "INSERT INTO callers VALUES(?,?,?,?,?,?,?)", id, callers,
                   [](store::Statement& row, std::int64_t position, const Caller& one) -> store::Statement& {
                       return row.bind(one.first)
                           .bind(position)
                           .bind(std::int64_t{one.second.external})
                           .bind(one.second.number)
                           .bind(one.second.name)
                           .bind(std::int64_t{one.second.forwarded});
                   });
}

Status writeProfiles(store::Connection& connection, std::int64_t id, const std::vector<Profile>& profiles)
{
    using Contact = std::pair<std::int64_t, ProfileContact>;
    std::vector<Contact> contacts;
    const auto done =
        rewrite(connection, "profiles", "INSERT INTO profiles VALUES(?,?,?)", id, profiles,
                [&](store::Statement& row, std::int64_t position, const Profile& one) -> store::Statement& {
                    for (const ProfileContact& contact : one.contacts)
                        contacts.emplace_back(position, contact);
                    return row.bind(position).bind(one.name);
                });
    if (!done)
        return done;
    return rewrite(connection, "contacts", "INSERT INTO contacts VALUES(?,?,?,?,?,?,?,?,?)", id, contacts,
                   [](store::Statement& row, std::int64_t position, const Contact& one) -> store::Statement& {
                       return row.bind(one.first)
                           .bind(position)
                           .bind(one.second.name)
                           .bind(one.second.number)
                           .bind(one.second.display)
                           .bind(static_cast<std::int64_t>(one.second.external))
                           .bind(std::int64_t{one.second.presence})
                           .bind(std::int64_t{one.second.dialog});
                   });
}

Status writeDevices(store::Connection& connection, std::int64_t id, const std::vector<Device>& devices)
{
    return rewrite(connection, "devices", "INSERT INTO devices VALUES(?,?,?,?,?)", id, devices,
                   [](store::Statement& row, std::int64_t position, const Device& one) -> store::Statement& {
                       return row.bind(position).bind(one.hardware).bind(one.text).bind(one.recordTo);
                   });
}

Status writeSettings(store::Connection& connection, std::int64_t id,
                     const std::map<std::string, std::string>& settings)
{
    return rewrite(connection, "settings", "INSERT INTO settings VALUES(?,?,?)", id, settings,
                   [](store::Statement& row, std::int64_t, const auto& one) -> store::Statement& {
                       return row.bind(one.first).bind(one.second);
                   });
}

Status renameNode(store::Connection& connection, const std::string& before, const std::string& now)
{
    auto statement = connection.prepare("UPDATE objects SET node=? WHERE node=?");
    return statement ? statement->bind(now).bind(before).run() : Status(statement.error());
}

Status eraseEmptyGroups(store::Connection& connection)
{
    return connection.run("DELETE FROM groups WHERE NOT EXISTS"
                          " (SELECT 1 FROM members WHERE members.groupId=groups.id)");
}

} // namespace sr::pbx
