// SPDX-License-Identifier: GPL-3.0-or-later
// Records and their XML both ways, what is refused, and what a call costs.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/cdr/call_data_record.h"
#include "tests/unit/cdr/random_record.h"

#include <QTest>

using namespace sr;
using namespace sr::cdr;

namespace {

std::string repeated(std::string_view piece, std::size_t count)
{
    std::string result;
    for (std::size_t i = 0; i < count; ++i)
        result += piece;
    return result;
}

CdrEvent eventOf(std::string_view msg, std::int64_t time, std::string e164 = {})
{
    CdrEvent e;
    e.msg = msg;
    e.time = time;
    e.e164 = std::move(e164);
    return e;
}

} // namespace

class TestCallDataRecord : public QObject {
    Q_OBJECT
private slots:
    void spelling();
    void everyRecordSurvives();
    void whatXmlCannotHold();
    void limitsOfWriting();
    void limitsOfReading_data();
    void limitsOfReading();
    void refused_data();
    void refused();
    void unknownElementsArePassedOver();
    void mutations();
    void billing_data();
    void billing();
};

void TestCallDataRecord::spelling()
{
    CallDataRecord r{"e78c", "PBX", ".", "root", "a", "A & B", "100", "a", "from"};
    r.utc = 1272551262;
    r.local = 1272558462;
    r.id = "1f";
    r.pseudo = "trunk";
    r.groups.push_back({"Sales", {}});
    CdrEvent transfer = eventOf(msg::kTransferTo, 7, "101");
    transfer.h323 = "b";
    transfer.to = CdrParty{"102", {}, {}};
    r.events = {transfer, eventOf(msg::kRelTo, 9)};
    r.events.back().cause = 16;
    QCOMPARE(QString::fromStdString(toXml(r)),
             QStringLiteral(
                 "<cdr guid=\"e78c\" sys=\"PBX\" pbx=\".\" node=\"root\" device=\"a\" cn=\"A &amp; B\" "
                 "e164=\"100\" h323=\"a\" dir=\"from\" utc=\"1272551262\" local=\"1272558462\" id=\"1f\">"
                 "<user pseudo=\"trunk\"><grp name=\"Sales\"/></user>"
                 "<event msg=\"transfer-to\" time=\"7\" e164=\"101\" h323=\"b\"><to e164=\"102\"/></event>"
                 "<event msg=\"rel-to\" time=\"9\" cause=\"16\"/></cdr>"));
}

void TestCallDataRecord::everyRecordSurvives()
{
    test::RandomRecords records(7);
    for (int i = 0; i < 2000; ++i) {
        const CallDataRecord record = records.next();
        const std::string xml = toXml(record);
        QVERIFY2(xml.find_first_of("\r\n") == std::string::npos, "one line");
        const auto back = parse(xml);
        QVERIFY2(back, back ? "" : back.error().text().c_str());
        QVERIFY2(*back == record, xml.c_str());
    }
}

void TestCallDataRecord::whatXmlCannotHold()
{
    CallDataRecord r;
    r.cn = std::string("a\x01\xff\xef\xbf\xbe") + '\0' + "z";
    const auto back = parse(toXml(r));
    QVERIFY(back);
    QCOMPARE(QString::fromStdString(back->cn).count(QChar::ReplacementCharacter), 4);
    QVERIFY(back->cn.starts_with('a') && back->cn.ends_with('z'));
    r.other = {{"good", "1"}, {"no name", "2"}, {"xmlns", "3"}, {"", "4"}};
    QCOMPARE(parse(toXml(r)).valueOr({}).other.size(), 1U);
}

void TestCallDataRecord::limitsOfWriting()
{
    CallDataRecord r;
    r.cn = repeated("日", kTextBytesMost);
    r.h323 = repeated("\x01", kTextBytesMost);
    r.groups.resize(kPartsMost + 1);
    r.events.resize(kEventsMost + 1, eventOf(msg::kConnected, 1));
    r.events[0].cf.resize(kPartsMost + 1);
    const auto back = parse(toXml(r));
    QVERIFY2(back, back ? "" : back.error().text().c_str());
    QCOMPARE(back->cn, repeated("日", kTextBytesMost / 3)); // whole characters
    QCOMPARE(back->groups.size(), kPartsMost);
    QCOMPARE(back->events.size(), kEventsMost);
    QCOMPARE(back->events[0].cf.size(), kPartsMost);
}

