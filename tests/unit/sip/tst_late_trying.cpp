// SPDX-License-Identifier: GPL-3.0-or-later
// Who calls hears 100 where nothing else comes soon, and only there (RFC 3261 17.2.1).
#include "tests/support/idle_handler.h"
#include "tests/support/stack_port.h"

#include <optional>
#include <vector>

using namespace sr;
using namespace sr::sip;

namespace {

const std::string kSdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                         "m=audio 4000 RTP/AVP 8\r\n";

/// Offers wait for ever.
class Silent final : public SessionEvents {
public:
    void onReply(const Reply&) override {}
    void onOffer(const std::string&) override {}
    void onAck(const std::string&) override {}
    void onInfo(const std::string&, const std::string&) override {}
    void onRefer(const ReferRequest&) override {}
    void onEnded(Ending) override {}
};

/// Rings who is called `quick`, answers `talks`, says nothing of others.
class Handler final : public sr::test::IdleHandler {
public:
    void onInvite(std::unique_ptr<Session> session, const InviteRequest& request) override
    {
        session->setEvents(m_silent);
        if (request.target == "quick")
            session->respond(180);
        if (request.target == "talks")
            session->respond(200, kSdp);
        m_sessions.push_back(std::move(session));
    }
    void onStopping() override { m_sessions.clear(); }

private:
    Silent m_silent;
    std::vector<std::unique_ptr<Session>> m_sessions;
};

QByteArray header(const QByteArray& message, const QByteArray& name)
{
    for (const QByteArray& line : message.split('\n'))
        if (line.startsWith(name + ':'))
            return line.mid(name.size() + 1).trimmed();
    return {};
}

} // namespace

class LateTryingTest : public QObject {
    Q_OBJECT

    void send(const QByteArray& method, const QByteArray& whom, int cseq, const QByteArray& toTag = {})
    {
        const QByteArray n = QByteArray::number(cseq);
        const QByteArray body = method == "INVITE" ? QByteArray::fromStdString(kSdp) : QByteArray();
        const QByteArray here = "127.0.0.1:" + QByteArray::number(m_at->socket.localPort());
        m_at->send(method + " sip:" + whom + "@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP " + here +
                   ";branch=z9hG4bK" + whom + method + n +
                   "\r\nFrom: <sip:anna@example.com>;tag=1\r\nTo: <sip:" + whom + "@example.com>" + toTag +
                   "\r\nCall-ID: " + whom + "\r\nCSeq: " + n + ' ' + method + "\r\nContact: <sip:anna@" +
                   here +
                   ">\r\nMax-Forwards: 70\r\nContent-Type: application/sdp\r\n"
                   "Content-Length: " +
                   QByteArray::number(body.size()) + "\r\n\r\n" + body);
    }
    Handler m_handler;
    std::optional<sr::test::StackPort> m_at;

private slots:
    void init() { m_at.emplace(m_handler); }
    void cleanup() { m_at.reset(); }

    void whoHearsNothingHearsThat()
    {
        send("INVITE", "slow", 1);
        const QByteArray answer = m_at->next();
        QVERIFY2(answer.startsWith("SIP/2.0 100 "), answer.constData());
        QVERIFY2(!header(answer, "To").contains("tag="), answer.constData());
        QCOMPARE(header(answer, "CSeq"), QByteArray("1 INVITE"));
    }

    void whoIsAnsweredHearsNoMore()
    {
        send("INVITE", "quick", 1);
        QVERIFY(m_at->next().startsWith("SIP/2.0 180 "));
        send("INVITE", "slow", 1); // a 100 of the other would come before its
        const QByteArray answer = m_at->next();
        QVERIFY2(answer.startsWith("SIP/2.0 100 "), answer.constData());
        QCOMPARE(header(answer, "Call-ID"), QByteArray("slow"));
    }

    void inACallAsWell()
    {
        send("INVITE", "talks", 1);
        const QByteArray answer = m_at->next();
        QVERIFY2(answer.startsWith("SIP/2.0 200 "), answer.constData());
        const QByteArray to = header(answer, "To");
        const QByteArray tag = to.mid(to.indexOf(";tag="));
        send("ACK", "talks", 1, tag);
        send("INVITE", "talks", 2, tag);
        const QByteArray again = m_at->next();
        QVERIFY2(again.startsWith("SIP/2.0 100 "), again.constData());
        QCOMPARE(header(again, "CSeq"), QByteArray("2 INVITE"));
    }
};

QTEST_GUILESS_MAIN(LateTryingTest)
#include "tst_late_trying.moc"
