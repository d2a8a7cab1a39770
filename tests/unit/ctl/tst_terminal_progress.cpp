// SPDX-License-Identifier: GPL-3.0-or-later
// The line that long work shows on a terminal.
#include "app/ctl/terminal_progress.h"

#include <QTest>

using sr::ctl::TerminalProgress;
using sr::ctl::Unit;

class TerminalProgressTest : public QObject {
    Q_OBJECT

private slots:
    void readsWell_data()
    {
        QTest::addColumn<int>("unit");
        QTest::addColumn<quint64>("done");
        QTest::addColumn<quint64>("total");
        QTest::addColumn<double>("elapsed");
        QTest::addColumn<QString>("line");
        const auto row = [](const char* name, Unit unit, quint64 done, quint64 total, double elapsed,
                            const char* line) {
            QTest::newRow(name) << int(unit) << done << total << elapsed << QString::fromUtf8(line);
        };
        row("octets with rate and rest", Unit::Octets, 120'000'000, 240'000'000, 4.0,
            "working  50 %  120 MB of 240 MB  30.0 MB/s  0:04 left");
        row("small octets", Unit::Octets, 500, 1000, 1.0,
            "working  50 %  500 B of 1.0 kB  500 B/s  0:01 left");
        row("recordings", Unit::Recordings, 30, 120, 10.0, "working  25 %  30 of 120  3/s  0:30 left");
        row("hours", Unit::Octets, 1'000'000, 10'000'000'000, 1.0,
            "working  0 %  1.0 MB of 10.0 GB  1.0 MB/s  2:46:39 left");
        row("unknown total", Unit::Recordings, 7, 0, 7.0, "working  7  1/s");
        row("at the end nothing is left", Unit::Recordings, 4, 4, 2.0, "working  100 %  4 of 4  2/s");
        row("before any time has passed", Unit::Recordings, 0, 4, 0.0, "working  0 %  0 of 4");
    }

    void readsWell()
    {
        QFETCH(int, unit);
        QFETCH(quint64, done);
        QFETCH(quint64, total);
        QFETCH(double, elapsed);
        QFETCH(QString, line);
        QCOMPARE(QString::fromStdString(TerminalProgress::line("working", Unit(unit), done, total,
                                                               std::chrono::duration<double>(elapsed))),
                 line);
    }
};

QTEST_GUILESS_MAIN(TerminalProgressTest)
#include "tst_terminal_progress.moc"
