// SPDX-License-Identifier: GPL-3.0-or-later
// The language: every tag, events, fragments, limits, and what a call may do to a script at any moment.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "tests/unit/script/fake_host.h"

#include <QTest>

using namespace sr;
using namespace sr::script;
using sr::test::FakeHost;

namespace {

std::string scriptOf(const std::string& body, const std::string& functions = {})
{
    return "<voicemail><function define=\"Main\">" + body + "</function>" + functions + "</voicemail>";
}

} // namespace

class TestScript : public QObject {
    Q_OBJECT
private slots:
    void values_data();
    void values();
    void presets();
    void prompts_data();
    void prompts();
    void digits();
    void bargeIn();
    void recording();
    void callInfo();
    void storage();
    void badNamesAreRefusedAndTold();
    void timeAsked();
    void transferAndForward();
    void questions();
    void messages();
    void handlers();
    void aHandlerTakesTheSound();
    void waitingForEvents();
    void callEnd();
    void hangUpAtOnce();
    void fragments();
    void brokenFragments();
    void endlessLoops();
    void limits_data();
    void limits();
    void lifetime();
    void afterTheCall();
    void traceTellsNoValues();
    void strayAnswers();
};

void TestScript::values_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("result");
    const auto row = [](const char* title, const char* body, const char* result) {
        QTest::newRow(title) << QByteArray(body) << QByteArray(result);
    };
    row("assign", "<assign out='$r' value='x'/>", "x");
    row("assign without dollar", "<assign out='r' value='x'/>", "x");
    row("a value within a text", "<assign out='a' value='5'/><assign out='r' value='x$a.$a'/>", "x5.5");
    row("nothing was set", "<assign out='r' value='[$a]'/>", "[]");
    row("add", "<add out='r' value='40' value2='2'/>", "42");
    row("add what is no number", "<add out='r' value='x' value2='2'/>", "2");
    row("add beyond the end", "<add out='r' value='9223372036854775807' value2='1'/>", "9223372036854775807");
    row("sub", "<assign out='r' value='5'/><sub out='r' value='$r' value2='7'/>", "-2");
    row("sub beyond the end", "<sub out='r' value='-9223372036854775808' value2='1'/>",
        "-9223372036854775808");
    row("index", "<index out='r' value='abcdef' pos='2' size='3'/>", "bcd");
    row("index to the end", "<index out='r' value='abcdef' pos='5'/>", "ef");
    row("index behind the end", "<index out='r' value='abc' pos='7' size='1'/>", "");
    row("index before the start", "<index out='r' value='abc' pos='0' size='1'/>", "");
    row("index of characters", "<index out='r' value='\xC3\xA4\xC3\xB6\xC3\xBC' pos='2' size='1'/>",
        "\xC3\xB6");
    row("strcat", "<lib-strcat string='ab' string2='cd' out-string='$r'/>", "abcd");
    row("strlen",
        "<lib-strlen string='\xC3\xA4"
        "b' out='$r'/>",
        "2");
    row("enc", "<lib-enc type='url' string='a b*&amp;c' out-string='$r'/>", "a%20b*%26c");
    row("dec", "<lib-dec type='url' string='a%20b%zz%4' out-string='$r'/>", "a b%zz%4");
    row("if", "<assign out='a' value='1'/><if cond='$a'><assign out='r' value='y'/></if>", "y");
    row("if by name", "<assign out='a' value='1'/><if cond='a'><assign out='r' value='y'/></if>", "y");
    row("if not", "<if notcond='$a'><assign out='r' value='y'/></if>", "y");
    row("0 is false", "<assign out='a' value='0'/><if cond='$a'/><else><assign out='r' value='n'/></else>",
        "n");
    row("false is false",
        "<assign out='a' value='false'/><if cond='$a'><else><assign out='r' value='n'/></else></if>", "n");
    row("while",
        "<assign out='i' value='4'/><while cond='$i'><assign out='r' value='$r$i'/>"
        "<sub out='i' value='$i' value2='1'/></while>",
        "4321");
    row("while not", "<while notcond='$r'><assign out='r' value='once'/></while>", "once");
    row("switch",
        "<assign out='a' value='2'/><switch var='$a'><case equal='1'><assign out='r' value='x'/></case>"
        "<case equal='2'><assign out='r' value='y'/></case></switch>",
        "y");
    row("switch by name and for all else",
        "<switch var='a'><case><assign out='r' value='else'/></case><case equal='1'/></switch>", "else");
    row("a case for nothing", "<switch var='$a'><case equal=''><assign out='r' value='e'/></case></switch>",
        "e");
    row("a case by variable",
        "<assign out='a' value='7'/><assign out='b' value='7'/><switch var='$a'>"
        "<case equal='$b'><assign out='r' value='same'/></case></switch>",
        "same");
    row("call", "<call name='F'/><assign out='r' value='$r!'/>", "f!");
    row("call by variable", "<assign out='n' value='F'/><call name='$n'/>", "f");
    row("a name with -",
        "<assign out='a' value='1'/><assign out='$a-b' value='2'/>"
        "<if cond='a-b'><assign out='r' value='$a-b'/><assign out='r' value='$r/$a-b'/></if>",
        "2/1-b");
    row("two dollars", "<assign out='r' value='$$r'/>", "$r");
}

