// SPDX-License-Identifier: GPL-3.0-or-later
// What is answered without a transaction: a REGISTER that comes again is not another one, the trace shows
// both ways, and many at once are all answered.
#include "tests/support/idle_handler.h"
#include "tests/support/stack_port.h"

#include <QTcpSocket>

#include <atomic>
#include <future>
#include <mutex>
#include <optional>

using namespace sr;
using namespace sr::sip;

namespace {

class Handler final : public sr::test::IdleHandler {
public:
    RegisterAnswer onRegister(const RegisterRequest& request) override
    {
        ++registers;
        if (request.expires == 1U)
            return {423, "Interval Too Brief", {}, {}, 60, {}};
        if (request.expires == 2U)
            return {503, "Service Unavailable", {}, {}, {}, 7};
        if (request.expires == 3U)
            return {401, "Unauthorized", {}, {"Digest realm=\"a\"", "Digest realm=\"b\""}, {}, {}};
        RegisterAnswer answer;
        for (const Contact& contact : request.contacts)
            answer.contacts.push_back({contact.uri, 60, {}});
        return answer;
    }

    void onUnreadable(const Source& from) override
    {
        ++unreadable;
        lastUnreadable = from.address.port;
    }

    std::atomic<int> registers{0};
    std::atomic<int> unreadable{0};
    std::atomic<quint16> lastUnreadable{0};
};

QByteArray requestOf(const QByteArray& method, int number, const QByteArray& more,
                     const QByteArray& transport)
{
    const QByteArray n = QByteArray::number(number);
    return method + " sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/" + transport + " 192.0.2.1:4;branch=z9hG4bK" +
           n +
           ";rport\r\nFrom: <sip:anna@example.com>;tag=1\r\nTo: <sip:anna@example.com>\r\nCall-ID: "
           "c\r\nCSeq: " +
           n + ' ' + method + "\r\nMax-Forwards: 70\r\n" + more + "Content-Length: 0\r\n\r\n";
}

} // namespace

class DoorTest : public QObject {
    Q_OBJECT

    QByteArray ask(const QByteArray& request)
    {
        m_at->send(request);
        return m_at->next();
    }

    Handler m_handler;
    std::optional<sr::test::StackPort> m_at;

private slots:
    void initTestCase() { m_at.emplace(m_handler); }
    void cleanupTestCase() { m_at.reset(); }
    void init()
    {
        m_handler.registers = 0;
        m_handler.unreadable = 0;
    }

    void aRegisterThatComesAgainIsNoOther()
    {
        const QByteArray contact = "Contact: <sip:anna@192.0.2.1:4>\r\n";
        const QByteArray first = ask(requestOf("REGISTER", 1, contact, "UDP"));
        QVERIFY2(first.startsWith("SIP/2.0 200 OK\r\n"), first.constData());
        QVERIFY2(first.contains("<sip:anna@192.0.2.1:4>;expires=60"), first.constData());
        QVERIFY2(first.contains(";received=127.0.0.1") &&
                     first.contains(";rport=" + QByteArray::number(m_at->socket.localPort())),
                 first.constData());
        QCOMPARE(ask(requestOf("REGISTER", 1, contact, "UDP")), first);
        QCOMPARE(m_handler.registers.load(), 1);
        QVERIFY(ask(requestOf("REGISTER", 2, contact, "UDP")).startsWith("SIP/2.0 200 "));
        QCOMPARE(m_handler.registers.load(), 2);
    }

    /// A slow way is no second guess.
    void aRefusalOfCredentialsIsSaidAgain()
    {
        const QByteArray refused =
            "Contact: <sip:anna@192.0.2.1:4>\r\nExpires: 3\r\nAuthorization: Digest username=\"anna\"\r\n";
        const QByteArray first = ask(requestOf("REGISTER", 5, refused, "UDP"));
        QVERIFY2(first.startsWith("SIP/2.0 401 "), first.constData());
        QCOMPARE(ask(requestOf("REGISTER", 5, refused, "UDP")), first);
        QCOMPARE(m_handler.registers.load(), 1);
    }

