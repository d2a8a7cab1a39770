// SPDX-License-Identifier: GPL-3.0-or-later
// An address of this machine that is not loopback: there baresip has its candidates.
#pragma once

#include <QNetworkInterface>

namespace sr::test {

/// IPv4; packets to it stay on this machine. Empty: there is none.
inline QString ownAddress()
{
    const QList<QHostAddress> all = QNetworkInterface::allAddresses();
    for (const QHostAddress& one : all)
        if (one.protocol() == QAbstractSocket::IPv4Protocol && !one.isLoopback() && !one.isLinkLocal())
            return one.toString();
    return {};
}

} // namespace sr::test