void TestScript::values()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, result);
    FakeHost host;
    host.load(scriptOf(body.toStdString(), "<function define='F'><assign out='r' value='f'/></function>"));
    QCOMPARE(host.act("start"), std::string("disconnect 16; ended"));
    QCOMPARE(*host.end, std::string());
    QCOMPARE(QByteArray::fromStdString(host.script->variable("r")), result);
}

void TestScript::presets()
{
    FakeHost host;
    host.load(scriptOf(""), "?$server=a%20b&plain=2&$_trace=&=x&$bad.name=1&$ctl-call=7&last");
    QCOMPARE(host.script->variable("$server"), std::string("a b"));
    QCOMPARE(host.script->variable("plain"), std::string("2"));
    QCOMPARE(host.script->variable("ctl-call"), std::string("7"));
    QCOMPARE(host.script->variable("last"), std::string());
}

void TestScript::prompts_data()
{
    QTest::addColumn<QByteArray>("tag");
    QTest::addColumn<QByteArray>("asked");
    const auto row = [](const char* tag, const char* asked) {
        QTest::newRow(tag) << QByteArray(tag) << QByteArray(asked);
    };
    row("<pbx-prompt url='a.g711a'/>", "play a.g711a");
    row("<pbx-prompt url='a b' repeat='3'/>", "play a b x3");
    row("<pbx-prompt url='a' repeat='true' sec='5'/>", "play a x0 5s");
    row("<pbx-prompt url='TONE' sec='2'/>", "play TONE 2s");
    row("<pbx-prompt url='MOH?repeat=true'/>", "play MOH x0");
    row("<pbx-prompt sec='3'/>", "play 3s");
    row("<pbx-prompt url='a.g711a?repeat=true'/>", "play a.g711a x0");
}

void TestScript::prompts()
{
    QFETCH(QByteArray, tag);
    QFETCH(QByteArray, asked);
    FakeHost host;
    host.load(scriptOf(tag.toStdString()));
    QCOMPARE(QByteArray::fromStdString(host.act("start")), asked);
    QCOMPARE(host.act("done"), std::string("disconnect 16; ended"));
}

void TestScript::digits()
{
    FakeHost host;
    host.load(scriptOf("<pbx-getdtmfdigit out-dtmf='$a'/><pbx-getdtmfdigit out-dtmf='$b' sec='5'/>"
                       "<pbx-getdtmfdigit out-dtmf='$c' sec='5'/><pbx-getdtmfdigit out-dtmf='$d'/>"));
    host.act("dial 1x\n"); // before it starts: dialled with the number
    host.act("start");
    QCOMPARE(host.script->variable("a"), std::string("1"));
    host.act("wait 4");
    host.act("dial #");
    QCOMPARE(host.script->variable("b"), std::string("#"));
    host.act("wait 5");
    QVERIFY(host.script->hasEnded());
    QCOMPARE(host.script->variable("c") + host.script->variable("d"), std::string());
}

