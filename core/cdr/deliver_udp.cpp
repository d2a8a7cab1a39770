// SPDX-License-Identifier: GPL-3.0-or-later
// Messages of syslog as datagrams, a few at a time.
#include "core/cdr/delivery_worker.h"
#include "core/cdr/syslog_message.h"

#include <QNetworkProxy>
#include <QTimer>
#include <QUdpSocket>

namespace sr::cdr {
namespace {

constexpr auto kRefusalAfter = milliseconds(10); ///< by then a near system has said that nobody listens
constexpr std::size_t kDatagramMost = 65'507;    ///< [octets] over IPv4

class UdpWorker final : public DeliveryWorker {
public:
    UdpWorker(RecordSource& source, Destination to, const Clock& clock, DeliveryOptions options)
        : DeliveryWorker(source, std::move(to), clock, std::move(options))
        , m_socket(this)
        , m_deadline(this)
        , m_settle(this)
    {
        m_socket.setProxy(QNetworkProxy::NoProxy);
        m_deadline.setSingleShot(true);
        m_settle.setSingleShot(true);
        connect(&m_deadline, &QTimer::timeout, this, [this] { give("the name was not found in time"); });
        connect(&m_settle, &QTimer::timeout, this, [this] { settle(); });
        connect(&m_socket, &QUdpSocket::connected, this, [this] {
            m_deadline.stop();
            pump();
        });
        connect(&m_socket, &QUdpSocket::errorOccurred, this, [this](QAbstractSocket::SocketError error) {
            if (error != QAbstractSocket::TemporaryError && error != QAbstractSocket::DatagramTooLargeError)
                give(m_socket.errorString().toStdString());
        });
    }

    void pump() override;

private:
    void settle();
    void give(const std::string& why);

    QUdpSocket m_socket;
    QTimer m_deadline;
    QTimer m_settle;
    Item m_item; ///< the one that was sent, while m_settle runs
};

void UdpWorker::pump()
{
    while (!waiting && !m_settle.isActive()) {
        auto item = m_source.next();
        if (!item)
            return;
        if (m_socket.state() == QAbstractSocket::UnconnectedState) {
            m_deadline.start(m_options.timeout);
            m_socket.connectToHost(m_url.host(), static_cast<quint16>(m_url.port(kSyslogPort)));
            return; // connected() may have come already, and gone on
        }
        if (m_socket.state() != QAbstractSocket::ConnectedState)
            return;
        const std::string message = syslogMessage(m_to, momentOf(*item), item->xml);
        m_item = std::move(*item);
        if (message.size() > kDatagramMost) {
            if (!onRefused(m_item, std::to_string(message.size()) + " octets, which no datagram holds"))
                return;
            continue;
        }
        m_settle.start(kRefusalAfter);
        if (m_socket.write(message.data(), static_cast<qint64>(message.size())) < 0 && !waiting)
            give(m_socket.errorString().toStdString());
    }
}

/// To read is to be told that the datagram was refused.
void UdpWorker::settle()
{
    char answer = 0;
    m_socket.readDatagram(&answer, 1);
    if (waiting || m_socket.state() != QAbstractSocket::ConnectedState)
        return;
    onDelivered(m_item);
    pump();
}

void UdpWorker::give(const std::string& why)
{
    m_deadline.stop();
    m_settle.stop();
    {
        const QSignalBlocker quiet(m_socket);
        m_socket.abort();
    }
    if (!waiting)
        wait(why + ", " + m_url.host().toStdString() + " port " + std::to_string(m_url.port(kSyslogPort)));
}

} // namespace

DeliveryWorker* makeUdpWorker(RecordSource& source, Destination to, const Clock& clock,
                              DeliveryOptions options)
{
    return new UdpWorker(source, std::move(to), clock, std::move(options));
}

} // namespace sr::cdr
