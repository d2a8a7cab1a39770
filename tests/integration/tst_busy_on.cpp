// SPDX-License-Identifier: GPL-3.0-or-later
// Real phones of users who are busy on one call: a second one follows `--cfb`, or is refused.
#include "tests/support/exchange_scene.h"

#include <QStandardPaths>

using namespace sr;
using sr::test::ExchangeScene;

class BusyOnTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY2(!QStandardPaths::findExecutable(QStringLiteral("baresip")).isEmpty(), "baresip");
    }

    void asManyCallsAsTheUserMayHave()
    {
        const auto talk = [] { QTest::qWait(1500); }; // a call of no second ends without a word of baresip
        ExchangeScene scene;
        scene.user("anna", "100");
        scene.user("otto", "101", {QStringLiteral("--cfb"), QStringLiteral("102")});
        scene.user("carl", "102");
        scene.user("dora", "103");
        scene.run(QStringLiteral("object modify anna --set busy-on=1"));
        scene.run(QStringLiteral("object modify otto --set busy-on=1"));
        scene.start();
        const auto otto = scene.phone("otto", 880, true);
        const auto carl = scene.phone("carl", 660, true);
        const auto anna = scene.phone("anna", 440);
        const auto dora = scene.phone("dora", 550);
        QVERIFY(scene.ready);
        anna->dial(QStringLiteral("101"));
        QVERIFY(anna->waitFor("Call established") && otto->waitFor("Call established"));
        dora->dial(QStringLiteral("101"));
        QVERIFY(dora->waitFor("Call established") && carl->waitFor("Call established"));
        QVERIFY(!otto->said().contains("103@"));
        talk();
        dora->hangUp();
        QVERIFY(carl->waitFor("terminated"));
        dora->dial(QStringLiteral("100")); // her own call counts as well
        QVERIFY2(dora->waitFor("486 Busy"), dora->said().right(900).constData());
        talk();
        anna->hangUp();
        QVERIFY(otto->waitFor("terminated"));
        dora->dial(QStringLiteral("101"));
        QVERIFY(dora->waitFor("Call established") && otto->waitFor("Call established"));
        talk();
        dora->hangUp();
        QVERIFY(otto->waitFor("terminated"));
        QTRY_VERIFY_WITH_TIMEOUT(
            scene.eventsOf("otto").join(u'|').contains(QStringLiteral("cf setup-to cf-from")), 10'000);
    }
};

QTEST_GUILESS_MAIN(BusyOnTest)
#include "tst_busy_on.moc"
