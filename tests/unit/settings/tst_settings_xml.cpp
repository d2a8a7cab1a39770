// SPDX-License-Identifier: GPL-3.0-or-later
// Settings XML: what is written is read, and what is not ours is refused with line and offset.
#include "core/crypto/errors.h"
#include "core/settings/definitions.h"
#include "core/settings/settings_xml.h"

#include <QTest>

using namespace sr;
using namespace sr::settings;

class TestSettingsXml : public QObject {
    Q_OBJECT

private slots:
    void writtenIsRead()
    {
        const Values values = {{QStringLiteral("a.empty"), QString()},
                               {QStringLiteral("a.path"), QStringLiteral("/srv/Büro <1> & \"2\"/東京/🎧")},
                               {QStringLiteral("a.blanks"), QStringLiteral("  both sides  ")},
                               {QStringLiteral("z_9-x"), QStringLiteral("]]>&#0;")}};
        const auto back = parseXml(writeXml(values));
        QVERIFY2(back, back ? "" : back.error().text().c_str());
        QCOMPARE(*back, values);
        QVERIFY(parseXml(writeXml({}))->empty());
    }
    void handWrittenIsRead()
    {
        const auto values =
            parseXml("\xEF\xBB\xBF<?xml version='1.0'?><!-- ours -->\r\n<settings version='1'>\r\n"
                     "<set key='a'><![CDATA[x<y]]></set><!-- b -->\t<set key='b'/></settings>\n");
        QVERIFY2(values, values ? "" : values.error().text().c_str());
        QCOMPARE(*values,
                 (Values{{QStringLiteral("a"), QStringLiteral("x<y")}, {QStringLiteral("b"), QString()}}));
    }

    void refused_data()
    {
        QTest::addColumn<QByteArray>("xml");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("no XML") << QByteArray("archive.path=/srv");
        QTest::newRow("another root") << QByteArray("<config version='1'/>");
        QTest::newRow("no version") << QByteArray("<settings/>");
        QTest::newRow("version is no number") << QByteArray("<settings version='one'/>");
        QTest::newRow("version zero") << QByteArray("<settings version='0'/>");
        QTest::newRow("another element") << QByteArray("<settings version='1'><get key='a'/></settings>");
        QTest::newRow("no key") << QByteArray("<settings version='1'><set>1</set></settings>");
        QTest::newRow("a key with a blank")
            << QByteArray("<settings version='1'><set key='a b'/></settings>");
        QTest::newRow("a very long key")
            << "<settings version='1'><set key='" + QByteArray(129, 'k') + "'/></settings>";
        QTest::newRow("a key twice") << QByteArray(
            "<settings version='1'><set key='a'/><set key='a'/></settings>");
        QTest::newRow("an element in a value")
            << QByteArray("<settings version='1'><set key='a'><b/></set></settings>");
        QTest::newRow("text between") << QByteArray("<settings version='1'>text</settings>");
        QTest::newRow("cut") << QByteArray("<settings version='1'><set key='a'>1</set>");
        QTest::newRow("more after the end") << QByteArray("<settings version='1'/><settings version='1'/>");
        QTest::newRow("a character XML has not")
            << QByteArray("<settings version='1'><set key='a'>\x01</set></settings>");
        QTest::newRow("bad UTF-8") << QByteArray(
            "<settings version='1'><set key='a'>\xff\xfe</set></settings>");
        QTest::newRow("a document type") << QByteArray("<!DOCTYPE settings><settings version='1'/>");
        QTest::newRow("growing entities")
            << QByteArray("<!DOCTYPE s [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>"
                          "<settings version='1'><set key='a'>&b;</set></settings>");
        QTest::newRow("a file of the machine")
            << QByteArray("<!DOCTYPE s [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>"
                          "<settings version='1'><set key='a'>&a;</set></settings>");
    }
    void refused()
    {
        QFETCH(QByteArray, xml);
        const auto values = parseXml(xml);
        QVERIFY(!values);
        QCOMPARE(values.error().code, make_error_code(SettingsErrc::Malformed));
        QVERIFY2(QString::fromStdString(values.error().context).startsWith(u"line "),
                 values.error().context.c_str());
        QVERIFY(values.error().context.find(", offset ") != std::string::npos);
    }
    void newerVersionIsNamed()
    {
        const auto values = parseXml("<settings version='2'><surprise/></settings>");
        QVERIFY(!values);
        QCOMPARE(values.error().code, make_error_code(crypto::CryptoErrc::NewerVersion));
    }
    void tooMuchIsRefused()
    {
        QCOMPARE(parseXml(QByteArray(1024 * 1024 + 1, ' ')).error().code,
                 make_error_code(BaseErrc::TooLarge));
        QByteArray many = "<settings version='1'>";
        for (int i = 0; i < 4097; ++i)
            many += "<set key='k" + QByteArray::number(i) + "'/>";
        QCOMPARE(parseXml(many + "</settings>").error().code, make_error_code(BaseErrc::TooLarge));
    }

    void oldNamesMoveToTheNameOfToday()
    {
        static constexpr const char* kOld[] = {"old.one", "old.two"};
        const Definition table[] = {{.key = "new.name", .oldNames = kOld}};
        Values values = {{QStringLiteral("old.two"), QStringLiteral("x")},
                         {QStringLiteral("other"), QString()}};
        adoptOldNames(values, table);
        QCOMPARE(values, (Values{{QStringLiteral("new.name"), QStringLiteral("x")},
                                 {QStringLiteral("other"), QString()}}));
        values = {{QStringLiteral("old.one"), QStringLiteral("x")},
                  {QStringLiteral("new.name"), QStringLiteral("y")}};
        adoptOldNames(values, table);
        QCOMPARE(values, (Values{{QStringLiteral("new.name"), QStringLiteral("y")}}));
    }
};

QTEST_GUILESS_MAIN(TestSettingsXml)
#include "tst_settings_xml.moc"
