// SPDX-License-Identifier: GPL-3.0-or-later
// A key lasts as long as it is pressed, and its end is told three times.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/rtp/key_events.h"
#include "core/rtp/telephone_event.h"

#include <QTest>

using namespace sr::rtp;

namespace {

constexpr std::uint32_t kFrame = 160; // 20 ms at 8 kHz

/// What goes out, packet after packet, until the key is up.
struct Sent {
    Sent(std::uint16_t length, std::uint32_t timestamp)
    {
        KeyEvents key;
        key.press(11, length);
        for (; key.isDown() && durations.size() < 100; timestamp += kFrame) {
            const KeyEvents::Event event = key.next(timestamp, kFrame);
            const auto read = *parseTelephoneEvent(event.payload);
            isOneKey = isOneKey && read.code == 11 && event.first == durations.isEmpty() &&
                       (durations.isEmpty() || event.start == start);
            start = event.start;
            durations << read.duration;
            ends += read.end ? 1 : 0;
        }
    }
    QList<int> durations;
    int ends = 0;
    std::uint32_t start = 0;
    bool isOneKey = true;
};

} // namespace

class KeyEventsTest : public QObject {
    Q_OBJECT

private slots:
    void isToldWhileItLasts_data()
    {
        QTest::addColumn<int>("length");
        QTest::addColumn<quint32>("timestamp");
        QTest::addColumn<QList<int>>("durations");
        QTest::newRow("of whole packets") << 480 << 7000U << QList<int>{160, 320, 480, 480, 480};
        QTest::newRow("between packets") << 400 << 7000U << QList<int>{160, 320, 400, 400, 400};
        QTest::newRow("shorter than a packet") << 80 << 7000U << QList<int>{80, 80, 80};
        QTest::newRow("over the end of the clock")
            << 480 << 0xffffff80U << QList<int>{160, 320, 480, 480, 480};
    }
    void isToldWhileItLasts()
    {
        QFETCH(int, length);
        QFETCH(quint32, timestamp);
        QFETCH(QList<int>, durations);
        const Sent sent(static_cast<std::uint16_t>(length), timestamp);
        QCOMPARE(sent.durations, durations);
        QCOMPARE(sent.ends, 3);
        QCOMPARE(sent.start, timestamp);
        QVERIFY(sent.isOneKey);
    }
    void oneAfterTheOther()
    {
        KeyEvents key;
        QVERIFY(!key.isDown());
        key.press(1, 480);
        (void)key.next(0, kFrame);
        key.press(2, 480); // in the middle of the former one
        const KeyEvents::Event event = key.next(kFrame, kFrame);
        QVERIFY(event.first);
        QCOMPARE(event.start, kFrame);
        QCOMPARE(int(parseTelephoneEvent(event.payload)->code), 2);
        key.release();
        QVERIFY(!key.isDown());
    }
};

QTEST_GUILESS_MAIN(KeyEventsTest)
#include "tst_key_events.moc"
