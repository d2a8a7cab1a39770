// SPDX-License-Identifier: GPL-3.0-or-later
// Orders in the XML of the administration against a real database.
#include "core/base/error.h"
#include "core/pbx/call_records.h"
#include "core/pbx/object_xml.h"
#include "tests/unit/pbx/exchange_fixture.h"

#include <QTest>
#include <QXmlStreamReader>
#include <QXmlStreamWriter>

using namespace sr;
using namespace sr::pbx;
using sr::test::ExchangeFixture;

namespace {

QString answer(DirectoryStore& store, const char* order)
{
    const auto done = administer(store, order);
    return done ? QString::fromStdString(*done) : QString::fromStdString(done.error().context);
}

} // namespace

class TestObjectXml : public QObject {
    Q_OBJECT

private slots:
    void ordersChangeObjects()
    {
        const ExchangeFixture fixture;
        const auto store = fixture.open();
        QCOMPARE(
            answer(
                *store,
                R"(<add><user cn="Anna Groß" h323="anna" e164="12" pwd="secret"><device hw="ip1" text="desk"/><grp name="sales" mode="active"/><grp name="late" dyn="out"/><cd type="cfu"><ep e164="22"/><src type="do"><ep ext="true"/><ep h323="otto"/></src></cd></user></add>)"),
            QStringLiteral("<ok/>"));
        const auto now = [&] { return *store->read().value()->byName("anna"); };
        QCOMPARE(now().longName, std::string("Anna Groß"));
        QCOMPARE(now().groups.size(), std::size_t{2});
        QVERIFY(!now().groups[0].joined && now().groups[1].active); // late, sales
        QCOMPARE(now().devices, (std::vector<Device>{{"ip1", "desk"}}));
        QCOMPARE(now().diversions.front().callers.size(), std::size_t{2});
        QCOMPARE(now().secret, store->secretFor("anna", "secret"));

        QCOMPARE(answer(*store, R"(<modify><user cn="Anna Groß" e164="13"/></modify>)"),
                 QStringLiteral("<ok/>"));
        QVERIFY(now().number == "13" && now().groups.size() == 2 && now().diversions.size() == 1);
        QCOMPARE(
            answer(
                *store,
                R"(<add-attrib><user cn="Anna Groß"><cd type="cfnr"><ep e164="30"/></cd></user></add-attrib>)"),
            QStringLiteral("<ok/>"));
        QCOMPARE(now().diversions.size(), std::size_t{2});
        const char* takeAway =
            R"(<del-attrib><user h323="anna"><cd type="cfnr"><ep e164="30"/></cd></user></del-attrib>)";
        QCOMPARE(answer(*store, takeAway), QStringLiteral("<ok/>"));
        QCOMPARE(answer(*store, takeAway), QStringLiteral("<ok/>")); // absent already
        QCOMPARE(now().diversions.size(), std::size_t{1});
        QCOMPARE(answer(*store, R"(<delete><user h323="anna"/></delete>)"), QStringLiteral("<ok/>"));
        QVERIFY(store->read().value()->objects().empty());
    }

    void objectsOfEveryKindComeBackAsTheyWere()
    {
        const ExchangeFixture fixture;
        const auto store = fixture.open();
        QCOMPARE(answer(*store, R"(<add><user h323="b" e164="7"><pseudo type="node"/></user></add>)"),
                 QStringLiteral("<ok/>"));
        QCOMPARE(
            answer(
                *store,
                R"(<add><user h323="night" e164="8" node="b"><phone><rec mode="off"/></phone><pseudo type="bool" times="Mon 08:00-09:00" state="auto"/></user></add>)"),
            QStringLiteral("<ok/>"));
        QCOMPARE(
            answer(*store, R"(<show><user h323="night"/></show>)"),
            QStringLiteral(
                R"(<show><user guid="%1" cn="night" h323="night" e164="8" node="b"><phone><rec mode="off"/></phone><pseudo type="bool" state="auto" times="Mon 08:00-09:00"/></user></show>)")
                .arg(QString::fromStdString(objectGuid("night"))));
    }

