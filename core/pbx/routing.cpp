// SPDX-License-Identifier: GPL-3.0-or-later
// One step for each object on the way; forwards to nowhere are followed no further than who set them.
#include "core/pbx/routing.h"

#include "core/pbx/diversions.h"
#include "core/pbx/ice_dialer.h"
#include "core/pbx/object_settings.h"
#include "core/pbx/queue_recording.h"
#include "core/pbx/services.h"
#include "core/pbx/trunk_settings.h"

#include <algorithm>

namespace sr::pbx {
namespace {

constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kUnavailable = 480;
constexpr int kIncomplete = 484;
constexpr int kBusy = 486;

bool leads(const std::string& forward)
{
    return !forward.empty() && forward != "-";
}

std::string pseudoOf(const Object& object)
{
    return object.kind == Kind::User ? std::string() : std::string(nameOf(object.kind));
}

std::chrono::seconds ringOf(const Object& object)
{
    const auto told = mayDialCodes(object.kind) ? numberSetting(object, "ring") : std::nullopt;
    return told ? std::chrono::seconds(*told) : kRing;
}

/// And nobody in the place of that one: queues, conferences, and calls back.
bool meansWhoIsCalled(const CallParty& caller)
{
    return caller.pseudo == nameOf(Kind::WaitingQueue) || caller.pseudo == nameOf(Kind::Conference) ||
           caller.pseudo == kCodesPseudo;
}

} // namespace

std::string uriWithUser(const std::string& uri, std::string_view digits)
{
    const auto scheme = uri.find(':');
    const auto at = uri.find('@');
    const std::string host = uri.substr(at == std::string::npos ? scheme + 1 : at + 1);
    std::string user;
    for (const char c : digits)
        user += c == '#' ? std::string("%23") : std::string(1, c);
    return uri.substr(0, scheme + 1) + user + "@" + host;
}

/// From what was dialled to who is reached.
struct Routing::Way {
    const Dialling& dialling;
    std::string node; ///< where the next number is meant
    std::string next; ///< digits or name
    std::string rest; ///< digits behind the last object's number
    const Object* at = nullptr;
    const Object* by = nullptr; ///< who sends the call on: its rights count
    Destination out;
    bool isBusy = false; ///< somebody there has as many calls as he may have
};

void Routing::setDirectory(std::shared_ptr<const Directory> directory)
{
    m_directory = std::move(directory);
    m_lines.clear();
    for (const Object& object : m_directory->objects())
        if (isLine(object))
            if (auto line = trunkOf(object))
                m_lines[object.name] = std::make_shared<const Trunk>(std::move(*line));
}

CallParty Routing::partyOf(const Object& object, std::string_view node) const
{
    CallParty party{object.name, m_directory->numberFrom(node, object), object.longName};
    if (isLine(object))
        party.line = CallParty::Line{party.number, party.longName};
    party.node = m_directory->node(object.node);
    if (party.node && !party.number.empty())
        party.shortBy =
            static_cast<std::uint8_t>(party.node->number.size() + object.number.size() - party.number.size());
    if (party.number.empty())
        party.number = object.name;
    for (const Membership& one : object.groups)
        party.groups.push_back(one.group);
    party.pseudo = pseudoOf(object);
    party.external = isLine(object);
    party.record = object.record;
    const bool relaysItself = iceUseOf(object) == sip::IceUse::Full || iceUseOf(object) == sip::IceUse::Relay;
    party.passesBy = textSetting(object, "media-relay") == "off" && !relaysItself;
    party.srtp = textSetting(object, "srtp") != "off";
    return party;
}

bool Routing::isOn(const Object& boolean) const
{
    const QDateTime local = localTime(m_clock.utcNow(), m_utcOffset);
    return isBooleanOn(boolean, local.date().dayOfWeek() - 1,
                       local.time().hour() * 60 + local.time().minute());
}

Forwards Routing::forwardsOf(const Object& object, const CallParty& caller, bool isForwarded) const
{
    return forwardsFor(object, {caller.name, caller.number, caller.external, isForwarded}, *m_directory,
                       [this](const Object& boolean) { return isOn(boolean); });
}

std::string Routing::secretariesOf(const Object& executive, const CallParty& caller) const
{
    if (meansWhoIsCalled(caller))
        return {};
    const Object* who = m_directory->byName(caller.name);
    for (const char* own : {"direct", "primary", "secondary"}) {
        const std::string& group = textSetting(executive, own);
        if (who != nullptr && !group.empty() &&
            std::ranges::find(who->groups, group, &Membership::group) != who->groups.end())
            return {};
    }
    for (const char* key : {"primary", "secondary"}) {
        const std::string& group = textSetting(executive, key);
        const auto members = group.empty() ? std::vector<const Object*>() : m_directory->membersOf(group);
        if (std::ranges::any_of(members, [&](const Object* one) { return one != &executive; }))
            return group;
    }
    return {};
}

/// Devices of who is a user; members that are groups themselves are asked for theirs, once.
void Routing::addMembers(const std::vector<const Object*>& members, const Object& of, Way& way) const
{
    const auto isThere = [&](const Object& one) {
        return std::ranges::any_of(way.out.devices,
                                   [&](const CalledDevice& device) { return device.owner.name == one.name; });
    };
    for (const Object* member : members) {
        if (member == &of || isThere(*member))
            continue;
        if (member->kind == Kind::User || member->kind == Kind::Executive)
            addDevices(*member, way);
        else if (member->kind == Kind::Broadcast && of.kind != Kind::Broadcast)
            addMembers(m_directory->servedBy(*member), *member, way);
    }
}

void Routing::addDevices(const Object& object, Way& way) const
{
    if (isFull(object, way.dialling.call)) {
        way.isBusy = true;
        return;
    }
    const CallParty owner = partyOf(object, way.node);
    for (Binding& binding : m_registrar.bindings(object.name, m_clock.steadyNow()))
        way.out.devices.push_back({std::move(binding), owner, {}, iceUseOf(object)});
}

/// The object that the next number reaches; false where the way ends.
bool Routing::step(Way& way) const
{
    const Reached reached = m_directory->meant(way.node, way.next);
    way.rest = std::string(reached.rest);
    if (reached.object == nullptr) {
        if (way.at == nullptr)
            way.out.status = reached.incomplete ? kIncomplete : kNotFound;
        return false;
    }
    const Object& object = *reached.object;
    const bool loops = std::ranges::find(way.out.passed, object.name) != way.out.passed.end();
    way.at = &object;
    way.out.passed.push_back(object.name);
    way.out.party = partyOf(object, way.dialling.caller.external ? std::string_view() : way.node);
    way.out.record = object.record == RecordMode::Transparent && !isLine(object); // lines: who is behind them
    way.out.status = loops ? kBusy : 0;
    if (loops)
        return false;
    if (isTurnedBack(way, object)) {
        way.next = textSetting(*way.by, "loopback");
        way.node = way.by->node;
        way.out.status = way.next.empty() ? kForbidden : 0;
        return !way.next.empty();
    }
    if (object.kind == Kind::NumberMap) {
        way.node = object.node;
        way.next = textSetting(object, "to") + way.rest;
        return true;
    }
    const bool isForwarded = !way.dialling.passed.empty() || !way.out.steps.empty();
    way.out.forwards = forwardsOf(object, way.dialling.caller, isForwarded);
    way.out.ring = ringOf(object);
    settle(way);
    if (!isLine(object))
        for (CalledDevice& device : way.out.devices) { // a group counts in place of the member who answers
            device.owner.record = object.record;
            device.owner.through = device.owner.name != object.name ? object.name : std::string();
        }
    const Forwards& forwards = way.out.forwards;
    const bool isReached = leads(forwards.always) || !way.out.devices.empty();
    const std::string& instead = way.isBusy ? forwards.busy : forwards.noAnswer;
    const std::string& next = isReached ? forwards.always : instead;
    if (!leads(next) || featureCodeOf(next) || m_directory->meant(object.node, next).object == nullptr) {
        markSecretaries(way);
        return false;
    }
    const char* const reason = way.isBusy ? sip::kUserBusy : "unavailable";
    way.out.steps.push_back({way.out.party, next, isReached ? "unconditional" : reason});
    way.node = object.node;
    way.next = next;
    way.by = &object;
    return true;
}

/// Calls to secretaries are diverted calls, and the executive has diverted them (pbx-interfaces.md 4.2). To
/// the first one's number, as their group has none.
void Routing::markSecretaries(Way& way)
{
    if (way.at->kind != Kind::Executive || way.out.devices.empty())
        return;
    const CallParty& first = way.out.devices.front().owner;
    if (first.name != way.at->name)
        way.out.steps.push_back({way.out.party, first.number, "unconditional"});
}

/// A call from outside that nobody here has sent on would leave again, at our cost.
bool Routing::isTurnedBack(Way& way, const Object& object) const
{
    return way.by != nullptr && way.by->kind == Kind::Trunk && isLine(object) &&
           !flagSetting(object, "inside");
}

/// The devices of the object that the way has come to.
void Routing::settle(Way& way) const
{
    const Object& object = *way.at;
    std::vector<CalledDevice>& devices = way.out.devices;
    devices.clear();
    way.out.spare.clear();
    way.isBusy = false;
    switch (object.kind) {
    case Kind::Executive:
        if (const std::string group = secretariesOf(object, way.dialling.caller); !group.empty())
            return addMembers(m_directory->membersOf(group), object, way);
        break;
    case Kind::Broadcast:
        return addMembers(m_directory->servedBy(object), object, way);
    case Kind::Boolean:
        if (!way.out.steps.empty() || !isByDialler(way.dialling)) { // it would be switched for somebody else
            way.out.status = kForbidden;
            return;
        }
        [[fallthrough]];
    case Kind::Conference:
    case Kind::Park:
    case Kind::Voicemail:
    case Kind::WaitingQueue:
        way.out.party.leadsToRecorded =
            object.kind == Kind::WaitingQueue && leadsToRecorded(object, *m_directory);
        settleService(way, serviceOf(object, way.rest, way.dialling.caller.name), way.out.party);
        return;
    case Kind::NumberMap:
    case Kind::Node:
        return;
    case Kind::Gateway:
    case Kind::Trunk:
        return settleLine(way);
    case Kind::User:
        break;
    }
    addDevices(object, way);
    if (!devices.empty())
        way.out.party = devices.front().owner;
}

void Routing::settleLine(Way& way) const
{
    LineWays ways = lineWays(*way.at, {way.rest, way.node, way.dialling.caller, way.by});
    way.out.status = ways.status;
    way.out.devices = std::move(ways.devices);
    way.out.spare = std::move(ways.spare);
    if (!way.out.devices.empty())
        way.out.party = way.out.devices.front().owner;
}

/// A phone of the exchange's own is the device; false: there is none.
bool Routing::settleService(Way& way, std::string contact, CallParty party) const
{
    if (contact.empty()) {
        way.out.status = kNotFound;
        return false;
    }
    CalledDevice device;
    device.at.contact.uri = std::move(contact);
    device.at.source = LocalDialer::source();
    device.owner = party;
    way.out.party = std::move(party);
    way.out.devices = {std::move(device)};
    return true;
}

/// A user has dialled for himself: nobody outside, and nobody who sends others there.
bool Routing::isByDialler(const Dialling& dialling) const
{
    const Object* caller = m_directory->byName(dialling.caller.name);
    return dialling.passed.empty() && caller != nullptr && dialling.by == caller->name &&
           mayDialCodes(caller->kind);
}

/// A code changes whoever talks behind it, so no transfer and no forward may lead there, or its owner would
/// change others. Only a waiting place is for who is handed over; it has a number for those who forward. Who
/// waits is given to users alone, and to whom they hand over.
bool Routing::isForDialler(const Dialling& dialling, const FeatureCode& code) const
{
    if (!isParking(code.action))
        return isByDialler(dialling);
    const Object* by = m_directory->byName(dialling.by);
    return dialling.passed.empty() &&
           (code.action == FeatureCode::Action::Park || (by != nullptr && mayDialCodes(by->kind)));
}

/// What is parked at a position of an object is a call of that object, however it was dialled.
void Routing::settleCode(Way& way, const FeatureCode& code) const
{
    const Dialling& dialling = way.dialling;
    const Reached place = m_directory->meant(way.node, code.number);
    const std::string contact = serviceOf(code, dialling.digits, dialling.caller.name, place);
    if (!isParking(code.action) || place.object == nullptr || place.object->kind != Kind::Park) {
        settleService(way, contact,
                      {kFeatures, dialling.digits, dialling.digits, {}, std::string(kCodesPseudo)});
        return;
    }
    way.out.record = place.object->record == RecordMode::Transparent;
    settleService(way, contact, partyOf(*place.object, way.node));
}

std::vector<relay::TapTarget> Routing::recordTargets(const std::string& name, const sip::Source& at) const
{
    const Object* object = m_directory->byName(name);
    if (object == nullptr)
        return {};
    const bool asksDevice =
        std::ranges::any_of(object->devices, [](const Device& one) { return !one.recordTo.empty(); });
    return recordTargetsOf(
        *object, asksDevice ? m_registrar.bindings(name, m_clock.steadyNow()) : std::vector<Binding>(), at);
}

Destination Routing::destination(const Dialling& dialling) const
{
    const Object* by = m_directory->byName(dialling.by);
    const bool outside = by != nullptr && by->kind == Kind::Trunk; // nobody there sets anything here
    Way way{dialling, by == nullptr ? std::string() : by->node, dialling.digits, {}, nullptr, by, {}};
    way.out.passed = dialling.passed;
    if (const auto code = featureCodeOf(dialling.digits); code && !outside) {
        if (isForDialler(dialling, *code))
            settleCode(way, *code);
        else
            way.out.status = kForbidden;
        return std::move(way.out);
    }
    while (step(way)) {
    }
    if (way.out.status == 0 && way.out.devices.empty())
        way.out.status = way.isBusy ? kBusy : kUnavailable;
    const std::string incomplete = outside ? textSetting(*by, "incomplete") : std::string();
    if (way.out.status == kIncomplete && !incomplete.empty() && dialling.digits != incomplete)
        return destination({incomplete, dialling.caller, dialling.by, dialling.passed, dialling.call});
    return std::move(way.out);
}

} // namespace sr::pbx
