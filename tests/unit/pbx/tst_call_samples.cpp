// SPDX-License-Identifier: GPL-3.0-or-later
// Whole calls between the users of the published samples leave the records that stand there, attribute by
// attribute. Only what the samples have of their own is not compared: guids, and when somebody dials.
#include "core/base/endpoint.h"
#include "core/pbx/call_control.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/pbx/fake_phones.h"
#include "tests/unit/pbx/sample_records.h"

#include <QTest>

#include <map>

using namespace sr;
using namespace sr::pbx;
using sr::test::FakePhone;
using sr::test::FakeSession;

namespace {

std::string sdpOf(int port)
{
    return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio " +
           std::to_string(port) + " RTP/AVP 8\r\n";
}

User user(const char* name, const char* number, const char* longName)
{
    return {name, number, longName, {}, {}};
}

/// a (100), b (101) and c (102), each with a phone.
struct Scene {
    explicit Scene(std::int64_t utc, Diversion::Type type = Diversion::Type::Always, const char* to = "")
        : clock(UtcTime(std::chrono::seconds(utc)))
    {
        std::vector<User> users{user("a", "100", "A"), user("b", "101", "B"), user("c", "102", "C")};
        users[1].settings["ring"] = "5";
        setPlainDiversion(users[1], type, to);
        directory = std::make_shared<const Directory>("switchroom", std::move(users));
        relay::RelayOptions options;
        options.firstPort = 30000;
        options.lastPort = 39999;
        relay = std::move(relay::Relay::start(options)).value();
        control = std::make_unique<CallControl>(dialer, *relay, tap, records, registrar, clock);
        control->setDirectory(directory);
        for (const char* name : {"a", "b", "c"}) {
            sip::RegisterRequest request;
            request.user = name;
            request.callId = name;
            request.contacts.push_back({std::string("sip:") + name + "@127.0.0.1:5070", {}, {}});
            registrar.take(name, request, clock.steadyNow());
        }
    }
    /// Every second until then comes.
    Scene& at(int second)
    {
        while (clock.utcNow() < start + std::chrono::seconds(second)) {
            clock.advance(std::chrono::seconds(1));
            control->onSecond();
        }
        return *this;
    }
    FakePhone& dials(const char* name, const char* number)
    {
        FakePhone& caller = callers.emplace_back();
        caller.callId = std::string("of-") + name;
        sip::InviteRequest request;
        request.target = number;
        request.sdp = sdpOf(4000);
        control->onInvite(std::make_unique<FakeSession>(caller), request, *directory->byName(name));
        return caller;
    }
    FakePhone& phone(std::size_t i) { return dialer.phones.at(i); }
    void rings(std::size_t i) { phone(i).events->onReply({180, {}}); }
    void answers(std::size_t i) { phone(i).events->onReply({200, sdpOf(4010 + static_cast<int>(i))}); }
    static void hangsUp(FakePhone& phone) { phone.events->onEnded(sip::Ending::Bye); }

