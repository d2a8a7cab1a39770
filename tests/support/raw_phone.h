// SPDX-License-Identifier: GPL-3.0-or-later
// A phone that subscribes, publishes and writes messages in the words of the test.
#pragma once

#include "tests/support/digest_client.h"

#include <QSet>
#include <QTest>
#include <QUdpSocket>

namespace sr::test {

/// A phone that talks by hand, over UDP, and answers what it is asked as it is told.
class RawPhone {
public:
    RawPhone(const char* user, QString password, quint16 exchangePort)
        : m_user(user)
        , m_password(std::move(password))
        , m_port(exchangePort)
    {
        m_socket.bind(QHostAddress::LocalHost);
    }
    /// The final answer, after a challenge if there is one. `more`: header lines.
    QByteArray ask(const QByteArray& method, const QByteArray& target, const QByteArray& more,
                   const QByteArray& body = {})
    {
        m_callId = "call-" + QByteArray::number(++m_calls) + '-' + QByteArray::number(m_socket.localPort());
        m_toTag.clear();
        QByteArray answer = exchange(method, target, more, body);
        if (answer.startsWith("SIP/2.0 401")) {
            DigestClient client{m_user.toStdString(), m_password.toStdString()};
            const std::string login = client.answer(header(answer, "WWW-Authenticate").toStdString(),
                                                    method.toStdString(), uri(target).toStdString());
            answer = exchange(method, target,
                              more + "Authorization: " + QByteArray::fromStdString(login) + "\r\n", body);
        }
        m_toTag = header(answer, "To");
        m_toTag = m_toTag.mid(m_toTag.indexOf(";tag="));
        return answer;
    }
    /// In the dialog that the last ask() made.
    QByteArray askAgain(const QByteArray& method, const QByteArray& target, const QByteArray& more)
    {
        return exchange(method, target, more, {});
    }
    /// The next request that comes; empty if none does within 20 s.
    QByteArray request()
    {
        (void)QTest::qWaitFor([&] { return read() || !m_requests.isEmpty(); }, 20'000);
        return m_requests.isEmpty() ? QByteArray() : m_requests.takeFirst();
    }
    void close() { m_socket.close(); }
    /// To every request from now on; empty: nothing.
    QByteArray status = "200 OK";

    static QByteArray header(const QByteArray& message, const QByteArray& name)
    {
        for (const QByteArray& line : message.split('\n'))
            if (line.startsWith(name + ':'))
                return line.mid(name.size() + 1).trimmed();
        return {};
    }

private:
    QByteArray uri(const QByteArray& target) const
    {
        return "sip:" + target + "@127.0.0.1:" + QByteArray::number(m_port);
    }
    QByteArray exchange(const QByteArray& method, const QByteArray& target, const QByteArray& more,
                        const QByteArray& body)
    {
        const QByteArray own = "127.0.0.1:" + QByteArray::number(m_socket.localPort());
        ++m_cseq;
        m_answer.clear();
        m_socket.writeDatagram(
            method + ' ' + uri(target) + " SIP/2.0\r\nVia: SIP/2.0/UDP " + own + ";branch=z9hG4bK" +
                m_callId + QByteArray::number(m_cseq) + "\r\nFrom: <sip:" + m_user +
                "@127.0.0.1>;tag=" + m_callId + "\r\nTo: <sip:" + target + "@127.0.0.1>" + m_toTag +
                "\r\nCall-ID: " + m_callId + "\r\nCSeq: " + QByteArray::number(m_cseq) + ' ' + method +
                "\r\nContact: <sip:" + m_user + '@' + own + ">\r\nMax-Forwards: 70\r\n" + more +
                "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body,
            QHostAddress::LocalHost, m_port);
        (void)QTest::qWaitFor([&] { return read() || !m_answer.isEmpty(); }, 20'000);
        return m_answer;
    }
    bool read()
    {
        while (m_socket.state() == QAbstractSocket::BoundState && m_socket.hasPendingDatagrams()) {
            QByteArray message(m_socket.pendingDatagramSize(), '\0');
            m_socket.readDatagram(message.data(), message.size());
            if (message.startsWith("SIP/2.0"))
                m_answer = message;
            else
                reply(message);
        }
        return false;
    }
    void reply(const QByteArray& request)
    {
        if (status.isEmpty())
            return;
        const QByteArray transaction = header(request, "Via") + header(request, "CSeq");
        if (!m_answered.contains(transaction)) // it comes again where the machine is slow (RFC 3261 17.1.2)
            m_requests << request;
        m_answered.insert(transaction);
        QByteArray answer = "SIP/2.0 " + status + "\r\n";
        for (const char* name : {"Via", "From", "To", "Call-ID", "CSeq"})
            answer += QByteArray(name) + ": " + header(request, name) + "\r\n";
        m_socket.writeDatagram(answer + "Content-Length: 0\r\n\r\n", QHostAddress::LocalHost, m_port);
    }

    QByteArray m_user;
    QString m_password;
    quint16 m_port;
    QUdpSocket m_socket;
    QByteArray m_callId;
    QByteArray m_toTag;
    QByteArray m_answer;
    QList<QByteArray> m_requests;
    QSet<QByteArray> m_answered;
    int m_calls = 0;
    int m_cseq = 0;
};

} // namespace sr::test
