// SPDX-License-Identifier: GPL-3.0-or-later
// A stack lets messages come together while there are many, and never keeps one waiting while there are few.
#include "tests/support/idle_handler.h"
#include "tests/support/stack_port.h"

#include <QElapsedTimer>

#include <dlfcn.h>
#include <sys/socket.h>

#include <atomic>

namespace {

std::atomic<unsigned> s_gathered = 0; ///< datagrams that have waited
std::atomic<unsigned> s_together = 0; ///< of those, what left with another one

} // namespace

/// Comes before the system's, which it calls.
extern "C" int sendmmsg(int socket, mmsghdr* messages, unsigned count, int flags)
{
    using Send = int(int, mmsghdr*, unsigned, int);
    static const auto theirs = reinterpret_cast<Send*>(dlsym(RTLD_NEXT, "sendmmsg"));
    s_gathered += count;
    if (count > 1)
        s_together += count;
    return theirs(socket, messages, count, flags);
}

class EventLoopTest : public QObject {
    Q_OBJECT

    static QByteArray options(int number)
    {
        const QByteArray n = QByteArray::number(number);
        return "OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bK" + n +
               "\r\nMax-Forwards: 70\r\nFrom: <sip:anna@127.0.0.1>;tag=1\r\nTo: "
               "<sip:127.0.0.1>\r\nCall-ID: " +
               n + "\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
    }

private slots:
    void init() { s_gathered = s_together = 0; }

    void fewAreAnsweredAtOnce()
    {
        sr::test::IdleHandler handler;
        sr::test::StackPort port(handler);
        for (int number = 0; number < 20; ++number) {
            port.send(options(number));
            QVERIFY(port.next().startsWith("SIP/2.0 200"));
        }
        QCOMPARE(s_gathered, 0U);
    }

    /// None is lost, and none waits any more once there are few.
    void manyAreAnsweredTogether()
    {
        constexpr int kRow = 50; // a socket of usual size holds more
        sr::test::IdleHandler handler;
        sr::test::StackPort port(handler);
        QElapsedTimer time;
        time.start();
        for (int number = 0; s_together == 0 && time.elapsed() < 10'000;) {
            for (int i = 0; i < kRow; ++i)
                port.send(options(number++));
            for (int i = 0; i < kRow; ++i)
                QVERIFY(port.next().startsWith("SIP/2.0 200"));
        }
        QVERIFY(s_together > 0);

        bool waited = true;
        for (time.restart(); waited && time.elapsed() < 10'000;) {
            const unsigned before = s_gathered;
            port.send(options(1'000'000 + static_cast<int>(time.elapsed())));
            QVERIFY(port.next().startsWith("SIP/2.0 200"));
            waited = s_gathered != before;
        }
        QVERIFY(!waited);
    }
};

QTEST_GUILESS_MAIN(EventLoopTest)
#include "tst_event_loop_posix.moc"
