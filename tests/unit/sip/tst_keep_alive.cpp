// SPDX-License-Identifier: GPL-3.0-or-later
// Whether somebody is there, by answers and silence that a test plays.
#include "core/base/error.h" // before <algorithm>, whose <compare> moc cannot read first
#include "core/sip/keep_alive.h"
#include "tests/support/fake_clock.h"

#include <QTest>

using namespace sr;
using namespace sr::sip;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

struct Scene final : OptionsSender, KeepAliveEvents {
    std::optional<Source> wayTo(const std::string& host, Transport transport) const override
    {
        const auto address = Endpoint::parse(host);
        return address ? std::optional(Source{*address, transport, 0}) : std::nullopt;
    }
    std::unique_ptr<PendingOptions> sendOptions(const std::string& host, Transport,
                                                std::function<void(const OptionsReply&)> answered) override
    {
        asked += host + " ";
        if (isMute)
            return nullptr;
        pending = std::move(answered);
        return std::make_unique<PendingOptions>();
    }
    void onThere(const KeepAliveStatus& status) override
    {
        told += "there " + status.peer->address.toString() + "; ";
    }
    void onGone(const KeepAliveStatus& status) override
    {
        told += "gone " + std::to_string(status.failure) + "; ";
    }
    void answer(int status)
    {
        std::exchange(pending, {})({status, {*Endpoint::parse("192.0.2.1:5070"), {}, 2}});
    }
    void pass(std::chrono::seconds time, KeepAlive& one)
    {
        for (; time > 0s; time -= 1s) {
            clock.advance(1s);
            one.tick();
        }
    }

    test::FakeClock clock;
    std::string asked;
    std::string told;
    bool isMute = false;
    std::function<void(const OptionsReply&)> pending;
};

} // namespace

class TestKeepAlive : public QObject {
    Q_OBJECT
private slots:
    void anyAnswerIsASignOfLife()
    {
        Scene s;
        KeepAlive one({"gw.example"}, s, s.clock, s);
        QVERIFY(!one.status().peer); // nobody has looked it up
        one.tick();
        s.answer(404);
        QCOMPARE(s.told, "there 192.0.2.1:5070; "s);
        QCOMPARE(one.status().peer->listener, 2U);
        s.pass(30s, one);
        s.answer(200);
        QCOMPARE(s.told, "there 192.0.2.1:5070; "s); // nothing new
        QCOMPARE(s.asked, "gw.example gw.example "s);
    }

    void silenceAnd503AreNone()
    {
        Scene s;
        KeepAlive one({"192.0.2.1:5070"}, s, s.clock, s);
        QVERIFY(one.status().peer->address == *Endpoint::parse("192.0.2.1:5070"));
        one.tick();
        s.pass(4s, one);
        QVERIFY(one.status().state == KeepAliveState::Unknown);
        s.pass(1s, one);
        QCOMPARE(s.told, "gone 408; "s);
        s.pass(10s, one);
        s.answer(503);
        QCOMPARE(one.status().failure, 503);
        QCOMPARE(s.told, "gone 408; "s);
        s.pass(10s, one);
        s.answer(200); // back by itself
        QCOMPARE(s.told, "gone 408; there 192.0.2.1:5070; "s);
        QCOMPARE(one.status().failure, 0);
    }

    void whatCannotBeSentIsGone()
    {
        Scene s;
        s.isMute = true;
        KeepAlive one({"gw.example"}, s, s.clock, s);
        one.tick();
        QCOMPARE(s.told, "gone 503; "s);
    }

    void whoIsNotAskedIsNeverGone()
    {
        Scene s;
        KeepAlive one({"192.0.2.1:5070", Transport::Udp, false}, s, s.clock, s);
        s.pass(100s, one);
        QCOMPARE(s.asked + s.told, ""s);
        QVERIFY(one.status().state == KeepAliveState::Unknown);
        QVERIFY(one.status().peer && !one.status().isAsked);
    }
};

QTEST_GUILESS_MAIN(TestKeepAlive)
#include "tst_keep_alive.moc"
