// SPDX-License-Identifier: GPL-3.0-or-later
// What somebody in a call, or just out of one, does to its recording: pauses it by a code, marks it.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "core/pbx/feature_codes.h"
#include "core/pbx/feature_service.h"
#include "tests/unit/pbx/local_scene.h"

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

/// anna and carl are recorded, and dial feature codes.
struct CodeScene : LocalScene {
    CodeScene()
    {
        directory = std::make_shared<const Directory>(
            "switchroom",
            std::vector<User>{{"anna", "100", "Anna", {}, {}}, {"carl", "102", "Carl", {}, {}}});
        control->setDirectory(directory);
        dialer.serve("feature", features);
    }
    ~CodeScene() { control.reset(); } ///< calls end before the phones and the service that they use
    bool talk()
    {
        dial("102");
        carl().events->onReply({200, carlSdp()});
        return annaLog() == QStringLiteral("200");
    }
    /// anna, on a second line.
    FakePhone& dialsCode(const std::string& code)
    {
        FakePhone& line = lines.emplace_back();
        sip::InviteRequest request;
        request.target = code;
        request.from = {"Anna", "anna", "127.0.0.1"};
        request.source.address = *Endpoint::parse("127.0.0.1:5060");
        request.sdp = annaSdp();
        control->onInvite(std::make_unique<FakeSession>(line), request, *directory->byName("anna"));
        run();
        return line;
    }
    /// What the transcript says by this header of ours, in order.
    QString told() const
    {
        QStringList all;
        const std::string header = "\r\nSwitchroom-Recording: ";
        for (const std::string& text : tap.texts)
            if (const std::size_t at = text.find(header); at != std::string::npos) {
                const std::size_t begins = at + header.size();
                all << QString::fromStdString(text.substr(begins, text.find('\r', begins) - begins));
            }
        return all.join(u' ');
    }

    FeatureService features{[](const DirectoryWriter::Change&, const DirectoryWriter::Done&) {},
                            [this](const std::string& user, RecordingAction action) {
                                asked << QString::fromStdString(user) +
                                             QChar::fromLatin1("PRMSE"[static_cast<std::size_t>(action)]);
                                Call* const call = control->talkOf(user);
                                if (call != nullptr)
                                    action == RecordingAction::Pause ? call->pause() : call->resume();
                                return call != nullptr;
                            }};
    QStringList asked;
    std::deque<FakePhone> lines;
};

} // namespace

class TestCallCodes : public QObject {
    Q_OBJECT

private slots:
    void codes();
    void pauseByCode();
    void startAndStopByCode();
    void codeWithoutACall();
    void marksOfARunningCall();
    void lastRecordedTalk();
};

void TestCallCodes::codes()
{
    using Action = FeatureCode::Action;
    QCOMPARE(featureCodeOf("*77#")->action, Action::PauseRecording);
    QCOMPARE(featureCodeOf("#77#")->action, Action::ResumeRecording);
    QCOMPARE(featureCodeOf("*78#")->action, Action::StartRecording);
    QCOMPARE(featureCodeOf("#78#")->action, Action::StopRecording);
    for (const char* none : {"*77", "77#", "*77*1#", "#771#", "*7#"})
        QVERIFY2(!featureCodeOf(none), none);
}

/// The call that is held is meant, not the one to the code.
void TestCallCodes::pauseByCode()
{
    CodeScene scene;
    QVERIFY(scene.talk());
    FakePhone& line = scene.dialsCode("*77#");
    QCOMPARE(QString::fromStdString(line.log()), QStringLiteral("200"));
    QCOMPARE(scene.asked, QStringList{QStringLiteral("annaP")});
    QVERIFY(scene.control->rows().front().paused);
    QVERIFY(scene.until([&] { return line.over; })); // behind the beep
    scene.dialsCode("*77#");                         // again changes nothing
    scene.dialsCode("#77#");
    QVERIFY(!scene.control->rows().front().paused);
    QCOMPARE(scene.told(), QStringLiteral("paused resumed"));
    QVERIFY(scene.control->call(1)->row().recorded);
    QVERIFY(scene.control->call(99) == nullptr);
}

/// Congestion says that it was in vain (the exchange says whether the caller has the switch).
void TestCallCodes::startAndStopByCode()
{
    CodeScene scene;
    QVERIFY(scene.talk());
    scene.dialsCode("*78#");
    scene.dialsCode("#78#");
    QCOMPARE(scene.asked, (QStringList{QStringLiteral("annaS"), QStringLiteral("annaE")}));
}

void TestCallCodes::codeWithoutACall()
{
    CodeScene scene;
    FakePhone& line = scene.dialsCode("*77#");
    QCOMPARE(QString::fromStdString(line.log()), QStringLiteral("200")); // and hears that it was in vain
    QCOMPARE(scene.asked, QStringList{QStringLiteral("annaP")});
    QVERIFY(scene.until([&] { return line.over; }));
    QVERIFY(scene.told().isEmpty());
}

void TestCallCodes::marksOfARunningCall()
{
    CodeScene scene;
    QVERIFY(scene.talk());
    Call& call = *scene.control->talkOf("carl");
    QVERIFY(call.mark("carl") && call.mark("carl") && call.mark("anna"));
    QCOMPARE(scene.told(), QStringLiteral("marked marked")); // once by each
    const auto by = [&](std::size_t behindLast) {
        const std::string& text = *(scene.tap.texts.end() - 1 - static_cast<std::ptrdiff_t>(behindLast));
        const std::size_t at = text.find("\r\nFrom: ");
        return QString::fromStdString(text.substr(at, text.find("\r\n", at + 2) - at));
    };
    QVERIFY2(by(1).contains(u"102"), qPrintable(by(1)));
    QVERIFY2(by(0).contains(u"100"), qPrintable(by(0)));
}

void TestCallCodes::lastRecordedTalk()
{
    CodeScene scene;
    QVERIFY(scene.control->lastRecorded("anna") == nullptr);
    QVERIFY(scene.talk());
    QVERIFY(scene.control->lastRecorded("anna") == nullptr); // it runs
    scene.anna.events->onEnded(sip::Ending::Bye);
    const RecordedTalk* last = scene.control->lastRecorded("anna");
    QVERIFY(last != nullptr && last == scene.control->lastRecorded("anna"));
    QVERIFY(scene.control->lastRecorded("carl") != nullptr);
    QVERIFY(last->caller == "anna" && last->callee == "carl");
    QVERIFY(last->callId.starts_with(last->guid + "-1@"));
    // A code that is dialled then is no talk.
    const std::string guid = last->guid;
    FakePhone& line = scene.dialsCode("*77#");
    QVERIFY(scene.until([&] { return line.over; }));
    QCOMPARE(scene.control->lastRecorded("anna")->guid, guid);
}

QTEST_GUILESS_MAIN(TestCallCodes)
#include "tst_call_codes.moc"
