// SPDX-License-Identifier: GPL-3.0-or-later
// `local` of a record over both changes of the clock, and names that were set.
#include "app/exchange/record_identity.h"
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "tests/support/fake_clock.h"

#include <QTest>

using namespace sr;
using namespace sr::exchange;

namespace {

/// The record of a call that begins at `utc` [s since 1970].
cdr::CallDataRecord recordAt(std::int64_t utc, const RecordNames& names)
{
    const auto identity = identityOf(names);
    if (!identity)
        qFatal("%s", identity.error().text().c_str());
    cdr::CallDataRecord result;
    const test::FakeClock clock{UtcTime(seconds(utc))};
    pbx::CallRecords records([&](const pbx::CallRecords::Record& record) { result = *record; }, *identity,
                             clock);
    records.beginCaller({"guid", "Anna", "12", "anna"}, "conf");
    records.dropAll(41);
    return result;
}

} // namespace

class TestRecordIdentity : public QObject {
    Q_OBJECT
private slots:
    void local_data();
    void local();
    void overAChange();
    void names();
    void machineZone();
    void unknownZone();
};

void TestRecordIdentity::local_data()
{
    QTest::addColumn<std::string>("zone");
    QTest::addColumn<std::int64_t>("utc");
    QTest::addColumn<std::int64_t>("offset");
    // Directive 2000/84/EC: 01:00 UTC on the last Sundays of March and October.
    const std::int64_t spring = 1774746000; // 2026-03-29
    const std::int64_t autumn = 1792890000; // 2026-10-25
    const std::string rome = "Europe/Rome";
    QTest::newRow("a second before summer") << rome << spring - 1 << std::int64_t{3600};
    QTest::newRow("summer begins") << rome << spring << std::int64_t{7200};
    QTest::newRow("02:59:59, the first time") << rome << autumn - 1 << std::int64_t{7200};
    QTest::newRow("02:00:00, the second time") << rome << autumn << std::int64_t{3600};
    QTest::newRow("half an hour") << std::string("Australia/Darwin") << autumn << std::int64_t{34200};
    QTest::newRow("west") << std::string("America/New_York") << spring << std::int64_t{-14400};
}

void TestRecordIdentity::local()
{
    QFETCH(std::string, zone);
    QFETCH(std::int64_t, utc);
    QFETCH(std::int64_t, offset);
    const auto record = recordAt(utc, {"sys", "pbx", zone});
    QCOMPARE(record.utc, utc);
    QCOMPARE(record.local - record.utc, offset);
}

/// Of one identity, as in a service that runs.
void TestRecordIdentity::overAChange()
{
    const auto identity = identityOf({"sys", "pbx", "Europe/Rome"});
    QVERIFY(identity);
    const std::int64_t spring = 1774746000;
    for (const auto& [utc, offset] :
         {std::pair(spring - 1, 3600), {spring, 7200}, {spring - 1, 3600}, {spring + 59, 7200}})
        QCOMPARE(identity->utcOffset(UtcTime(seconds(utc))).count(), offset);
}

void TestRecordIdentity::names()
{
    const auto record = recordAt(1, {"example.com", "rome", "UTC"});
    QCOMPARE(record.sys, std::string("example.com"));
    QCOMPARE(record.pbx, std::string("rome"));
    QCOMPARE(record.local, record.utc);
}

void TestRecordIdentity::machineZone()
{
    const auto record = recordAt(1, {"sys", "pbx", ""}); // tests run with TZ=UTC
    QCOMPARE(record.local, record.utc);
}

void TestRecordIdentity::unknownZone()
{
    const auto identity = identityOf({"sys", "pbx", "Europe/Atlantis"});
    QVERIFY(!identity);
    QCOMPARE(identity.error().code, BaseErrc::Malformed);
}

QTEST_GUILESS_MAIN(TestRecordIdentity)
#include "tst_record_identity.moc"
