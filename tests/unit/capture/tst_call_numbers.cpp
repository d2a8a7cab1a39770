// SPDX-License-Identifier: GPL-3.0-or-later
// Who calls whom, and the conference guid.
#include "tests/unit/capture/calls.h"

#include <QtTest>

using namespace sr;
using namespace sr::capture;
using namespace sr::capture::test;
using namespace std::string_literals;

class TestCallNumbers : public QObject {
    Q_OBJECT
private slots:
    void numbers_data();
    void numbers();
    void connectedNumber_data();
    void connectedNumber();
    void whoFollowsAMachine_data();
    void whoFollowsAMachine();
    void guid_data();
    void guid();
};

void TestCallNumbers::numbers_data()
{
    QTest::addColumn<std::string>("from");
    QTest::addColumn<std::string>("header");
    QTest::addColumn<std::string>("number");
    QTest::newRow("user part of From") << "<sip:+39047112345@x>"s
                                       << "X: y"s
                                       << "+39047112345"s;
    QTest::newRow("zeros stay as written") << "<sip:0039047112345@x>"s
                                           << "X: y"s
                                           << "0039047112345"s;
    QTest::newRow("asserted identity wins") << "<sip:1@x>"s
                                            << "P-Asserted-Identity: \"A, B\" <sip:777@x>"s
                                            << "777"s;
    QTest::newRow("tel identity beside a sip one without user")
        << "<sip:1@x>"s
        << "P-Asserted-Identity: <sip:gw.x>, <tel:+39-0471(1)2.3>"s
        << "+390471123"s;
    QTest::newRow("tel From") << "<tel:0471;phone-context=+39>"s
                              << "X: y"s
                              << "0471"s;
    QTest::newRow("user parameters go") << "<sip:12;phone-context=x;ext=4@x;user=phone>"s
                                        << "X: y"s
                                        << "12"s;
    QTest::newRow("password goes") << "<sip:12:secret@x>"s
                                   << "X: y"s
                                   << "12"s;
    QTest::newRow("escapes are decoded") << "<sip:%2312%2A@x>"s
                                         << "X: y"s
                                         << "#12*"s;
    QTest::newRow("anonymous") << "\"Anonymous\" <sip:anonymous@anonymous.invalid>"s
                               << "X: y"s
                               << "unknown"s;
    QTest::newRow("withheld in mixed case") << "<sip:Restricted@x>"s
                                            << "X: y"s
                                            << "unknown"s;
    QTest::newRow("no user") << "<sip:x>"s
                             << "X: y"s
                             << "unknown"s;
    QTest::newRow("withheld, asserted") << "<sip:anonymous@x>"s
                                        << "P-Asserted-Identity: <tel:5>"s
                                        << "5"s;
    QTest::newRow("withheld, remote party") << "<sip:anonymous@x>"s
                                            << "Remote-Party-ID: <sip:6@x>;party=calling"s
                                            << "6"s;
    QTest::newRow("anonymous identity does not win") << "<sip:8@x>"s
                                                     << "P-Asserted-Identity: <sip:anonymous@x>"s
                                                     << "8"s;
    QTest::newRow("letters") << "<sip:anna.b@x>"s
                             << "X: y"s
                             << "anna.b"s;
}

void TestCallNumbers::numbers()
{
    QFETCH(std::string, from);
    QFETCH(std::string, header);
    QFETCH(std::string, number);
    Flow f;
    f.sip(0, A, B, inviteA().from(from).header(header));
    ONE_CALL(f);
    QCOMPARE(call.caller.number, number);
    QCOMPARE(call.callee.number, std::string("200"));
}

