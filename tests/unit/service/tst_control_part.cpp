// SPDX-License-Identifier: GPL-3.0-or-later
// What the service tells on its control socket, from parts that answer at once, later, or on other threads.
#include "app/control/control_client.h"
#include "app/service/control_part.h"
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "tests/support/fake_clock.h"

#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include <future>
#include <thread>

using namespace sr;
using namespace sr::service;
using control::CallRow;

namespace {

CallRow call(int number, bool recording = false)
{
    CallRow row;
    row.id = std::to_string(number);
    row.from = "12";
    row.to = "13";
    row.since = UtcTime(seconds(number));
    row.recording = recording;
    return row;
}

/// A part whose calls are told when the test likes.
struct Source {
    using Done = std::function<void(std::vector<CallRow>)>;
    CallSource source()
    {
        return [this](Done done) { asked.push_back(std::move(done)); };
    }
    std::vector<Done> asked = {};
};

CallSource atOnce(std::vector<CallRow> rows)
{
    return [rows = std::move(rows)](const Source::Done& done) { done(rows); };
}

struct Scene {
    explicit Scene(bool restarts = true)
    {
        ControlPart::Parts parts;
        parts.archiveRoot = config();
        if (restarts)
            parts.restart = [this] { ++restarted; };
        auto started = ControlPart::start(config(), parts, clock, [](const std::string&) {});
        if (!started)
            qFatal("%s", started.error().text().c_str());
        part = std::move(*started);
    }
    Path config() const { return pathOf(dir.path().toStdString()); }
    /// Another program asks, while this thread serves.
    std::future<QJsonObject> ask(const char* name, QJsonObject request = {}) const
    {
        request.insert(QStringLiteral("do"), QString::fromLatin1(name));
        return std::async(std::launch::async, [config = config(), request] {
            const auto answer = control::ask(config, request);
            return answer ? *answer
                          : QJsonObject{
                                {QStringLiteral("error"), QString::fromStdString(answer.error().text())}};
        });
    }
    static QJsonObject of(std::future<QJsonObject> answer)
    {
        while (answer.wait_for(milliseconds(0)) != std::future_status::ready)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents | QEventLoop::AllEvents, 10);
        return answer.get();
    }
    QJsonObject answerOf(const char* name, const QJsonObject& request = {}) const
    {
        return of(ask(name, request));
    }

    QTemporaryDir dir = {};
    test::FakeClock clock = test::FakeClock();
    int restarted = 0;
    std::unique_ptr<ControlPart> part = {};
};

QStringList idsOf(const QJsonObject& answer)
{
    QStringList ids;
    const QJsonArray rows = answer.value(QLatin1String("calls")).toArray();
    for (const QJsonValue& row : rows)
        ids << row[QLatin1String("id")].toString();
    return ids;
}

} // namespace

class TestControlPart : public QObject {
    Q_OBJECT
private slots:
    void nothingRuns();
    void callsOfAllParts();
    void otherThreads();
    void lateAnswers();
    void manyCalls();
    void countsInStatus();
    void partEndsWhileAsked();
    void withoutExchange();
    void resets();
};

void TestControlPart::nothingRuns()
{
    const Scene s;
    const QJsonObject status = s.answerOf("status");
    for (const char* name : {"calls", "recording", "registrations", "filesRecorded", "filesToProcess"})
        QCOMPARE(status.value(QLatin1String(name)).toInt(-1), 0);
    const QJsonObject lamps = status.value(QLatin1String("lamps")).toObject();
    QCOMPARE(lamps.value(QLatin1String("pbx")).toString(), QStringLiteral("grey"));
    QCOMPARE(lamps.value(QLatin1String("pcap")).toString(), QStringLiteral("grey"));
    QCOMPARE(idsOf(s.answerOf("calls")), QStringList());
    QCOMPARE(s.answerOf("registrations").value(QLatin1String("total")).toInt(-1), 0);
    QVERIFY(s.answerOf("resetAlarm").value(QLatin1String("reset")).toBool());
}

