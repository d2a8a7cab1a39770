// SPDX-License-Identifier: GPL-3.0-or-later
// linphone's command line client in a home of its own, whose microphone is a file.
#pragma once

#include "tests/support/tone_file.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QProcessEnvironment>
#include <QTest>

namespace sr::test {

struct LinphoneOptions {
    QString user;
    QString password;
    double toneHz = 440;
    bool answers = false;                   ///< by itself, at once
    QString codec = QStringLiteral("PCMA"); ///< the only one that it speaks
    int rate = 8000;                        ///< of the codec [Hz]
    bool keysByInfo = false;                ///< as well as by RFC 4733
};

/// Registered when the constructor returns with isReady().
class LinphonePhone {
public:
    LinphonePhone(const QString& folder, quint16 exchangePort, const LinphoneOptions& options)
    {
        QDir().mkpath(folder + QStringLiteral("/.local/share/linphone"));
        const QString tone = folder + QStringLiteral("/tone.wav");
        writeToneFile(tone, options.toneHz, 30, options.rate);
        const QString config = folder + QStringLiteral("/linphonerc");
        QFile file(config);
        if (file.open(QIODevice::WriteOnly))
            file.write(configOf(exchangePort, options).toUtf8());
        file.close();
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("HOME"), folder);
        m_process.setProcessEnvironment(environment);
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        QStringList arguments{QStringLiteral("-c"), config};
        if (options.answers)
            arguments.prepend(QStringLiteral("-a"));
        m_process.start(QStringLiteral("linphonec"), arguments);
        type("soundcard use files\n");
        type("play " + tone.toUtf8() + '\n');
        m_ready = QTest::qWaitFor(
            [&] {
                type("status register\n");
                QTest::qWait(200);
                return said().contains("registered, identity=");
            },
            20'000);
    }
    ~LinphonePhone()
    {
        type("quit\n");
        if (!m_process.waitForFinished(10'000))
            m_process.kill();
        m_process.waitForFinished(10'000);
    }
    LinphonePhone(const LinphonePhone&) = delete;
    LinphonePhone& operator=(const LinphonePhone&) = delete;

    bool isReady() const { return m_ready; }
    void dial(const QString& number) { type("call " + number.toUtf8() + '\n'); }
    void hangUp() { type("terminate\n"); }
    void press(char key) { type(QByteArray(1, key) + '\n'); }
    /// Until it has said this once more, for at most 20 s.
    bool waitFor(const QByteArray& words)
    {
        return QTest::qWaitFor(
            [&] {
                m_said += m_process.readAll();
                const qsizetype at = m_said.indexOf(words, m_read);
                if (at >= 0)
                    m_read = at + words.size();
                return at >= 0;
            },
            20'000);
    }
    QByteArray said()
    {
        m_said += m_process.readAll();
        return m_said;
    }

private:
    void type(const QByteArray& line)
    {
        m_process.write(line);
        m_process.waitForBytesWritten();
    }
    /// Those that are not named in its file are as they come, some of them enabled.
    static QString codecsOf(const LinphoneOptions& options)
    {
        struct Codec {
            const char* mime;
            int rate;
        };
        constexpr Codec all[] = {{"opus", 48000}, {"speex", 16000}, {"speex", 8000},
                                 {"PCMU", 8000},  {"PCMA", 8000},   {"G729", 8000}};
        QString text;
        int number = 0;
        for (const Codec& codec : all)
            text += QStringLiteral("[audio_codec_%1]\nmime=%2\nrate=%3\nchannels=%4\nenabled=%5\n")
                        .arg(number++)
                        .arg(QLatin1String(codec.mime))
                        .arg(codec.rate)
                        .arg(codec.rate == 48000 ? 2 : 1)
                        .arg(options.codec == QLatin1String(codec.mime) ? 1 : 0);
        return text;
    }
    static QString configOf(quint16 port, const LinphoneOptions& options)
    {
        return QStringLiteral("[sip]\nsip_port=-1\nsip_tcp_port=0\nsip_tls_port=0\ndefault_proxy=0\n"
                              "use_info=%4\nuse_rfc2833=1\n"
                              "[rtp]\naudio_rtp_port=-1\n"
                              "[video]\nautomatically_initiate=0\nautomatically_accept=0\n"
                              "[sound]\nechocancellation=0\n"
                              "[proxy_0]\nreg_proxy=<sip:127.0.0.1:%1>\n"
                              "reg_identity=sip:%2@127.0.0.1:%1\nreg_expires=120\nreg_sendregister=1\n"
                              "[auth_info_0]\nusername=%2\npasswd=%3\nrealm=switchroom\n")
                   .arg(port)
                   .arg(options.user, options.password)
                   .arg(options.keysByInfo ? 1 : 0) +
               codecsOf(options);
    }

    QProcess m_process;
    QByteArray m_said;
    qsizetype m_read = 0;
    bool m_ready = false;
};

} // namespace sr::test