void TestCallNumbers::connectedNumber_data()
{
    QTest::addColumn<std::string>("ringing"); // header of the 180 of tag tr
    QTest::addColumn<std::string>("answer");  // and of the 200
    QTest::addColumn<std::string>("ringTag");
    QTest::addColumn<std::string>("number");
    QTest::addColumn<std::string>("name");
    const std::string bob = "P-Asserted-Identity: \"Bob\" <sip:377@x>";
    QTest::newRow("nobody says") << ""s
                                 << ""s
                                 << "tb"s
                                 << "200"s
                                 << ""s;
    QTest::newRow("who answers") << ""s << bob << "tb"s
                                 << "377"s
                                 << "Bob"s;
    QTest::newRow("who rings and answers") << bob << ""s
                                           << "tb"s
                                           << "377"s
                                           << "Bob"s;
    QTest::newRow("another one rings") << bob << ""s
                                       << "tr"s
                                       << "200"s
                                       << ""s;
    QTest::newRow("one rings, one answers") << bob << "P-Asserted-Identity: <tel:+39-1>"s
                                            << "tr"s
                                            << "+391"s
                                            << ""s;
    QTest::newRow("the caller, repeated") << ""s
                                          << "P-Asserted-Identity: \"A\" <sip:100@x>"s
                                          << "tb"s
                                          << "200"s
                                          << ""s;
    QTest::newRow("withheld") << ""s
                              << "P-Asserted-Identity: <sip:anonymous@x>"s
                              << "tb"s
                              << "200"s
                              << ""s;
    QTest::newRow("a name alone") << ""s
                                  << "P-Asserted-Identity: \"Desk\" <sip:gw.x>"s
                                  << "tb"s
                                  << "200"s
                                  << "Desk"s;
}

void TestCallNumbers::connectedNumber()
{
    QFETCH(std::string, ringing);
    QFETCH(std::string, answer);
    QFETCH(std::string, ringTag);
    QFETCH(std::string, number);
    QFETCH(std::string, name);
    const auto with = [](const Sip& sip, const std::string& line) {
        return line.empty() ? sip : sip.header(line);
    };
    Flow f;
    f.sip(0, A, B, inviteA()).sip(1, B, A, with(response(180).tt(ringTag), ringing));
    f.sip(2, B, A, with(okB(), answer));
    ONE_CALL(f);
    QCOMPARE(call.callee.number, number);
    QCOMPARE(call.callee.displayName, name);
    QCOMPARE(call.caller.number, std::string("100"));
}

void TestCallNumbers::whoFollowsAMachine_data()
{
    QTest::addColumn<std::string>("contact"); // of the 200
    QTest::addColumn<std::string>("number");
    QTest::addColumn<int>("alerted");
    QTest::newRow("a machine") << "Contact: <sip:200@x>;automata"s
                               << "377"s << 4;
    QTest::newRow("a person who hands over") << "Contact: <sip:200@x>"s
                                             << "200"s << -1;
}

/// Only the first.
void TestCallNumbers::whoFollowsAMachine()
{
    QFETCH(std::string, contact);
    QFETCH(std::string, number);
    QFETCH(int, alerted);
    Flow f;
    f.sip(0, A, B, inviteA()).sip(2, B, A, okB().header(contact));
    f.sip(9, B, A,
          request("INVITE", 7)
              .ft("tb")
              .tt("ta")
              .header("P-Asserted-Identity: \"Bob\" <sip:377@x>")
              .header("Switchroom-Alert: 4"));
    f.sip(12, B, A, request("INVITE", 8).ft("tb").tt("ta").header("P-Asserted-Identity: <sip:378@x>"));
    ONE_CALL(f);
    QCOMPARE(call.callee.number, number);
    QCOMPARE(call.alerted ? static_cast<int>(call.alerted->count()) : -1, alerted);
}

void TestCallNumbers::guid_data()
{
    QTest::addColumn<std::string>("header");
    QTest::addColumn<std::string>("guid");
    const std::string g = "e89277f0e909d31192e80090331032dd";
    QTest::newRow("none") << "X: y"s
                          << ""s;
    QTest::newRow("h323-conf-id in groups") << "h323-conf-id: E89277F0 E909D311 92E80090 331032DD"s << g;
    QTest::newRow("conf-id") << "Conf-ID: e89277f0e909d31192e80090331032dd"s << g;
    QTest::newRow("Cisco-Guid of decimal words")
        << "Cisco-Guid: 3901913072-3909735185-2464678032-856699613"s << g;
    QTest::newRow("session id")
        << "Session-ID: e89277f0e909d31192e80090331032dd;remote=00000000000000000000000000000000"s << g;
    QTest::newRow("nil") << "Session-ID: 00000000000000000000000000000000"s
                         << ""s;
    QTest::newRow("too short") << "Conf-ID: e89277f0"s
                               << ""s;
}

void TestCallNumbers::guid()
{
    QFETCH(std::string, header);
    QFETCH(std::string, guid);
    Flow f;
    f.sip(0, A, B, inviteA().header(header));
    ONE_CALL(f);
    QCOMPARE(call.guid, guid);
}

QTEST_GUILESS_MAIN(TestCallNumbers)
#include "tst_call_numbers.moc"
