// SPDX-License-Identifier: GPL-3.0-or-later
// A waiting queue as callers meet it: real phones wait for one operator, hear announcements, press keys.
#include "tests/support/exchange_scene.h"

#include <QStandardPaths>

using namespace sr;
using sr::test::lengthOf;
using sr::test::valueOf;

namespace {

constexpr double kAnnouncementHz = 600;

/// A queue `hall` (300) with the operator otto (101); anna (100) and bert (102) call it, carl (103) is where
/// callers may go.
struct Scene : test::ExchangeScene {
    explicit Scene(const QStringList& settings = {}, const QStringList& callers = {})
    {
        QDir().mkpath(fixture.config() + QStringLiteral("/sounds"));
        ready =
            test::writeToneFile(fixture.config() + QStringLiteral("/sounds/welcome.wav"), kAnnouncementHz, 3);
        user("otto", "101", {QStringLiteral("--group"), QStringLiteral("Desk")});
        user("anna", "100", callers);
        user("bert", "102", callers);
        user("carl", "103");
        QString words =
            QStringLiteral("object add --kind waiting --name hall --number 300 --set primary=Desk");
        for (const QString& setting : settings)
            words +=
                (setting.startsWith(QLatin1String("--")) ? QStringLiteral(" ") : QStringLiteral(" --set ")) +
                setting;
        run(words);
        start();
    }
};

/// anna was handed over to carl: one recording, with what she heard before.
void checkRecordingOfCarl(const Scene& scene)
{
    const QJsonArray all = scene.recordings(1);
    QCOMPARE(all.size(), 1);
    const QJsonObject row = all[0].toObject();
    QCOMPARE(valueOf(row, "internal"), QStringLiteral("103"));
    QCOMPARE(valueOf(row, "external"), QStringLiteral("100"));
    const test::WholeSound sound = scene.sound(row);
    QVERIFY(lengthOf(sound, 0, kAnnouncementHz) > 0.5);
    QVERIFY(lengthOf(sound, 0, 880) > 1);
    QVERIFY(lengthOf(sound, 1, 440) > 1);
}

} // namespace

class QueueTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY2(!QStandardPaths::findExecutable(QStringLiteral("baresip")).isEmpty(), "baresip");
    }

    void callersAreServedInOrder();
    void ringsUntilAnOperatorAnswers();
    void goesElsewhereAfterTooLong();
    void goesWhereAKeyLeads();
    void stopsRingingWhenTheCallerHangsUp();
    void isRecordedForTheOperatorAlone();
};

void QueueTest::callersAreServedInOrder()
{
    Scene scene({QStringLiteral("first=welcome"), QStringLiteral("ring=30")});
    const auto otto = scene.phone("otto", 880);
    const auto anna = scene.phone("anna", 440);
    const auto bert = scene.phone("bert", 500);
    QVERIFY(scene.ready);
    anna->dial(QStringLiteral("300"));
    QVERIFY2(anna->waitFor("Call established"), anna->said().constData());
    QVERIFY2(otto->waitFor("Incoming call from: anna"), otto->said().constData());
    bert->dial(QStringLiteral("300"));
    QVERIFY(bert->waitFor("Call established"));
    const QByteArray queues =
        scene.fixture.run({QStringLiteral("console"), QStringLiteral("-c"), QStringLiteral("queues")}).out;
    QVERIFY2(QRegularExpression(QStringLiteral("hall +2 +otto +\\d/1 +0 +0 +0\\n"))
                 .match(QString::fromUtf8(queues))
                 .hasMatch(),
             queues.constData());
    QVERIFY2(queues.contains("anna") && queues.contains("bert"), queues.constData());
    QTest::qWait(1500); // the announcement is heard
    otto->accept();
    QVERIFY2(otto->waitFor("Call established"), otto->said().constData());
    QTest::qWait(2000); // they talk
    otto->hangUp();
    QVERIFY(anna->waitFor("terminated"));
    QVERIFY2(otto->waitFor("Incoming call from: bert"), otto->said().constData());
    otto->accept();
    QVERIFY(otto->waitFor("Call established"));
    QTest::qWait(1500);
    bert->hangUp();
    QVERIFY(otto->waitFor("terminated"));

    const QJsonArray all = scene.recordings(2);
    QCOMPARE(all.size(), 2);
    for (const QJsonValue& value : all) {
        const QJsonObject row = value.toObject();
        const bool first = valueOf(row, "external") == u"100" || valueOf(row, "internal") == u"100";
        QCOMPARE(valueOf(row, "internal"), QStringLiteral("101"));
        QCOMPARE(valueOf(row, "external"), first ? QStringLiteral("100") : QStringLiteral("102"));
        const test::WholeSound sound = scene.sound(row);
        QCOMPARE(int(sound.channels), 2);
        QVERIFY(lengthOf(sound, 0, kAnnouncementHz) > 1);
        QVERIFY(lengthOf(sound, 0, 880) > 1);
        QVERIFY(lengthOf(sound, 1, first ? 440 : 500) > 2);
        QVERIFY(lengthOf(sound, 1, 880) < 0.1);
        // While otto rang: not at once for anna, and bert's own waiting is no ringing.
        const int rang = row[QLatin1String("answerSeconds")].toInt();
        QVERIFY2(first ? rang >= 1 && rang < 20 : rang == 0, qPrintable(QString::number(rang)));
    }
}