void TestScript::bargeIn()
{
    FakeHost host;
    host.load(
        scriptOf("<pbx-prompt url='a'/><pbx-prompt url='b' barge-in='true'/><pbx-getdtmfdigit out-dtmf='$d'/>"
                 "<pbx-prompt url='c' barge-in='true'/>"));
    QCOMPARE(host.act("start"), std::string("play a"));
    QCOMPARE(host.act("dial 1"), std::string());
    QCOMPARE(host.act("done"), std::string("play c")); // b was typed ahead of
    QCOMPARE(host.script->variable("d"), std::string("1"));
    QCOMPARE(host.act("dial 2"), std::string("disconnect 16; ended"));
}

void TestScript::recording()
{
    const std::string tags = "<pbx-record url='box/1.g711a' sec='60' silence='3' out-sec='$s' out-error='$e' "
                             "barge-in='true'/><pbx-prompt url='$s,$e'/>";
    FakeHost host;
    host.load(scriptOf(tags));
    QCOMPARE(host.act("start"), std::string("record box/1.g711a 60s"));
    QCOMPARE(host.act("recorded 12"), std::string("play 12,0"));
    host.load(scriptOf(tags));
    QCOMPARE(host.act("start"), std::string("record box/1.g711a 60s; play 0,17")); // it is there
    host.files.clear();
    host.load(scriptOf(tags));
    host.act("start");
    QCOMPARE(host.act("dial 1"), std::string("stop recording; play 7,0"));
    host.load(scriptOf("<pbx-record url='../x' sec='9' out-error='$e'/><pbx-prompt url='$e'/>"));
    QCOMPARE(host.act("start"), std::string("play 1"));
}

void TestScript::callInfo()
{
    FakeHost host;
    host.call = {"100", "900", "200", "cfnr", 1, "ctl", "berta", "guid", "Anna"};
    host.load(
        scriptOf("<pbx-getcallinfo out-cgpn='$a' out-cdpn='$b' out-leg2='$c' out-leg2-reason='$d' "
                 "out-leg2-count='$e' out-ctl-call='$f' out-h323='$g' out-confid='$h' out-calling-name='$i'/>"
                 "<assign out='r' value='$a $b $c $d $e $f $g $h $i'/>"));
    host.act("start");
    QCOMPARE(host.script->variable("r"), std::string("100 900 200 cfnr 1 ctl berta guid Anna"));
}

void TestScript::storage()
{
    for (const auto answers : {FakeHost::Answers::AtOnce, FakeHost::Answers::Later}) {
        FakeHost host(answers);
        host.files["snd/a"] = "x";
        host.load(scriptOf(
            "<store-cookie root='box' name='n' value='5'/><store-cookie root='box' name='n' out='$a'/>"
            "<store-cookie name='none' out='$b'/><store-get root='snd' name='a' out-url='$c'/>"
            "<store-get name='none' out-url='$d'/><store-mkdir root='box' name='sub'/>"
            "<store-getstat name='none' out-error='$e'/><store-getstat root='snd' name='a' out-error='$f'/>"
            "<store-del root='snd' name='a'/><assign out='r' value='$a,$b,$c,$d,$e,$f'/>"));
        QCOMPARE(host.act("start"), std::string("disconnect 16; ended"));
        QCOMPARE(host.script->variable("r"), std::string("5,,snd/a,,2,0"));
        QCOMPARE(host.files, (std::map<std::string, std::string>{{"box/n", "5"}, {"box/sub", "folder"}}));
    }
}

void TestScript::badNamesAreRefusedAndTold()
{
    FakeHost host;
    host.load(scriptOf(
        "<store-getstat root='..' name='a' out-error='$e'/><store-cookie name='/etc/x' value='1'/>"
        "<store-cookie name='C:x' out='$c'/><store-del name='a/../..'/><assign out='r' value='on'/>"));
    host.act("start");
    QCOMPARE(host.requests, std::size_t(0));
    QCOMPARE(host.script->variable("e"), std::string("1"));
    QCOMPARE(host.script->variable("r"), std::string("on"));
    QVERIFY(host.notes.find("leads out of the folder") != std::string::npos);
}

