// SPDX-License-Identifier: GPL-3.0-or-later
// Phones of two makers talk: linphone, which brings another SIP stack (belle-sip) and another RTP stack, and
// baresip.
#include "core/base/endpoint.h"
#include "tests/support/exchange_scene.h"
#include "tests/support/linphone_phone.h"

#include <QStandardPaths>

using namespace sr;
using sr::test::BaresipOptions;
using sr::test::lengthOf;
using sr::test::LinphoneOptions;
using sr::test::LinphonePhone;
using sr::test::valueOf;

namespace {

constexpr double kLinphoneHz = 440;
constexpr double kBaresipHz = 880;

/// linn (100) has a linphone, otto (101) a baresip.
struct Scene : test::ExchangeScene {
    explicit Scene(const char* codec = "PCMA", bool linphoneAnswers = false, bool keysByInfo = false)
    {
        user("linn", "100");
        user("otto", "101");
        start();
        LinphoneOptions options;
        options.user = QStringLiteral("linn");
        options.password = QStringLiteral("secret");
        options.toneHz = kLinphoneHz;
        options.answers = linphoneAnswers;
        options.codec = QString::fromLatin1(codec);
        options.keysByInfo = keysByInfo;
        linn = std::make_unique<LinphonePhone>(fixture.path(options.user), exchange->port4, options);
        otto = phone("otto", kBaresipHz, !linphoneAnswers);
        ready = ready && linn->isReady();
    }
    /// Of the one recording, with sound of both.
    bool hasBoth(const char* internal, double internalHz, double externalHz) const
    {
        const QJsonArray rows = recordings(1);
        if (rows.size() != 1 || valueOf(rows[0].toObject(), "internal") != QLatin1String(internal))
            return false;
        const test::WholeSound whole = sound(rows[0].toObject());
        return lengthOf(whole, 0, internalHz) > 1 && lengthOf(whole, 1, externalHz) > 1;
    }

    std::unique_ptr<LinphonePhone> linn;
    std::unique_ptr<test::BaresipPhone> otto;
};

} // namespace

class LinphoneTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        for (const char* program : {"baresip", "linphonec"})
            QVERIFY2(!QStandardPaths::findExecutable(QString::fromLatin1(program)).isEmpty(), program);
    }

    void callsABaresip_data()
    {
        QTest::addColumn<QByteArray>("codec");
        for (const char* codec : {"PCMA", "PCMU"})
            QTest::newRow(codec) << QByteArray(codec);
    }
    void callsABaresip()
    {
        QFETCH(QByteArray, codec);
        Scene scene(codec.constData());
        QVERIFY2(scene.ready, scene.linn->said().constData());
        scene.linn->dial(QStringLiteral("101"));
        QVERIFY2(scene.linn->waitFor("Media streams established"), scene.linn->said().constData());
        QVERIFY(scene.otto->waitFor("Call established"));
        QTest::qWait(3000); // they talk
        scene.linn->hangUp();
        QVERIFY2(scene.otto->waitFor("terminated"), scene.otto->said().constData());
        QTRY_VERIFY_WITH_TIMEOUT(scene.hasBoth("101", kBaresipHz, kLinphoneHz), 15'000);
        QTRY_COMPARE(scene.eventsOf("linn"),
                     QStringList{QStringLiteral("from setup-from alert-to conn-to rel-from")});
    }

    /// Also if it tells each both ways.
    void itsKeysAreHeardOnce_data()
    {
        QTest::addColumn<bool>("byInfo");
        QTest::newRow("by INFO, too") << true;
        QTest::newRow("in the media alone") << false;
    }
    void itsKeysAreHeardOnce()
    {
        QFETCH(bool, byInfo);
        Scene scene("PCMA", false, byInfo);
        QVERIFY2(scene.ready, scene.linn->said().constData());
        scene.linn->dial(QStringLiteral("101"));
        QVERIFY2(scene.linn->waitFor("Media streams established"), scene.linn->said().constData());
        QVERIFY(scene.otto->waitFor("Call established"));
        QTest::qWait(1000); // it speaks
        for (const char key : {'4', '7', '#'}) {
            scene.linn->press(key);
            QTest::qWait(1000);
        }
        scene.linn->hangUp();
        QVERIFY2(scene.otto->waitFor("terminated"), scene.otto->said().constData());
        const QJsonArray rows = scene.recordings(1);
        QCOMPARE(rows.size(), 1);
        const QJsonObject talk =
            scene.fixture
                .run({QStringLiteral("show"), valueOf(rows[0].toObject(), "uid"), QStringLiteral("--json")})
                .json();
        QCOMPARE(talk[QLatin1String("dtmf")].toString(), QStringLiteral("47#"));
        const QByteArray said = scene.otto->said();
        QVERIFY2(!said.contains("received DTMF"), said.constData()); // as it says of INFO alone
    }

    void isCalledByABaresip()
    {
        Scene scene("PCMA", true);
        QVERIFY2(scene.ready, scene.linn->said().constData());
        scene.otto->dial(QStringLiteral("100"));
        QVERIFY2(scene.otto->waitFor("Call established"), scene.otto->said().constData());
        QVERIFY(scene.linn->waitFor("Media streams established"));
        QTest::qWait(3000); // they talk
        scene.otto->hangUp();
        QVERIFY2(scene.linn->waitFor("ended"), scene.linn->said().constData());
        QTRY_VERIFY_WITH_TIMEOUT(scene.hasBoth("100", kLinphoneHz, kBaresipHz), 15'000);
    }
};

QTEST_GUILESS_MAIN(LinphoneTest)
#include "tst_linphone.moc"
