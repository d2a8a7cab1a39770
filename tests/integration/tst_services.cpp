// SPDX-License-Identifier: GPL-3.0-or-later
// What the exchange does for telephones beside calls, with real ones: park and pick up, conferences, forwards
// and groups by codes, sounds.
#include "core/base/endpoint.h"
#include "core/codec/g711.h"
#include "tests/support/exchange_scene.h"

#include <QStandardPaths>

#include <algorithm>

using namespace sr;
using sr::test::BaresipOptions;
using sr::test::lengthOf;
using sr::test::valueOf;

namespace {

/// anna (100), otto (101), bert (102) and carl (103), all in the group House.
struct Scene : test::ExchangeScene {
    explicit Scene(const QStringList& objects = {})
    {
        const QStringList house{QStringLiteral("--group"), QStringLiteral("House")};
        user("anna", "100", house);
        user("otto", "101", house + QStringList{QStringLiteral("--dynamic-out"), QStringLiteral("Desk")});
        user("bert", "102", house);
        user("carl", "103", house);
        for (const QString& words : objects)
            run(words);
        start();
    }
    /// Keeps what it hears in its one call.
    std::unique_ptr<test::BaresipPhone> listener(const char* name, double hz)
    {
        BaresipOptions options;
        options.user = QString::fromUtf8(name);
        options.toneHz = hz;
        options.keepsHeard = true;
        return phone(std::move(options));
    }
};

/// What a phone heard, once that is on the disk.
test::WholeSound heardBy(const test::BaresipPhone& phone)
{
    test::WholeSound sound;
    (void)QTest::qWaitFor(
        [&] {
            const QString file = phone.heard();
            sound = file.isEmpty() ? test::WholeSound() : test::wholeSound(pathOf(file.toStdString()));
            return !sound.samples.empty();
        },
        10'000);
    return sound;
}

} // namespace

class ServicesTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY2(!QStandardPaths::findExecutable(QStringLiteral("baresip")).isEmpty(), "baresip");
    }

    void aCallIsParkedAndTakenElsewhere_data();
    void aCallIsParkedAndTakenElsewhere();
    void threeTalkInAConference();
    void aConferenceCallsItsMembers();
    void aPhoneSetsAndClearsItsForward();
    void aPhoneJoinsAndLeavesItsGroups();
    void aRingingPhoneIsPickedUp_data();
    void aRingingPhoneIsPickedUp();
    void soundsOfRawFilesAndWav();
};

void ServicesTest::aCallIsParkedAndTakenElsewhere_data()
{
    QTest::addColumn<QString>("park");
    QTest::addColumn<QString>("take");
    QTest::newRow("at a place") << "*16*7#"
                                << "#16*7#";
    QTest::newRow("at an object") << "4001"
                                  << "#16*400#";
}

