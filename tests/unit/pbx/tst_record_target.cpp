// SPDX-License-Identifier: GPL-3.0-or-later
// Places that calls are written to, and which telephone is meant.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/pbx/object_settings.h"
#include "core/pbx/pbx_error.h"
#include "core/pbx/record_target.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;

namespace {

#ifdef Q_OS_WIN
const std::string kRoot = "C:";
#else
const std::string kRoot;
#endif

Binding bindingOf(const char* uri, const char* port, const char* userAgent = "", const char* instance = "")
{
    Binding binding;
    binding.contact.uri = uri;
    binding.contact.instance = instance;
    binding.userAgent = userAgent;
    binding.source.address = *Endpoint::parse(std::string("192.0.2.1:") + port);
    return binding;
}

} // namespace

class TestRecordTarget : public QObject {
    Q_OBJECT

private slots:
    void goodAndBad_data()
    {
        QTest::addColumn<QString>("target");
        QTest::addColumn<bool>("good");
        const QString root = QString::fromStdString(kRoot);
        QTest::newRow("folder") << root + QStringLiteral("/srv/calls of today") << true;
        QTest::newRow("relative") << "calls" << false;
        QTest::newRow("line feed") << root + QStringLiteral("/srv\n/calls") << false;
        QTest::newRow("http") << "http://nas.example/rec" << true;
        QTest::newRow("https with user and port") << "https://anna:s3c%2Fret@nas.example:8443/rec/" << true;
        QTest::newRow("another scheme") << "ftp://nas.example/rec" << false;
        QTest::newRow("no host") << "http:///rec" << false;
        QTest::newRow("port 0") << "http://nas.example:0/rec" << false;
        QTest::newRow("query") << "http://nas.example/rec?to=x" << false;
        QTest::newRow("fragment") << "http://nas.example/rec#x" << false;
        QTest::newRow("hidden password") << "http://anna:***@nas.example/rec" << false;
    }
    void goodAndBad()
    {
        QFETCH(QString, target);
        QFETCH(bool, good);
        for (const Kind kind : {Kind::User, Kind::Executive, Kind::Trunk, Kind::Gateway, Kind::WaitingQueue})
            QCOMPARE(static_cast<bool>(checkSettings(kind, {{"record-to", target.toStdString()}})), good);
        QVERIFY(checkSettings(Kind::User, {{"record-to", ""}}));
        Object anna;
        anna.name = anna.longName = "anna";
        anna.devices = {{"ip1", "", target.toStdString()}};
        QCOMPARE(static_cast<bool>(checkTexts(anna)), good);
    }

    void thesePlacesAreOne()
    {
        QCOMPARE(normalRecordTarget(kRoot + "/srv//calls/./x/../"), normalRecordTarget(kRoot + "/srv/calls"));
        QCOMPARE(normalRecordTarget("HTTP://NAS.example:80/rec"), std::string("http://nas.example/rec/"));
        QCOMPARE(normalRecordTarget("https://nas.example"), std::string("https://nas.example/"));
        QCOMPARE(normalRecordTarget("https://a:s3c%2Fret@nas.example:8443/r%20x/"),
                 std::string("https://a:s3c%2Fret@nas.example:8443/r%20x/"));
    }

    void passwordsAreNotShown()
    {
        QCOMPARE(shownRecordTarget("https://anna:s3cret@nas.example/rec/"),
                 std::string("https://anna:***@nas.example/rec/"));
        QCOMPARE(shownRecordTarget("http://anna@nas.example/rec"),
                 std::string("http://anna@nas.example/rec"));
        QCOMPARE(shownRecordTarget("/srv/calls"), std::string("/srv/calls"));
    }

    void telephones()
    {
        const auto is = [](const char* hardware, const Binding& binding) {
            return isHardware({hardware, "", ""}, binding);
        };
        const Binding phone =
            bindingOf("sip:ip200-30-00-af@192.0.2.1", "5060", "Make IP200/13 (00:90:33:30:00:AF)",
                      "<urn:uuid:00000000-0000-0000-0000-0090333000af>");
        QVERIFY(is("IP200-30-00-af", phone));
        QVERIFY(is("0090333000AF", phone));
        QVERIFY(is("00-90-33-30-00-af", phone));
        QVERIFY(is("ip200", phone)); // by its User-Agent
        QVERIFY(!is("ip2001", phone));
        QVERIFY(!is("--", phone));
        QVERIFY(!is("anna", bindingOf("sip:annabel@192.0.2.1", "5060")));
    }

    void ofTheObjectAndItsTelephone()
    {
        Object anna;
        anna.name = "anna";
        const std::vector<Binding> bindings{bindingOf("sip:desk@192.0.2.1", "5060"),
                                            bindingOf("sip:mobile@192.0.2.1", "5062")};
        const auto targets = [&](std::size_t i) {
            return recordTargetsOf(anna, bindings, bindings.at(i).source);
        };
        QVERIFY(targets(0).empty());
        anna.devices = {{"desk", "", kRoot + "/desk"}, {"mobile", "", ""}};
        QCOMPARE(targets(0), (std::vector<relay::TapTarget>{{normalRecordTarget(kRoot + "/desk"), "anna"}}));
        QVERIFY(targets(1).empty());
        anna.settings["record-to"] = "http://nas.example/rec";
        QCOMPARE(targets(0).size(), std::size_t{2});
        QCOMPARE(targets(1), (std::vector<relay::TapTarget>{{"http://nas.example/rec/", "anna"}}));
    }
};

QTEST_GUILESS_MAIN(TestRecordTarget)
#include "tst_record_target.moc"
