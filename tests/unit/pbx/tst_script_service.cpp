// SPDX-License-Identifier: GPL-3.0-or-later
// Scripts in real calls: where they come from, what they hear, say and store, where they send a call, and
// how they end.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "tests/unit/pbx/script_scene.h"

#include <QTcpServer>
#include <QTcpSocket>

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

/// Lines of the trace that the script itself wrote.
QString notes(const ScriptScene& scene)
{
    QStringList lines;
    for (const QString& line : scene.words().split(u'\n'))
        if (line.startsWith(u'='))
            lines << line.mid(1);
    return lines.join(u' ');
}

/// Answers each request with `body`; nothing if there is none.
struct WebServer {
    explicit WebServer(QByteArray answer)
    {
        server.listen(QHostAddress::LocalHost);
        QObject::connect(&server, &QTcpServer::newConnection, [this, body = std::move(answer)] {
            QTcpSocket* const socket = server.nextPendingConnection();
            QObject::connect(socket, &QTcpSocket::readyRead, [socket, body] {
                if (body.isEmpty() || !socket->readAll().contains("\r\n\r\n"))
                    return;
                socket->write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " +
                              QByteArray::number(body.size()) + "\r\n\r\n" + body);
                socket->disconnectFromHost();
            });
        });
    }
    std::string place() const { return "127.0.0.1:" + std::to_string(server.serverPort()); }
    QTcpServer server;
};

/// Says who calls, at first and then for each change.
std::string tellsCallers(const std::string& atChange = {})
{
    const std::string tells =
        "<pbx-getcallinfo out-cgpn=\"$c\" out-calling-name=\"$n\" out-cdpn=\"$d\" out-confid=\"$g\"/>"
        "<dbg string=\"=$c/$n/$d/$g\"/>";
    return "<event type=\"call-info\" block=\"false\">" + tells + atChange + "</event>" + tells +
           "<pbx-prompt url=\"MOH?repeat=true\"/>";
}

std::string tone600()
{
    std::string octets;
    for (int i = 0; i < 1600; ++i)
        octets += static_cast<char>(0x11);
    return octets;
}

} // namespace

class TestScriptService : public QObject {
    Q_OBJECT

private slots:
    void playsAndHangsUp();
    void playsWhatComesAlong();
    void aMissingSoundIsSilence();
    void aPromptEndsInTime();
    void keysEndAPrompt();
    void digitsBehindTheNumber();
    void tellsOfACallThatWasForwarded();
    void asksTheDirectory();
    void storesInItsFolder();
    void recordsUntilTheCallEnds();
    void recordsNothingOverAFile();
    void transfers();
    void transfersToNobody();
    void forwards();
    void forwardIsRefused();
    void ringsInVain();
    void disconnects();
    void takesTheBackup();
    void withoutAnyScriptItIsRefused();
    void aScriptThatFailsHangsUp();
    void fetchesItsScript();
    void slowScriptsHaveABackup();
    void otherHostsAreRefused();
    void runsFragments();
    void aChangedScriptIsReadAnew();
    void removalEndsTheCalls();
    void asksWhoKnows();
    void hooksThatAreNotThere();
    void whoIsOutsideHasNoNumberOfOurs();
    void replaysTheLastRecording();
    void aReplayIsHandedOver();
    void learnsWhoTalksNow();
    void learnsWhoWasConsultedFor();
    void whoIsHandedToItIsNoChange();
    void readsPlaces_data();
    void readsPlaces();
    void alarmsComeInOrder();
};

void TestScriptService::playsAndHangsUp()
{
    ScriptScene scene;
    scene.write("t/hello.g711a", tone600());
    scene.call("<pbx-prompt url=\"hello\" repeat=\"2\"/>");
    QVERIFY2(scene.ends(), qPrintable(scene.words()));
    QCOMPARE(scene.annaLog(), QStringLiteral("200 over"));
    QVERIFY(std::ranges::count(scene.annaHeard, std::byte{0x11}) >= 3000);
    QCOMPARE(scene.alarms.waiting(), std::size_t{0});
}