void QueueTest::ringsUntilAnOperatorAnswers()
{
    Scene scene({QStringLiteral("alert-only=on")});
    const auto anna = scene.phone("anna", 440);
    QVERIFY(scene.ready);
    anna->dial(QStringLiteral("300"));
    QVERIFY2(anna->waitFor("180 Ringing"), anna->said().constData());
    const auto otto = scene.phone("otto", 880, true);
    QVERIFY2(anna->waitFor("Call established"), anna->said().constData());
    QVERIFY(otto->waitFor("Call established"));
    QTest::qWait(2000);
    anna->hangUp();
    const QJsonArray all = scene.recordings(1);
    QCOMPARE(all.size(), 1);
    QCOMPARE(valueOf(all[0].toObject(), "internal"), QStringLiteral("101"));
    const test::WholeSound sound = scene.sound(all[0].toObject());
    QVERIFY(lengthOf(sound, 0, 880) > 1);
    QVERIFY(lengthOf(sound, 1, 440) > 1);
    // A transfer with consultation by the queue (pbx-interfaces.md 2.1).
    QTRY_COMPARE(
        scene.eventsOf("anna"),
        QStringList{QStringLiteral("from setup-from alert-to conn-to transfer-to connected rel-from")});
    QTRY_COMPARE(
        scene.eventsOf("otto"),
        QStringList{QStringLiteral("to setup-to alert-from conn-from transfer-to connected rel-to")});
    QTRY_COMPARE(scene.eventsOf("hall").size(), 2);
    QStringList hall = scene.eventsOf("hall");
    hall.sort();
    QCOMPARE(hall, (QStringList{
                       QStringLiteral("from setup-from alert-to conn-to transfer-from connected rel-to"),
                       QStringLiteral("to setup-to alert-from conn-from transfer-from connected rel-from")}));
}

void QueueTest::goesElsewhereAfterTooLong()
{
    Scene scene({QStringLiteral("longest=2"), QStringLiteral("first=welcome"), QStringLiteral("--cfnr 103")});
    const auto carl = scene.phone("carl", 880, true);
    const auto anna = scene.phone("anna", 440);
    QVERIFY(scene.ready);
    anna->dial(QStringLiteral("300"));
    QVERIFY(anna->waitFor("Call established"));
    QVERIFY2(carl->waitFor("Call established"), carl->said().constData());
    QTest::qWait(2000);
    anna->hangUp();
    QVERIFY(carl->waitFor("terminated"));
    checkRecordingOfCarl(scene);
}

void QueueTest::goesWhereAKeyLeads()
{
    Scene scene({QStringLiteral("key-hash=103"), QStringLiteral("first=welcome")});
    const auto carl = scene.phone("carl", 880, true);
    const auto otto = scene.phone("otto", 600);
    const auto anna = scene.phone("anna", 440);
    QVERIFY(scene.ready);
    anna->dial(QStringLiteral("300"));
    QVERIFY(anna->waitFor("Call established"));
    QVERIFY(otto->waitFor("Incoming call"));
    QTest::qWait(1000); // the announcement is heard
    anna->press('#');
    QVERIFY2(carl->waitFor("Call established"), carl->said().constData());
    QVERIFY2(otto->waitFor("session closed"), otto->said().constData());
    QTest::qWait(2000);
    anna->hangUp();
    QVERIFY(carl->waitFor("terminated"));
    checkRecordingOfCarl(scene);
}

void QueueTest::stopsRingingWhenTheCallerHangsUp()
{
    Scene scene;
    const auto otto = scene.phone("otto", 880);
    const auto anna = scene.phone("anna", 440);
    QVERIFY(scene.ready);
    anna->dial(QStringLiteral("300"));
    QVERIFY(anna->waitFor("Call established"));
    QVERIFY(otto->waitFor("Incoming call"));
    anna->hangUp();
    QVERIFY2(otto->waitFor("session closed"), otto->said().constData());
}

/// Neither queue nor callers want it: bert's waiting is forgotten, anna's is kept.
void QueueTest::isRecordedForTheOperatorAlone()
{
    Scene scene({QStringLiteral("first=welcome"), QStringLiteral("ring=30"), QStringLiteral("--record off")},
                {QStringLiteral("--record"), QStringLiteral("off")});
    const auto otto = scene.phone("otto", 880);
    const auto anna = scene.phone("anna", 440);
    const auto bert = scene.phone("bert", 500);
    QVERIFY(scene.ready);
    bert->dial(QStringLiteral("300"));
    QVERIFY2(bert->waitFor("Call established"), bert->said().constData());
    QVERIFY2(otto->waitFor("Incoming call from: bert"), otto->said().constData());
    bert->hangUp();
    QVERIFY2(otto->waitFor("session closed"), otto->said().constData());
    anna->dial(QStringLiteral("300"));
    QVERIFY2(anna->waitFor("Call established"), anna->said().constData());
    QVERIFY2(otto->waitFor("Incoming call from: anna"), otto->said().constData());
    QTest::qWait(1500); // the announcement is heard
    otto->accept();
    QVERIFY2(otto->waitFor("Call established"), otto->said().constData());
    QTest::qWait(2000); // they talk
    anna->hangUp();
    QVERIFY(otto->waitFor("terminated"));
    const QJsonArray all = scene.recordings(1);
    QCOMPARE(all.size(), 1);
    const QJsonObject row = all[0].toObject();
    QCOMPARE(valueOf(row, "internal"), QStringLiteral("101"));
    QCOMPARE(valueOf(row, "external"), QStringLiteral("100"));
    const test::WholeSound sound = scene.sound(row);
    QVERIFY(lengthOf(sound, 0, kAnnouncementHz) > 1);
    QVERIFY(lengthOf(sound, 0, 880) > 1);
    QVERIFY(lengthOf(sound, 1, 440) > 2);
}

QTEST_GUILESS_MAIN(QueueTest)
#include "tst_queue.moc"
