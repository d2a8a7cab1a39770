// SPDX-License-Identifier: GPL-3.0-or-later
// strace watches an import: every file is synced before it is renamed into sight, and its folder afterwards;
// the sidecar comes first, the audio last.
#include "core/base/file.h"
#include "tests/support/capture_builder.h"
#include "tests/support/ctl_process.h"

#include <QHash>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTest>

using namespace sr;
using sr::test::CtlFixture;

class CommitOrderTest : public QObject {
    Q_OBJECT

    /// Lines like `fsync(7</x/REC/1/a>) = 0`, threads joined into one order.
    static QStringList traceOf(const CtlFixture& fixture)
    {
        const QString log = fixture.path(QStringLiteral("trace"));
        QProcess process;
        process.start(QStringLiteral("strace"),
                      {QStringLiteral("-f"), QStringLiteral("-y"), QStringLiteral("-s"),
                       QStringLiteral("4096"), QStringLiteral("-o"), log, QStringLiteral("-e"),
                       QStringLiteral("trace=fsync,fdatasync,rename,renameat,renameat2,link,unlink"),
                       QStringLiteral(SR_BINARY_DIR "/app/switchroomctl"), QStringLiteral("import"),
                       fixture.path(QStringLiteral("call.pcap")), QStringLiteral("--archive"),
                       fixture.archive(), QStringLiteral("--config"), fixture.config(),
                       QStringLiteral("--seal")});
        if (!process.waitForFinished(60'000) || process.exitCode() != 0)
            return {};
        QFile file(log);
        if (!file.open(QIODevice::ReadOnly))
            return {};
        return QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'));
    }

private slots:
    void syncsBeforeAndAfterEveryRename()
    {
        QVERIFY2(!QStandardPaths::findExecutable(QStringLiteral("strace")).isEmpty(),
                 "strace is not installed; ./test installs it");
        const CtlFixture fixture;
        test::CaptureBuilder builder;
        builder.addCall(test::usualCall());
        builder.save(pathOf(fixture.path(QStringLiteral("call.pcap")).toStdString()));
        const QStringList lines = traceOf(fixture);
        QVERIFY(lines.size() > 5);

        static const QRegularExpression sync(QStringLiteral("f(?:data)?sync\\(\\d+<([^>]*)>"));
        static const QRegularExpression rename(QStringLiteral(
            "rename(?:at2?)?\\((?:AT_FDCWD[^,]*, )?\"([^\"]*)\", (?:AT_FDCWD[^,]*, )?\"([^\"]*)\""));
        QSet<QString> synced;
        QHash<QString, int> renamedAt;
        QHash<QString, int> folderSyncedAt;
        const QString month = fixture.archive() + QStringLiteral("/2026_11");
        for (int i = 0; i < lines.size(); ++i) {
            if (const auto match = sync.match(lines[i]); match.hasMatch()) {
                synced.insert(match.captured(1));
                folderSyncedAt[match.captured(1)] = i;
            } else if (const auto moved = rename.match(lines[i]);
                       moved.hasMatch() && moved.captured(2).startsWith(month)) {
                QVERIFY2(synced.contains(moved.captured(1)),
                         qPrintable(QStringLiteral("renamed unsynced: ") + lines[i]));
                renamedAt[moved.captured(2).section(QLatin1Char('.'), -1)] = i;
            }
        }
        QVERIFY(renamedAt.contains(QStringLiteral("xml")));
        QVERIFY(renamedAt.contains(QStringLiteral("wav")));
        QVERIFY2(renamedAt[QStringLiteral("xml")] < renamedAt[QStringLiteral("wav")],
                 "the sidecar comes first, the audio last");
        QVERIFY2(folderSyncedAt.value(month, -1) > renamedAt[QStringLiteral("wav")],
                 "the folder is synced after the last rename");
    }
};

QTEST_GUILESS_MAIN(CommitOrderTest)
#include "tst_commit_order.moc"
