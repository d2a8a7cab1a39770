// SPDX-License-Identifier: GPL-3.0-or-later
// One table of all settings; pbx-interfaces.md 4.2 tells what the objects do with them.
#include "core/pbx/object_settings.h"

#include "core/pbx/line_recording.h"
#include "core/pbx/pbx_error.h"
#include "core/pbx/presence.h"
#include "core/pbx/record_target.h"
#include "core/pbx/time_switch.h"
#include "core/pbx/trunk.h"

#include <algorithm>
#include <charconv>

namespace sr::pbx {
namespace {

constexpr std::size_t kMaxValueBytes = 1000; ///< [octets]
const std::string kNothing;

Status refuse(std::string_view value, std::string_view rule)
{
    return fail(PbxErrc::BadSetting, "`" + std::string(value.substr(0, 80)) + "` " + std::string(rule));
}

Status flag(std::string_view value)
{
    return value == "on" || value == "off" ? Status{} : refuse(value, "is neither `on` nor `off`");
}

Status number(std::string_view value)
{
    return checkNumber(value) ? Status{} : refuse(value, "is not a number that can be dialled");
}

Status count(std::string_view value)
{
    unsigned n = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), n);
    return error == std::errc() && end == value.data() + value.size() && n <= 3600
               ? Status{}
               : refuse(value, "is not a whole number of 0 to 3600");
}

Status ringSeconds(std::string_view value)
{
    unsigned n = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), n);
    return error == std::errc() && end == value.data() + value.size() && n >= 5 && n <= 120
               ? Status{}
               : refuse(value, "is not a whole number of 5 to 120");
}

Status group(std::string_view value)
{
    return checkGroups({std::string(value)}) ? Status{} : refuse(value, "cannot be a group");
}

Status text(std::string_view)
{
    return {};
}

Status times(std::string_view value)
{
    const auto read = TimeSwitch::parse(value);
    return read ? Status{} : refuse(value, read.error().context);
}

Status state(std::string_view value)
{
    return value == "auto" || value == "on" || value == "off"
               ? Status{}
               : refuse(value, "is neither `auto` nor `on` nor `off`");
}

Status transport(std::string_view value)
{
    return value == "udp" || value == "tcp" || value == "tls"
               ? Status{}
               : refuse(value, "is neither `udp` nor `tcp` nor `tls`");
}

/// Each word of the text.
template <typename Good>
Status words(std::string_view value, std::string_view rule, Good good)
{
    for (const std::string_view word : wordsIn(value))
        if (!good(word))
            return refuse(word, rule);
    return {};
}

Status hosts(std::string_view value)
{
    return words(value, "is no host, or host and port",
                 [](std::string_view word) { return static_cast<bool>(checkHost(word)); });
}

Status host(std::string_view value)
{
    return value.find(' ') == value.npos ? hosts(value) : refuse(value, "is more than one host");
}

Status addresses(std::string_view value)
{
    return words(value, "is no address",
                 [](std::string_view word) { return IpAddress::parse(std::string(word)).has_value(); });
}

Status ice(std::string_view value)
{
    return value == "lite" || value == "full" || value == "relay" || value == "off"
               ? Status{}
               : refuse(value, "is neither `lite` nor `full` nor `relay` nor `off`");
}

Status callerPlace(std::string_view value)
{
    return value == "asserted" || value == "preferred" || value == "from"
               ? Status{}
               : refuse(value, "is neither `asserted` nor `preferred` nor `from`");
}

Status prefix(std::string_view value)
{
    return checkPrefix(value) ? Status{} : refuse(value, "is not the beginning of a number");
}

Status prefixes(std::string_view value)
{
    return words(value, "is not the beginning of a number",
                 [](std::string_view word) { return static_cast<bool>(checkPrefix(word)); });
}

Status recordWay(std::string_view value)
{
    return value == "in" || value == "out" || value == "both"
               ? Status{}
               : refuse(value, "is neither `in` nor `out` nor `both`");
}

Status change(std::string_view value)
{
    const auto read = parseNumberChange(value);
    return read ? Status{} : refuse(value, "cannot be read: " + read.error().context);
}

Status objectName(std::string_view value)
{
    return checkName(value) ? Status{} : refuse(value, "is not a name");
}

