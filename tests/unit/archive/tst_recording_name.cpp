// SPDX-License-Identifier: GPL-3.0-or-later
// Recording names: our spelling, the dotted one, the original's; and that every name comes back as written.
#include "core/archive/recording_name.h"
#include "core/base/bytes.h"
#include "core/crypto/digest.h"

#include <QTest>

#include <random>

using namespace sr;
using namespace sr::archive;

namespace {

RecordingName nameOf(const std::string& internal, const std::string& external)
{
    RecordingName name;
    name.year = 2026;
    name.month = 3;
    name.day = 5;
    name.hour = 9;
    name.minute = 7;
    name.internal = internal;
    name.external = external;
    name.answerSeconds = 7;
    name.uid = "75c1f48e909d31188fc00903306225f";
    return name;
}

} // namespace

class TestRecordingName : public QObject {
    Q_OBJECT
private slots:
    void partyIsEncoded_data()
    {
        QTest::addColumn<QString>("party");
        QTest::addColumn<QString>("encoded");
        QTest::newRow("digits stay") << "0800102"
                                     << "0800102";
        QTest::newRow("plus, hash and hyphen stay") << "+49-7#"
                                                    << "+49-7#";
        QTest::newRow("star, dot, line, exclamation mark and percent are escaped") << "*1_2.3!4%5"
                                                                                   << "%2A1%5F2%2E3%214%255";
        QTest::newRow("UTF-8 is escaped octet by octet") << QString::fromUtf8("Zo\xc3\xab") << "Zo%C3%AB";
        QTest::newRow("blank and slash are escaped") << "a /b"
                                                     << "a%20%2Fb";
        QTest::newRow("nobody is unknown") << ""
                                           << "unknown";
        QTest::newRow("tilde is escaped") << "a~12345678"
                                          << "a%7E12345678";
        QTest::newRow("sixty octets stay whole")
            << QString(60, QLatin1Char('1')) << QString(60, QLatin1Char('1'));
    }
    void partyIsEncoded()
    {
        QFETCH(QString, party);
        QFETCH(QString, encoded);
        QCOMPARE(QString::fromStdString(encodeParty(party.toStdString())), encoded);
    }

    void longPartyIsCutAndNamesItsHash()
    {
        const std::string party(61, '1');
        const auto hash = toHex(crypto::sha256(bytesOf(party))).substr(0, 8);
        QCOMPARE(encodeParty(party), std::string(51, '1') + "~" + hash);
        // An umlaut takes six octets; eight of them and no piece of the ninth fit.
        std::string umlauts;
        for (int i = 0; i < 20; ++i)
            umlauts += "\xc3\xab";
        const auto encoded = encodeParty(umlauts);
        QCOMPARE(encoded.size(), std::size_t{8 * 6 + 9});
        QCOMPARE(encoded.substr(0, 6), std::string("%C3%AB"));
        QCOMPARE(encoded[48], '~');
    }

    void nameIsWritten()
    {
        auto name = nameOf("39", "");
        QCOMPARE(name.toString(),
                 std::string("2026_03_05_0907_39_i_unknown_7_75c1f48e909d31188fc00903306225f"));
        QCOMPARE(name.monthFolder(), std::string("2026_03"));
        name.direction = CallDirection::Out;
        name.tan = "012345";
        QVERIFY(name.toString().ends_with("_39_o_unknown_7_75c1f48e909d31188fc00903306225f_T012345"));
    }

    void otherSpellingsAreRead_data()
    {
        QTest::addColumn<QString>("stem");
        QTest::addColumn<QString>("internal");
        QTest::addColumn<QString>("external");
        QTest::addColumn<bool>("out");
        QTest::addColumn<QString>("uid");
        QTest::addColumn<QString>("tan");
        QTest::newRow("the original") << "2013_06_24_1638_39_o_0800102_7_75c1f48e909d31188fc00903306225f"
                                      << "39"
                                      << "0800102" << true << "75c1f48e909d31188fc00903306225f"
                                      << "";
        QTest::newRow("dotted") << "2013_09_24_1107_39.o.024_1_abc"
                                << "39"
                                << "024" << true << "abc"
                                << "";
        QTest::newRow("dotted with TAN") << "2013_09_24_1107_39.i.024_1_abc_T123456"
                                         << "39"
                                         << "024" << false << "abc"
                                         << "123456";
        QTest::newRow("unescaped star and exclamation mark") << "2013_09_24_1107_*39!_o_02.4_1_abc"
                                                             << "*39!"
                                                             << "02.4" << true << "abc"
                                                             << "";
        QTest::newRow("line within a party") << "2013_09_24_1107_hunt_group_i_024_1_abc"
                                             << "hunt_group"
                                             << "024" << false << "abc"
                                             << "";
        QTest::newRow("percent that is no escape") << "2013_09_24_1107_5%_i_024_1_abc"
                                                   << "5%"
                                                   << "024" << false << "abc"
                                                   << "";
        QTest::newRow("party called o") << "2013_09_24_1107_o_o_o_1_abc"
                                        << "o"
                                        << "o" << true << "abc"
                                        << "";
        QTest::newRow("uid like a TAN") << "2013_09_24_1107_39_o_024_1_T123456"
                                        << "39"
                                        << "024" << true << "T123456"
                                        << "";
        QTest::newRow("uid with suffix") << "2013_09_24_1107_39_o_024_1_abc-2_T000001"
                                         << "39"
                                         << "024" << true << "abc-2"
                                         << "000001";
    }
    void otherSpellingsAreRead()
    {
        QFETCH(QString, stem);
        QFETCH(QString, internal);
        QFETCH(QString, external);
        QFETCH(bool, out);
        QFETCH(QString, uid);
        QFETCH(QString, tan);
        const auto name = parseRecordingName(stem.toStdString());
        QVERIFY(name);
        QCOMPARE(QString::fromStdString(name->internal), internal);
        QCOMPARE(QString::fromStdString(name->external), external);
        QCOMPARE(name->direction == CallDirection::Out, out);
        QCOMPARE(QString::fromStdString(name->uid), uid);
        QCOMPARE(QString::fromStdString(name->tan), tan);
    }

