// SPDX-License-Identifier: GPL-3.0-or-later
// What the records of calls tell about each user's calls, step by step.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/pbx/call_records.h"
#include "core/pbx/dialog_state.h"
#include "tests/support/fake_clock.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;

namespace {

RecordParty party(const char* name, const char* number)
{
    return {objectGuid(name), name, number, name};
}

struct Scene final : CallObserver {
    Scene()
        : records({}, {}, clock)
    {
        records.setObserver(this);
    }
    void onCallState(const CallState& state) override { states.take(state); }
    /// `>early 101`: calls of the user, `>` those that it began; `H`: it holds.
    QString of(const char* user) const
    {
        constexpr std::array kStages{"trying", "early", "confirmed"};
        QStringList all;
        for (const CallState& one : states.of(user))
            all << QLatin1String(one.role == CallRole::Initiator ? ">" : "<") +
                       QLatin1String(kStages.at(static_cast<std::size_t>(one.stage))) + u' ' +
                       QString::fromStdString(one.remoteNumber) + QLatin1String(one.holds ? " H" : "");
        return all.join(QStringLiteral(", "));
    }

    test::FakeClock clock;
    CallRecords records;
    DialogStates states;
};

const RecordParty kAnna = party("anna", "100");
const RecordParty kOtto = party("otto", "101");
const RecordParty kEve = party("eve", "102");

} // namespace

class DialogStateTest : public QObject {
    Q_OBJECT
private slots:
    void aCallRingsIsAnsweredAndEnds()
    {
        Scene s;
        const LegId anna = s.records.beginCaller(kAnna, "c");
        QCOMPARE(s.of("anna"), QStringLiteral(">trying "));
        const LegId otto = s.records.beginCallee(anna, kOtto);
        QCOMPARE(s.of("anna"), QStringLiteral(">trying 101"));
        QCOMPARE(s.of("otto"), QStringLiteral("<trying 100"));
        s.records.alerted(otto);
        QCOMPARE(s.of("anna"), QStringLiteral(">early 101"));
        QCOMPARE(s.of("otto"), QStringLiteral("<early 100"));
        QVERIFY(!s.states.isTalking("otto"));
        s.records.connected(otto);
        QCOMPARE(s.of("anna"), QStringLiteral(">confirmed 101"));
        QCOMPARE(s.of("otto"), QStringLiteral("<confirmed 100"));
        QVERIFY(s.states.isTalking("otto"));
        s.records.held(otto, true);
        QCOMPARE(s.of("otto"), QStringLiteral("<confirmed 100 H"));
        s.records.held(otto, false);
        QCOMPARE(s.of("otto"), QStringLiteral("<confirmed 100"));
        s.records.released(anna);
        QCOMPARE(s.of("anna"), QString());
        QCOMPARE(s.of("otto"), QString());
    }
    void aCallIsForwarded()
    {
        Scene s;
        const LegId anna = s.records.beginCaller(kAnna, "c");
        const LegId otto = s.records.beginCallee(anna, kOtto);
        s.records.alerted(otto);
        s.records.forwarded(anna, kOtto, {.e164 = "102"}, otto);
        const LegId eve = s.records.beginCallee(anna, kEve);
        QCOMPARE(s.of("otto"), QString());
        QCOMPARE(s.of("eve"), QStringLiteral("<trying 100"));
        QCOMPARE(s.of("anna"), QStringLiteral(">early 102"));
        s.records.released(eve, 17);
        s.records.dropped(anna, 17);
        QCOMPARE(s.of("anna"), QString());
    }
    void aCallIsTransferredBlindly()
    {
        Scene s;
        const LegId anna = s.records.beginCaller(kAnna, "c");
        const LegId otto = s.records.beginCallee(anna, kOtto);
        s.records.connected(otto);
        s.records.transferredBlind(otto, kEve);
        QCOMPARE(s.of("otto"), QString());
        const LegId eve = s.records.beginCallee(anna, kEve);
        QCOMPARE(s.of("anna"), QStringLiteral(">confirmed 102"));
        s.records.connected(eve);
        QCOMPARE(s.of("eve"), QStringLiteral("<confirmed 100"));
    }
    void aCallIsTransferredWithConsultation_data()
    {
        QTest::addColumn<bool>("talked");
        QTest::newRow("while the other one rings") << false;
        QTest::newRow("behind a talk") << true;
    }
    void aCallIsTransferredWithConsultation()
    {
        QFETCH(bool, talked);
        Scene s;
        const LegId anna = s.records.beginCaller(kAnna, "c");
        const LegId otto = s.records.beginCallee(anna, kOtto);
        s.records.connected(otto);
        s.records.held(otto, true);
        const LegId second = s.records.beginCaller(kOtto, "d");
        const LegId eve = s.records.beginCallee(second, kEve);
        s.records.alerted(eve);
        if (talked)
            s.records.connected(eve);
        QCOMPARE(s.of("otto"), talked ? QStringLiteral("<confirmed 100 H, >confirmed 102")
                                      : QStringLiteral("<confirmed 100 H, >early 102"));
        s.records.transferred(otto, second);
        QCOMPARE(s.of("otto"), QString());
        QCOMPARE(s.of("anna"), QStringLiteral(">confirmed 102"));
        QCOMPARE(s.of("eve"), talked ? QStringLiteral("<confirmed 100") : QStringLiteral("<early 100"));
        s.records.dropAll(16);
        QCOMPARE(s.of("anna") + s.of("eve"), QString());
    }
    void sayingItTwiceIsNoNews()
    {
        DialogStates states;
        CallState state;
        state.user = "anna";
        state.call = 1;
        QVERIFY(states.take(state));
        QVERIFY(!states.take(state));
        state.stage = CallStage::Over;
        QVERIFY(states.take(state));
        QVERIFY(!states.take(state));
    }
};

QTEST_GUILESS_MAIN(DialogStateTest)
#include "tst_dialog_state.moc"
