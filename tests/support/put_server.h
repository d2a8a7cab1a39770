// SPDX-License-Identifier: GPL-3.0-or-later
// An HTTP server that files are PUT to, and what it got.
#pragma once

#include <QRegularExpression>
#include <QTcpServer>
#include <QTcpSocket>
#include <QUrl>

#include <functional>
#include <map>
#include <vector>

namespace sr::test {

struct PutRequest {
    QByteArray method;
    QByteArray target;
    QByteArray headers; ///< lines, as they came
    QByteArray body;

    QByteArray header(const char* name) const
    {
        const QRegularExpression line(QStringLiteral("^%1: *([^\r\n]*)").arg(QLatin1String(name)),
                                      QRegularExpression::CaseInsensitiveOption |
                                          QRegularExpression::MultilineOption);
        return line.match(QString::fromLatin1(headers)).captured(1).toLatin1();
    }
    QString fileName() const { return QUrl::fromPercentEncoding(target.mid(target.lastIndexOf('/') + 1)); }
};

/// Takes one request off the front of what came, if it is whole.
inline bool takeRequest(QByteArray& data, PutRequest& request)
{
    const qsizetype end = data.indexOf("\r\n\r\n");
    if (end < 0)
        return false;
    const qsizetype line = data.indexOf("\r\n");
    const QList<QByteArray> first = data.left(line).split(' ');
    request.method = first.value(0);
    request.target = first.value(1);
    request.headers = data.mid(line + 2, end - line);
    const qsizetype length = request.header("Content-Length").toLongLong();
    if (data.size() < end + 4 + length)
        return false;
    request.body = data.mid(end + 4, length);
    data.remove(0, end + 4 + length);
    return true;
}

/// On the thread that made it, which runs an event loop.
class PutServer {
public:
    PutServer()
    {
        if (!m_server.listen(QHostAddress::LocalHost))
            qFatal("no port");
        QObject::connect(&m_server, &QTcpServer::newConnection, [this] {
            while (QTcpSocket* const socket = m_server.nextPendingConnection())
                QObject::connect(socket, &QTcpSocket::readyRead, socket, [this, socket] { onData(*socket); });
        });
    }
    /// `user`: with `@` behind it, or empty.
    std::string url(const std::string& path = "/rec/", const std::string& user = {}) const
    {
        return "http://" + user + "127.0.0.1:" + std::to_string(m_server.serverPort()) + path;
    }
    /// What goes back; `close`: it hangs up.
    std::function<QByteArray(const PutRequest&)> answer = [](const PutRequest&) { return status(201); };
    std::vector<PutRequest> requests = {};
    std::map<QString, QByteArray> files = {}; ///< that were answered by 2xx

    static QByteArray status(int code, const QByteArray& more = {})
    {
        return "HTTP/1.1 " + QByteArray::number(code) + " x\r\nContent-Length: 0\r\n" + more + "\r\n";
    }

private:
    void onData(QTcpSocket& socket)
    {
        QByteArray& data = m_data[&socket];
        data += socket.readAll();
        PutRequest request;
        while (takeRequest(data, request)) {
            requests.push_back(request);
            const QByteArray reply = answer(request);
            if (reply == "close")
                return socket.abort();
            if (reply.startsWith("HTTP/1.1 2"))
                files[request.fileName()] = request.body;
            socket.write(reply);
        }
    }
    QTcpServer m_server;
    std::map<QTcpSocket*, QByteArray> m_data;
};

} // namespace sr::test