/// The own folder counts first.
void TestScriptService::playsWhatComesAlong()
{
    ScriptScene scene(Settings{{"script", "shipped.xml?$what=b"}});
    scene.parts.shared = scene.shared();
    scene.write("shipped.xml", ScriptScene::script("<pbx-prompt url=\"p/a p/$what\"/>"), true);
    scene.write("p/a.g711a", std::string(1600, '\x22'), true);
    scene.write("p/b.g711a", std::string(1600, '\x33'), true);
    scene.write("shipped/p/a.g711a", tone600());
    scene.begin();
    scene.dial("300");
    QVERIFY2(scene.ends(), qPrintable(scene.words()));
    QVERIFY(std::ranges::count(scene.annaHeard, std::byte{0x11}) >= 1400);
    QVERIFY(std::ranges::count(scene.annaHeard, std::byte{0x33}) >= 1400);
    QVERIFY(std::ranges::count(scene.annaHeard, std::byte{0x22}) == 0);
}

void TestScriptService::aMissingSoundIsSilence()
{
    ScriptScene scene;
    scene.call("<pbx-prompt url=\"nothing ../t.xml\" repeat=\"true\"/><dbg string=\"=on\"/>");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("on"));
}

void TestScriptService::aPromptEndsInTime()
{
    ScriptScene scene;
    UtcTime begin{}; // time passes while the disk is asked for the script, too
    const auto say = scene.parts.say;
    scene.parts.say = [&](const std::string& words) {
        if (words.ends_with("=begin"))
            begin = scene.clock.utcNow();
        say(words);
    };
    scene.call(
        "<dbg string=\"=begin\"/><pbx-prompt url=\"MOH?repeat=true\" sec=\"2\"/><pbx-prompt sec=\"1\"/>"
        "<dbg string=\"=on\"/>");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("begin on"));
    const auto took = scene.clock.utcNow() - begin;
    QVERIFY(took >= seconds(3) && took < seconds(4));
}

void TestScriptService::keysEndAPrompt()
{
    ScriptScene scene;
    scene.call("<pbx-prompt url=\"TONE?repeat=true\" barge-in=\"true\"/><pbx-getdtmfdigit out-dtmf=\"$d\"/>"
               "<dbg string=\"=$d\"/>");
    QVERIFY(scene.comes([&] { return !scene.annaHeard.empty(); }));
    scene.anna.events->onInfo("application/dtmf-relay", "Signal=7\r\nDuration=100\r\n");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("7"));
}

void TestScriptService::digitsBehindTheNumber()
{
    ScriptScene scene;
    scene.call("<pbx-getdtmfdigit out-dtmf=\"$a\"/><pbx-getdtmfdigit out-dtmf=\"$b\"/>"
               "<pbx-getdtmfdigit out-dtmf=\"$c\" sec=\"1\"/><dbg string=\"=$a$b$c.\"/>",
               "30042");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("42."));
}

void TestScriptService::tellsOfACallThatWasForwarded()
{
    ScriptScene scene;
    scene.call(
        "<pbx-getcallinfo out-cgpn=\"$a\" out-leg2=\"$b\" out-leg2-reason=\"$c\" out-leg2-count=\"$d\" "
        "out-h323=\"$e\" out-cdpn=\"$f\" out-calling-name=\"$g\" out-confid=\"$h\"/>"
        "<lib-strlen string=\"$h\" out=\"$i\"/><dbg string=\"=$a/$b/$c/$d/$e/$f/$g/$i\"/>",
        "101");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("100/101/unavailable/1/otto/300/Anna/32"));
}

void TestScriptService::asksTheDirectory()
{
    ScriptScene scene;
    scene.call(
        "<pbx-finduser-e164 e164=\"101\" out-cn=\"$a\"/><pbx-finduser-e164 e164=\"300\" out-cn=\"$b\"/>"
        "<pbx-finduser-e164 e164=\"999\" out-cn=\"$c\"/>"
        "<pbx-query-obj name=\"otto\" type=\"cfnr\" out=\"$d\"/>"
        "<pbx-query-obj name=\"otto\" type=\"cfu\" out=\"$e\"/><dbg string=\"=$a/$b/$c/$d/$e\"/>");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("Otto Long///300/"));
}

void TestScriptService::storesInItsFolder()
{
    ScriptScene scene;
    scene.call("<store-cookie root=\"101\" name=\"next\" value=\"5\"/>"
               "<store-cookie root=\"101\" name=\"next\" out=\"$a\"/>"
               "<store-getstat root=\"101\" name=\"no\" out-error=\"$b\"/>"
               "<store-cookie root=\"..\" name=\"x\" value=\"5\"/><dbg string=\"=$a/$b\"/>");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("5/2"));
    QVERIFY(fileExists(scene.folder() / "t" / "101" / "next"));
    QVERIFY(!fileExists(scene.folder() / "x"));
}

