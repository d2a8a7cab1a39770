// SPDX-License-Identifier: GPL-3.0-or-later
// Who was called in vain is called back, with real phones: behind a busy call, and when nobody answered.
#include "core/base/endpoint.h"
#include "tests/support/exchange_scene.h"

#include <QStandardPaths>

using namespace sr;
using sr::test::BaresipOptions;
using sr::test::lengthOf;
using sr::test::valueOf;

namespace {

constexpr double kAnnaHz = 440;
constexpr double kOttoHz = 880;

/// anna (100) wants otto (101), who has one line only; bert is 102.
struct Scene : test::ExchangeScene {
    explicit Scene(bool ottoAnswers)
    {
        user("anna", "100");
        user("otto", "101");
        user("bert", "102");
        start();
        BaresipOptions options;
        options.user = QStringLiteral("otto");
        options.toneHz = kOttoHz;
        options.answers = ottoAnswers;
        options.mostCalls = 1;
        otto = phone(options);
        anna = phone("anna", kAnnaHz);
        bert = phone("bert", 1320, true);
    }
    /// A code, to its end.
    bool asks() const
    {
        anna->dial(QStringLiteral("*37%23"));
        return anna->waitFor("Call established") && anna->waitFor("session closed");
    }
    /// Of anna and otto with sound of both.
    bool hasTheirTalk() const
    {
        const QJsonArray rows = recordings(1);
        for (const QJsonValue& row : rows) {
            const QJsonObject one = row.toObject();
            if (valueOf(one, "external") != QLatin1String("100") ||
                valueOf(one, "internal") != QLatin1String("101"))
                continue;
            const test::WholeSound whole = sound(one);
            if (lengthOf(whole, 0, kOttoHz) > 1 && lengthOf(whole, 1, kAnnaHz) > 1)
                return true;
        }
        return false;
    }

    std::unique_ptr<test::BaresipPhone> otto;
    std::unique_ptr<test::BaresipPhone> anna;
    std::unique_ptr<test::BaresipPhone> bert;
};

} // namespace

class CompletionTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY2(!QStandardPaths::findExecutable(QStringLiteral("baresip")).isEmpty(), "baresip");
    }

    void behindABusyCall()
    {
        Scene scene(true);
        QVERIFY(scene.ready);
        scene.bert->dial(QStringLiteral("101"));
        QVERIFY(scene.otto->waitFor("Call established"));
        scene.anna->dial(QStringLiteral("101"));
        QVERIFY2(scene.anna->waitFor("486"), scene.anna->said().constData());
        QVERIFY2(scene.asks(), scene.anna->said().right(900).constData());
        scene.bert->hangUp();
        QVERIFY2(scene.anna->waitFor("Call back: otto"), scene.anna->said().right(900).constData());
        scene.anna->accept();
        QVERIFY(scene.anna->waitFor("Call established"));
        QVERIFY2(scene.otto->waitFor("Call established"), scene.otto->said().constData());
        QTest::qWait(3000); // they talk
        scene.otto->hangUp();
        QVERIFY2(scene.anna->waitFor("terminated"), scene.anna->said().right(900).constData());
        QTRY_VERIFY_WITH_TIMEOUT(scene.hasTheirTalk(), 15'000);
        // As if she had called herself; the call before was in vain, and so is nothing else.
        QTRY_COMPARE(scene.eventsOf("anna").size(), 3);
        const QStringList events = scene.eventsOf("anna");
        QVERIFY2(events.contains(QStringLiteral("from setup-from conn-to rel-to")) &&
                     events.filter(QStringLiteral("conn-to")).size() == 2,
                 qPrintable(events.join(u'\n')));
    }

    void whenNobodyAnswered()
    {
        Scene scene(false);
        QVERIFY(scene.ready);
        scene.anna->dial(QStringLiteral("101"));
        QVERIFY(scene.otto->waitFor("Incoming call"));
        scene.anna->hangUp();
        QVERIFY2(scene.otto->waitFor("session closed"), scene.otto->said().constData());
        QVERIFY2(scene.asks(), scene.anna->said().right(900).constData());
        scene.otto->dial(QStringLiteral("102")); // is there again
        QVERIFY(scene.otto->waitFor("Call established"));
        scene.otto->hangUp();
        QVERIFY2(scene.anna->waitFor("Call back: otto"), scene.anna->said().right(900).constData());
        scene.anna->accept();
        QVERIFY(scene.otto->waitFor("Incoming call"));
        scene.otto->accept();
        QVERIFY(scene.otto->waitFor("Call established"));
        QTest::qWait(3000); // they talk
        scene.anna->hangUp();
        QVERIFY2(scene.otto->waitFor("terminated"), scene.otto->said().constData());
        QTRY_VERIFY_WITH_TIMEOUT(scene.hasTheirTalk(), 15'000);
    }
};

QTEST_GUILESS_MAIN(CompletionTest)
#include "tst_completion.moc"
