// SPDX-License-Identifier: GPL-3.0-or-later
// A back-to-back user agent (RFC 7092): what one side says reaches the other only through here.
#include "core/crypto/digest.h"
#include "core/pbx/call_transfer.h"
#include "core/pbx/q850.h"
#include "core/pbx/route.h"
#include "core/pbx/service_uri.h"
#include "core/sdp/session_description.h"

#include <algorithm>
#include <array>

namespace sr::pbx {
namespace {

constexpr auto kProbeEvery = std::chrono::seconds(30); ///< of a device that sends no media
constexpr auto kLeaveWithin = std::chrono::seconds(4); ///< for who handed a call over, then it gets BYE
const std::string kNobody = "anonymous";               // RFC 3323 4.1.1.3

bool isOnHold(const std::string& sdp)
{
    const auto audio = sdp::audioOf(sdp);
    return audio && audio->isOnHold();
}

} // namespace

std::string hostText(const IpAddress& address)
{
    return address.isV4() ? address.toString() : "[" + address.toString() + "]";
}

bool isQueue(const CallParty& party)
{
    return party.pseudo == nameOf(Kind::WaitingQueue);
}

bool isNobody(const CallParty& party)
{
    return party.pseudo == kCodesPseudo || party.pseudo == nameOf(Kind::Park);
}

RecordParty recordParty(const CallParty& party, const std::string& device)
{
    const std::string number = numberFromRoot(party);
    RecordParty out{objectGuid(party.name), party.longName, number, party.name, device};
    out.node = party.node;
    for (const std::string& group : party.groups)
        out.groups.push_back({.name = group});
    out.pseudo = party.pseudo;
    if (!party.line)
        return out;
    out.cn = party.line->longName;
    out.e164 = lineFromRoot(party);
    out.external = true;
    out.shown = cdr::CdrParty{number, party.name, party.longName};
    if (!party.line->behind.empty())
        out.endpoint = cdr::CdrParty{party.line->behind, {}, {}};
    return out;
}

const std::string& numberOf(const CallParty& party)
{
    return party.number.empty() ? kNobody : party.number;
}

int passedOn(int status)
{
    const bool ours = status < 400 || status == 401 || status == 407 || status == 408 || status == 481;
    return ours ? kUnavailable : status;
}

int refusalOfOffer(int status)
{
    constexpr int kNotAcceptable = 488;
    return status == kPending || status / 100 == 5 ? status : kNotAcceptable;
}

int betterRefusal(int before, int status)
{
    if (before == 0 || status >= 600)
        return before >= 600 ? before : status;
    return before >= 600 || before / 100 <= status / 100 ? before : status;
}

Call::Call(const CallEnvironment& environment, Plan plan, const sip::InviteRequest& request,
           std::unique_ptr<sip::Session> session)
    : m_environment(environment)
    , m_plan(std::move(plan))
    , m_request(request)
    , m_guid(toHex(crypto::randomArray<16>()))
    , m_tag(environment.neighbours.newTag())
    , m_since(environment.clock.utcNow())
    , m_caller(std::make_unique<Leg>(*this, Side::Caller))
{
    m_wantedBefore = m_plan.caller.record == RecordMode::Transparent;
    addDiversions(m_plan.callee.steps);
    m_caller->device = request.source;
    described(Side::Caller) = request.sdp;
    m_caller->take(std::move(session));
}

Call::~Call() = default;

CallRow Call::row() const
{
    const bool recorded = m_transcript && (!m_transcript->isProvisional() || m_transcript->isWanted());
    return {m_plan.id, m_plan.caller, m_plan.callee.party, m_since, m_answeredAt, recorded, m_paused};
}

bool Call::hasDialog(const sip::DialogId& dialog) const
{
    return (m_caller && m_caller->session()->isDialog(dialog)) ||
           (m_callee && m_callee->session()->isDialog(dialog));
}

bool Call::isTalkOf(const std::string& user) const
{
    const auto talks = [&](const CallParty& party, const CallParty& with) {
        return party.name == user && isPerson(with);
    };
    const CallParty& callee = m_plan.callee.party;
    return m_state == State::Connected && (talks(m_plan.caller, callee) || talks(callee, m_plan.caller));
}

bool Call::isSeated(const Leg& leg) const
{
    return legOf(leg.side()) == &leg;
}

void Call::begin()
{
    m_media = openMedia(m_request.source, m_plan.callee.devices.front().at.source);
    if (m_media == nullptr)
        return refuse(503);
    std::string offer;
    if (!m_request.sdp.empty()) {
        auto passed = passOffer(Side::Caller, m_request.sdp);
        if (!passed)
            return refuse(488);
        offer = std::move(*passed);
    }
    startTranscript();
    beginRecords();
    ringAll(offer);
    if (m_ringing.empty())
        refuse(kUnavailable);
}

void Call::beginRecords()
{
    if (isRecall())
        return;
    record(Side::Caller) =
        m_environment.records.beginCaller(recordParty(m_plan.caller, m_plan.caller.name), m_guid);
    recordCallees();
}

/// Whom the call rings now, and who has sent it there.
void Call::recordCallees()
{
    CallRecords& records = m_environment.records;
    for (const ForwardStep& step : m_plan.callee.steps)
        records.forwarded(record(Side::Caller), recordParty(step.by), {.e164 = step.to});
    m_ringingRecords.clear();
    for (const CalledDevice& device : m_plan.callee.devices) {
        LegId& begun = m_ringingRecords[device.owner.name];
        if (begun == 0)
            begun = records.beginCallee(record(Side::Caller), recordParty(device.owner, device.owner.name));
    }
    record(Side::Callee) = recordOf(m_plan.callee.devices.front().owner);
}

LegId Call::recordOf(const CallParty& owner) const
{
    const auto found = m_ringingRecords.find(owner.name);
    return found == m_ringingRecords.end() ? LegId{0} : found->second;
}

/// The last device of somebody has refused while those of others ring on.
void Call::releaseRinging(const Leg& leg, int cause)
{
    const std::string& name = leg.called.owner.name;
    const bool more = std::ranges::any_of(
        m_ringing, [&](const auto& one) { return one.get() != &leg && one->called.owner.name == name; });
    const bool others =
        std::ranges::any_of(m_ringing, [&](const auto& one) { return one->called.owner.name != name; });
    if (!more && others)
        m_environment.records.released(recordOf(leg.called.owner), cause);
}

void Call::ringAll(const std::string& offer)
{
    m_ringsSince = m_environment.clock.steadyNow();
    for (const CalledDevice& device : m_plan.callee.devices)
        if (auto leg = ring(device, Side::Callee, offer))
            m_ringing.push_back(std::move(leg));
}

std::unique_ptr<CallMedia> Call::openMedia(const sip::Source& caller, const sip::Source& callee) const
{
    const sip::Dialer& dialer = m_environment.dialer;
    auto media =
        CallMedia::open(m_environment.relay, dialer.addressTowards(caller), dialer.addressTowards(callee));
    return media ? std::move(*media) : nullptr;
}

/// Null if the device cannot be called.
std::unique_ptr<Call::Leg> Call::ring(const CalledDevice& device, Side side, const std::string& offer,
                                      const CallParty* shown)
{
    const sip::Source& way = device.at.source;
    const std::string host = hostText(m_environment.dialer.addressTowards(way));
    const CallParty& caller = shown != nullptr ? *shown : partyOf(otherSide(side));
    sip::OutgoingInvite invite;
    invite.uri = device.at.contact.uri;
    invite.way = way;
    invite.from = shownTo(way, caller);
    invite.to = {device.owner.longName, device.owner.number, host};
    invite.sdp = offer;
    invite.ice = device.ice;
    invite.conferenceGuid = m_guid;
    invite.diversions = m_diversions;
    if (const sip::NameAddress& as = m_request.shownAs; m_state == State::Calling && !as.user.empty()) {
        invite.diversions.insert(invite.diversions.begin(), {caller.longName, caller.number, "unknown"});
        invite.from = {as.display, as.user, host};
    }
    if (device.exit)
        leaveBy(*device.exit, way, caller, invite);
    auto leg = std::make_unique<Leg>(*this, side);
    leg->device = way;
    leg->called = device;
    leg->isOurs = true;
    leg->take(m_environment.dialer.invite(invite, *leg));
    return leg->session() != nullptr ? std::move(leg) : nullptr;
}

sip::NameAddress Call::shownTo(const sip::Source& way, const CallParty& party) const
{
    return {party.longName, numberOf(party), hostText(m_environment.dialer.addressTowards(way))};
}

CallTranscript::Device Call::transcriptDevice(const CallParty& party, const sip::Source& at) const
{
    const std::string host = hostText(m_environment.dialer.addressTowards(at));
    const std::string number = numberFromRoot(party);
    return {{party.longName, number.empty() ? kNobody : number, host}, at.address, isQueue(party)};
}

void Call::refuse(int status)
{
    m_caller->session()->respond(status);
    tellFailed(status);
    if (m_transcript)
        m_transcript->refused(m_environment.clock.utcNow(), status);
    const int cause = q850::causeOfStatus(status);
    m_environment.records.released(record(Side::Callee), cause);
    m_environment.records.dropped(record(Side::Caller), cause);
    tearDown();
}

void Call::end(Side by)
{
    m_environment.records.released(record(by));
    endTranscript(by);
    tearDown();
}

void Call::hangUp()
{
    if (m_state == State::Calling)
        refuse(503);
    else if (m_state == State::Connected)
        end(Side::Caller);
}

/// Each session ends what it has: CANCEL, BYE.
void Call::tearDown()
{
    m_state = State::Over;
    if (m_media)
        m_media->bridge().setTap(std::nullopt);
    closeTag();
    dropSecondRecord(q850::kNormal);
    m_transfer.reset();
    m_leaving.clear();
    m_ringing.clear();
    m_callee.reset();
    m_caller.reset();
    m_music.reset();
    m_media.reset();
}

void Call::onReply(Leg& leg, const sip::Reply& reply)
{
    if (m_transfer && onTransferReply(leg, reply))
        return;
    if (m_state == State::Connected)
        return onOfferReply(leg, reply);
    if (reply.status < 200)
        onProgress(leg, reply);
    else if (reply.status < 300)
        onAnswer(leg, reply);
    else if (!isDiverted(leg, reply))
        onRefusal(leg, reply.status);
}

/// Sound before the answer is passed on; of several devices the last one that begins is heard.
void Call::onProgress(Leg& leg, const sip::Reply& reply)
{
    if (reply.status == 100)
        return;
    if (!m_rang && m_transcript)
        m_transcript->ringing(m_environment.clock.utcNow());
    if (!leg.alerted)
        m_environment.records.alerted(recordOf(leg.called.owner));
    for (const auto& one : m_ringing)
        one->alerted = one->alerted || one->called.owner.name == leg.called.owner.name;
    m_rang = true;
    std::string answer;
    if (!reply.sdp.empty() && !m_request.sdp.empty())
        if (auto passed = m_media->passAnswer(Side::Callee, reply.sdp); passed) {
            answer = std::move(*passed);
            leg.early = reply.sdp;
            described(Side::Callee) = reply.sdp;
        }
    m_caller->session()->respond(answer.empty() ? 180 : 183, answer);
}

void Call::onAnswer(Leg& leg, const sip::Reply& reply)
{
    const auto self = std::ranges::find_if(m_ringing, [&](const auto& one) { return one.get() == &leg; });
    m_callee = std::move(*self);
    m_ringing.clear(); // the other devices stop ringing
    m_plan.callee.party = m_callee->called.owner;
    record(Side::Callee) = recordOf(m_plan.callee.party);
    // Of several devices another one may have been heard last.
    const std::string& said = described(Side::Callee) = reply.sdp.empty() ? m_callee->early : reply.sdp;
    if (m_request.sdp.empty()) { // the answer to what it offers comes in the caller's ACK
        auto offer = passOffer(Side::Callee, said);
        if (!offer)
            return refuse(488);
        m_exchange = Exchange{Side::Caller, true, said};
        connect({}, {});
        return m_caller->session()->respond(200, *offer);
    }
    auto answer = m_media->passAnswer(Side::Callee, said);
    m_callee->session()->acknowledge();
    if (!answer)
        return refuse(488);
    connect(m_request.sdp, said);
    m_caller->session()->respond(200, *answer);
}

void Call::connect(const std::string& offer, const std::string& answer)
{
    m_state = State::Connected;
    m_answeredAt = m_environment.clock.utcNow();
    m_environment.records.connected(record(Side::Callee), m_plan.callee.party.name);
    m_caller->probed = m_callee->probed = m_environment.clock.steadyNow();
    settleRecording();
    if (!m_transcript)
        return listenForKeys();
    const auto clear = offer.empty() ? std::string()
                                     : m_media->clearDescription(Side::Callee, answer).valueOr(std::string());
    m_transcript->setRoles(roles()); // others have rung, too
    m_transcript->answered(*m_answeredAt, clear);
    tapMedia();
}

void Call::onRefusal(Leg& leg, int status)
{
    if (retryOtherProtection(leg, status))
        return;
    m_bestRefusal = betterRefusal(m_bestRefusal, isDeadWay(leg, status) ? kNoService : passedOn(status));
    releaseRinging(leg, q850::causeOfStatus(status));
    const LegId refused = recordOf(leg.called.owner);
    std::erase_if(m_ringing, [&](const auto& one) { return one.get() == &leg; });
    if (!m_ringing.empty())
        return;
    record(Side::Callee) = refused; // of a group the last one's
    if (isLocalFailure(status) && ringSpare(status))
        return;
    const Forwarding next = forwardBehind(m_bestRefusal, m_plan.callee.forwards);
    if (next.isRejected)
        m_environment.records.released(record(Side::Callee), q850::causeOfStatus(m_bestRefusal));
    if (!forward(next.to, next.isRejected ? 0 : record(Side::Callee), next.reason))
        refuse(m_bestRefusal);
}

/// The other side is asked first; a side that offers meanwhile waits and tries again (RFC 3261 14.1).
void Call::onOffer(Leg& leg, const std::string& sdp)
{
    if (m_state != State::Connected || m_exchange || m_transfer || !isSeated(leg))
        return leg.session()->respond(kPending);
    std::string passed;
    if (!sdp.empty()) {
        auto offer = passOffer(leg.side(), sdp);
        if (!offer)
            return leg.session()->respond(488);
        passed = offeredTo(otherSide(leg.side()), sdp, std::move(*offer));
    }
    m_exchange = Exchange{leg.side(), sdp.empty(), sdp};
    legOf(otherSide(leg.side()))->session()->offer(passed);
}

void Call::onOfferReply(Leg& leg, const sip::Reply& reply)
{
    if (reply.status < 200)
        return;
    if (!m_exchange || m_exchange->by == leg.side() || !isSeated(leg)) {
        if (reply.status >= 300)
            return;
        leg.session()->acknowledge(); // of a transfer that failed meanwhile: nobody hears it there
        return end(leg.side());
    }
    Leg& asker = *legOf(m_exchange->by);
    if (reply.status >= 300) {
        m_media->revert();
        m_exchange.reset();
        asker.session()->respond(refusalOfOffer(reply.status));
        if (reply.status == 408 || reply.status == 481)
            end(leg.side());
        return;
    }
    const auto passed =
        m_exchange->offerless ? passOffer(leg.side(), reply.sdp) : m_media->passAnswer(leg.side(), reply.sdp);
    if (!m_exchange->offerless || !passed)
        leg.session()->acknowledge();
    if (!passed) {
        m_media->revert();
        m_exchange.reset();
        return asker.session()->respond(488);
    }
    const std::string offer = m_exchange->offer;
    if (m_exchange->offerless) {
        m_exchange->offer = reply.sdp;
        return asker.session()->respond(200, offeredTo(asker.side(), reply.sdp, std::move(*passed)));
    }
    asker.session()->respond(200, answeredTo(asker.side(), offer, reply.sdp, std::move(*passed)));
    finishExchange(leg.side(), reply.sdp);
}

void Call::onAck(Leg& leg, const std::string& sdp)
{
    if (leg.picksUp && m_state == State::Calling)
        return offerToPicker(leg);
    if (!m_exchange || !m_exchange->offerless || m_exchange->by != leg.side() || !isSeated(leg))
        return;
    const auto passed = m_media->passAnswer(leg.side(), sdp);
    Leg& other = *legOf(otherSide(leg.side()));
    other.session()->acknowledge(passed ? answeredTo(other.side(), m_exchange->offer, sdp, *passed)
                                        : std::string());
    if (!passed) // neither side knows what the other hears
        return end(leg.side());
    finishExchange(leg.side(), sdp);
}

void Call::finishExchange(Side answerer, const std::string& answer)
{
    const Exchange done = *std::exchange(m_exchange, std::nullopt);
    const Side offerer = otherSide(answerer);
    described(offerer) = done.offer;
    described(answerer) = answer;
    m_environment.records.held(record(offerer), isOnHold(done.offer));
    playHoldMusic();
    if (!m_transcript)
        return;
    listenForKeys();
    const auto offered = m_media->clearDescription(offerer, done.offer);
    const auto answered = m_media->clearDescription(answerer, answer);
    if (offered && answered)
        m_transcript->reoffered(m_environment.clock.utcNow(), offerer, *offered, *answered);
}

void Call::onEnded(Leg& leg, sip::Ending ending)
{
    if (onTransferEnded(leg))
        return;
    if (m_state == State::Connected)
        return end(leg.side());
    if (leg.side() == Side::Callee)
        return onRefusal(leg, 408);
    if (m_transcript)
        m_transcript->refused(m_environment.clock.utcNow(), ending == sip::Ending::Cancelled ? 487 : 408);
    tellFailed(487);
    m_environment.records.released(record(Side::Caller));
    tearDown();
}

/// What answers inside the exchange knows itself how long a caller rings.
bool Call::ringsService() const
{
    return isServiceUri(m_plan.callee.devices.front().at.contact.uri);
}

void Call::onSecond()
{
    const TimePoint now = m_environment.clock.steadyNow();
    if (m_state == State::Calling && now - m_ringsSince >= m_plan.callee.ring && !ringsService())
        forward(std::string(m_plan.callee.forwards.noAnswer), record(Side::Callee), "no-answer");
    if (m_state != State::Connected)
        return;
    std::erase_if(m_leaving, [&](const auto& leg) { return now - leg->probed > kLeaveWithin; });
    for (Leg* leg : {m_caller.get(), m_callee.get()}) {
        if (leg == nullptr)
            continue;
        const TimePoint heard = m_media->bridge().state(leg->side()).lastPacket;
        if (now - std::max(heard, leg->probed) < kProbeEvery)
            continue;
        leg->probed = now;
        leg->session()->probe();
    }
    offerAgain(now);
    forwardLateTransfer(now);
}

} // namespace sr::pbx
