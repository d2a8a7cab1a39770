// SPDX-License-Identifier: GPL-3.0-or-later
// A gateway asks to record the calls of one direction, or those with certain numbers, and no others.
#include "core/pbx/line_recording.h"
#include "core/pbx/object_settings.h"
#include "tests/unit/pbx/control_scene.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

User unrecorded(const std::string& name, const std::string& number)
{
    User out = user(name, number);
    out.record = RecordMode::Off;
    return out;
}

Object gateway(const std::map<std::string, std::string>& settings, RecordMode mode = RecordMode::Transparent)
{
    Object line = user("line", "0");
    line.kind = Kind::Gateway;
    line.record = mode;
    line.settings = settings;
    return line;
}

/// anna, otto and a gateway that has registered.
struct Scene : ControlScene {
    explicit Scene(const Object& line)
        : ControlScene({unrecorded("anna", "100"), unrecorded("otto", "101"), line})
    {
        registers("line");
        registers("otto");
    }
    bool records(bool goesOut, const std::string& number)
    {
        const QString said = goesOut ? dial("0" + number) : dialFrom("line", "101", number);
        if (!said.isEmpty())
            qFatal("%s", qPrintable(said));
        dialer.phones.back().events->onReply({200, kSdp});
        return control->rows().back().recorded;
    }
};

} // namespace

class TestLineRecording : public QObject {
    Q_OBJECT

private slots:
    void calls_data()
    {
        QTest::addColumn<QString>("way");
        QTest::addColumn<QString>("numbers");
        QTest::addColumn<bool>("goesOut");
        QTest::addColumn<QString>("number");
        QTest::addColumn<bool>("recorded");
        const auto add = [](const char* what, const char* way, const char* numbers, bool goesOut,
                            const char* number, bool recorded) {
            QTest::newRow(what) << QString::fromLatin1(way) << QString::fromLatin1(numbers) << goesOut
                                << QString::fromLatin1(number) << recorded;
        };
        add("all, out", "", "", true, "089555", true);
        add("all, in", "", "", false, "089555", true);
        add("all, in, unknown", "both", "", false, "", true);
        add("out", "out", "", true, "089555", true);
        add("out, comes in", "out", "", false, "089555", false);
        add("in", "in", "", false, "089555", true);
        add("in, goes out", "in", "", true, "089555", false);
        add("begins so", "", "089 0044", true, "0044207", true);
        add("begins so, in", "", "089 0044", false, "089555", true);
        add("begins otherwise", "", "089 0044", true, "030555", false);
        add("shorter", "", "089 0044", true, "08", false);
        add("unknown begins with nothing", "", "089 0044", false, "", false);
        add("both limits", "out", "089", true, "0891", true);
        add("both limits, number", "out", "089", true, "0301", false);
        add("both limits, way", "out", "089", false, "0891", false);
    }
    void calls()
    {
        QFETCH(QString, way);
        QFETCH(QString, numbers);
        QFETCH(bool, goesOut);
        QFETCH(QString, number);
        QFETCH(bool, recorded);
        const std::map<std::string, std::string> limits{{kRecordWay, way.toStdString()},
                                                        {kRecordNumbers, numbers.toStdString()}};
        Scene scene(gateway(limits));
        QCOMPARE(scene.records(goesOut, number.toStdString()), recorded);
        // "Record to" alone keeps to the same limits.
        auto elsewhere = limits;
        elsewhere["record-to"] = "/calls";
        Scene unarchived(gateway(elsewhere, RecordMode::Off));
        QCOMPARE(unarchived.records(goesOut, number.toStdString()), recorded);
    }

    void whoElseAsksIsHeard()
    {
        Scene scene(gateway({{kRecordWay, "in"}}));
        std::vector<User> users{user("anna", "100"), unrecorded("otto", "101"),
                                gateway({{kRecordWay, "in"}})};
        std::ranges::sort(users, {}, &User::name);
        scene.directory = std::make_shared<const Directory>("switchroom", std::move(users));
        scene.control->setDirectory(scene.directory);
        QVERIFY(scene.records(true, "089555"));
    }

    void offIsOff()
    {
        Scene scene(gateway({{kRecordWay, "out"}, {kRecordNumbers, "089"}}, RecordMode::Off));
        QVERIFY(!scene.records(true, "089555"));
    }

    /// A group asks for the calls that its members take, and for none of their own.
    void aGroupAsks()
    {
        const auto mode = [](Object one) {
            one.record = RecordMode::Off;
            return one;
        };
        Object desk = mode(user("desk", "300"));
        desk.kind = Kind::Broadcast;
        desk.settings["record-to"] = "/calls";
        Membership active("Desk");
        active.active = true;
        desk.groups = {active};
        Object otto = unrecorded("otto", "101");
        otto.groups = {"Desk"};
        ControlScene scene({unrecorded("anna", "100"), otto, desk});
        scene.registers("otto");
        for (const char* number : {"300", "101"}) {
            QCOMPARE(scene.dial(number), QString());
            scene.dialer.phones.back().events->onReply({200, kSdp});
            QCOMPARE(scene.control->rows().back().recorded, QByteArray(number) == "300");
        }
        for (const Kind kind : {Kind::Broadcast, Kind::Conference, Kind::Voicemail})
            QVERIFY(checkSettings(kind, {{"record-to", "http://nas.example/calls/"}}));
    }

    void settings()
    {
        for (const Kind kind : {Kind::Trunk, Kind::Gateway}) {
            QVERIFY(checkSettings(kind, {{"record-way", "out"}, {"record-numbers", "0044 +49 112"}}));
            QVERIFY(checkSettings(kind, {{"record-way", ""}, {"record-numbers", ""}}));
            const auto way = checkSettings(kind, {{"record-way", "sideways"}});
            QVERIFY(!way && way.error().context.find("`sideways`") != std::string::npos);
            const auto numbers = checkSettings(kind, {{"record-numbers", "0044 x9"}});
            QVERIFY(!numbers && numbers.error().context.find("`x9`") != std::string::npos);
        }
        QVERIFY(!checkSettings(Kind::User, {{"record-way", "out"}}));
    }
};

QTEST_GUILESS_MAIN(TestLineRecording)
#include "tst_line_recording.moc"
