// SPDX-License-Identifier: GPL-3.0-or-later
// The rules for names, numbers and groups, and look-ups in a snapshot.
#include "core/pbx/directory.h"
#include "core/pbx/object_settings.h"
#include "core/pbx/pbx_error.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;

namespace {

bool is(const Status& status, PbxErrc code)
{
    return !status && status.error().code == code;
}

} // namespace

class TestObject : public QObject {
    Q_OBJECT

private slots:
    void names_data();
    void names();
    void numbers_data();
    void numbers();
    void longNames_data();
    void longNames();
    void groups();
    void refusedTextsAreShownHarmlessly();
    void aUserNeedsAPassword();
    void telephonesRingForSeconds();
    void telephonesAreBusyOnCalls();
    void lookUps();
};

void TestObject::names_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("good");
    QTest::newRow("letters") << QStringLiteral("anna") << true;
    QTest::newRow("digits") << QStringLiteral("4711") << true;
    QTest::newRow("all marks") << QStringLiteral("a.b_c-D") << true;
    QTest::newRow("letters of other scripts") << QStringLiteral("Zoë-東京") << true;
    QTest::newRow("combining marks that have no composed form") << QStringLiteral("हिन्दी") << true;
    QTest::newRow("63 octets") << QString(63, u'x') << true;
    QTest::newRow("64 octets") << QString(64, u'x') << false;
    QTest::newRow("64 octets in 32 letters") << QString(32, u'ë') << false;
    QTest::newRow("empty") << QString() << false;
    QTest::newRow("space") << QStringLiteral("an na") << false;
    QTest::newRow("at sign") << QStringLiteral("anna@x") << false;
    QTest::newRow("colon") << QStringLiteral("anna:x") << false;
    QTest::newRow("quote") << QStringLiteral("\"anna\"") << false;
    QTest::newRow("slash") << QStringLiteral("a/b") << false;
    QTest::newRow("line end") << QStringLiteral("anna\n") << false;
    QTest::newRow("zero octet") << QString(QChar(0)) << false;
    QTest::newRow("dash first") << QStringLiteral("-anna") << false;
    QTest::newRow("dot first") << QStringLiteral(".anna") << false;
    QTest::newRow("decomposed letter") << QStringLiteral("Zoe\u0308") << false;
    QTest::newRow("symbol") << QStringLiteral("☎") << false;
}

void TestObject::names()
{
    QFETCH(QString, name);
    QFETCH(bool, good);
    const Status checked = checkName(name.toStdString());
    QVERIFY2(good ? static_cast<bool>(checked) : is(checked, PbxErrc::BadName),
             checked ? "" : checked.error().text().c_str());
}

void TestObject::numbers_data()
{
    QTest::addColumn<QString>("number");
    QTest::addColumn<bool>("good");
    QTest::newRow("none") << QString() << true;
    QTest::newRow("digits") << QStringLiteral("0123456789") << true;
    QTest::newRow("star and hash") << QStringLiteral("*21#") << true;
    QTest::newRow("31 digits") << QString(31, u'1') << true;
    QTest::newRow("32 digits") << QString(32, u'1') << false;
    QTest::newRow("plus") << QStringLiteral("+43") << false;
    QTest::newRow("space") << QStringLiteral("1 2") << false;
    QTest::newRow("letter") << QStringLiteral("1a") << false;
    QTest::newRow("digit of another script") << QStringLiteral("١") << false;
}

void TestObject::numbers()
{
    QFETCH(QString, number);
    QFETCH(bool, good);
    const Status checked = checkNumber(number.toStdString());
    QVERIFY(good ? static_cast<bool>(checked) : is(checked, PbxErrc::BadNumber));
}

void TestObject::longNames_data()
{
    QTest::addColumn<QString>("longName");
    QTest::addColumn<bool>("good");
    QTest::newRow("words") << QStringLiteral("Anna Groß, 2nd floor (\"Büro\")") << true;
    QTest::newRow("a picture") << QStringLiteral("Empfang ☎") << true;
    QTest::newRow("letters joined by a format character") << QStringLiteral("می\u200cخواهم") << true;
    QTest::newRow("127 octets") << QString(127, u'x') << true;
    QTest::newRow("128 octets") << QString(128, u'x') << false;
    QTest::newRow("empty") << QString() << false;
    QTest::newRow("blank") << QStringLiteral("  ") << false;
    QTest::newRow("space at the end") << QStringLiteral("Anna ") << false;
    QTest::newRow("line end") << QStringLiteral("Anna\nOtto") << false;
    QTest::newRow("escape code") << QStringLiteral("\x1b[2J") << false;
    QTest::newRow("decomposed letter") << QStringLiteral("Zoe\u0308") << false;
}

