// SPDX-License-Identifier: GPL-3.0-or-later
// Calls told step by step make the records that the reference publishes, octet for octet, and sensible ones
// where it publishes none.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/pbx/call_records.h"
#include "core/pbx/q850.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/pbx/sample_records.h"

#include <QTest>

#include <random>
#include <set>

using namespace sr;
using namespace sr::pbx;

namespace {

RecordParty party(const char* name, const char* number, const char* guid = "")
{
    const std::string text = name;
    RecordParty result{guid, std::string(1, static_cast<char>(text[0] - 'a' + 'A')), number, text};
    result.device = text;
    return result;
}

const RecordParty kA = party("a", "100", "e78cb2b8e909d31188ce0090330602e8");
const RecordParty kB = party("b", "101", "9362bef8e909d31188ce0090330602e8");
const RecordParty kC = party("c", "102", "8f47c0cfe909d31188ce0090330602e8");
const RecordParty kD = party("d", "103");
const cdr::CdrParty kNumberC{"102", {}, {}};

const auto kBranch = std::make_shared<const NumberNode>(NumberNode{"branch", "7"});
const auto kShop = std::make_shared<const NumberNode>(NumberNode{"shop", "73", kBranch});

RecordParty inNode(std::shared_ptr<const NumberNode> node, const char* name, const char* number)
{
    RecordParty result = party(name, number);
    result.node = std::move(node);
    return result;
}

/// The exchange of the samples; time is told in seconds since the first caller began.
struct Scene {
    explicit Scene(std::int64_t utc = 1272551262)
        : clock(UtcTime(seconds(utc)))
    {}

    Scene& at(int second)
    {
        clock.advance(start + seconds(second) - clock.utcNow());
        return *this;
    }
    LegId caller(const RecordParty& who, const char* conf) { return records.beginCaller(who, conf); }
    LegId callee(LegId caller, const RecordParty& who) { return records.beginCallee(caller, who); }

    /// `from: setup-from alert-to=101 cf-to=101>102 conn-to=12(712) rel-to/16`, of each finished record of
    /// the object: number of the other one, its root number, and who takes its place.
    QStringList of(const RecordParty& who) const
    {
        QStringList lines;
        for (const auto& record : done)
            if (record->h323 == who.h323)
                lines << summary(*record);
        return lines;
    }
    static QString summary(const cdr::CallDataRecord& record)
    {
        QString line = QString::fromStdString(record.dir) + u':';
        for (const auto& event : record.events) {
            line += u' ' + QString::fromStdString(event.msg);
            if (event.cause)
                line += u'/' + QString::number(*event.cause);
            if (!event.e164.empty())
                line += u'=' + QString::fromStdString(event.e164);
            if (!event.root.empty())
                line += u'(' + QString::fromStdString(event.root) + u')';
            if (event.to)
                line += u'>' + QString::fromStdString(event.to->e164);
        }
        return line;
    }