    test::FakeClock clock;
    const UtcTime start = clock.utcNow();
    std::shared_ptr<const Directory> directory;
    struct NoTap final : relay::CallTap {
        void message(relay::TapMessage&&) override {}
        void media(std::uint64_t, const Endpoint&, const Endpoint&) override {}
        void closed(std::uint64_t) override {}
    } tap;
    std::vector<CallRecords::Record> finished;
    CallRecords records{[this](const CallRecords::Record& one) { finished.push_back(one); },
                        {"PBX", ".", [](UtcTime) { return std::chrono::seconds(7200); }},
                        clock};
    std::unique_ptr<relay::Relay> relay;
    test::FakeDialer dialer;
    std::deque<FakePhone> callers;
    Registrar registrar;
    std::unique_ptr<CallControl> control;
};

void basic(Scene& s)
{
    s.dials("a", "101");
    s.at(1).rings(0);
    s.at(2).answers(0);
    Scene::hangsUp(s.at(4).phone(0));
}

void forwardedAlways(Scene& s)
{
    s.at(1).dials("a", "101");
    s.rings(0);
    s.at(3).answers(0);
    Scene::hangsUp(s.at(5).phone(0));
}

/// b rings for 5 seconds.
void forwardedUnanswered(Scene& s)
{
    s.dials("a", "101");
    s.at(1).rings(0);
    s.at(5).rings(1);
    s.at(8).answers(1);
    Scene::hangsUp(s.at(9).phone(1));
}

void transferredBlind(Scene& s)
{
    FakePhone& a = s.dials("a", "101");
    s.at(1).rings(0);
    s.at(3).answers(0);
    s.at(7).phone(0).events->onRefer({"102", {}});
    s.rings(1);
    s.at(9).answers(1);
    a.events->onReply({200, sdpOf(4000)});
    Scene::hangsUp(s.at(10).phone(1));
}

void transferredRinging(Scene& s)
{
    FakePhone& a = s.dials("a", "101");
    s.at(2).rings(0);
    s.at(4).answers(0);
    s.at(5).dials("b", "102");
    s.at(7).rings(1);
    s.at(9).phone(0).events->onRefer({"", sip::DialogId{"of-b", {}, {}}});
    s.at(11).answers(1);
    a.events->onReply({200, sdpOf(4000)});
    Scene::hangsUp(s.at(14).phone(1));
}

void transferredAnswered(Scene& s)
{
    FakePhone& a = s.dials("a", "101");
    s.at(1).rings(0);
    s.at(3).answers(0);
    s.at(4).dials("b", "102");
    s.at(6).rings(1);
    s.at(8).answers(1);
    s.at(10).phone(0).events->onRefer({"", sip::DialogId{"of-b", {}, {}}});
    s.phone(1).events->onReply({200, sdpOf(4011)});
    a.events->onReply({200, sdpOf(4000)});
    Scene::hangsUp(s.at(12).phone(1));
}

struct Scenario {
    const char* name; ///< as the samples have it
    void (*play)(Scene&);
    Diversion::Type type = Diversion::Type::Always; ///< of b's forward
    const char* to = "";
};
constexpr Scenario kScenarios[] = {
    {"A(100) calls B(101)", basic},
    {"A(100) calls B(101) cfu to C(102)", forwardedAlways, Diversion::Type::Always, "102"},
    {"A(100) calls B(101) cfnr to C(102)", forwardedUnanswered, Diversion::Type::NoAnswer, "102"},
    {"A(100) calls B(101) blind transfer without consultation to C(102)", transferredBlind},
    {"A(100) calls B(101) blind transfer with consultation to C(102)", transferredRinging},
    {"A(100) calls B(101) transfer with consultation to C(102)", transferredAnswered},
};

/// Who dials and is forwarded, which takes time in the samples and none here.
bool isDialling(const cdr::CdrEvent& event)
{
    return event.msg.starts_with("setup-") || event.msg.starts_with("cf-");
}

/// Guids of objects become names, those of conferences the names of their callers; times count from the first
/// event behind dialling.
QStringList comparable(const std::vector<cdr::CallDataRecord>& records)
{
    QStringList all;
    std::map<std::string, std::string> callers;
    for (const cdr::CallDataRecord& record : records)
        if (record.dir == "from" && !record.events.empty())
            callers.emplace(record.events.front().conf, record.h323);
    for (cdr::CallDataRecord record : records) {
        record.guid = record.h323;
        record.id.clear();
        record.local -= std::exchange(record.utc, 0);
        const auto first = std::ranges::find_if_not(record.events, isDialling);
        std::int64_t base = first == record.events.end() ? 0 : first->time;
        std::int64_t last = 0;
        for (cdr::CdrEvent& event : record.events) {
            if (event.msg == cdr::msg::kConnected) // from here on they count from the begin of another one
                base = event.time - last;
            event.time = isDialling(event) ? 0 : event.time - base;
            last = event.time;
            if (!event.conf.empty())
                event.conf = callers[event.conf];
        }
        all << QString::fromStdString(cdr::toXml(record));
    }
    all.sort();
    return all;
}

} // namespace

class TestCallSamples : public QObject {
    Q_OBJECT

private slots:
    void samples_data()
    {
        QTest::addColumn<int>("index");
        for (int i = 0; i < static_cast<int>(std::size(kScenarios)); ++i)
            QTest::newRow(kScenarios[i].name) << i;
    }

    void samples()
    {
        QFETCH(int, index);
        const Scenario& scenario = kScenarios[index];
        const QString xml = test::samples();
        if (xml.isEmpty())
            return;
        std::vector<cdr::CallDataRecord> published;
        for (const QString& one : test::sampleRecords(xml, QString::fromUtf8(scenario.name))) {
            auto record = cdr::parse(one.toStdString());
            QVERIFY2(record, record ? "" : record.error().text().c_str());
            published.push_back(std::move(*record));
        }
        QVERIFY(published.size() >= 2);
        Scene scene(published.front().utc, scenario.type, scenario.to);
        scenario.play(scene);
        std::vector<cdr::CallDataRecord> made;
        for (const auto& record : scene.finished)
            made.push_back(*record);
        const QStringList expected = comparable(published);
        const QStringList got = comparable(made);
        for (int i = 0; i < std::min(got.size(), expected.size()); ++i)
            QVERIFY2(got[i] == expected[i], qPrintable(u'\n' + got[i] + u'\n' + expected[i]));
        QCOMPARE(got.size(), expected.size());
    }
};

QTEST_GUILESS_MAIN(TestCallSamples)
#include "tst_call_samples.moc"
