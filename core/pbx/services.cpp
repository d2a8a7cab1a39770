// SPDX-License-Identifier: GPL-3.0-or-later
// Which service answers for which object.
#include "core/pbx/services.h"

#include "core/pbx/object_settings.h"

namespace sr::pbx {
namespace {

std::string uriOf(const char* name, std::map<std::string, std::string> parameters)
{
    return ServiceUri{name, std::move(parameters)}.toString();
}

/// A position of a park object.
std::string placeUri(const char* name, const Reached& place, const std::string& caller)
{
    return uriOf(name,
                 {{"object", place.object->name}, {"digits", std::string(place.rest)}, {"caller", caller}});
}

/// The members that a conference calls (pbx-interfaces.md 4.2); a mailbox would only play its greeting there.
bool isForConferences(Kind kind)
{
    return kind == Kind::User || kind == Kind::Executive || kind == Kind::Broadcast ||
           kind == Kind::WaitingQueue;
}

/// `1` is on, `0` off and `2` by its times.
std::string stateOf(std::string_view digits)
{
    return digits == "1" ? "on" : digits == "0" ? "off" : digits == "2" ? "auto" : "";
}

} // namespace

Services::Services(sip::Dialer& network, const ServiceParts& parts)
    : m_announcement(parts.sounds)
    , m_features(
          [&writer = parts.writer, post = parts.post](DirectoryWriter::Change change,
                                                      DirectoryWriter::Done done) {
              writer.write(std::move(change), [post, done = std::move(done)](const Status& how) {
                  post([done, how] { done(how); });
              });
          },
          parts.controlRecording,
          [this](const std::string& user, bool wanted) {
              return wanted ? m_completion.request(user) : m_completion.cancel(user);
          })
    , m_park(parts.sounds, [this](const ServiceUri& service) { return placeOf(service); })
    , m_dialer(network, parts.media, parts.post)
    , m_conference(m_dialer, [this](const std::string& object,
                                    const std::string& caller) { return membersOf(object, caller); })
    , m_scripts({m_dialer, parts.post, parts.sounds, parts.scripts})
    , m_queues(m_dialer, parts.sounds)
    , m_completion(m_dialer)
{
    m_dialer.serve("announcement", m_announcement);
    m_dialer.serve("echo", m_echo);
    m_dialer.serve("feature", m_features);
    m_dialer.serve("park", m_park.parking());
    m_dialer.serve("unpark", m_park.taking());
    m_dialer.serve("conference", m_conference);
    m_dialer.serve("voicemail", m_scripts);
    m_dialer.serve("queue", m_queues);
}

void Services::setDirectory(std::shared_ptr<const Directory> directory)
{
    m_directory = std::move(directory);
    m_scripts.setDirectory(m_directory);
    m_queues.setDirectory(m_directory);
    m_completion.setDirectory(m_directory);
}

std::vector<std::string> Services::membersOf(const std::string& object, const std::string& caller) const
{
    std::vector<std::string> numbers;
    const Object* conference = m_directory->byName(object);
    if (conference == nullptr)
        return numbers;
    for (const Object* member : m_directory->servedBy(*conference))
        if (member->name != caller && isForConferences(member->kind))
            numbers.push_back(member->name);
    return numbers;
}

/// Whoever is in a group of the object takes calls from there; everybody does if it has none.
ParkPlace Services::placeOf(const ServiceUri& service) const
{
    const Object* const lot = m_directory->byName(service["object"]);
    if (lot == nullptr)
        return {{}, service["number"]};
    const Object* const caller = m_directory->byName(service["caller"]);
    const bool mayTake = lot->groups.empty() || (caller != nullptr && m_directory->shareGroup(*caller, *lot));
    return {lot->name, service["digits"], numberSetting(*lot, "positions").value_or(0), mayTake};
}

std::string serviceOf(const Object& object, std::string_view digits, const std::string& caller)
{
    switch (object.kind) {
    case Kind::Conference:
        return uriOf("conference",
                     {{"object", object.name}, {"caller", caller}, {"most", textSetting(object, "members")}});
    case Kind::Park:
        return placeUri("park", {&object, digits}, caller);
    case Kind::Boolean:
        return stateOf(digits).empty()
                   ? std::string()
                   : uriOf("feature", {{"boolean", object.name}, {"state", stateOf(digits)}});
    case Kind::Voicemail:
        return uriOf("voicemail",
                     {{"object", object.name}, {"digits", std::string(digits)}, {"caller", caller}});
    case Kind::WaitingQueue:
        return uriOf("queue", {{"object", object.name}, {"caller", caller}});
    case Kind::User:
    case Kind::Executive:
    case Kind::Trunk:
    case Kind::Gateway:
    case Kind::Broadcast:
    case Kind::NumberMap:
    case Kind::Node:
        break;
    }
    return {};
}

std::string serviceOf(const FeatureCode& code, const std::string& dialled, const std::string& caller,
                      const Reached& place)
{
    using Action = FeatureCode::Action;
    switch (code.action) {
    case Action::SetForward:
    case Action::ClearForward:
    case Action::JoinGroups:
    case Action::LeaveGroups:
    case Action::PauseRecording:
    case Action::ResumeRecording:
    case Action::StartRecording:
    case Action::StopRecording:
    case Action::CompleteCall:
    case Action::ForgetCalls:
        return caller.empty() ? std::string() : uriOf("feature", {{"by", caller}, {"code", dialled}});
    case Action::Park:
    case Action::Unpark: {
        const char* const name = code.action == Action::Park ? "park" : "unpark";
        const bool isLot = place.object != nullptr && place.object->kind == Kind::Park;
        return isLot ? placeUri(name, place, caller) : uriOf(name, {{"number", code.number}});
    }
    case Action::PickUpGroup:
    case Action::PickUp:
        break;
    }
    return {};
}

} // namespace sr::pbx