void TestScriptService::recordsUntilTheCallEnds()
{
    ScriptScene scene;
    scene.call("<event type=\"call-end\" block=\"false\"><dbg string=\"=$l/$e\"/></event>"
               "<pbx-record url=\"101/1.g711a\" sec=\"60\" silence=\"5\" out-sec=\"$l\" out-error=\"$e\"/>");
    const Path file = scene.folder() / "t" / "101" / "1.g711a";
    QVERIFY(scene.comes([&] { return fileExists(file); }));
    int said = 0;
    QVERIFY(scene.comes([&] {
        scene.annaMedia.say(scene.annaHears(), 8, Bytes(160, std::byte{0x27}));
        return ++said == 140;
    }));
    scene.anna.events->onEnded(sip::Ending::Bye);
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("3/0"));
    const auto octets = readFile(file, 100'000);
    QVERIFY(octets);
    QVERIFY(std::ranges::count(*octets, std::byte{0x27}) > 110 * 160);
}

void TestScriptService::recordsNothingOverAFile()
{
    ScriptScene scene;
    scene.write("t/1.g711a", "x");
    scene.call("<pbx-record url=\"1.g711a\" sec=\"60\" out-error=\"$a\"/>"
               "<pbx-record url=\"1.txt\" sec=\"60\" out-error=\"$b\"/>"
               "<pbx-record url=\"2.wav\" sec=\"1\" silence=\"1\" out-error=\"$c\" out-sec=\"$d\"/>"
               "<dbg string=\"=$a/$b/$c/$d\"/>");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("17/1/0/0"));
}

void TestScriptService::transfers()
{
    ScriptScene scene;
    scene.call(
        "<event type=\"call-end\" block=\"false\"><dbg string=\"=end\"/></event><pbx-xfer name=\"carl\"/>"
        "<dbg string=\"=on\"/>");
    QVERIFY(scene.comes([&] { return !scene.network.phones.empty(); }));
    scene.carl().events->onReply({200, scene.carlSdp()});
    scene.anna.events->onReply({200, scene.annaSdp()});
    QVERIFY(scene.comes([&] { return scene.service->calls() == 0; }));
    QCOMPARE(notes(scene), QStringLiteral("end"));
    QCOMPARE(scene.control->count(), std::size_t{1});
    QVERIFY(!scene.anna.over);
}

void TestScriptService::transfersToNobody()
{
    ScriptScene scene;
    scene.call("<pbx-xfer e164=\"999\"/><dbg string=\"=on\"/>");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("on"));
}

void TestScriptService::forwards()
{
    ScriptScene scene;
    scene.dialer.setIncoming([&](std::unique_ptr<sip::Session> session, const sip::InviteRequest& request) {
        scene.control->onInvite(std::move(session), request, *scene.directory->byName(request.from.user));
    });
    scene.call("<event type=\"call-end\" block=\"false\"><dbg string=\"=end$_pbxfwd\"/></event>"
               "<pbx-fwd e164=\"102\"/><dbg string=\"=on\"/>");
    QVERIFY(scene.comes([&] { return !scene.network.phones.empty(); }));
    QVERIFY(scene.comes([&] { return scene.annaHeard.size() > 4000; })); // it rings
    scene.carl().events->onReply({200, scene.carlSdp()});
    QVERIFY(scene.comes([&] { return scene.carlLog() == QLatin1String("ack offer"); }));
    scene.carl().events->onReply({200, scene.carlSdp()});
    QVERIFY(scene.comes([&] { return scene.annaLog() == QLatin1String("200 offer"); }));
    scene.anna.events->onReply({200, scene.annaSdp()});
    QVERIFY2(scene.comes([&] { return scene.service->calls() == 0; }), qPrintable(scene.words()));
    QCOMPARE(notes(scene), QStringLiteral("end1"));
    QCOMPARE(scene.control->count(), std::size_t{1});
    QVERIFY(!scene.anna.over && !scene.carl().over);
}

void TestScriptService::forwardIsRefused()
{
    ScriptScene scene;
    scene.call("<pbx-fwd e164=\"102\"/><dbg string=\"=on$_pbxfwd\"/>");
    QVERIFY(scene.comes([&] { return !scene.network.phones.empty(); }));
    scene.carl().events->onReply({486, {}});
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("on"));
    QVERIFY(scene.carl().over);
}

