// SPDX-License-Identifier: GPL-3.0-or-later
// The console runs no other program than it should, and knows what was meant.
#include "app/ctl/console_ping.h"
#include "app/ctl/console_words.h"
#include "core/base/file.h"

#include <QTest>

using namespace sr;

class ConsoleTest : public QObject {
    Q_OBJECT

private slots:
    void addressesAndHostNamesOnly_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("good");
        for (const char* good :
             {"192.0.2.1", "2001:db8::1", "::1", "phone", "pbx.example.com", "a-b.c3", "3com.net"})
            QTest::newRow(good) << QByteArray(good) << true;
        for (const char* bad :
             {"",     "-f",  "--help",       "a b",   "a;reboot",  "$(id)", "`id`",         "a|b",
              "a..b", ".a",  "a.",           "-a.b",  "a-.b",      "10.1",  "0177.0.0.1.1", "256.1.1.1",
              "a\nb", "a/b", "fe80::1%eth0", "[::1]", "bücher.de", "a_b"})
            QTest::newRow(qPrintable(QStringLiteral("not: ") + QString::fromUtf8(bad)))
                << QByteArray(bad) << false;
        QTest::newRow("a label of 64") << QByteArray(64, 'a') << false;
        QTest::newRow("254 in all") << QByteArray("aaa.").repeated(63) + "bb" << false;
        QTest::newRow("with a zero") << QByteArray("a\0b", 3) << false;
    }
    void addressesAndHostNamesOnly()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, good);
        QCOMPARE(ctl::isHostOrAddress(text.toStdString()), good);
    }

    void theAddressIsOneArgument()
    {
        for (const ctl::Probe probe : {ctl::Probe::Ping, ctl::Probe::Trace}) {
            const auto programs = ctl::probePrograms(probe, QStringLiteral("192.0.2.1"));
            QVERIFY(!programs.empty());
            for (const ctl::ProbeProgram& one : programs)
                QCOMPARE(one.arguments.constLast(), QStringLiteral("192.0.2.1"));
        }
    }

    void theNearestIsMeant()
    {
        const QStringList known{QStringLiteral("status"), QStringLiteral("calls"),
                                QStringLiteral("registrations"), QStringLiteral("mod cmd PING0 ping")};
        QCOMPARE(ctl::nearest(QStringLiteral("statsu"), known), QStringLiteral("status"));
        QCOMPARE(ctl::nearest(QStringLiteral("call"), known), QStringLiteral("calls"));
        QCOMPARE(ctl::nearest(QStringLiteral("mod cmd ping0 ping"), known),
                 QStringLiteral("mod cmd PING0 ping"));
        QCOMPARE(ctl::nearest(QStringLiteral("xyzzy"), known), QString());
        QCOMPARE(ctl::nearest(QString(100'000, QLatin1Char('x')), known), QString());
    }

    void whatStrangersSayStaysText()
    {
        QCOMPARE(ctl::columns({{QStringLiteral("A"), QStringLiteral("Device")},
                               {QStringLiteral("anna"), QStringLiteral("\x1b[2J\nPhone")}}),
                 std::string("A     Device\nanna  ?[2J?Phone\n"));
    }
};

QTEST_GUILESS_MAIN(ConsoleTest)
#include "tst_console.moc"