Status activity(std::string_view value)
{
    return activityNamed(value) ? Status{} : refuse(value, "is no activity of RFC 4480, and not `dnd`");
}

Status note(std::string_view value)
{
    return value.size() <= kMaxPresenceNote ? Status{} : refuse(value, "is longer than 255 octets");
}

constexpr const char* kRecordToHelp = "folder or URL that its calls are written to beside the archive";
constexpr const char* kRecordWayHelp = "calls that are recorded: in, out or both, as long as it says nothing";
constexpr const char* kRecordNumbersHelp = "calls that are recorded: those whose number there begins so";
constexpr const char* kIceHelp = "ways of its media by ICE: lite, full, relay (by TURN alone) or off";

constexpr const char* kRelayHelp =
    "off: media of two such parties goes past the exchange, if nobody records it";
constexpr const char* kSrtpHelp = "off: no SRTP is offered to it, whatever the other party has";

constexpr const char* kRingHelp = "seconds until a call that nobody answers goes where `cfnr` leads, 20";

constexpr const char* kBusyOnHelp = "calls of its own with which others find it busy; 0: never";

constexpr const char* kPresenceHelp =
    "activity that watchers see (RFC 4480, as `holiday`), or `dnd`; '' is none";
constexpr const char* kPresenceNoteHelp = "words beside it";

/// Of every kind; the kind here means nothing.
constexpr SettingRule kCommonRules[] = {
    {Kind::User, kText, text, "words for administrators"},
    {Kind::User, kLocation, text, "where it is, for administrators"},
};