void TestScriptService::ringsInVain()
{
    ScriptScene scene;
    scene.call("<pbx-fwd e164=\"102\" barge-in=\"true\"/><pbx-fwd e164=\"102\"/><dbg string=\"=on\"/>");
    QVERIFY(scene.comes([&] { return !scene.network.phones.empty(); }));
    scene.anna.events->onInfo("application/dtmf-relay", "Signal=7\r\nDuration=100\r\n");
    QVERIFY(scene.comes([&] { return scene.network.phones.size() == 2; }));
    QVERIFY(scene.carl().over);
    scene.alarms.pass(ScriptHost::kForwardWithin);
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("on"));
    QVERIFY(scene.network.phones[1].over);
}

void TestScriptService::disconnects()
{
    ScriptScene scene;
    scene.call("<pbx-disc cause=\"17\"/><dbg string=\"=on\"/>");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QString());
}

void TestScriptService::takesTheBackup()
{
    ScriptScene scene(Settings{{"script", "gone.xml"}, {"backup", "t.xml"}, {"trace", "on"}});
    scene.call("<dbg string=\"=backup\"/>");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("backup"));
    QVERIFY(scene.words().contains(u"gone.xml"));
}

void TestScriptService::withoutAnyScriptItIsRefused()
{
    ScriptScene scene(Settings{{"script", "../t.xml"}, {"backup", "t.xml"}});
    scene.write("t.xml", "<voicemail><function define=\"Main\"><nonsense/></function></voicemail>");
    scene.begin();
    scene.dial("300");
    QVERIFY(scene.ends());
    QCOMPARE(scene.annaLog(), QStringLiteral("503 over"));
    QVERIFY2(scene.words().contains(u"no script: "), qPrintable(scene.words()));
}

void TestScriptService::aScriptThatFailsHangsUp()
{
    ScriptScene scene(Settings{{"script", "t.xml"}});
    scene.call("<call name=\"Main\"/>");
    QVERIFY(scene.ends());
    QCOMPARE(scene.annaLog(), QStringLiteral("200 over"));
    QVERIFY2(scene.words().startsWith(u"the script failed: "), qPrintable(scene.words()));
}

void TestScriptService::fetchesItsScript()
{
    WebServer web(QByteArray::fromStdString(ScriptScene::script("<dbg string=\"=by HTTP $a\"/>")));
    ScriptScene scene(Settings{{"script", "http://" + web.place() + "/vm.xml?$a=1"},
                               {"hosts", "example.org, " + web.place()},
                               {"trace", "on"}});
    scene.begin();
    scene.dial("300");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("by HTTP 1"));
}

void TestScriptService::slowScriptsHaveABackup()
{
    WebServer web({});
    ScriptScene scene(Settings{{"script", "http://" + web.place() + "/vm.xml"},
                               {"hosts", web.place()},
                               {"backup", "t.xml"},
                               {"trace", "on"}});
    scene.call("<dbg string=\"=backup\"/>");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("backup"));
    QVERIFY(scene.words().contains(u"in time"));
}

void TestScriptService::otherHostsAreRefused()
{
    WebServer web(QByteArray::fromStdString(ScriptScene::script("<dbg string=\"=by HTTP\"/>")));
    ScriptScene scene(Settings{{"script", "http://" + web.place() + "/vm.xml"},
                               {"hosts", "127.0.0.1 127.0.0.1:1"},
                               {"backup", "t.xml"},
                               {"trace", "on"}});
    scene.call("<exec url=\"http://" + web.place() + "/vm.xml\"/><dbg string=\"=backup\"/>");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("backup"));
}

void TestScriptService::runsFragments()
{
    WebServer web(QByteArray::fromStdString(ScriptScene::script("<dbg string=\"=far\"/>")));
    ScriptScene scene(Settings{{"script", "t.xml"}, {"hosts", web.place()}, {"trace", "on"}});
    scene.write("t/near.xml", ScriptScene::script("<dbg string=\"=near\"/>"));
    scene.write("vm/card.xml", ScriptScene::script("<dbg string=\"=card\"/>"));
    scene.call(
        "<exec url=\"near.xml\"/><exec url=\"http://127.0.0.1/DRIVE/CF0/vm/card.xml\"/><exec url=\"http://" +
        web.place() + "/far.xml\"/><exec url=\"no.xml\"/><dbg string=\"=end\"/>");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("near card far end"));
}