void TestCallDataRecord::limitsOfReading_data()
{
    QTest::addColumn<std::string>("xml");
    QTest::newRow("octets") << "<cdr>" + std::string(kXmlBytesMost, ' ') + "</cdr>";
    QTest::newRow("events") << "<cdr>" + repeated("<event msg='a'/>", kEventsMost + 1) + "</cdr>";
    QTest::newRow("groups") << "<cdr><user>" + repeated("<grp/>", kPartsMost + 1) + "</user></cdr>";
    QTest::newRow("forwardings") << "<cdr><event msg='a'>" + repeated("<cf/>", kPartsMost + 1) +
                                        "</event></cdr>";
    QTest::newRow("text") << "<cdr cn='" + std::string(kTextBytesMost + 1, 'x') + "'/>";
    std::string attributes;
    for (std::size_t i = 0; i <= kPartsMost; ++i)
        attributes += " a" + std::to_string(i) + "='1'";
    QTest::newRow("attributes") << "<cdr" + attributes + "/>";
}

void TestCallDataRecord::limitsOfReading()
{
    QFETCH(std::string, xml);
    const auto record = parse(xml);
    QVERIFY(!record);
    QVERIFY2(record.error().code == CdrErrc::TooLarge, record.error().text().c_str());
}

void TestCallDataRecord::refused_data()
{
    QTest::addColumn<std::string>("xml");
    QTest::newRow("nothing") << std::string();
    QTest::newRow("no XML") << std::string("event=Call");
    QTest::newRow("another root") << std::string("<cdrs/>");
    QTest::newRow("cut") << std::string("<cdr><event msg='a'/>");
    QTest::newRow("two records") << std::string("<cdr/><cdr/>");
    QTest::newRow("text behind") << std::string("<cdr/>x");
    QTest::newRow("event without msg") << std::string("<cdr><event time='1'/></cdr>");
    QTest::newRow("time is no number") << std::string("<cdr><event msg='a' time='soon'/></cdr>");
    QTest::newRow("cause beyond int") << std::string("<cdr><event msg='a' cause='99999999999'/></cdr>");
    QTest::newRow("utc beyond 64 bits") << std::string("<cdr utc='99999999999999999999'/>");
    QTest::newRow("document type") << std::string(
        "<!DOCTYPE cdr [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><cdr cn='&b;'/>");
    QTest::newRow("undeclared entity") << std::string("<cdr cn='&b;'/>");
    QTest::newRow("attribute twice") << std::string("<cdr cn='1' cn='2'/>");
}

void TestCallDataRecord::refused()
{
    QFETCH(std::string, xml);
    const auto record = parse(xml);
    QVERIFY(!record);
    QVERIFY2(record.error().code == CdrErrc::Malformed, record.error().text().c_str());
}

void TestCallDataRecord::unknownElementsArePassedOver()
{
    const auto record =
        parse("<?xml version='1.0'?><!-- c --><cdr guid='1'><new a='1'><event msg='no'/></new><user "
              "x='1'><deep><grp name='no'/></deep><grp name='yes'><z/></grp></user> text "
              "<event msg='a'><to e164='1'><to e164='2'/></to><other/></event></cdr>\r\n");
    QVERIFY2(record, record ? "" : record.error().text().c_str());
    CallDataRecord expected;
    expected.guid = "1";
    expected.groups = {{"yes", {}}};
    expected.events = {eventOf("a", 0)};
    expected.events[0].to = CdrParty{"1", {}, {}};
    QVERIFY(*record == expected);
    const std::string deep = "<cdr>" + repeated("<a>", 20000) + repeated("</a>", 20000) + "</cdr>";
    QVERIFY(parse(deep));
}