void ServicesTest::aCallIsParkedAndTakenElsewhere()
{
    QFETCH(QString, park);
    QFETCH(QString, take);
    Scene scene({QStringLiteral("object add --kind park --number 400 --name lot --group House")});
    const auto otto = scene.phone("otto", 880, true);
    const auto carl = scene.phone("carl", 1320);
    const auto anna = scene.phone("anna", 440);
    QVERIFY(scene.ready);
    anna->dial(QStringLiteral("101"));
    QVERIFY(otto->waitFor("Call established"));
    QTest::qWait(1000); // they talk
    otto->transfer(park);
    QVERIFY2(otto->waitFor("terminated"), otto->said().constData());
    QTest::qWait(2000); // music
    QVERIFY(!anna->said().contains("terminated"));
    carl->dial(take);
    QVERIFY2(carl->waitFor("Call established"), carl->said().constData());
    QTest::qWait(2000); // they talk
    carl->hangUp();
    QVERIFY2(anna->waitFor("terminated"), anna->said().constData());

    const QJsonArray rows = scene.recordings(2);
    QCOMPARE(rows.size(), 2);
    const test::WholeSound sound = scene.sound(rows[0].toObject());
    QCOMPARE(valueOf(rows[0].toObject(), "internal"), QStringLiteral("103"));
    QVERIFY(lengthOf(sound, 0, 1320) > 1);
    QVERIFY(lengthOf(sound, 1, 440) > 1);
    QCOMPARE(valueOf(rows[0].toObject(), "external"), QStringLiteral("100"));
    QCOMPARE(valueOf(rows[1].toObject(), "internal"), QStringLiteral("101")); // the music is no talk
    // A blind transfer by otto, then one with consultation by the place (pbx-interfaces.md 2.1).
    const auto transferred = [](const QString& begin, const QString& end) {
        return begin + QStringLiteral(" transfer-to connected ") + end;
    };
    QTRY_COMPARE(scene.eventsOf("otto").size(), 2);
    QCOMPARE(scene.eventsOf("otto"),
             (QStringList{QStringLiteral("to setup-to alert-from conn-from rel-to"),
                          transferred(QStringLiteral("ct setup-to transfer-from conn-to"),
                                      QStringLiteral("rel-to"))}));
    QTRY_COMPARE(
        scene.eventsOf("anna"),
        QStringList{transferred(QStringLiteral("from setup-from alert-to conn-to transfer-to conn-to"),
                                QStringLiteral("rel-to"))});
    QTRY_COMPARE(scene.eventsOf("carl"), QStringList{transferred(QStringLiteral("from setup-from conn-to"),
                                                                 QStringLiteral("rel-from"))});
    const char* const name = park.startsWith(u'4') ? "lot" : "\\*";
    QTRY_COMPARE(scene.recordsOf(name).size(), 2);
    const QString place = scene.recordsOf(name).join(u'\n');
    QVERIFY2(place.count(QStringLiteral("<cdr")) == 2 &&
                 place.count(park.startsWith(u'4') ? QStringLiteral("<user pseudo=\"park\">")
                                                   : QStringLiteral("<user pseudo=\"dtmf-ctrl\"")) == 2,
             qPrintable(place));
}

void ServicesTest::threeTalkInAConference()
{
    Scene scene({QStringLiteral("object add --kind bc_conf --number 500 --name room --long-name Room")});
    const std::pair<const char*, double> all[] = {{"anna", 440}, {"otto", 880}, {"bert", 1320}};
    std::vector<std::unique_ptr<test::BaresipPhone>> phones;
    for (const auto& [name, hz] : all)
        phones.push_back(scene.listener(name, hz));
    QVERIFY(scene.ready);
    for (const auto& phone : phones) {
        phone->dial(QStringLiteral("500"));
        QVERIFY2(phone->waitFor("Call established"), phone->said().constData());
    }
    QTest::qWait(3000); // they talk
    for (const auto& phone : phones) {
        phone->hangUp();
        QVERIFY(phone->waitFor("terminated"));
    }
    for (std::size_t who = 0; who < phones.size(); ++who) {
        const test::WholeSound sound = heardBy(*phones[who]);
        for (std::size_t other = 0; other < phones.size(); ++other) {
            const double length = lengthOf(sound, 0, all[other].second);
            QVERIFY2(who == other ? length < 0.1 : length > 2,
                     qPrintable(QStringLiteral("%1 heard %2 for %3 s")
                                    .arg(QLatin1String(all[who].first), QLatin1String(all[other].first))
                                    .arg(length)));
        }
    }
    const QJsonArray rows = scene.recordings(3);
    QCOMPARE(rows.size(), 3);
    for (const QJsonValue& value : rows) {
        const QJsonObject row = value.toObject();
        const bool roomIsInternal = valueOf(row, "internal") == u"500";
        const QString who = valueOf(row, roomIsInternal ? "external" : "internal");
        const std::size_t own = who == u"100" ? 0 : who == u"101" ? 1 : 2;
        QCOMPARE(valueOf(row, roomIsInternal ? "internal" : "external"), QStringLiteral("500"));
        const test::WholeSound sound = scene.sound(row);
        for (std::size_t other = 0; other < 3; ++other)
            for (const std::size_t channel : {0U, 1U}) {
                const bool ofCaller = (channel == 1) == roomIsInternal;
                const double length = lengthOf(sound, channel, all[other].second);
                QVERIFY2(ofCaller == (own == other) ? length > 2 : length < 0.1,
                         qPrintable(QStringLiteral("%1, channel %2: %3 s of %4")
                                        .arg(who)
                                        .arg(channel)
                                        .arg(length)
                                        .arg(all[other].second)));
            }
    }
}

