// SPDX-License-Identifier: GPL-3.0-or-later
// All calls of an exchange, with users whose devices the test plays.
#pragma once

#include "core/base/endpoint.h"
#include "core/pbx/call_control.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/pbx/fake_phones.h"

#include <QString>

#include <algorithm>
#include <deque>

namespace sr::test {

using namespace sr::pbx;

inline const std::string kSdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                                "m=audio 4000 RTP/AVP 8\r\n";

inline User user(const std::string& name, const std::string& number, Forwards forwards = {})
{
    User out{name, number, name, {}, {}};
    using Type = Diversion::Type;
    setPlainDiversion(out, Type::Always, forwards.always);
    setPlainDiversion(out, Type::Busy, forwards.busy);
    setPlainDiversion(out, Type::NoAnswer, forwards.noAnswer);
    return out;
}

struct ControlScene {
    explicit ControlScene(std::vector<User> users)
    {
        std::ranges::sort(users, {}, &User::name);
        directory = std::make_shared<const Directory>("switchroom", std::move(users));
        relay::RelayOptions options;
        options.firstPort = 30000;
        options.lastPort = 39999;
        relay = std::move(relay::Relay::start(options)).value();
        control = std::make_unique<CallControl>(dialer, *relay, tap, records, registrar, clock);
        control->setDirectory(directory);
    }
    void registers(const std::string& name)
    {
        sip::RegisterRequest request;
        request.user = name;
        request.callId = name;
        request.contacts.push_back({"sip:" + name + "@127.0.0.1:5070", {}, {}});
        registrar.take(name, request, clock.steadyNow());
    }
    /// What anna is told at once when she dials.
    QString dial(const std::string& number) { return dialFrom("anna", number, {}); }
    /// What an object is told that calls for somebody of number `from`.
    QString dialFrom(const std::string& name, const std::string& number, const std::string& from)
    {
        FakePhone& caller = callers.emplace_back();
        sip::InviteRequest request;
        request.target = number;
        request.from.user = from;
        request.sdp = sdp;
        request.replaces = replaces;
        control->onInvite(std::make_unique<FakeSession>(caller), request, *directory->byName(name));
        return QString::fromStdString(caller.log());
    }
    /// Direction and events of the finished record of an object.
    QString told(const std::string& name) const
    {
        for (const CallRecords::Record& record : finished) {
            if (record->h323 != name)
                continue;
            QString text = QString::fromStdString(record->dir) + QLatin1Char(':');
            for (const cdr::CdrEvent& event : record->events)
                text += QLatin1Char(' ') + QString::fromStdString(event.msg);
            return text;
        }
        return {};
    }
    QString lastCalled() const { return QString::fromStdString(dialer.phones.back().invite.uri); }

    FakeClock clock;
    std::shared_ptr<const Directory> directory;
    struct NoTap final : relay::CallTap {
        void message(relay::TapMessage&&) override {}
        void media(std::uint64_t, const Endpoint&, const Endpoint&) override {}
        void closed(std::uint64_t) override {}
    } tap;
    std::vector<CallRecords::Record> finished;
    CallRecords records{[this](const CallRecords::Record& one) { finished.push_back(one); }, {"PBX"}, clock};
    std::unique_ptr<relay::Relay> relay;
    FakeDialer dialer;
    std::deque<FakePhone> callers;
    std::optional<sip::Replaces> replaces; ///< of whoever dials, as the next one
    std::string sdp = kSdp;
    Registrar registrar;
    std::unique_ptr<CallControl> control;
};

} // namespace sr::test
