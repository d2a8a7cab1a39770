// SPDX-License-Identifier: GPL-3.0-or-later
// Completion of calls through call control: anna, bert and emil want dora, with phones that the test plays.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "tests/unit/pbx/service_scene.h"

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

struct CompletionScene : ServiceScene {
    CompletionScene()
    {
        CompletionOffice office;
        office.isRegistered = [this](const std::string& name) {
            return !registrar.bindings(name, clock.steadyNow()).empty();
        };
        office.refusal = [this](const std::string& name, const std::string& digits) {
            return control->refusalOf(*directory->byName(name), digits);
        };
        CompletionService& completion = services->completion();
        completion.open(clock, std::move(office));
        control->setOnFailed([&completion](const FailedCall& call) { completion.onFailed(call); });
        logged->setObserver(&completion);
        services->dialer().setIncoming(
            [this](std::unique_ptr<sip::Session> session, const sip::InviteRequest& request) {
                if (request.from.user == kFeatures)
                    return control->onRecall(std::move(session), request);
                control->onInvite(std::move(session), request, *directory->byName(request.from.user));
            });
        for (const char* name : {"anna", "bert", "emil"})
            bind(name, std::string("sip:") + name + "@127.0.0.1:5072", {});
    }
    ~CompletionScene()
    {
        logged->setObserver(nullptr);
        control.reset();
        box.run();
    }
    /// The last phone that was rung.
    FakePhone& rung() { return network.phones.back(); }
    QString rungUri() { return QString::fromStdString(rung().invite.uri); }
    void answer(FakePhone& phone, const std::string& sdp)
    {
        phone.events->onReply({200, sdp});
        settle();
    }
    void refuse(FakePhone& phone, int status)
    {
        phone.events->onReply({status, {}});
        settle();
    }
    /// `name` and dora talk; whom it was.
    FakePhone& occupy(const std::string& name)
    {
        calls(name, "103");
        FakePhone& phone = rung();
        answer(phone, doraMedia());
        return phone;
    }
    std::string doraMedia() const { return sdpOf(dora.local().port); }
    /// Dials 103, which is busy, and the code; whether that was accepted.
    bool asksBehindBusy(const std::string& name)
    {
        calls(name, "103");
        refuse(rung(), 486);
        return dials(name, "*37#");
    }
    /// A code, whose beep is heard to its end.
    bool dials(const std::string& name, const std::string& code)
    {
        const std::size_t before = services->completion().requests().size();
        Caller& line = calls(name, code);
        (void)comes([&] { return line.phone.over; });
        return services->completion().requests().size() != before;
    }
    void pass(int s)
    {
        for (int i = 0; i < s; ++i) {
            clock.advance(std::chrono::seconds(1));
            control->onSecond();
            services->onSecond();
            settle();
        }
    }
    std::size_t phones() const { return network.phones.size(); }
    std::size_t asked() { return services->completion().requests().size(); }

    FarEnd dora;
    FarEnd ears; ///< of who is rung back
};

} // namespace

class TestCompletionService : public QObject {
    Q_OBJECT

private slots:
    void ringsBackBehindABusyCall();
    void whatComesOfItIsTheCallersCall();
    void ringsBackBehindNoAnswer();
    void ringsBackWhoWasAway();
    void servesInOrder();
    void whoIsBusyKeepsTheTurn();
    void whoDoesNotAnswerHasHadIt();
    void busyAgainKeepsTheTurn();
    void whoHangsUpStopsTheRinging();
    void cancelsByCode();
    void nobodyPicksItUp();
    void notForThoseOutside();
    void ownCallMakesItNeedless();
};

/// Sees whom it is about; and when that one is rung, it is by the caller.
void TestCompletionService::ringsBackBehindABusyCall()
{
    CompletionScene s;
    FakePhone& busy = s.occupy("bert");
    QVERIFY(s.asksBehindBusy("anna"));
    s.pass(30);
    const std::size_t before = s.phones();
    s.hangUp(busy);
    s.pass(4);
    QCOMPARE(s.phones(), before);
    s.pass(2);
    QCOMPARE(s.phones(), before + 1);
    FakePhone& anna = s.rung();
    QCOMPARE(s.rungUri(), QStringLiteral("sip:anna@127.0.0.1:5072"));
    QCOMPARE(QString::fromStdString(anna.invite.from.display), QStringLiteral("Call back: Dora"));
    QCOMPARE(QString::fromStdString(anna.invite.from.user), QStringLiteral("103"));
    QVERIFY(anna.invite.diversions.empty());
    s.answer(anna, sdpOf(s.ears.local().port));
    QCOMPARE(s.phones(), before + 2);
    QCOMPARE(s.rungUri(), QStringLiteral("sip:dora@127.0.0.1:5071"));
    QCOMPARE(QString::fromStdString(s.rung().invite.from.user), QStringLiteral("100"));
    QCOMPARE(QString::fromStdString(s.rung().invite.from.display), QStringLiteral("Anna"));
}