    test::FakeClock clock;
    const UtcTime start = clock.utcNow();
    std::vector<CallRecords::Record> done = {};
    CallRecords records{[this](CallRecords::Record record) { done.push_back(std::move(record)); },
                        {"PBX", ".", [](UtcTime) { return seconds(7200); }},
                        clock};
};

void basic(Scene& s)
{
    const LegId a = s.caller(kA, "e89277f0e909d31192e80090331032dd");
    const LegId b = s.at(1).callee(a, kB);
    s.records.alerted(b);
    s.at(2).records.connected(b);
    s.at(4).records.released(b);
}

void forwardedAlways(Scene& s)
{
    const LegId a = s.caller(kA, "dd95b681e909d31192e80090331032dd");
    s.at(1).records.forwarded(a, kB, kNumberC);
    const LegId c = s.callee(a, kC);
    s.records.alerted(c);
    s.at(3).records.connected(c);
    s.at(5).records.released(c);
}

void forwardedUnanswered(Scene& s)
{
    const LegId a = s.caller(kA, "f5092783e909d31192e80090331032dd");
    const LegId b = s.at(1).callee(a, kB);
    s.records.alerted(b);
    s.at(5).records.forwarded(a, kB, kNumberC, b);
    const LegId c = s.callee(a, kC);
    s.records.alerted(c);
    s.at(8).records.connected(c);
    s.at(9).records.released(c);
}

void transferredBlind(Scene& s)
{
    const LegId a = s.caller(kA, "9b24bc13e909d31192e80090331032dd");
    const LegId b = s.at(1).callee(a, kB);
    s.records.alerted(b);
    s.at(3).records.connected(b);
    s.at(7).records.transferredBlind(b, kC);
    const LegId c = s.callee(a, kC);
    s.records.alerted(c);
    s.at(9).records.connected(c);
    s.at(10).records.released(c);
}

void transferredRinging(Scene& s)
{
    const LegId a = s.caller(kA, "18dbf93fe909d31192e80090331032dd");
    const LegId b = s.at(2).callee(a, kB);
    s.records.alerted(b);
    s.at(4).records.connected(b);
    const LegId second = s.at(5).caller(kB, "75762ef4e909d311aff8009033102603");
    const LegId c = s.at(7).callee(second, kC);
    s.records.alerted(c);
    s.at(9).records.transferred(b, second);
    s.at(11).records.connected(c);
    s.at(14).records.released(c);
}

void transferredAnswered(Scene& s)
{
    const LegId a = s.caller(kA, "1827b3c7e909d31192e80090331032dd");
    const LegId b = s.at(1).callee(a, kB);
    s.records.alerted(b);
    s.at(3).records.connected(b);
    const LegId second = s.at(4).caller(kB, "8fc0cfc0e909d311b722009033102603");
    const LegId c = s.at(6).callee(second, kC);
    s.records.alerted(c);
    s.at(8).records.connected(c);
    s.at(10).records.transferred(b, second);
    s.at(12).records.released(c);
}

struct Scenario {
    const char* name; ///< as the samples have it
    void (*play)(Scene&);
};
constexpr Scenario kScenarios[] = {
    {"A(100) calls B(101)", basic},
    {"A(100) calls B(101) cfu to C(102)", forwardedAlways},
    {"A(100) calls B(101) cfnr to C(102)", forwardedUnanswered},
    {"A(100) calls B(101) blind transfer without consultation to C(102)", transferredBlind},
    {"A(100) calls B(101) blind transfer with consultation to C(102)", transferredRinging},
    {"A(100) calls B(101) transfer with consultation to C(102)", transferredAnswered},
};

} // namespace

class TestCallRecords : public QObject {
    Q_OBJECT
private slots:
    void samples_data();
    void samples();
    void everySampleIsTested();
    void samplesCost();
    void refusals();
    void busyIsForwarded();
    void manyRing();
    void pickUp();
    void callerGivesUp();
    void callerTransfers();
    void payersGoOn();
    void external();
    void nodes();
    void nodesOfWhoSentOn();
    void nodesOfLines();
    void snapshots();
    void noEndOfTransfers();
    void deadLegs();
    void randomWords();
};

void TestCallRecords::samples_data()
{
    QTest::addColumn<int>("index");
    for (int i = 0; i < static_cast<int>(std::size(kScenarios)); ++i)
        QTest::newRow(kScenarios[i].name) << i;
}

void TestCallRecords::samples()
{
    QFETCH(int, index);
    const Scenario& scenario = kScenarios[index];
    const QString xml = test::samples();
    if (xml.isEmpty())
        return;
    QStringList expected = test::sampleRecords(xml, QString::fromUtf8(scenario.name));
    QVERIFY(expected.size() >= 2);
    const auto first = cdr::parse(expected.front().toStdString());
    QVERIFY2(first, first ? "" : first.error().text().c_str());

    Scene scene(first->utc);
    scenario.play(scene);
    QVERIFY(scene.records.openRecords().empty());
    QStringList made;
    for (const auto& record : scene.done) {
        cdr::CallDataRecord copy = *record;
        QCOMPARE(copy.id.size(), 32U);
        copy.id.clear();
        made << QString::fromStdString(cdr::toXml(copy));
    }
    made.sort();
    expected.sort();
    for (int i = 0; i < std::min(made.size(), expected.size()); ++i)
        QCOMPARE(made[i], expected[i]);
    QCOMPARE(made.size(), expected.size());
}