void TestScriptService::aChangedScriptIsReadAnew()
{
    ScriptScene scene;
    scene.call("<dbg string=\"=old\"/>");
    QVERIFY(scene.ends());
    scene.write("t.xml", ScriptScene::script("<dbg string=\"=newer\"/>"));
    scene.anna = {};
    scene.dial("300");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("old newer"));
}

void TestScriptService::removalEndsTheCalls()
{
    ScriptScene scene;
    scene.call("<event type=\"call-end\" block=\"false\"><dbg string=\"=end\"/></event>"
               "<pbx-prompt url=\"MOH?repeat=true\"/>");
    QVERIFY(scene.comes([&] { return !scene.annaHeard.empty(); }));
    scene.know({});
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("end"));
}

void TestScriptService::asksWhoKnows()
{
    ScriptScene scene;
    std::string told;
    scene.parts.onMailbox = [&](const std::string& user, std::uint32_t fresh, std::uint32_t old) {
        told += user + ' ' + std::to_string(fresh) + ' ' + std::to_string(old) + ", ";
    };
    scene.parts.sendMessage = [&](const ScriptMessage& message) {
        told += message.object + ' ' + message.number + '>' + message.to + ' ' + message.text + ", ";
    };
    scene.parts.markCall = [&](const std::string& user, const ScriptParts::Done& done) {
        told += "mark " + user + ", ";
        done({script::Answer::Code::Done, "running", 0, {}});
    };
    scene.parts.tanOfCall = [&](const std::string& user, const std::string& digits,
                                const ScriptParts::Done& done) {
        told += "tan " + user + ' ' + digits;
        scene.box.executor()([done] { done({}); });
    };
    scene.call("<pbx-mwi e164=\"101\" new=\"2\" old=\"1\"/><pbx-im cgpn=\"1\" e164=\"102\" text=\"hello\"/>"
               "<pbx-mark out=\"$a\"/><pbx-tan value=\"123456\" out-error=\"$b\"/><dbg string=\"=$a/$b\"/>");
    QVERIFY(scene.ends());
    QCOMPARE(QString::fromStdString(told),
             QStringLiteral("otto 2 1, mailbox 1>carl hello, mark anna, tan anna 123456"));
    QCOMPARE(notes(scene), QStringLiteral("running/0"));
}

void TestScriptService::hooksThatAreNotThere()
{
    ScriptScene scene;
    scene.call(
        "<pbx-mwi e164=\"101\" new=\"2\" old=\"1\"/><pbx-im cgpn=\"1\" e164=\"2\" text=\"hello\"/>"
        "<pbx-mark out=\"$a\"/><pbx-tan value=\"123456\" out-error=\"$b\"/><pbx-replay out-url=\"$c\"/>"
        "<dbg string=\"=$a/$b/$c\"/>");
    QVERIFY(scene.ends());
    QCOMPARE(notes(scene), QStringLiteral("/2/"));
}

/// A line without a number brings callers as they show themselves: that opens no mailbox.
void TestScriptService::whoIsOutsideHasNoNumberOfOurs()
{
    for (const auto& [shown, known] : {std::pair("100", ""), std::pair("0471555", "0471555")}) {
        ScriptScene scene;
        Object mailbox{"mailbox", "300", "Mailbox", {}, {}};
        mailbox.kind = Kind::Voicemail;
        mailbox.settings = {{"script", "t.xml"}, {"trace", "on"}};
        Object line{"line", "", "Line", {}, {}};
        line.kind = Kind::Gateway;
        scene.know({line, mailbox});
        scene.write("t.xml",
                    ScriptScene::script("<pbx-getcallinfo out-cgpn=\"$c\"/><dbg string=\"=caller:$c\"/>"));
        scene.begin();
        sip::InviteRequest request;
        request.target = "300";
        request.from = {"Anna", shown, "127.0.0.1"};
        request.source.address = *Endpoint::parse("127.0.0.1:5060");
        request.sdp = scene.annaSdp();
        scene.control->onInvite(std::make_unique<FakeSession>(scene.anna), request,
                                *scene.directory->byName("line"));
        QVERIFY(scene.ends());
        QCOMPARE(notes(scene), QStringLiteral("caller:") + QLatin1String(known));
    }
}

