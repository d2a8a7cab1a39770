// SPDX-License-Identifier: GPL-3.0-or-later
// Foreign SIP messages: what is read of them, and that nothing of them does harm (RFC 4475).
#include "core/capture/sip_message.h"

#include <QDir>
#include <QFile>
#include <QtTest>

using namespace sr::capture;
using namespace std::string_literals;

namespace {

const std::string kTail = "Call-ID: a@b\r\nCSeq: 1 INVITE\r\n";

std::string invite(const std::string& headers, const std::string& body = {})
{
    return "INVITE sip:200@x SIP/2.0\r\n" + headers + "\r\n" + body;
}

/// Whether the fixtures can be used; failing where they must be there.
bool fixturesMissing(const QString& path)
{
    if (QFileInfo::exists(path))
        return false;
    const bool mustBe = qEnvironmentVariable("CI") == QLatin1String("true") &&
                        QFileInfo::exists(QStringLiteral(SR_FIXTURES) + QStringLiteral("/.."));
    if (mustBe)
        QTest::qFail("fixture folder is missing", __FILE__, __LINE__);
    else
        QTest::qSkip("no fixtures on this machine", __FILE__, __LINE__);
    return true;
}

} // namespace

class TestSipMessage : public QObject {
    Q_OBJECT
private slots:
    void request();
    void response();
    void spellings_data();
    void spellings();
    void addresses_data();
    void addresses();
    void severalValues();
    void refused_data();
    void refused();
    void bodies_data();
    void bodies();
    void escapes();
    void limits();
    void torture();
    void tortureValid_data();
    void tortureValid();
    void everyTruncation();
};

void TestSipMessage::request()
{
    const std::string text =
        invite("Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK-7\r\nFrom: \"A\" <sip:1@x>;tag=ta\r\n"
               "To: <sip:2@x>\r\nMax-Forwards: 70\r\n" +
                   kTail + "Content-Length: 3\r\n",
               "v=0more");
    const auto message = SipMessage::parse(text);
    QVERIFY(message);
    QVERIFY(message->isRequest());
    QCOMPARE(message->method(), std::string_view("INVITE"));
    QCOMPARE(message->requestUri(), std::string_view("sip:200@x"));
    QCOMPARE(message->callId(), std::string_view("a@b"));
    QCOMPARE(message->cseq(), 1U);
    QCOMPARE(message->fromTag(), std::string_view("ta"));
    QVERIFY(message->toTag().empty());
    QCOMPARE(message->body(), std::string_view("v=0")); // octets beyond Content-Length do not count
    QCOMPARE(parameter(message->header(SipHeader::Via), "branch"), std::string_view("z9hG4bK-7"));
}

void TestSipMessage::response()
{
    const std::string text =
        "SIP/2.0 183 Session Progress\r\nFrom: <sip:1@x>;tag=ta\r\nTo: <sip:2@x>;x=y;tag=tb\r\n" + kTail +
        "\r\n";
    const auto message = SipMessage::parse(text);
    QVERIFY(message);
    QCOMPARE(message->status(), 183);
    QCOMPARE(message->statusText(), std::string_view("183 Session Progress"));
    QCOMPARE(message->method(), std::string_view("INVITE"));
    QCOMPARE(message->toTag(), std::string_view("tb"));
    QVERIFY(SipMessage::parse("SIP/2.0 100 \r\n" + kTail + "\r\n")); // no reason phrase
}

void TestSipMessage::spellings_data()
{
    QTest::addColumn<std::string>("headers");
    QTest::newRow("compact")
        << "f: <sip:1@x>;tag=ta\r\nt: <sip:2@x>;tag=tb\r\ni: a@b\r\nCSeq: 9 INVITE\r\nl: 0\r\n"s;
    QTest::newRow("case")
        << "FROM: <sip:1@x>;TAG=ta\r\ntO: <sip:2@x>;tag=tb\r\ncall-id: a@b\r\ncseq: 9 INVITE\r\n"s;
    QTest::newRow("blanks")
        << "From :   <sip:1@x>  ; tag = ta\r\nTo\t:<sip:2@x>;tag=tb\r\nCall-ID:a@b\r\nCSeq:9  INVITE\r\n"s;
    QTest::newRow("folded")
        << "From:\r\n <sip:1@x>\r\n\t;tag=ta\r\nTo: <sip:2@x>;\r\n tag=tb\r\nCall-ID:\r\n a@b\r\nCSeq: 9\r\n INVITE\r\n"s;
    QTest::newRow("line feeds only")
        << "From: <sip:1@x>;tag=ta\nTo: <sip:2@x>;tag=tb\nCall-ID: a@b\nCSeq: 9 INVITE\n"s;
    QTest::newRow("no angle brackets")
        << "From: sip:1@x;tag=ta\r\nTo: sip:2@x;tag=tb\r\nCall-ID: a@b\r\nCSeq: 9 INVITE\r\n"s;
    QTest::newRow("tag inside a quoted name")
        << "From: \"x;tag=no <\" <sip:1@x;tag=no>;tag=ta\r\nTo: <sip:2@x>;tag=\"tb\"\r\nCall-ID: a@b\r\nCSeq: 009 INVITE\r\n"s;
    QTest::newRow("lines that are none")
        << "rubbish\r\n: \r\nFrom: <sip:1@x>;tag=ta\r\nTo: <sip:2@x>;tag=tb\r\nCall-ID: a@b\r\nCSeq: 9 INVITE\r\n"s;
}

