// SPDX-License-Identifier: GPL-3.0-or-later
// Keys by DTLS and ways by ICE: real phones that have them call real phones that do not, through switchroomd,
// and what they said is found in the archive. Or past it, where both may and nobody records.
#include "tests/support/baresip_phone.h"
#include "tests/support/exchange_process.h"
#include "tests/support/measure.h"
#include "tests/support/own_address.h"
#include "tests/support/whole_sound.h"

#include <QJsonArray>
#include <QStandardPaths>
#include <QTest>

#include <csignal>
#include <memory>

using namespace sr;
using sr::test::BaresipOptions;
using sr::test::BaresipPhone;
using sr::test::CtlFixture;
using sr::test::ExchangeProcess;

namespace {

constexpr double kAnnaHz = 440;
constexpr double kOttoHz = 880;

/// An exchange with anna (100), whose phone has what the test wants, and otto (101) with plain RTP or SDES.
struct Scene {
    Scene(const QString& annaProtects, const QString& annaTraverses, const QString& ottoProtects,
          bool past = false, const QString& ottosSetting = {})
    {
        ready = test::addUser(fixture, "anna", "100", "first").exitCode == 0 &&
                test::addUser(fixture, "otto", "101", "second").exitCode == 0;
        for (const char* user : {"anna", "otto"})
            if (past)
                ready = ready && fixture.run({QStringLiteral("object"), QStringLiteral("modify"),
                                              QString::fromLatin1(user), QStringLiteral("--record"),
                                              QStringLiteral("off"), QStringLiteral("--set"),
                                              QStringLiteral("media-relay=off")})
                                         .exitCode == 0;
        if (!ottosSetting.isEmpty())
            ready = ready && fixture.run({QStringLiteral("object"), QStringLiteral("modify"),
                                          QStringLiteral("otto"), QStringLiteral("--set"), ottosSetting})
                                     .exitCode == 0;
        exchange = std::make_unique<ExchangeProcess>(fixture);
        BaresipOptions ottos;
        ottos.user = QStringLiteral("otto");
        ottos.password = QStringLiteral("second");
        ottos.protection = ottoProtects;
        ottos.toneHz = kOttoHz;
        ottos.answers = true;
        ottos.keepsHeard = true;
        if (past)
            ottos.traversal = annaTraverses;
        otto = std::make_unique<BaresipPhone>(fixture.path(ottos.user), exchange->port4, ottos);
        BaresipOptions annas;
        annas.user = QStringLiteral("anna");
        annas.password = QStringLiteral("first");
        annas.protection = annaProtects;
        annas.traversal = annaTraverses;
        annas.toneHz = kAnnaHz;
        annas.keepsHeard = true;
        anna = std::make_unique<BaresipPhone>(fixture.path(annas.user), exchange->port4, annas);
        ready = ready && otto->isReady() && anna->isReady();
    }
    QJsonObject recording() const
    {
        QJsonArray all;
        (void)QTest::qWaitFor(
            [&] {
                all = fixture.run({QStringLiteral("list"), QStringLiteral("--json")})
                          .json()[QLatin1String("recordings")]
                          .toArray();
                return !all.isEmpty();
            },
            10'000);
        return all.size() == 1 ? all[0].toObject() : QJsonObject();
    }

    CtlFixture fixture;
    std::unique_ptr<ExchangeProcess> exchange;
    std::unique_ptr<BaresipPhone> otto;
    std::unique_ptr<BaresipPhone> anna;
    bool ready = false;
};

/// In the middle of a channel, of full scale; 0 without sound.
double levelOf(const test::WholeSound& sound, std::size_t channel, double hz)
{
    if (sound.samples.empty())
        return 0;
    const auto samples = test::channelOf(sound.samples, channel, sound.channels);
    const std::size_t middle = samples.size() / 2;
    return test::toneLevel(
        std::span(samples).subspan(middle, std::min<std::size_t>(sound.rate / 2, samples.size() - middle)),
        hz, sound.rate);
}

/// For how long, in quarters of a second.
int quartersHeard(const QString& file, double hz)
{
    const test::WholeSound sound = test::wholeSound(pathOf(file.toStdString()));
    const auto samples = test::channelOf(sound.samples, 0, sound.channels);
    const std::size_t quarter = sound.rate / 4;
    int heard = 0;
    for (std::size_t from = 0; quarter > 0 && from + quarter <= samples.size(); from += quarter)
        heard += test::toneLevel(std::span(samples).subspan(from, quarter), hz, sound.rate) > 0.2 ? 1 : 0;
    return heard;
}

/// Somewhere: on a busy machine hands are shaken for longer than half of the call.
bool isHeard(const QString& file, double hz)
{
    return quartersHeard(file, hz) >= 2;
}

} // namespace

class SecureMediaTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY2(!QStandardPaths::findExecutable(QStringLiteral("baresip")).isEmpty(), "baresip");
    }

    void twoPhonesTalk_data()
    {
        QTest::addColumn<QString>("annaProtects");
        QTest::addColumn<QString>("annaTraverses");
        QTest::addColumn<QString>("ottoProtects");
        const QString none;
        const QString dtls = QStringLiteral("dtls_srtp");
        const QString sdes = QStringLiteral("srtp-mand");
        const QString ice = QStringLiteral("ice");
        QTest::newRow("DTLS and ICE to plain RTP") << dtls << ice << none;
        QTest::newRow("DTLS to plain RTP") << dtls << none << none;
        QTest::newRow("ICE to plain RTP") << none << ice << none;
        QTest::newRow("DTLS and ICE to SDES") << dtls << ice << sdes;
        QTest::newRow("SDES and ICE to plain RTP") << sdes << ice << none;
        QTest::newRow("SDES to plain RTP") << sdes << none << none;
        QTest::newRow("SDES to SDES") << sdes << none << sdes;
        QTest::newRow("plain RTP to SDES") << none << none << sdes;
        QTest::newRow("plain RTP to DTLS") << none << none << dtls;
        QTest::newRow("SDES to DTLS") << sdes << none << dtls;
        QTest::newRow("DTLS to DTLS") << dtls << none << dtls;
    }
    void twoPhonesTalk()
    {
        QFETCH(QString, annaProtects);
        QFETCH(QString, annaTraverses);
        QFETCH(QString, ottoProtects);
        Scene scene(annaProtects, annaTraverses, ottoProtects);
        QVERIFY(scene.ready);
        scene.anna->dial(QStringLiteral("101"));
        QVERIFY2(scene.anna->waitFor("Call established"),
                 (scene.anna->said() + scene.otto->said()).constData());
        QVERIFY(scene.otto->waitFor("Call established"));
        QTest::qWait(3000); // they talk
        scene.anna->hangUp();
        QVERIFY(scene.otto->waitFor("terminated"));
        const QJsonObject row = scene.recording();
        QVERIFY2(!row.isEmpty(), scene.exchange->said().constData());
        const test::WholeSound sound = test::wholeSound(
            pathOf((scene.fixture.archive() + u'/' + row[QLatin1String("file")].toString()).toStdString()));
        QCOMPARE(int{sound.channels}, 2);
        for (const auto& [channel, hz] :
             {std::pair(std::size_t{0}, kOttoHz), std::pair(std::size_t{1}, kAnnaHz)}) {
            const double level = levelOf(sound, channel, hz);
            const QByteArray words = QByteArray::number(level) + " on channel " +
                                     QByteArray::number(static_cast<int>(channel)) + '\n' +
                                     scene.anna->said();
            QVERIFY2(level > 0.2 && level < 0.35, words.constData());
        }
        // Each phone heard the other.
        QTRY_VERIFY(isHeard(scene.anna->heard(), kOttoHz));
        QTRY_VERIFY(isHeard(scene.otto->heard(), kAnnaHz));
    }

    /// An intercom (reference, sip-intercom) takes keys for its door, and knows no SRTP.
    void aKeyOpensADoor()
    {
        Scene scene(QStringLiteral("srtp-mand"), {}, {}, false, QStringLiteral("srtp=off"));
        QVERIFY(scene.ready);
        scene.anna->dial(QStringLiteral("101"));
        QVERIFY2(scene.anna->waitFor("Call established"),
                 (scene.anna->said() + scene.otto->said()).constData());
        QVERIFY(scene.otto->waitFor("Call established"));
        QTest::qWait(1000); // they talk
        scene.anna->press('5');
        QVERIFY(scene.otto->waitFor("received event: '5'"));
        scene.anna->hangUp();
        QVERIFY(scene.otto->waitFor("terminated"));
        QCOMPARE(scene.recording()[QLatin1String("dtmf")].toString(), QStringLiteral("5"));
        QTRY_VERIFY(isHeard(scene.otto->heard(), kAnnaHz));
    }

    void twoPhonesTalkPastUs_data()
    {
        QTest::addColumn<QString>("protects");
        QTest::newRow("plain RTP") << QString();
        QTest::newRow("DTLS") << QStringLiteral("dtls_srtp");
    }
    /// They find each other by ICE; an exchange that stands still takes no word from them.
    void twoPhonesTalkPastUs()
    {
        QFETCH(QString, protects);
        if (test::ownAddress().isEmpty())
            QSKIP("this machine has no address but loopback, where baresip has no candidates");
        Scene scene(protects, QStringLiteral("ice"), protects, true);
        QVERIFY(scene.ready);
        scene.anna->dial(QStringLiteral("101"));
        QVERIFY2(scene.anna->waitFor("Call established"),
                 (scene.anna->said() + scene.otto->said()).constData());
        QVERIFY(scene.otto->waitFor("Call established"));
        QCOMPARE(::kill(static_cast<pid_t>(scene.exchange->pid()), SIGSTOP), 0);
        QTest::qWait(3000); // they talk
        QCOMPARE(::kill(static_cast<pid_t>(scene.exchange->pid()), SIGCONT), 0);
        scene.anna->hangUp();
        QVERIFY(scene.otto->waitFor("terminated"));
        QTRY_VERIFY(quartersHeard(scene.anna->heard(), kOttoHz) >= 6);
        QTRY_VERIFY(quartersHeard(scene.otto->heard(), kAnnaHz) >= 6);
    }
};

QTEST_GUILESS_MAIN(SecureMediaTest)
#include "tst_secure_media.moc"
