// SPDX-License-Identifier: GPL-3.0-or-later
// A mailbox with real phones, set up in the words of README.md: a message is left and heard, a recording is
// replayed, who waits hears music.
#include "core/media/sound.h"
#include "tests/support/baresip_phone.h"
#include "tests/support/exchange_process.h"
#include "tests/support/measure.h"
#include "tests/support/raw_phone.h"
#include "tests/support/whole_sound.h"

#include <QJsonArray>
#include <QStandardPaths>
#include <QTest>

#include <memory>

using namespace sr;
using sr::test::BaresipOptions;
using sr::test::BaresipPhone;
using sr::test::CtlFixture;
using sr::test::ExchangeProcess;

namespace {

constexpr double kAnnaHz = 600;
constexpr double kOttoHz = 880;
constexpr double kFirstHz = 700;
constexpr double kMusicHz = 1000;
constexpr double kAgainHz = 1500;

/// What one side of a recording said.
struct Side {
    std::vector<std::int16_t> samples;
    std::uint32_t rate = 8000;
};

/// How much of the time the tone is there [s].
double lengthOf(const Side& said, double hz)
{
    const auto& [samples, rate] = said;
    const std::size_t block = rate / 50;
    double length = 0;
    for (std::size_t at = 0; block > 0 && at + block <= samples.size(); at += block)
        if (test::toneLevel(std::span(samples).subspan(at, block), hz, rate) > 0.05)
            length += 0.02;
    return length;
}

/// What a stretch of sound is: one of the tones of somebody who waits, `-` silence, `s` speech.
char kindOf(std::span<const std::int16_t> block, double rate)
{
    double power = 0;
    for (const std::int16_t sample : block)
        power += sample / 32768.0 * sample / 32768.0;
    const double loudness = std::sqrt(2 * power / static_cast<double>(block.size())); // a tone's amplitude
    if (loudness < 0.01)
        return '-';
    for (const auto& [kind, hz] : {std::pair('f', kFirstHz), {'m', kMusicHz}, {'a', kAgainHz}})
        if (test::toneLevel(block, hz, rate) > 0.9 * loudness) // and hardly anything else
            return kind;
    return 's';
}

/// What follows what, as `fma`. Less than 0.3 s is where one ends and the next begins.
std::string orderOf(const Side& said)
{
    const std::size_t block = said.rate / 10;
    std::string blocks;
    for (std::size_t at = 0; block > 0 && at + block <= said.samples.size(); at += block)
        blocks += kindOf(std::span(said.samples).subspan(at, block), said.rate);
    std::erase(blocks, '-');
    std::string order;
    for (std::size_t at = 0, end = 0; at < blocks.size(); at = end) {
        end = std::min(blocks.find_first_not_of(blocks[at], at), blocks.size());
        if (end - at >= 3 && !order.ends_with(blocks[at]))
            order += blocks[at];
    }
    return order;
}

/// anna (100) and otto (101), whose unanswered calls go to the mailbox (300); each may have a phone.
struct Scene {
    Scene()
    {
        ready = test::addUser(fixture, "anna", "100", "first").exitCode == 0 &&
                test::addUser(fixture, "otto", "101", "second").exitCode == 0 &&
                run("object add --kind vm --number 300 --name mailbox") &&
                run("object modify mailbox --set script=voicemail.xml?$lang=de&$sec=120") &&
                run("user modify otto --cfnr 300") &&
                run("object add --kind vm --number 301 --name replay --set script=last_call_replay.xml") &&
                run("object add --kind vm --number 76 --name tan --set script=tan.xml");
        exchange = std::make_unique<ExchangeProcess>(fixture);
    }
    bool run(const char* words) const
    {
        return CtlFixture::runRaw(QString::fromLatin1(words).split(u' ') +
                                  QStringList{QStringLiteral("--config"), fixture.config()})
                   .exitCode == 0;
    }
    std::unique_ptr<BaresipPhone> phone(const char* name, const char* password, double hz,
                                        bool answers = false, bool keepsHeard = false) const
    {
        BaresipOptions options;
        options.keepsHeard = keepsHeard;
        options.answers = answers;
        options.user = QString::fromUtf8(name);
        options.password = QString::fromUtf8(password);
        options.toneHz = hz;
        return std::make_unique<BaresipPhone>(fixture.path(options.user), exchange->port4, options);
    }
    /// What waiting.xml may play: music, and announcements of one second.
    bool writeWaitingSounds() const
    {
        const QString music = fixture.config() + QStringLiteral("/sounds");
        const QString own = fixture.config() + QStringLiteral("/scripts/waiting");
        return QDir().mkpath(music) && QDir().mkpath(own) &&
               test::writeToneFile(music + QStringLiteral("/music.wav"), kMusicHz, 10) &&
               test::writeToneFile(own + QStringLiteral("/first.wav"), kFirstHz, 1) &&
               test::writeToneFile(own + QStringLiteral("/again.wav"), kAgainHz, 1);
    }
    QByteArray calls() const
    {
        return fixture.run({QStringLiteral("console"), QStringLiteral("-c"), QStringLiteral("calls")}).out;
    }
    QString box(const char* file) const
    {
        return fixture.config() + QStringLiteral("/scripts/voicemail/101/") + QString::fromLatin1(file);
    }
    /// What that number said in the newest of so many recordings, once they are there.
    Side saidBy(const char* number, int recordings) const
    {
        QJsonArray all;
        (void)QTest::qWaitFor(
            [&] {
                all = fixture.run({QStringLiteral("list"), QStringLiteral("--json")})
                          .json()[QLatin1String("recordings")]
                          .toArray();
                return all.size() == recordings;
            },
            20'000);
        const QJsonObject row = all.isEmpty() ? QJsonObject() : all[0].toObject();
        const auto sound = test::wholeSound(
            pathOf((fixture.archive() + u'/' + row[QLatin1String("file")].toString()).toStdString()));
        const bool isInternal = row[QLatin1String("internal")] == QLatin1String(number);
        return sound.channels == 2 ? Side{test::channelOf(sound.samples, isInternal ? 0 : 1, 2), sound.rate}
                                   : Side{};
    }

    CtlFixture fixture;
    std::unique_ptr<ExchangeProcess> exchange;
    bool ready = false;
};

/// anna's tone, `length` of it at least, is in a file that is complete.
bool hasMessage(const QString& file, double length)
{
    const auto sound = media::Sound::load(pathOf(file.toStdString()));
    if (!sound)
        return false;
    const auto samples = (*sound)->samples();
    return lengthOf({{samples.begin(), samples.end()}, (*sound)->rate()}, kAnnaHz) >= length;
}

} // namespace

class VoicemailTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        if (QStandardPaths::findExecutable(QStringLiteral("baresip")).isEmpty())
            QSKIP("baresip is not installed");
    }

    void aMessageIsLeftAndHeard()
    {
        Scene scene;
        QVERIFY(scene.ready);
        test::RawPhone lamp("otto", QStringLiteral("second"), scene.exchange->port4); // it takes no calls
        QVERIFY(lamp.ask("SUBSCRIBE", "101", "Event: message-summary\r\nExpires: 600\r\n")
                    .startsWith("SIP/2.0 200"));
        QVERIFY(lamp.request().contains("Messages-Waiting: no"));
        auto anna = scene.phone("anna", "first", kAnnaHz);
        QVERIFY2(anna->isReady(), anna->said().constData());
        anna->dial(QStringLiteral("101"));
        QVERIFY2(anna->waitFor("Call established"), anna->said().constData());
        QVERIFY(QTest::qWaitFor([&] { return QFile(scene.box("1.g711a")).size() > 3 * 8000; },
                                40'000)); // behind the greeting
        anna->hangUp();
        QVERIFY(anna->waitFor("terminated"));
        QVERIFY(QTest::qWaitFor([&] { return QFile::exists(scene.box("next")); }, 20'000));
        QVERIFY(hasMessage(scene.box("1.g711a"), 2.5));
        const QByteArray lit = lamp.request();
        QVERIFY2(lit.contains("Voice-Message: 1/0"), lit.constData());
        const Side greeting = scene.saidBy("300", 1);
        const auto loud =
            std::ranges::count_if(greeting.samples, [](int one) { return std::abs(one) > 3000; });
        QVERIFY2(loud > greeting.rate / 10, "anna heard no greeting");

        auto otto = scene.phone("otto", "second", 440);
        QVERIFY2(otto->isReady(), otto->said().constData());
        otto->dial(QStringLiteral("300"));
        QVERIFY2(otto->waitFor("Call established"), otto->said().constData());
        otto->press('1'); // hear the messages
        QVERIFY(QTest::qWaitFor([&] { return QFile::exists(scene.box("1.heard")); }, 40'000));
        otto->hangUp();
        QVERIFY(otto->waitFor("terminated"));
        const QByteArray dark = lamp.request();
        QVERIFY2(dark.contains("Voice-Message: 0/1"), dark.constData());
        const Side heard = scene.saidBy("300", 2);
        const double length = lengthOf(heard, kAnnaHz);
        QVERIFY2(length > 2, qPrintable(QString::number(length)));

        scene.exchange.reset();
        scene.exchange = std::make_unique<ExchangeProcess>(scene.fixture);
        test::RawPhone later("otto", QStringLiteral("second"), scene.exchange->port4);
        QVERIFY(later.ask("SUBSCRIBE", "101", "Event: message-summary\r\nExpires: 600\r\n")
                    .startsWith("SIP/2.0 200"));
        const QByteArray known = later.request(); // the file may be read a moment later
        QVERIFY2(known.contains("Voice-Message: 0/1") || later.request().contains("Voice-Message: 0/1"),
                 known.constData());
    }

    void anAnnouncementIsHeard()
    {
        Scene scene;
        QVERIFY(scene.ready && scene.run("object add --kind vm --number 310 --name closed --set "
                                         "script=announcement.xml?$sound=closed&$times=2"));
        const QString folder = scene.fixture.config() + QStringLiteral("/scripts/announcement");
        QVERIFY(QDir().mkpath(folder));
        QVERIFY(test::writeToneFile(folder + QStringLiteral("/closed.wav"), 600, 1, 8000));
        auto anna = scene.phone("anna", "first", kAnnaHz);
        QVERIFY2(anna->isReady(), anna->said().constData());
        QVERIFY2(anna->dialUntil(QStringLiteral("310"), *anna, "Call established"), anna->said().constData());
        QVERIFY2(anna->waitFor("terminated"), anna->said().constData());
        const double length = lengthOf(scene.saidBy("310", 1), 600);
        QVERIFY2(length > 1.8 && length < 2.2, qPrintable(QString::number(length)));
    }

    void whoWaitsHearsMusicBetweenAnnouncements_data()
    {
        QTest::addColumn<QString>("query");
        QTest::addColumn<int>("seconds"); // that are waited at least
        QTest::addColumn<QString>("order");
        QTest::newRow("announcements of one's own")
            << QStringLiteral("$first=first&$again=again&$pause=2") << 8 << QStringLiteral("fmama");
        QTest::newRow("those that come along")
            << QStringLiteral("$lang=de&$pause=1") << 9 << QStringLiteral("sms");
    }
    /// Nobody can take that call: the caller stays connected for as long as he likes.
    void whoWaitsHearsMusicBetweenAnnouncements()
    {
        QFETCH(QString, query);
        QFETCH(int, seconds);
        QFETCH(QString, order);
        Scene scene;
        QVERIFY(scene.ready &&
                scene.run(qPrintable(QStringLiteral("object add --kind vm --number 330 --name patience "
                                                    "--set script=waiting.xml?") +
                                     query)));
        QVERIFY(scene.writeWaitingSounds());
        scene.exchange.reset(); // music is read at the start
        scene.exchange = std::make_unique<ExchangeProcess>(scene.fixture);
        auto anna = scene.phone("anna", "first", kAnnaHz, false, true);
        QVERIFY2(anna->isReady(), anna->said().constData());
        anna->dial(QStringLiteral("330"));
        QVERIFY2(anna->waitFor("Call established"), anna->said().constData());
        QVERIFY(QTest::qWaitFor([&] { return QFile(anna->heard()).size() >= seconds * 2 * 8000; }, 40'000));
        QVERIFY2(!anna->said().contains("terminated"), anna->said().constData());
        QVERIFY(scene.calls().contains("330"));
        anna->hangUp();
        QVERIFY(anna->waitFor("terminated"));
        QTRY_VERIFY(!scene.calls().contains("330")); // the script has ended with the call

        const auto sound = test::wholeSound(pathOf(anna->heard().toStdString()));
        const Side heard{sound.samples, sound.rate};
        const std::string told = orderOf(heard);
        QVERIFY2(QString::fromStdString(told).startsWith(order), told.c_str());
        const double first = lengthOf(heard, kFirstHz);
        QVERIFY2(order[0] == u's' || (first > 0.9 && first < 1.1), qPrintable(QString::number(first)));
    }

    /// Calls with the script itself do not count.
    void theLastRecordingIsReplayed()
    {
        Scene scene;
        QVERIFY(scene.ready);
        auto otto = scene.phone("otto", "second", kOttoHz, true);
        auto anna = scene.phone("anna", "first", kAnnaHz);
        QVERIFY(anna->isReady() && otto->isReady());
        anna->dial(QStringLiteral("101"));
        QVERIFY2(anna->waitFor("Call established"), anna->said().constData());
        QTest::qWait(3000);
        anna->hangUp();
        QVERIFY(anna->waitFor("terminated"));
        QVERIFY(lengthOf(scene.saidBy("101", 1), kOttoHz) > 2);
        for (int calls = 2; calls <= 3; ++calls) {
            anna->dial(QStringLiteral("301"));
            QVERIFY2(anna->waitFor("Call established"), anna->said().right(700).constData());
            QTest::qWait(5000); // more than once through
            anna->hangUp();
            QVERIFY(anna->waitFor("terminated"));
            const Side replay = scene.saidBy("301", calls);
            const double otto880 = lengthOf(replay, kOttoHz);
            QVERIFY2(otto880 > 3.5, qPrintable(QString::number(otto880)));
            QVERIFY(lengthOf(replay, kAnnaHz) > 3.5);
        }
    }

    /// From the phone, while the call is held.
    void aTanIsTypedDuringACall()
    {
        Scene scene;
        QVERIFY(scene.ready);
        auto otto = scene.phone("otto", "second", kOttoHz, true);
        auto anna = scene.phone("anna", "first", kAnnaHz);
        QVERIFY(anna->isReady() && otto->isReady());
        anna->dial(QStringLiteral("101"));
        QVERIFY2(anna->waitFor("Call established"), anna->said().constData());
        anna->hold();
        anna->dial(QStringLiteral("76123456"));
        QVERIFY2(anna->waitFor("Call established"), anna->said().right(700).constData());
        QVERIFY(anna->waitFor("terminated")); // when it has been repeated
        otto->hangUp();
        QJsonArray found;
        QVERIFY(QTest::qWaitFor(
            [&] {
                found = scene.fixture
                            .run({QStringLiteral("list"), QStringLiteral("--json"), QStringLiteral("--tan"),
                                  QStringLiteral("123456")})
                            .json()[QLatin1String("recordings")]
                            .toArray();
                return !found.isEmpty();
            },
            20'000));
        QCOMPARE(found.size(), 1);
        const QJsonObject row = found[0].toObject();
        QVERIFY(row[QLatin1String("file")].toString().contains(u"_T123456"));
        QVERIFY(row[QLatin1String("internal")] != QLatin1String("76") &&
                row[QLatin1String("external")] != QLatin1String("76"));
    }
};

QTEST_GUILESS_MAIN(VoicemailTest)
#include "tst_voicemail.moc"