void TestControlPart::callsOfAllParts()
{
    const Scene s;
    s.part->addCalls(atOnce({call(1), call(3)}));
    s.part->addCalls(atOnce({}));
    s.part->addCalls(atOnce({call(2)}));
    const QJsonObject answer = s.answerOf("calls");
    QStringList ids = idsOf(answer);
    ids.sort();
    QCOMPARE(ids, QStringList({QStringLiteral("1"), QStringLiteral("2"), QStringLiteral("3")}));
    QCOMPARE(answer.value(QLatin1String("total")).toInt(), 3);
}

void TestControlPart::otherThreads()
{
    const Scene s;
    std::vector<std::jthread> threads;
    for (int part = 0; part < 4; ++part)
        s.part->addCalls([&threads, part](Source::Done done) {
            threads.emplace_back([done = std::move(done), part] { done({call(part)}); });
        });
    for (int i = 0; i < 20; ++i)
        QCOMPARE(idsOf(s.answerOf("calls")).size(), 4);
}

/// Two ask before the part answers; each gets what was told to it.
void TestControlPart::lateAnswers()
{
    const Scene s;
    Source source;
    s.part->addCalls(source.source());
    auto first = s.ask("calls");
    QTRY_COMPARE(source.asked.size(), std::size_t{1});
    auto second = s.ask("calls");
    QTRY_COMPARE(source.asked.size(), std::size_t{2});
    source.asked[1]({call(2)});
    QCOMPARE(idsOf(Scene::of(std::move(second))), QStringList{QStringLiteral("2")});
    source.asked[0]({call(1)});
    QCOMPARE(idsOf(Scene::of(std::move(first))), QStringList{QStringLiteral("1")});
}

void TestControlPart::manyCalls()
{
    const Scene s;
    std::vector<CallRow> rows;
    for (int i = 0; i < 2500; ++i)
        rows.push_back(call(i));
    s.part->addCalls(atOnce(rows));
    const QJsonObject answer = s.answerOf("calls");
    QCOMPARE(static_cast<std::size_t>(idsOf(answer).size()), kMostRows);
    QCOMPARE(answer.value(QLatin1String("total")).toInt(), 2500);
}

void TestControlPart::countsInStatus()
{
    const Scene s;
    s.part->addCalls(atOnce({call(1, true), call(2), call(3, true)}));
    const QJsonObject status = s.answerOf("status");
    QCOMPARE(status.value(QLatin1String("calls")).toInt(), 3);
    QCOMPARE(status.value(QLatin1String("recording")).toInt(), 2);
}

/// An answer that comes behind the end hits nobody.
void TestControlPart::partEndsWhileAsked()
{
    Scene s;
    Source source;
    s.part->addCalls(source.source());
    auto asking = s.ask("calls");
    QTRY_COMPARE(source.asked.size(), std::size_t{1});
    s.part.reset();
    source.asked[0]({call(1)});
    QVERIFY(Scene::of(std::move(asking)).contains(QLatin1String("error")));
    QCoreApplication::processEvents();
}

void TestControlPart::withoutExchange()
{
    const Scene s(false);
    for (const char* name : {"trace", "recording", "reset", "nonsense"}) {
        const QString error = s.answerOf(name).value(QLatin1String("error")).toString();
        QVERIFY2(!error.isEmpty(), name);
    }
}

void TestControlPart::resets()
{
    Scene s;
    QCOMPARE(s.answerOf("reset").value(QLatin1String("waits")).toBool(true), false);
    QTRY_COMPARE(s.restarted, 1);

    Source source;
    s.part->addCalls(source.source());
    QVERIFY(s.answerOf("reset", {{QStringLiteral("when"), QStringLiteral("idle")}})
                .value(QLatin1String("waits"))
                .toBool());
    QTRY_COMPARE(source.asked.size(), std::size_t{1});
    source.asked[0]({call(1)});
    QTRY_COMPARE(source.asked.size(), std::size_t{2}); // it looks again
    QCOMPARE(s.restarted, 1);
    source.asked[1]({});
    QTRY_COMPARE(s.restarted, 2);
}

QTEST_GUILESS_MAIN(TestControlPart)
#include "tst_control_part.moc"