void TestScript::timeAsked()
{
    FakeHost host;
    host.load(scriptOf("<store-getstat name='NULL' out-error='$e' out-mday='$d' out-mon='$m' out-year='$y' "
                       "out-hour='$h' out-min='$i'/><assign out='r' value='$y-$m-$d $h:$i $e'/>"));
    host.act("start");
    QCOMPARE(host.script->variable("r"), std::string("2026-11-26 9:0 0"));
}

void TestScript::transferAndForward()
{
    const std::string transfer = "<pbx-xfer e164='300'/><pbx-prompt url='refused'/>";
    FakeHost host;
    host.load(scriptOf(transfer));
    QCOMPARE(host.act("start"), std::string("transfer 300"));
    QCOMPARE(host.act("done"), std::string("ended"));
    host.load(scriptOf(transfer));
    host.act("start");
    QCOMPARE(host.act("refuse"), std::string("play refused"));
    host.load(scriptOf("<pbx-xfer/><pbx-xfer name='berta'/>"));
    QCOMPARE(host.act("start"), std::string("transfer berta"));

    const std::string forward = "<pbx-fwd e164='300' barge-in='true'/><pbx-prompt url='[$_pbxfwd]'/>";
    for (const char* how : {"refuse", "dial 0"}) {
        host.load(scriptOf(forward));
        QCOMPARE(host.act("start"), std::string("forward 300"));
        QCOMPARE(host.act(how), std::string("play []"));
    }
    host.load(scriptOf("<event type='call-end' block='false'><dbg string='[$_pbxfwd]'/></event>" + forward));
    host.act("start");
    QCOMPARE(host.act("done"), std::string("ended"));
    QCOMPARE(host.notes, std::string("[1]\n"));
    host.load(scriptOf("<pbx-disc cause='17'/><pbx-prompt url='never'/>"));
    QCOMPARE(host.act("start"), std::string("disconnect 17; ended"));
}

void TestScript::questions()
{
    FakeHost host;
    host.forwards = {{"berta cfu", "300"}, {"berta cfnr", "400"}};
    host.load(scriptOf(
        "<pbx-query-obj name='berta' type='cfu' out='$a'/><pbx-query-obj name='berta' type='cfnr' out='$b'/>"
        "<pbx-query-obj name='x' type='cfu' out='$c'/><pbx-query-obj name='berta' type='what' out='$d'/>"
        "<pbx-finduser-e164 e164='200' out-cn='$e'/><pbx-finduser-e164 e164='9' out-cn='$f'/>"
        "<assign out='r' value='$a,$b,$c,$d,$e,$f'/>"));
    host.act("start");
    QCOMPARE(host.script->variable("r"), std::string("300,400,,,Berta,"));
}

void TestScript::messages()
{
    FakeHost host;
    host.load(scriptOf("<pbx-im cgpn='1' e164='2' text='hello'/><pbx-mwi e164='200' new='3' old='x'/>"
                       "<dbg string='a' string2='b'/>"));
    QCOMPARE(host.act("start"), std::string("message 1>2 hello; lamp 200 3/0; disconnect 16; ended"));
    QCOMPARE(host.notes, std::string("ab\n"));
}

void TestScript::handlers()
{
    FakeHost host;
    host.load(scriptOf("<event type='dtmf' block='false'><pbx-getdtmfdigit out-dtmf='$d'/>"
                       "<assign out='r' value='$r$d'/></event>"
                       "<event type='call-info'><assign out='r' value='$r(i)'/></event>"
                       "<pbx-prompt url='a'/><wait sec='10'/><pbx-prompt url='b'/>"));
    QCOMPARE(host.act("start"), std::string("play a"));
    QCOMPARE(host.act("dial 12"), std::string()); // the prompt goes on
    QCOMPARE(host.act("info"), std::string());
    QCOMPARE(host.script->variable("r"), std::string("12(i)"));
    host.act("done");
    host.act("dial 3");
    QCOMPARE(host.act("wait 9"), std::string());
    QCOMPARE(host.act("wait 1"), std::string("play b"));
    QCOMPARE(host.script->variable("r"), std::string("12(i)3"));
}

void TestScript::aHandlerTakesTheSound()
{
    FakeHost host;
    host.load(scriptOf(
        "<event type='dtmf' block='false'><pbx-prompt url='h'/></event><pbx-prompt url='a' repeat='true'/>"
        "<pbx-prompt url='b'/>"));
    QCOMPARE(host.act("start"), std::string("play a x0"));
    QCOMPARE(host.act("dial 1"), std::string("play h"));
    QCOMPARE(host.act("done"), std::string("play b"));
}

