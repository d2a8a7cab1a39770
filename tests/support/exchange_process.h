// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the built switchroomd as an exchange on loopback, with users that are made while it runs.
#pragma once

#include "tests/support/ctl_process.h"

#include <QRegularExpression>

namespace sr::test {

inline CtlResult addUser(const CtlFixture& fixture, const char* name, const char* number,
                         const QByteArray& password, const QStringList& more = {})
{
    return fixture.run(QStringList{QStringLiteral("user"), QStringLiteral("add"), QStringLiteral("--name"),
                                   QString::fromUtf8(name), QStringLiteral("--number"),
                                   QString::fromUtf8(number), QStringLiteral("--password-stdin")} +
                           more,
                       password + '\n');
}

/// switchroomd on loopback, stopped with the object.
class ExchangeProcess {
public:
    explicit ExchangeProcess(const CtlFixture& fixture, QStringList more = {})
        : m_fixture(fixture)
        , m_more(std::move(more))
    {
        start();
    }
    ~ExchangeProcess() { stop(); }
    /// After kill() or stop() once more, with other ports.
    void start()
    {
        m_process.start(QStringLiteral(SR_BINARY_DIR "/app/switchroomd"),
                        QStringList{QStringLiteral("--foreground"), QStringLiteral("--sip"),
                                    QStringLiteral("127.0.0.1:0"), QStringLiteral("--sip"),
                                    QStringLiteral("[::1]:0"), QStringLiteral("--archive"),
                                    m_fixture.archive(), QStringLiteral("--config"), m_fixture.config()} +
                            m_more);
        m_process.waitForReadyRead(20'000);
        const auto ready =
            QRegularExpression(QStringLiteral("^ready sip=127\\.0\\.0\\.1:(\\d+),\\[::1\\]:(\\d+)"
                                              "(?: sips=127\\.0\\.0\\.1:(\\d+),\\[::1\\]:(\\d+))? "))
                .match(QString::fromUtf8(m_process.readAllStandardOutput()));
        port4 = ready.captured(1).toUShort();
        port6 = ready.captured(2).toUShort();
        tlsPort4 = ready.captured(3).toUShort();
        tlsPort6 = ready.captured(4).toUShort();
    }
    void kill()
    {
        m_process.kill();
        m_process.waitForFinished(20'000);
    }
    bool stop()
    {
        m_process.terminate();
        return m_process.waitForFinished(40'000) && m_process.exitStatus() == QProcess::NormalExit &&
               m_process.exitCode() == 0;
    }
    qint64 pid() const { return m_process.processId(); }
    bool isRunning() const { return m_process.state() == QProcess::Running; }
    /// What it has said for the administrator, so far.
    QByteArray said()
    {
        m_said += m_process.readAllStandardError();
        return m_said;
    }

    CtlResult add(const char* name, const char* number, const QByteArray& password) const
    {
        return addUser(m_fixture, name, number, password);
    }

    quint16 port4 = 0;
    quint16 port6 = 0;
    quint16 tlsPort4 = 0; ///< 0 without --sips 127.0.0.1:0 --sips [::1]:0 or such settings
    quint16 tlsPort6 = 0;

private:
    const CtlFixture& m_fixture;
    QStringList m_more;
    QProcess m_process;
    QByteArray m_said;
};

} // namespace sr::test
