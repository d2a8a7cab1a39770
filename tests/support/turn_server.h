// SPDX-License-Identifier: GPL-3.0-or-later
// A coturn of its own folder as TURN server on loopback, for the user `exchange` with the password `secret`.
#pragma once

#include "tests/support/free_port.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTest>

namespace sr::test {

/// Answers when the constructor returns with isReady().
class TurnServer {
public:
    /// `relay`: where what it gives is, an address of this machine from which its peers are reached.
    TurnServer(const QString& folder, const QString& relay)
        : m_log(folder + QStringLiteral("/log"))
    {
        QDir().mkpath(folder);
        const QString host = QStringLiteral("127.0.0.1");
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.setStandardOutputFile(m_log);
        m_process.start(QStringLiteral("turnserver"), {QStringLiteral("-n"),
                                                       QStringLiteral("--listening-ip"),
                                                       host,
                                                       QStringLiteral("--relay-ip"),
                                                       relay,
                                                       QStringLiteral("--listening-port"),
                                                       QString::number(port),
                                                       QStringLiteral("--user"),
                                                       QStringLiteral("exchange:secret"),
                                                       QStringLiteral("--realm"),
                                                       QStringLiteral("switchroom"),
                                                       QStringLiteral("--lt-cred-mech"),
                                                       QStringLiteral("--no-tls"),
                                                       QStringLiteral("--no-dtls"),
                                                       QStringLiteral("--no-cli"),
                                                       QStringLiteral("--allow-loopback-peers"),
                                                       QStringLiteral("--pidfile"),
                                                       folder + QStringLiteral("/pid"),
                                                       QStringLiteral("--userdb"),
                                                       folder + QStringLiteral("/users"),
                                                       QStringLiteral("--log-file"),
                                                       QStringLiteral("stdout"),
                                                       QStringLiteral("-v")});
        isReady = QTest::qWaitFor([this] { return log().contains("UDP listener opened"); }, 20'000);
    }
    ~TurnServer()
    {
        m_process.terminate();
        if (!m_process.waitForFinished(10'000))
            m_process.kill();
        m_process.waitForFinished(10'000);
    }
    TurnServer(const TurnServer&) = delete;
    TurnServer& operator=(const TurnServer&) = delete;

    QByteArray log() const
    {
        QFile file(m_log);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    /// Of an address whose user has given it back: packets to or from its peers, whichever were fewer.
    int mostRelayed() const
    {
        static const QRegularExpression counts(QStringLiteral("peer usage: .* rp=(\\d+), .* sp=(\\d+),"));
        int most = 0;
        for (auto found = counts.globalMatch(QString::fromUtf8(log())); found.hasNext();) {
            const auto one = found.next();
            most = qMax(most, qMin(one.captured(1).toInt(), one.captured(2).toInt()));
        }
        return most;
    }

    const quint16 port = freePort();
    bool isReady = false;

private:
    QString m_log;
    QProcess m_process;
};

} // namespace sr::test
