// SPDX-License-Identifier: GPL-3.0-or-later
// From real phones, in the words of README.md: a recording pauses, and calls are marked while they run or
// when they are over.
#include "tests/support/baresip_phone.h"
#include "tests/support/exchange_process.h"
#include "tests/support/measure.h"
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

constexpr double kAnnaHz = 440;
constexpr double kOttoHz = 880;

/// anna (100) calls otto (101), who answers by himself; 72 marks calls.
struct Scene {
    explicit Scene(const char* annasMode = "on", const char* ottosMode = "on")
    {
        const auto record = [](const char* mode) {
            return QStringList{QStringLiteral("--record"), QString::fromLatin1(mode)};
        };
        ready = test::addUser(fixture, "anna", "100", "first", record(annasMode)).exitCode == 0 &&
                test::addUser(fixture, "otto", "101", "second", record(ottosMode)).exitCode == 0 &&
                CtlFixture::runRaw({QStringLiteral("object"), QStringLiteral("add"), QStringLiteral("--kind"),
                                    QStringLiteral("vm"), QStringLiteral("--number"), QStringLiteral("72"),
                                    QStringLiteral("--name"), QStringLiteral("threat"),
                                    QStringLiteral("--set"), QStringLiteral("script=threat_call.xml"),
                                    QStringLiteral("--config"), fixture.config()})
                        .exitCode == 0;
        exchange = std::make_unique<ExchangeProcess>(fixture);
        otto = phone("otto", "second", kOttoHz, true);
        anna = phone("anna", "first", kAnnaHz, false);
        ready = ready && otto->isReady() && anna->isReady();
    }
    std::unique_ptr<BaresipPhone> phone(const char* name, const char* password, double hz, bool answers) const
    {
        BaresipOptions options;
        options.user = QString::fromUtf8(name);
        options.password = QString::fromUtf8(password);
        options.toneHz = hz;
        options.answers = answers;
        return std::make_unique<BaresipPhone>(fixture.path(options.user), exchange->port4, options);
    }
    bool talk() const
    {
        anna->dial(QStringLiteral("101"));
        return anna->waitFor("Call established") && otto->waitFor("Call established");
    }
    /// On a second line, which the exchange ends.
    bool dialsBeside(const QString& number) const { return dialsBeside(*anna, number); }
    static bool dialsBeside(BaresipPhone& by, const QString& number)
    {
        by.hold();
        by.dial(number);
        const bool done =
            by.waitFor("Call established") && (by.waitFor("terminated") || by.said().contains("closed"));
        by.resume();
        return done;
    }
    static void press(BaresipPhone& by, const char* keys)
    {
        for (const char key : std::string_view(keys)) {
            by.press(key);
            QTest::qWait(400); // baresip sends one at a time
        }
    }
    QByteArray console(const char* line) const
    {
        return fixture.run({QStringLiteral("console"), QStringLiteral("-c"), QString::fromLatin1(line)}).out;
    }
    QJsonArray recordings() const
    {
        return fixture.run({QStringLiteral("list"), QStringLiteral("--json")})
            .json()[QLatin1String("recordings")]
            .toArray();
    }
    /// Of the talk, once it is in the archive and as the test wants it.
    QJsonObject shown(const std::function<bool(const QJsonObject&)>& fits) const
    {
        QJsonObject talk;
        (void)QTest::qWaitFor(
            [&] {
                const QJsonArray rows = recordings();
                for (const QJsonValue& row : rows)
                    if (row[QLatin1String("internal")] == QLatin1String("101"))
                        talk = fixture
                                   .run({QStringLiteral("show"), row[QLatin1String("uid")].toString(),
                                         QStringLiteral("--json")})
                                   .json();
                return !talk.isEmpty() && fits(talk);
            },
            15'000);
        return talk;
    }
    static QJsonArray marksOf(const QJsonObject& talk) { return talk[QLatin1String("marks")].toArray(); }

    CtlFixture fixture;
    std::unique_ptr<ExchangeProcess> exchange;
    std::unique_ptr<BaresipPhone> otto;
    std::unique_ptr<BaresipPhone> anna;
    bool ready = false;
};

/// How long otto's tone is heard in a part of the recording [s].
double ottoIn(const test::WholeSound& sound, double from, double until)
{
    const auto samples = test::channelOf(sound.samples, 0, sound.channels);
    const std::size_t block = sound.rate / 50;
    double length = 0;
    for (auto at = static_cast<std::size_t>(from * sound.rate);
         at + block <= std::min(samples.size(), static_cast<std::size_t>(until * sound.rate)); at += block)
        if (test::toneLevel(std::span(samples).subspan(at, block), kOttoHz, sound.rate) > 0.05)
            length += 0.02;
    return length;
}

} // namespace

class CallCodesTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY2(!QStandardPaths::findExecutable(QStringLiteral("baresip")).isEmpty(), "baresip");
    }

    void aRecordingPausesByACode()
    {
        Scene scene;
        QVERIFY(scene.ready && scene.talk());
        QTest::qWait(1000);
        QVERIFY2(scene.dialsBeside(QStringLiteral("*77%23")), scene.anna->said().right(900).constData());
        QTest::qWait(2000); // nobody shall hear this
        const QByteArray calls = scene.console("calls");
        QVERIFY2(calls.contains("paused"), calls.constData());
        QVERIFY2(scene.dialsBeside(QStringLiteral("%2377%23")), scene.anna->said().right(900).constData());
        QTest::qWait(1500);
        scene.otto->hangUp();
        const QJsonObject talk = scene.shown([](const QJsonObject&) { return true; });
        const QJsonArray pauses = talk[QLatin1String("pauses")].toArray();
        QCOMPARE(pauses.size(), 1);
        const double from = pauses[0][QLatin1String("seconds")].toDouble();
        const double length = pauses[0][QLatin1String("lengthSeconds")].toDouble();
        QVERIFY2(length > 2, qPrintable(QString::number(length)));
        const auto sound = test::wholeSound(
            pathOf((scene.fixture.archive() + u'/' + talk[QLatin1String("file")].toString()).toStdString()));
        QVERIFY(ottoIn(sound, 0, from) > 0.7);
        QVERIFY(ottoIn(sound, from + 0.1, from + length - 0.1) < 0.05);
        QVERIFY(ottoIn(sound, from + length, 1000) > 1);
    }

    /// The same code, pressed in the call (RFC 4733) without holding it.
    void aRecordingPausesByKeys()
    {
        Scene scene;
        QVERIFY(scene.ready && scene.talk());
        QTest::qWait(1000);
        const auto press = [&](const char* keys) { Scene::press(*scene.otto, keys); };
        const auto isPaused = [&] { return scene.console("calls").contains("paused"); };
        press("*72#");
        press("*77#");
        QTRY_VERIFY(isPaused());
        QTest::qWait(2000); // nobody shall hear this
        press("#77#");
        QTRY_VERIFY(!isPaused());
        QTest::qWait(1500);
        scene.otto->hangUp();
        const QJsonObject talk = scene.shown([](const QJsonObject&) { return true; });
        const QJsonArray pauses = talk[QLatin1String("pauses")].toArray();
        QCOMPARE(pauses.size(), 1);
        QCOMPARE(Scene::marksOf(talk).size(), 1);
        const double from = pauses[0][QLatin1String("seconds")].toDouble();
        const double length = pauses[0][QLatin1String("lengthSeconds")].toDouble();
        QVERIFY2(length > 2, qPrintable(QString::number(length)));
        const auto sound = test::wholeSound(
            pathOf((scene.fixture.archive() + u'/' + talk[QLatin1String("file")].toString()).toStdString()));
        QVERIFY(ottoIn(sound, 0, from) > 0.7);
        QVERIFY(ottoIn(sound, from + 0.1, from + length - 0.1) < 0.05);
        QVERIFY(ottoIn(sound, from + length, 1000) > 1);
        // Those before the pause stand in the recording, those in it do not (decisions.md 4).
        QCOMPARE(talk[QLatin1String("dtmf")].toString(), QStringLiteral("*72#*77#"));
    }

    /// Neither side is recorded until anna begins by keys; then the console does it for her.
    void aUserBeginsTheRecording()
    {
        Scene scene("manual", "off");
        QVERIFY(scene.ready && scene.talk());
        QTest::qWait(2000); // nobody records this
        QVERIFY(scene.console("calls").contains("no"));
        Scene::press(*scene.anna, "*78#");
        QTRY_VERIFY(scene.console("calls").contains("yes"));
        QTest::qWait(1500);
        Scene::press(*scene.anna, "#78#");
        QTRY_VERIFY(!scene.console("calls").contains("yes"));
        QTRY_COMPARE_WITH_TIMEOUT(scene.recordings().size(), 1, 10'000); // while the call goes on
        const QJsonObject first = scene.recordings()[0].toObject();
        const QByteArray begun = scene.console("call start 1");
        QVERIFY2(begun.contains("begins"), begun.constData());
        QTest::qWait(1000);
        scene.otto->hangUp();
        QTRY_COMPARE_WITH_TIMEOUT(scene.recordings().size(), 2, 10'000);
        QCOMPARE(first[QLatin1String("internal")].toString(), QStringLiteral("101"));
        QCOMPARE(first[QLatin1String("owner")].toString(), QStringLiteral("100")); // who wanted it
        const double length = first[QLatin1String("durationSeconds")].toDouble();
        QVERIFY2(length > 1.5 && length < 30, qPrintable(QString::number(length)));
        const auto sound = test::wholeSound(
            pathOf((scene.fixture.archive() + u'/' + first[QLatin1String("file")].toString()).toStdString()));
        QVERIFY(ottoIn(sound, 0, 1000) > 1.4);
    }

    void aRecordingPausesByTheConsole()
    {
        Scene scene;
        QVERIFY(scene.ready && scene.talk());
        const auto console = [&](const char* line) {
            return scene.fixture
                .run({QStringLiteral("console"), QStringLiteral("-c"), QString::fromLatin1(line)})
                .exitCode;
        };
        QCOMPARE(console("call pause 1"), 0);
        QTest::qWait(1000);
        QCOMPARE(console("call resume 1"), 0);
        QCOMPARE(console("call pause 99"), 1);
        QTest::qWait(1000);
        scene.anna->hangUp();
        const QJsonObject talk = scene.shown([](const QJsonObject&) { return true; });
        QCOMPARE(talk[QLatin1String("pauses")].toArray().size(), 1);
    }

    void aCallIsMarkedWhileItRuns()
    {
        Scene scene("off");
        QVERIFY(scene.ready && scene.talk());
        QVERIFY2(scene.dialsBeside(QStringLiteral("72")), scene.anna->said().right(900).constData());
        QTest::qWait(500);
        scene.otto->hangUp();
        const QJsonArray marks = Scene::marksOf(scene.shown([](const QJsonObject&) { return true; }));
        QCOMPARE(marks.size(), 1);
        QCOMPARE(marks[0][QLatin1String("party")].toString(), QStringLiteral("external")); // the caller
        QVERIFY(marks[0][QLatin1String("seconds")].toDouble() > 0);
    }

    /// Of two whose calls are recorded (decisions.md 18), then and afterwards.
    void theMarkOfTheCalledOneCounts()
    {
        Scene scene;
        QVERIFY(scene.ready && scene.talk());
        QVERIFY2(scene.dialsBeside(QStringLiteral("72")), scene.anna->said().right(900).constData());
        QTest::qWait(500);
        QVERIFY2(Scene::dialsBeside(*scene.otto, QStringLiteral("72")),
                 scene.otto->said().right(900).constData());
        QTest::qWait(500);
        scene.otto->hangUp();
        QVERIFY(scene.anna->waitFor("terminated"));
        scene.anna->dial(QStringLiteral("72"));
        QVERIFY(scene.anna->waitFor("Call established") && scene.anna->waitFor("terminated"));
        const QJsonArray marks = Scene::marksOf(scene.shown([](const QJsonObject&) { return true; }));
        QCOMPARE(marks.size(), 1);
        QCOMPARE(marks[0][QLatin1String("party")].toString(), QStringLiteral("internal"));
    }

    void aCallIsMarkedWhenItIsOver()
    {
        Scene scene;
        QVERIFY(scene.ready && scene.talk());
        QTest::qWait(1500);
        scene.anna->hangUp();
        QVERIFY(scene.otto->waitFor("terminated"));
        scene.otto->dial(QStringLiteral("72"));
        QVERIFY2(scene.otto->waitFor("Call established"), scene.otto->said().right(900).constData());
        QVERIFY(scene.otto->waitFor("terminated"));
        const QJsonObject talk =
            scene.shown([](const QJsonObject& one) { return !Scene::marksOf(one).isEmpty(); });
        const QJsonArray marks = Scene::marksOf(talk);
        QVERIFY2(marks.size() == 1, scene.exchange->said().constData());
        QCOMPARE(marks[0][QLatin1String("party")].toString(), QStringLiteral("internal"));
        const double seconds = marks[0][QLatin1String("seconds")].toDouble();
        const double length = talk[QLatin1String("durationSeconds")].toDouble();
        QVERIFY2(qAbs(seconds - length) < 0.03, // the last packet may end behind the BYE
                 qPrintable(QStringLiteral("%1 of %2").arg(seconds).arg(length)));
        QCOMPARE(scene.fixture.run({QStringLiteral("verify")}).exitCode, 0); // nothing has come amiss
    }
};

QTEST_GUILESS_MAIN(CallCodesTest)
#include "tst_call_codes.moc"