    void whatIsLongIsAnsweredAsWell()
    {
        QByteArray vias;
        for (int i = 0; i < 10; ++i)
            vias += "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK" +
                    QByteArray(900, 'a' + static_cast<char>(i)) + "\r\n";
        QVERIFY(ask(requestOf("REGISTER", 6, vias, "UDP")).startsWith("SIP/2.0 200 "));
    }

    void refusalsSayWhatIsWanted_data()
    {
        QTest::addColumn<QByteArray>("expires");
        QTest::addColumn<QByteArray>("status");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("too brief") << QByteArray("1") << QByteArray("423")
                                   << QByteArray("Min-Expires: 60\r\n");
        QTest::newRow("later") << QByteArray("2") << QByteArray("503") << QByteArray("Retry-After: 7\r\n");
        QTest::newRow("challenge")
            << QByteArray("3") << QByteArray("401")
            << QByteArray("WWW-Authenticate: Digest realm=\"a\"\r\nWWW-Authenticate: Digest realm=\"b\"\r\n");
    }
    void refusalsSayWhatIsWanted()
    {
        QFETCH(QByteArray, expires);
        QFETCH(QByteArray, status);
        QFETCH(QByteArray, says);
        const QByteArray answer =
            ask(requestOf("REGISTER", 10 + expires.toInt(),
                          "Contact: <sip:anna@192.0.2.1:4>\r\nExpires: " + expires + "\r\n", "UDP"));
        QVERIFY2(answer.startsWith("SIP/2.0 " + status), answer.constData());
        QVERIFY2(answer.contains(says), answer.constData());
    }

