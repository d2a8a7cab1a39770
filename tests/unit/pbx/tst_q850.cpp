// SPDX-License-Identifier: GPL-3.0-or-later
// SIP statuses and Reason headers to causes of Q.850.
#include "core/base/bytes.h" // before what moc cannot read first
#include "core/pbx/q850.h"

#include <QTest>

using namespace sr::pbx;

class TestQ850 : public QObject {
    Q_OBJECT
private slots:
    void statuses_data();
    void statuses();
    void refusals();
    void reasons_data();
    void reasons();
};

void TestQ850::statuses_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("cause");
    QTest::newRow("busy") << 486 << q850::kBusy;
    QTest::newRow("busy everywhere") << 600 << q850::kBusy;
    QTest::newRow("no answer") << 408 << q850::kNoResponse;
    QTest::newRow("unavailable") << 480 << q850::kNoResponse;
    QTest::newRow("cancelled") << 487 << q850::kNormal;
    QTest::newRow("not found") << 404 << 1;
    QTest::newRow("declined") << 603 << 21;
    QTest::newRow("gone") << 410 << 22;
    QTest::newRow("media refused") << 488 << 65;
    QTest::newRow("server timeout") << 504 << 102;
    QTest::newRow("unlisted 4xx") << 499 << q850::kTemporaryFailure;
    QTest::newRow("unlisted 5xx") << 599 << q850::kTemporaryFailure;
    QTest::newRow("unlisted 6xx") << 699 << 21;
}

void TestQ850::statuses()
{
    QFETCH(int, status);
    QTEST(q850::causeOfStatus(status), "cause");
}

void TestQ850::refusals()
{
    QCOMPARE(q850::statusOfCause(q850::kBusy), 486);
    QCOMPARE(q850::statusOfCause(q850::kNormal), 480);
    QCOMPARE(q850::statusOfCause(q850::kTemporaryFailure), 503);
    QCOMPARE(q850::statusOfCause(1), 404);
    QCOMPARE(q850::statusOfCause(127), 500);
    QCOMPARE(q850::statusOfCause(126), 500);
}

void TestQ850::reasons_data()
{
    QTest::addColumn<std::string>("header");
    QTest::addColumn<int>("cause"); // -1: none
    QTest::newRow("RFC 3326") << std::string("Q.850 ;cause=16 ;text=\"Terminated\"") << 16;
    QTest::newRow("behind SIP") << std::string("SIP;cause=200;text=\"Call, over; cause=1\", q.850;Cause = 17")
                                << 17;
    QTest::newRow("SIP alone") << std::string("SIP;cause=600") << -1;
    QTest::newRow("text before") << std::string("Q.850;text=\"a\\\";cause=3\";cause=18") << 18;
    QTest::newRow("no number") << std::string("Q.850;cause=x") << -1;
    QTest::newRow("beyond seven bits") << std::string("Q.850;cause=128") << -1;
    QTest::newRow("negative") << std::string("Q.850;cause=-1") << -1;
    QTest::newRow("huge") << std::string("Q.850;cause=99999999999999999999") << -1;
    QTest::newRow("quote without end") << std::string("Q.850;text=\"a;cause=18") << -1;
    QTest::newRow("nothing") << std::string() << -1;
    QTest::newRow("separators") << std::string(",;=,;,") << -1;
}

void TestQ850::reasons()
{
    QFETCH(std::string, header);
    QTEST(q850::causeOfReason(header).value_or(-1), "cause");
}

QTEST_APPLESS_MAIN(TestQ850)
#include "tst_q850.moc"
