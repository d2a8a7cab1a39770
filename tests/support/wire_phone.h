// SPDX-License-Identifier: GPL-3.0-or-later
// A phone whose every message the test writes itself, over connections that it opens and closes.
#pragma once

#include "tests/support/digest_client.h"

#include <QProcess>
#include <QTcpSocket>
#include <QTest>

#include <memory>

namespace sr::test {

/// By TLS through `openssl s_client`, by TCP through a socket.
class WirePhone {
public:
    enum class Wire { Tcp, Tls };
    /// `address`: its own and the exchange's, of IPv4 or IPv6.
    WirePhone(Wire wire, quint16 exchangePort, const QString& address = QStringLiteral("127.0.0.1"))
        : m_transport(wire == Wire::Tcp ? "TCP" : "TLS")
        , m_host(address.contains(u':') ? "[" + address.toLatin1() + "]" : address.toLatin1())
    {
        if (wire == Wire::Tcp) {
            auto socket = std::make_unique<QTcpSocket>();
            socket->connectToHost(address, exchangePort);
            m_open = socket->waitForConnected(10'000);
            m_wire = std::move(socket);
            return;
        }
        auto client = std::make_unique<QProcess>();
        client->start(QStringLiteral("openssl"),
                      {QStringLiteral("s_client"), QStringLiteral("-quiet"), QStringLiteral("-connect"),
                       QString::fromLatin1(m_host) + u':' + QString::number(exchangePort)});
        m_open = client->waitForStarted(10'000);
        m_wire = std::move(client);
    }
    ~WirePhone() { close(); }
    WirePhone(const WirePhone&) = delete;
    WirePhone& operator=(const WirePhone&) = delete;

    /// Its end of a call that it makes.
    struct Dialog {
        std::string user;
        QByteArray to;     ///< as the exchange writes it, with its tag once there is one
        QByteArray target; ///< the exchange's Contact, or what was dialled
        QByteArray callId;
        QByteArray from{}; ///< its own end, where the call was made to it
        int cseq = 1;
    };
    /// Its end of the call that `invite` has brought.
    static Dialog calledBy(const std::string& user, const QByteArray& invite)
    {
        const QByteArray contact = headerOf(invite, "Contact");
        return {user, headerOf(invite, "From"), contact.mid(1, contact.indexOf('>') - 1),
                headerOf(invite, "Call-ID"), headerOf(invite, "To") + ";tag=wire"};
    }
    /// Sends a request of a dialog, with the CSeq that follows (ACK: that of the INVITE), and gives it back.
    QByteArray request(Dialog& dialog, const QByteArray& method, const QByteArray& more = {},
                       const QByteArray& body = {})
    {
        if (method != "ACK")
            ++dialog.cseq;
        const QByteArray user = QByteArray::fromStdString(dialog.user);
        const QByteArray text =
            method + " " + dialog.target + " SIP/2.0\r\nVia: SIP/2.0/" + m_transport.c_str() + " " + m_host +
            ";branch=z9hG4bK" + QByteArray::number(++s_branch) + "\r\nMax-Forwards: 70\r\nFrom: " +
            (dialog.from.isEmpty() ? "<sip:" + user + "@x>;tag=wire" : dialog.from) + "\r\nTo: " + dialog.to +
            "\r\nCall-ID: " + dialog.callId + "\r\nCSeq: " + QByteArray::number(dialog.cseq) + " " + method +
            "\r\nContact: <sip:" + user + "@" + m_host + ">\r\n" + more +
            (body.isEmpty() ? QByteArray() : QByteArray("Content-Type: application/sdp\r\n")) +
            "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
        send(text);
        if (method == "INVITE")
            m_invite = text;
        return text;
    }
    /// The last INVITE (RFC 3261 9.1).
    void cancel() { sendAboutInvite("CANCEL"); }
    /// Of the last INVITE, which was one of a dialog (RFC 3261 17.1.1.3).
    void acknowledgeRefusal() { sendAboutInvite("ACK"); }
    /// An INVITE with credentials; what comes back is left to waitFor().
    Dialog dial(const std::string& user, const std::string& password, const QByteArray& number,
                const QByteArray& more, const QByteArray& sdp)
    {
        const QByteArray target = "sip:" + number + "@" + m_host;
        Dialog dialog{
            user, "<" + target + ">", target, "dial" + QByteArray::number(++s_branch) + "@wire", {}};
        (void)request(dialog, "INVITE", {}, sdp);
        const QByteArray challenged = waitFor("SIP/2.0 401");
        const auto at = challenged.indexOf("WWW-Authenticate: ");
        Dialog refused = dialog;
        refused.to = headerOf(challenged, "To");
        (void)request(refused, "ACK");
        DigestClient client{user, password};
        const std::string answer =
            client.answer(challenged.mid(at, challenged.indexOf('\r', at) - at).toStdString(), "INVITE",
                          target.toStdString());
        (void)request(dialog, "INVITE", QByteArray("Authorization: ") + answer.c_str() + "\r\n" + more, sdp);
        return dialog;
    }
    /// Takes over what an answer says of the other end.
    static void learn(Dialog& dialog, const QByteArray& answer)
    {
        dialog.to = headerOf(answer, "To");
        const QByteArray contact = headerOf(answer, "Contact");
        if (!contact.isEmpty())
            dialog.target = contact.mid(1, contact.indexOf('>') - 1);
    }
    static QByteArray headerOf(const QByteArray& message, const QByteArray& name)
    {
        const qsizetype at = message.indexOf("\r\n" + name + ": ");
        const qsizetype begin = at + name.size() + 4;
        return at < 0 ? QByteArray() : message.mid(begin, message.indexOf('\r', begin) - begin);
    }
    /// Whether it is registered with `contact`.
    bool registers(const std::string& user, const std::string& password, const std::string& contact)
    {
        const QByteArray challenged = ask(user, contact, {});
        const auto at = challenged.indexOf("WWW-Authenticate: ");
        if (!m_open || at < 0)
            return false;
        DigestClient client{user, password};
        const std::string challenge = challenged.mid(at, challenged.indexOf('\r', at) - at).toStdString();
        return ask(user, contact, "Authorization: " + client.answer(challenge, "REGISTER", "sip:x") + "\r\n")
            .startsWith("SIP/2.0 200");
    }
    /// The next message with `words`, for at most 20 s; empty if there is none.
    QByteArray waitFor(const QByteArray& words)
    {
        QByteArray found;
        (void)QTest::qWaitFor(
            [&] {
                m_heard += m_wire->readAll();
                for (QByteArray message = next(); !message.isEmpty(); message = next())
                    if (message.contains(words)) { // those behind it wait for another one
                        found = message;
                        return true;
                    }
                return false;
            },
            20'000);
        return found;
    }
    /// The next message, if one has come.
    QByteArray take()
    {
        m_heard += m_wire->readAll();
        return next();
    }
    void send(const QByteArray& message)
    {
        m_wire->write(message);
        m_wire->waitForBytesWritten(10'000);
    }
    /// With what the device owes to its request: Via, From, To, Call-ID and CSeq.
    void answer(const QByteArray& request, const QByteArray& status, const QByteArray& more = {},
                const QByteArray& body = {})
    {
        QByteArray out = "SIP/2.0 " + status + "\r\n";
        for (const QByteArray& line : request.left(request.indexOf("\r\n\r\n")).split('\n')) {
            const QByteArray header = line.trimmed();
            if (header.startsWith("To:"))
                out += header + (header.contains(";tag=") ? "\r\n" : ";tag=wire\r\n");
            else if (header.startsWith("Via:") || header.startsWith("From:") ||
                     header.startsWith("Call-ID:") || header.startsWith("CSeq:"))
                out += header + "\r\n";
        }
        send(out + more + "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body);
    }
    void close()
    {
        if (auto* client = qobject_cast<QProcess*>(m_wire.get())) {
            client->kill();
            client->waitForFinished(10'000);
        } else if (m_wire != nullptr) {
            m_wire->close();
        }
    }

private:
    void sendAboutInvite(const QByteArray& method)
    {
        const qsizetype uri = m_invite.indexOf(' ') + 1;
        QByteArray text = method + " " + m_invite.mid(uri, m_invite.indexOf('\r') - uri) + "\r\n";
        for (const char* name : {"Via", "Max-Forwards", "From", "To", "Call-ID"})
            text += QByteArray(name) + ": " + headerOf(m_invite, name) + "\r\n";
        const QByteArray number = headerOf(m_invite, "CSeq").split(' ').first();
        send(text + "CSeq: " + number + " " + method + "\r\nContent-Length: 0\r\n\r\n");
    }
    QByteArray ask(const std::string& user, const std::string& contact, const std::string& more)
    {
        const std::string number = std::to_string(++s_cseq);
        send(QByteArray::fromStdString(
            "REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/" + m_transport + " " + m_host.toStdString() +
            ";branch=z9hG4bK" + number + "\r\nTo: <sip:" + user + "@x>\r\nFrom: <sip:" + user +
            "@x>;tag=1\r\nCall-ID: wire\r\nCSeq: " + number + " REGISTER\r\nContact: <" + contact + ">\r\n" +
            more + "Content-Length: 0\r\n\r\n"));
        return waitFor("SIP/2.0 ");
    }
    /// The first whole message of what was heard.
    QByteArray next()
    {
        const qsizetype head = m_heard.indexOf("\r\n\r\n");
        if (head < 0)
            return {};
        const QByteArray name = "Content-Length:";
        const qsizetype at = m_heard.indexOf(name);
        const qsizetype begin = at + name.size();
        const qsizetype body =
            at >= 0 && at < head
                ? m_heard.mid(begin, m_heard.indexOf('\r', begin) - begin).trimmed().toLongLong()
                : 0;
        if (m_heard.size() < head + 4 + body)
            return {};
        const QByteArray message = m_heard.left(head + 4 + body);
        m_heard.remove(0, message.size());
        return message;
    }

    inline static unsigned s_branch = 1'000'000;
    inline static unsigned s_cseq = 0; ///< a device's registrations count on over its connections
    std::string m_transport;
    QByteArray m_host; ///< its address as it stands in a URI
    std::unique_ptr<QIODevice> m_wire;
    bool m_open = false;
    QByteArray m_heard;
    QByteArray m_invite; ///< the last one
};

} // namespace sr::test