void TestSipMessage::spellings()
{
    QFETCH(std::string, headers);
    const std::string text = "\r\n\r\n" + invite(headers);
    const auto message = SipMessage::parse(text);
    QVERIFY(message);
    QCOMPARE(message->callId(), std::string_view("a@b"));
    QCOMPARE(message->cseq(), 9U);
    QCOMPARE(message->fromTag(), std::string_view("ta"));
    QCOMPARE(message->toTag(), std::string_view("tb"));
    QCOMPARE(parseAddress(message->header(SipHeader::From))->uri.user, std::string_view("1"));
}

void TestSipMessage::addresses_data()
{
    QTest::addColumn<std::string>("value");
    QTest::addColumn<std::string>("display");
    QTest::addColumn<std::string>("user");
    QTest::addColumn<std::string>("host");
    QTest::addColumn<int>("port");
    QTest::newRow("plain") << "sip:1@h"s
                           << ""s
                           << "1"s
                           << "h"s << 0;
    QTest::newRow("comma in a quoted name") << "\"Doe, \\\"J\\\"\" <sip:1@h:5070>"s
                                            << "Doe, \"J\""s
                                            << "1"s
                                            << "h"s << 5070;
    QTest::newRow("words as name") << "Anna Maria <sips:1@h>"s
                                   << "Anna Maria"s
                                   << "1"s
                                   << "h"s << 0;
    QTest::newRow("IPv6") << "<sip:1@[2001:db8::1]:5080;transport=tcp>"s
                          << ""s
                          << "1"s
                          << "2001:db8::1"s << 5080;
    QTest::newRow("tel") << "<tel:+39-471;phone-context=x>"s
                         << ""s
                         << "+39-471"s
                         << ""s << 0;
    QTest::newRow("user parameters") << "<sip:1;a=b@h>"s
                                     << ""s
                                     << "1"s
                                     << "h"s << 0;
    QTest::newRow("escaped at sign") << "<sip:1%402@h>"s
                                     << ""s
                                     << "1%402"s
                                     << "h"s << 0;
    QTest::newRow("headers in the URI") << "<sip:1@h?Replaces=a%40b>"s
                                        << ""s
                                        << "1"s
                                        << "h"s << 0;
    QTest::newRow("no closing bracket") << "<sip:1@h"s
                                        << ""s
                                        << "1"s
                                        << "h"s << 0;
    QTest::newRow("quote never closed") << "\"abc <sip:1@h>"s
                                        << "-"s
                                        << "-"s
                                        << "-"s << 0;
    QTest::newRow("star") << "*"s
                          << "-"s
                          << "-"s
                          << "-"s << 0;
    QTest::newRow("nothing") << ""s
                             << "-"s
                             << "-"s
                             << "-"s << 0;
}

void TestSipMessage::addresses()
{
    QFETCH(std::string, value);
    QFETCH(std::string, display);
    QFETCH(std::string, user);
    QFETCH(std::string, host);
    QFETCH(int, port);
    const auto address = parseAddress(value);
    QCOMPARE(address.has_value(), user != "-");
    if (!address)
        return;
    QCOMPARE(displayText(address->display), display);
    QCOMPARE(std::string(address->uri.user), user);
    QCOMPARE(std::string(address->uri.host), host);
    QCOMPARE(int(address->uri.port), port);
}

