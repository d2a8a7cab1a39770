// SPDX-License-Identifier: GPL-3.0-or-later
// Sequence numbers: wrap, loss, copies, lateness and restarts, by example and by random streams.
#include "core/rtp/sequence_tracker.h"

#include <QTest>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

using namespace sr::rtp;
using Kind = SequencePlace::Kind;

class SequenceTrackerTest : public QObject {
    Q_OBJECT

private slots:
    void wrapsWithoutLoss_data()
    {
        QTest::addColumn<int>("start");
        for (const int start : {0, 1, 32767, 32768, 65534, 65535})
            QTest::newRow(qPrintable(QStringLiteral("starting at %1").arg(start))) << start;
    }
    void wrapsWithoutLoss()
    {
        QFETCH(int, start);
        SequenceTracker tracker;
        std::uint64_t last = tracker.add(static_cast<std::uint16_t>(start)).extended;
        for (int i = 1; i < 200000; ++i) {
            const SequencePlace place = tracker.add(static_cast<std::uint16_t>(start + i));
            QVERIFY(place.kind == Kind::Next && place.extended == last + 1);
            QVERIFY(static_cast<std::uint16_t>(place.extended) == static_cast<std::uint16_t>(start + i));
            last = place.extended;
        }
        QCOMPARE(tracker.received(), std::uint64_t(200000));
        QCOMPARE(tracker.lost(), std::uint64_t(0));
        QCOMPARE(tracker.restarts(), std::uint64_t(0));
    }

    void randomLossCopiesAndReorderAreCountedExactly()
    {
        for (unsigned seed = 1; seed <= 8; ++seed) {
            std::mt19937 random(seed);
            struct Sent {
                int when;
                int number;
            };
            std::vector<Sent> sent;
            std::set<int> kept;
            const int count = 70000; // passes the wrap
            const int start = static_cast<int>(random() % 65536);
            for (int n = 0; n < count; ++n) {
                const bool edge = n == 0 || n == count - 1; // ends stay, so that loss between is known
                if (!edge && random() % 50 == 0)
                    continue;
                kept.insert(n);
                const int when = edge ? n * 10 : n * 10 + static_cast<int>(random() % 300);
                sent.push_back({when, n});
                if (!edge && random() % 10 == 0)
                    sent.push_back({when + static_cast<int>(random() % 300), n});
            }
            std::ranges::stable_sort(sent, {}, &Sent::when);
            // The first packet must be the first, or `lost` cannot know of those before it.
            SequenceTracker tracker;
            std::set<std::uint64_t> seen;
            std::uint64_t first = 0;
            for (const Sent& s : sent) {
                const auto place = tracker.add(static_cast<std::uint16_t>(start + s.number));
                if (s.number == 0 && place.kind != Kind::Duplicate)
                    first = place.extended;
                QVERIFY(place.kind != Kind::Restart && place.kind != Kind::Probation);
                QVERIFY((place.kind == Kind::Duplicate) == !seen.insert(place.extended).second);
                QVERIFY(place.extended - first == static_cast<std::uint64_t>(s.number));
            }
            QCOMPARE(tracker.received(), static_cast<std::uint64_t>(kept.size()));
            QCOMPARE(tracker.lost(), static_cast<std::uint64_t>(count) - kept.size());
            QCOMPARE(tracker.duplicates(), static_cast<std::uint64_t>(sent.size() - kept.size()));
        }
    }

    void strayPacketIsNoRestart()
    {
        SequenceTracker tracker;
        tracker.add(100);
        QCOMPARE(tracker.add(40000).kind, Kind::Probation);
        QCOMPARE(tracker.add(101).kind, Kind::Next);
        QCOMPARE(tracker.add(40000).kind, Kind::Probation);
        QCOMPARE(tracker.lost(), std::uint64_t(0));
        QCOMPARE(tracker.received(), std::uint64_t(2));
    }

    void twoInARowAreARestart()
    {
        SequenceTracker tracker;
        tracker.add(100);
        tracker.add(102);
        const std::uint64_t before = tracker.add(103).extended;
        const auto stray = tracker.add(40000);
        QCOMPARE(stray.kind, Kind::Probation);
        QCOMPARE(tracker.add(40000).kind, Kind::Probation); // a mirror port doubles it
        const auto again = tracker.add(40001);
        QCOMPARE(again.kind, Kind::Restart);
        QCOMPARE(again.extended, stray.extended + 1);
        QVERIFY(stray.extended > before);
        QCOMPARE(tracker.add(40002).kind, Kind::Next);
        QCOMPARE(tracker.add(40000).kind, Kind::Duplicate);
        QCOMPARE(tracker.restarts(), std::uint64_t(1));
        QCOMPARE(tracker.received(), std::uint64_t(6));
        QCOMPARE(tracker.lost(), std::uint64_t(1)); // number 101
    }

    void gapUpToTheLimitIsLoss()
    {
        SequenceTracker tracker;
        tracker.add(65000);
        QCOMPARE(tracker.add(static_cast<std::uint16_t>(65000 + SequenceTracker::kMaxDropout - 1)).kind,
                 Kind::Gap);
        QCOMPARE(tracker.lost(), std::uint64_t(SequenceTracker::kMaxDropout - 2));
        QCOMPARE(tracker.add(65001).kind, Kind::Probation); // later than kMaxLate
    }

    void packetBeforeTheFirstCounts()
    {
        SequenceTracker tracker;
        const auto first = tracker.add(0);
        const auto before = tracker.add(65535);
        QCOMPARE(before.kind, Kind::Late);
        QCOMPARE(before.extended + 1, first.extended);
        QCOMPARE(tracker.lost(), std::uint64_t(0));
    }
};

QTEST_GUILESS_MAIN(SequenceTrackerTest)
#include "tst_sequence_tracker.moc"
