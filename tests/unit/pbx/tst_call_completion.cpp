// SPDX-License-Identifier: GPL-3.0-or-later
// Whose request is served when: the rules one by one, and strict order whatever happens.
#include "core/base/clock.h" // before what moc cannot read first
#include "core/pbx/call_completion.h"
#include "core/pbx/pbx_error.h"
#include "tests/support/fake_clock.h"

#include <QTest>

#include <set>

using namespace sr;
using namespace sr::pbx;
using Why = FailedCall::Why;

namespace {

struct Scene {
    test::FakeClock clock;
    CallCompletion completion{clock};
    std::set<std::string> taken; ///< have a call

    void fails(const std::string& caller, const std::string& callee, Why why = Why::Refused, bool busy = true)
    {
        completion.failed({caller, callee, "1-" + callee, "guid", why}, busy);
    }
    Status asks(const std::string& caller, const std::string& callee, Why why = Why::Refused)
    {
        fails(caller, callee, why);
        return completion.request(caller);
    }
    void frees(const std::string& name)
    {
        taken.erase(name);
        completion.freed(name);
    }
    /// The callers that are rung now.
    QString due()
    {
        QStringList names;
        for (const auto& one :
             completion.takeDue([this](const std::string& name) { return !taken.contains(name); })) {
            names << QString::fromStdString(one.caller);
            last = one.id;
        }
        return names.join(u' ');
    }
    void pass(int s) { clock.advance(std::chrono::seconds(s)); }
    CallCompletion::Id last = 0;
};

} // namespace

class TestCallCompletion : public QObject {
    Q_OBJECT

private slots:
    void waitsUntilTheBusyOneIsFree();
    void waitsForASignOfWhoDidNotAnswer();
    void whoDeclinesIsNotBusy();
    void servesInOrder();
    void aBusyCallerKeepsItsPlace();
    void oneCallerIsRungOnce();
    void runsOut();
    void whatIsUnderWayDoesNotRunOut();
    void onlyTheLastCallAndNotForLong();
    void limits();
    void cancels();
    void talksEndIt();
};

void TestCallCompletion::waitsUntilTheBusyOneIsFree()
{
    Scene s;
    s.taken = {"otto"};
    QVERIFY(s.asks("anna", "otto"));
    s.pass(60);
    QCOMPARE(s.due(), QString());
    s.frees("otto");
    s.pass(4);
    QCOMPARE(s.due(), QString()); // may call first
    s.pass(1);
    QCOMPARE(s.due(), QStringLiteral("anna"));
    QCOMPARE(QString::fromStdString(s.completion.all().at(0).dialled), QStringLiteral("1-otto"));
    QCOMPARE(s.due(), QString()); // it is under way
    s.completion.done(s.last);
    QVERIFY(!s.completion.watches("otto"));
}

void TestCallCompletion::waitsForASignOfWhoDidNotAnswer()
{
    for (const Why why : {Why::NoAnswer, Why::Away}) {
        Scene s;
        QVERIFY(s.asks("anna", "otto", why));
        s.pass(600);
        QCOMPARE(s.due(), QString());
        s.completion.showed("otto");
        QCOMPARE(s.due(), QStringLiteral("anna"));
    }
}

void TestCallCompletion::whoDeclinesIsNotBusy()
{
    Scene s;
    s.fails("anna", "otto", Why::Refused, false);
    QVERIFY(s.completion.request("anna"));
    s.pass(600);
    QCOMPARE(s.due(), QString()); // or it would ring at once again
}

void TestCallCompletion::servesInOrder()
{
    Scene s;
    s.taken = {"otto"};
    for (const char* caller : {"anna", "bert", "carl"})
        QVERIFY(s.asks(caller, "otto"));
    s.frees("otto");
    s.pass(5);
    QStringList served;
    for (int i = 0; i < 3; ++i) {
        served << s.due();
        QCOMPARE(s.due(), QString());
        s.completion.done(s.last);
    }
    QCOMPARE(served.join(u' '), QStringLiteral("anna bert carl"));
}

void TestCallCompletion::aBusyCallerKeepsItsPlace()
{
    Scene s;
    s.taken = {"otto", "anna"};
    for (const char* caller : {"anna", "bert", "carl"})
        QVERIFY(s.asks(caller, "otto"));
    s.frees("otto");
    s.pass(5);
    QCOMPARE(s.due(), QStringLiteral("bert"));
    s.completion.done(s.last);
    s.taken = {};
    QCOMPARE(s.due(), QStringLiteral("anna")); // before carl
    s.completion.again(s.last);                // otto was called by somebody else
    s.pass(5);
    QCOMPARE(s.due(), QStringLiteral("anna"));
}

