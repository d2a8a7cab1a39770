// SPDX-License-Identifier: GPL-3.0-or-later
// What is sent in one go leaves together: what waits, for how long, and what never does.
#include "core/sip/gathered_datagrams.h"
#include "core/sip/own_socket.h"

#include <QTest>
#include <QUdpSocket>

#include <netinet/in.h>
#include <sofia-sip/su.h>
#include <sys/socket.h>

#include <thread>

using namespace sr;
using namespace sr::sip;

namespace {

struct Port {
    explicit Port(const char* address = "127.0.0.1")
    {
        socket.bind(QHostAddress(QString::fromLatin1(address)));
    }
    int handle() const { return static_cast<int>(socket.socketDescriptor()); }
    Endpoint at() const { return {IpAddress::v4(socket.localAddress().toIPv4Address()), socket.localPort()}; }
    bool gets(const QByteArray& text)
    {
        if (!QTest::qWaitFor([this] { return socket.hasPendingDatagrams(); }, 10'000))
            return false;
        QByteArray datagram(socket.pendingDatagramSize(), '\0');
        socket.readDatagram(datagram.data(), datagram.size());
        return datagram == text;
    }
    /// Loopback is there at once.
    bool isQuiet() const { return !socket.hasPendingDatagrams(); }

    QUdpSocket socket;
};

/// From now on what `from` sends `to` waits.
bool gathersTowards(const Port& from, Port& to)
{
    if (!mayGather(from.handle()))
        return false;
    gather();
    return sendFrom(from.handle(), to.at(), "known") && to.gets("known");
}

} // namespace

class GatheredDatagramsTest : public QObject {
    Q_OBJECT

private slots:
    void cleanup() { endGathering(); }

    void theyWaitForEachOther()
    {
        Port from;
        Port one;
        Port other;
        QVERIFY(mayGather(from.handle()));
        QVERIFY(sendFrom(from.handle(), one.at(), "at once"));
        QVERIFY(one.gets("at once"));

        gather();
        for (Port* to : {&one, &other}) { // who was never reached is reached now, or else it is known
            QVERIFY(sendFrom(from.handle(), to->at(), "first"));
            QVERIFY(to->gets("first"));
        }
        for (const char* text : {"second", "third"})
            QVERIFY(sendFrom(from.handle(), one.at(), text) && sendFrom(from.handle(), other.at(), text));
        QVERIFY(one.isQuiet() && other.isQuiet());
        QCOMPARE(sendGathered(), std::size_t{0});
        for (Port* to : {&one, &other})
            QVERIFY(to->gets("second") && to->gets("third"));

        QVERIFY(sendFrom(from.handle(), one.at(), "afterwards"));
        QVERIFY(one.gets("afterwards"));
    }

    /// Sofia's library calls the program's sendmsg(), and not the system's.
    void whatSofiaSendsWaitsAsWell()
    {
        Port from;
        Port to;
        QVERIFY(gathersTowards(from, to));
        su_sockaddr_t address{};
        address.su_sin.sin_family = AF_INET;
        address.su_sin.sin_port = htons(to.at().port);
        address.su_sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        char text[] = "Sofia's";
        const su_iovec_t part{text, 7};
        QCOMPARE(su_vsend(from.handle(), &part, 1, 0, &address, sizeof address.su_sin), issize_t{7});
        QVERIFY(to.isQuiet());
        QCOMPARE(sendGathered(), std::size_t{0});
        QVERIFY(to.gets("Sofia's"));
    }

    void nothingOvertakesWhatWaits()
    {
        Port from;
        Port to;
        QVERIFY(gathersTowards(from, to));
        QVERIFY(sendFrom(from.handle(), to.at(), "short"));
        QVERIFY(sendFrom(from.handle(), to.at(), std::string(9000, 'x')));
        QVERIFY(to.gets("short"));
        QVERIFY(to.gets(QByteArray(9000, 'x')));
    }

    void whatWaitsToBeReadIsSeen()
    {
        Port from;
        Port to;
        QVERIFY(mayGather(to.handle()));
        QVERIFY(!hasMore());
        QVERIFY(sendFrom(from.handle(), to.at(), "news"));
        QVERIFY(hasMore());
        QVERIFY(to.gets("news"));
        QVERIFY(!hasMore());
    }

    void noMoreWaitThanLeaveAtOnce()
    {
        Port from;
        Port to;
        QVERIFY(mayGather(from.handle()));
        gather();
        QVERIFY(sendFrom(from.handle(), to.at(), "0"));
        QVERIFY(to.gets("0"));
        for (int i = 1; i <= 200; ++i)
            QVERIFY(sendFrom(from.handle(), to.at(), std::to_string(i)));
        QVERIFY(!to.isQuiet());
        QCOMPARE(sendGathered(), std::size_t{0});
        for (int i = 1; i <= 200; ++i)
            QVERIFY2(to.gets(QByteArray::number(i)), std::to_string(i).c_str());
    }

    void whatNoSocketOfOursSendsLeavesAtOnce()
    {
        Port from;
        Port stranger;
        Port to;
        QVERIFY(gathersTowards(from, to));
        QVERIFY(sendFrom(stranger.handle(), to.at(), "a stranger's"));
        QVERIFY(to.gets("a stranger's"));
        std::thread([&] { (void)sendFrom(from.handle(), to.at(), "another thread's"); }).join();
        QVERIFY(to.gets("another thread's"));
        QVERIFY(sendFrom(from.handle(), to.at(), std::string(9000, 'x'))); // nor what is long
        QVERIFY(to.gets(QByteArray(9000, 'x')));
    }

    /// It had no way to there from the first.
    void whoHasNoWayLearnsItAtOnce()
    {
        Port from; // nothing leaves loopback
        QVERIFY(mayGather(from.handle()));
        gather();
        for (int i = 0; i < 2; ++i)
            QVERIFY(!sendFrom(from.handle(), *Endpoint::parse("198.51.100.1:5060"), "nowhere"));
    }

    /// The system tells of it with what is sent next, to whomever.
    void anErrorOfAnotherDoesNotCount()
    {
        Port from;
        Port to;
        Endpoint gone;
        {
            const Port closed;
            gone = closed.at();
        }
        const int on = 1;
        QCOMPARE(setsockopt(from.handle(), SOL_IP, IP_RECVERR, &on, sizeof on), 0);
        QVERIFY(gathersTowards(from, to));
        QVERIFY(sendFrom(from.handle(), to.at(), "then"));
        QVERIFY(sendFrom(from.handle(), gone, "is refused"));
        QCOMPARE(sendGathered(), std::size_t{0});
        QVERIFY(to.gets("then"));
    }
};

QTEST_GUILESS_MAIN(GatheredDatagramsTest)
#include "tst_gathered_datagrams_posix.moc"