void TestSipMessage::severalValues()
{
    std::string_view rest = "\"a, b\" <sip:1@h>, <tel:2>;x=\"y,z\",sip:3@h";
    std::string users;
    while (!rest.empty())
        users += std::string(parseAddress(rest, &rest)->uri.user);
    QCOMPARE(users, "123"s);
    const std::string text =
        invite(kTail + "P-Asserted-Identity: <sip:1@x>\r\nP-Asserted-Identity: <tel:2>\r\n");
    const auto message = SipMessage::parse(text);
    QVERIFY(message);
    QCOMPARE(message->header(SipHeader::AssertedIdentity, 1), std::string_view("<tel:2>"));
    QVERIFY(message->header(SipHeader::AssertedIdentity, 2).empty());
}

void TestSipMessage::refused_data()
{
    QTest::addColumn<std::string>("text");
    QTest::newRow("empty") << ""s;
    QTest::newRow("web page") << "GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: SIP\r\n\r\n"s;
    QTest::newRow("another version") << "INVITE sip:2@x SIP/7.0\r\n" + kTail + "\r\n";
    QTest::newRow("no Call-ID") << invite("CSeq: 1 INVITE\r\n");
    QTest::newRow("no CSeq") << invite("Call-ID: a\r\n");
    QTest::newRow("CSeq of another method") << invite("Call-ID: a\r\nCSeq: 1 BYE\r\n");
    QTest::newRow("CSeq beyond 31 bit") << invite("Call-ID: a\r\nCSeq: 2147483648 INVITE\r\n");
    QTest::newRow("CSeq without method") << invite("Call-ID: a\r\nCSeq: 1\r\n");
    QTest::newRow("status of four digits") << "SIP/2.0 4000 x\r\n" + kTail + "\r\n";
    QTest::newRow("status 99") << "SIP/2.0 099 x\r\n" + kTail + "\r\n";
    QTest::newRow("no request URI") << "INVITE SIP/2.0\r\n" + kTail + "\r\n";
    QTest::newRow("keep-alive") << "\r\n\r\n"s;
}

void TestSipMessage::refused()
{
    QFETCH(std::string, text);
    QVERIFY(!SipMessage::parse(text));
}

void TestSipMessage::bodies_data()
{
    QTest::addColumn<std::string>("headers");
    QTest::addColumn<std::string>("body");
    QTest::addColumn<std::string>("sdp");
    const std::string multi = "preamble\r\n--=_b\r\nContent-Type: text/plain\r\n\r\nv=1\r\n--=_b\r\nc: "
                              "application/SDP\r\n\r\nv=0\r\n--=_b--\r\n";
    QTest::newRow("none") << ""s
                          << ""s
                          << ""s;
    QTest::newRow("plain") << "Content-Type: application/sdp\r\n"s
                           << "v=0\r\n"s
                           << "v=0\r\n"s;
    QTest::newRow("compact, parameters") << "c: Application/SDP ; charset=x\r\n"s
                                         << "v=0\r\n"s
                                         << "v=0\r\n"s;
    QTest::newRow("type left out") << ""s
                                   << "v=0\r\n"s
                                   << "v=0\r\n"s;
    QTest::newRow("something else") << "Content-Type: text/html\r\n"s
                                    << "v=0\r\n"s
                                    << ""s;
    QTest::newRow("multipart") << "Content-Type: multipart/mixed;boundary=\"=_b\"\r\n"s << multi
                               << "v=0\r\n"s;
    QTest::newRow("multipart inside multipart")
        << "Content-Type: multipart/mixed; boundary=o\r\n"s
        << "--o\r\nContent-Type: multipart/alternative; boundary=\"=_b\"\r\n\r\n" + multi + "\r\n--o--\r\n"
        << "v=0\r\n"s;
    QTest::newRow("boundary that never comes")
        << "Content-Type: multipart/mixed;boundary=x\r\n"s << multi << ""s;
    QTest::newRow("no boundary said") << "Content-Type: multipart/mixed\r\n"s << multi << ""s;
    QTest::newRow("last part cut off") << "Content-Type: multipart/mixed;boundary=x\r\n"s
                                       << "--x\r\nContent-Type: application/sdp\r\n\r\nv=0"s
                                       << "v=0"s;
}

void TestSipMessage::bodies()
{
    QFETCH(std::string, headers);
    QFETCH(std::string, body);
    QFETCH(std::string, sdp);
    const std::string text = invite(kTail + headers, body);
    const auto message = SipMessage::parse(text);
    QVERIFY(message);
    std::string found(message->sdp());
    while (found.size() > sdp.size() && (found.back() == '\n' || found.back() == '\r'))
        found.pop_back(); // the line break before a boundary
    QCOMPARE(found, sdp);
}