void TestCallCompletion::oneCallerIsRungOnce()
{
    Scene s;
    QVERIFY(s.asks("anna", "bert"));
    QVERIFY(s.asks("anna", "carl"));
    QVERIFY(s.asks("dora", "anna")); // anna rings, so she is not free to be called
    s.pass(5);
    s.completion.done(0);
    const QString first = s.due();
    QCOMPARE(first, QStringLiteral("dora")); // anna is the first callee, by name
    s.completion.done(s.last);
    QCOMPARE(s.due(), QStringLiteral("anna"));
    QCOMPARE(s.due(), QString());
    s.completion.done(s.last);
    QCOMPARE(s.due(), QStringLiteral("anna"));
}

void TestCallCompletion::runsOut()
{
    Scene s;
    s.taken = {"otto", "bert"};
    QVERIFY(s.asks("anna", "otto"));
    QVERIFY(s.asks("anna", "bert", Why::NoAnswer));
    s.pass(45 * 60 - 1);
    s.due();
    QCOMPARE(s.completion.all().size(), std::size_t{2});
    s.pass(1);
    s.due();
    QCOMPARE(s.completion.all().size(), std::size_t{1});
    s.pass(135 * 60);
    s.due();
    QVERIFY(s.completion.all().empty());
}

void TestCallCompletion::whatIsUnderWayDoesNotRunOut()
{
    Scene s;
    QVERIFY(s.asks("anna", "otto"));
    s.pass(45 * 60 - 1);
    QCOMPARE(s.due(), QStringLiteral("anna"));
    s.pass(10);
    s.due();
    QVERIFY(s.completion.watches("otto"));
    s.completion.again(s.last);
    s.due();
    QVERIFY(!s.completion.watches("otto"));
}

void TestCallCompletion::onlyTheLastCallAndNotForLong()
{
    Scene s;
    QCOMPARE(s.completion.request("anna").error().code, make_error_code(PbxErrc::NotFound));
    s.fails("anna", "otto");
    s.fails("anna", "bert");
    s.pass(60);
    QVERIFY(s.completion.request("anna"));
    QVERIFY(s.completion.request("anna")); // changes nothing
    QCOMPARE(s.completion.all().size(), std::size_t{1});
    QVERIFY(s.completion.watches("bert"));
    s.fails("anna", "otto");
    s.pass(61);
    QVERIFY(!s.completion.request("anna"));
}

void TestCallCompletion::limits()
{
    Scene s;
    for (int i = 0; i < 5; ++i)
        QVERIFY(s.asks("anna", "callee" + std::to_string(i)));
    QCOMPARE(s.asks("anna", "otto").error().code, make_error_code(PbxErrc::TooMany));
    for (int i = 0; i < 5; ++i)
        QVERIFY(s.asks("caller" + std::to_string(i), "otto"));
    QCOMPARE(s.asks("bert", "otto").error().code, make_error_code(PbxErrc::TooMany));
    QVERIFY(s.asks("bert", "anna"));
}

void TestCallCompletion::cancels()
{
    Scene s;
    QVERIFY(s.asks("anna", "otto"));
    QVERIFY(s.asks("anna", "bert"));
    QVERIFY(s.asks("carl", "otto"));
    QCOMPARE(s.completion.cancel("anna"), std::size_t{2});
    QCOMPARE(s.completion.cancel("anna"), std::size_t{0});
    QVERIFY(!s.completion.request("anna")); // nor by asking again
    s.pass(5);
    QCOMPARE(s.due(), QStringLiteral("carl"));
    s.completion.forget("otto");
    QVERIFY(s.completion.all().empty());
}

void TestCallCompletion::talksEndIt()
{
    Scene s;
    QVERIFY(s.asks("anna", "otto"));
    QVERIFY(s.asks("bert", "otto"));
    s.completion.talked("anna", "otto");
    QVERIFY(!s.completion.request("anna"));
    s.pass(5);
    QCOMPARE(s.due(), QStringLiteral("bert"));
}

QTEST_GUILESS_MAIN(TestCallCompletion)
#include "tst_call_completion.moc"
