// SPDX-License-Identifier: GPL-3.0-or-later
// Short calls by SIPp at a rate: one SIPp answers, one calls with credentials that were worked out before, so
// that no call needs a challenge.
#pragma once

#include "tests/support/exchange_process.h"
#include "tests/support/free_port.h"
#include "tests/support/load_phones.h"
#include "tests/support/process_facts.h"

#include <QFile>
#include <QProcess>
#include <QRegularExpression>

#include <algorithm>

namespace sr::test {

struct SippOutcome {
    bool ended = false; ///< in time
    unsigned successful = 0;
    unsigned failed = 0;
    QByteArray why; ///< what SIPp says of the first one that failed
};

/// Files of it lie in `folder`. Linux.
class SippCalls {
public:
    /// `sound`: both speak A-law until the call ends; as most phones do, who answers says 100 first.
    explicit SippCalls(QString folder, bool sound = false)
        : m_folder(std::move(folder))
        , m_sound(sound)
    {
        write("voice.raw", QByteArray(8000, '\x14')); // a second
    }
    ~SippCalls() { end(m_answering); }
    SippCalls(const SippCalls&) = delete;
    SippCalls& operator=(const SippCalls&) = delete;

    bool answerAt(quint16 port)
    {
        end(m_answering);
        write("uas.xml", uas());
        start(m_answering, {QStringLiteral("-sf"), QStringLiteral("uas.xml"), QStringLiteral("-p"),
                            QString::number(port)});
        return m_answering.waitForStarted() && QTest::qWaitFor([&] { return isUdpBound(port); }, 10'000);
    }
    qint64 answeringPid() const { return m_answering.processId(); }

    /// Row after row for the calls to come: who calls, and a line with credentials or none.
    void setRows(const QByteArray& rows) { write("calls.csv", "SEQUENTIAL\n" + rows); }
    /// `holdMs`: how long a call lasts.
    void startCalling(quint16 exchangePort, const QByteArray& number, unsigned calls, unsigned perSecond,
                      unsigned holdMs = 0)
    {
        write("uac.xml", uac(number, holdMs));
        for (const char* name : {"/uac.csv", "/uac.err"})
            QFile::remove(m_folder + QLatin1String(name));
        start(m_calling, {QStringLiteral("127.0.0.1:%1").arg(exchangePort),
                          QStringLiteral("-sf"),
                          QStringLiteral("uac.xml"),
                          QStringLiteral("-inf"),
                          QStringLiteral("calls.csv"),
                          QStringLiteral("-m"),
                          QString::number(calls),
                          QStringLiteral("-r"),
                          QString::number(perSecond),
                          QStringLiteral("-l"),
                          QStringLiteral("20000"),
                          QStringLiteral("-recv_timeout"),
                          QStringLiteral("8000"),
                          QStringLiteral("-trace_stat"),
                          QStringLiteral("-stf"),
                          QStringLiteral("uac.csv"),
                          QStringLiteral("-fd"),
                          QStringLiteral("1"),
                          QStringLiteral("-trace_err"),
                          QStringLiteral("-error_file"),
                          QStringLiteral("uac.err")});
        m_calling.waitForStarted();
    }
    qint64 callingPid() const { return m_calling.processId(); }
    bool isCalling() const { return m_calling.state() != QProcess::NotRunning; }
    SippOutcome waitForEnd(int most)
    {
        SippOutcome outcome = soFar();
        const bool ended = !isCalling() || m_calling.waitForFinished(most);
        if (!ended)
            end(m_calling);
        outcome = soFar();
        outcome.ended = ended;
        return outcome;
    }
    SippOutcome soFar() const
    {
        SippOutcome outcome;
        QFile file(m_folder + QStringLiteral("/uac.csv"));
        if (!file.open(QIODevice::ReadOnly))
            return outcome;
        const QList<QByteArray> lines = file.readAll().trimmed().split('\n');
        const QList<QByteArray> names = lines.front().split(';');
        const QList<QByteArray> last = lines.back().split(';');
        const auto valueOf = [&](const char* name) {
            const auto at = names.indexOf(name);
            return lines.size() > 1 && at >= 0 && at < last.size() ? last[at].toUInt() : 0U;
        };
        outcome.successful = valueOf("SuccessfulCall(C)");
        outcome.failed = valueOf("FailedCall(C)");
        QFile errors(m_folder + QStringLiteral("/uac.err"));
        if (errors.open(QIODevice::ReadOnly))
            outcome.why = errors.readAll();
        // Repeated answers of calls that went well stand there, too.
        outcome.why = outcome.why.mid(std::max<qsizetype>(outcome.why.indexOf("Aborting"), 0), 1000);
        return outcome;
    }

private:
    void start(QProcess& process, const QStringList& arguments)
    {
        process.setWorkingDirectory(m_folder);
        process.setStandardOutputFile(QProcess::nullDevice());
        process.setStandardErrorFile(QProcess::nullDevice());
        process.start(QStringLiteral("sipp"),
                      arguments + QStringList{QStringLiteral("-i"), QStringLiteral("127.0.0.1"),
                                              QStringLiteral("-nostdin"), QStringLiteral("-buff_size"),
                                              QStringLiteral("4000000")});
    }
    static void end(QProcess& process)
    {
        process.kill();
        process.waitForFinished(10'000);
    }
    void write(const char* name, const QByteArray& text) const
    {
        QFile file(m_folder + u'/' + QString::fromUtf8(name));
        if (file.open(QIODevice::WriteOnly))
            file.write(text);
    }
    QByteArray sdp(const QByteArray& port) const
    {
        return QByteArray("Content-Type: application/sdp\nContent-Length: [len]\n\nv=0\no=u 1 1 IN IP4 "
                          "[local_ip]\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio ") +
               (m_sound ? "[rtpstream_audio_port]" : port) + " RTP/AVP 8\na=rtpmap:8 PCMA/8000\n";
    }
    QByteArray speaks() const
    {
        return m_sound ? "<nop><action><exec rtp_stream=\"voice.raw,-1,8\"/></action></nop>" : "";
    }
    QByteArray uas() const
    {
        const auto answer = [](const char* status, const QByteArray& rest) {
            return QByteArray("<send><![CDATA[\nSIP/2.0 ") + status +
                   "\n[last_Via:]\n[last_From:]\n[last_To:];tag=[call_number]\n[last_Call-ID:]\n[last_CSeq:]"
                   "\nContact: <sip:[local_ip]:[local_port]>\n" +
                   rest + "\n]]></send>";
        };
        QByteArray bye = answer("200 OK", "Content-Length: 0\n");
        bye.replace(";tag=[call_number]", "");
        const QByteArray trying = m_sound ? answer("100 Trying", "Content-Length: 0\n") : QByteArray();
        return "<?xml version=\"1.0\"?><scenario name=\"answers\"><recv request=\"INVITE\"/>" + trying +
               answer("180 Ringing", "Content-Length: 0\n") + answer("200 OK", sdp("40000")) +
               "<recv request=\"ACK\"/>" + speaks() + "<recv request=\"BYE\"/>" + bye + "</scenario>";
    }
    QByteArray uac(const QByteArray& number, unsigned holdMs) const
    {
        const QByteArray target = "sip:" + number + "@127.0.0.1";
        const auto request = [&](const QByteArray& method, const char* cseq, const char* to,
                                 const QByteArray& more) {
            return QByteArray(method == "ACK" ? "<send><![CDATA[\n" : "<send retrans=\"500\"><![CDATA[\n") +
                   method + " " + target +
                   " SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\nFrom: "
                   "<sip:[field0]@127.0.0.1>;tag=[call_number]\nTo: <" +
                   target + ">" + to + "\nCall-ID: [call_id]\nCSeq: " + cseq + " " + method +
                   "\nContact: <sip:[field0]@[local_ip]:[local_port]>\nMax-Forwards: 70\n" + more +
                   "\n]]></send>";
        };
        return "<?xml version=\"1.0\"?><scenario name=\"calls\">" +
               request("INVITE", "1", "", "[field1]\n" + sdp("40002")) +
               "<recv response=\"100\" optional=\"true\"/><recv response=\"180\" optional=\"true\"/>"
               "<recv response=\"200\"/>" +
               request("ACK", "1", "[peer_tag_param]", "Content-Length: 0\n") + speaks() +
               "<pause milliseconds=\"" + QByteArray::number(holdMs) + "\"/>" +
               request("BYE", "2", "[peer_tag_param]", "Content-Length: 0\n") +
               "<recv response=\"200\"/></scenario>";
    }

    const QString m_folder;
    const bool m_sound;
    QProcess m_answering;
    QProcess m_calling;
};

/// Users who share the calls of a load, so that none of them is a flood, and the called one, `200`.
class LoadUsers {
public:
    /// Makes them. Before the exchange runs: who tries too early guesses.
    LoadUsers(const CtlFixture& fixture, unsigned count, bool recorded)
    {
        const QStringList more{QStringLiteral("--record"),
                               recorded ? QStringLiteral("on") : QStringLiteral("off")};
        m_isReady = addUser(fixture, "otto", "200", "second", more).exitCode == 0;
        for (unsigned i = 0; i < count; ++i) {
            m_names.push_back("anna" + std::to_string(i));
            m_isReady = m_isReady && addUser(fixture, m_names.back().c_str(),
                                             std::to_string(1000 + i).c_str(), "first", more)
                                             .exitCode == 0;
        }
    }
    /// Registers all, the called one from `answeringPort`, where SIPp may answer afterwards.
    bool registerAt(const ExchangeProcess& exchange, quint16 answeringPort)
    {
        m_phones = std::make_unique<LoadPhones>(exchange.port4);
        m_isReady = m_isReady && LoadPhones(exchange.port4, answeringPort).registers("otto", "second");
        for (const std::string& name : m_names)
            m_isReady = m_isReady && m_phones->registers(name, "first");
        return m_isReady;
    }
    /// Its nonce is good for counts from 2 on.
    std::string freshChallenge(std::size_t user = 0)
    {
        return m_phones->registers(m_names[user], "first") ? m_phones->challenge() : std::string();
    }
    /// Credentials for that many calls to `200`, each user's turn in order. Each has a nonce of his own, as
    /// phones have, good for five minutes and for counts that grow.
    QByteArray rows(unsigned calls)
    {
        std::vector<std::string> challenges;
        std::vector<DigestClient> clients;
        for (std::size_t user = 0; user < m_names.size(); ++user) {
            challenges.push_back(freshChallenge(user));
            clients.push_back({m_names[user], "first", 2});
        }
        QByteArray rows;
        for (unsigned i = 0; i < calls; ++i) {
            DigestClient& client = clients[i % clients.size()];
            const std::string& challenge = challenges[i % clients.size()];
            rows += QByteArray::fromStdString(client.user + ";Authorization: " +
                                              client.answer(challenge, "INVITE", "sip:200@127.0.0.1") + "\n");
        }
        return rows;
    }

private:
    std::vector<std::string> m_names;
    bool m_isReady = false;
    std::unique_ptr<LoadPhones> m_phones;
};

} // namespace sr::test