void TestScriptService::replaysTheLastRecording()
{
    ScriptScene scene;
    bool passesOver = false;
    scene.parts.lastRecording = [&](const std::string& number, const ScriptParts::NumberTest& isScript) {
        passesOver = number == "100" && isScript("300") && !isScript("101");
        return media::Sound::read(Bytes(1600, std::byte{0x11}), "a.g711a");
    };
    scene.call("<pbx-replay out-url=\"$a\"/><pbx-prompt url=\"$a\" repeat=\"true\"/>");
    QVERIFY(scene.comes([&] { return std::ranges::count(scene.annaHeard, std::byte{0x11}) > 4000; }));
    QVERIFY(passesOver);
    scene.anna.events->onEnded(sip::Ending::Bye);
    QVERIFY(scene.ends());
}

/// Whoever gets it hears it go round and round.
void TestScriptService::aReplayIsHandedOver()
{
    ScriptScene scene;
    scene.parts.lastRecording = [](const std::string&, const ScriptParts::NumberTest&) {
        return media::Sound::read(Bytes(1600, std::byte{0x11}), "a.g711a");
    };
    scene.call("<pbx-replay out-url=\"$a\"/><pbx-prompt url=\"$a\" repeat=\"true\"/>");
    QVERIFY(scene.comes([&] { return std::ranges::count(scene.annaHeard, std::byte{0x11}) > 1600; }));
    scene.anna.events->onRefer({"102", std::nullopt});
    QVERIFY(scene.comes([&] { return !scene.network.phones.empty(); }));
    scene.carl().events->onReply({200, scene.carlSdp()});
    QVERIFY(scene.comes([&] { return std::ranges::count(scene.carlHeard, std::byte{0x11}) > 4000; }));
    QVERIFY(scene.annaLog().endsWith(QStringLiteral("refer200")));
    QCOMPARE(scene.control->count(), std::size_t{1});
    scene.carl().events->onEnded(sip::Ending::Bye);
    QVERIFY(scene.comes([&] { return scene.service->calls() == 0; }));
}

/// What it does for its caller it then does for that one.
void TestScriptService::learnsWhoTalksNow()
{
    ScriptScene scene;
    std::string marked;
    scene.parts.markCall = [&](const std::string& user, const ScriptParts::Done& done) {
        marked = user;
        done({script::Answer::Code::Done, "running", 0, {}});
    };
    scene.call(tellsCallers("<pbx-mark out=\"$m\"/>"));
    QVERIFY(scene.comes([&] { return !scene.annaHeard.empty(); }));
    scene.anna.events->onRefer({"102", std::nullopt});
    QVERIFY(scene.comes([&] { return !scene.network.phones.empty(); }));
    scene.carl().events->onReply({180, {}}); // anna is there still
    scene.carl().events->onReply({200, scene.carlSdp()});
    QVERIFY(scene.comes([&] { return !marked.empty(); }));
    const QString guid = QString::fromStdString(scene.carl().invite.conferenceGuid);
    QCOMPARE(notes(scene), QStringLiteral("100/Anna/300/%1 102/Carl/300/%1").arg(guid));
    QCOMPARE(QString::fromStdString(marked), QStringLiteral("carl"));
    scene.carlHeard.clear();
    QVERIFY(scene.comes([&] { return !scene.carlHeard.empty(); })); // the prompt goes on
    scene.carl().events->onEnded(sip::Ending::Bye);
    QVERIFY(scene.comes([&] { return scene.service->calls() == 0; }));
}

/// Carl talks with anna, asks the script, and brings the two together.
void TestScriptService::learnsWhoWasConsultedFor()
{
    FakePhone second;
    second.callId = "second";
    ScriptScene scene;
    scene.write("t.xml", ScriptScene::script(tellsCallers()));
    scene.begin();
    scene.dial("102");
    scene.carl().events->onReply({200, scene.carlSdp()});
    sip::InviteRequest request;
    request.target = "300";
    request.from = {"Carl", "carl", "127.0.0.1"};
    request.source.address = *Endpoint::parse("127.0.0.1:5070");
    request.sdp = scene.carlSdp();
    scene.control->onInvite(std::make_unique<FakeSession>(second), request, *scene.directory->byName("carl"));
    QVERIFY(scene.comes([&] { return notes(scene).startsWith(u"102/Carl/300/"); }));
    scene.run(); // it has answered
    scene.carl().events->onRefer({"", sip::DialogId{"second", "a", "b"}});
    QVERIFY(scene.comes([&] { return scene.annaLog() == QLatin1String("200 offer"); }));
    scene.anna.events->onReply({200, scene.annaSdp()});
    const QString guid = QString::fromStdString(scene.carl().invite.conferenceGuid);
    const QString changed = QStringLiteral(" 100/Anna/300/") + guid;
    QVERIFY2(scene.comes([&] { return notes(scene).endsWith(changed); }), qPrintable(notes(scene)));
    QVERIFY(notes(scene).count(u' ') == 1);
    QVERIFY(!notes(scene).startsWith(QStringLiteral("102/Carl/300/") + guid));
    scene.anna.events->onEnded(sip::Ending::Bye);
    QVERIFY(scene.ends());
}