void TestCallRecords::everySampleIsTested()
{
    const QString xml = test::samples();
    if (xml.isEmpty())
        return;
    qsizetype found = 0;
    for (const Scenario& scenario : kScenarios)
        for (const QString& one : test::sampleRecords(xml, QString::fromUtf8(scenario.name))) {
            ++found;
            const auto record = cdr::parse(one.toStdString());
            QVERIFY(record);
            QCOMPARE(QString::fromStdString(cdr::toXml(*record)), one);
        }
    QCOMPARE(found, xml.count(QStringLiteral("<cdr ")));
}

void TestCallRecords::samplesCost()
{
    Scene scene;
    forwardedUnanswered(scene);
    QStringList costs;
    for (const auto& record : scene.done)
        if (const auto cost = cdr::billed(*record))
            costs << QString::fromStdString(record->h323 + " pays " + cost->e164 + " ") +
                         QString::number(cost->seconds);
    costs.sort();
    QCOMPARE(costs, QStringList({QStringLiteral("a pays 101 1"), QStringLiteral("b pays 102 1")}));
}

void TestCallRecords::refusals()
{
    Scene s;
    const LegId a = s.caller(kA, "1");
    const LegId b = s.callee(a, kB);
    s.records.released(b, q850::kBusy);
    QCOMPARE(s.of(kB), QStringList(QStringLiteral("to: setup-to=100 rel-from/17")));
    s.records.dropped(a, q850::kBusy);
    QCOMPARE(s.of(kA), QStringList(QStringLiteral("from: setup-from rel-to/17")));
}

void TestCallRecords::busyIsForwarded()
{
    Scene s;
    const LegId a = s.caller(kA, "1");
    const LegId b = s.callee(a, kB);
    s.records.released(b, q850::kBusy);
    s.records.forwarded(a, kB, kNumberC);
    const LegId c = s.callee(a, kC);
    s.records.alerted(c);
    s.records.connected(c);
    s.records.released(a, q850::kNormal);
    QCOMPARE(s.of(kA), QStringList(QStringLiteral(
                           "from: setup-from cf-to=101>102 alert-to=102 conn-to=102 rel-from/16")));
    QCOMPARE(s.of(kB),
             QStringList({QStringLiteral("to: setup-to=100 rel-from/17"),
                          QStringLiteral("cf: setup-to=100 cf-from=101>102 alert-to=102 conn-to=102 "
                                         "rel-from/16")}));
    QCOMPARE(s.of(kC),
             QStringList(QStringLiteral("to: setup-to=100 alert-from=100 conn-from=100 rel-to/16")));
}

void TestCallRecords::manyRing()
{
    Scene s;
    const LegId a = s.caller(kA, "1");
    const LegId b = s.callee(a, kB);
    const LegId c = s.callee(a, kC);
    s.records.alerted(c);
    s.records.alerted(b);
    s.records.alerted(b);
    s.records.connected(b, "softphone");
    s.records.connected(c); // too late
    s.records.released(a);
    QCOMPARE(s.of(kC), QStringList(QStringLiteral("to: setup-to=100 alert-from=100 rel-to/26")));
    QCOMPARE(s.of(kA), QStringList(QStringLiteral("from: setup-from alert-to=102 conn-to=101 rel-from/0")));
    QCOMPARE(s.of(kB), QStringList(QStringLiteral("to: setup-to=100 alert-from=100 conn-from=100 rel-to/0")));
    QCOMPARE(s.done.back()->device, std::string("softphone"));
}

void TestCallRecords::pickUp()
{
    Scene s;
    const LegId a = s.caller(kA, "1");
    const LegId b = s.callee(a, kB);
    s.records.alerted(b);
    const LegId d = s.records.pickedUp(b, kD);
    s.records.connected(d);
    s.records.released(d, q850::kNormal);
    QCOMPARE(s.of(kB), QStringList(QStringLiteral("to: setup-to=100 alert-from=100 rel-to/26")));
    QCOMPARE(s.of(kD), QStringList(QStringLiteral("to: setup-to=100 conn-from=100 rel-from/16")));
    QCOMPARE(s.of(kA), QStringList(QStringLiteral("from: setup-from alert-to=101 conn-to=103 rel-to/16")));
}

