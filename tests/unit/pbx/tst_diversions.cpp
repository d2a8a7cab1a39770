// SPDX-License-Identifier: GPL-3.0-or-later
// Call forwards with filters and booleans, and the times that switch those.
#include "core/base/error.h"
#include "core/pbx/diversions.h"
#include "core/pbx/pbx_error.h"
#include "core/pbx/time_switch.h"

#include <QTest>

using namespace sr::pbx;

namespace {

using Type = Diversion::Type;
using Filter = Diversion::Filter;

/// What a caller of that number gets for all calls, while the objects named are on.
QString always(std::vector<Diversion> diversions, const CallerFacts& caller, const std::string& on = {})
{
    Object night;
    night.name = "night";
    night.kind = Kind::Boolean;
    const Directory directory("r", {night});
    Object object;
    object.diversions = std::move(diversions);
    const auto isOn = [&](const Object& boolean) { return boolean.name == on; };
    return QString::fromStdString(forwardsFor(object, caller, directory, isOn).always);
}

const CallerFacts kOtto{"otto", "101", false};
const CallerFacts kOutside{"line", "0471123", true};

} // namespace

class TestDiversions : public QObject {
    Q_OBJECT

private slots:
    void theFirstThatHoldsCounts()
    {
        const Diversion plain{.to = "10"};
        const Diversion external{.to = "11", .filter = Filter::Only, .callers = {{.external = true}}};
        QCOMPARE(always({external, plain}, kOutside), QStringLiteral("11"));
        QCOMPARE(always({external, plain}, kOtto), QStringLiteral("10"));
        QCOMPARE(always({plain, external}, kOutside), QStringLiteral("10"));
        QCOMPARE(always({external}, kOtto), QString());
        QCOMPARE(always({{.type = Type::Busy, .to = "1"}}, kOtto), QString());
    }

    void filtersNameCallers()
    {
        const auto with = [](Filter filter, CallerPattern pattern) {
            return std::vector<Diversion>{{.to = "9", .filter = filter, .callers = {std::move(pattern)}}};
        };
        QCOMPARE(always(with(Filter::Only, {.number = "10"}), kOtto), QStringLiteral("9")); // as it begins
        QCOMPARE(always(with(Filter::Only, {.number = "1011"}), kOtto), QString());
        QCOMPARE(always(with(Filter::Only, {.name = "otto"}), kOtto), QStringLiteral("9"));
        QCOMPARE(always(with(Filter::Only, {.name = "ott"}), kOtto), QString()); // names whole
        QCOMPARE(always(with(Filter::OnlyNot, {.name = "otto"}), kOtto), QString());
        QCOMPARE(always(with(Filter::OnlyNot, {.name = "otto"}), kOutside), QStringLiteral("9"));
        QCOMPARE(always(with(Filter::Only, {.external = true, .number = "0471"}), kOutside),
                 QStringLiteral("9"));
        QCOMPARE(always(with(Filter::Only, {.external = true, .number = "101"}), kOtto), QString());
        const CallerFacts sentOn{"otto", "101", false, true};
        QCOMPARE(always(with(Filter::Only, {.forwarded = true}), sentOn), QStringLiteral("9"));
        QCOMPARE(always(with(Filter::Only, {.forwarded = true}), kOtto), QString());
        QCOMPARE(always(with(Filter::OnlyNot, {.forwarded = true}), sentOn), QString());
    }

    void booleansSwitch()
    {
        const Diversion while_{.to = "1", .boolean = "night"};
        const Diversion unless{.to = "2", .boolean = "night", .unless = true};
        QCOMPARE(always({while_, unless}, kOtto, "night"), QStringLiteral("1"));
        QCOMPARE(always({while_, unless}, kOtto), QStringLiteral("2"));
        QCOMPARE(always({{.to = "1", .boolean = "gone", .unless = true}}, kOtto), QString());
    }

    void timesSwitch_data()
    {
        QTest::addColumn<QByteArray>("times");
        QTest::addColumn<int>("day");
        QTest::addColumn<int>("minute");
        QTest::addColumn<bool>("on");
        const auto row = [](const char* times, int day, int minute, bool on) {
            QTest::addRow("%s: day %d minute %d", times, day, minute)
                << QByteArray(times) << day << minute << on;
        };
        row("", 0, 0, false);
        row("Mon-Fri 08:00-17:30", 0, 480, true);
        row("Mon-Fri 08:00-17:30", 0, 479, false);
        row("Mon-Fri 08:00-17:30", 4, 1049, true);
        row("Mon-Fri 08:00-17:30", 4, 1050, false);
        row("Mon-Fri 08:00-17:30", 5, 600, false);
        row("mon-fri 8:00-17:30; SAT,SUN 09:00-12:00", 6, 600, true);
        row("Sun 22:00-06:00", 6, 1320, true);
        row("Sun 22:00-06:00", 0, 359, true); // Monday morning
        row("Sun 22:00-06:00", 0, 360, false);
        row("Sun 22:00-06:00", 6, 100, false);
        row("Fri-Mon 00:00-24:00", 5, 1439, true);
        row("Fri-Mon 00:00-24:00", 0, 0, true);
        row("Fri-Mon 00:00-24:00", 1, 0, false);
    }

    void timesSwitch()
    {
        QFETCH(QByteArray, times);
        QFETCH(int, day);
        QFETCH(int, minute);
        Object boolean;
        boolean.kind = Kind::Boolean;
        boolean.settings["times"] = times.toStdString();
        QTEST(isBooleanOn(boolean, day, minute), "on");
        boolean.settings["state"] = "off";
        QVERIFY(!isBooleanOn(boolean, day, minute));
        boolean.settings["state"] = "on";
        QVERIFY(isBooleanOn(boolean, day, minute));
    }

    void timesThatCannotBeReadAreRefused()
    {
        for (const char* bad :
             {"Mon", "Mon 8-9", "Mon 08:00", "Mon 08:00-08:00", "Mon 08:60-09:00", "Mon 25:00-26:00",
              "Abc 08:00-09:00", "Mon-Tue-Wed 08:00-09:00", "Mon 08:00-09:00;", "; ", "Mon -1:00-09:00",
              "Mon 08:00-24:01", "08:00-09:00"})
            QVERIFY2(TimeSwitch::parse(bad).error().code == PbxErrc::BadSetting, bad);
        std::string many = "Mon 01:00-02:00";
        for (int i = 0; i < 32; ++i)
            many += ";Mon 01:00-02:00";
        QVERIFY(!TimeSwitch::parse(many));
    }
};

QTEST_GUILESS_MAIN(TestDiversions)
#include "tst_diversions.moc"
