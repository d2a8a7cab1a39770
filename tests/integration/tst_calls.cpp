// SPDX-License-Identifier: GPL-3.0-or-later
// Phone calls: real phones call each other through switchroomd, by IPv4 and IPv6, and what they said is found
// in the archive.
#include "tests/support/baresip_phone.h"
#include "tests/support/exchange_process.h"
#include "tests/support/heard_tone.h"

#include <QFileInfo>
#include <QJsonArray>
#include <QStandardPaths>
#include <QTest>

#include <algorithm>
#include <memory>

using namespace sr;
using sr::test::BaresipOptions;
using sr::test::BaresipPhone;
using sr::test::CtlFixture;
using sr::test::ExchangeProcess;
using sr::test::Heard;
using sr::test::heard;

namespace {

constexpr double kAnnaHz = 440;
constexpr double kOttoHz = 880;

struct Codec {
    QString module;
    int rate;
    int channels;
};

/// How a phone reaches the exchange.
struct Way {
    QString transport = {}; ///< as in BaresipOptions
    QString address = QStringLiteral("127.0.0.1");
};

/// An exchange with anna (100) and otto (101, who answers by himself), both with a phone.
struct Scene {
    explicit Scene(const Codec& codec = {QStringLiteral("g711"), 8000, 1}, const QString& annaProtects = {},
                   const QString& ottoProtects = {}, bool ottoAnswers = true, const QStringList& more = {},
                   const Way& annasWay = {}, const Way& ottosWay = {})
    {
        ready = test::addUser(fixture, "anna", "100", "first", more).exitCode == 0 &&
                test::addUser(fixture, "otto", "101", "second", more).exitCode == 0;
        exchange = std::make_unique<ExchangeProcess>(
            fixture, QStringList{QStringLiteral("--sips"), QStringLiteral("127.0.0.1:0"),
                                 QStringLiteral("--sips"), QStringLiteral("[::1]:0")});
        otto = phone("otto", "second", codec, ottoProtects, kOttoHz, ottoAnswers, ottosWay);
        anna = phone("anna", "first", codec, annaProtects, kAnnaHz, false, annasWay);
        ready = ready && otto->isReady() && anna->isReady();
    }
    std::unique_ptr<BaresipPhone> phone(const char* name, const char* password, const Codec& codec,
                                        const QString& protection, double hz, bool answers,
                                        const Way& way = {})
    {
        const QString user = QString::fromUtf8(name);
        const bool isTls = way.transport == QLatin1String("tls");
        const quint16 port4 = isTls ? exchange->tlsPort4 : exchange->port4;
        const quint16 port6 = isTls ? exchange->tlsPort6 : exchange->port6;
        BaresipOptions options;
        options.user = user;
        options.password = QString::fromUtf8(password);
        options.module = codec.module;
        options.rate = codec.rate;
        options.channels = codec.channels;
        options.protection = protection;
        options.toneHz = hz;
        options.answers = answers;
        options.transport = way.transport;
        options.address = way.address;
        options.keepsHeard = true;
        return std::make_unique<BaresipPhone>(fixture.path(user), way.address.contains(u':') ? port6 : port4,
                                              options);
    }
    QJsonArray recordings() const
    {
        return fixture.run({QStringLiteral("list"), QStringLiteral("--json")})
            .json()[QLatin1String("recordings")]
            .toArray();
    }
    /// The one recording, once it is there.
    QJsonObject recording() const
    {
        (void)QTest::qWaitFor([&] { return !recordings().isEmpty(); }, 20'000);
        const QJsonArray all = recordings();
        return all.size() == 1 ? all[0].toObject() : QJsonObject();
    }
    test::WholeSound sound(const QJsonObject& row) const
    {
        return test::wholeSound(
            pathOf((fixture.archive() + u'/' + row[QLatin1String("file")].toString()).toStdString()));
    }

    CtlFixture fixture;
    std::unique_ptr<ExchangeProcess> exchange;
    std::unique_ptr<BaresipPhone> otto;
    std::unique_ptr<BaresipPhone> anna;
    bool ready = false;
};

} // namespace

class CallsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY2(!QStandardPaths::findExecutable(QStringLiteral("baresip")).isEmpty(), "baresip");
    }

    void twoPhonesTalk_data()
    {
        QTest::addColumn<QString>("module");
        QTest::addColumn<int>("rate");
        QTest::addColumn<int>("channels");
        QTest::addColumn<QString>("annaProtects");
        QTest::addColumn<QString>("ottoProtects");
        const QString none;
        const QString must = QStringLiteral("srtp-mand");
        QTest::newRow("G.711") << "g711" << 8000 << 1 << none << none;
        QTest::newRow("G.722") << "g722" << 16000 << 1 << none << none;
        QTest::newRow("Opus") << "opus" << 48000 << 2 << none << none;
        QTest::newRow("G.711, SRTP on both sides") << "g711" << 8000 << 1 << must << must;
        QTest::newRow("G.711, SRTP at the caller") << "g711" << 8000 << 1 << must << none;
        QTest::newRow("G.722, SRTP at the called") << "g722" << 16000 << 1 << none << must;
        QTest::newRow("Opus, SRTP on both sides") << "opus" << 48000 << 2 << must << must;
    }
    void twoPhonesTalk()
    {
        QFETCH(QString, module);
        QFETCH(int, rate);
        QFETCH(int, channels);
        QFETCH(QString, annaProtects);
        QFETCH(QString, ottoProtects);
        Scene scene({module, rate, channels}, annaProtects, ottoProtects);
        QVERIFY(scene.ready);
        scene.anna->dial(QStringLiteral("101"));
        QVERIFY2(scene.anna->waitFor("Call established"), scene.anna->said().constData());
        QVERIFY(scene.otto->waitFor("Call established"));
        QTest::qWait(3000); // they talk
        scene.anna->hangUp();
        QVERIFY(scene.otto->waitFor("terminated"));
        const QJsonObject row = scene.recording();
        QVERIFY2(!row.isEmpty(), scene.exchange->said().constData());
        QCOMPARE(row[QLatin1String("internal")].toString(), QStringLiteral("101"));
        QCOMPARE(row[QLatin1String("external")].toString(), QStringLiteral("100"));
        QCOMPARE(row[QLatin1String("externalName")].toString(), QStringLiteral("anna"));
        QCOMPARE(row[QLatin1String("lostPackets")].toArray(), (QJsonArray{0, 0}));
        const test::WholeSound sound = scene.sound(row);
        QCOMPARE(int{sound.channels}, 2);
        const double seconds = static_cast<double>(sound.samples.size()) / 2 / sound.rate;
        for (const auto& [channel, hz, other] :
             {std::tuple(0, kOttoHz, kAnnaHz), std::tuple(1, kAnnaHz, kOttoHz)}) {
            const Heard tone = heard(sound, static_cast<std::size_t>(channel), hz);
            const QByteArray words = QByteArray::number(tone.level) + " from " +
                                     QByteArray::number(tone.first) + " to " + QByteArray::number(tone.last) +
                                     " of " + QByteArray::number(seconds) + ", gap " +
                                     QByteArray::number(tone.longestGap);
            QVERIFY2(tone.level > 0.2 && tone.level < 0.35, words.constData());
            QVERIFY2(heard(sound, static_cast<std::size_t>(channel), other).first < 0, words.constData());
            QVERIFY2(tone.first < 0.3, words.constData()); // phones begin when they like
            QVERIFY2(tone.last > seconds - 0.3, words.constData());
            QVERIFY2(tone.longestGap < 0.02, words.constData());
        }
    }

    /// Calls reach a phone over the connection that it has opened, whoever hangs up.
    void phonesBehindConnections_data()
    {
        QTest::addColumn<QString>("annaTransport");
        QTest::addColumn<QString>("ottoTransport");
        QTest::addColumn<bool>("callerHangsUp");
        for (const char* transport : {"tcp", "tls"})
            for (const bool caller : {true, false}) {
                const QByteArray end = caller ? ", the caller hangs up" : ", the called hangs up";
                const QString with = QString::fromUtf8(transport);
                QTest::addRow("from UDP to %s%s", transport, end.constData()) << "" << with << caller;
                QTest::addRow("from %s to UDP%s", transport, end.constData()) << with << "" << caller;
            }
        QTest::newRow("from TLS to TLS") << "tls"
                                         << "tls" << true;
    }
    void phonesBehindConnections()
    {
        QFETCH(QString, annaTransport);
        QFETCH(QString, ottoTransport);
        QFETCH(bool, callerHangsUp);
        Scene scene({QStringLiteral("g711"), 8000, 1}, {}, {}, true, {}, {annaTransport}, {ottoTransport});
        QVERIFY(scene.ready);
        scene.anna->dial(QStringLiteral("101"));
        QVERIFY2(scene.anna->waitFor("Call established"), scene.anna->said().constData());
        QVERIFY(scene.otto->waitFor("Call established"));
        QTest::qWait(2000); // they talk
        (callerHangsUp ? scene.anna : scene.otto)->hangUp();
        BaresipPhone& other = callerHangsUp ? *scene.otto : *scene.anna;
        QVERIFY2(other.waitFor("terminated"), other.said().constData());
        const QJsonObject row = scene.recording();
        QVERIFY2(!row.isEmpty(), scene.exchange->said().constData());
        const test::WholeSound sound = scene.sound(row);
        QVERIFY(heard(sound, 0, kOttoHz).level > 0.2);
        QVERIFY(heard(sound, 1, kAnnaHz).level > 0.2);
    }

    /// The exchange carries calls and sound between addresses of both kinds.
    void phonesByIPv6_data()
    {
        QTest::addColumn<QString>("annaAddress");
        QTest::addColumn<QString>("ottoAddress");
        QTest::addColumn<QString>("transport");
        const QString four = QStringLiteral("127.0.0.1");
        const QString six = QStringLiteral("::1");
        QTest::newRow("from IPv6 to IPv4") << six << four << "";
        QTest::newRow("from IPv4 to IPv6") << four << six << "";
        QTest::newRow("from IPv6 to IPv6") << six << six << "";
        QTest::newRow("from IPv6 to IPv6, TCP") << six << six << "tcp";
        QTest::newRow("from IPv6 to IPv6, TLS") << six << six << "tls";
    }
    void phonesByIPv6()
    {
        QFETCH(QString, annaAddress);
        QFETCH(QString, ottoAddress);
        QFETCH(QString, transport);
        Scene scene({QStringLiteral("g711"), 8000, 1}, {}, {}, true, {}, {transport, annaAddress},
                    {transport, ottoAddress});
        QVERIFY(scene.ready);
        scene.anna->dial(QStringLiteral("101"));
        QVERIFY2(scene.anna->waitFor("Call established"), scene.anna->said().constData());
        QVERIFY(scene.otto->waitFor("Call established"));
        for (const BaresipPhone* phone : {scene.anna.get(), scene.otto.get()}) // two seconds of 16 bits
            QTRY_VERIFY(QFileInfo(phone->heard()).size() > 2 * 8000 * 2);
        scene.anna->hangUp();
        QVERIFY(scene.otto->waitFor("terminated"));
        const test::WholeSound sound = scene.sound(scene.recording());
        for (const auto& [channel, hz] : {std::pair(0, kOttoHz), std::pair(1, kAnnaHz)}) {
            const Heard kept = heard(sound, static_cast<std::size_t>(channel), hz);
            QVERIFY2(kept.level > 0.2 && kept.longestGap < 0.02, QByteArray::number(kept.level).constData());
        }
        const auto levelAt = [](const BaresipPhone& phone, double hz) {
            return heard(test::wholeSound(pathOf(phone.heard().toStdString())), 0, hz).level;
        };
        QTRY_VERIFY(levelAt(*scene.anna, kOttoHz) > 0.2);
        QTRY_VERIFY(levelAt(*scene.otto, kAnnaHz) > 0.2);
    }

    void callsOfUsersWhoAreNotRecorded()
    {
        Scene scene({QStringLiteral("g711"), 8000, 1}, {}, {}, true,
                    {QStringLiteral("--record"), QStringLiteral("off")});
        QVERIFY(scene.ready);
        scene.anna->dial(QStringLiteral("101"));
        QVERIFY(scene.anna->waitFor("Call established"));
        QTest::qWait(1500); // of shorter ones baresip says nothing
        scene.anna->hangUp();
        QVERIFY(scene.otto->waitFor("terminated"));
        QVERIFY(scene.exchange->stop());
        QVERIFY(scene.recordings().isEmpty());
    }

    void whoWatchesSeesTheCall()
    {
        Scene scene;
        QVERIFY(scene.ready);
        const auto status = [&] {
            return scene.fixture.run({QStringLiteral("status"), QStringLiteral("--json")}).json();
        };
        scene.anna->dial(QStringLiteral("101"));
        QVERIFY(scene.anna->waitFor("Call established"));
        QTRY_COMPARE(status()[QLatin1String("recording")].toInt(), 1); // it is looked for now and then
        QJsonObject now = status();
        QCOMPARE(now[QLatin1String("calls")].toInt(), 1);
        QCOMPARE(now[QLatin1String("registrations")].toInt(), 2);
        const QByteArray calls =
            scene.fixture.run({QStringLiteral("console"), QStringLiteral("-c"), QStringLiteral("calls")}).out;
        QVERIFY2(calls.contains("100") && calls.contains("101"), calls.constData());
        QTest::qWait(1500);
        scene.anna->hangUp();
        QVERIFY(scene.otto->waitFor("terminated"));
        QVERIFY(!scene.recording().isEmpty());
        QTRY_COMPARE(status()[QLatin1String("filesRecorded")].toInt(), 1); // counted behind the list
        now = status();
        QCOMPARE(now[QLatin1String("calls")].toInt(), 0);
        QCOMPARE(now[QLatin1String("filesToProcess")].toInt(), 0);
    }

    void theCallerGivesUp()
    {
        Scene scene({QStringLiteral("g711"), 8000, 1}, {}, {}, false);
        QVERIFY(scene.ready);
        scene.anna->dial(QStringLiteral("101"));
        QVERIFY(scene.anna->waitFor("180 Ringing"));
        scene.anna->hangUp();
        QVERIFY2(scene.otto->waitFor("terminated") || scene.otto->said().contains("closed"),
                 scene.otto->said().constData());
        // The exchange is ready for the next one.
        scene.anna->dial(QStringLiteral("101"));
        QVERIFY(scene.anna->waitFor("180 Ringing"));
        scene.otto->accept();
        QVERIFY(scene.anna->waitFor("Call established"));
    }

    void nobodyIsThere_data()
    {
        QTest::addColumn<QString>("number");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("no such number") << "999" << QByteArray("404 Not Found");
        QTest::newRow("no phone") << "102" << QByteArray("480 Temporarily Unavailable");
    }
    void nobodyIsThere()
    {
        QFETCH(QString, number);
        QFETCH(QByteArray, words);
        Scene scene;
        QVERIFY(scene.ready && test::addUser(scene.fixture, "carl", "102", "third").exitCode == 0);
        // Carl is known within a second.
        const bool told = QTest::qWaitFor(
            [&] {
                scene.anna->dial(number);
                QTest::qWait(500);
                return scene.anna->said().contains(words);
            },
            20'000);
        QVERIFY2(told, scene.anna->said().constData());
    }

    void holdAndRetrieve()
    {
        Scene scene;
        QVERIFY(scene.ready);
        scene.anna->dial(QStringLiteral("101"));
        QVERIFY(scene.anna->waitFor("Call established"));
        QTest::qWait(500);
        scene.anna->hold();
        QTest::qWait(1000);
        scene.anna->resume();
        QTest::qWait(1000);
        scene.anna->hangUp();
        const QJsonObject row = scene.recording();
        const QJsonObject shown =
            scene.fixture
                .run({QStringLiteral("show"), row[QLatin1String("uid")].toString(), QStringLiteral("--json")})
                .json();
        QStringList steps;
        for (const QJsonValue& step : shown[QLatin1String("flow")].toArray())
            steps << step.toObject()[QLatin1String("kind")].toString();
        QVERIFY2(steps.contains(QStringLiteral("hold")) && steps.contains(QStringLiteral("retrieve")),
                 qPrintable(steps.join(u' ')));
    }

    void aCallIsHandedOver()
    {
        Scene scene;
        QVERIFY(scene.ready && test::addUser(scene.fixture, "carl", "102", "third").exitCode == 0);
        QVERIFY(scene.anna->dialUntil(QStringLiteral("102"), *scene.anna, "480 Temporarily Unavailable"));
        const auto carl = scene.phone("carl", "third", {QStringLiteral("g711"), 8000, 1}, {}, 1320, true);
        QVERIFY(carl->isReady());
        scene.anna->dial(QStringLiteral("101"));
        QVERIFY(scene.anna->waitFor("Call established"));
        QTest::qWait(1500);
        scene.otto->transfer(QStringLiteral("102"));
        QVERIFY2(carl->waitFor("Call established"), scene.otto->said().constData());
        QVERIFY2(scene.otto->waitFor("terminated"), scene.otto->said().constData());
        QTest::qWait(2000);
        scene.anna->hangUp();
        QVERIFY(carl->waitFor("terminated"));
        QTRY_COMPARE_WITH_TIMEOUT(scene.recordings().size(), 2, 20'000);
        const QJsonArray rows = scene.recordings(); // newest first
        QCOMPARE(rows[0].toObject()[QLatin1String("internal")].toString(), QStringLiteral("102"));
        QCOMPARE(rows[1].toObject()[QLatin1String("internal")].toString(), QStringLiteral("101"));
        const QString uid = rows[1].toObject()[QLatin1String("uid")].toString();
        QCOMPARE(rows[0].toObject()[QLatin1String("uid")].toString(), uid + QStringLiteral("-2"));
        const test::WholeSound sound = scene.sound(rows[0].toObject());
        QVERIFY(heard(sound, 0, 1320).level > 0.2);
        QVERIFY(heard(sound, 1, kAnnaHz).level > 0.2);
        QVERIFY(heard(sound, 0, kOttoHz).first < 0);
    }

    /// A power cut in the middle of a call: what was said until then is archived by the next start.
    void aKilledExchangeLosesNoSound()
    {
        Scene scene;
        QVERIFY(scene.ready);
        scene.anna->dial(QStringLiteral("101"));
        QVERIFY(scene.anna->waitFor("Call established"));
        QElapsedTimer timer;
        timer.start();
        QTest::qWait(2500);
        const double talked = static_cast<double>(timer.elapsed()) / 1000;
        scene.exchange->kill();
        scene.anna->kill();
        scene.otto->kill();
        scene.exchange->start();
        const QJsonObject row = scene.recording();
        QVERIFY2(!row.isEmpty(), scene.exchange->said().constData());
        const test::WholeSound sound = scene.sound(row);
        const Heard tone = heard(sound, 0, kOttoHz);
        QVERIFY2(tone.last > talked - 0.4 && tone.longestGap < 0.02,
                 (QByteArray::number(tone.last) + " of " + QByteArray::number(talked)).constData());
    }
};

QTEST_GUILESS_MAIN(CallsTest)
#include "tst_calls.moc"