void TestCallRecords::callerGivesUp()
{
    Scene s;
    const LegId a = s.caller(kA, "1");
    s.records.alerted(s.callee(a, kB));
    s.callee(a, kC);
    s.records.released(a, q850::kNormal);
    QCOMPARE(s.of(kA), QStringList(QStringLiteral("from: setup-from alert-to=101 rel-from/16")));
    QCOMPARE(s.of(kB), QStringList(QStringLiteral("to: setup-to=100 alert-from=100 rel-to/16")));
    QCOMPARE(s.of(kC), QStringList(QStringLiteral("to: setup-to=100 rel-to/16")));
    QVERIFY(s.records.openRecords().empty());
}

/// The one who called transfers whom it called.
void TestCallRecords::callerTransfers()
{
    Scene s;
    const LegId a = s.caller(kA, "1");
    const LegId b = s.callee(a, kB);
    s.records.connected(b);
    const LegId second = s.caller(kA, "2");
    const LegId c = s.callee(second, kC);
    s.records.connected(c);
    s.records.transferred(a, second);
    s.records.released(b, q850::kNormal);
    QCOMPARE(
        s.of(kA),
        QStringList(
            {QStringLiteral("from: setup-from conn-to=101 transfer-from=101>102 connected=102 rel-from/16"),
             QStringLiteral("from: setup-from conn-to=102 transfer-from=102>101 connected=101 rel-to/16")}));
    QCOMPARE(s.of(kB), QStringList(QStringLiteral("to: setup-to=100 conn-from=100 transfer-to=100>102 "
                                                  "connected=102 rel-from/16")));
    QCOMPARE(s.of(kC), QStringList(QStringLiteral("to: setup-to=100 conn-from=100 transfer-to=100>101 "
                                                  "connected=101 rel-to/16")));
}

/// B forwarded to C, who blindly goes on to D: B pays until the end.
void TestCallRecords::payersGoOn()
{
    Scene s;
    const LegId a = s.caller(kA, "1");
    s.records.forwarded(a, kB, kNumberC);
    const LegId c = s.callee(a, kC);
    s.records.connected(c);
    s.records.transferredBlind(a, kD); // the caller itself leaves
    QCOMPARE(s.done.size(), 1U);
    const LegId d = s.callee(c, kD);
    s.at(9).records.connected(d);
    s.records.released(c, q850::kNormal);
    QCOMPARE(s.of(kA),
             QStringList({QStringLiteral("from: setup-from cf-to=101>102 conn-to=102 rel-to/26"),
                          QStringLiteral("ct: setup-to=102 transfer-from=100>103 conn-to=100 rel-from/16")}));
    QCOMPARE(s.of(kB), QStringList(QStringLiteral("cf: setup-to=100 cf-from=101>102 conn-to=102 conn-to=103 "
                                                  "rel-from/16")));
    QCOMPARE(s.of(kD), QStringList(QStringLiteral("to: setup-to=102 conn-from=102 rel-to/16")));
}

void TestCallRecords::external()
{
    RecordParty trunk = party("t", "0");
    trunk.pseudo = "trunk";
    trunk.external = true;
    trunk.endpoint = cdr::CdrParty{"004930123", {}, {}};
    trunk.groups = {{"Lines", {}}};
    Scene s;
    const LegId t = s.caller(trunk, "1");
    const LegId b = s.callee(t, kB);
    s.records.alerted(b);
    s.records.connected(b);
    s.records.released(t, q850::kNormal);
    const auto& own = *s.done.front();
    QCOMPARE(own.pseudo, std::string("trunk"));
    QCOMPARE(own.groups.size(), 1U);
    QVERIFY(own.events.back().ep == trunk.endpoint);
    const auto& events = s.done.back()->events;
    QCOMPARE(events[0].type, std::string("ext"));
    QCOMPARE(events[1].type, std::string());
    QCOMPARE(events[2].type, std::string("ext"));
}

