// SPDX-License-Identifier: GPL-3.0-or-later
// An object of the exchange, whatever can have a name and a number, and the rules for its texts, all UTF-8.
#pragma once

#include "core/base/error.h"
#include "core/pbx/profile.h"
#include "core/pbx/record_mode.h"
#include "core/sip/digest_secret.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sr::pbx {

inline constexpr std::size_t kMaxNameBytes = 63; ///< [octets]; also of a group
inline constexpr std::size_t kMaxNumberDigits = 31;
inline constexpr std::size_t kMaxLongNameBytes = 127; ///< [octets]
inline constexpr std::size_t kMaxGroups = 64;
inline constexpr std::size_t kMaxDiversions = 64;
inline constexpr std::size_t kMaxCallers = 64; ///< of one diversion
inline constexpr std::size_t kMaxDevices = 16;

/// What an object is (pbx-interfaces.md 2.1 `pseudo`, 4.2).
enum class Kind : std::uint8_t {
    User,
    Executive,    ///< whose calls go to secretaries first
    Trunk,        ///< lines of a provider
    Gateway,      ///< further exchanges and what they reach: digits behind its number are passed on
    WaitingQueue, ///< callers wait for the first operator who is free
    Broadcast,    ///< rings all members of its groups
    Conference,   ///< calls all members of its groups into one conference
    Boolean,      ///< on or off, by hand or by time
    Voicemail,    ///< runs a script
    Park,         ///< where calls wait to be taken back
    NumberMap,    ///< another number instead, digits behind it are passed on
    Node,         ///< numbers of their own behind its number
};
std::string_view nameOf(Kind kind); ///< as commands, XML and call data records say it
std::optional<Kind> kindNamed(std::string_view name);
bool takesFurtherDigits(Kind kind); ///< numbers that begin with its own reach it too

/// An object in a group.
struct Membership {
    enum class Dynamic : std::uint8_t {
        No,  ///< always in it
        In,  ///< in it until the member leaves
        Out, ///< out of it until the member joins
    };
    Membership() = default;
    // A plain name is a member that neither acts for the group nor comes and goes.
    Membership(std::string name) // NOLINT: see above
        : group(std::move(name))
    {}
    Membership(const char* name) // NOLINT
        : group(name)
    {}
    std::string group;
    bool active = false; ///< calls of the others are shown to it; rings and queues call the others
    Dynamic dynamic = Dynamic::No;
    bool joined = true; ///< now
    auto operator<=>(const Membership&) const = default;
};

/// A caller that a diversion asks for: all of what is given must fit.
struct CallerPattern {
    bool external = false;
    std::string number = {}; ///< how it begins
    std::string name = {};   ///< whole
    bool forwarded = false;  ///< the call has been forwarded on its way here
    bool operator==(const CallerPattern&) const = default;
};

/// One call forward (pbx-interfaces.md 1.8). Of those of a type the first that holds for a caller counts.
struct Diversion {
    enum class Type : std::uint8_t { Always, Busy, NoAnswer };
    enum class Filter : std::uint8_t { Everybody, Only, OnlyNot };
    Type type = Type::Always;
    std::string to;           ///< a number or a name; `-`: not at all, whatever others say
    std::string boolean = {}; ///< name of an object: only while that is on; empty: always
    bool unless = false;      ///< only while it is off
    Filter filter = Filter::Everybody;
    std::vector<CallerPattern> callers = {}; ///< whom the filter names
    bool operator==(const Diversion&) const = default;
};

/// What holds for one caller: a number or name each, `-` for not at all, empty for none.
struct Forwards {
    std::string always;   ///< CFU
    std::string busy;     ///< CFB: all devices are busy, or the user rejects the call
    std::string noAnswer; ///< CFNR: nobody answers in time, or no device is registered
    bool operator==(const Forwards&) const = default;
};

/// A telephone that the administrator gave to the object.
struct Device {
    std::string hardware;      ///< its name when it registers
    std::string text;          ///< for people
    std::string recordTo = {}; ///< where its calls are written beside the archive (record_target.h)
    bool operator==(const Device&) const = default;
};

struct Object {
    std::string name;               ///< registration name, unique, octet by octet
    std::string number;             ///< `[0-9*#]`, unique within its node; empty: cannot be dialled
    std::string longName;           ///< for people, unique; the name unless told otherwise
    std::vector<Membership> groups; ///< a set: sorted, each once, when it comes from a store
    sip::DigestSecret secret;       ///< over name and realm; only users need one
    RecordMode record = RecordMode::Transparent; ///< when calls of theirs are archived
    std::vector<Diversion> diversions = {};
    Kind kind = Kind::User;
    std::string node = {}; ///< name of the node whose numbers it shares; empty: the root
    std::vector<Device> devices = {};
    std::map<std::string, std::string> settings = {}; ///< of its kind, see object_settings.h
    std::vector<Profile> profiles = {};               ///< of users and executives
    std::string login = {}; ///< password of a trunk, in clear: its provider's realm is not known here

    bool operator==(const Object&) const = default;
};
using User = Object; ///< an object of kind User

/// The diversion of that type that holds for everybody at any time; null: there is none.
const Diversion* plainDiversion(const Object& object, Diversion::Type type);
/// Puts it behind the others of the object, or takes it away where `to` is empty.
void setPlainDiversion(Object& object, Diversion::Type type, const std::string& to);
/// All plain ones.
Forwards plainForwards(const Object& object);

// Any thread. The context names the text and the rule that it breaks.

/// Letters and digits of any script, with their combining marks, and `.`, `_`, `-`; at least one letter or
/// digit first; composed (NFC), since what looks alike must be alike. BadName.
Status checkName(std::string_view name);
Status checkNumber(std::string_view number);     ///< BadNumber
Status checkLongName(std::string_view longName); ///< anything printable in NFC, not blank. BadLongName
/// Each group as a long name, of at most kMaxNameBytes. BadGroup.
Status checkGroups(const std::vector<Membership>& groups);
Status checkDiversions(const std::vector<Diversion>& diversions); ///< BadDiversion
Status checkTexts(const Object& object);                          ///< all of these, and its settings
Status check(const Object& object);                               ///< and NoPassword

} // namespace sr::pbx
