// SPDX-License-Identifier: GPL-3.0-or-later
// The two phones of the demonstration: each calls once, both are heard, and then there is peace.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "core/pbx/demo_phones.h"
#include "tests/unit/pbx/service_scene.h"

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

struct DemoScene : ServiceScene {
    DemoScene()
        : demo(services->dialer(), registrar, clock, *directory->byName("anna"), *directory->byName("bert"))
    {}
    ~DemoScene()
    {
        demo.stop();
        control.reset();
        box.run();
    }
    void pass(int seconds)
    {
        for (int i = 0; i < seconds; ++i) {
            clock.advance(std::chrono::seconds(1));
            control->onSecond();
            demo.onSecond();
            settle();
        }
    }
    CallRow row() const { return control->rows().at(0); }
    DemoPhones demo;
};

} // namespace

class TestDemoPhones : public QObject {
    Q_OBJECT

private slots:
    void eachCallsOnce();
    void othersMayCallThem();
    void stopsInTheMiddle();
    void goesOnWhenItIsHungUp();
    void noPortIsFree();
};

void TestDemoPhones::eachCallsOnce()
{
    DemoScene s;
    s.pass(1);
    QCOMPARE(s.row().caller.name, std::string("anna"));
    QCOMPARE(s.row().callee.name, std::string("bert"));
    QVERIFY(!s.row().answered);
    s.pass(2);
    QVERIFY(s.row().answered);
    s.pass(9);
    QCOMPARE(s.row().caller.name, std::string("bert"));
    QCOMPARE(s.row().callee.name, std::string("anna"));
    s.pass(12);
    QVERIFY(s.demo.isOver());
    QVERIFY(s.isQuiet());
    const QString from = QStringLiteral("from setup-from alert-to conn-to rel-from");
    const QString to = QStringLiteral("to setup-to alert-from conn-from rel-to");
    QCOMPARE(s.recordsOf("anna"), from + QStringLiteral(" | ") + to);
    QCOMPARE(s.recordsOf("bert"), to + QStringLiteral(" | ") + from);
    s.pass(20);
    QVERIFY(s.isQuiet());
}

void TestDemoPhones::othersMayCallThem()
{
    DemoScene s;
    Caller& carl = s.calls("carl", "101");
    QCOMPARE(carl.log(), QStringLiteral("180"));
    s.pass(2);
    QCOMPARE(carl.log(), QStringLiteral("180 200"));
    QVERIFY(s.comes([&] { return carl.heard.size() > 8000; }));
    s.hangUp(carl.phone);
    s.pass(40);
    QVERIFY(s.demo.isOver());
    QVERIFY(s.isQuiet());
}

void TestDemoPhones::stopsInTheMiddle()
{
    DemoScene s;
    s.pass(4);
    QCOMPARE(s.control->count(), std::size_t{1});
    s.demo.stop();
    s.settle();
    QVERIFY(s.isQuiet());
    s.pass(5);
    QVERIFY(s.isQuiet());
}

void TestDemoPhones::goesOnWhenItIsHungUp()
{
    DemoScene s;
    s.pass(4);
    s.control->hangUpAll();
    s.settle();
    s.pass(1);
    QCOMPARE(s.row().caller.name, std::string("bert"));
}

void TestDemoPhones::noPortIsFree()
{
    DemoScene s;
    std::vector<std::unique_ptr<media::Port>> all;
    while (auto port = s.open())
        all.push_back(std::move(port));
    s.pass(3);
    QVERIFY(s.demo.isOver());
    QCOMPARE(s.control->count(), std::size_t{0});
}

QTEST_GUILESS_MAIN(TestDemoPhones)
#include "tst_demo_phones.moc"
