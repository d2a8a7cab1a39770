// SPDX-License-Identifier: GPL-3.0-or-later
// Bindings come, are renewed, run out and go as RFC 3261 10.3 says.
#include "core/pbx/registrar.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;
using namespace std::chrono_literals;

namespace {

const TimePoint kStart = TimePoint() + 1000h;

sip::RegisterRequest requestOf(std::vector<sip::Contact> contacts, std::uint32_t cseq = 1,
                               const std::string& callId = "one")
{
    sip::RegisterRequest request;
    request.user = "anna";
    request.callId = callId;
    request.cseq = cseq;
    request.contacts = std::move(contacts);
    return request;
}

sip::Contact phone(const std::string& host, std::optional<std::uint32_t> expires = 600,
                   const std::string& instance = {})
{
    return {"sip:anna@" + host, expires, instance};
}

std::vector<std::string> urisOf(const std::vector<Binding>& bindings)
{
    std::vector<std::string> out;
    for (const Binding& binding : bindings)
        out.push_back(binding.contact.uri);
    return out;
}

} // namespace

class TestRegistrar : public QObject {
    Q_OBJECT

private slots:
    void severalDevicesOfOneUser()
    {
        Registrar registrar;
        QCOMPARE(registrar.take("anna", requestOf({phone("10.0.0.1")}), kStart).status, 200);
        const auto answer =
            registrar.take("anna", requestOf({phone("10.0.0.2", 120)}, 1, "two"), kStart + 1s);
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.contacts.size(), std::size_t{2});
        QCOMPARE(*answer.contacts[0].expires, 599U);
        QCOMPARE(*answer.contacts[1].expires, 120U);
        QCOMPARE(registrar.count(kStart), std::size_t{2});
        // Asking changes nothing and tells the same.
        QCOMPARE(registrar.take("anna", requestOf({}, 2), kStart + 1s).contacts.size(), std::size_t{2});
        QVERIFY(registrar.bindings("bert", kStart).empty());
    }
    void renewedAndRunOut()
    {
        Registrar registrar;
        (void)registrar.take("anna", requestOf({phone("10.0.0.1", 600)}, 1), kStart);
        (void)registrar.take("anna", requestOf({phone("10.0.0.1", 600)}, 2), kStart + 500s);
        QCOMPARE(registrar.bindings("anna", kStart + 1099s).size(), std::size_t{1});
        QVERIFY(registrar.bindings("anna", kStart + 1100s).empty());
        QCOMPARE(registrar.count(kStart + 1100s), std::size_t{0});
        registrar.sweep(kStart + 1100s);
        QCOMPARE(registrar.count(kStart), std::size_t{0}); // gone from memory, not only hidden
    }
    void takenBack()
    {
        Registrar registrar;
        (void)registrar.take("anna", requestOf({phone("10.0.0.1"), phone("10.0.0.2")}), kStart);
        QCOMPARE(registrar.take("anna", requestOf({phone("10.0.0.1", 0)}, 2), kStart).contacts.size(),
                 std::size_t{1});
        QCOMPARE(urisOf(registrar.bindings("anna", kStart)), std::vector<std::string>{"sip:anna@10.0.0.2"});
        auto all = requestOf({}, 3);
        all.allContacts = true;
        QCOMPARE(registrar.take("anna", all, kStart).status, 400); // needs Expires 0
        all.expires = 0;
        QCOMPARE(registrar.take("anna", all, kStart).status, 200);
        QVERIFY(registrar.bindings("anna", kStart).empty());
    }
    void expiresOfTheRequestAndLimits()
    {
        Registrar registrar({.shortest = 60, .longest = 300, .usual = 200, .devicesPerUser = 2});
        auto request = requestOf({phone("10.0.0.1", std::nullopt)});
        QCOMPARE(*registrar.take("anna", request, kStart).contacts[0].expires, 200U);
        request.cseq = 2;
        request.expires = 100;
        QCOMPARE(*registrar.take("anna", request, kStart).contacts[0].expires, 100U);
        request.cseq = 3;
        request.expires = 90000;
        QCOMPARE(*registrar.take("anna", request, kStart).contacts[0].expires, 300U);
        request.cseq = 4;
        request.expires = 59;
        const auto brief = registrar.take("anna", request, kStart);
        QCOMPARE(brief.status, 423);
        QCOMPARE(*brief.minExpires, 60U);
        QCOMPARE(*registrar.take("anna", requestOf({}, 5), kStart).contacts[0].expires, 300U);
        // All or nothing: the third device makes the request fail as a whole.
        const auto many = requestOf({phone("10.0.0.2"), phone("10.0.0.3")}, 1, "two");
        QCOMPARE(registrar.take("anna", many, kStart).status, 403);
        QCOMPARE(registrar.bindings("anna", kStart).size(), std::size_t{1});
    }
    void anOvertakenRequestUndoesNothing()
    {
        Registrar registrar;
        (void)registrar.take("anna", requestOf({phone("10.0.0.1")}, 7), kStart);
        QCOMPARE(registrar.take("anna", requestOf({phone("10.0.0.1", 0)}, 7), kStart).status, 500);
        QCOMPARE(registrar.take("anna", requestOf({phone("10.0.0.1", 0)}, 6), kStart).status, 500);
        QCOMPARE(registrar.bindings("anna", kStart).size(), std::size_t{1});
        // After a restart the phone has another Call-ID and counts anew.
        QCOMPARE(registrar.take("anna", requestOf({phone("10.0.0.1", 0)}, 1, "new"), kStart).status, 200);
        QVERIFY(registrar.bindings("anna", kStart).empty());
    }
    void aDeviceThatNamesItselfMoves()
    {
        Registrar registrar;
        (void)registrar.take("anna", requestOf({phone("10.0.0.1", 600, "<urn:uuid:1>")}), kStart);
        (void)registrar.take("anna", requestOf({phone("10.9.9.9", 600, "<urn:uuid:1>")}, 1, "new"), kStart);
        QCOMPARE(urisOf(registrar.bindings("anna", kStart)), std::vector<std::string>{"sip:anna@10.9.9.9"});
        registrar.forget("anna");
        QVERIFY(registrar.bindings("anna", kStart).empty());
    }
    void devicesFromBeforeARestart()
    {
        Registrar registrar({.shortest = 60, .longest = 300, .usual = 200, .devicesPerUser = 2});
        const auto kept = [](const std::string& host, std::chrono::seconds left) {
            return Binding{phone(host), {}, "phone", "one", 7, kStart + left};
        };
        QVERIFY(!registrar.restore("anna", kept("10.0.0.1", 0s), kStart));
        QVERIFY(registrar.restore("anna", kept("10.0.0.1", 100s), kStart));
        QCOMPARE(registrar.bindings("anna", kStart + 99s).size(), std::size_t{1});
        QVERIFY(registrar.bindings("anna", kStart + 100s).empty());
        // An older request than the one from before changes nothing either.
        QCOMPARE(registrar.take("anna", requestOf({phone("10.0.0.1", 0)}, 7), kStart).status, 500);
        (void)registrar.take("anna", requestOf({phone("10.0.0.1", 200)}, 8), kStart);
        QVERIFY(!registrar.restore("anna", kept("10.0.0.1", 100s), kStart)); // came first, is newer
        QCOMPARE(registrar.bindings("anna", kStart + 199s).size(), std::size_t{1});
        QVERIFY(registrar.restore("anna", kept("10.0.0.2", 9000s), kStart));
        QVERIFY(registrar.bindings("anna", kStart + 300s).empty());          // the clock was set back, say
        QVERIFY(!registrar.restore("anna", kept("10.0.0.3", 100s), kStart)); // one too many
    }
    void whatIsNoUriBindsNothing()
    {
        Registrar registrar;
        sip::Contact none = phone("");
        none.uri.clear();
        QCOMPARE(registrar.take("anna", requestOf({phone("10.0.0.1"), none}), kStart).status, 400);
        QVERIFY(registrar.bindings("anna", kStart).empty());
    }
    void oneContactTwiceInARequest()
    {
        Registrar registrar;
        const auto answer =
            registrar.take("anna", requestOf({phone("10.0.0.1", 100), phone("10.0.0.1", 200)}), kStart);
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.contacts.size(), std::size_t{1});
        QCOMPARE(*answer.contacts[0].expires, 200U);
    }
};

QTEST_GUILESS_MAIN(TestRegistrar)
#include "tst_registrar.moc"
