// SPDX-License-Identifier: GPL-3.0-or-later
// Loading of scripts: what is a program, what is refused and where, and what costs too much.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/script/program.h"

#include <QTest>

using namespace sr;
using namespace sr::script;

namespace {

std::string scriptOf(const std::string& body)
{
    return "<voicemail>\n<function define=\"Main\">\n" + body + "\n</function></voicemail>";
}

std::string spelled(const Text& text)
{
    std::string all;
    for (const Text::Piece& piece : text.pieces)
        all += piece.variable ? "[" + piece.text + "]" : piece.text;
    return all;
}

} // namespace

Q_DECLARE_METATYPE(sr::script::ScriptErrc)

class TestProgram : public QObject {
    Q_OBJECT
private slots:
    void namespaces();
    void refused_data();
    void refused();
    void unknownAttributesAreNoted();
    void elseStandsInsideOrBehind();
    void elseBehindAnInnerIf();
    void texts_data();
    void texts();
    void blanksBeforeTheDeclaration();
    void fragmentsMayCallTheScript();
    void limits();
    void everyCutIsRefused();
};

void TestProgram::namespaces()
{
    for (const char* space : {"", " xmlns=\"http://www.innovaphone.com/xsd/voicemail6.xsd\"",
                              " xmlns=\"http://www.innovaphone.com/xsd/vm.xsd\""})
        QVERIFY(
            Program::parse("<voicemail" + std::string(space) + "><function define='Main'/></voicemail>", {}));
    const auto other = Program::parse("<voicemail xmlns='urn:x'><function define='Main'/></voicemail>", {});
    QCOMPARE(other.error().code, make_error_code(ScriptErrc::UnknownTag));
}

void TestProgram::refused_data()
{
    QTest::addColumn<QByteArray>("xml");
    QTest::addColumn<ScriptErrc>("error");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char* title, const std::string& xml, ScriptErrc error, const char* says) {
        QTest::newRow(title) << QByteArray::fromStdString(xml) << error << QByteArray(says);
    };
    row("nothing", "", ScriptErrc::Malformed, "line 1");
    row("no XML", "hello", ScriptErrc::Malformed, "line 1");
    row("another root", "<vm/>", ScriptErrc::Malformed, "<voicemail>");
    row("cut", "<voicemail><function define=\"Main\">", ScriptErrc::Malformed, "line 1");
    row("no Main", "<voicemail><function define=\"Other\"/></voicemail>", ScriptErrc::NoMain, "Main");
    row("an unknown tag", scriptOf("<dbg/>\n<beep/>"), ScriptErrc::UnknownTag, "line 4: <beep>");
    row("an unknown tag beside functions", "<voicemail><x/></voicemail>", ScriptErrc::UnknownTag, "<x>");
    row("a tag outside of functions", "<voicemail><dbg/></voicemail>", ScriptErrc::Malformed, "<dbg>");
    row("a function in a function", scriptOf("<function define=\"F\"/>"), ScriptErrc::Malformed,
        "<function>");
    row("two functions of one name",
        "<voicemail><function define=\"Main\"/><function define=\"Main\"/></voicemail>",
        ScriptErrc::Malformed, "second");
    row("a missing attribute", scriptOf("<assign value=\"1\"/>"), ScriptErrc::MissingAttribute,
        "line 3: <assign> needs out");
    row("a condition without one", scriptOf("<if/>"), ScriptErrc::MissingAttribute, "cond");
    row("else without if", scriptOf("<dbg/><else/>"), ScriptErrc::Malformed, "<else>");
    row("a second else", scriptOf("<if cond=\"a\"><else/><else/></if>"), ScriptErrc::Malformed, "<else>");
    row("case outside of switch", scriptOf("<case equal=\"1\"/>"), ScriptErrc::Malformed, "<case>");
    row("something else in switch", scriptOf("<switch var=\"a\"><dbg/></switch>"), ScriptErrc::Malformed,
        "<case>");
    row("a call to nowhere", scriptOf("<call name=\"F\"/>"), ScriptErrc::UnknownFunction, "line 3: F");
    row("an unknown event", scriptOf("<event type=\"ring\"/>"), ScriptErrc::Malformed, "ring");
    row("a variable of a bad name", scriptOf("<assign out=\"$a.b\"/>"), ScriptErrc::Malformed, "a.b");
    row("a variable that ends with -", scriptOf("<assign out=\"$a-\"/>"), ScriptErrc::Malformed, "a-");
    row("a document type", "<!DOCTYPE voicemail [<!ENTITY a \"b\">]>" + scriptOf(""), ScriptErrc::Malformed,
        "document type");
    row("entities in entities",
        "<!DOCTYPE v [<!ENTITY a \"&b;&b;\"><!ENTITY b \"&c;&c;\"><!ENTITY c \"xxxx\">]>" +
            scriptOf("<dbg string=\"&a;\"/>"),
        ScriptErrc::Malformed, "document type");
    row("an entity of a file", "<!DOCTYPE v [<!ENTITY a SYSTEM \"/etc/passwd\">]>" + scriptOf("&a;"),
        ScriptErrc::Malformed, "document type");
    row("an entity that nobody declared", scriptOf("<dbg string=\"&a;\"/>"), ScriptErrc::Malformed, "line 3");
}