/// Whatever comes in, what was read can be written and read again.
void TestCallDataRecord::mutations()
{
    test::RandomRecords records(11);
    int readable = 0;
    for (int i = 0; i < 20000; ++i) {
        std::string xml = toXml(records.next());
        for (unsigned change = 1 + records.below(3); change > 0 && !xml.empty(); --change) {
            const std::size_t at = records.below(static_cast<unsigned>(xml.size()));
            switch (records.below(4)) {
            case 0:
                xml[at] = static_cast<char>(records.below(256));
                break;
            case 1:
                xml.erase(at, 1 + records.below(8));
                break;
            case 2:
                xml.insert(at, xml.substr(xml.size() - at - 1, records.below(16)));
                break;
            default:
                xml.resize(at);
            }
        }
        const auto record = parse(xml);
        if (!record)
            continue;
        ++readable;
        const auto again = parse(toXml(*record));
        QVERIFY2(again && *again == *record, xml.c_str());
    }
    QVERIFY2(readable > 1000, QByteArray::number(readable).constData());
}

void TestCallDataRecord::billing_data()
{
    QTest::addColumn<QString>("dir");
    QTest::addColumn<std::vector<CdrEvent>>("events");
    QTest::addColumn<QString>("expected");
    using Events = std::vector<CdrEvent>;
    const Events answered{eventOf(msg::kSetupFrom, 0), eventOf(msg::kAlertTo, 1, "8"),
                          eventOf(msg::kConnTo, 2, "9"), eventOf(msg::kRelTo, 14)};
    QTest::newRow("from") << QStringLiteral("from") << answered << QStringLiteral("9 12");
    QTest::newRow("forwarded") << QStringLiteral("cf") << answered << QStringLiteral("9 12");
    QTest::newRow("transferred") << QStringLiteral("ct") << answered << QStringLiteral("9 12");
    QTest::newRow("called") << QStringLiteral("to") << answered << QStringLiteral("none");
    QTest::newRow("nobody answered") << QStringLiteral("from")
                                     << Events{eventOf(msg::kSetupFrom, 0), eventOf(msg::kRelTo, 4)}
                                     << QStringLiteral("none");
    QTest::newRow("the destination is who forwarded, the time counts from the answer")
        << QStringLiteral("from")
        << Events{eventOf(msg::kCfTo, 1, "101"), eventOf(msg::kConnTo, 3, "102"), eventOf(msg::kRelFrom, 5),
                  eventOf(msg::kRelTo, 9)}
        << QStringLiteral("101 2");
    QTest::newRow("forwarded, then nobody")
        << QStringLiteral("from") << Events{eventOf(msg::kCfTo, 1, "101"), eventOf(msg::kRelTo, 9)}
        << QStringLiteral("101 0");
    QTest::newRow("a disconnect ends it")
        << QStringLiteral("from")
        << Events{eventOf(msg::kConnTo, 3, "102"), eventOf(msg::kDiscFrom, 5), eventOf(msg::kRelTo, 9)}
        << QStringLiteral("102 2");
    QTest::newRow("a release before the answer does not count")
        << QStringLiteral("from")
        << Events{eventOf(msg::kRelTo, 1), eventOf(msg::kConnTo, 3, "102"), eventOf(msg::kRelTo, 9)}
        << QStringLiteral("102 6");
    QTest::newRow("a clock that was set back")
        << QStringLiteral("from") << Events{eventOf(msg::kConnTo, 9, "102"), eventOf(msg::kRelTo, 3)}
        << QStringLiteral("102 0");
}

void TestCallDataRecord::billing()
{
    QFETCH(QString, dir);
    QFETCH(std::vector<CdrEvent>, events);
    CallDataRecord record;
    record.dir = dir.toStdString();
    record.events = events;
    const auto result = billed(record);
    QTEST(result ? QString::fromStdString(result->e164) + QStringLiteral(" %1").arg(result->seconds)
                 : QStringLiteral("none"),
          "expected");
}

QTEST_GUILESS_MAIN(TestCallDataRecord)
#include "tst_call_data_record.moc"