void ServicesTest::aConferenceCallsItsMembers()
{
    Scene scene({QStringLiteral("object add --kind bc_conf --number 500 --name room --active-group House")});
    const auto otto = scene.phone("otto", 880, true);
    const auto bert = scene.phone("bert", 1320);
    const auto anna = scene.listener("anna", 440);
    QVERIFY(scene.ready);
    anna->dial(QStringLiteral("500"));
    QVERIFY2(otto->waitFor("Call established"), otto->said().constData());
    QVERIFY2(bert->waitFor("Incoming call from: room"), bert->said().constData());
    QTest::qWait(1500); // they talk
    anna->hangUp();
    otto->hangUp();
    QVERIFY2(bert->waitFor("session closed"), bert->said().constData());
    QVERIFY(lengthOf(heardBy(*anna), 0, 880) > 1);
}

void ServicesTest::aPhoneSetsAndClearsItsForward()
{
    Scene scene;
    const auto carl = scene.phone("carl", 1320, true);
    const auto otto = scene.phone("otto", 880);
    const auto anna = scene.listener("anna", 440);
    QVERIFY(scene.ready);
    anna->dial(QStringLiteral("*21*103#"));
    QVERIFY2(anna->waitFor("Call established"), anna->said().constData());
    // Of calls under a second baresip tells no length.
    QVERIFY2(anna->waitFor("session closed"), anna->said().constData());
    const double beep = lengthOf(heardBy(*anna), 0, 1400);
    QVERIFY2(beep > 0.3 && beep < 0.6, qPrintable(QString::number(beep)));
    const QJsonObject shown = scene.fixture
                                  .run({QStringLiteral("user"), QStringLiteral("show"),
                                        QStringLiteral("anna"), QStringLiteral("--json")})
                                  .json();
    QCOMPARE(shown[QLatin1String("forwards")].toObject()[QLatin1String("cfu")].toString(),
             QStringLiteral("103"));
    QVERIFY2(otto->dialUntil(QStringLiteral("100"), *otto, "Call established"), otto->said().constData());
    QVERIFY2(carl->waitFor("Call established"), carl->said().constData());
    QTest::qWait(1500);
    otto->hangUp();
    QVERIFY(carl->waitFor("terminated"));
    QTRY_VERIFY(!scene.eventsOf("carl").isEmpty());
    QTRY_VERIFY2(
        scene.eventsOf("anna").contains(QStringLiteral("cf setup-to cf-from alert-to conn-to rel-from")),
        qPrintable(scene.eventsOf("anna").join(u'\n')));
    QTRY_VERIFY2(
        scene.eventsOf("otto").contains(QStringLiteral("from setup-from cf-to alert-to conn-to rel-from")),
        qPrintable(scene.eventsOf("otto").join(u'\n')));
    QCOMPARE(scene.eventsOf("carl"), QStringList{QStringLiteral("to setup-to alert-from conn-from rel-to")});

    anna->dial(QStringLiteral("#21#"));
    QVERIFY2(anna->waitFor("session closed"), anna->said().constData());
    QVERIFY2(otto->dialUntil(QStringLiteral("100"), *anna, "Incoming call from: otto"),
             anna->said().constData());
}

void ServicesTest::aPhoneJoinsAndLeavesItsGroups()
{
    Scene scene({QStringLiteral("object add --kind broadcast --number 200 --name desk --active-group Desk")});
    const auto otto = scene.phone("otto", 880);
    const auto anna = scene.phone("anna", 440);
    QVERIFY(scene.ready);
    anna->dial(QStringLiteral("200"));
    QVERIFY2(anna->waitFor("480"), anna->said().constData());
    otto->dial(QStringLiteral("*31#"));
    QVERIFY2(otto->waitFor("session closed"), otto->said().constData());
    QVERIFY2(anna->dialUntil(QStringLiteral("200"), *otto, "Incoming call from: anna"),
             otto->said().constData());
    anna->hangUp();
    QVERIFY(otto->waitFor("session closed"));
    otto->dial(QStringLiteral("#31#"));
    QVERIFY(otto->waitFor("session closed"));
    QVERIFY2(anna->dialUntil(QStringLiteral("200"), *anna, "480"), anna->said().constData());
}

