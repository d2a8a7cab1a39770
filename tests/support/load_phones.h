// SPDX-License-Identifier: GPL-3.0-or-later
// Many calls at once from one UDP socket that plays callers and called, and a clock of 20 ms that speaks in
// all of them and counts what comes out at the other end.
#pragma once

#include "core/relay/udp_socket.h"
#include "tests/support/digest_client.h"
#include "tests/support/wire_phone.h"

#include <QCoreApplication>
#include <QTimer>
#include <QUdpSocket>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <vector>

namespace sr::test {

/// G.711 A-law of one call: each end has a socket, and says one octet all the time, which tells the call.
struct LoadCall {
    struct End {
        relay::UdpSocket socket;
        relay::SocketAddress target;         ///< where the exchange wants its sound
        std::atomic<unsigned> sent = 0;      ///< packets
        std::atomic<unsigned> received = 0;  ///< packets, of the other end
        std::atomic<unsigned> missing = 0;   ///< gaps in their numbers, until who is late comes
        std::atomic<unsigned> late = 0;      ///< behind a later one
        std::atomic<unsigned> strange = 0;   ///< not what the other end says
        std::atomic<std::int64_t> pause = 0; ///< longest time between two of them [us]
        std::chrono::steady_clock::time_point last{};
        std::uint16_t next = 0; ///< number that the next one should have
    };
    explicit LoadCall(std::byte saysOctet)
        : says(saysOctet)
    {
        for (End* end : {&caller, &callee})
            if (auto bound = relay::UdpSocket::bind({IpAddress::v4(0x7f000001), 0}))
                end->socket = std::move(*bound);
    }
    const std::byte says;
    End caller;
    End callee;
    QByteArray callId; ///< of the caller's dialog
    bool answered = false;
};

/// Speaks from start() to stop(), on a thread of its own.
class LoadTalk {
public:
    ~LoadTalk() { stop(); }
    void start(const std::vector<std::unique_ptr<LoadCall>>& calls)
    {
        m_run = true;
        m_thread = std::thread([this, &calls] { run(calls); });
    }
    void stop()
    {
        m_run = false;
        if (m_thread.joinable())
            m_thread.join();
    }
    /// Behind stop(): what was still under way.
    static void hear(LoadCall& call)
    {
        for (LoadCall::End* end : {&call.caller, &call.callee})
            hear(*end, call.says);
    }

private:
    static constexpr std::size_t kHeader = 12; // RFC 3550 5.1
    static constexpr std::size_t kDatagram = kHeader + 160;
    using Steady = std::chrono::steady_clock;

    void run(const std::vector<std::unique_ptr<LoadCall>>& calls)
    {
        auto due = Steady::now();
        for (std::uint16_t number = 0; m_run; ++number) {
            for (std::size_t i = 0; i < calls.size(); ++i) {
                speak(calls[i]->caller, calls[i]->says, number, static_cast<std::uint32_t>(2 * i + 1));
                speak(calls[i]->callee, calls[i]->says, number, static_cast<std::uint32_t>(2 * i + 2));
            }
            due += std::chrono::milliseconds(20);
            std::this_thread::sleep_until(due);
            for (const auto& call : calls)
                hear(*call);
        }
    }
    static void speak(LoadCall::End& end, std::byte says, std::uint16_t number, std::uint32_t ssrc)
    {
        std::array<std::byte, kDatagram> packet{};
        packet.fill(says);
        packet[0] = std::byte{0x80};
        packet[1] = std::byte{8};
        storeBe(packet.data() + 2, number);
        storeBe(packet.data() + 4, std::uint32_t{number} * 160);
        storeBe(packet.data() + 8, ssrc);
        if (end.target && end.socket.send(packet, end.target))
            ++end.sent;
    }
    static void hear(LoadCall::End& end, std::byte says)
    {
        std::array<std::byte, 512> packet{};
        relay::SocketAddress from;
        for (std::ptrdiff_t size = 0; (size = end.socket.receive(packet, from)) >= 0;) {
            if (size != kDatagram || packet[kHeader] != says) {
                ++end.strange;
                continue;
            }
            const auto number = loadBe<std::uint16_t>(packet.data() + 2);
            const auto now = Steady::now();
            if (end.received > 0) {
                const auto ahead = static_cast<std::int16_t>(number - end.next);
                if (ahead < 0) {
                    ++end.received;
                    ++end.late;
                    --end.missing;
                    continue;
                }
                end.missing += static_cast<unsigned>(ahead);
                const auto pause =
                    std::chrono::duration_cast<std::chrono::microseconds>(now - end.last).count();
                end.pause = std::max<std::int64_t>(end.pause, pause);
            }
            end.next = static_cast<std::uint16_t>(number + 1);
            end.last = now;
            ++end.received;
        }
    }

