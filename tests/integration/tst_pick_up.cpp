// SPDX-License-Identifier: GPL-3.0-or-later
// Real phones pick up what rings at a colleague's: a call that a third one hands over.
#include "tests/support/exchange_scene.h"

#include <QStandardPaths>

using namespace sr;
using sr::test::BaresipPhone;
using sr::test::ExchangeScene;

namespace {

/// Anna talks with dora; otto, whose phone does not answer by itself, and carl share a group.
struct Scene : ExchangeScene {
    Scene()
    {
        const QStringList desk{QStringLiteral("--group"), QStringLiteral("desk")};
        user("anna", "100");
        user("otto", "101", desk);
        user("carl", "102", desk);
        user("dora", "103");
        start();
        otto = phone("otto", 880);
        carl = phone("carl", 1320);
        dora = phone("dora", 660, true);
        anna = phone("anna", 440);
    }
    bool talk() const
    {
        anna->dial(QStringLiteral("103"));
        const bool isTalk = anna->waitFor("Call established") && dora->waitFor("Call established");
        QTest::qWait(1500); // what is recorded of dora
        return isTalk;
    }
    /// Both are heard in the newest recording, which is his.
    void isCarlsTalk()
    {
        QTest::qWait(1500); // what is recorded of carl
        anna->hangUp();
        QVERIFY(carl->waitFor("terminated"));
        const QJsonArray rows = recordings(2);
        QCOMPARE(rows.size(), 2);
        const QJsonObject talk = rows[0].toObject();
        QCOMPARE(test::valueOf(talk, "internal"), QStringLiteral("102"));
        QCOMPARE(test::valueOf(talk, "uid"), test::valueOf(rows[1].toObject(), "uid") + QStringLiteral("-2"));
        const test::WholeSound heard = sound(talk);
        QVERIFY(test::lengthOf(heard, 0, 1320) > 0.5);
        QVERIFY(test::lengthOf(heard, 1, 440) > 0.5);
        QTRY_COMPARE_WITH_TIMEOUT(eventsOf("otto"),
                                  QStringList{QStringLiteral("to setup-to alert-from rel-to")}, 10'000);
        QCOMPARE(eventsOf("carl").size(), 1);
    }

    std::unique_ptr<BaresipPhone> otto;
    std::unique_ptr<BaresipPhone> carl;
    std::unique_ptr<BaresipPhone> dora;
    std::unique_ptr<BaresipPhone> anna;
};

} // namespace

class PickUpTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY2(!QStandardPaths::findExecutable(QStringLiteral("baresip")).isEmpty(), "baresip");
    }

    void aCallHandedOverIsPickedUp_data()
    {
        QTest::addColumn<QString>("code");
        QTest::newRow("of the group") << QStringLiteral("*8%23");
        QTest::newRow("of the number") << QStringLiteral("*8*101%23");
    }
    void aCallHandedOverIsPickedUp()
    {
        QFETCH(QString, code);
        Scene scene;
        QVERIFY(scene.ready && scene.talk());
        scene.dora->transfer(QStringLiteral("101"));
        QVERIFY2(scene.otto->waitFor("Incoming call"), scene.dora->said().right(900).constData());
        scene.carl->dial(code);
        QVERIFY2(scene.carl->waitFor("Call established"), scene.carl->said().right(900).constData());
        QVERIFY2(scene.dora->waitFor("terminated"), scene.dora->said().right(900).constData());
        scene.isCarlsTalk();
    }
};

QTEST_GUILESS_MAIN(PickUpTest)
#include "tst_pick_up.moc"
