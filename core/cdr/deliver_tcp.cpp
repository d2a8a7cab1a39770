// SPDX-License-Identifier: GPL-3.0-or-later
// Records as lines, or as messages of syslog, on one connection. Several are on their way at once, for a
// receiver's system may take 200 ms to acknowledge.
#include "core/base/unacknowledged.h"
#include "core/cdr/delivery_worker.h"
#include "core/cdr/syslog_message.h"

#include <QNetworkProxy>
#include <QTcpSocket>
#include <QTimer>

#include <deque>

namespace sr::cdr {
namespace {

constexpr std::size_t kWindow = 64;              ///< records on their way at once; chosen
constexpr auto kLookAgain = milliseconds(5);     ///< for acknowledgements
constexpr auto kLookAtLeast = milliseconds(100); ///< however long there is none

class TcpWorker final : public DeliveryWorker {
public:
    TcpWorker(RecordSource& source, Destination to, const Clock& clock, DeliveryOptions options)
        : DeliveryWorker(source, std::move(to), clock, std::move(options))
        , m_syslog(m_url.scheme() == u"syslog+tcp")
        , m_socket(this)
        , m_deadline(this)
        , m_look(this)
    {
        m_socket.setProxy(QNetworkProxy::NoProxy);
        m_deadline.setSingleShot(true);
        m_look.setSingleShot(true);
        connect(&m_deadline, &QTimer::timeout, this, [this] {
            give(m_socket.state() == QAbstractSocket::ConnectedState ? "nothing is acknowledged"
                                                                     : "no connection in time");
        });
        connect(&m_look, &QTimer::timeout, this, [this] { settle(); });
        connect(&m_socket, &QTcpSocket::bytesWritten, this, [this] { settle(); });
        connect(&m_socket, &QTcpSocket::readyRead, this, [this] { m_socket.readAll(); }); // nobody reads it
        connect(&m_socket, &QTcpSocket::connected, this, [this] {
            m_socket.setSocketOption(QAbstractSocket::KeepAliveOption, 1);
            m_deadline.stop();
            pump();
        });
        connect(&m_socket, &QTcpSocket::errorOccurred, this,
                [this] { give(m_socket.errorString().toStdString()); });
    }

    void pump() override;

private:
    /// One record on its way.
    struct Sent {
        Item item;
        qint64 end = 0; ///< [octets] of the connection up to its end
    };
    QByteArray framed(const Item& item) const;
    void settle();
    void give(const std::string& why);

    const bool m_syslog;
    QTcpSocket m_socket;
    QTimer m_deadline;
    QTimer m_look;
    std::deque<Sent> m_sent;
    qint64 m_written = 0; ///< [octets] to this connection
    milliseconds m_lookAfter = kLookAgain;
};

void TcpWorker::pump()
{
    if (waiting)
        return;
    const bool connected = m_socket.state() == QAbstractSocket::ConnectedState;
    while (connected && m_sent.size() < kWindow) {
        auto item = m_source.next(m_sent.size());
        if (!item)
            break;
        const QByteArray octets = framed(*item);
        m_socket.write(octets);
        m_written += octets.size();
        m_sent.push_back({std::move(*item), m_written});
        m_lookAfter = kLookAgain;
    }
    if (connected)
        return m_sent.empty() ? m_deadline.stop() : settle();
    if (m_socket.state() != QAbstractSocket::UnconnectedState || !m_source.next())
        return;
    m_deadline.start(m_options.timeout);
    m_socket.connectToHost(m_url.host(), static_cast<quint16>(m_url.port(kSyslogPort)));
}

QByteArray TcpWorker::framed(const Item& item) const
{
    if (!m_syslog)
        return QByteArray::fromStdString(item.xml) + "\r\n";
    const std::string message = syslogMessage(m_to, momentOf(item), item.xml);
    return QByteArray::number(static_cast<qlonglong>(message.size())) + ' ' +
           QByteArray::fromStdString(message);
}

/// What the other system has is delivered; the others are looked for again.
void TcpWorker::settle()
{
    if (m_socket.state() != QAbstractSocket::ConnectedState || m_sent.empty())
        return;
    const qint64 there = m_written - m_socket.bytesToWrite() - unacknowledged(m_socket.socketDescriptor());
    bool any = false;
    while (!m_sent.empty() && m_sent.front().end <= there) {
        onDelivered(m_sent.front().item);
        m_sent.pop_front();
        any = true;
    }
    if (any || !m_deadline.isActive())
        m_deadline.start(m_options.timeout);
    if (any) {
        m_lookAfter = kLookAgain;
        return pump();
    }
    m_look.start(m_lookAfter);
    m_lookAfter = std::min(2 * m_lookAfter, kLookAtLeast);
}

/// The connection has ended. Whatever was on its way goes again on the next one; if nothing was, the next
/// record asks for it.
void TcpWorker::give(const std::string& why)
{
    m_deadline.stop();
    m_look.stop();
    m_sent.clear();
    m_written = 0;
    m_lookAfter = kLookAgain;
    {
        const QSignalBlocker quiet(m_socket);
        m_socket.abort();
    }
    if (m_source.next() && !waiting)
        wait(why + ", " + m_url.host().toStdString() + " port " + std::to_string(m_url.port(kSyslogPort)));
}

} // namespace

DeliveryWorker* makeTcpWorker(RecordSource& source, Destination to, const Clock& clock,
                              DeliveryOptions options)
{
    return new TcpWorker(source, std::move(to), clock, std::move(options));
}

} // namespace sr::cdr
