// SPDX-License-Identifier: GPL-3.0-or-later
// Who is internal, which way the call went, and what it is called (decisions.md 2, 6, 8).
#include "recorder/session/parties.h"

#include <QTest>

using namespace sr;
using capture::CapturedCall;
using capture::Party;

namespace {

CapturedCall callBetween(const char* caller, const char* callee)
{
    CapturedCall call;
    call.callId = "1@test";
    call.caller.number = caller;
    call.callee.number = callee;
    return call;
}

} // namespace

class PartiesTest : public QObject {
    Q_OBJECT

private slots:
    void decidesWhoIsInternal_data()
    {
        QTest::addColumn<QString>("caller");
        QTest::addColumn<QString>("callee");
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<bool>("callerIsInternal");
        const auto row = [](const char* name, const char* caller, const char* callee, const char* pattern,
                            bool internal) {
            QTest::newRow(name) << caller << callee << pattern << internal;
        };
        row("longest number is external: outgoing", "24", "0703173009", "", true);
        row("longest number is external: incoming", "0703173009", "24", "", false);
        row("equal length: the called party", "24", "31", "", false);
        row("pattern beats length", "112", "0711888777", "0711*", false);
        row("pattern matching both decides nothing", "24", "0703173009", "*", true);
        row("pattern matching none decides nothing", "24", "0703173009", "9*", true);
        row("withheld caller is external", "unknown", "24", "", false);
        row("withheld callee is external", "24", "unknown", "", true);
        row("withheld caller and a long own number", "unknown", "+493012345678", "", false);
        row("plus sign is no digit", "+12", "123", "", true);
        row("single character wildcard", "361", "36", "3?", false);
    }

    void decidesWhoIsInternal()
    {
        QFETCH(QString, caller);
        QFETCH(QString, callee);
        QFETCH(QString, pattern);
        QFETCH(bool, callerIsInternal);
        const auto call = callBetween(qPrintable(caller), qPrintable(callee));
        const recorder::Parties parties = recorder::decideParties(call, pattern.toStdString());
        QCOMPARE(parties.internal == Party::Caller, callerIsInternal);
        QCOMPARE(parties.direction == archive::CallDirection::Out, callerIsInternal);
    }

    void theExchangeKnowsItBetter()
    {
        CapturedCall call = callBetween("712", "1001");
        call.internal = Party::Callee;
        QVERIFY(recorder::decideParties(call, "7*").internal == Party::Callee);
        call.internal = Party::Caller;
        QVERIFY(recorder::decideParties(call, "1*").internal == Party::Caller);
    }

    void phoneFilesNameTheirLocalSide()
    {
        CapturedCall call = callBetween("24", "31");
        call.origin = capture::CallOrigin::PhoneFile;
        call.streams.push_back({.speaker = Party::Caller, .rtp = {}});
        call.streams[0].rtp.from.port = 16386;
        call.streams[0].rtp.to.port = 16388;
        QVERIFY(recorder::decideParties(call, {}).internal == Party::Caller);
        call.streams[0].rtp.from.port = 16388;
        call.streams[0].rtp.to.port = 16386;
        QVERIFY(recorder::decideParties(call, {}).internal == Party::Callee);
    }

    void uidIsTheGuidOrTheFingerprint()
    {
        CapturedCall call = callBetween("24", "31");
        QCOMPARE(recorder::uidOf(call).size(), std::size_t(32));
        QCOMPARE(recorder::uidOf(call), recorder::fingerprintOf(call).substr(0, 32));
        call.guid = "c03a55c2e909d311b6450090331b3e3b";
        QCOMPARE(recorder::uidOf(call), call.guid);
    }

    void fingerprintFollowsTheDesign()
    {
        // SHA-256 of "1@test\0a\0b\0" "1000000", by sha256sum.
        CapturedCall call = callBetween("24", "31");
        call.callerTag = "a";
        call.calleeTag = "b";
        call.firstPacket = UtcTime(seconds(1));
        QCOMPARE(QString::fromStdString(recorder::fingerprintOf(call)),
                 QStringLiteral("2e9c5f4be853ce5fe3f458a70de8c57a416883a2053e2bd2a7f1cf65216f076e"));
        const std::string before = recorder::fingerprintOf(call);
        call.firstPacket += microseconds(1);
        QVERIFY(recorder::fingerprintOf(call) != before);
    }

    void bareRtpIsToldApartByItsStreams()
    {
        CapturedCall one;
        one.origin = capture::CallOrigin::BareRtp;
        one.streams.push_back({});
        CapturedCall other = one;
        other.streams[0].rtp.ssrc = 1;
        QVERIFY(recorder::fingerprintOf(one) != recorder::fingerprintOf(other));
    }

    void answerTimeIsTheRinging()
    {
        CapturedCall call = callBetween("24", "31");
        call.ringing = UtcTime(seconds(10));
        call.answered = UtcTime(seconds(17)) + milliseconds(900);
        QCOMPARE(recorder::answerSecondsOf(call), 7u);
        call.ringing.reset();
        QCOMPARE(recorder::answerSecondsOf(call), 0u);
        call.ringing = UtcTime(seconds(10));
        call.answered.reset();
        call.ended = UtcTime(seconds(30));
        QCOMPARE(recorder::answerSecondsOf(call), 20u);
    }
};

QTEST_GUILESS_MAIN(PartiesTest)
#include "tst_parties.moc"