/// It was rung in the name of who stays.
void TestScriptService::whoIsHandedToItIsNoChange()
{
    ScriptScene scene;
    scene.write("t.xml", ScriptScene::script(tellsCallers()));
    scene.begin();
    scene.dial("102");
    scene.carl().events->onReply({200, scene.carlSdp()});
    scene.carl().events->onRefer({"300", std::nullopt});
    QVERIFY(scene.comes([&] { return scene.annaLog() == QLatin1String("200 offer"); }));
    scene.anna.events->onReply({200, scene.annaSdp()});
    QVERIFY(scene.carlLog().endsWith(QStringLiteral("refer200")));
    scene.anna.events->onEnded(sip::Ending::Bye); // the script hears of both in their order
    QVERIFY(scene.ends());
    QVERIFY(notes(scene).startsWith(QStringLiteral("100/Anna/300/")));
    QVERIFY(notes(scene).count(u'/') == 3);
}

void TestScriptService::readsPlaces_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("place"); // URL or name, `?` query, `:` folder; empty: refused
    QTest::newRow("file") << "voicemail.xml"
                          << "voicemail.xml?:voicemail";
    QTest::newRow("query") << "voicemail.xml?$lang=de&$sec=9"
                           << "voicemail.xml?$lang=de&$sec=9:voicemail";
    QTest::newRow("folder") << "vm/de/vm.xml"
                            << "vm/de/vm.xml?:vm/de";
    QTest::newRow("no ending") << "vm"
                               << "vm?:vm.files";
    QTest::newRow("card") << "http://127.0.0.1/DRIVE/CF0/vm/vm.xml?$a=1"
                          << "vm/vm.xml?$a=1:vm";
    QTest::newRow("another path here") << "http://127.0.0.1/vm.xml"
                                       << "http://127.0.0.1/vm.xml?:box";
    QTest::newRow("another host") << "http://127.0.0.11/DRIVE/CF0/vm.xml"
                                  << "http://127.0.0.11/DRIVE/CF0/vm.xml?:box";
    QTest::newRow("web") << "https://example.org/vm.xml?$a=1"
                         << "https://example.org/vm.xml?$a=1?$a=1:box";
    QTest::newRow("up") << "../vm.xml"
                        << "";
    QTest::newRow("up from the card") << "http://127.0.0.1/DRIVE/CF0/../vm.xml"
                                      << "";
    QTest::newRow("absolute") << "/etc/passwd"
                              << "";
    QTest::newRow("another scheme") << "file:///etc/passwd"
                                    << "";
}

void TestScriptService::readsPlaces()
{
    QFETCH(QString, text);
    const auto place = scriptPlace(text.toStdString());
    std::string out;
    if (place) {
        const Path folder = folderOfScript("scripts", *place, "box");
        out = place->url + place->name + '?' + place->query + ':' +
              folder.lexically_relative("scripts").generic_string();
    }
    QTEST(QString::fromStdString(out), "place");
}

void TestScriptService::alarmsComeInOrder()
{
    PostBox box;
    AlarmThread alarms(box.executor());
    std::string came;
    alarms.after(milliseconds(2000), [&] { came += '3'; }); // further off than the machine stands still
    alarms.after(milliseconds(1), [&] { came += '1'; });
    const auto never = alarms.after(milliseconds(1000), [&] { came += 'x'; });
    alarms.after(milliseconds(1000), [&] { came += '2'; });
    alarms.after(std::chrono::hours(24), [&] { came += 'y'; });
    alarms.cancel(never);
    alarms.cancel(0);
    QTRY_COMPARE((box.run(), QString::fromStdString(came)), QStringLiteral("123"));
}

QTEST_GUILESS_MAIN(TestScriptService)
#include "tst_script_service.moc"
