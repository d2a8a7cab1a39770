// SPDX-License-Identifier: GPL-3.0-or-later
// Call data records: what one object had to do with one call, and their XML, which is that of the reference.
#pragma once

#include "core/cdr/cdr_error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sr::cdr {

// What a record may have; toXml() keeps to it, parse() refuses more. Chosen.
inline constexpr std::size_t kXmlBytesMost = 1024 * 1024;
inline constexpr std::size_t kTextBytesMost = 1024; ///< of one attribute; the rest is cut off
inline constexpr std::size_t kEventsMost = 512;
inline constexpr std::size_t kPartsMost = 64; ///< groups; forwardings and transfers of an event

/// Attributes that this version does not know, in their order. They survive.
using OtherAttributes = std::vector<std::pair<std::string, std::string>>;

/// Whom an event speaks of besides the other party.
struct CdrParty {
    std::string e164 = {}; ///< number
    std::string h323 = {}; ///< name
    std::string dn = {};   ///< name to be shown
    bool operator==(const CdrParty&) const = default;
};

// Kinds of events. A receiver must expect others.
namespace msg {
inline constexpr std::string_view kSetupFrom = "setup-from"; ///< the object calls
inline constexpr std::string_view kSetupTo = "setup-to";     ///< the object is called
inline constexpr std::string_view kAlertFrom = "alert-from"; ///< it rings
inline constexpr std::string_view kAlertTo = "alert-to";     ///< the other party rings
inline constexpr std::string_view kConnFrom = "conn-from";   ///< it answers
inline constexpr std::string_view kConnTo = "conn-to";       ///< the other party answers
inline constexpr std::string_view kRelFrom = "rel-from";     ///< it releases
inline constexpr std::string_view kRelTo = "rel-to";         ///< the other party releases
inline constexpr std::string_view kDiscFrom = "disc-from";
inline constexpr std::string_view kDiscTo = "disc-to";
inline constexpr std::string_view kCfFrom = "cf-from";             ///< it forwards
inline constexpr std::string_view kCfTo = "cf-to";                 ///< the other party forwards
inline constexpr std::string_view kTransferFrom = "transfer-from"; ///< it transfers
inline constexpr std::string_view kTransferTo = "transfer-to";     ///< the other party transfers
inline constexpr std::string_view kConnected = "connected"; ///< after a transfer to who had answered already
} // namespace msg

struct CdrEvent {
    std::string msg;                     ///< one of msg::, or another
    std::int64_t time = 0;               ///< [s] since the start of the call; only differences mean something
    std::string type;                    ///< `ext`: the other party is external
    std::string e164;                    ///< of the other party, as it can be dialled here
    std::string root;                    ///< its number from the root of the numbering
    std::string h323;                    ///< its name
    std::string conf;                    ///< guid of the conference, in the first event and where it changes
    std::optional<int> cause;            ///< Q.850, of a release; 0: none was given
    std::optional<CdrParty> to;          ///< the new party of a forwarding or transfer
    std::optional<CdrParty> ep;          ///< the endpoint really connected, behind a trunk
    std::vector<CdrParty> cf;            ///< who forwarded before
    std::vector<CdrParty> ct;            ///< who transferred before
    std::optional<std::string> makecall; ///< the application that began the call
    OtherAttributes other;
    bool operator==(const CdrEvent&) const = default;
};

struct CdrGroup {
    std::string name = {};
    OtherAttributes other = {};
    bool operator==(const CdrGroup&) const = default;
};

struct CallDataRecord {
    std::string guid = {}; ///< of the object, 32 hex digits
    std::string sys = {};  ///< name of the system
    std::string pbx = {};
    std::string node = {};
    std::string device = {}; ///< of the object; empty where none took part
    std::string cn = {};     ///< long name of the object
    std::string e164 = {};   ///< its number
    std::string h323 = {};   ///< its name
    std::string dir = {};    ///< `from`, `to`, `cf` forwarded by it, `ct` transferred by it
    std::int64_t utc = 0;    ///< [s] since 1970, when the record begins
    std::int64_t base = 0;   ///< [s] since 1970, what the time of its last event counts from; 0: utc
    std::int64_t local = 0;  ///< utc + offset of the time zone
    std::string id = {};     ///< unique; a receiver drops what it has already
    std::string pseudo = {}; ///< kind of an object that is no user, such as `trunk`
    std::vector<CdrGroup> groups = {};
    std::vector<CdrEvent> events = {};
    OtherAttributes other = {};
    bool operator==(const CallDataRecord&) const = default;
};

/// One line. What XML cannot hold becomes U+FFFD, what is over a limit is left out. Any thread.
std::string toXml(const CallDataRecord& record);

/// Errors: Malformed, TooLarge. Elements that it does not know are passed over. A document type is refused.
/// Any thread.
Result<CallDataRecord> parse(std::string_view xml);

/// What a record costs its object (reference, billing rule).
struct Billed {
    std::string e164; ///< the destination: of the first conn-to, transfer-to or cf-to
    std::string h323;
    std::int64_t seconds = 0; ///< from the first conn-to to the release behind it; 0 if either is missing
    bool operator==(const Billed&) const = default;
};
/// Nothing for calls to the object (`dir` to) and for those that reached nobody.
std::optional<Billed> billed(const CallDataRecord& record);

} // namespace sr::cdr