    std::atomic<bool> m_run = false;
    std::thread m_thread;
};

/// Events until it is done, each at once: QTest::qWaitFor() looks every 10 ms only. False: `patience` is
/// over.
template <typename Done>
bool pumpUntil(const Done& done, std::chrono::milliseconds patience)
{
    QTimer limit;
    limit.setSingleShot(true);
    limit.start(patience);
    while (!done() && limit.isActive())
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    return done();
}

/// All on the test's thread.
class LoadPhones {
public:
    /// Calls of one user at one go: more are a flood to the exchange.
    static constexpr unsigned kCallsOfUser = 40;

    /// `port`: of its socket; 0: any.
    explicit LoadPhones(quint16 exchangePort, quint16 port = 0)
        : m_exchange(exchangePort)
    {
        m_socket.setSocketOption(QAbstractSocket::ReceiveBufferSizeSocketOption, 1 << 22);
        (void)m_socket.bind(QHostAddress::LocalHost, port);
        QObject::connect(&m_socket, &QUdpSocket::readyRead, &m_socket, [this] { read(); });
    }
    quint16 port() const { return m_socket.localPort(); }

    /// Whether `user` is registered with this socket.
    bool registers(const std::string& user, const std::string& password)
    {
        DigestClient client{user, password};
        const QByteArray challenged = askToRegister(user, {});
        if (!challenged.startsWith("SIP/2.0 401"))
            return false;
        m_challenge = challengeOf(challenged);
        const QByteArray login =
            "Authorization: " +
            QByteArray::fromStdString(client.answer(m_challenge, "REGISTER", "sip:127.0.0.1")) + "\r\n";
        return askToRegister(user, login).startsWith("SIP/2.0 200");
    }
    /// Calls `number`, who is registered here, `count` times; whether all are answered and acknowledged.
    bool call(DigestClient user, const QByteArray& number, unsigned count)
    {
        const std::size_t before = m_calls.size();
        for (unsigned i = 0; i < count; ++i) {
            m_calls.push_back(std::make_unique<LoadCall>(octetOf(m_calls.size())));
            LoadCall& begun = *m_calls.back();
            begun.callId = "load-" + QByteArray::number(m_calls.size()) + "-" + QByteArray::number(port());
            const QByteArray invite = inviteOf(begun, user, number);
            if (!repeat(invite, [&] { return begun.answered; }))
                return false;
        }
        return m_calls.size() == before + count;
    }
    /// Whether the exchange has answered every BYE.
    bool hangUpAll()
    {
        bool all = true;
        for (const auto& [callId, dialog] : m_dialogs)
            all = repeat(requestIn(callId, dialog, "BYE"), [&] { return m_ended.contains(callId); }) && all;
        return all;
    }
    const std::vector<std::unique_ptr<LoadCall>>& calls() const { return m_calls; }
    /// The challenge to the last REGISTER; its nonce was used once.
    const std::string& challenge() const { return m_challenge; }

    static QByteArray sdpOf(const LoadCall::End& end)
    {
        return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio " +
               QByteArray::number(end.socket.local().port) + " RTP/AVP 8\r\n";
    }
    /// From the SDP in it.
    static void learnTarget(LoadCall::End& end, const QByteArray& message)
    {
        const auto at = message.indexOf("m=audio ");
        const auto port = message.mid(at + 8, message.indexOf(' ', at + 8) - at - 8).toUShort();
        if (at > 0 && port != 0)
            end.target = relay::SocketAddress::of({IpAddress::v4(0x7f000001), port});
    }

private:
    struct Dialog {
        QByteArray from, to, target;
    };