    /// pbx-interfaces.md 1.7: what is not ours is understood, and a password that is not shown stays.
    void asTheReferenceWritesIt()
    {
        const ExchangeFixture fixture;
        const auto store = fixture.open();
        const auto now = [&] { return *store->read().value()->byName("anna"); };
        QCOMPARE(
            answer(
                *store,
                R"(<add><user cn="Anna" h323="anna" e164="12" text="2nd floor" node="root" loc="HQ" pwd="s"/></add>)"),
            QStringLiteral("<ok/>"));
        const auto secret = now().secret;
        const QString shown = answer(*store, R"(<show><user cn="Anna" config="true"/></show>)");
        QVERIFY2(shown.contains(QLatin1String(R"(text="2nd floor" loc="HQ")")), qPrintable(shown));
        QCOMPARE(
            answer(
                *store,
                R"(<modify><user cn="Anna" h323="anna" e164="13" text="3rd floor" loc="HQ" pwd="********"><presence c="tel:" a="holiday" n="until Monday"/></user></modify>)"),
            QStringLiteral("<ok/>"));
        QCOMPARE(now().secret, secret);
        QCOMPARE(now().settings, (std::map<std::string, std::string>{{"loc", "HQ"},
                                                                     {"presence", "holiday"},
                                                                     {"presence-note", "until Monday"},
                                                                     {"text", "3rd floor"}}));
        QVERIFY(answer(*store, R"(<show><user cn="Anna"/></show>)")
                    .contains(QLatin1String(R"(<presence a="holiday" n="until Monday"/>)")));
        QCOMPARE(answer(*store, R"(<modify><user cn="Anna"><presence a="" n=""/></user></modify>)"),
                 QStringLiteral("<ok/>"));
        QVERIFY(!now().settings.contains("presence"));
        QCOMPARE(
            answer(*store,
                   R"(<add><user h323="n" e164="9"><presence a="" n=""/><pseudo type="node"/></user></add>)"),
            QStringLiteral("<ok/>"));
        for (const char* wrong : {R"(<modify><user cn="Anna"><presence a="sulking"/></user></modify>)",
                                  R"(<modify><user cn="Anna" pwd="********" pwdx="0a"/></modify>)"})
            QVERIFY2(answer(*store, wrong) != QStringLiteral("<ok/>"), wrong);
    }

    /// As the phones of the original have it; what is no matter here is passed over.
    void modeOfRecording()
    {
        const ExchangeFixture fixture;
        const auto store = fixture.open();
        const auto modeOf = [&] { return store->read().value()->byName("anna")->record; };
        QCOMPARE(
            answer(
                *store,
                R"(<add><user h323="anna" e164="12" pwd="s"><phone><rec mode="manual" recv="true" fkey="true" ac="true" e164="99"/></phone></user></add>)"),
            QStringLiteral("<ok/>"));
        QCOMPARE(modeOf(), RecordMode::Manual);
        QCOMPARE(answer(*store, R"(<modify><user h323="anna" e164="13"/></modify>)"),
                 QStringLiteral("<ok/>"));
        QCOMPARE(modeOf(), RecordMode::Manual);
        QCOMPARE(answer(*store,
                        R"(<modify><user h323="anna"><phone><rec mode="optional"/></phone></user></modify>)"),
                 QStringLiteral("<ok/>"));
        QCOMPARE(modeOf(), RecordMode::Optional);
        for (
            const char* wrong :
            {R"(<modify><user h323="anna"><phone><rec mode="always"/></phone></user></modify>)",
             R"(<modify><user h323="anna"><phone><rec mode="off" way="1"/></phone></user></modify>)",
             R"(<modify><user h323="anna"><phone><pickup/></phone></user></modify>)",
             R"(<add><user h323="q" e164="8"><phone><rec mode="manual"/></phone><pseudo type="waiting"/></user></add>)"})
            QVERIFY2(answer(*store, wrong) != QStringLiteral("<ok/>"), wrong);
        QCOMPARE(modeOf(), RecordMode::Optional);
    }

