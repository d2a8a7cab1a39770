// SPDX-License-Identifier: GPL-3.0-or-later
// `switchroomd --demo`: two calls through the exchange without any telephone, both voices in the archive.
#include "tests/support/exchange_scene.h"

using namespace sr;
using sr::test::lengthOf;
using sr::test::valueOf;

class DemoTest : public QObject {
    Q_OBJECT

private slots:
    void twoCallsAreRecorded();
    void itNeedsTwoUsers();
};

void DemoTest::twoCallsAreRecorded()
{
    test::ExchangeScene scene;
    scene.user("front-desk", "100", {QStringLiteral("--long-name"), QStringLiteral("Front Desk")});
    scene.user("workshop", "101");
    scene.exchange =
        std::make_unique<test::ExchangeProcess>(scene.fixture, QStringList{QStringLiteral("--demo")});
    QVERIFY(scene.ready);
    QJsonArray rows;
    QVERIFY(QTest::qWaitFor([&] { return (rows = scene.recordings(2)).size() == 2; }, 40'000));
    QCOMPARE(valueOf(rows[1].toObject(), "externalName"), QStringLiteral("Front Desk"));
    QCOMPARE(valueOf(rows[1].toObject(), "internal"), QStringLiteral("101"));
    QCOMPARE(valueOf(rows[0].toObject(), "external"), QStringLiteral("101"));
    QCOMPARE(valueOf(rows[0].toObject(), "internal"), QStringLiteral("100"));
    for (const QJsonValue& row : std::as_const(rows)) {
        const test::WholeSound sound = scene.sound(row.toObject());
        QVERIFY2(sound.rate != 0 && sound.channels == 2, qPrintable(valueOf(row.toObject(), "file")));
        const double called = lengthOf(sound, 0, 988);
        const double caller = lengthOf(sound, 1, 554);
        QVERIFY2(called > 0.5 && caller > 0.5 && lengthOf(sound, 0, 440) < 0.1,
                 qPrintable(QStringLiteral("%1 s, %2 s").arg(called).arg(caller)));
        const double length = row.toObject()[QLatin1String("durationSeconds")].toDouble();
        QVERIFY2(length > 6 && length < 12, qPrintable(QString::number(length)));
    }
    QVERIFY(scene.exchange->stop());
}

void DemoTest::itNeedsTwoUsers()
{
    test::ExchangeScene scene;
    scene.user("anna", "100");
    scene.exchange =
        std::make_unique<test::ExchangeProcess>(scene.fixture, QStringList{QStringLiteral("--demo")});
    QTRY_VERIFY2(scene.exchange->said().contains("two users"), scene.exchange->said().constData());
    QVERIFY(scene.exchange->stop());
}

QTEST_GUILESS_MAIN(DemoTest)
#include "tst_demo.moc"
