// SPDX-License-Identifier: GPL-3.0-or-later
// Three programs write one archive at once, each with its own machine's --config and one ring.
#include "core/base/file.h"
#include "tests/support/capture_builder.h"
#include "tests/support/ctl_process.h"

#include <QJsonArray>
#include <QTest>

#include <memory>
#include <vector>

using namespace sr;
using sr::test::CtlFixture;

class WritersTest : public QObject {
    Q_OBJECT

private slots:
    void threeImportsAtOnce()
    {
        const CtlFixture fixture;
        constexpr int kEach = 12;
        constexpr int kShared = 6; // every program also imports these
        test::CaptureBuilder shared;
        for (int call = 0; call < kShared; ++call)
            shared.addCall(planOf(1000 + call));
        shared.save(pathOf(fixture.path(QStringLiteral("shared.pcap")).toStdString()));
        QStringList files;
        for (int writer = 0; writer < 3; ++writer) {
            test::CaptureBuilder own;
            for (int call = 0; call < kEach; ++call)
                own.addCall(planOf(100 * writer + call));
            files << fixture.path(QStringLiteral("%1.pcap").arg(writer));
            own.save(pathOf(files.last().toStdString()));
        }
        // The archive and its keys are made first; then all three start together.
        QCOMPARE(fixture
                     .run({QStringLiteral("import"), fixture.path(QStringLiteral("shared.pcap")),
                           QStringLiteral("--json")})
                     .exitCode,
                 0);

        std::vector<std::unique_ptr<QProcess>> writers;
        for (int writer = 0; writer < 3; ++writer) {
            writers.push_back(std::make_unique<QProcess>());
            writers.back()->start(QStringLiteral(SR_BINARY_DIR "/app/switchroomctl"),
                                  {QStringLiteral("import"), files[writer],
                                   fixture.path(QStringLiteral("shared.pcap")), QStringLiteral("--archive"),
                                   fixture.archive(), QStringLiteral("--config"), fixture.config(),
                                   QStringLiteral("--json"), QStringLiteral("--seal")});
        }
        int recorded = 0;
        for (const auto& writer : writers) {
            QVERIFY(writer->waitForFinished(120'000));
            QVERIFY2(writer->exitCode() == 0, writer->readAllStandardError().constData());
            const QJsonObject report = QJsonDocument::fromJson(writer->readAllStandardOutput()).object();
            recorded += int(report.value(QStringLiteral("recordings")).toArray().size());
            QCOMPARE(report.value(QStringLiteral("duplicates")).toArray().size(), kShared);
        }
        QCOMPARE(recorded, 3 * kEach);
        QCOMPARE(fixture.run({QStringLiteral("list"), QStringLiteral("--json")})
                     .json()
                     .value(QStringLiteral("total"))
                     .toInt(),
                 3 * kEach + kShared);
        const auto verified = fixture.run({QStringLiteral("verify"), QStringLiteral("--json")});
        QVERIFY2(verified.exitCode == 0, verified.out.constData());
        QCOMPARE(fixture.run({QStringLiteral("reindex"), QStringLiteral("--json")})
                     .json()
                     .value(QStringLiteral("recordings"))
                     .toInt(),
                 3 * kEach + kShared);
    }

    void sameCallsAtOnceAreKeptOnce()
    {
        const CtlFixture fixture;
        test::CaptureBuilder builder;
        for (int call = 0; call < 12; ++call)
            builder.addCall(planOf(call));
        const QString file = fixture.path(QStringLiteral("same.pcap"));
        builder.save(pathOf(file.toStdString()));
        QCOMPARE(fixture.run({QStringLiteral("key"), QStringLiteral("list")}).exitCode, 0); // one set of keys
        std::vector<std::unique_ptr<QProcess>> writers;
        for (int writer = 0; writer < 3; ++writer) {
            writers.push_back(std::make_unique<QProcess>());
            writers.back()->start(QStringLiteral(SR_BINARY_DIR "/app/switchroomctl"),
                                  {QStringLiteral("import"), file, QStringLiteral("--archive"),
                                   fixture.archive(), QStringLiteral("--config"), fixture.config(),
                                   QStringLiteral("--json")});
        }
        int recorded = 0;
        for (const auto& writer : writers) {
            QVERIFY(writer->waitForFinished(120'000));
            QVERIFY2(writer->exitCode() == 0, writer->readAllStandardError().constData());
            recorded += int(QJsonDocument::fromJson(writer->readAllStandardOutput())
                                .object()
                                .value(QStringLiteral("recordings"))
                                .toArray()
                                .size());
        }
        QCOMPARE(recorded, 12);
        const auto verified = fixture.run({QStringLiteral("verify"), QStringLiteral("--json")});
        QVERIFY2(verified.exitCode == 0, verified.out.constData());
    }

private:
    static test::CallPlan planOf(int call)
    {
        test::CallPlan plan = test::usualCall(test::usualCall().start + seconds(call % 100));
        plan.callId = "writer-" + std::to_string(call) + "@test";
        plan.talkSeconds = 1;
        plan.caller.media.port = static_cast<std::uint16_t>(4000 + 2 * call);
        plan.callee.media.port = static_cast<std::uint16_t>(20'000 + 2 * call);
        return plan;
    }
};

QTEST_GUILESS_MAIN(WritersTest)
#include "tst_writers.moc"
