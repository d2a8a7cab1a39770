// SPDX-License-Identifier: GPL-3.0-or-later
// Registration with digest authentication (RFC 3261 10.3 and 22, RFC 8760).
#include "core/pbx/exchange.h"

#include "core/crypto/digest.h"
#include "core/pbx/object_settings.h"
#include "core/sip/digest_challenge.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <tuple>

namespace sr::pbx {
namespace {

using sip::RegisterAnswer;
using sip::RegisterRequest;

constexpr auto kSweepEvery = std::chrono::seconds(30);
constexpr auto kBetweenNotes = std::chrono::minutes(1);
/// As many as there can be; where the system does not list connections, those that are gone stay, unused.
constexpr std::size_t kMostProven = 65'536;

/// The credentials that are meant for us, if there are any that can be read.
std::optional<sip::DigestCredentials> credentialsFor(const std::vector<std::string>& authorization,
                                                     std::string_view realm)
{
    for (const std::string& value : authorization) {
        auto credentials = sip::parseDigestCredentials(value);
        if (credentials && credentials->realm == realm)
            return std::move(*credentials);
    }
    return std::nullopt;
}

/// `music` of the sounds, for who is on hold.
MusicParts holdMusic(const ServiceParts& services)
{
    MusicParts music{&services.media, services.post, [find = services.sounds] { return find("music"); }};
    if (const auto& say = services.scripts.say)
        music.failed = [say](const Error& error) { say("No music for a call on hold: " + error.text()); };
    return music;
}

sip::DigestSecret unguessable()
{
    return sip::digestSecret("", "", toHex(crypto::randomArray<32>()));
}

} // namespace

Exchange::Exchange(std::shared_ptr<const Directory> directory, const crypto::Secret& nonceKey,
                   ExchangeOptions options, const Clock& clock)
    : m_options(std::move(options))
    , m_directory(std::move(directory))
    , m_nobody(unguessable())
    , m_nonces(nonceKey, clock, m_options.nonces)
    , m_guesses(clock, m_options.guesses, m_options.onBlock)
    , m_clock(clock)
    , m_subscriptions([this](const std::string& user) { return isRegistered(user); }, clock)
{
    m_subscriptions.setDirectory(m_directory);
    for (const Object& object : m_directory->objects())
        tellPresence(object, {});
}

/// What the object says, where that is not what it said before.
void Exchange::tellPresence(const Object& object, const Object& before)
{
    const auto saidBy = [](const Object& one) {
        Presence presence;
        presence.activity = activityNamed(textSetting(one, kPresence)).value_or(Activity::None);
        presence.note = textSetting(one, kPresenceNote);
        return presence;
    };
    if (Presence now = saidBy(object); now != saidBy(before))
        m_subscriptions.setPresence(object.name, std::move(now));
}

void Exchange::setDirectory(std::shared_ptr<const Directory> directory)
{
    for (const User& user : m_directory->objects()) {
        const User* now = directory->byName(user.name);
        if (now == nullptr || now->secret != user.secret) {
            m_registrar.forget(user.name);
            if (m_keeper)
                m_keeper->changed(user.name);
            m_subscriptions.forget(user.name);
            m_subscriptions.onRegistration(user.name);
        }
    }
    const auto before = std::exchange(m_directory, std::move(directory));
    if (m_services)
        m_services->setDirectory(m_directory);
    m_subscriptions.setDirectory(m_directory);
    for (const Object& object : m_directory->objects()) {
        const Object* const old = before->byName(object.name);
        tellPresence(object, old != nullptr ? *old : Object());
    }
    if (m_calls)
        m_calls->setDirectory(m_directory);
    if (m_trunks)
        m_trunks->setDirectory(*m_directory);
}

Registrations Exchange::registrationList(const std::string& of, std::size_t most) const
{
    Registrations list;
    const TimePoint now = m_clock.steadyNow();
    m_registrar.visit(now, [&](const std::string& name, const Binding& binding) {
        const User* user = m_directory->byName(name);
        const std::string number = user != nullptr ? user->number : std::string();
        if (!of.empty() && of != name && of != number)
            return;
        if (++list.total > most)
            return;
        const auto left = std::chrono::ceil<std::chrono::seconds>(binding.ends - now).count();
        list.rows.push_back({name, number, binding.contact.uri, binding.userAgent, binding.source,
                             static_cast<std::uint32_t>(left)});
    });
    std::ranges::sort(list.rows, {}, [](const Registration& row) { return std::tie(row.user, row.contact); });
    if (m_trunks)
        list.trunks = m_trunks->lines().rows();
    return list;
}

bool Exchange::isRegistered(const std::string& user) const
{
    return !m_registrar.bindings(user, m_clock.steadyNow()).empty();
}

/// Phones register by name or by number.
const User* Exchange::meantBy(const std::string& userPart) const
{
    const User* user = m_directory->byName(userPart);
    return user != nullptr ? user : m_directory->byNumber(userPart);
}

const std::string& Exchange::nameIn(const std::optional<sip::DigestCredentials>& credentials,
                                    const std::string& userPart) const
{
    if (credentials)
        return credentials->username;
    const User* meant = meantBy(userPart);
    return meant != nullptr ? meant->name : userPart;
}

/// Each request is asked about twice, one time after the other: at the door, and when it is served.
const std::optional<sip::DigestCredentials>&
Exchange::credentialsIn(const std::vector<std::string>& authorization)
{
    if (m_read.realm != m_directory->realm() || m_read.authorization != authorization)
        m_read = {authorization, m_directory->realm(), credentialsFor(authorization, m_directory->realm())};
    return m_read.credentials;
}

bool Exchange::admits(const sip::Knock& knock)
{
    if (m_trunks && m_trunks->lines().isPeer(knock.source.address.address))
        return true;
    const auto& credentials = credentialsIn(knock.authorization);
    return m_guesses.admit(knock.source.address.address, nameIn(credentials, knock.user));
}

void Exchange::onUnreadable(const sip::Source& from)
{
    ++m_unreadable;
    const TimePoint now = m_clock.steadyNow();
    if (!m_options.onUnreadable || (m_unreadableTold && now - *m_unreadableTold < kBetweenNotes))
        return;
    m_unreadableTold = now;
    m_options.onUnreadable(from.address.address, m_unreadable);
}

void Exchange::prove(const sip::Source& source)
{
    if (source.transport != sip::Transport::Udp && m_proven.size() < kMostProven)
        m_proven.insert(source.address);
}

/// Trunks and gateways are known by their address.
std::vector<int> Exchange::unwanted(const std::vector<sip::Connection>& all)
{
    std::unordered_set<Endpoint> proven;
    for (const sip::Connection& one : all)
        if (m_proven.contains(one.there))
            proven.insert(one.there);
    m_proven = std::move(proven);
    const auto isStranger = [this](const Endpoint& there) {
        return !m_proven.contains(there) && !(m_trunks && m_trunks->lines().isPeer(there.address));
    };
    return m_strangers.overdue(all, isStranger, m_clock.steadyNow());
}

RegisterAnswer Exchange::challenge(bool stale)
{
    RegisterAnswer answer;
    answer.status = 401;
    answer.reason = "Unauthorized";
    for (const sip::DigestAlgorithm algorithm : m_options.algorithms)
        answer.challenges.push_back(
            sip::digestChallenge(m_directory->realm(), m_nonces.make(), algorithm, stale));
    return answer;
}

/// The answer to a source that has guessed or floods; nothing if it may go on.
std::optional<RegisterAnswer> Exchange::heldOff(const IpAddress& from, std::string_view user)
{
    const sip::GuessGuard::Answer verdict = m_guesses.ask(from, user);
    RegisterAnswer answer;
    switch (verdict.verdict) {
    case sip::GuessGuard::Verdict::Pass:
        return std::nullopt;
    case sip::GuessGuard::Verdict::Later:
        answer.status = 503;
        answer.reason = "Service Unavailable";
        answer.retryAfter = static_cast<std::uint32_t>(verdict.retryAfter.count());
        break;
    case sip::GuessGuard::Verdict::Blocked:
        answer.status = 403;
        answer.reason = "Forbidden";
        break;
    }
    return answer;
}

const User* Exchange::authenticate(const Claim& claim, RegisterAnswer& refusal)
{
    const IpAddress& from = claim.source.address.address;
    const auto& credentials = credentialsIn(claim.authorization);
    if (auto held = heldOff(from, nameIn(credentials, claim.user))) {
        refusal = std::move(*held);
        return nullptr;
    }
    if (!credentials || !std::ranges::count(m_options.algorithms, credentials->algorithm)) {
        refusal = challenge(false);
        return nullptr;
    }
    // Unknown users take the same way as wrong passwords: neither answer nor time tells them apart.
    const User* user = m_directory->byName(credentials->username);
    const bool known = user != nullptr && !user->secret.empty(); // not every object can register
    const sip::DigestSecret& secret = known ? user->secret : m_nobody;
    if (!sip::answers(*credentials, claim.method, secret, {}) || !known) {
        m_guesses.failed(from, credentials->username);
        refusal = challenge(false);
        return nullptr;
    }
    const bool checks = std::ranges::count(m_options.replayUnchecked, claim.source.listener) == 0;
    if (m_nonces.take(*credentials, checks) == sip::NonceGuard::Verdict::Good) {
        m_guesses.succeeded(from, user->name);
        prove(claim.source);
        return user;
    }
    refusal = challenge(true); // the password was right: the device tries again by itself
    return nullptr;
}

RegisterAnswer Exchange::onRegister(const RegisterRequest& request)
{
    const TimePoint now = m_clock.steadyNow();
    if (now - m_swept >= kSweepEvery) {
        m_registrar.sweep(now);
        m_swept = now;
    }
    RegisterAnswer refusal;
    const User* user =
        authenticate({"REGISTER", request.user, request.authorization, request.source}, refusal);
    if (user == nullptr)
        return refusal;
    if (user != meantBy(request.user)) {
        refusal.status = 403;
        refusal.reason = "Not Yours";
        return refusal;
    }
    RegisterAnswer answer = m_registrar.take(user->name, request, now);
    if (m_keeper && (request.allContacts || !request.contacts.empty()))
        m_keeper->changed(user->name);
    m_subscriptions.onRegistration(user->name);
    return answer;
}

void Exchange::startKeeper(BindingParts parts)
{
    if (parts.file.empty())
        return;
    m_keeper = std::make_unique<BindingKeeper>(std::move(parts), m_registrar, m_clock);
    for (const std::string& user : m_keeper->restore(*m_directory))
        m_subscriptions.onRegistration(user);
}

void Exchange::startCalls(CallParts parts)
{
    startKeeper(std::move(parts.bindings));
    m_everySecond = std::move(parts.everySecond);
    serveScripts(parts.services.scripts);
    parts.services.controlRecording = [this](const std::string& user, RecordingAction action) {
        Call* const call = m_calls ? m_calls->talkOf(user) : nullptr;
        return call != nullptr && controlRecordingOf(*call, user, action);
    };
    m_ice = std::make_unique<IceDialer>(parts.dialer, std::move(parts.ice));
    m_services = std::make_unique<Services>(*m_ice, parts.services);
    m_services->setDirectory(m_directory);
    m_services->dialer().setIncoming(
        [this](std::unique_ptr<sip::Session> session, const sip::InviteRequest& request) {
            onLocalInvite(std::move(session), request);
        });
    m_calls = std::make_unique<CallControl>(m_services->dialer(), parts.relay, parts.tap, parts.records,
                                            m_registrar, m_clock, holdMusic(parts.services));
    m_calls->setDirectory(m_directory);
    m_calls->setUtcOffset(parts.services.scripts.utcOffset);
    m_records = &parts.records;
    startCompletion();
    startKeys();
    if (parts.messenger != nullptr)
        m_messages = std::make_unique<MessageRelay>(*parts.messenger, parts.dialer, m_clock);
    m_services->queues().open(m_clock, queueOffice());
    if (parts.trunks.sender != nullptr)
        startTrunks(parts.trunks);
}

bool Exchange::startDemo()
{
    std::vector<const Object*> users;
    const std::vector<Object>& all = m_directory->objects();
    for (const Object& object : all)
        if (object.kind == Kind::User && !object.number.empty())
            users.push_back(&object);
    std::ranges::sort(users, {}, &Object::number);
    if (users.size() < 2)
        return false;
    m_demo = std::make_unique<DemoPhones>(m_services->dialer(), m_registrar, m_clock, *users[0], *users[1]);
    return true;
}

std::vector<QueueRow> Exchange::queues() const
{
    return m_services ? m_services->queues().rows() : std::vector<QueueRow>();
}

std::vector<CallRow> Exchange::calls() const
{
    return m_calls ? m_calls->rows() : std::vector<CallRow>();
}

void Exchange::onInvite(std::unique_ptr<sip::Session> session, const sip::InviteRequest& request)
{
    if (!m_calls || m_isLeaving)
        return session->respond(503);
    if (const auto call = m_trunks ? m_trunks->callOf(request) : std::nullopt) {
        prove(request.source); // also a node of the provider's that nobody has named
        return onTrunkInvite(std::move(session), *call);
    }
    RegisterAnswer refusal;
    const User* user =
        authenticate({"INVITE", request.from.user, request.authorization, request.source}, refusal);
    if (user == nullptr)
        return refusal.status == 401 ? session->challenge(refusal.challenges)
                                     : session->respond(refusal.status);
    sip::InviteRequest admitted = user->kind == Kind::Gateway ? gatewayCall(*user, request) : request;
    session = m_ice->admit(std::move(session), admitted, iceUseOf(*user));
    m_calls->onInvite(std::move(session), admitted, *user);
}

/// From a phone of the exchange's own, which is the object that it says.
void Exchange::onLocalInvite(std::unique_ptr<sip::Session> session, const sip::InviteRequest& request)
{
    if (m_calls && request.from.user == kFeatures)
        return m_calls->onRecall(std::move(session), request);
    const Object* caller = m_directory->byName(request.from.user);
    if (caller == nullptr || !m_calls)
        return session->respond(404);
    m_calls->onInvite(std::move(session), request, *caller);
}

void Exchange::onSubscribe(std::unique_ptr<sip::Subscription> subscription,
                           const sip::SubscribeRequest& request)
{
    RegisterAnswer refusal;
    const User* user =
        authenticate({"SUBSCRIBE", request.from.user, request.authorization, request.source}, refusal);
    if (user == nullptr)
        return subscription->refuse(refusal);
    m_subscriptions.onSubscribe(std::move(subscription), request, *user);
}

sip::PublishAnswer Exchange::onPublish(const sip::PublishRequest& request)
{
    sip::PublishAnswer answer;
    const User* user =
        authenticate({"PUBLISH", request.from.user, request.authorization, request.source}, answer);
    return user == nullptr ? answer : m_subscriptions.onPublish(request, *user);
}

void Exchange::onMessage(std::unique_ptr<sip::IncomingMessage> message, const sip::MessageRequest& request)
{
    RegisterAnswer refusal;
    const User* user =
        authenticate({"MESSAGE", request.from.user, request.authorization, request.source}, refusal);
    if (user == nullptr)
        return message->answer(refusal);
    if (!m_messages)
        return; // refused
    const Reached meant = m_directory->meant(user->node, request.target);
    const User* const to = meant.rest.empty() ? meant.object : nullptr;
    const auto devices =
        to != nullptr ? m_registrar.bindings(to->name, m_clock.steadyNow()) : std::vector<Binding>();
    m_messages->take(std::move(message), request, *user, to, devices);
}

void Exchange::onSecond()
{
    m_subscriptions.onSecond();
    if (m_keeper)
        m_keeper->onSecond(*m_directory);
    if (m_trunks)
        m_trunks->onSecond();
    if (m_messages)
        m_messages->onSecond();
    if (m_calls) {
        m_calls->onSecond();
        m_services->onSecond();
        if (m_demo)
            m_demo->onSecond();
    }
    if (m_everySecond)
        m_everySecond();
}

void Exchange::onStopping()
{
    if (m_keeper)
        m_keeper->flush(*m_directory);
    if (m_demo)
        m_demo->stop();
    if (m_calls)
        m_calls->hangUpAll();
    m_calls.reset();
    if (m_records != nullptr)
        m_records->setObserver(nullptr);
    m_trunks.reset();
    m_services.reset();
    m_messages.reset();
    m_subscriptions.endAll();
}

} // namespace sr::pbx