void TestSipMessage::escapes()
{
    QCOMPARE(unescape("a%20b%2x%4"), "a b%2x%4"s);
    QCOMPARE(unescape("%00").size(), std::size_t{1});
    QCOMPARE(displayText("a\\\"b\r\n  c"), "a\"b c"s);
    QVERIFY(parameter(";a=1;b", "b").data() != nullptr);
    QVERIFY(parameter(";a=1;b", "c").data() == nullptr);
    QCOMPARE(parameter(";a=\"x;y\" ; B = 2", "b"), std::string_view("2"));
}

void TestSipMessage::limits()
{
    std::string lines = kTail;
    for (int i = 0; i < 200; ++i)
        lines += "Via: SIP/2.0/UDP x\r\n";
    QVERIFY(SipMessage::parse(invite(lines)));
    for (int i = 0; i < 100; ++i)
        lines += "X: y\r\n";
    QVERIFY(!SipMessage::parse(invite(lines)));
    QVERIFY(!SipMessage::parse(invite(kTail, std::string(SipMessage::kMaxOctets, 'x'))));
    QVERIFY(!SipMessage::parse(invite("Call-ID: " + std::string(2000, 'x') + "\r\nCSeq: 1 INVITE\r\n")));
}

void TestSipMessage::torture()
{
    const QString dir = QStringLiteral(SR_FIXTURES) + QStringLiteral("/rfc4475");
    if (fixturesMissing(dir))
        return;
    int parsed = 0;
    int files = 0;
    for (const QString& name : QDir(dir).entryList({QStringLiteral("*.dat")})) {
        QFile file(dir + QLatin1Char('/') + name);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const std::string text = file.readAll().toStdString();
        ++files;
        for (std::size_t n = 0; n <= text.size(); n += n + 64 < text.size() ? 7 : 1) {
            const auto message = SipMessage::parse(std::string_view(text).substr(0, n));
            if (!message)
                continue;
            parseAddress(message->header(SipHeader::Contact));
            QVERIFY(message->sdp().size() <= n);
            parsed += n == text.size() ? 1 : 0;
        }
    }
    QVERIFY(files >= 49);
    QVERIFY2(parsed >= 30, qPrintable(QString::number(parsed)));
}

void TestSipMessage::tortureValid_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name : {"wsinv", "intmeth", "esc01", "escnull", "esc02", "lwsdisp", "longreq", "dblreq",
                             "semiuri", "transports", "mpart01", "unreason", "noreason"})
        QTest::newRow(name) << QString::fromLatin1(name);
}

void TestSipMessage::tortureValid()
{
    QFETCH(QString, name);
    const QString path =
        QStringLiteral(SR_FIXTURES) + QStringLiteral("/rfc4475/") + name + QStringLiteral(".dat");
    if (fixturesMissing(path))
        return;
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const std::string text = file.readAll().toStdString();
    const auto message = SipMessage::parse(text);
    QVERIFY(message);
    QVERIFY(!message->fromTag().empty());
    QVERIFY(parseAddress(message->header(SipHeader::From)));
    QVERIFY(parseAddress(message->header(SipHeader::To)));
    if (name == QLatin1String("semiuri"))
        QCOMPARE(parseUri(message->requestUri())->user, std::string_view("user"));
    if (name == QLatin1String("wsinv"))
        QCOMPARE(message->sdp().substr(0, 3), std::string_view("v=0"));
}

void TestSipMessage::everyTruncation()
{
    const std::string text = invite("From: \"A, \\\" B\" <sip:1;x@[::1]:5?a=b>;tag=\"t\"\r\n" + kTail +
                                        "Content-Type: multipart/mixed;boundary=b\r\n",
                                    "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--");
    int parsed = 0;
    for (std::size_t n = 0; n <= text.size(); ++n) {
        if (const auto message = SipMessage::parse(std::string_view(text).substr(0, n)))
            parsed += message->sdp().size() <= n ? 1 : 0;
    }
    const std::string cseq = "CSeq: 1 INVITE";
    QCOMPARE(std::size_t(parsed), text.size() - (text.find(cseq) + cseq.size()) + 1); // whole from there on
}

QTEST_GUILESS_MAIN(TestSipMessage)
#include "tst_sip_message.moc"
