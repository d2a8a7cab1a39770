// SPDX-License-Identifier: GPL-3.0-or-later
// The program dies or the disk fills at random file operations of import, convert and rotate. Afterwards
// nothing half is visible, nothing finished is lost, and the same command completes the rest. SR_KILLS sets
// the number of trials, SR_SEED the seed.
#include "core/archive/recording_name.h"
#include "core/base/file.h"
#include "tests/support/capture_builder.h"
#include "tests/support/ctl_process.h"

#include <QDir>
#include <QDirIterator>
#include <QJsonArray>
#include <QSet>
#include <QTest>

#include <random>

using namespace sr;
using sr::test::CtlFixture;
using sr::test::CtlResult;

namespace {

constexpr int kCalls = 4;

/// The faulty run of one command; the count of its file operations comes from a run without fault.
struct Trial {
    const char* name;
    QStringList prepare; ///< run without fault before; empty: nothing
    QStringList command;
};

QStringList faultEnvironment(const CtlFixture& fixture, const char* kind, long at)
{
    return {QStringLiteral("LD_PRELOAD=" SR_BINARY_DIR "/tests/support/fault_preload.so"),
            QStringLiteral("SR_FAULT_DIR=") + fixture.root(),
            QStringLiteral("SR_FAULT_KIND=") + QLatin1String(kind),
            QStringLiteral("SR_FAULT_AT=") + QString::number(at)};
}

QSet<QString> uidsIn(const CtlResult& list)
{
    QSet<QString> uids;
    for (const QJsonValue row : list.json().value(QStringLiteral("recordings")).toArray())
        uids.insert(row.toObject().value(QStringLiteral("uid")).toString());
    return uids;
}

/// Uids of the calls whose files stand in the tree, whatever the catalog says.
QSet<QString> uidsInTree(const CtlFixture& fixture)
{
    QSet<QString> uids;
    QDirIterator files(fixture.archive(), {QStringLiteral("*.xml")}, QDir::Files,
                       QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const auto name =
            archive::parseRecordingName(QFileInfo(files.next()).completeBaseName().toStdString());
        if (name)
            uids.insert(QString::fromStdString(name->uid));
    }
    return uids;
}

int trialCount(int usual)
{
    bool given = false;
    const int count = qEnvironmentVariableIntValue("SR_KILLS", &given);
    return given ? count : usual;
}

} // namespace

class FaultTest : public QObject {
    Q_OBJECT

private:
    QByteArray m_capture;
    std::mt19937 m_random;

