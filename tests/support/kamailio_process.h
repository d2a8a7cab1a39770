// SPDX-License-Identifier: GPL-3.0-or-later
// A Kamailio of its own folder as the provider of a trunk: it asks who calls and who registers, keeps where
// everybody is in memory, and has +4930123 and what is behind for the account `trunk`.
#pragma once

#include "tests/support/free_port.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QSet>
#include <QTest>
#include <QUdpSocket>

namespace sr::test {

struct KamailioOptions {
    QString algorithm = QStringLiteral("MD5"); ///< or SHA-256, which baresip does not know
    int shortest = 1;                          ///< [s] of a registration; less is refused with 423
    int nonceSeconds = 300;                    ///< how long one is good
    QByteArray certificate = {};               ///< PEM: it listens for TLS as well; needs the key
    QByteArray key = {};                       ///< PEM
};

/// Everybody's password is `secret`. Accepts requests when the constructor returns with isReady().
class KamailioProcess {
public:
    explicit KamailioProcess(const QString& folder, const KamailioOptions& options = {})
        : m_folder(folder)
    {
        QDir().mkpath(folder);
        m_port = freePort();
        if (!options.certificate.isEmpty())
            m_tlsPort = freePort();
        write(options);
        start();
    }
    ~KamailioProcess() { stop(); }
    KamailioProcess(const KamailioProcess&) = delete;
    KamailioProcess& operator=(const KamailioProcess&) = delete;

