// SPDX-License-Identifier: GPL-3.0-or-later
// The objects of the exchange in `<config>/exchange.sqlite`. Several programs may have it open and change it
// at once.
#pragma once

#include "core/crypto/key_store.h"
#include "core/pbx/directory.h"
#include "core/pbx/pbx_error.h"

#include <memory>
#include <optional>

namespace sr::pbx {

/// What to change; what is not there stays.
struct ObjectChange {
    std::optional<std::string> name = {}; ///< a new one needs the password, as the hashes cover the name
    std::optional<std::string> number = {};
    std::optional<std::string> longName = {}; ///< empty: the name
    std::optional<std::vector<Membership>> groups = {};
    std::optional<RecordMode> record = {};
    std::optional<std::string> node = {};
    std::optional<std::vector<Device>> devices = {};
    std::optional<std::vector<Diversion>> diversions = {};
    std::optional<std::vector<Profile>> profiles = {};
    std::optional<std::string> forwardAlways = {};    ///< the plain one, also beside `diversions`
    std::optional<std::string> forwardBusy = {};      ///< likewise
    std::optional<std::string> forwardNoAnswer = {};  ///< likewise
    std::map<std::string, std::string> settings = {}; ///< an empty value takes one away
    std::optional<std::string> password = {};         ///< in clear; the caller wipes it
};

/// Any thread but those that may not block on a disk. Needs a QCoreApplication. Every change is one
/// transaction, on the disk when it returns. Errors of all: store's (Busy if another program held it for ten
/// seconds), Denied, DiskFull, Io.
class DirectoryStore {
public:
    /// Opens or makes the database, for this user alone. OtherMachine, store's Foreign, Corrupt,
    /// NewerVersion.
    static Result<std::unique_ptr<DirectoryStore>> open(const Path& configDir,
                                                        const crypto::MachineSecrets& secrets);
    ~DirectoryStore();
    DirectoryStore(const DirectoryStore&) = delete;
    DirectoryStore& operator=(const DirectoryStore&) = delete;

    const std::string& realm() const; ///< fixed since the database was made
    /// What is kept of a password. Any thread, does not block.
    sip::DigestSecret secretFor(std::string_view name, std::string_view password) const;

    /// All objects at one moment. An object whose secret does not open is refused(), and the others are
    /// there.
    Result<std::shared_ptr<const Directory>> read() const;
    /// A number that changes whenever anybody else committed: comparable within one thread only. Cheap. A
    /// file that was put in the place of this one is not noticed.
    Result<std::int64_t> version() const;

    /// `object.secret` comes from secretFor() of the name; an empty long name becomes the name. Bad... as
    /// check() says, NoPassword, ...Taken.
    Status add(Object object);
    /// A long name that was the name follows a new one, and so do the objects of a node. NotFound,
    /// PasswordNeeded, NoPassword, Bad..., ...Taken.
    Status modify(std::string_view name, const ObjectChange& change);
    /// The plain forward of that type alone, empty for none; as a telephone sets it by a code. NotFound;
    /// BadDiversion if the object has no telephones, or the forward leads to a code; Bad...
    Status setForward(std::string_view name, Diversion::Type type, const std::string& to);
    /// Whether a dynamic member is in the group now. NotFound; BadGroup if it is none.
    Status setJoined(std::string_view name, const std::string& group, bool joined);
    /// NotFound; BadNode if objects share its numbers.
    Status remove(std::string_view name);

private:
    struct Impl;
    explicit DirectoryStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace sr::pbx