    void whatIsNoNameIsRefused_data()
    {
        QTest::addColumn<QString>("stem");
        QTest::newRow("nothing") << "";
        QTest::newRow("words") << "holiday pictures";
        QTest::newRow("month 13") << "2013_13_24_1107_39_o_024_1_abc";
        QTest::newRow("day 30 of February") << "2013_02_30_1107_39_o_024_1_abc";
        QTest::newRow("hour 24") << "2013_02_20_2407_39_o_024_1_abc";
        QTest::newRow("no direction") << "2013_02_20_1107_39_x_024_1_abc";
        QTest::newRow("no uid") << "2013_02_20_1107_39_o_024_1_";
        QTest::newRow("uid with a dot") << "2013_02_20_1107_39_o_024_1_a.b";
        QTest::newRow("seconds in words") << "2013_02_20_1107_39_o_024_x_abc";
        QTest::newRow("seconds beyond all bounds") << "2013_02_20_1107_39_o_024_99999999999_abc";
        QTest::newRow("uid of 256") << QStringLiteral("2013_02_20_1107_39_o_024_1_") +
                                           QString(256, QLatin1Char('a'));
        QTest::newRow("far too long") << QString(2000, QLatin1Char('_'));
    }
    void whatIsNoNameIsRefused()
    {
        QFETCH(QString, stem);
        const auto name = parseRecordingName(stem.toStdString());
        QVERIFY(!name && name.error().code == BaseErrc::Malformed);
    }

    void everyNameComesBackAsWritten()
    {
        std::mt19937 random(4711);
        for (int i = 0; i < 20'000; ++i) {
            const auto party = [&] {
                std::string out;
                const auto length = 1 + random() % (random() % 8 == 0 ? 120 : 16);
                for (std::size_t n = 0; n < length; ++n)
                    out.push_back(
                        static_cast<char>(random() % 4 == 0 ? random() % 255 + 1 : '0' + random() % 10));
                return out;
            };
            auto name = nameOf(party(), party());
            name.direction = random() % 2 == 0 ? CallDirection::In : CallDirection::Out;
            name.answerSeconds = static_cast<std::uint32_t>(random());
            if (random() % 3 == 0)
                name.tan = "654321";
            const auto stem = name.toString();
            QVERIFY(stem.size() <= 200);
            for (const char c : stem)
                QVERIFY(c > ' ' && c < 127 && c != '/' && c != '\\' && c != ':' && c != '*' && c != '"');
            const auto read = parseRecordingName(stem);
            QVERIFY2(read, stem.c_str());
            QCOMPARE(read->toString(), stem);
            if (stem.find('~') == std::string::npos) {
                QVERIFY2(*read == name, stem.c_str());
            }
        }
    }

    void suffixOfAUidIsSplit_data()
    {
        QTest::addColumn<QString>("uid");
        QTest::addColumn<QString>("guid");
        QTest::addColumn<unsigned>("suffix");
        QTest::newRow("none") << "abc"
                              << "abc" << 1U;
        QTest::newRow("two") << "abc-2"
                             << "abc" << 2U;
        QTest::newRow("one is no suffix") << "abc-1"
                                          << "abc-1" << 1U;
        QTest::newRow("leading zero is no suffix") << "abc-02"
                                                   << "abc-02" << 1U;
        QTest::newRow("guid of digits") << "75c1f48e-909d-3118-8fc0-090330622512"
                                        << "75c1f48e-909d-3118-8fc0-090330622512" << 1U;
        QTest::newRow("many") << "a-b-9999"
                              << "a-b" << 9999U;
    }
    void suffixOfAUidIsSplit()
    {
        QFETCH(QString, uid);
        QFETCH(QString, guid);
        QFETCH(unsigned, suffix);
        const auto split = splitUid(uid.toStdString());
        QCOMPARE(QString::fromStdString(split.first), guid);
        QCOMPARE(split.second, suffix);
    }
};

QTEST_GUILESS_MAIN(TestRecordingName)
#include "tst_recording_name.moc"
