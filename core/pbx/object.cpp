// SPDX-License-Identifier: GPL-3.0-or-later
// Rules for names and numbers, told in words.
#include "core/pbx/object.h"

#include "core/pbx/feature_codes.h"
#include "core/pbx/object_settings.h"
#include "core/pbx/pbx_error.h"
#include "core/pbx/record_target.h"

#include <QList>
#include <QString>

#include <algorithm>

namespace sr::pbx {
namespace {

constexpr std::pair<Kind, std::string_view> kKinds[] = {
    {Kind::User, "user"},          {Kind::Executive, "executive"},  {Kind::Trunk, "trunk"},
    {Kind::Gateway, "gw"},         {Kind::WaitingQueue, "waiting"}, {Kind::Broadcast, "broadcast"},
    {Kind::Conference, "bc_conf"}, {Kind::Boolean, "bool"},         {Kind::Voicemail, "vm"},
    {Kind::Park, "park"},          {Kind::NumberMap, "map"},        {Kind::Node, "node"},
};

constexpr std::size_t kMaxShown = 80; ///< [octets] of a refused text in a sentence

/// A refused text as a sentence may show it: no line ends, no escape codes, not endless.
std::string shown(std::string_view text)
{
    std::string safe;
    for (const char32_t c : QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())).toUcs4()) {
        if (safe.size() >= kMaxShown)
            return safe + "...";
        safe += QChar::isPrint(c) ? QString::fromUcs4(&c, 1).toStdString() : std::string("?");
    }
    return safe;
}

Error refuse(PbxErrc code, std::string_view text, const std::string& rule)
{
    return fail(code, "`" + shown(text) + "` " + rule);
}

std::string atMost(std::size_t octets)
{
    return "is longer than " + std::to_string(octets) + " octets";
}

/// What is common to all texts: their length, UTF-8, and one way to write what looks alike.
Status checkText(std::string_view text, std::size_t mostBytes, PbxErrc code)
{
    if (text.empty())
        return fail(code, "it is empty");
    if (text.size() > mostBytes)
        return refuse(code, text, atMost(mostBytes));
    const QString unicode = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
    if (unicode.toStdString() != text)
        return refuse(code, text, "is not UTF-8");
    if (unicode.normalized(QString::NormalizationForm_C) != unicode)
        return refuse(code, text, "is not in composed form (NFC)");
    return {};
}

Status checkPhrase(std::string_view text, std::size_t mostBytes, PbxErrc code)
{
    if (auto good = checkText(text, mostBytes, code); !good)
        return good;
    const QString unicode = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
    if (unicode.trimmed() != unicode)
        return refuse(code, text, "begins or ends with a space");
    // Cf joins letters in some scripts; it is not printable but belongs to the text.
    const auto fits = [](char32_t c) {
        return QChar::isPrint(c) || QChar::category(c) == QChar::Other_Format;
    };
    return std::ranges::all_of(unicode.toUcs4(), fits)
               ? Status{}
               : Status(refuse(code, text, "has a character that cannot be printed"));
}

} // namespace

std::string_view nameOf(Kind kind)
{
    return std::ranges::find(kKinds, kind, &std::pair<Kind, std::string_view>::first)->second;
}

std::optional<Kind> kindNamed(std::string_view name)
{
    const auto found = std::ranges::find(kKinds, name, &std::pair<Kind, std::string_view>::second);
    return found == std::end(kKinds) ? std::nullopt : std::optional(found->first);
}

bool takesFurtherDigits(Kind kind)
{
    return kind == Kind::Gateway || kind == Kind::Trunk || kind == Kind::NumberMap || kind == Kind::Node ||
           kind == Kind::Boolean || kind == Kind::Park || kind == Kind::Voicemail;
}

namespace {

bool isPlain(const Diversion& one, Diversion::Type type)
{
    return one.type == type && one.boolean.empty() && one.filter == Diversion::Filter::Everybody;
}

} // namespace

const Diversion* plainDiversion(const Object& object, Diversion::Type type)
{
    const auto found =
        std::ranges::find_if(object.diversions, [&](const Diversion& one) { return isPlain(one, type); });
    return found == object.diversions.end() ? nullptr : &*found;
}

void setPlainDiversion(Object& object, Diversion::Type type, const std::string& to)
{
    std::erase_if(object.diversions, [&](const Diversion& one) { return isPlain(one, type); });
    if (!to.empty())
        object.diversions.push_back({.type = type, .to = to});
}

Forwards plainForwards(const Object& object)
{
    const auto to = [&](Diversion::Type type) {
        const Diversion* one = plainDiversion(object, type);
        return one == nullptr ? std::string() : one->to;
    };
    return {to(Diversion::Type::Always), to(Diversion::Type::Busy), to(Diversion::Type::NoAnswer)};
}

Status checkName(std::string_view name)
{
    if (auto good = checkText(name, kMaxNameBytes, PbxErrc::BadName); !good)
        return good;
    bool first = true;
    for (const char32_t c : QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())).toUcs4()) {
        const bool wordly = QChar::isLetter(c) || QChar::isDigit(c);
        const bool later = QChar::isMark(c) || c == U'.' || c == U'_' || c == U'-';
        if (first && !wordly)
            return refuse(PbxErrc::BadName, name, "does not begin with a letter or digit");
        if (!wordly && !later)
            return refuse(PbxErrc::BadName, name, "has more than letters, digits, `.`, `_` and `-`");
        first = false;
    }
    return {};
}

