// SPDX-License-Identifier: GPL-3.0-or-later
// Small values of the base layer: bytes, addresses, patterns.
#include "core/base/bytes.h"
#include "core/base/endpoint.h"
#include "core/base/io.h"
#include "core/base/pattern.h"
#include "core/base/private_address.h"

#include <QTest>

#include <random>
#include <regex>

using namespace sr;

class BaseTest : public QObject {
    Q_OBJECT

private slots:
    void bytesRoundTrip()
    {
        std::array<std::byte, 8> buffer{};
        storeBe(buffer.data(), std::uint32_t{0x01020304});
        QCOMPARE(toHex(ByteView(buffer).first(4)), std::string("01020304"));
        QCOMPARE(loadBe<std::uint32_t>(buffer.data()), 0x01020304u);
        QCOMPARE(loadLe<std::uint32_t>(buffer.data()), 0x04030201u);
        storeLe(buffer.data(), std::uint64_t{0x0102030405060708});
        QCOMPARE(loadLe<std::uint64_t>(buffer.data()), 0x0102030405060708u);
        QCOMPARE(loadBe<std::uint8_t>(buffer.data()), std::uint8_t(8));
        QVERIFY(fromHex("0A0b") == (Bytes{std::byte{10}, std::byte{11}}));
        QVERIFY(!fromHex("0a0"));
        QVERIFY(!fromHex("0x"));
        QVERIFY(equalConstantTime(bytesOf("same"), bytesOf("same")));
        QVERIFY(!equalConstantTime(bytesOf("same"), bytesOf("sane")));
        QVERIFY(!equalConstantTime(bytesOf("same"), bytesOf("sam")));
    }

    void readerStaysFailed()
    {
        const Bytes bytes{std::byte{1}, std::byte{2}, std::byte{3}};
        ByteReader reader(bytes);
        QCOMPARE(reader.be<std::uint16_t>(), std::uint16_t(0x0102));
        QCOMPARE(reader.be<std::uint16_t>(), std::uint16_t(0));
        QVERIFY(reader.failed());
        QCOMPARE(reader.be<std::uint8_t>(), std::uint8_t(0));
    }

    void addresses_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("canonical");
        QTest::newRow("IPv4") << "10.0.0.24"
                              << "10.0.0.24";
        QTest::newRow("IPv6 in full") << "2001:0db8:0000:0000:0000:0000:0000:0001"
                                      << "2001:db8::1";
        QTest::newRow("mapped is IPv4") << "::ffff:192.0.2.1"
                                        << "192.0.2.1";
        QTest::newRow("port is no address") << "10.0.0.24:5060"
                                            << "";
        QTest::newRow("host name") << "example.test"
                                   << "";
        QTest::newRow("empty") << ""
                               << "";
    }

    void addresses()
    {
        QFETCH(QString, text);
        QFETCH(QString, canonical);
        const auto address = IpAddress::parse(text.toStdString());
        QCOMPARE(address ? QString::fromStdString(address->toString()) : QString(), canonical);
    }

    void endpointsReadWell()
    {
        QCOMPARE((Endpoint{*IpAddress::parse("2001:db8::1"), 5060}).toString(),
                 std::string("[2001:db8::1]:5060"));
        QVERIFY(IpAddress::parse("0.0.0.0")->isUnspecified());
        for (const char* endpoint : {"192.0.2.1:5060", "[2001:db8::1]:5060", "127.0.0.1:0", "[::]:65535"})
            QCOMPARE(Endpoint::parse(endpoint).value().toString(), std::string(endpoint));
        for (const char* none :
             {"", "192.0.2.1", "192.0.2.1:", "192.0.2.1:x", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2.1:5 ",
              "2001:db8::1:5060", "[192.0.2.1]:5060", "[2001:db8::1]", "localhost:5060", ":5060"})
            QVERIFY2(!Endpoint::parse(none), none);
        QVERIFY(IpAddress::parse("::")->isUnspecified());
        QVERIFY(!IpAddress::parse("::1")->isUnspecified());
        for (const char* near : {"10.255.0.1", "100.64.0.1", "100.127.255.1", "127.0.0.2", "169.254.1.1",
                                 "172.16.0.1", "172.31.9.9", "192.168.1.1", "::1", "fe80::1", "fd00::1"})
            QVERIFY2(isPrivate(*IpAddress::parse(near)), near);
        for (const char* far : {"9.9.9.9", "11.0.0.1", "100.63.0.1", "100.128.0.1", "172.15.0.1",
                                "172.32.0.1", "192.169.0.1", "::2", "fec0::1", "2001:db8::1"})
            QVERIFY2(!isPrivate(*IpAddress::parse(far)), far);
        QVERIFY(IpAddress::v4(0x0a000018) == *IpAddress::parse("10.0.0.24"));
    }

    void patternsAgreeWithRegularExpressions()
    {
        std::mt19937 random(1);
        const auto word = [&random](std::string_view letters, std::size_t most) {
            std::string text;
            for (std::size_t n = random() % (most + 1); n > 0; --n)
                text += letters[random() % letters.size()];
            return text;
        };
        for (int i = 0; i < 20'000; ++i) {
            const std::string pattern = word("01*?", 6);
            const std::string text = word("01", 8);
            std::string expression;
            for (const char c : pattern)
                expression += c == '*' ? std::string(".*") : c == '?' ? std::string(".") : std::string(1, c);
            QVERIFY2(matchesPattern(pattern, text) == std::regex_match(text, std::regex(expression)),
                     (pattern + " " + text).c_str());
        }
        QVERIFY(matchesPattern("M?ller", "Müller"));
        QVERIFY(matchesPattern("*", ""));
        QVERIFY(!matchesPattern("", "x"));
        QVERIFY(hasWildcards("3?6") && !hasWildcards("36"));
    }

    void manyStarsStayFast()
    {
        const std::string text(5000, 'a');
        std::string pattern;
        for (int i = 0; i < 500; ++i)
            pattern += "*a";
        QVERIFY(!matchesPattern(pattern + "b", text)); // would never end with plain recursion
    }

    void limitsWholeReads()
    {
        MemorySource source(bytesOf("12345"));
        QVERIFY(readAll(source, 5));
        QVERIFY(readAll(source, 4).error().code == BaseErrc::TooLarge);
    }
};

QTEST_GUILESS_MAIN(BaseTest)
#include "tst_base.moc"
