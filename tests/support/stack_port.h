// SPDX-License-Identifier: GPL-3.0-or-later
// A SipStack on loopback, and a UDP port that talks to it.
#pragma once

#include "core/sip/sip_stack.h"

#include <QTest>
#include <QUdpSocket>

namespace sr::test {

struct StackPort {
    explicit StackPort(sip::RequestHandler& handler)
    {
        sip::StackOptions options;
        options.listen = {*Endpoint::parse("127.0.0.1:0")};
        options.product = "Test";
        stack = std::move(*sip::SipStack::start(options, handler));
        port = stack->listeners().at(0).port;
        socket.bind(QHostAddress(QHostAddress::LocalHost));
    }
    void send(const QByteArray& datagram) { socket.writeDatagram(datagram, QHostAddress::LocalHost, port); }
    /// Empty if none comes within 10 s.
    QByteArray next()
    {
        if (!QTest::qWaitFor([this] { return socket.hasPendingDatagrams(); }, 10'000))
            return {};
        QByteArray datagram(socket.pendingDatagramSize(), '\0');
        socket.readDatagram(datagram.data(), datagram.size());
        return datagram;
    }

    std::unique_ptr<sip::SipStack> stack;
    QUdpSocket socket;
    quint16 port = 0;
};

} // namespace sr::test
