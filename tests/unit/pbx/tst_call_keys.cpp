// SPDX-License-Identifier: GPL-3.0-or-later
// Sequences of keys in a call, one by one and through call control.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "core/pbx/call_keys.h"
#include "tests/unit/pbx/local_scene.h"

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

/// What keys come to; a blank is six seconds.
QString actionsOf(const char* keys, const CallKeys& codes = {})
{
    KeyBuffer buffer;
    TimePoint now{};
    QString actions;
    for (const char key : std::string_view(keys)) {
        if (key == ' ') {
            now += std::chrono::seconds(6);
            continue;
        }
        if (const auto action = buffer.press(key, now += std::chrono::seconds(1), codes))
            actions += QChar::fromLatin1("PRMSE"[static_cast<std::size_t>(*action)]);
    }
    return actions;
}

/// anna calls carl; anna's calls are recorded, and perhaps carl's.
struct KeyScene : LocalScene {
    explicit KeyScene(bool carlIsRecorded = false)
    {
        std::vector<User> users{{"anna", "100", "Anna", {}, {}}, {"carl", "102", "Carl", {}, {}}};
        users[1].record = carlIsRecorded ? RecordMode::Transparent : RecordMode::Off;
        directory = std::make_shared<const Directory>("switchroom", std::move(users));
        control->setDirectory(directory);
        control->setKeys({}, [this](const Call&, const std::string& user, RecordingAction action) {
            told << QString::fromStdString(user) +
                        QChar::fromLatin1("PRMSE"[static_cast<std::size_t>(action)]);
        });
        dial("102");
        carl().events->onReply({200, carlSdp()});
        run();
    }
    static void press(FakePhone& phone, const char* keys)
    {
        for (const char key : std::string_view(keys))
            phone.events->onInfo("application/dtmf-relay",
                                 std::string("Signal=") + key + "\r\nDuration=160\r\n");
    }
    QStringList told;
};

} // namespace

class TestCallKeys : public QObject {
    Q_OBJECT

private slots:
    void sequences_data();
    void sequences();
    void byInfo();
    void byTheTagOfTheCopies();
    void onlyOfWhoIsRecorded();
};

void TestCallKeys::sequences_data()
{
    QTest::addColumn<QByteArray>("keys");
    QTest::addColumn<QString>("actions");
    const auto row = [](const char* keys, const char* actions) {
        QTest::newRow(keys) << QByteArray(keys) << QString::fromLatin1(actions);
    };
    row("*77#", "P");
    row("#77#", "R");
    row("*72#", "M");
    row("*78#", "S");
    row("#78#", "E");
    row("12*77#", "P");
    row("*77#77#", "P"); // the last # belongs to the first
    row("*77##77#", "PR");
    row("**77#", "P");
    row("*7 7#", "");
    row("*7*77#", "P");
    row("77#", "");
    row("0123456789012345678901234567890123456789*72#", "M");
}

void TestCallKeys::sequences()
{
    QFETCH(QByteArray, keys);
    QFETCH(QString, actions);
    QCOMPARE(actionsOf(keys.constData()), actions);
    QCOMPARE(actionsOf(keys.constData(), {"", "", "", "", ""}), QString());
}

/// The other side hears them all the same.
void TestCallKeys::byInfo()
{
    KeyScene scene;
    KeyScene::press(scene.anna, "*77#");
    QCOMPARE(scene.told, QStringList{QStringLiteral("annaP")});
    QCOMPARE(scene.carlLog().count(QStringLiteral("info")), 4);
    KeyScene::press(scene.anna, "#7");
    KeyScene::press(scene.carl(), "7#");
    KeyScene::press(scene.anna, "7#");
    QCOMPARE(scene.told.last(), QStringLiteral("annaR"));
}

void TestCallKeys::byTheTagOfTheCopies()
{
    KeyScene scene(true);
    const std::uint64_t tag = scene.control->call(1)->tag();
    for (const char key : {'*', '7', '2', '#'}) {
        scene.control->onKey(tag, relay::Side::Callee, key);
        scene.control->onKey(tag + 1, relay::Side::Caller, key);
    }
    QCOMPARE(scene.told, QStringList{QStringLiteral("carlM")});
    scene.anna.events->onEnded(sip::Ending::Bye);
    scene.control->onKey(tag, relay::Side::Callee, '*'); // comes too late
}

void TestCallKeys::onlyOfWhoIsRecorded()
{
    KeyScene scene;
    KeyScene::press(scene.carl(), "*77#");
    QVERIFY(scene.told.isEmpty());
}

QTEST_GUILESS_MAIN(TestCallKeys)
#include "tst_call_keys.moc"
