// SPDX-License-Identifier: GPL-3.0-or-later
// LocalScene with all services of the exchange as the exchange puts them together, and callers with phones
// that the test plays.
#pragma once

#include "core/base/endpoint.h"
#include "core/pbx/services.h"
#include "tests/unit/pbx/exchange_fixture.h"
#include "tests/unit/pbx/records_text.h"
#include "tests/unit/pbx/script_scene.h"

namespace sr::test {

constexpr std::byte kMusicOctet{0x33};

/// A phone that calls, and its ears.
struct Caller {
    FakePhone phone;
    FarEnd media;
    Bytes heard;
    std::string name;

    std::string sdp() const { return sdpOf(media.local().port); }
    QString log() const { return QString::fromStdString(phone.log()); }
    /// Answers what the exchange offers anew.
    void answerOffers()
    {
        const auto offers = std::ranges::count(phone.sent, "offer", &FakePhone::Sent::what);
        for (; answered < offers && !phone.over; ++answered)
            phone.events->onReply({200, sdp()});
    }
    /// Where it sends its sound.
    Endpoint far() const
    {
        for (auto at = phone.sent.rbegin(); at != phone.sent.rend(); ++at)
            if (!at->sdp.empty())
                return audioOf(at->sdp).rtp;
        return {};
    }
    std::ptrdiff_t answered = 0;
};

/// anna (100), bert (101), carl (102), dora (103) and emil (104), who alone is in no group; `lot` (400) has
/// two positions, `room` (500) calls carl and dora, `hall` (501) nobody, `night` (*1) is a boolean.
struct ServiceScene : LocalScene {
    ServiceScene()
    {
        std::vector<Object> objects{{"anna", "100", "Anna", {"House"}, {}},
                                    {"bert", "101", "Bert", {"House"}, {}},
                                    {"carl", "102", "Carl", {"House", "Team"}, {}},
                                    {"dora", "103", "Dora", {"House", "Team"}, {}},
                                    {"emil", "104", "Emil", {}, {}}};
        objects.push_back(object(Kind::Park, "lot", "400", {"House"}, {{"positions", "2"}}));
        Membership team("Team");
        team.active = true;
        objects.push_back(object(Kind::Conference, "room", "500", {team}, {{"members", "3"}}));
        objects.push_back(object(Kind::Conference, "hall", "501", {}, {}));
        objects.push_back(object(Kind::Boolean, "night", "*1", {}, {}));
        for (Object& one : objects)
            one.record = RecordMode::Off;
        std::ranges::sort(objects, {}, &Object::name);
        directory = std::make_shared<const Directory>("switchroom", std::move(objects));
        logged = std::make_unique<CallRecords>(
            [this](const CallRecords::Record& record) { finished.push_back(record); },
            CallRecords::Identity{"PBX"}, clock);
        services.emplace(network, ServiceParts{server, box.executor(),
                                               [this](const std::string& name) {
                                                   return name == "music" ? music : nullptr;
                                               },
                                               writer});
        services->setDirectory(directory);
        control = std::make_unique<CallControl>(services->dialer(), *relay, tap, *logged, registrar, clock);
        control->setDirectory(directory);
        services->dialer().setIncoming(
            [this](std::unique_ptr<sip::Session> session, const sip::InviteRequest& request) {
                control->onInvite(std::move(session), request, *directory->byName(request.from.user));
            });
        bind("dora", "sip:dora@127.0.0.1:5071", {});
    }
    /// As in the exchange: before what it uses.
    ~ServiceScene()
    {
        control.reset();
        box.run();
    }
    static Object object(Kind kind, const char* name, const char* number, std::vector<Membership> groups,
                         Settings settings)
    {
        Object made{name, number, name, std::move(groups), {}};
        made.kind = kind;
        made.settings = std::move(settings);
        return made;
    }
    Caller& caller(const std::string& name)
    {
        Caller& made = callers.emplace_back();
        made.name = name;
        return made;
    }
    /// Dials, and is connected with whom it reaches as far as that goes by itself.
    void call(Caller& who, const std::string& number, const std::string& sdp)
    {
        sip::InviteRequest request;
        request.target = number;
        request.from = {who.name, who.name, "127.0.0.1"};
        request.source.address = *Endpoint::parse("127.0.0.1:5060");
        request.sdp = sdp;
        control->onInvite(std::make_unique<FakeSession>(who.phone), request, *directory->byName(who.name));
        settle();
    }
    void call(Caller& who, const std::string& number) { call(who, number, who.sdp()); }
    Caller& calls(const std::string& name, const std::string& number)
    {
        Caller& who = caller(name);
        call(who, number);
        return who;
    }
    void hangUp(FakePhone& phone, sip::Ending ending = sip::Ending::Bye)
    {
        phone.events->onEnded(ending);
        settle();
    }
    void settle()
    {
        box.run();
        for (Caller& who : callers) {
            who.answerOffers();
            box.run();
        }
    }
    template <typename Condition>
    bool comes(Condition condition)
    {
        return until([&] {
            settle();
            for (Caller& who : callers)
                for (const FarEnd::Heard& packet : who.media.take())
                    who.heard.insert(who.heard.end(), packet.payload.begin(), packet.payload.end());
            return condition();
        });
    }
    /// Until `to` hears what `from` says.
    bool hears(Caller& to, Caller& from, std::uint8_t what)
    {
        to.heard.clear();
        return comes([&] {
            from.media.say(from.far(), 8, Bytes(160, std::byte{what}));
            return std::ranges::count(to.heard, std::byte{what}) > 1600;
        });
    }
    bool hearsMusic(Caller& who)
    {
        who.heard.clear();
        return comes([&] { return std::ranges::count(who.heard, kMusicOctet) > 800; });
    }
    /// Nothing is left: no call, no port of ours, no ports of the relay.
    bool isQuiet()
    {
        settle();
        control->onSecond();
        settle();
        return control->count() == 0 && services->dialer().calls() == 0 && server.openPorts() == 0 &&
               relay->openBridges() == 0;
    }
    QString recordsOf(const std::string& name) const { return test::recordsOf(finished, name); }

    ExchangeFixture fixture;
    DirectoryWriter writer{fixture.config(), fixture.secrets};
    PostBox box;
    media::SoundPtr music = media::Sound::read(Bytes(1600, kMusicOctet), "music.g711a").valueOr(nullptr);
    std::vector<CallRecords::Record> finished;
    std::unique_ptr<CallRecords> logged;
    std::deque<Caller> callers;
    std::optional<Services> services;
};

} // namespace sr::test