void TestScript::waitingForEvents()
{
    FakeHost host;
    host.load(
        scriptOf("<event type='call-info' block='true'><assign out='r' value='i'/></event><event type='dtmf'>"
                 "<pbx-getdtmfdigit out-dtmf='$d'/></event><pbx-prompt url='$r$d'/>"));
    host.act("start");
    QCOMPARE(host.act("wait 3600"), std::string());
    QCOMPARE(host.act("info"), std::string());
    QCOMPARE(host.act("dial 5"), std::string("play i5"));
}

void TestScript::callEnd()
{
    const std::string handler =
        "<event type='call-end'><store-cookie name='n' value='$s'/>"
        "<pbx-prompt url='never'/><pbx-getdtmfdigit out-dtmf='$d' sec='9'/><pbx-disc/>"
        "<pbx-xfer e164='3'/><pbx-fwd e164='3'/></event>";
    for (const auto answers : {FakeHost::Answers::AtOnce, FakeHost::Answers::Later}) {
        FakeHost host(answers);
        host.load(scriptOf(handler + "<pbx-record url='a' sec='9' out-sec='$s'/><pbx-prompt url='b'/>"));
        host.act("start");
        QCOMPARE(host.act("hangup 4"), std::string("ended"));
        QCOMPARE(host.files["n"], std::string("4")); // the recording had told its length
        QCOMPARE(*host.end, std::string());
    }
    FakeHost host;
    host.load(scriptOf(handler));
    QCOMPARE(host.act("start"), std::string("disconnect 16; ended")); // also at the end of Main
    QVERIFY(host.files.contains("n"));
    QCOMPARE(host.act("hangup"), std::string());
}

void TestScript::hangUpAtOnce()
{
    FakeHost host;
    host.load(scriptOf("<pbx-prompt url='a'/>"));
    host.act("hangup");
    QCOMPARE(host.act("start"), std::string("ended"));
    QCOMPARE(host.act("start"), std::string());
}

void TestScript::fragments()
{
    for (const auto answers : {FakeHost::Answers::AtOnce, FakeHost::Answers::Later}) {
        FakeHost host(answers);
        host.fragments["x.php?n=5"] =
            "\n <?xml version=\"1.0\"?>" +
            scriptOf("<call name='Own'/><call name='Outer'/><exec url='deep'/>"
                     "<event type='call-end' block='false'><dbg string='end $r'/></event>",
                     "<function define='Own'><assign out='r' value='$r:own'/></function>");
        host.fragments["deep"] = scriptOf("<assign out='r' value='$r:deep'/>");
        host.load(
            scriptOf("<assign out='n' value='5'/><exec url='x.php?n=$n'/><assign out='r' value='$r:back'/>",
                     "<function define='Outer'><assign out='r' value='$r:outer'/></function>"));
        QCOMPARE(host.act("start"), std::string("disconnect 16; ended"));
        QCOMPARE(host.notes,
                 std::string("end :own:outer:deep:back\n")); // the fragment lives on in its handler
    }
}

void TestScript::brokenFragments()
{
    FakeHost host;
    host.fragments["bad"] = "<voicemail><function define='Main'><beep/></function></voicemail>";
    host.fragments["nowhere"] = scriptOf("<call name='F'/>");
    host.load(
        scriptOf("<exec url='none'/><exec url='bad'/><assign out='r' value='on'/><exec url='nowhere'/>"));
    QCOMPARE(host.act("start"), std::string("disconnect 41; ended"));
    QCOMPARE(host.script->variable("r"), std::string("on"));
    QVERIFY(host.notes.find("could not be fetched") != std::string::npos);
    QVERIFY(host.notes.find("<beep>") != std::string::npos);
    QVERIFY(host.end->find("<call> F: the script calls a function") != std::string::npos);
}

