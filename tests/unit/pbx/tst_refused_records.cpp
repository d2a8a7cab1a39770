// SPDX-License-Identifier: GPL-3.0-or-later
// Calls that ring nobody leave call data records all the same: whoever was meant has missed them.
#include "core/pbx/q850.h"
#include "tests/unit/pbx/control_scene.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

const cdr::CallDataRecord* recordOf(const ControlScene& scene, const std::string& name)
{
    const auto found =
        std::ranges::find_if(scene.finished, [&](const auto& one) { return one->h323 == name; });
    return found == scene.finished.end() ? nullptr : found->get();
}

} // namespace

class TestRefusedRecords : public QObject {
    Q_OBJECT

private slots:
    void noDeviceIsThere()
    {
        ControlScene scene({user("anna", "100"), user("otto", "101")});
        QVERIFY(scene.dial("101").contains(u"480"));
        QCOMPARE(scene.finished.size(), std::size_t{2});
        QCOMPARE(scene.told("anna"), QStringLiteral("from: setup-from rel-to"));
        QCOMPARE(scene.told("otto"), QStringLiteral("to: setup-to rel-to"));
        const cdr::CallDataRecord& missed = *recordOf(scene, "otto");
        QCOMPARE(missed.events.front().e164, std::string("100")); // who called
        QCOMPARE(missed.events.back().cause, std::optional(q850::kNoResponse));
        QVERIFY(!missed.events.front().conf.empty());
        QCOMPARE(missed.events.front().conf, recordOf(scene, "anna")->events.front().conf);
    }

    void asManyCallsAsHeWants()
    {
        User otto = user("otto", "101");
        otto.settings["busy-on"] = "1";
        ControlScene scene({user("anna", "100"), otto});
        scene.registers("otto");
        QCOMPARE(scene.dial("101"), QString());
        QVERIFY(scene.dial("101").contains(u"486"));
        QCOMPARE(scene.finished.size(), std::size_t{2});
        QCOMPARE(recordOf(scene, "otto")->events.back().cause, std::optional(q850::kBusy));
        QCOMPARE(scene.control->rows().size(), std::size_t{1}); // the other one rings on
    }

    void sentOnToSomebodyWhoIsNotThere()
    {
        ControlScene scene({user("anna", "100"), user("otto", "101", {"102", {}, {}}), user("eva", "102")});
        QVERIFY(scene.dial("101").contains(u"480"));
        QCOMPARE(scene.told("otto").section(QLatin1Char(':'), 0, 0), QStringLiteral("cf"));
        QCOMPARE(scene.told("eva"), QStringLiteral("to: setup-to rel-to"));
    }

    void anUnknownNumber()
    {
        ControlScene scene({user("anna", "100")});
        QVERIFY(scene.dial("999").contains(u"404"));
        QCOMPARE(scene.finished.size(), std::size_t{1});
        QCOMPARE(recordOf(scene, "anna")->events.back().cause, std::optional(1)); // unallocated
    }

    void digitsAreMissing()
    {
        ControlScene scene({user("anna", "100"), user("otto", "1012")});
        QVERIFY(scene.dial("101").contains(u"484"));
        QVERIFY(scene.finished.empty());
    }

    void aLineWithAsManyCallsAsItCarries()
    {
        Object line = user("line", "0");
        line.kind = Kind::Gateway;
        line.settings["calls"] = "1";
        ControlScene scene({user("otto", "101"), line});
        scene.registers("otto");
        QCOMPARE(scene.dialFrom("line", "101", "089555"), QString());
        QVERIFY(scene.dialFrom("line", "101", "089556").contains(u"486"));
        QCOMPARE(scene.finished.size(), std::size_t{1});
        QCOMPARE(scene.told("line"), QStringLiteral("from: setup-from rel-to"));
        QCOMPARE(recordOf(scene, "line")->events.back().cause, std::optional(q850::kBusy));
        QCOMPARE(scene.control->rows().size(), std::size_t{1}); // the other one rings on
    }

    void aQueueThatTriesAgain()
    {
        Object queue = user("queue", "300");
        queue.kind = Kind::WaitingQueue;
        ControlScene scene({user("otto", "101"), queue});
        QVERIFY(scene.dialFrom("queue", "101", {}).contains(u"480"));
        QVERIFY(scene.finished.empty());
    }
};

QTEST_GUILESS_MAIN(TestRefusedRecords)
#include "tst_refused_records.moc"