constexpr SettingRule kRules[] = {
    {Kind::User, kRecordTo, checkRecordTarget, kRecordToHelp},
    {Kind::User, "ring", ringSeconds, kRingHelp},
    {Kind::User, "busy-on", count, kBusyOnHelp},
    {Kind::User, kPresence, activity, kPresenceHelp},
    {Kind::User, kPresenceNote, note, kPresenceNoteHelp},
    {Kind::User, "ice", ice, kIceHelp},
    {Kind::User, "media-relay", flag, kRelayHelp},
    {Kind::User, "srtp", flag, kSrtpHelp},
    {Kind::Executive, kRecordTo, checkRecordTarget, kRecordToHelp},
    {Kind::Executive, "ring", ringSeconds, kRingHelp},
    {Kind::Executive, "busy-on", count, kBusyOnHelp},
    {Kind::Executive, kPresence, activity, kPresenceHelp},
    {Kind::Executive, kPresenceNote, note, kPresenceNoteHelp},
    {Kind::Executive, "primary", group, "group of secretaries who get the calls"},
    {Kind::Executive, "secondary", group, "group that gets them while the first has no member"},
    {Kind::Executive, "ice", ice, kIceHelp},
    {Kind::Executive, "media-relay", flag, kRelayHelp},
    {Kind::Executive, "srtp", flag, kSrtpHelp},
    {Kind::Executive, "direct", group, "group whose members reach the executive directly"},
    {Kind::Trunk, "registrar", hosts, "host and port to register at; several, parted by blanks, take turns"},
    {Kind::Trunk, "address", host, "host and port that calls go to and come from, where nobody registers"},
    {Kind::Trunk, "options", flag, "off: it is not asked whether it is there, since it does not answer"},
    {Kind::Trunk, "proxy", host, "host and port to send everything to, if it is another"},
    {Kind::Trunk, "domain", host, "domain of the addresses, if it is not the registrar's"},
    {Kind::Trunk, "account", text, "user of the address"},
    {Kind::Trunk, "login", text, "user of the password, if it is not the account"},
    {Kind::Trunk, "transport", transport, "udp, tcp or tls"},
    {Kind::Trunk, "expires", count, "seconds between registrations, 60 or more, 600"},
    {Kind::Trunk, "peers", addresses, "addresses that call as well, parted by blanks"},
    {Kind::Trunk, "calls", count, "calls at once; 0: as many as there are"},
    {Kind::Trunk, "own", prefix, "what our numbers begin with at the provider, as `+4930123`"},
    {Kind::Trunk, "country", number, "code of the country where it is, as `49`"},
    {Kind::Trunk, "area", number, "code of the area where it is, without its prefix, as `30`"},
    {Kind::Trunk, "caller", callerPlace, "where the provider reads who calls: asserted, preferred or from"},
    {Kind::Trunk, "called-out", change, "called numbers that leave, as `0=+49 plus`; see README"},
    {Kind::Trunk, "calling-out", change, "calling numbers that leave"},
    {Kind::Trunk, "called-in", change, "called numbers that come in"},
    {Kind::Trunk, "calling-in", change, "calling numbers that come in"},
    {Kind::Trunk, "incoming", number, "number that is put before what comes in behind `own`"},
    {Kind::Trunk, "incomplete", number, "who gets calls that come in with digits missing"},
    {Kind::Trunk, "loopback", number,
     "who gets calls that come in and would leave again; else they are refused"},
    {Kind::Trunk, "only", group, "group of those who may call by it"},
    {Kind::Trunk, "except", group, "group of those who may not"},
    {Kind::Trunk, "ice", ice, kIceHelp},
    {Kind::Trunk, "media-relay", flag, kRelayHelp},
    {Kind::Trunk, "srtp", flag, kSrtpHelp},
    {Kind::Trunk, "next", objectName, "trunk or gateway that takes calls which this one does not"},
    {Kind::Trunk, kRecordTo, checkRecordTarget, kRecordToHelp},
    {Kind::Trunk, kRecordWay, recordWay, kRecordWayHelp},
    {Kind::Trunk, kRecordNumbers, prefixes, kRecordNumbersHelp},
    {Kind::Gateway, kRecordTo, checkRecordTarget, kRecordToHelp},
    {Kind::Gateway, kRecordWay, recordWay, kRecordWayHelp},
    {Kind::Gateway, kRecordNumbers, prefixes, kRecordNumbersHelp},
    {Kind::Gateway, "address", host, "host and port of a gateway that does not register"},
    {Kind::Gateway, "options", flag, "off: it is not asked whether it is there, since it does not answer"},
    {Kind::Gateway, "peers", addresses, "addresses that call as well, parted by blanks"},
    {Kind::Gateway, "transport", transport, "udp, tcp or tls"},
    {Kind::Gateway, "enblock", count, "digits that are awaited behind the number"},
    {Kind::Gateway, "calls", count, "calls at once; 0: as many as there are"},
    {Kind::Gateway, "inside", flag, "what it reaches is ours: calls of trunks may go there"},
    {Kind::Gateway, "country", number, "code of the country where it is, as `49`"},
    {Kind::Gateway, "area", number, "code of the area where it is, without its prefix, as `30`"},
    {Kind::Gateway, "called-out", change, "called numbers that leave, as `0=+49 plus`; see README"},
    {Kind::Gateway, "calling-out", change, "calling numbers that leave"},
    {Kind::Gateway, "called-in", change, "called numbers that come in"},
    {Kind::Gateway, "calling-in", change, "calling numbers that come in"},
    {Kind::Gateway, "only", group, "group of those who may call by it"},
    {Kind::Gateway, "except", group, "group of those who may not"},
    {Kind::Gateway, "ice", ice, kIceHelp},
    {Kind::Gateway, "media-relay", flag, kRelayHelp},
    {Kind::Gateway, "srtp", flag, kSrtpHelp},
    {Kind::Gateway, "next", objectName, "trunk or gateway that takes calls which this one does not"},
    {Kind::WaitingQueue, kRecordTo, checkRecordTarget, kRecordToHelp},
    {Kind::WaitingQueue, "primary", group, "group of operators"},
    {Kind::WaitingQueue, "secondary", group, "group that helps while the first is busy"},
    {Kind::WaitingQueue, "first", text, "announcement that is played once"},
    {Kind::WaitingQueue, "second", text, "announcement that is repeated"},
    {Kind::WaitingQueue, "alert-only", flag, "callers hear ringing until an operator answers"},
    {Kind::WaitingQueue, "waiting", count, "callers at once; the others count as busy"},
    {Kind::WaitingQueue, "ring", count, "seconds that one operator rings, 15"},
    {Kind::WaitingQueue, "rest", count, "seconds between two calls of an operator, 0"},
    {Kind::WaitingQueue, "pause", count, "seconds without calls for an operator who did not answer, 30"},
    {Kind::WaitingQueue, "longest", count, "seconds until a caller goes where `cfnr` leads; 0: never"},
    {Kind::WaitingQueue, "key-0", number, "number that gets callers who press 0"},
    {Kind::WaitingQueue, "key-1", number, "number that gets callers who press 1"},
    {Kind::WaitingQueue, "key-2", number, "number that gets callers who press 2"},
    {Kind::WaitingQueue, "key-3", number, "number that gets callers who press 3"},
    {Kind::WaitingQueue, "key-4", number, "number that gets callers who press 4"},
    {Kind::WaitingQueue, "key-5", number, "number that gets callers who press 5"},
    {Kind::WaitingQueue, "key-6", number, "number that gets callers who press 6"},
    {Kind::WaitingQueue, "key-7", number, "number that gets callers who press 7"},
    {Kind::WaitingQueue, "key-8", number, "number that gets callers who press 8"},
    {Kind::WaitingQueue, "key-9", number, "number that gets callers who press 9"},
    {Kind::WaitingQueue, "key-star", number, "number that gets callers who press *"},
    {Kind::WaitingQueue, "key-hash", number, "number that gets callers who press #"},
    {Kind::Broadcast, kRecordTo, checkRecordTarget, kRecordToHelp},
    {Kind::Conference, kRecordTo, checkRecordTarget, kRecordToHelp},
    {Kind::Conference, "members", count, "talkers at once"},
    {Kind::Boolean, "state", state, "on, off, or auto: by its times"},
    {Kind::Boolean, "times", times, "when it is on, as `Mon-Fri 08:00-17:30; Sat 09:00-12:00`"},
    {Kind::Voicemail, kRecordTo, checkRecordTarget, kRecordToHelp},
    {Kind::Voicemail, "script", text, "file or URL of the script"},
    {Kind::Voicemail, "backup", text, "the same, where the first is not read in 5 s"},
    {Kind::Voicemail, "hosts", text, "hosts that scripts are fetched from, parted by blanks"},
    {Kind::Voicemail, "trace", flag, "steps of the script are written to the trace"},
    {Kind::Park, "positions", count, "calls at once"},
    {Kind::NumberMap, "to", number, "the number instead"},
};

} // namespace

