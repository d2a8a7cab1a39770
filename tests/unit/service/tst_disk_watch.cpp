// SPDX-License-Identifier: GPL-3.0-or-later
// A disk that is away or silent is not a good one, and that is said once.
#include "app/service/disk_watch.h"
#include "tests/support/fake_clock.h"

#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using service::DiskWatch;

class DiskWatchTest : public QObject {
    Q_OBJECT

private slots:
    void whatIsAwayIsSaid()
    {
        const QTemporaryDir dir;
        const test::FakeClock clock;
        std::vector<std::string> said;
        const DiskWatch watch(pathOf(dir.filePath(QStringLiteral("gone")).toStdString()), clock,
                              [&](const std::string& text) { said.push_back(text); });
        QVERIFY(!watch.good());
        QCOMPARE(said.size(), std::size_t(1));
        QVERIFY2(said[0].find("gone: the room that is left cannot be told") != std::string::npos,
                 said[0].c_str());
    }

    void whoIsSilentForLongIsAway()
    {
        const QTemporaryDir dir;
        test::FakeClock clock;
        const DiskWatch watch(pathOf(dir.path().toStdString()), clock, [](const std::string&) {});
        const bool first = watch.good(); // whether there is room is the machine's own affair
        clock.advance(seconds(29));
        QCOMPARE(watch.good(), first);
        clock.advance(seconds(2));
        QVERIFY(!watch.good());
    }
};

QTEST_GUILESS_MAIN(DiskWatchTest)
#include "tst_disk_watch.moc"