/// Each object is told what its own telephone would dial. b is beside a, c deeper, d in the root.
void TestCallRecords::nodes()
{
    const RecordParty a = inNode(kBranch, "a", "712");
    const RecordParty b = inNode(kBranch, "b", "713");
    const RecordParty c = inNode(kShop, "c", "731");
    Scene s;
    for (const RecordParty& called : {b, c, kD}) {
        const LegId caller = s.caller(a, "1");
        s.records.connected(s.callee(caller, called));
        s.records.released(caller);
    }
    const LegId other = s.caller(kD, "1");
    s.records.connected(s.callee(other, c));
    s.records.released(other);
    QCOMPARE(s.of(a), QStringList({QStringLiteral("from: setup-from conn-to=13(713) rel-from/0"),
                                   QStringLiteral("from: setup-from conn-to=31(731) rel-from/0"),
                                   QStringLiteral("from: setup-from conn-to=103 rel-from/0")}));
    QCOMPARE(s.of(b), QStringList(QStringLiteral("to: setup-to=12(712) conn-from=12(712) rel-to/0")));
    QCOMPARE(s.of(c), QStringList({QStringLiteral("to: setup-to=12(712) conn-from=12(712) rel-to/0"),
                                   QStringLiteral("to: setup-to=103 conn-from=103 rel-to/0")}));
    QCOMPARE(s.of(kD), QStringList({QStringLiteral("to: setup-to=712 conn-from=712 rel-to/0"),
                                    QStringLiteral("from: setup-from conn-to=731 rel-from/0")}));
    std::set<std::string> names;
    for (const auto& record : s.done)
        names.insert(record->node);
    QCOMPARE(names, std::set<std::string>({"branch", "root", "shop"}));
}

/// A record that follows another one does so from its own node. What was dialled stays as it was.
void TestCallRecords::nodesOfWhoSentOn()
{
    const RecordParty b = inNode(kBranch, "b", "713");
    const RecordParty c = inNode(kBranch, "c", "714");
    Scene s;
    const LegId a = s.caller(kA, "1");
    s.records.forwarded(a, b, {.e164 = "14"});
    const LegId first = s.callee(a, c);
    s.records.connected(first);
    s.records.transferredBlind(first, b);
    s.records.connected(s.callee(a, b));
    s.records.released(a);
    QCOMPARE(s.of(kA), QStringList(QStringLiteral("from: setup-from cf-to=713>14 conn-to=714 "
                                                  "transfer-to=714>713 conn-to=713 rel-from/0")));
    QCOMPARE(s.of(b).front(), QStringLiteral("cf: setup-to=100 cf-from=13(713)>14 conn-to=14(714) "
                                             "transfer-to=14(714)>13 conn-to=13(713) rel-from/0"));
    QCOMPARE(s.of(c).back(),
             QStringLiteral("ct: setup-to=100 transfer-from=14(714)>13 conn-to=14(714) rel-from/0"));
}

/// With the number behind it. A name is no number.
void TestCallRecords::nodesOfLines()
{
    const RecordParty a = inNode(kBranch, "a", "712");
    RecordParty line = inNode(kBranch, "l", "79");
    line.shown = cdr::CdrParty{"790471", "l", {}};
    const RecordParty nameless = inNode(kBranch, "n", "n");
    Scene s;
    for (const RecordParty& called : {line, nameless}) {
        const LegId caller = s.caller(a, "1");
        s.records.connected(s.callee(caller, called));
        s.records.released(caller);
    }
    QCOMPARE(s.of(a), QStringList({QStringLiteral("from: setup-from conn-to=90471(790471) rel-from/0"),
                                   QStringLiteral("from: setup-from conn-to=n rel-from/0")}));
    QCOMPARE(s.of(line), QStringList(QStringLiteral("to: setup-to=12(712) conn-from=12(712) rel-to/0")));
}