/// In the records, in the lists and for the hands that hang up.
void TestCompletionService::whatComesOfItIsTheCallersCall()
{
    CompletionScene s;
    FakePhone& busy = s.occupy("bert");
    QVERIFY(s.asksBehindBusy("anna"));
    s.hangUp(busy);
    s.pass(6);
    FakePhone& anna = s.rung();
    s.finished.clear();
    s.answer(anna, sdpOf(s.ears.local().port));
    FakePhone& dora = s.rung();
    dora.events->onReply({180, {}});
    s.settle();
    s.answer(dora, s.doraMedia());
    QCOMPARE(QString::fromStdString(anna.log()), QStringLiteral("ack offer"));
    s.answer(anna, sdpOf(s.ears.local().port));
    QCOMPARE(s.asked(), std::size_t{0});
    s.pass(1);
    QCOMPARE(s.control->count(), std::size_t{1});
    const CallRow row = s.control->rows().front();
    QVERIFY(row.caller.name == "anna" && row.callee.name == "dora" && row.answered);
    QVERIFY(s.control->talkOf("anna") != nullptr);
    QVERIFY(s.until([&] {
        s.settle();
        s.dora.say(audioOf(dora.lastSdp().empty() ? dora.invite.sdp : dora.lastSdp()).rtp, 8,
                   Bytes(160, std::byte{0x42}));
        const auto heard = s.ears.take();
        return std::ranges::any_of(heard, [](const FarEnd::Heard& one) {
            return !one.payload.empty() && one.payload.front() == std::byte{0x42};
        });
    }));
    s.clock.advance(std::chrono::seconds(20));
    s.hangUp(dora);
    QVERIFY(anna.over);
    QCOMPARE(s.recordsOf("anna"), QStringLiteral("from setup-from alert-to conn-to rel-to"));
    QCOMPARE(s.recordsOf("dora"), QStringLiteral("to setup-to alert-from conn-from rel-from"));
    QCOMPARE(s.finished.size(), std::size_t{2}); // of nobody else
    QVERIFY(s.isQuiet());
}

/// Who did not answer is there again when a call of that user has ended.
void TestCompletionService::ringsBackBehindNoAnswer()
{
    CompletionScene s;
    Caller& anna = s.calls("anna", "103");
    s.rung().events->onReply({180, {}});
    s.pass(5);
    s.hangUp(anna.phone, sip::Ending::Cancelled);
    QVERIFY(s.dials("anna", "*37#"));
    s.pass(60);
    Caller& bert = s.calls("bert", "103"); // in vain as well: no sign of dora
    s.rung().events->onReply({180, {}});
    s.hangUp(bert.phone, sip::Ending::Cancelled);
    const std::size_t before = s.phones();
    s.pass(60);
    QCOMPARE(s.phones(), before);
    s.hangUp(s.occupy("emil"));
    s.pass(6);
    QCOMPARE(s.phones(), before + 2);
    QCOMPARE(s.rungUri(), QStringLiteral("sip:anna@127.0.0.1:5072"));
}

void TestCompletionService::ringsBackWhoWasAway()
{
    CompletionScene s;
    s.registrar.forget("dora");
    Caller& anna = s.calls("anna", "103");
    QCOMPARE(anna.log(), QStringLiteral("480 over"));
    QVERIFY(s.dials("anna", "*37#"));
    s.pass(60);
    QCOMPARE(s.phones(), std::size_t{0});
    s.bind("dora", "sip:dora@127.0.0.1:5071", {});
    s.pass(7);
    QCOMPARE(s.phones(), std::size_t{1});
}

void TestCompletionService::servesInOrder()
{
    CompletionScene s;
    FakePhone& busy = s.occupy("bert");
    QVERIFY(s.asksBehindBusy("emil"));
    QVERIFY(s.asksBehindBusy("anna"));
    s.hangUp(busy);
    s.pass(7);
    QCOMPARE(s.rungUri(), QStringLiteral("sip:emil@127.0.0.1:5072"));
    const std::size_t before = s.phones();
    s.pass(10);
    QCOMPARE(s.phones(), before); // anna waits
    s.refuse(s.rung(), 603);
    s.pass(1);
    QCOMPARE(s.rungUri(), QStringLiteral("sip:anna@127.0.0.1:5072"));
    QCOMPARE(s.asked(), std::size_t{1});
}