    void makeCapture(const CtlFixture& fixture) const
    {
        QFile file(fixture.path(QStringLiteral("calls.pcap")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(m_capture);
    }

    QStringList withCapture(QStringList arguments, const CtlFixture& fixture) const
    {
        arguments.replaceInStrings(QStringLiteral("CAPTURE"), fixture.path(QStringLiteral("calls.pcap")));
        return arguments;
    }

    long countOperations(const Trial& trial)
    {
        const CtlFixture fixture;
        makeCapture(fixture);
        if (!trial.prepare.isEmpty())
            (void)fixture.run(withCapture(trial.prepare, fixture));
        const QString countFile = QDir::temp().filePath(
            QStringLiteral("sr-fault-count-%1").arg(QCoreApplication::applicationPid()));
        QStringList environment = faultEnvironment(fixture, "count", -1);
        environment << QStringLiteral("SR_FAULT_COUNT=") + countFile;
        const CtlResult result = fixture.run(withCapture(trial.command, fixture), {}, environment);
        if (result.exitCode != 0)
            qWarning("%s", result.err.constData());
        QFile file(countFile);
        const long count = file.open(QIODevice::ReadOnly) ? file.readAll().trimmed().toLong() : 0;
        file.remove();
        return count;
    }

    /// Whatever happened: lists and checks clean at once, completes when told again, and then holds every
    /// call once.
    void checkAfterwards(const CtlFixture& fixture, const Trial& trial, const QSet<QString>& finished,
                         const QByteArray& when)
    {
        const CtlResult listed = fixture.run({QStringLiteral("list"), QStringLiteral("--json")});
        if (listed.exitCode == 0) { // else the archive itself did not exist yet
            const CtlResult verified = fixture.run({QStringLiteral("verify"), QStringLiteral("--json")});
            QVERIFY2(verified.exitCode == 0, (when + verified.out + verified.err).constData());
            QVERIFY2(uidsIn(listed).contains(finished), (when + "a finished recording was lost").constData());
            QVERIFY2(uidsIn(listed) == uidsInTree(fixture), (when + listed.out).constData());
        }
        QStringList again = withCapture(trial.command, fixture);
        if (again.contains(QStringLiteral("rotate")))
            again << QStringLiteral("--keep");
        const CtlResult completed = fixture.run(again);
        QVERIFY2(completed.exitCode == 0, (when + completed.err).constData());
        const CtlResult all = fixture.run({QStringLiteral("list"), QStringLiteral("--json")});
        QVERIFY2(all.json().value(QStringLiteral("total")).toInt() == kCalls,
                 (when + all.out + all.err).constData());
        for (const auto& uid : uidsInTree(fixture)) // a second one of the same call would end in -2
            QVERIFY2(uidsIn(all).contains(uid) && !uid.contains(QLatin1Char('-')),
                     (when + all.out).constData());
        const CtlResult verified = fixture.run({QStringLiteral("verify"), QStringLiteral("--json")});
        QVERIFY2(verified.exitCode == 0, (when + verified.out + verified.err).constData());
        QDirIterator left(fixture.archive() + QStringLiteral("/REC"), QDir::Files,
                          QDirIterator::Subdirectories);
        while (left.hasNext()) {
            const QString name = left.next();
            QVERIFY2(QFileInfo(name).size() == 0 || name.contains(QStringLiteral("lock")),
                     qPrintable(QString::fromUtf8(when) + name));
        }
    }

    void runTrials(const Trial& trial, const char* kind, int count)
    {
        const long operations = countOperations(trial);
        QVERIFY2(operations > 10, trial.name);
        std::uniform_int_distribution<long> moment(1, operations);
        for (int i = 0; i < count; ++i) {
            const long at = moment(m_random);
            const CtlFixture fixture;
            makeCapture(fixture);
            if (!trial.prepare.isEmpty())
                QCOMPARE(fixture.run(withCapture(trial.prepare, fixture)).exitCode, 0);
            const QSet<QString> finished =
                trial.prepare.isEmpty()
                    ? QSet<QString>()
                    : uidsIn(fixture.run({QStringLiteral("list"), QStringLiteral("--json")}));
            const QByteArray when = QByteArray(trial.name) + " " + kind + " at operation " +
                                    QByteArray::number(qlonglong(at)) + ": ";
            const CtlResult result =
                fixture.run(withCapture(trial.command, fixture), {}, faultEnvironment(fixture, kind, at));
            if (qstrcmp(kind, "full") == 0) {
                QVERIFY2(result.exitCode == 0 || result.exitCode == 1, (when + result.err).constData());
                QVERIFY2(result.exitCode == 0 || result.err.contains("full") ||
                             result.err.contains("Unable") || !result.err.isEmpty(),
                         (when + result.err).constData());
            }
            checkAfterwards(fixture, trial, finished, when);
            if (QTest::currentTestFailed())
                return;
        }
    }

    static QList<Trial> trials()
    {
        const QStringList import{QStringLiteral("import"), QStringLiteral("CAPTURE"),
                                 QStringLiteral("--seal")};
        const QStringList asPcap{QStringLiteral("import"), QStringLiteral("CAPTURE"),
                                 QStringLiteral("--format"), QStringLiteral("pcap"),
                                 QStringLiteral("--seal")};
        return {{"import", {}, import},
                {"convert",
                 asPcap,
                 {QStringLiteral("convert"), QStringLiteral("--format"), QStringLiteral("wav")}},
                {"rotate", import, {QStringLiteral("key"), QStringLiteral("rotate")}}};
    }

    static void eachCommand()
    {
        QTest::addColumn<int>("command");
        const QList<Trial> all = trials();
        for (int i = 0; i < all.size(); ++i)
            QTest::newRow(all.at(i).name) << i;
    }

private slots:
    void initTestCase()
    {
        bool given = false;
        const int fixed = qEnvironmentVariableIntValue("SR_SEED", &given);
        const unsigned seed = given ? unsigned(fixed) : std::random_device{}() % 1'000'000;
        qInfo("seed: SR_SEED=%u", seed);
        m_random.seed(seed);
        test::CaptureBuilder builder;
        for (int i = 0; i < kCalls; ++i) {
            test::CallPlan plan = test::usualCall(test::usualCall().start + seconds(i));
            plan.callId = "fault-" + std::to_string(i) + "@test";
            plan.talkSeconds = 1;
            plan.caller.media.port = static_cast<std::uint16_t>(4000 + 2 * i);
            plan.callee.media.port = static_cast<std::uint16_t>(20'000 + 2 * i);
            builder.addCall(plan);
        }
        const Bytes bytes = builder.pcap();
        m_capture = QByteArray(reinterpret_cast<const char*>(bytes.data()), qsizetype(bytes.size()));
    }

    void killedAtRandomMoments_data() { eachCommand(); }
    void killedAtRandomMoments()
    {
        QFETCH(int, command);
        runTrials(trials().at(command), "kill", trialCount(9) / 3);
    }

    void diskFullAtRandomWrites_data() { eachCommand(); }
    void diskFullAtRandomWrites()
    {
        QFETCH(int, command);
        runTrials(trials().at(command), "full", trialCount(6) / 3);
    }
};

QTEST_GUILESS_MAIN(FaultTest)
#include "tst_faults.moc"
