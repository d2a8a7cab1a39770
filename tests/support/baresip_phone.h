// SPDX-License-Identifier: GPL-3.0-or-later
// A baresip of its own folder, whose microphone and loudspeaker are files.
#pragma once

#include "tests/support/tone_file.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTest>

namespace sr::test {

/// What a phone speaks: one codec of baresip, and the tone that its microphone hears.
struct BaresipOptions {
    QString user;
    QString password;
    QString module = QStringLiteral("g711"); ///< g711, g722, opus
    int rate = 8000;                         ///< of the codec's sound [Hz]
    int channels = 1;
    QString protection; ///< empty, `srtp` (offered), `srtp-mand`, `dtls_srtp`
    double toneHz = 440;
    bool answers = false;     ///< by itself, at once
    QString transport = {};   ///< empty: UDP; `tcp`, `tls`, to the port of the exchange for it
    QStringList modules = {}; ///< more of baresip's, as `presence`
    QString contact = {};     ///< `sip:anna@host`, watched where there is the module for it
    QString traversal = {};   ///< empty, `ice`
    bool keepsHeard = false;  ///< what it hears becomes heard()
    int mostCalls = 4;        ///< at once; then it is busy
    QString address = QStringLiteral("127.0.0.1"); ///< its own and the exchange's, of IPv4 or IPv6
};

/// Registered when the constructor returns with isReady().
class BaresipPhone {
public:
    BaresipPhone(const QString& folder, quint16 exchangePort, const BaresipOptions& options)
        : m_folder(folder)
    {
        QDir().mkpath(folder);
        writeToneFile(folder + QStringLiteral("/tone.wav"), options.toneHz, 30, options.rate,
                      options.channels);
        write(QStringLiteral("config"), configOf(options));
        write(QStringLiteral("accounts"),
              QStringLiteral("<sip:%1@%2:%3%4>;auth_pass=%5;regint=120%6%7%8\n")
                  .arg(options.user, hostOf(options.address))
                  .arg(exchangePort)
                  .arg(options.transport.isEmpty() ? QString()
                                                   : QStringLiteral(";transport=") + options.transport,
                       options.password, options.answers ? QStringLiteral(";answermode=auto") : QString(),
                       options.protection.isEmpty() ? QString()
                                                    : QStringLiteral(";mediaenc=") + options.protection,
                       options.traversal.isEmpty() ? QString()
                                                   : QStringLiteral(";medianat=") + options.traversal));
        if (!options.contact.isEmpty())
            write(QStringLiteral("contacts"),
                  QStringLiteral("\"Contact\" <%1>;presence=p2p\n").arg(options.contact));
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.start(QStringLiteral("baresip"), {QStringLiteral("-f"), folder});
        m_ready = waitFor("200 OK");
    }
    ~BaresipPhone()
    {
        m_process.terminate();
        if (!m_process.waitForFinished(10'000))
            m_process.kill();
        m_process.waitForFinished(10'000);
    }
    BaresipPhone(const BaresipPhone&) = delete;
    BaresipPhone& operator=(const BaresipPhone&) = delete;

    bool isReady() const { return m_ready; }
    void dial(const QString& number) { type("d" + number.toUtf8() + "\n"); }
    /// Again until `who` says that: a change of the database is known within a second, more or less. A call
    /// of which nothing is known yet is only slow, and is not made twice.
    bool dialUntil(const QString& number, BaresipPhone& who, const QByteArray& words)
    {
        for (int tries = 0; tries < 7; ++tries) {
            const qsizetype before = said().size();
            dial(number);
            if (who.waitFor(words, 3000))
                return true;
            const QByteArray told = said().mid(before);
            const auto has = [&](const char* what) { return told.contains(what); };
            const bool isSilent = !has("closed") && !has("180 Ringing") && !has("established");
            if (who.waitFor(words, isSilent ? 20'000 : 0))
                return true;
            hangUp();
        }
        return false;
    }
    void hangUp() { type("b"); }
    /// At once and without a word: what it sends would reach whoever gets the ports of a killed exchange.
    void kill()
    {
        m_process.kill();
        m_process.waitForFinished(10'000);
    }
    void hold() { type("x"); }
    void resume() { type("X"); }
    void accept() { type("a"); }
    void transfer(const QString& number) { type("/transfer " + number.toUtf8() + "\n"); }
    void say(const QString& text) { type("M" + text.toUtf8() + "\n"); } ///< to its contact
    void press(char key) { type(QByteArray(1, key)); }
    /// The file of what it has heard in its one call, whole once that is over; empty: there is none.
    QString heard() const
    {
        const QStringList files = QDir(m_folder).entryList({QStringLiteral("dump-*-dec.wav")});
        return files.size() == 1 ? m_folder + u'/' + files[0] : QString();
    }
    /// Until it has said this once more, for at most so many milliseconds.
    bool waitFor(const QByteArray& words, int most = 20'000)
    {
        return QTest::qWaitFor(
            [&] {
                m_said += m_process.readAll();
                const qsizetype at = m_said.indexOf(words, m_read);
                if (at >= 0)
                    m_read = at + words.size();
                return at >= 0;
            },
            most);
    }
    QByteArray said()
    {
        m_said += m_process.readAll();
        return m_said;
    }

private:
    /// As it stands in a URI.
    static QString hostOf(const QString& address)
    {
        return address.contains(u':') ? u'[' + address + u']' : address;
    }
    void type(const QByteArray& keys)
    {
        m_process.write(keys);
        m_process.waitForBytesWritten();
    }
    void write(const QString& name, const QString& text) const
    {
        QFile file(m_folder + u'/' + name);
        if (file.open(QIODevice::WriteOnly))
            file.write(text.toUtf8());
    }
    /// The keyboard is standard input; sound comes and goes by files.
    QString configOf(const BaresipOptions& options) const
    {
        QString more;
        for (const QString& module : options.modules)
            more += QStringLiteral("module_app %1.so\n").arg(module);
        const QString keeping =
            options.keepsHeard ? QStringLiteral("module sndfile.so\nsnd_path %1\n").arg(m_folder) : QString();
        return QStringLiteral(
                   "module_path /usr/lib/baresip/modules\nmodule stdio.so\nmodule %1.so\nmodule aufile.so\n"
                   "module srtp.so\nmodule dtls_srtp.so\nmodule ice.so\nmodule_app account.so\nmodule_app "
                   "menu.so\nsip_listen %2:0\n"
                   "audio_source aufile,%3/tone.wav\naudio_player aufile,%3/heard.wav\n"
                   "audio_alert aufile,%3/alert.wav\ncall_max_calls %4\n")
                   .arg(options.module, hostOf(options.address), m_folder)
                   .arg(options.mostCalls) +
               more + keeping;
    }
    QString m_folder;
    QProcess m_process;
    QByteArray m_said;
    qsizetype m_read = 0;
    bool m_ready = false;
};

} // namespace sr::test