    void aStreamIsAnsweredAsWell()
    {
        QTcpSocket stream;
        stream.connectToHost(QHostAddress(QHostAddress::LocalHost), m_at->port);
        QVERIFY(stream.waitForConnected(10'000));
        stream.write(requestOf("REGISTER", 20, "Contact: <sip:anna@192.0.2.1:4;transport=tcp>\r\n", "TCP"));
        QVERIFY(QTest::qWaitFor([&] { return stream.bytesAvailable() > 0; }, 10'000));
        QVERIFY(stream.readAll().startsWith("SIP/2.0 200 "));
        QCOMPARE(m_handler.registers.load(), 1);
    }

    /// RFC 4475 3.1.2.8 (core/sip/first_line). What is no request at all is not answered, but noted.
    void firstLinesThatCannotBeRead_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<bool>("isRequest");
        QTest::newRow("space in the URI") << QByteArray("REGISTER sip:a@example.com; lr SIP/2.0") << true;
        QTest::newRow("no URI") << QByteArray("REGISTER SIP/2.0") << true;
        QTest::newRow("unknown method") << QByteArray("!ring sip:a@b@c@ @d SIP/2.0") << true;
        QTest::newRow("no method") << QByteArray(" sip:a@b@c @d SIP/2.0") << false;
        QTest::newRow("acknowledgement") << QByteArray("ACK sip:a @example.com; SIP/2.0") << false;
        QTest::newRow("other protocol") << QByteArray("GET / of HTTP/1.1") << false;
        QTest::newRow("words") << QByteArray("hello") << false;
        QTest::newRow("response") << QByteArray("SIP/2.0 OK") << false;
    }
    void firstLinesThatCannotBeRead()
    {
        QFETCH(QByteArray, line);
        QFETCH(bool, isRequest);
        QByteArray message = requestOf("REGISTER", 40, {}, "UDP");
        message.replace(0, message.indexOf("\r\n"), line);
        m_at->send(message);
        if (isRequest) {
            const QByteArray answer = m_at->next();
            QVERIFY2(answer.startsWith("SIP/2.0 400 "), answer.constData());
            QVERIFY2(answer.contains("CSeq: 40 REGISTER\r\n") && answer.contains(";received=127.0.0.1"),
                     answer.constData());
        }
        const QByteArray alive = ask(requestOf("OPTIONS", 41, {}, "UDP"));
        QVERIFY2(alive.startsWith("SIP/2.0 200 ") && alive.contains("CSeq: 41 OPTIONS"), alive.constData());
        QCOMPARE(m_handler.unreadable.load(), 1);
        QCOMPARE(m_handler.lastUnreadable.load(), m_at->socket.localPort());
        QCOMPARE(m_handler.registers.load(), 0);
    }

    /// RFC 3261 18.3.
    void aBodyThatIsCutShortIsRefused()
    {
        QByteArray request = requestOf("REGISTER", 50, {}, "UDP");
        request.replace("Content-Length: 0\r\n\r\n", "Content-Length: 5\r\n\r\nbody");
        const QByteArray answer = ask(request);
        QVERIFY2(answer.startsWith("SIP/2.0 400 "), answer.constData());
        QCOMPARE(m_handler.registers.load(), 0);
        request.replace("CSeq: 50", "CSeq: 51");
        QVERIFY(ask(request + "y").startsWith("SIP/2.0 200 "));
        QCOMPARE(m_handler.registers.load(), 1);
    }

    void theTraceShowsBothWays()
    {
        std::mutex mutex;
        std::vector<TappedMessage> seen;
        m_at->stack->trace([&](TappedMessage message) {
            const std::scoped_lock lock(mutex);
            seen.push_back(std::move(message));
        });
        const auto count = [&] {
            const std::scoped_lock lock(mutex);
            return seen.size();
        };
        const bool isSeen = QTest::qWaitFor(
            [&, n = 30]() mutable { // until the trace is on
                (void)ask(requestOf("REGISTER", n++, {}, "UDP"));
                return count() >= 3;
            },
            10'000);
        m_at->stack->trace({});
        std::promise<void> isOff;
        m_at->stack->post([&] { isOff.set_value(); });
        isOff.get_future().wait();
        QVERIFY(isSeen);
        // Where Sofia answers, it may tell of the answer alone at first.
        seen.erase(seen.begin(), std::ranges::find(seen, false, &TappedMessage::sent));
        QVERIFY(seen.size() >= 2);
        QVERIFY(!seen[0].sent && seen[0].text.starts_with("REGISTER sip:127.0.0.1 SIP/2.0\n"));
        QVERIFY(seen[1].sent && seen[1].text.starts_with("SIP/2.0 200 OK\n"));
        QCOMPARE(seen[1].peer.port, m_at->socket.localPort());
        QCOMPARE(QByteArray::fromStdString(seen[1].transport), QByteArray("udp"));
    }

    /// While there are many the stack reads and answers them in one go, with what is no message among them
    /// (CRLF, RFC 5626).
    void manyAreAllAnswered()
    {
        constexpr int kMany = 2000;
        constexpr int kAtOnce = 50;
        for (int asked = 0; asked < kMany; asked += kAtOnce) {
            for (int i = 0; i < kAtOnce; ++i) {
                for (int j = 0; j < 2; ++j)
                    m_at->send("\r\n\r\n");
                m_at->send(requestOf("OPTIONS", 1000 + asked + i, {}, "UDP"));
            }
            for (int i = 0; i < kAtOnce; ++i) {
                QByteArray answer = m_at->next();
                while (answer.startsWith('\r')) // a CRLF is answered by one
                    answer = m_at->next();
                QVERIFY2(answer.contains("CSeq: " + QByteArray::number(1000 + asked + i) + " OPTIONS"),
                         answer.constData());
            }
        }
        std::atomic<bool> isDone{false};
        m_at->stack->post([&] { isDone = true; }); // nobody else waits for them
        QTRY_VERIFY(isDone.load());
    }
};

QTEST_GUILESS_MAIN(DoorTest)
#include "tst_door.moc"