void TestProgram::refused()
{
    QFETCH(QByteArray, xml);
    QFETCH(ScriptErrc, error);
    QFETCH(QByteArray, says);
    const auto program = Program::parse(xml.toStdString(), {});
    QVERIFY(!program);
    QCOMPARE(program.error().code, make_error_code(error));
    QVERIFY2(program.error().text().find(says.toStdString()) != std::string::npos,
             program.error().text().c_str());
}

void TestProgram::unknownAttributesAreNoted()
{
    const auto program = Program::parse(scriptOf("<pbx-prompt url=\"a\" colour=\"red\"/>"), {});
    QVERIFY(program);
    QCOMPARE(program.value()->notes().size(), std::size_t(1));
    QCOMPARE(program.value()->notes()[0], std::string("line 3: <pbx-prompt> has no attribute colour"));
}

void TestProgram::elseStandsInsideOrBehind()
{
    for (const char* body : {"<if cond=\"a\"><dbg/><else><wait sec=\"1\"/></else></if>",
                             "<if cond=\"a\"><dbg/></if><else><wait sec=\"1\"/></else>"}) {
        const auto program = Program::parse(scriptOf(body), {});
        QVERIFY(program);
        const Node& main = *program.value()->function("Main");
        QCOMPARE(main.children.size(), std::size_t(1));
        const Node& condition = program.value()->node(main.children[0]);
        QCOMPARE(condition.children.size(), std::size_t(1));
        QVERIFY(condition.otherwise);
        QCOMPARE(program.value()->node(*condition.otherwise).children.size(), std::size_t(1));
    }
}

void TestProgram::elseBehindAnInnerIf()
{
    const auto program =
        Program::parse(scriptOf("<if cond=\"a\"><if cond=\"b\"/><else/><else/></if><else/>"), {});
    QVERIFY(!program); // one else too many
    const auto fewer = Program::parse(scriptOf("<if cond=\"a\"><if cond=\"b\"/><else/></if><else/>"), {});
    QVERIFY(fewer);
    const Node& outer = fewer.value()->node(fewer.value()->function("Main")->children[0]);
    QVERIFY(outer.otherwise && fewer.value()->node(outer.children[0]).otherwise);
}

void TestProgram::texts_data()
{
    QTest::addColumn<QByteArray>("raw");
    QTest::addColumn<QByteArray>("cut");
    const auto row = [](const char* raw, const char* cut) {
        QTest::newRow(raw) << QByteArray(raw) << QByteArray(cut);
    };
    row("plain", "plain");
    row("$a", "[a]");
    row("x$a.y", "x[a].y");
    row("$a$b", "[a][b]");
    row("$_pbxfwd!", "[_pbxfwd]!");
    row("$$a", "$a");
    row("5 $", "5 $");
    row("$5", "$5");
    row("http://h/x?a=$a&b=$b", "http://h/x?a=[a]&b=[b]");
}

void TestProgram::texts()
{
    QFETCH(QByteArray, raw);
    QFETCH(QByteArray, cut);
    QCOMPARE(QByteArray::fromStdString(spelled(Text::parse(raw.toStdString()))), cut);
}

void TestProgram::blanksBeforeTheDeclaration()
{
    QVERIFY(Program::parse("\r\n   <?xml version=\"1.0\" encoding=\"utf-8\"?>" + scriptOf(""), {}));
}

void TestProgram::fragmentsMayCallTheScript()
{
    QVERIFY(Program::parse(scriptOf("<call name=\"F\"/>"), {}, Program::Kind::Fragment));
    QVERIFY(!Program::parse("<voicemail/>", {}, Program::Kind::Fragment));
}

void TestProgram::limits()
{
    const auto code = [](const std::string& xml, const Limits& limits) {
        const auto program = Program::parse(xml, limits);
        return program ? std::error_code() : program.error().code;
    };
    const std::string plain = scriptOf("<dbg string=\"abcdef\" string2=\"\"/>");
    const auto tooLarge = make_error_code(ScriptErrc::TooLarge);
    Limits limits;
    limits.textBytes = plain.size();
    limits.depth = 3;
    limits.elements = 2;
    limits.attributes = 2;
    limits.attributeBytes = 6;
    QCOMPARE(code(plain, limits), std::error_code());
    const auto lower = [&](auto Limits::*field) {
        Limits less = limits;
        less.*field -= 1;
        return code(plain, less);
    };
    for (const auto field : {&Limits::textBytes, &Limits::depth, &Limits::elements, &Limits::attributes,
                             &Limits::attributeBytes})
        QCOMPARE(lower(field), tooLarge);
    std::string deep;
    for (int i = 0; i < 20'000; ++i)
        deep += "<if cond=\"a\">";
    QCOMPARE(code(scriptOf(deep), {}), make_error_code(ScriptErrc::TooLarge));
}

void TestProgram::everyCutIsRefused()
{
    const std::string whole =
        scriptOf("<if cond=\"$a\"><dbg string=\"x &amp; y\"/></if><else><wait sec=\"1\"/></else>");
    QVERIFY(Program::parse(whole, {}));
    for (std::size_t size = 0; size < whole.size(); ++size)
        QVERIFY(!Program::parse(whole.substr(0, size), {}));
}

QTEST_GUILESS_MAIN(TestProgram)
#include "tst_program.moc"
