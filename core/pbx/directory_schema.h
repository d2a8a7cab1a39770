// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of the exchange's database and the way of an object into and out of them. Internal to core/pbx.
#pragma once

#include "core/crypto/sealed_field.h"
#include "core/pbx/directory.h"
#include "core/store/database.h"

namespace sr::pbx {

/// Keeps what was kept of passwords; its key comes from the machine's settings key.
Result<crypto::FieldSeal> credentialSeal(const crypto::Secret& settingsKey);

/// File, kind and schema versions of the database. A new one gets the realm, sealed as well, so that another
/// machine's key is known as such.
store::DatabaseOptions exchangeOptions(const Path& file, const crypto::FieldSeal& seal);

/// The realm that a database was made with. OtherMachine.
Result<std::string> readRealm(store::Connection& connection, const crypto::FieldSeal& seal);

inline constexpr int kMostNodes = 8; ///< that stand in one another

/// One object as a row.
struct ObjectRow {
    std::int64_t id = 0;
    Object object; ///< without secret
    bool hasSecret = false;
};

/// In one transaction of the caller: all objects, those whose secret does not open by name only.
struct AllObjects {
    std::vector<Object> objects;
    std::vector<std::string> refused;
};
Result<AllObjects> readObjects(store::Connection& connection, const crypto::FieldSeal& seal);
/// NotFound.
Result<ObjectRow> readObject(store::Connection& connection, std::string_view name);

/// NameTaken, NumberTaken, LongNameTaken if an object other than `id` has one of them.
Status checkFree(store::Connection& connection, std::int64_t id, const Object& object);
/// BadNode if its node is none, or stands in the object itself.
Status checkNode(store::Connection& connection, const Object& object);
/// What stands in its row of `objects`; gives the id of the new object.
Result<std::int64_t> insertObject(store::Connection& connection, const Object& object);
Status updateObject(store::Connection& connection, std::int64_t id, const Object& object);
Status eraseObject(store::Connection& connection, std::int64_t id);
Status writeSecret(store::Connection& connection, const crypto::FieldSeal& seal, std::int64_t id,
                   const Object& object);
// These replace what was there.
Status writeGroups(store::Connection& connection, std::int64_t id, const std::vector<Membership>& groups);
Status writeDiversions(store::Connection& connection, std::int64_t id,
                       const std::vector<Diversion>& diversions);
Status writeProfiles(store::Connection& connection, std::int64_t id, const std::vector<Profile>& profiles);
Status writeDevices(store::Connection& connection, std::int64_t id, const std::vector<Device>& devices);
Status writeSettings(store::Connection& connection, std::int64_t id,
                     const std::map<std::string, std::string>& settings);
/// Objects of the node follow its new name; an empty one sends them to the root.
Status renameNode(store::Connection& connection, const std::string& before, const std::string& now);
/// Groups that nobody is in any more go.
Status eraseEmptyGroups(store::Connection& connection);

} // namespace sr::pbx
