// SPDX-License-Identifier: GPL-3.0-or-later
// Phones that vanish, or hang up, in whatever state their call is: nobody is left behind, and each record
// ends.
#include "tests/unit/pbx/call_scene.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

using Reached = std::shared_ptr<CallScene>; ///< of its own kind

Reached ringing(int devices)
{
    auto scene = std::make_shared<CallScene>(devices);
    scene->phone().events->onReply({180, {}});
    return scene;
}

Reached talking()
{
    auto scene = std::make_shared<CallScene>();
    scene->answer();
    return scene;
}

Reached beingHeld()
{
    Reached scene = talking();
    scene->phone().events->onOffer(sdpOf(4002, "a=sendonly\r\n"));
    return scene;
}

Reached beingHandedOver()
{
    Reached scene = talking();
    scene->phone().events->onRefer({"102", {}});
    scene->phone(1).events->onReply({180, {}});
    return scene;
}

Reached handedOver()
{
    Reached scene = beingHandedOver();
    scene->answer(1, sdpOf(4008));
    scene->caller.events->onReply({200, sdpOf(4000)});
    return scene;
}

Reached becomingOne(bool answered)
{
    auto scene = std::make_shared<SecondCall>();
    scene->phone(1).events->onReply({180, {}});
    if (answered)
        scene->answer(1, sdpOf(4012));
    scene->phone(0).events->onRefer({"102", sip::DialogId{"second", "x", "y"}});
    return scene;
}

struct State {
    const char* name;
    std::function<Reached()> reach;
};

const std::vector<State>& states()
{
    static const std::vector<State> all{
        {"called", [] { return std::make_shared<CallScene>(2); }},
        {"ringing", [] { return ringing(2); }},
        {"heard before the answer",
         [] {
             Reached scene = ringing(2);
             scene->phone(1).events->onReply({183, sdpOf(4004)});
             return scene;
         }},
        {"called without an offer", [] { return std::make_shared<CallScene>(1, std::string()); }},
        {"answered, its answer awaited",
         [] {
             Reached scene = std::make_shared<CallScene>(1, std::string());
             scene->answer();
             return scene;
         }},
        {"talking", talking},
        {"asked whether it is there",
         [] {
             Reached scene = talking();
             scene->clock.advance(std::chrono::minutes(1));
             scene->call->onSecond();
             return scene;
         }},
        {"being held", beingHeld},
        {"being held by the caller",
         [] {
             Reached scene = talking();
             scene->caller.events->onOffer(sdpOf(4000, "a=sendonly\r\n"));
             return scene;
         }},
        {"asked for an offer",
         [] {
             Reached scene = talking();
             scene->phone().events->onOffer({});
             return scene;
         }},
        {"held",
         [] {
             Reached scene = beingHeld();
             scene->caller.events->onReply({200, sdpOf(4000, "a=recvonly\r\n")});
             return scene;
         }},
        {"held in vain",
         [] {
             Reached scene = beingHeld();
             scene->caller.events->onReply({500, {}});
             return scene;
         }},
        {"offering at once",
         [] {
             Reached scene = beingHeld();
             scene->caller.events->onOffer(sdpOf(4000));
             scene->caller.events->onReply({491, {}});
             return scene;
         }},
        {"being handed over", beingHandedOver},
        {"being handed over, one is asked",
         [] {
             Reached scene = beingHandedOver();
             scene->answer(1, sdpOf(4008));
             return scene;
         }},
        {"being handed over, one was asked in vain",
         [] {
             Reached scene = beingHandedOver();
             scene->answer(1, sdpOf(4008));
             scene->caller.events->onReply({408, {}});
             return scene;
         }},
        {"being handed over while held",
         [] {
             Reached scene = beingHeld();
             scene->caller.events->onReply({200, sdpOf(4000, "a=recvonly\r\n")});
             scene->phone().events->onRefer({"102", {}});
             return scene;
         }},
        {"handed over", handedOver},
        {"being handed over again",
         [] {
             Reached scene = handedOver();
             scene->phone(0).events->onEnded(sip::Ending::Bye);
             scene->phone(1).events->onRefer({"106", {}});
             return scene;
         }},
        {"becoming one while one rings", [] { return becomingOne(false); }},
        {"becoming one", [] { return becomingOne(true); }},
        {"becoming one, the other one is asked",
         [] {
             Reached scene = becomingOne(true);
             scene->phone(1).events->onReply({200, sdpOf(4012)});
             return scene;
         }},
    };
    return all;
}