void TestCallRecords::snapshots()
{
    Scene s;
    const LegId a = s.caller(kA, "1");
    const LegId b = s.callee(a, kB);
    s.records.forwarded(a, kD, kNumberC);
    const auto before = s.records.openRecords();
    QCOMPARE(before.size(), 3U);
    QStringList lines;
    for (const auto& record : before)
        lines << Scene::summary(*record);
    s.records.connected(b);
    s.records.released(b);
    for (std::size_t i = 0; i < before.size(); ++i)
        QCOMPARE(Scene::summary(*before[i]), lines[static_cast<qsizetype>(i)]);
    // The record that is finished is the one that was open.
    QCOMPARE(std::ranges::count_if(before, [&](const auto& one) { return one->id == s.done[0]->id; }), 1);

    s.caller(kA, "2");
    s.callee(s.caller(kB, "3"), kC);
    s.records.dropAll(q850::kTemporaryFailure);
    QVERIFY(s.records.openRecords().empty());
    QCOMPARE(s.of(kC).back(), QStringLiteral("to: setup-to=101 rel-to/41"));
}

void TestCallRecords::noEndOfTransfers()
{
    Scene s;
    LegId first = s.caller(kA, "1");
    LegId partner = s.callee(first, kB);
    s.records.connected(partner);
    for (int i = 0; i < 2000; ++i) {
        const LegId second = s.caller(kA, "2");
        const LegId next = s.callee(second, kC);
        s.records.connected(next);
        s.records.transferred(first, second);
        first = std::exchange(partner, next);
    }
    QVERIFY(s.records.openRecords().size() < 500);
    s.records.released(partner);
    QVERIFY(s.records.openRecords().empty());
    QCOMPARE(s.done.size(), 2U + 2000U * 2U);
    for (const auto& record : s.done)
        QVERIFY(record->events.size() <= cdr::kEventsMost && record->events.back().cause);
}

void TestCallRecords::deadLegs()
{
    Scene s;
    const LegId a = s.caller(kA, "1");
    s.records.released(a);
    QCOMPARE(s.callee(a, kB), LegId{0});
    s.records.alerted(a);
    s.records.connected(a);
    s.records.forwarded(a, kB, kNumberC);
    QCOMPARE(s.records.pickedUp(a, kB), LegId{0});
    s.records.transferredBlind(a, kC);
    s.records.transferred(a, a);
    s.records.released(a);
    s.records.dropped(a, 1);
    QCOMPARE(s.done.size(), 1U);
}

/// Whatever is told in whatever order: each record begins with a setup, ends with one release, and is handed
/// out once.
void TestCallRecords::randomWords()
{
    std::mt19937 random(5);
    for (int round = 0; round < 300; ++round) {
        Scene s;
        std::vector<LegId> legs{s.caller(kA, "1")};
        const auto any = [&] { return legs[random() % legs.size()]; };
        for (int step = 0; step < 60; ++step) {
            s.at(step);
            switch (random() % 10) {
            case 0:
                legs.push_back(s.caller(kB, "2"));
                break;
            case 1:
            case 2:
                legs.push_back(s.callee(any(), kC));
                break;
            case 3:
                s.records.alerted(any());
                break;
            case 4:
            case 5:
                s.records.connected(any());
                break;
            case 6:
                s.records.transferred(any(), any());
                break;
            case 7:
                s.records.transferredBlind(any(), kC);
                break;
            case 8:
                s.records.forwarded(any(), kD, kNumberC, any());
                break;
            default:
                if (random() % 2 == 0)
                    s.records.released(any());
                else
                    legs.push_back(s.records.pickedUp(any(), kD));
            }
        }
        s.records.dropAll(q850::kTemporaryFailure);
        QVERIFY(s.records.openRecords().empty());
        std::set<std::string> ids;
        for (const auto& record : s.done) {
            QVERIFY(ids.insert(record->id).second);
            QVERIFY(record->events.front().msg.starts_with("setup-"));
            QCOMPARE(record->events.front().conf.size(), 1U);
            const auto ends = std::ranges::count_if(
                record->events, [](const auto& event) { return event.msg.starts_with("rel-"); });
            QCOMPARE(ends, 1);
            QVERIFY(record->events.back().cause);
        }
    }
}

QTEST_APPLESS_MAIN(TestCallRecords)
#include "tst_call_records.moc"