    void whatIsWrittenIsReadAgain()
    {
        Object object;
        object.name = "a.b";
        object.longName = "A & \"B\" <ü>";
        object.number = "*7#";
        object.record = RecordMode::Off;
        object.node = "n";
        object.kind = Kind::WaitingQueue;
        object.settings = {{"first", "a&b.g711a"}, {"waiting", "5"}, {"text", "A \"b\""}, {"loc", "HQ"}};
        object.devices = {{"x", ""}, {"y", "Y", "http://nas.example/rec"}};
        object.groups = {"g"};
        object.groups[0].active = true;
        using Filter = Diversion::Filter;
        object.diversions = {{.type = Diversion::Type::Busy, .to = "-"},
                             {.to = "anna",
                              .boolean = "night",
                              .unless = true,
                              .filter = Filter::OnlyNot,
                              .callers = {{true, "0", ""}, {false, "", "otto"}, {.forwarded = true}}}};
        using External = ProfileContact::External;
        object.profiles = {{"Sales",
                            {{"otto", "", "Otto <1st>"},
                             {"", "0471", "Plumber", External::Telephone},
                             {"eva@example.org", "", "", External::Sip, true, true}}},
                           {"empty"}};
        QByteArray text;
        QXmlStreamWriter writer(&text);
        writeObjectXml(writer, object);
        QXmlStreamReader reader(text);
        QVERIFY(reader.readNextStartElement());
        const auto back = readObjectXml(reader);
        QVERIFY(back);
        QCOMPARE(back->object, object);
    }

    void passwordsOfServersStayHere()
    {
        Object object;
        object.name = "anna";
        object.settings = {{"record-to", "http://anna:s3cret@nas.example/rec"}};
        object.devices = {{"x", "", "http://anna:s3cret@nas.example/rec"}};
        QByteArray text;
        QXmlStreamWriter writer(&text);
        writeObjectXml(writer, object);
        QVERIFY2(!text.contains("s3cret") && text.count("anna:***@nas.example") == 2, text.constData());
    }

    void whatIsNotUnderstoodIsRefused_data()
    {
        QTest::addColumn<QByteArray>("order");
        for (const char* bad :
             {"",
              "x",
              "<add/>",
              "<add><user",
              "<add><other/></add>",
              "<walk><user h323='anna'/></walk>",
              "<modify><user h323='nobody'/></modify>",
              "<modify><user h323='anna' colour='red'/></modify>",
              "<modify><user h323='anna'><hat/></user></modify>",
              "<modify><user h323='anna'><cd type='cfx'><ep e164='1'/></cd></user></modify>",
              "<modify><user h323='anna'><cd type='cfu'/></user></modify>",
              "<modify><user h323='anna'><cd type='cfu'><ep e164='1'/><src type='do'/></cd></user></modify>",
              "<modify><user h323='anna'><grp name='g' dyn='up'/></user></modify>",
              "<modify><user h323='anna'><pseudo type='hat'/></user></modify>",
              "<modify><user h323='anna' node='nowhere'/></modify>",
              "<modify><user h323='anna' pwdx='aa'/></modify>",
              "<add><user h323='b' e164='2'/></add>", // no password
              "<add><user h323='b' e164='2'><pseudo type='map' to='x'/></user></add>",
              "<add><user h323='b' e164='2'><pseudo type='map' hat='1'/></user></add>",
              "<!DOCTYPE a [<!ENTITY b 'c'>]><add><user h323='&b;'><pseudo type='park'/></user></add>"})
            QTest::addRow("%s", bad) << QByteArray(bad);
    }

    void whatIsNotUnderstoodIsRefused()
    {
        QFETCH(QByteArray, order);
        const ExchangeFixture fixture;
        const auto store = fixture.open();
        const Object before = fixture.user(*store, "anna", "12");
        QVERIFY(store->add(before));
        QVERIFY(!administer(*store, order.toStdString()));
        QCOMPARE(store->read().value()->objects().size(), std::size_t{1});
        QCOMPARE(store->read().value()->byName("anna")->number, before.number);
        QVERIFY(store->read().value()->byName("anna")->diversions.empty());
    }
};

QTEST_GUILESS_MAIN(TestObjectXml)
#include "tst_object_xml.moc"
