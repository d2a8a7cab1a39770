// SPDX-License-Identifier: GPL-3.0-or-later
// Each side has keys of its own with us: none of them ever reaches the other.
#include "core/pbx/call_media.h"

#include "core/crypto/digest.h"
#include "core/pbx/pbx_error.h"
#include "core/sdp/own_description.h"

namespace sr::pbx {
namespace {

/// RFC 8866 5.2: a number that no other session of ours has, below 2^62 for readers with signed integers.
std::uint64_t newSessionId()
{
    return loadBe<std::uint64_t>(crypto::randomArray<8>().data()) >> 2U;
}

/// What telephones speak; nothing of it is decoded here.
std::vector<sdp::OwnFormat> everyFormat()
{
    return {{8, {"PCMA", 8000, 1, {}}},   {0, {"PCMU", 8000, 1, {}}},
            {9, {"G722", 8000, 1, {}}},   {18, {"G729", 8000, 1, {}}},
            {96, {"opus", 48000, 2, {}}}, {101, {"telephone-event", 8000, 1, "0-15"}}};
}

relay::Peer peerOf(std::uint64_t device, const sdp::Media& audio)
{
    relay::Peer peer;
    peer.device = device;
    peer.rtp = audio.rtp;
    peer.rtcp = {audio.rtp.address, audio.rtcpPort};
    peer.rtcpMux = audio.rtcpMux;
    return peer;
}

relay::DtlsRole roleOf(sdp::Setup ours)
{
    return ours == sdp::Setup::Active ? relay::DtlsRole::Client : relay::DtlsRole::Server;
}

relay::IceCredentials credentialsOf(const sdp::IceLogin& login)
{
    return {login.userFragment, login.password};
}

} // namespace

CallMedia::CallMedia(std::unique_ptr<relay::Bridge> bridge, std::string fingerprint)
    : m_bridge(std::move(bridge))
    , m_fingerprint(std::move(fingerprint))
{
    for (Leg& leg : m_legs) {
        leg.sessionId = newSessionId();
        leg.device = ++m_devices;
    }
}

Result<std::unique_ptr<CallMedia>> CallMedia::open(relay::Relay& relay, const IpAddress& callerSide,
                                                   const IpAddress& calleeSide)
{
    auto bridge = relay.open(callerSide, calleeSide);
    if (!bridge)
        return bridge.error();
    return std::unique_ptr<CallMedia>(new CallMedia(std::move(*bridge), relay.fingerprint()));
}

/// What is ours in the next description towards `to`: its own address of ours, and what it was offered or
/// answered for keys and ICE.
sdp::Relayed CallMedia::planFor(Side to, Role role)
{
    Leg& leg = at(to);
    sdp::Relayed plan;
    plan.sessionId = leg.sessionId;
    plan.version = ++leg.version;
    plan.audio.rtp = m_bridge->local(to);
    plan.audio.secure = leg.protection != Protection::None;
    if (role == Role::Answer)
        plan.audio.profile = leg.profile;
    else if (leg.protection != Protection::Dtls && at(otherSide(to)).protection == Protection::Dtls)
        plan.audio.profile = plan.audio.secure ? "RTP/SAVP" : "RTP/AVP"; // phones refuse what browsers have
    if (leg.protection == Protection::Sdes)
        plan.audio.crypto = leg.ours;
    // A device that nobody knows may choose: some take RTP/SAVP, and answer it by DTLS alone.
    if (role == Role::Offer)
        leg.mayChoose = leg.protection == Protection::Sdes && !leg.hasSpoken;
    if (leg.protection == Protection::Dtls || (role == Role::Offer && leg.mayChoose))
        plan.audio.dtls = {m_fingerprint, role == Role::Answer ? leg.setup : sdp::Setup::Actpass};
    plan.audio.ice = leg.ice;
    plan.audio.isAnswer = role == Role::Answer;
    plan.audio.rtcpMux = leg.rtcpMux || (leg.offersIce && role == Role::Offer);
    return plan;
}

/// `read`: what the description says.
Result<std::string> CallMedia::describe(Side to, std::string_view description,
                                        const sdp::SessionDescription& read, Role role)
{
    const sdp::Relayed plan = planFor(to, role);
    return m_direct ? sdp::direct(description, plan) : sdp::relayed(description, read, plan);
}

Status CallMedia::makeKeys(Leg& leg)
{
    if (leg.protection != Protection::Sdes || !leg.ours.empty())
        return {};
    std::uint32_t tag = 0;
    for (const std::string_view suite : sdp::suites()) {
        auto key = sdp::newKey(suite);
        if (!key)
            return key.error();
        leg.ours.push_back({++tag, std::move(*key)});
    }
    return {};
}

/// The line of an offer that we take, and our key for it; the same one as long as the suite stays.
Status CallMedia::takeKeys(Leg& leg, const sdp::Media& audio)
{
    const sdp::CryptoAttribute* theirs = sdp::chosen(audio.crypto);
    if (theirs == nullptr)
        return fail(PbxErrc::NoCommonKeys, audio.protocol);
    leg.peer.sends = theirs->key;
    if (leg.ours.size() == 1 && leg.ours.front().key.suite == theirs->key.suite) {
        leg.ours.front().tag = theirs->tag;
    } else {
        auto key = sdp::newKey(theirs->key.suite);
        if (!key)
            return key.error();
        leg.ours = {{theirs->tag, std::move(*key)}};
    }
    leg.peer.expects = leg.ours.front().key;
    return {};
}

/// An offer of DTLS. Deviation: RFC 5763 §5 would have us begin where we may choose; but a device behind a
/// NAT has to send first, and tells by it where it is. Who has begun once goes on to (RFC 8842 §5.3).
Status CallMedia::takeDtls(Leg& leg, const sdp::Media& audio)
{
    const sdp::Setup theirs = audio.setup.value_or(sdp::Setup::Active); // RFC 4145 §4.1
    if (audio.fingerprints.empty() || theirs == sdp::Setup::Holdconn)
        return fail(PbxErrc::NoCommonKeys, audio.protocol);
    if (theirs != sdp::Setup::Actpass)
        leg.setup = theirs == sdp::Setup::Active ? sdp::Setup::Passive : sdp::Setup::Active;
    leg.peer.dtls = {roleOf(leg.setup), audio.fingerprints};
    return {};
}

/// How the offer of a device protects its media.
Status CallMedia::takeProtection(Leg& leg, const sdp::Media& audio)
{
    leg.profile = sdp::isRtpProfile(audio.protocol) ? audio.protocol : std::string();
    leg.protection = audio.isDtls()     ? Protection::Dtls
                     : audio.isSecure() ? Protection::Sdes
                                        : Protection::None;
    if (leg.protection == Protection::Dtls)
        return takeDtls(leg, audio);
    return leg.protection == Protection::Sdes ? takeKeys(leg, audio) : Status();
}

Status CallMedia::makeIce(Leg& leg)
{
    if (!leg.offersIce || leg.ice)
        return {};
    auto login = sdp::newIceLogin();
    if (!login)
        return login.error();
    leg.ice = std::move(*login);
    return {};
}

/// A device that offers ICE is answered under a login that lasts until it restarts.
Status CallMedia::takeIce(Leg& leg, const sdp::Media& audio)
{
    if (!audio.wantsChecks()) {
        leg.ice.reset();
        leg.theirIce.reset();
        return {};
    }
    if (!leg.ice || (leg.theirIce && leg.theirIce != audio.ice->login)) {
        auto login = sdp::newIceLogin();
        if (!login)
            return login.error();
        leg.ice = std::move(*login);
    }
    leg.theirIce = audio.ice->login;
    leg.peer.ice = credentialsOf(*leg.ice);
    return {};
}

/// What a side needs before it can be offered anything.
Status CallMedia::prepareOffer(Leg& asked)
{
    const Status keys = makeKeys(asked);
    return keys ? makeIce(asked) : keys;
}

Result<std::string> CallMedia::passOffer(Side from, std::string_view offer)
{
    const auto parsed = sdp::parse(offer);
    if (!parsed)
        return parsed.error();
    const sdp::Media* audio = parsed->audio();
    if (audio == nullptr)
        return fail(sdp::SdpErrc::NoAudio, "offer");
    m_before = std::make_unique<Legs>(m_legs);
    if (m_direct) {
        note(from, *audio);
        auto passed = describe(otherSide(from), offer, *parsed, Role::Offer);
        return passed ? passed : undone(passed.error());
    }
    Leg& asker = at(from);
    Leg& asked = at(otherSide(from));
    asker.peer = peerOf(asker.device, *audio);
    asker.rtcpMux = audio->rtcpMux;
    asker.hasSpoken = true;
    if (const Status keys = takeProtection(asker, *audio); !keys)
        return undone(keys.error());
    if (const Status ice = takeIce(asker, *audio); !ice)
        return undone(ice.error());
    if (!m_protectionChosen)
        asked.protection = asker.protection == Protection::None ? Protection::None : Protection::Sdes;
    if (const Status ready = prepareOffer(asked); !ready)
        return undone(ready.error());
    auto passed = describe(otherSide(from), offer, *parsed, Role::Offer);
    if (!passed)
        return undone(passed.error());
    if (const Status heard = m_bridge->setPeer(from, asker.peer); !heard)
        return undone(heard.error());
    return passed;
}

Result<std::string> CallMedia::passAnswer(Side from, std::string_view answer)
{
    const auto parsed = sdp::parse(answer);
    if (!parsed)
        return parsed.error();
    const sdp::Media* audio = parsed->audio();
    if (audio == nullptr)
        return fail(sdp::SdpErrc::NoAudio, "answer");
    if (m_direct)
        note(from, *audio);
    else if (const Status agreed = agree(from, *audio); !agreed)
        return agreed.error();
    m_protectionChosen = true;
    auto passed = describe(otherSide(from), answer, *parsed, Role::Answer);
    if (passed)
        m_before.reset();
    return passed;
}

/// What media that goes past us tells of a device, for the time when it comes here. Nothing that was agreed
/// on with us before holds then: its counts have run on.
void CallMedia::note(Side side, const sdp::Media& audio)
{
    Leg& leg = at(side);
    leg.protection = audio.isDtls()     ? Protection::Dtls
                     : audio.isSecure() ? Protection::Sdes
                                        : Protection::None;
    leg.profile = sdp::isRtpProfile(audio.protocol) ? audio.protocol : std::string();
    leg.hasSpoken = true;
    leg.offersIce = audio.wantsChecks();
    leg.rtcpMux = audio.rtcpMux;
    leg.ours.clear();
    leg.ice.reset();
    leg.theirIce.reset();
    leg.device = ++m_devices;
    leg.peer = {};
    leg.peer.device = leg.device;
    (void)m_bridge->setPeer(side, leg.peer);
}

/// The answer to our offer holds.
Status CallMedia::agree(Side from, const sdp::Media& audio)
{
    Leg& asked = at(from);
    auto peer = answered(asked, audio);
    if (!peer)
        return peer.error();
    if (Status heard = m_bridge->setPeer(from, *peer); !heard)
        return heard;
    asked.peer = std::move(*peer);
    return {};
}

/// What the answer to our offer comes to.
Result<relay::Peer> CallMedia::answered(Leg& asked, const sdp::Media& audio)
{
    const bool hasIce = asked.ice && audio.wantsChecks();
    if (hasIce && asked.theirIce && asked.theirIce != audio.ice->login)
        asked.device = ++m_devices; // of those that were called another one than before answers
    relay::Peer peer = peerOf(asked.device, audio);
    if (hasIce) {
        asked.theirIce = audio.ice->login;
        peer.ice = credentialsOf(*asked.ice);
    }
    asked.rtcpMux = audio.rtcpMux;
    if (asked.mayChoose) // of those that were called each for itself
        asked.protection = audio.isDtls() ? Protection::Dtls : Protection::Sdes;
    asked.hasSpoken = true;
    if (asked.protection == Protection::None)
        return peer;
    if (asked.protection == Protection::Dtls) {
        if (!audio.isDtls() || audio.fingerprints.empty())
            return fail(PbxErrc::NoCommonKeys, audio.protocol);
        const bool begins = audio.setup.value_or(sdp::Setup::Passive) != sdp::Setup::Passive; // RFC 4145 §4.1
        asked.setup = begins ? sdp::Setup::Passive : sdp::Setup::Active;
        peer.dtls = {roleOf(asked.setup), audio.fingerprints};
        return peer;
    }
    const sdp::CryptoAttribute* theirs = sdp::taken(audio.crypto, asked.ours);
    if (theirs == nullptr)
        return fail(PbxErrc::NoCommonKeys, audio.protocol);
    peer.sends = theirs->key;
    for (const sdp::CryptoAttribute& ours : asked.ours)
        if (ours.tag == theirs->tag)
            peer.expects = ours.key;
    return peer;
}

Result<std::string> CallMedia::answerAlone(Side from, std::string_view offer)
{
    const auto parsed = sdp::parse(offer);
    if (!parsed)
        return parsed.error();
    const sdp::Media* audio = parsed->audio();
    if (audio == nullptr)
        return fail(sdp::SdpErrc::NoAudio, "offer");
    m_direct = false;
    Leg& asker = at(from);
    asker.peer = peerOf(asker.device, *audio);
    asker.rtcpMux = audio->rtcpMux;
    if (const Status keys = takeProtection(asker, *audio); !keys)
        return keys.error();
    if (const Status ice = takeIce(asker, *audio); !ice)
        return ice.error();
    sdp::OwnAudio own;
    own.ours = planFor(from, Role::Answer);
    own.formats = everyFormat();
    own.direction = sdp::Direction::Inactive;
    auto answer = sdp::answer(*parsed, own);
    if (!answer)
        return answer;
    if (const Status heard = m_bridge->setPeer(from, asker.peer); !heard)
        return heard.error();
    return answer;
}

Result<std::string> CallMedia::describeFor(Side to, std::string_view description)
{
    m_direct = false;
    m_before = std::make_unique<Legs>(m_legs);
    if (const Status ready = prepareOffer(at(to)); !ready)
        return undone(ready.error());
    const auto parsed = sdp::parse(description);
    if (!parsed)
        return undone(parsed.error());
    auto described = describe(to, description, *parsed, Role::Offer);
    return described ? described : undone(described.error());
}

void CallMedia::reset(Side side, const Terms& terms)
{
    Leg fresh;
    fresh.sessionId = newSessionId();
    fresh.protection = terms.protection;
    fresh.offersIce = terms.ice;
    fresh.device = ++m_devices;
    at(side) = std::move(fresh);
}

void CallMedia::setOrigin(Side side, const Origin& last)
{
    at(side).sessionId = last.sessionId;
    at(side).version = last.version;
}

Error CallMedia::undone(const Error& error)
{
    m_legs = *std::exchange(m_before, {});
    return error;
}

void CallMedia::setTerms(Side side, const Terms& terms)
{
    at(side).protection = terms.protection;
    at(side).offersIce = terms.ice;
    m_protectionChosen = true;
}

CallMedia::Terms CallMedia::terms(Side side) const
{
    return {at(side).protection, at(side).ice || (m_direct && at(side).offersIce)};
}

void CallMedia::revert()
{
    if (m_before == nullptr)
        return;
    const auto before = std::exchange(m_before, {});
    for (const Side side : {Side::Caller, Side::Callee}) {
        const std::uint64_t version = at(side).version;
        at(side) = (*before)[static_cast<std::size_t>(side)];
        at(side).version = version; // it only ever rises
        (void)m_bridge->setPeer(side, at(side).peer);
    }
}

Result<std::string> CallMedia::clearDescription(Side from, std::string_view description) const
{
    sdp::Relayed plan;
    plan.sessionId = at(from).sessionId;
    plan.version = at(from).version;
    plan.audio.rtp = m_bridge->local(from);
    return sdp::relayed(description, plan);
}

} // namespace sr::pbx