void ServicesTest::aRingingPhoneIsPickedUp_data()
{
    QTest::addColumn<QString>("code");
    QTest::newRow("of the group") << "*8#";
    QTest::newRow("by its number") << "*8*101#";
}

void ServicesTest::aRingingPhoneIsPickedUp()
{
    QFETCH(QString, code);
    Scene scene;
    const auto otto = scene.phone("otto", 880);
    const auto carl = scene.phone("carl", 1320);
    const auto anna = scene.phone("anna", 440);
    QVERIFY(scene.ready);
    anna->dial(QStringLiteral("101"));
    QVERIFY(otto->waitFor("Incoming call"));
    carl->dial(code);
    QVERIFY2(carl->waitFor("Call established"), carl->said().constData());
    QVERIFY2(anna->waitFor("Call established"), anna->said().constData());
    QVERIFY2(otto->waitFor("session closed"), otto->said().constData());
    QTest::qWait(2000); // they talk
    carl->hangUp();
    QVERIFY(anna->waitFor("terminated"));
    const QJsonArray rows = scene.recordings(1);
    QCOMPARE(rows.size(), 1);
    QCOMPARE(valueOf(rows[0].toObject(), "internal"), QStringLiteral("103"));
    QCOMPARE(valueOf(rows[0].toObject(), "external"), QStringLiteral("100"));
    const test::WholeSound sound = scene.sound(rows[0].toObject());
    QVERIFY(lengthOf(sound, 0, 1320) > 1);
    QVERIFY(lengthOf(sound, 1, 440) > 1);
    // What otto's phone did is over with its ringing; the call is carl's.
    QTRY_COMPARE(scene.eventsOf("anna"),
                 QStringList{QStringLiteral("from setup-from alert-to conn-to rel-to")});
    QTRY_COMPARE(scene.eventsOf("otto"), QStringList{QStringLiteral("to setup-to alert-from rel-to")});
    QTRY_COMPARE(scene.eventsOf("carl"), QStringList{QStringLiteral("to setup-to conn-from rel-from")});
}

/// Who waits in a queue hears the one, then the other.
void ServicesTest::soundsOfRawFilesAndWav()
{
    Scene scene({QStringLiteral("object add --kind waiting --number 300 --name hall --set primary=Desk "
                                "--set first=welcome --set second=more/wait")});
    const QString folder = scene.fixture.config() + QStringLiteral("/sounds");
    QVERIFY(QDir().mkpath(folder + QStringLiteral("/more")));
    QVERIFY(test::writeToneFile(folder + QStringLiteral("/more/wait.wav"), 880, 2, 44100, 2));
    QByteArray raw;
    for (int i = 0; i < 16000; ++i)
        raw += static_cast<char>(codec::encodeG711(
            codec::Law::A,
            static_cast<std::int16_t>(std::lround(9000 * std::sin(2 * std::numbers::pi * 600 * i / 8000)))));
    QFile file(folder + QStringLiteral("/welcome.g711a"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(raw) == raw.size());
    file.close();
    QVERIFY(scene.exchange->stop());
    scene.exchange->start(); // sounds are read at the start
    const auto anna = scene.listener("anna", 440);
    QVERIFY(scene.ready);
    anna->dial(QStringLiteral("300"));
    QVERIFY(anna->waitFor("Call established"));
    QTest::qWait(5000); // both are heard
    anna->hangUp();
    QVERIFY(anna->waitFor("terminated"));
    const test::WholeSound sound = heardBy(*anna);
    const double first = lengthOf(sound, 0, 600);
    const double second = lengthOf(sound, 0, 880);
    QVERIFY2(first > 1.8 && first < 2.2 && second > 1.5,
             qPrintable(QStringLiteral("%1 %2").arg(first).arg(second)));
}

QTEST_GUILESS_MAIN(ServicesTest)
#include "tst_services.moc"