void TestObject::longNames()
{
    QFETCH(QString, longName);
    QFETCH(bool, good);
    const Status checked = checkLongName(longName.toStdString());
    QVERIFY(good ? static_cast<bool>(checked) : is(checked, PbxErrc::BadLongName));
}

void TestObject::groups()
{
    QVERIFY(checkGroups({}));
    QVERIFY(checkGroups({"Sales EU", "Büro"}));
    QVERIFY(checkGroups(std::vector<Membership>(64, "x")));
    QVERIFY(is(checkGroups(std::vector<Membership>(65, "x")), PbxErrc::BadGroup));
    QVERIFY(is(checkGroups({"good", ""}), PbxErrc::BadGroup));
    QVERIFY(is(checkGroups({std::string(64, 'x')}), PbxErrc::BadGroup));
    QVERIFY(is(checkGroups({"\xff"}), PbxErrc::BadGroup));
}

void TestObject::refusedTextsAreShownHarmlessly()
{
    const std::string sentence = checkName("a\x1b[2J\n" + std::string(40, 'x')).error().text();
    QVERIFY(sentence.find('\x1b') == std::string::npos && sentence.find('\n') == std::string::npos);
    QVERIFY(checkLongName(std::string(1'000'000, 'x')).error().text().size() < 300);
    QVERIFY(is(checkName("\xc3"), PbxErrc::BadName)); // half a letter
}

void TestObject::aUserNeedsAPassword()
{
    User user{"anna", "12", "Anna", {"sales"}, sip::digestSecret("anna", "switchroom", "x")};
    QVERIFY(check(user));
    user.secret = {};
    QVERIFY(is(check(user), PbxErrc::NoPassword));
}

void TestObject::telephonesRingForSeconds()
{
    for (const Kind kind : {Kind::User, Kind::Executive}) {
        for (const char* good : {"5", "20", "120", ""})
            QVERIFY(checkSettings(kind, {{"ring", good}}));
        for (const char* bad : {"4", "121", "0", "-7", "7s", "x", " 7"})
            QVERIFY2(is(checkSettings(kind, {{"ring", bad}}), PbxErrc::BadSetting), bad);
    }
    QVERIFY(is(checkSettings(Kind::Broadcast, {{"ring", "7"}}), PbxErrc::BadSetting));
}

void TestObject::telephonesAreBusyOnCalls()
{
    for (const Kind kind : {Kind::User, Kind::Executive}) {
        for (const char* good : {"0", "1", "3600", ""})
            QVERIFY(checkSettings(kind, {{"busy-on", good}}));
        for (const char* bad : {"3601", "-1", "x", " 1"})
            QVERIFY2(is(checkSettings(kind, {{"busy-on", bad}}), PbxErrc::BadSetting), bad);
    }
    QVERIFY(is(checkSettings(Kind::Broadcast, {{"busy-on", "1"}}), PbxErrc::BadSetting));
}

void TestObject::lookUps()
{
    const Directory directory("realm", {{"otto", "7", "Otto", {}, {}}, {"Anna", "", "Anna", {}, {}}},
                              {"z", "b"});
    QCOMPARE(directory.realm(), std::string("realm"));
    QCOMPARE(directory.objects().front().name, std::string("Anna"));
    QCOMPARE(directory.byName("otto"), &directory.objects().back());
    QCOMPARE(directory.byNumber("7"), &directory.objects().back());
    QCOMPARE(directory.byName("Otto"), nullptr); // SIP tells upper and lower case apart
    QCOMPARE(directory.byNumber(""), nullptr);
    QCOMPARE(directory.refused(), (std::vector<std::string>{"b", "z"}));
}

QTEST_GUILESS_MAIN(TestObject)
#include "tst_object.moc"