void TestScript::endlessLoops()
{
    Limits limits;
    limits.steps = 5000;
    FakeHost host(FakeHost::Answers::AtOnce);
    host.load(
        scriptOf(
            "<assign out='a' value='1'/><while cond='$a'><store-getstat name='x' out-error='$e'/></while>"),
        {}, limits);
    host.script->start();
    QVERIFY(!host.script->hasEnded()); // it yields
    QVERIFY(host.requests < 500);
    host.pass(milliseconds(50));
    QVERIFY(!host.script->hasEnded());
    host.pass(milliseconds(100));
    QVERIFY(host.script->hasEnded());
    QVERIFY(host.end->find("more steps") != std::string::npos);
    QCOMPARE(host.act(""), std::string("disconnect 41; ended"));
}

void TestScript::limits_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char* title, const char* body, const char* says) {
        QTest::newRow(title) << QByteArray(body) << QByteArray(says);
    };
    row("functions in one another", "<call name='F'/>", "too deep");
    row("functions in blocks", "<call name='G'/>", "too deep");
    row("a value that doubles",
        "<assign out='a' value='xx'/><while cond='$a'><assign out='a' value='$a$a'/></while>",
        "<assign>: a value of the script is too long");
    row("strings that grow",
        "<assign out='a' value='xx'/><while cond='$a'><lib-strcat string='$a' string2='$a' "
        "out-string='a'/></while>",
        "$a: a value of the script is too long");
    row("many variables", "<assign out='a' value='1'/><assign out='b' value='1'/><assign out='c' value='1'/>",
        "too many variables");
    row("fragments without end", "<exec url='self'/>", "too many fragments");
    row("a condition that is too long", "<assign out='a' value='xxxxxxxxxxxxxxxx'/><if cond='$a$a$a'/>",
        "too long");
}

void TestScript::limits()
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, says);
    Limits limits;
    limits.calls = 10;
    limits.frames = 50;
    limits.variables = 2;
    limits.valueBytes = 32;
    limits.fragments = 5;
    FakeHost host;
    host.fragments["self"] = scriptOf("<exec url='self'/>");
    host.load(scriptOf(body.toStdString(),
                       "<function define='F'><call name='F'/></function><function define='G'>"
                       "<if notcond='$x'><if notcond='$x'><call name='G'/></if></if></function>"),
              {}, limits);
    QCOMPARE(host.act("start"), std::string("disconnect 41; ended"));
    QVERIFY2(host.end->find(says.toStdString()) != std::string::npos, host.end->c_str());
}

void TestScript::lifetime()
{
    Limits limits;
    limits.lifetime = seconds(60);
    FakeHost host;
    host.load(scriptOf("<pbx-prompt url='a'/>"), {}, limits);
    host.act("start");
    host.act("wait 59");
    QVERIFY(!host.script->hasEnded());
    QCOMPARE(host.act("wait 1"), std::string("disconnect 41; ended"));
    QVERIFY(host.end->find("longer") != std::string::npos);
}

void TestScript::afterTheCall()
{
    FakeHost host;
    host.load(
        scriptOf("<event type='call-end' block='false'><wait sec='29'/><store-cookie name='a' value='1'/>"
                 "<wait sec='100'/><store-cookie name='b' value='1'/></event><pbx-prompt url='a'/>"));
    host.act("start");
    QCOMPARE(host.act("hangup"), std::string());
    QCOMPARE(host.act("wait 29"), std::string());
    QVERIFY(host.files.contains("a"));
    QCOMPARE(host.act("wait 1"), std::string("ended"));
    QVERIFY(!host.files.contains("b"));
}

void TestScript::traceTellsNoValues()
{
    FakeHost host;
    host.load(scriptOf("<assign out='pin' value='1234'/><lib-strlen string='$pin' out='$n'/>"),
              "$_trace=251");
    host.act("start");
    QCOMPARE(host.notes, std::string("line 1: <assign>\nline 1: <lib-strlen>\n"));
}

void TestScript::strayAnswers()
{
    FakeHost host;
    host.load(scriptOf("<pbx-prompt url='a'/><pbx-prompt url='b'/>"));
    host.act("start");
    host.script->answer(0, {});
    host.script->answer(999, {});
    QCOMPARE(host.act(""), std::string());
    QCOMPARE(host.act("done"), std::string("play b"));
}

QTEST_GUILESS_MAIN(TestScript)
#include "tst_script.moc"