    quint16 port() const { return m_port; }
    quint16 tlsPort() const { return m_tlsPort; } ///< 0: it does not
    bool isReady() const { return m_isReady; }
    void start()
    {
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.setStandardOutputFile(m_folder + QStringLiteral("/log"), QIODevice::Append);
        m_process.start(QStringLiteral("kamailio"),
                        {QStringLiteral("-DD"), QStringLiteral("-E"), QStringLiteral("-f"),
                         m_folder + QStringLiteral("/kamailio.cfg"), QStringLiteral("-Y"), m_folder,
                         QStringLiteral("-P"), m_folder + QStringLiteral("/pid"), QStringLiteral("-m"),
                         QStringLiteral("32"), QStringLiteral("-M"), QStringLiteral("4")});
        m_isReady =
            QTest::qWaitFor([this] { return statusOf(QByteArrayLiteral("nobody"), 200) == 404; }, 20'000);
    }
    /// All who are registered are forgotten.
    void stop()
    {
        m_process.terminate();
        if (!m_process.waitForFinished(20'000)) {
            m_process.kill();
            m_process.waitForFinished(20'000);
        }
    }
    bool knows(const QByteArray& user) const { return statusOf(user, 20'000) == 200; }
    /// Of which the log tells by a line that begins so. One that was sent again counts once: where the
    /// machine is slow, answers come late (RFC 3261 17.1.2).
    qsizetype requests(const QByteArray& words) const
    {
        QSet<QByteArray> lines;
        for (const QByteArray& line : log().split('\n'))
            if (const qsizetype at = line.indexOf(words); at >= 0)
                lines.insert(line.mid(at));
        return lines.size();
    }
    QByteArray log() const
    {
        QFile file(m_folder + QStringLiteral("/log"));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

private:
    /// What an OPTIONS to the user is answered; 0: nothing in `most` milliseconds.
    int statusOf(const QByteArray& user, int most) const
    {
        QUdpSocket socket;
        if (!socket.bind(QHostAddress::LocalHost))
            return 0;
        const QByteArray own = "127.0.0.1:" + QByteArray::number(socket.localPort());
        const QByteArray request = "OPTIONS sip:" + user + "@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP " + own +
                                   ";branch=z9hG4bK" + own + "\r\nFrom: <sip:t@x>;tag=1\r\nTo: <sip:" + user +
                                   "@127.0.0.1>\r\nCall-ID: " + own +
                                   "\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 9\r\nContent-Length: 0\r\n\r\n";
        QElapsedTimer timer;
        for (timer.start(); !timer.hasExpired(most);) {
            socket.writeDatagram(request, QHostAddress::LocalHost, m_port);
            if (!socket.waitForReadyRead(qMin(most, 500)))
                continue;
            QByteArray answer(qsizetype(socket.pendingDatagramSize()), '\0');
            socket.readDatagram(answer.data(), answer.size());
            return answer.mid(8, 3).toInt();
        }
        return 0;
    }

    void write(const KamailioOptions& options) const
    {
        QString text = QString::fromUtf8(kConfig);
        text.replace(QStringLiteral("@PORT@"), QString::number(m_port));
        text.replace(QStringLiteral("@ALGORITHM@"), options.algorithm);
        text.replace(QStringLiteral("@SHORTEST@"), QString::number(options.shortest));
        text.replace(QStringLiteral("@NONCE@"), QString::number(options.nonceSeconds));
        text.replace(QStringLiteral("@TLS@"), m_tlsPort == 0 ? QString() : tlsConfig());
        put(QStringLiteral("kamailio.cfg"), text.toUtf8());
        put(QStringLiteral("tls.pem"), options.certificate);
        put(QStringLiteral("tls.key"), options.key);
    }
    void put(const QString& name, const QByteArray& text) const
    {
        QFile file(m_folder + u'/' + name);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
    }
    QString tlsConfig() const
    {
        return QStringLiteral("enable_tls=yes\nlisten=tls:127.0.0.1:%1\nalias=tls:127.0.0.1:%1\n"
                              "loadmodule \"tls.so\"\nmodparam(\"tls\", \"tls_method\", \"TLSv1.2+\")\n"
                              "modparam(\"tls\", \"certificate\", \"%2/tls.pem\")\n"
                              "modparam(\"tls\", \"private_key\", \"%2/tls.key\")\n")
            .arg(m_tlsPort)
            .arg(m_folder);
    }

    /// Requests in a call are asked as well where they come from the trunk, as some providers do.
    static constexpr const char* kConfig = R"(#!KAMAILIO
debug=1
log_stderror=yes
fork=yes
children=1
tcp_children=1
socket_workers=1
auto_aliases=no
disable_sctp=yes
alias="127.0.0.1:@PORT@"
listen=udp:127.0.0.1:@PORT@
listen=tcp:127.0.0.1:@PORT@
loadmodule "kex.so"
loadmodule "tm.so"
loadmodule "tmx.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
@TLS@
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "timer_interval", 1)
modparam("registrar", "min_expires", @SHORTEST@)
modparam("registrar", "default_expires", 60)
modparam("auth", "algorithm", "@ALGORITHM@")
modparam("auth", "nonce_expire", @NONCE@)
modparam("auth", "nonce_count", 1)
modparam("auth", "qop", "auth")

request_route {
    xlog("L_ERR", "$rm $ru from=$fU pai=$hdr(P-Asserted-Identity) privacy=$hdr(Privacy) cseq=$cs\n");
    if (is_method("ACK") && has_totag()) {
        loose_route();
        t_relay();
        exit;
    }
    if (is_method("CANCEL")) {
        if (t_check_trans()) t_relay();
        exit;
    }
    if (is_method("OPTIONS") && !has_totag()) {
        if (lookup("location")) sl_send_reply("200", "Here");
        else sl_send_reply("404", "Not here");
        exit;
    }
    if (is_method("REGISTER")) {
        if (!pv_www_authenticate("$td", "secret", "0")) {
            www_challenge("$td", "1");
            exit;
        }
        save("location");
        exit;
    }
    if ($fU == "trunk" && !is_method("ACK|PRACK")) {
        if (!pv_proxy_authenticate("trunks", "secret", "0")) {
            proxy_challenge("trunks", "1");
            exit;
        }
        xlog("L_ERR", "accepted $rm $ru\n");
        consume_credentials();
    }
    if (has_totag()) {
        loose_route();
        t_relay();
        exit;
    }
    record_route();
    if ($rU =~ "^[+]4930123") $rU = "trunk";
    if (!lookup("location")) {
        sl_send_reply("404", "Not here");
        exit;
    }
    t_relay();
}
)";

    QString m_folder;
    quint16 m_port = 0;
    quint16 m_tlsPort = 0;
    bool m_isReady = false;
    QProcess m_process;
};

} // namespace sr::test