    /// Each of 254 calls has one of its own; the two that are left are silence.
    static std::byte octetOf(std::size_t call)
    {
        const std::size_t even = call % 254;
        return static_cast<std::byte>(even + (even >= 0x55 ? 1 : 0) + (even >= 0xd4 ? 1 : 0));
    }
    static std::string challengeOf(const QByteArray& answer)
    {
        const auto at = answer.indexOf("WWW-Authenticate: ");
        return answer.mid(at, answer.indexOf('\r', at) - at).toStdString();
    }
    QByteArray via()
    {
        return "Via: SIP/2.0/UDP 127.0.0.1:" + QByteArray::number(port()) + ";branch=z9hG4bK-load" +
               QByteArray::number(++m_branch) + "\r\nMax-Forwards: 70\r\n";
    }
    QByteArray contact(const QByteArray& user) const
    {
        return "Contact: <sip:" + user + "@127.0.0.1:" + QByteArray::number(port()) + ">\r\n";
    }
    static QByteArray body(const LoadCall::End& end)
    {
        const QByteArray sdp = sdpOf(end);
        return "Content-Type: application/sdp\r\nContent-Length: " + QByteArray::number(sdp.size()) +
               "\r\n\r\n" + sdp;
    }
    void send(const QByteArray& message)
    {
        m_socket.writeDatagram(message, QHostAddress::LocalHost, m_exchange);
    }
    QByteArray askToRegister(const std::string& user, const QByteArray& more)
    {
        const QByteArray name = QByteArray::fromStdString(user);
        m_registered.clear();
        const QByteArray first = "REGISTER sip:127.0.0.1 SIP/2.0\r\n" + via();
        m_asked = QByteArray::number(++m_branch) + " REGISTER";
        (void)repeat(first + "To: <sip:" + name + "@127.0.0.1>\r\nFrom: <sip:" + name +
                         "@127.0.0.1>;tag=1\r\nCall-ID: load-" + name + "\r\nCSeq: " + m_asked + "\r\n" +
                         contact(name) + "Expires: 3600\r\n" + more + "Content-Length: 0\r\n\r\n",
                     [&] { return !m_registered.isEmpty(); });
        return m_registered;
    }
    /// By UDP until it has gone well, for at most 10 s.
    template <typename Done>
    bool repeat(const QByteArray& message, const Done& done)
    {
        for (int i = 0; i < 20 && !done(); ++i) {
            send(message);
            (void)pumpUntil(done, std::chrono::milliseconds(500));
        }
        return done();
    }
    QByteArray inviteOf(const LoadCall& call, DigestClient& user, const QByteArray& number)
    {
        const QByteArray name = QByteArray::fromStdString(user.user);
        const QByteArray target = "sip:" + number + "@127.0.0.1";
        return "INVITE " + target + " SIP/2.0\r\n" + via() + "To: <" + target + ">\r\nFrom: <sip:" + name +
               "@127.0.0.1>;tag=1\r\nCall-ID: " + call.callId + "\r\nCSeq: 1 INVITE\r\n" + contact(name) +
               "Authorization: " +
               QByteArray::fromStdString(user.answer(m_challenge, "INVITE", target.toStdString())) + "\r\n" +
               body(call.caller);
    }
    void read()
    {
        while (m_socket.hasPendingDatagrams()) {
            QByteArray message(m_socket.pendingDatagramSize(), Qt::Uninitialized);
            m_socket.readDatagram(message.data(), message.size());
            const QByteArray cseq = WirePhone::headerOf(message, "CSeq");
            if (!message.startsWith("SIP/2.0"))
                onRequest(message, cseq);
            else if (cseq == m_asked)
                m_registered = message;
            else if (cseq.endsWith("BYE"))
                m_ended.insert(WirePhone::headerOf(message, "Call-ID"));
            else if (cseq.endsWith("INVITE") && message.startsWith("SIP/2.0 200"))
                onAnswer(message);
        }
    }
    /// The exchange calls: the newest call is meant, as one is made after the other.
    void onRequest(const QByteArray& request, const QByteArray& cseq)
    {
        if (cseq.endsWith("ACK"))
            return;
        QByteArray more = "Content-Length: 0\r\n\r\n";
        if (cseq.endsWith("INVITE") && !m_calls.empty()) {
            learnTarget(m_calls.back()->callee, request);
            more = contact("load") + body(m_calls.back()->callee);
        }
        QByteArray answer = "SIP/2.0 200 OK\r\n";
        for (const QByteArray& line : request.left(request.indexOf("\r\n\r\n")).split('\n')) {
            const QByteArray header = line.trimmed();
            if (header.startsWith("To:"))
                answer += header + (header.contains(";tag=") ? "\r\n" : ";tag=load\r\n");
            else if (header.startsWith("Via:") || header.startsWith("From:") ||
                     header.startsWith("Call-ID:") || header.startsWith("CSeq:"))
                answer += header + "\r\n";
        }
        send(answer + more);
    }
    void onAnswer(const QByteArray& answer)
    {
        const QByteArray callId = WirePhone::headerOf(answer, "Call-ID");
        const QByteArray contact = WirePhone::headerOf(answer, "Contact");
        Dialog dialog{WirePhone::headerOf(answer, "From"), WirePhone::headerOf(answer, "To"),
                      contact.mid(1, contact.indexOf('>') - 1)};
        send(requestIn(callId, dialog, "ACK"));
        for (const auto& call : m_calls)
            if (call->callId == callId) {
                learnTarget(call->caller, answer);
                call->answered = true;
            }
        m_dialogs.insert_or_assign(callId, std::move(dialog));
    }
    QByteArray requestIn(const QByteArray& callId, const Dialog& dialog, const QByteArray& method)
    {
        return method + " " + dialog.target + " SIP/2.0\r\n" + via() + "From: " + dialog.from +
               "\r\nTo: " + dialog.to + "\r\nCall-ID: " + callId +
               "\r\nCSeq: " + (method == "ACK" ? "1 " : "2 ") + method + "\r\nContent-Length: 0\r\n\r\n";
    }

    const quint16 m_exchange;
    QUdpSocket m_socket;
    unsigned m_branch = 0;
    std::string m_challenge; ///< whose nonce later requests use again
    QByteArray m_asked;      ///< CSeq of the last REGISTER
    QByteArray m_registered; ///< the answer to it
    std::vector<std::unique_ptr<LoadCall>> m_calls;
    std::map<QByteArray, Dialog> m_dialogs;
    std::set<QByteArray> m_ended;
};

} // namespace sr::test