Status checkNumber(std::string_view number)
{
    if (number.size() > kMaxNumberDigits)
        return refuse(PbxErrc::BadNumber, number,
                      "is longer than " + std::to_string(kMaxNumberDigits) + " digits");
    if (number.find_first_not_of("0123456789*#") != std::string_view::npos)
        return refuse(PbxErrc::BadNumber, number, "has more than the digits 0 to 9, `*` and `#`");
    return {};
}

Status checkLongName(std::string_view longName)
{
    return checkPhrase(longName, kMaxLongNameBytes, PbxErrc::BadLongName);
}

Status checkGroups(const std::vector<Membership>& groups)
{
    if (groups.size() > kMaxGroups)
        return fail(PbxErrc::BadGroup, std::to_string(groups.size()) + " groups, at most " +
                                           std::to_string(kMaxGroups) + " are possible");
    for (const Membership& membership : groups)
        if (auto good = checkPhrase(membership.group, kMaxNameBytes, PbxErrc::BadGroup); !good)
            return good;
    return {};
}

namespace {

/// A number, or a name.
Status checkTarget(const std::string& to)
{
    if (to.empty())
        return fail(PbxErrc::BadDiversion, "it leads nowhere; `-` says that calls are not forwarded");
    if (to == "-" || checkNumber(to) || checkName(to))
        return {};
    return refuse(PbxErrc::BadDiversion, to, "is neither a number nor a name");
}

Status checkCaller(const CallerPattern& caller)
{
    if (!caller.external && !caller.forwarded && caller.number.empty() && caller.name.empty())
        return fail(PbxErrc::BadDiversion, "a filter names no caller");
    if (auto good = checkNumber(caller.number); !good)
        return good;
    return caller.name.empty() ? Status{} : checkName(caller.name);
}

Status checkDevices(const std::vector<Device>& devices)
{
    if (devices.size() > kMaxDevices)
        return fail(PbxErrc::BadDevice, std::to_string(devices.size()) + " devices, at most " +
                                            std::to_string(kMaxDevices) + " are possible");
    for (const Device& device : devices) {
        if (auto good = checkPhrase(device.hardware, kMaxNameBytes, PbxErrc::BadDevice); !good)
            return good;
        if (!device.text.empty())
            if (auto good = checkPhrase(device.text, kMaxLongNameBytes, PbxErrc::BadDevice); !good)
                return good;
        if (!device.recordTo.empty())
            if (auto good = checkRecordTarget(device.recordTo); !good)
                return good;
    }
    return {};
}

} // namespace

Status checkDiversions(const std::vector<Diversion>& diversions)
{
    if (diversions.size() > kMaxDiversions)
        return fail(PbxErrc::BadDiversion, std::to_string(diversions.size()) + " call forwards, at most " +
                                               std::to_string(kMaxDiversions) + " are possible");
    for (const Diversion& one : diversions) {
        if (auto good = checkTarget(one.to); !good)
            return good;
        if (!one.boolean.empty())
            if (auto good = checkName(one.boolean); !good)
                return good;
        if ((one.filter == Diversion::Filter::Everybody) != one.callers.empty())
            return fail(PbxErrc::BadDiversion, "a filter needs callers, and callers a filter");
        if (one.callers.size() > kMaxCallers)
            return fail(PbxErrc::BadDiversion,
                        "a filter has more than " + std::to_string(kMaxCallers) + " callers");
        for (const CallerPattern& caller : one.callers)
            if (auto good = checkCaller(caller); !good)
                return good;
    }
    return {};
}

Status checkTexts(const Object& object)
{
    if (auto good = checkName(object.name); !good)
        return good;
    if (auto good = checkNumber(object.number); !good)
        return good;
    if (auto good = checkLongName(object.longName); !good)
        return good;
    if (!object.node.empty())
        if (auto good = checkName(object.node); !good)
            return good;
    if (auto good = checkDiversions(object.diversions); !good)
        return good;
    if (auto good = checkDevices(object.devices); !good)
        return good;
    if (!object.profiles.empty() && !mayDialCodes(object.kind))
        return fail(PbxErrc::BadProfile, "profiles are for users and executives");
    if (auto good = checkProfiles(object.profiles); !good)
        return good;
    if (isSwitched(object.record) && !mayDialCodes(object.kind))
        return fail(PbxErrc::BadSetting, "`" + std::string(nameOf(object.record)) +
                                             "` recording is for users and executives, who have telephones");
    if (auto good = checkSettings(object.kind, object.settings); !good)
        return good;
    return checkGroups(object.groups);
}

Status check(const Object& object)
{
    auto good = checkTexts(object);
    const bool needed = object.kind == Kind::User;
    return good && needed && object.secret.empty() ? Status(fail(PbxErrc::NoPassword, object.name)) : good;
}

} // namespace sr::pbx