std::span<const SettingRule> settingRules()
{
    return kRules;
}

const SettingRule* settingRule(Kind kind, std::string_view key)
{
    if (const auto common = std::ranges::find(kCommonRules, key, &SettingRule::key);
        common != std::end(kCommonRules))
        return common;
    const auto found = std::ranges::find_if(
        kRules, [&](const SettingRule& rule) { return rule.kind == kind && rule.key == key; });
    return found == std::end(kRules) ? nullptr : &*found;
}

Status checkSettings(Kind kind, const std::map<std::string, std::string>& settings)
{
    for (const auto& [key, value] : settings) {
        const SettingRule* rule = settingRule(kind, key);
        if (rule == nullptr)
            return fail(PbxErrc::BadSetting,
                        "a " + std::string(nameOf(kind)) + " has no `" + key.substr(0, 80) + "`");
        if (value.size() > kMaxValueBytes)
            return refuse(value, "is longer than " + std::to_string(kMaxValueBytes) + " octets");
        if (auto good = rule->check(value); !good && !value.empty())
            return fail(PbxErrc::BadSetting, key + ": " + good.error().context);
    }
    return {};
}

const std::string& textSetting(const Object& object, const std::string& key)
{
    const auto found = object.settings.find(key);
    return found == object.settings.end() ? kNothing : found->second;
}

std::optional<unsigned> numberSetting(const Object& object, const std::string& key)
{
    const std::string& text = textSetting(object, key);
    unsigned n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(n) : std::nullopt;
}

bool flagSetting(const Object& object, const std::string& key)
{
    return textSetting(object, key) == "on";
}

std::vector<std::string_view> wordsIn(std::string_view value)
{
    std::vector<std::string_view> words;
    while (!value.empty()) {
        const std::string_view word = value.substr(0, value.find(' '));
        value.remove_prefix(std::min(word.size() + 1, value.size()));
        if (!word.empty())
            words.push_back(word);
    }
    return words;
}

} // namespace sr::pbx