void TestCompletionService::whoIsBusyKeepsTheTurn()
{
    CompletionScene s;
    FakePhone& busy = s.occupy("bert");
    QVERIFY(s.asksBehindBusy("emil"));
    QVERIFY(s.asksBehindBusy("anna"));
    Caller& talk = s.calls("emil", "101");
    s.answer(s.rung(), sdpOf(s.ears.local().port));
    s.hangUp(busy);
    s.pass(7);
    QCOMPARE(s.rungUri(), QStringLiteral("sip:anna@127.0.0.1:5072"));
    s.refuse(s.rung(), 603);
    const std::size_t before = s.phones();
    s.pass(20);
    QCOMPARE(s.phones(), before);
    s.hangUp(talk.phone);
    s.pass(1);
    QCOMPARE(s.rungUri(), QStringLiteral("sip:emil@127.0.0.1:5072"));
}

void TestCompletionService::whoDoesNotAnswerHasHadIt()
{
    CompletionScene s;
    FakePhone& busy = s.occupy("bert");
    QVERIFY(s.asksBehindBusy("anna"));
    s.hangUp(busy);
    s.pass(6);
    FakePhone& anna = s.rung();
    s.finished.clear();
    s.pass(21);
    QVERIFY(anna.over);
    QCOMPARE(s.asked(), std::size_t{0});
    QVERIFY(s.finished.empty()); // it was no call of anybody
    QVERIFY(s.isQuiet());
}

void TestCompletionService::busyAgainKeepsTheTurn()
{
    CompletionScene s;
    FakePhone& busy = s.occupy("bert");
    QVERIFY(s.asksBehindBusy("anna"));
    s.hangUp(busy);
    s.pass(6);
    FakePhone& anna = s.rung();
    FakePhone& again = s.occupy("emil");
    s.answer(anna, sdpOf(s.ears.local().port));
    s.refuse(s.rung(), 486);
    QVERIFY(!anna.over); // hears the tone
    QVERIFY(s.comes([&] { return anna.over; }));
    QCOMPARE(s.asked(), std::size_t{1});
    s.hangUp(again);
    s.pass(6);
    QCOMPARE(s.rungUri(), QStringLiteral("sip:anna@127.0.0.1:5072"));
}

void TestCompletionService::whoHangsUpStopsTheRinging()
{
    CompletionScene s;
    FakePhone& busy = s.occupy("bert");
    QVERIFY(s.asksBehindBusy("anna"));
    s.hangUp(busy);
    s.pass(6);
    FakePhone& anna = s.rung();
    s.answer(anna, sdpOf(s.ears.local().port));
    FakePhone& dora = s.rung();
    s.hangUp(anna);
    QVERIFY(dora.over);
    QCOMPARE(s.asked(), std::size_t{0});
    QVERIFY(s.isQuiet());
}

void TestCompletionService::cancelsByCode()
{
    CompletionScene s;
    FakePhone& busy = s.occupy("bert");
    QVERIFY(s.asksBehindBusy("anna"));
    QVERIFY(s.dials("anna", "#37#"));
    QVERIFY(!s.dials("anna", "#37#"));
    s.hangUp(busy);
    const std::size_t before = s.phones();
    s.pass(10);
    QCOMPARE(s.phones(), before);
}

/// `*8#` takes calls of others, not what is for one alone.
void TestCompletionService::nobodyPicksItUp()
{
    CompletionScene s;
    FakePhone& busy = s.occupy("bert");
    QVERIFY(s.asksBehindBusy("anna"));
    s.hangUp(busy);
    s.pass(6);
    QCOMPARE(s.calls("bert", "*8#").log(), QStringLiteral("404 over"));
}

/// There is no end of calls to wait for, nor of groups.
void TestCompletionService::notForThoseOutside()
{
    CompletionScene s;
    s.calls("anna", "999");
    QVERIFY(!s.dials("anna", "*37#"));
    s.calls("anna", "400"); // a place to wait
    QVERIFY(!s.dials("anna", "*37#"));
}

void TestCompletionService::ownCallMakesItNeedless()
{
    CompletionScene s;
    FakePhone& busy = s.occupy("bert");
    QVERIFY(s.asksBehindBusy("anna"));
    s.hangUp(busy);
    s.hangUp(s.occupy("anna"));
    QCOMPARE(s.asked(), std::size_t{0});
}

QTEST_GUILESS_MAIN(TestCompletionService)
#include "tst_completion_service.moc"
