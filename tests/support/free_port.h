// SPDX-License-Identifier: GPL-3.0-or-later
// A port for a program that is told where to listen, by UDP or TCP on 127.0.0.1.
#pragma once

#include <QTcpServer>
#include <QUdpSocket>

#include <random>

namespace sr::test {

/// An even one that nobody has, another each time. None of those that the system gives away by itself, which
/// a test beside this one may get before the program starts.
inline quint16 freePort()
{
    constexpr int kFirst = 7000;
    constexpr int kPairs = 1500;
    static unsigned next = std::random_device()();
    for (int tries = 0; tries < kPairs; ++tries) {
        const auto port = static_cast<quint16>(kFirst + 2 * (next++ % kPairs));
        QUdpSocket udp;
        QTcpServer tcp;
        if (udp.bind(QHostAddress::LocalHost, port, QAbstractSocket::DontShareAddress) &&
            tcp.listen(QHostAddress::LocalHost, port))
            return port;
    }
    return 0;
}

} // namespace sr::test