std::vector<FakePhone*> phonesIn(CallScene& scene)
{
    std::vector<FakePhone*> all{&scene.caller};
    for (FakePhone& one : scene.dialer.phones)
        all.push_back(&one);
    std::erase_if(all, [](const FakePhone* one) { return one->over || one->events == nullptr; });
    return all;
}

/// Of its call data: how many releases it has, and whether the last event is one.
bool endsOnce(const cdr::CallDataRecord& record)
{
    const auto isRelease = [](const cdr::CdrEvent& event) { return event.msg.starts_with("rel-"); };
    return std::ranges::count_if(record.events, isRelease) == 1 && isRelease(record.events.back());
}

} // namespace

class TestCallLost : public QObject {
    Q_OBJECT

    /// The phone of that number goes, then all that are left, one after the other.
    static void go(CallScene& scene, std::size_t which, sip::Ending ending)
    {
        FakePhone& gone = *phonesIn(scene)[which];
        gone.events->onEnded(ending);
        QVERIFY(gone.over);
        QCOMPARE(scene.call->isOver(), phonesIn(scene).size() < 2); // nobody is left alone
        while (!phonesIn(scene).empty())
            phonesIn(scene).front()->events->onEnded(sip::Ending::Bye);
        isClean(scene);
    }
    static void isClean(CallScene& scene)
    {
        QVERIFY(scene.call->isOver() && phonesIn(scene).empty());
        QVERIFY(scene.records.openRecords().empty());
        QVERIFY(scene.finished.size() >= 2);
        for (const auto& record : scene.finished)
            QVERIFY2(endsOnce(*record), qPrintable(scene.recordsOf(record->h323)));
        QTRY_COMPARE(scene.relay->openBridges(), std::size_t{0});
    }

private slots:
    void nobodyIsLeftBehind_data()
    {
        QTest::addColumn<std::size_t>("state");
        QTest::addColumn<bool>("hangsUp");
        for (std::size_t i = 0; i < states().size(); ++i) {
            QTest::addRow("vanishes: %s", states()[i].name) << i << false;
            QTest::addRow("hangs up: %s", states()[i].name) << i << true;
        }
    }
    void nobodyIsLeftBehind()
    {
        QFETCH(const std::size_t, state);
        QFETCH(const bool, hangsUp);
        const std::size_t phones = phonesIn(*states()[state].reach()).size();
        QVERIFY(phones >= 2);
        for (std::size_t which = 0; which < phones; ++which) {
            const Reached scene = states()[state].reach();
            go(*scene, which, hangsUp ? sip::Ending::Bye : sip::Ending::Lost);
            if (QTest::currentTestFailed())
                QFAIL(qPrintable(QStringLiteral("phone %1").arg(which)));
        }
    }

    /// RFC 3261 12.2.1.2: who does not answer an offer, or knows its call no longer, has gone.
    void anOfferWithoutAnAnswerEndsTheCall_data()
    {
        QTest::addColumn<int>("status");
        QTest::newRow("timeout") << 408;
        QTest::newRow("no such call") << 481;
    }
    void anOfferWithoutAnAnswerEndsTheCall()
    {
        QFETCH(const int, status);
        const Reached scene = beingHeld();
        scene->caller.events->onReply({status, {}});
        isClean(*scene);
    }
};

QTEST_GUILESS_MAIN(TestCallLost)
#include "tst_call_lost.moc"
