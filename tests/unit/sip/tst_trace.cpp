// SPDX-License-Identifier: GPL-3.0-or-later
// What Sofia tells piece by piece becomes messages, their secrets go, and the files stay small.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/sip/trace_file.h"
#include "core/sip/trace_text.h"
#include "tests/support/fake_clock.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <sstream>

using namespace sr;
using namespace sr::sip;

namespace {

const std::string kRule(72, '-');

std::optional<TappedMessage> feed(TapReader& reader, const std::vector<std::string>& pieces)
{
    std::optional<TappedMessage> message;
    for (const std::string& piece : pieces)
        if (auto taken = reader.take(piece))
            message = std::move(taken);
    return message;
}

TappedMessage messageOf(std::string text)
{
    return {true, "udp", *Endpoint::parse("192.0.2.7:5060"), text.size(), std::move(text)};
}

std::string contentOf(const Path& path)
{
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

} // namespace

class TestTrace : public QObject {
    Q_OBJECT
private slots:
    void pieces();
    void cutMessage();
    void onePiece();
    void linesThatLookLikeTheLog();
    void otherWords();
    void secrets_data();
    void secrets();
    void wholeMessage();
    void keys_data();
    void keys();
    void noKeys();
    void file();
    void rotation();
    void slowDisk();
    void noFolder();
};

void TestTrace::pieces()
{
    TapReader reader;
    const auto message =
        feed(reader, {"recv 383 bytes from tls/[2001:db8::7]:49288 at 11:13:17.263162:\n   " + kRule + "\n",
                      "   OPTIONS sip:a@b SIP/2.0", "\n", "   Via: x", "\n", "   ", "\n", "      body", "\n",
                      "   " + kRule + "\n"});
    QVERIFY(message);
    QVERIFY(!message->sent);
    QCOMPARE(message->transport, std::string("tls"));
    QCOMPARE(message->peer, *Endpoint::parse("[2001:db8::7]:49288"));
    QCOMPARE(message->octets, std::size_t{383});
    QCOMPARE(message->text, std::string("OPTIONS sip:a@b SIP/2.0\nVia: x\n\n   body\n"));
}

void TestTrace::cutMessage()
{
    TapReader reader;
    const auto message =
        feed(reader, {"send 3220 bytes to udp/[192.0.2.7]:5060 at 11:13:17.263162:\n   " + kRule + "\n",
                      "   X-Long: aaa", "\n   " + kRule + "\n", "   *** message truncated at 2203 ***\n"});
    QVERIFY(message);
    QVERIFY(message->sent);
    QCOMPARE(message->text, std::string("X-Long: aaa[cut]\n"));
}

void TestTrace::onePiece()
{
    TapReader reader;
    const auto message = feed(reader, {"recv 30 bytes from udp/[192.0.2.7]:5060 at 11:13:17.263162:\n" +
                                       kRule + "\nOPTIONS sip:a@b SIP/2.0\nVia: x\n\n"});
    QVERIFY(message);
    QCOMPARE(message->text, std::string("OPTIONS sip:a@b SIP/2.0\nVia: x\n\n"));
}

/// A phone that writes what the log writes neither ends its message nor begins another.
void TestTrace::linesThatLookLikeTheLog()
{
    TapReader reader;
    const std::string stamp = "recv 9 bytes from udp/[203.0.113.1]:5060 at 11:13:17.263162:";
    const auto message =
        feed(reader, {"recv 383 bytes from udp/[192.0.2.7]:5060 at 11:13:17.263162:\n   " + kRule + "\n",
                      "   " + kRule, "\n", "   " + stamp, "\n", "   *** message truncated at 3 ***", "\n",
                      "   Authorization: Digest response=\"secret\"", "\n", "   " + kRule + "\n"});
    QVERIFY(message);
    QCOMPARE(message->peer, *Endpoint::parse("192.0.2.7:5060"));
    QVERIFY(message->text.ends_with("response=\"secret\"\n"));
}

void TestTrace::otherWords()
{
    TapReader reader;
    for (const char* piece : {"", "\n", "recv", "recv x bytes", "recv 9 bytes from udp/192.0.2.7\n",
                              "recv 9 bytes from udp/[]:5060 at x:\n", "send 9 bytes to udp/[192.0.2.7]:x\n",
                              "nua: something went wrong\n"})
        QVERIFY2(!reader.take(piece), piece);
}

void TestTrace::secrets_data()
{
    QTest::addColumn<std::string>("line");
    QTest::addColumn<std::string>("expected");
    const auto row = [](const char* name, const char* line, const char* expected) {
        QTest::newRow(name) << std::string(line) << std::string(expected);
    };
    const char* const kept = "Authorization: Digest username=\"a, \\\"b\", realm=\"r\", nonce=\"n\", "
                             "uri=\"sip:x\", <redacted>, algorithm=MD5, <redacted>, qop=auth, nc=00000001";
    row("digest",
        "Authorization: Digest username=\"a, \\\"b\", realm=\"r\", nonce=\"n\", uri=\"sip:x\", "
        "response=\"secret\", algorithm=MD5, cnonce=\"secret\", qop=auth, nc=00000001",
        kept);
    row("spelled oddly", "PROXY-Authorization \t:  dIGEST\tResponse = \"secret\" ,realm=r",
        "PROXY-Authorization \t: dIGEST <redacted>, realm=r");
    row("folded", "Authorization: Digest realm=r,\n\t response\n =\"secret\"",
        "Authorization: Digest realm=r, <redacted>");
    row("quote that is never closed", "Authorization: Digest opaque=\"x, response=secret",
        "Authorization: Digest <redacted>");
    row("quote of a harmless one that is never closed", "Authorization: Digest realm=\"x, response=secret",
        "Authorization: Digest <redacted>");
    row("comma forgotten", "Authorization: Digest realm=\"x\" response=\"secret\"",
        "Authorization: Digest <redacted>");
    row("comma forgotten, without quotes", "Authorization: Digest realm=x response=secret",
        "Authorization: Digest <redacted>");
    row("basic", "Authorization: Basic secret", "Authorization: <redacted>");
    row("no scheme", "Proxy-Authorization: secret", "Proxy-Authorization: <redacted>");
    row("answer of ours", "Authentication-Info: rspauth=\"secret\", nc=1, nextnonce=\"x\"",
        "Authentication-Info: <redacted>, nc=1, <redacted>");
    row("SDES", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:secret", "a=crypto <redacted>");
    row("SDES, oddly", " A=Crypto:secret", "A=Crypto <redacted>");
    row("ICE", "a=ice-pwd:secret", "a=ice-pwd <redacted>");
    row("MIKEY", "a=key-mgmt:mikey secret", "a=key-mgmt <redacted>");
    row("SDP of old", "k=clear:secret", "k= <redacted>");
    row("challenge", "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"",
        "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"");
    row("others stay", "a=ice-ufrag:abcd", "a=ice-ufrag:abcd");
    row("terminal", "Subject: \x1b[2J\x7f", "Subject: ?[2J?");
}

void TestTrace::secrets()
{
    QFETCH(std::string, line);
    QFETCH(std::string, expected);
    const std::string text = withoutSecrets(line + "\r\n");
    QCOMPARE(text, expected + "\n");
    QVERIFY(text.find("secret") == std::string::npos);
    QCOMPARE(withoutSecrets("INVITE sip:x SIP/2.0\n\n" + line), "INVITE sip:x SIP/2.0\n\n" + expected + "\n");
}

void TestTrace::wholeMessage()
{
    QCOMPARE(withoutSecrets("NOTIFY sip:x SIP/2.0\n\nINVITE sip:y SIP/2.0\nAuthorization: Digest realm=r,\n "
                            "response=secret\nTo: z\n"),
             std::string("NOTIFY sip:x SIP/2.0\n\nINVITE sip:y SIP/2.0\nAuthorization: Digest realm=r, "
                         "<redacted>\nTo: z\n"));
    const std::string message = "INVITE sip:x SIP/2.0\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"
                                "a=crypto:1 X inline:secret\r\nm=audio 1 RTP/SAVP 8\r\n";
    QCOMPARE(withoutSecrets(message),
             std::string("INVITE sip:x SIP/2.0\nContent-Type: application/sdp\n\nv=0\na=crypto <redacted>\n"
                         "m=audio 1 RTP/SAVP 8\n"));
}

void TestTrace::keys_data()
{
    QTest::addColumn<std::string>("head");
    QTest::addColumn<std::string>("body");
    const auto row = [](const char* name, const char* head, const char* body) {
        QTest::newRow(name) << std::string(head) << std::string(body);
    };
    const char* const relay = "Signal=5\r\nDuration=160\r\n";
    row("relay", "INFO sip:x SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n", relay);
    row("alone", "INFO sip:x SIP/2.0\r\nContent-Type: application/dtmf\r\n", "5");
    row("spelled oddly", "INFO sip:x SIP/2.0\r\nCONTENT-type \t: Application / DTMF-Relay ;x=y\r\n", relay);
    row("folded", "INFO sip:x SIP/2.0\r\nContent-Type:\r\n application/dtmf-relay\r\n", relay);
    row("short", "INFO sip:x SIP/2.0\r\nc: application/dtmf\r\n", "\r\n5\r\n\r\n5");
    row("no type", "INFO sip:x SIP/2.0\r\nContent-Length: 26\r\n", relay);
    row("another type", "INFO sip:x SIP/2.0\r\nContent-Type: text/plain\r\n", relay);
    row("types of other makers", "INFO sip:x SIP/2.0\r\nc: application/vnd.nortelnetworks.digits\r\n", "d=5");
    row("two types, the keys first",
        "INFO sip:x SIP/2.0\r\nc: application/dtmf\r\nc: application/media_control+xml\r\n", "5");
    row("another method", "MESSAGE sip:x SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n", relay);
    row("KPML", "NOTIFY sip:x SIP/2.0\r\nContent-Type: application/kpml-response+xml\r\n",
        "<kpml-response digits=\"5\"/>");
    row("answer", "SIP/2.0 200 OK\r\nContent-Type: application/dtmf-relay\r\n", relay);
}

/// What is pressed while a recording is paused may be a card number.
void TestTrace::keys()
{
    QFETCH(std::string, head);
    QFETCH(std::string, body);
    const std::string text = withoutSecrets(head + "\r\n" + body);
    QVERIFY2(text.find('5') == std::string::npos, text.c_str());
    QVERIFY(text.starts_with(head.substr(0, head.find('\r')) + "\n"));
    QVERIFY2(text.ends_with("\n\n<redacted>\n"), text.c_str());
    const std::string part = withoutSecrets("MESSAGE sip:x SIP/2.0\r\nc: multipart/mixed;boundary=b\r\n\r\n"
                                            "--b\r\nContent-Type:\r\n application/dtmf-relay\r\n\r\n" +
                                            body + "\r\n--b--\r\n");
    QVERIFY2(part.find('5') == std::string::npos, part.c_str());
}

void TestTrace::noKeys()
{
    const std::string info =
        "INFO sip:x SIP/2.0\nContent-Type: application/media_control+xml\n\n<picture/>\n";
    QCOMPARE(withoutSecrets(info), info);
    const std::string empty = "INFO sip:x SIP/2.0\nContent-Length: 0\n\n";
    QCOMPARE(withoutSecrets(empty), empty);
    const std::string message =
        "MESSAGE sip:x SIP/2.0\nContent-Type: text/plain\n\nSignal is bad\n\nsince 5\n";
    QCOMPARE(withoutSecrets(message), message);
}

void TestTrace::file()
{
    const QTemporaryDir dir;
    const Path log = pathOf(dir.path().toStdString()) / "log";
    const test::FakeClock clock;
    const std::string text = "BYE sip:x SIP/2.0\nAuthorization: Digest response=\"secret\"\n\n";
    {
        TraceFile trace(log, clock);
        trace.add(messageOf(text));
        QTRY_COMPARE(trace.state().messages, std::uint64_t{1});
        QVERIFY(!trace.state().error);
    }
    const std::string head = "2026-11-21T00:00:00.000000Z sent to udp 192.0.2.7:5060, " +
                             std::to_string(text.size()) + " octets\n";
    QCOMPARE(contentOf(log / kTraceName), head + "BYE sip:x SIP/2.0\nAuthorization: Digest <redacted>\n\n\n");
#ifndef Q_OS_WIN
    QCOMPARE(std::filesystem::status(log / kTraceName).permissions(),
             std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
#endif
    TraceFile(log, clock).add(messageOf("ACK"));
    QVERIFY(contentOf(log / kTraceName).ends_with("octets\nACK\n\n")); // behind the others
}

void TestTrace::rotation()
{
    const QTemporaryDir dir;
    const Path log = pathOf(dir.path().toStdString());
    const test::FakeClock clock;
    {
        TraceFile trace(log, clock, {.fileBytes = 1000, .files = 3});
        for (int i = 0; i < 100; ++i)
            trace.add(messageOf("number " + std::to_string(i)));
    }
    QCOMPARE(listDir(log)->size(), 3U);
    QVERIFY(contentOf(log / kTraceName).find("number 99") != std::string::npos);
    for (const char* name : {"sip-trace.txt", "sip-trace.txt.1", "sip-trace.txt.2"})
        QVERIFY2(contentOf(log / name).size() <= 1000, name);
    QVERIFY(contentOf(log / "sip-trace.txt.1").size() > 800);
}

void TestTrace::slowDisk()
{
    const QTemporaryDir dir;
    const test::FakeClock clock;
    TraceFile trace(pathOf(dir.path().toStdString()), clock, {.waitingBytes = 10});
    trace.add(messageOf("longer than that"));
    QCOMPARE(trace.state().lost, std::uint64_t{1});
}

void TestTrace::noFolder()
{
    const QTemporaryDir dir;
    const Path file = pathOf(dir.filePath(QStringLiteral("file")).toStdString());
    QVERIFY(writeFileAtomic(file, {}));
    const test::FakeClock clock;
    TraceFile trace(file / "log", clock);
    trace.add(messageOf("x"));
    QTRY_COMPARE(trace.state().lost, std::uint64_t{1});
    QVERIFY(trace.state().error);
}

QTEST_GUILESS_MAIN(TestTrace)
#include "tst_trace.moc"
