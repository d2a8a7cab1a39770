// SPDX-License-Identifier: GPL-3.0-or-later
// Losses belong to the calls that ran then, and the log stays small.
#include "core/capture/drop_log.h"

#include <QTest>

using namespace sr;
using namespace sr::capture;

class TestDropLog : public QObject {
    Q_OBJECT

    static UtcTime at(int s) { return UtcTime(seconds(s)); }

private slots:
    void countsWhatOverlaps()
    {
        DropLog log;
        log.add(at(10), at(11), 5);
        log.add(at(11), at(12), 0);
        log.add(at(20), at(21), 7);
        QCOMPARE(log.between(at(0), at(9)), std::uint64_t{0});
        QCOMPARE(log.between(at(0), at(10)), std::uint64_t{5}); // its edge counts whole
        QCOMPARE(log.between(at(11), at(15)), std::uint64_t{5});
        QCOMPARE(log.between(at(12), at(19)), std::uint64_t{0});
        QCOMPARE(log.between(at(5), at(30)), std::uint64_t{12});
        QCOMPARE(log.total(), std::uint64_t{12});
    }
    void oldOnesAreJoinedAndNoneIsForgotten()
    {
        DropLog log;
        const int many = int(DropLog::kMost) * 3;
        for (int i = 0; i < many; ++i)
            log.add(at(2 * i), at(2 * i + 1), 1);
        QCOMPARE(log.between(at(0), at(2 * many)), std::uint64_t(many));
        QCOMPARE(log.between(at(2 * many - 2), at(2 * many)), std::uint64_t{1});
    }
};

QTEST_GUILESS_MAIN(TestDropLog)
#include "tst_drop_log.moc"
