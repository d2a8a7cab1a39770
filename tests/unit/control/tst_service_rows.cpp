// SPDX-License-Identifier: GPL-3.0-or-later
// The fields that scripts rely on (design.md, Command contract).
#include "app/control/service_rows.h"
#include "core/base/clock.h"

#include <QJsonArray>
#include <QTest>

using namespace sr;
using control::CallRow;
using control::Lamp;
using control::Lamps;
using control::ServiceStatus;

class ServiceRowsTest : public QObject {
    Q_OBJECT

private slots:
    void anyRedLampIsTheAlarm()
    {
        QVERIFY(!Lamps{}.alarm());
        for (Lamp Lamps::*lamp :
             {&Lamps::pbx, &Lamps::reporting, &Lamps::pcap, &Lamps::disk, &Lamps::backup, &Lamps::software}) {
            ServiceStatus status;
            status.lamps.*lamp = Lamp::Red;
            QVERIFY(toJson(status).value(QLatin1String("masterAlarm")).toBool());
        }
    }

    void statusHasEveryField()
    {
        ServiceStatus status{.calls = 5,
                             .recording = 4,
                             .registrations = 3,
                             .filesRecorded = 2,
                             .filesToProcess = 1,
                             .lamps = {},
                             .unreadable = 6};
        status.lamps.pbx = Lamp::Green;
        const QJsonObject json = toJson(status);
        QCOMPARE(json.value(QLatin1String("calls")).toInt(), 5);
        QCOMPARE(json.value(QLatin1String("recording")).toInt(), 4);
        QCOMPARE(json.value(QLatin1String("registrations")).toInt(), 3);
        QCOMPARE(json.value(QLatin1String("filesRecorded")).toInt(), 2);
        QCOMPARE(json.value(QLatin1String("filesToProcess")).toInt(), 1);
        QCOMPARE(json.value(QLatin1String("unreadable")).toInt(), 6);
        const QJsonObject lamps = json.value(QLatin1String("lamps")).toObject();
        QCOMPARE(lamps.value(QLatin1String("pbx")).toString(), QStringLiteral("green"));
        QCOMPARE(lamps.value(QLatin1String("backup")).toString(), QStringLiteral("grey"));
        QCOMPARE(lamps.size(), 6);
    }

    void callsStandByTimeAndAreBounded()
    {
        std::vector<CallRow> rows;
        for (const int second : {3, 1, 2})
            rows.push_back({.id = std::to_string(second),
                            .from = "21",
                            .to = "0",
                            .since = UtcTime(seconds(second)),
                            .answered = std::nullopt,
                            .recording = false});
        rows[1].answered = UtcTime(seconds(61));
        const QJsonObject json = control::toJson(rows, 2);
        QCOMPARE(json.value(QLatin1String("total")).toInt(), 3);
        const QJsonArray calls = json.value(QLatin1String("calls")).toArray();
        QCOMPARE(calls.size(), 2);
        QCOMPARE(calls.at(0)[QLatin1String("id")].toString(), QStringLiteral("1"));
        QCOMPARE(calls.at(0)[QLatin1String("answered")].toString(),
                 QStringLiteral("1970-01-01T00:01:01.000Z"));
        QVERIFY(calls.at(1)[QLatin1String("answered")].isNull());
    }
};

QTEST_GUILESS_MAIN(ServiceRowsTest)
#include "tst_service_rows.moc"
