// SPDX-License-Identifier: GPL-3.0-or-later
// The exchange's call control with phones of its own, phones that the test plays, and a real relay. Media
// beats when the test says so; what goes by the relay's thread is waited for.
#pragma once

#include "core/base/endpoint.h"
#include "core/pbx/call_control.h"
#include "core/pbx/local_dialer.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/media/media_scene.h"
#include "tests/unit/pbx/call_scene.h"

#include <QElapsedTimer>
#include <QTest>

#include <set>
#include <thread>

namespace sr::test {

/// Keeps its calls and what they tell.
struct LocalLog final : LocalApplication {
    void onCall(std::unique_ptr<LocalCall> call) override
    {
        if (onArrival)
            onArrival(*call);
        take(std::move(call));
    }
    void take(std::unique_ptr<LocalCall> call)
    {
        const auto add = [this](std::string text) { log += (log.empty() ? "" : ", ") + std::move(text); };
        LocalCallEvents events;
        events.progress = [add](int status) { add(std::to_string(status)); };
        events.held = [add](bool held) { add(held ? "held" : "heard"); };
        events.played = [add](media::PlayEnd end) {
            add(end == media::PlayEnd::Done ? "played" : "not encodable");
        };
        events.digit = [add](char symbol, std::chrono::milliseconds length) {
            add(std::string(1, symbol) + ' ' + std::to_string(length.count()));
        };
        events.recorded = [add](const media::Recorded& recorded) {
            add(std::string("recorded ") + (recorded.status ? "well" : "badly"));
        };
        events.transferred = [add](int status) { add("refer " + std::to_string(status)); };
        events.ended = [add](int status) { add("ended " + std::to_string(status)); };
        call->setEvents(std::move(events));
        calls.push_back(std::move(call));
    }
    LocalCall& last() { return *calls.back(); }
    QString told() const { return QString::fromStdString(log); }

    std::function<void(LocalCall&)> onArrival; ///< before it is kept
    std::vector<std::unique_ptr<LocalCall>> calls;
    std::string log;
};

/// anna (100) and carl (102) have phones of the network; 200 is whatever service() says.
struct LocalScene : MediaScene {
    LocalScene()
    {
        relay::RelayOptions options;
        options.firstPort = 20000;
        options.lastPort = 29999;
        relay = std::move(relay::Relay::start(options)).value();
        std::vector<User> users{{"anna", "100", "Anna", {}, {}},
                                {"carl", "102", "Carl", {}, {}},
                                {"service", "200", "Service", {}, {}}};
        for (User& user : users)
            user.record = RecordMode::Off;
        directory = std::make_shared<const Directory>("switchroom", std::move(users));
        control = std::make_unique<CallControl>(dialer, *relay, tap, records, registrar, clock);
        control->setDirectory(directory);
        bind("carl", "sip:carl@127.0.0.1:5070", {});
        dialer.setIncoming([this](std::unique_ptr<sip::Session> session, const sip::InviteRequest& request) {
            control->onInvite(std::move(session), request, *directory->byName(request.from.user));
        });
    }
    void bind(const std::string& name, const std::string& uri, sip::Source source)
    {
        sip::RegisterRequest request;
        request.user = name;
        request.callId = name;
        request.contacts.push_back({uri, {}, {}});
        if (source.address.port == 0 && !isServiceUri(uri))
            source.address = *Endpoint::parse("127.0.0.1:5070");
        request.source = source;
        registrar.take(name, request, clock.steadyNow());
    }
    void service(const std::string& uri) { bind("service", uri, LocalDialer::source()); }

    /// anna's phone calls.
    void dial(const std::string& number, const std::string& sdp)
    {
        sip::InviteRequest request;
        request.target = number;
        request.from = {"Anna", "anna", "127.0.0.1"};
        request.source.address = *Endpoint::parse("127.0.0.1:5060");
        request.sdp = sdp;
        control->onInvite(std::make_unique<FakeSession>(anna), request, *directory->byName("anna"));
        run();
    }
    void dial(const std::string& number) { dial(number, annaSdp()); }
    std::string annaSdp(const std::string& more = {}) const { return sdpOf(annaMedia.local().port, more); }
    std::string carlSdp() const { return sdpOf(carlMedia.local().port); }
    QString annaLog() const { return QString::fromStdString(anna.log()); }
    FakePhone& carl() { return network.phones.at(0); }
    QString carlLog() { return network.phones.empty() ? QString() : QString::fromStdString(carl().log()); }
    Endpoint annaHears() const { return audioOf(annaAnswer()).rtp; }
    /// The last description that anna was sent.
    const std::string& annaAnswer() const
    {
        static const std::string none;
        const auto found = std::find_if(anna.sent.rbegin(), anna.sent.rend(),
                                        [](const FakePhone::Sent& one) { return !one.sdp.empty(); });
        return found == anna.sent.rend() ? none : found->sdp;
    }

    /// Beats until it is so, or false after twenty seconds.
    template <typename Condition>
    bool until(Condition condition)
    {
        QElapsedTimer timer;
        timer.start();
        while (!condition()) {
            if (timer.hasExpired(20'000))
                return false;
            beat();
            QTest::qWait(2); // other threads have their turn
            waitForRelay();
            for (const FarEnd::Heard& packet : annaMedia.take())
                annaHeard.insert(annaHeard.end(), packet.payload.begin(), packet.payload.end());
            for (const FarEnd::Heard& packet : carlMedia.take()) {
                carlHeard.insert(carlHeard.end(), packet.payload.begin(), packet.payload.end());
                carlSources.insert(packet.ssrc);
            }
        }
        return true;
    }
    /// Its thread takes packets as they come: one of a call of its own has then gone behind all others.
    void waitForRelay()
    {
        const auto call = relay->open(test::loopback(), test::loopback());
        FarEnd from;
        FarEnd to;
        relay::Peer peer;
        peer.rtp = to.local();
        if (!call || !(*call)->setPeer(relay::Side::Caller, peer) ||
            !(*call)->setPeer(relay::Side::Callee, peer))
            qFatal("no call through the relay");
        from.say((*call)->local(relay::Side::Caller), 8, Bytes(160));
        QElapsedTimer timer;
        for (timer.start(); to.take().empty() && !timer.hasExpired(20'000);)
            std::this_thread::yield();
    }

    FakeClock clock;
    std::unique_ptr<relay::Relay> relay;
    TapLog tap;
    CallRecords records{[](const CallRecords::Record&) {}, {"PBX"}, clock};
    Registrar registrar;
    FakeDialer network;
    LocalDialer dialer{network, server, executor()};
    std::shared_ptr<const Directory> directory;
    FakePhone anna;
    FarEnd annaMedia;
    FarEnd carlMedia;
    Bytes annaHeard;
    Bytes carlHeard;
    std::set<std::uint32_t> carlSources; ///< of what he heard
    std::unique_ptr<CallControl> control;
};

} // namespace sr::test
