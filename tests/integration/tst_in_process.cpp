// SPDX-License-Identifier: GPL-3.0-or-later
// The exchange inside a program with an event loop of its own, as the desktop has it: a call, its recording,
// and all of it once more after it has ended.
#include "app/exchange/exchange_setup.h"
#include "core/engine/engine.h"
#include "tests/support/ctl_process.h"
#include "tests/support/exchange_process.h"
#include "tests/support/wire_phone.h"
#include "tests/support/wire_scene.h"

#include <QTest>

using namespace sr;
using namespace sr::test;

class InProcessTest : public QObject {
    Q_OBJECT

    /// Anna calls otto, and hangs up.
    static void talk(quint16 port)
    {
        WirePhone anna(WirePhone::Wire::Tcp, port);
        WirePhone otto(WirePhone::Wire::Tcp, port);
        QVERIFY(anna.registers("anna", "first", "sip:anna@127.0.0.1"));
        QVERIFY(otto.registers("otto", "second", "sip:otto@127.0.0.1"));
        WirePhone::Dialog dialog = anna.dial("anna", "first", "101", {}, sdpOf(1));
        otto.answer(otto.waitFor("INVITE sip:otto"), "200 OK", kOttosAnswer, sdpOf(1));
        WirePhone::learn(dialog, anna.waitFor("SIP/2.0 200 OK"));
        (void)anna.request(dialog, "ACK");
        QVERIFY(!otto.waitFor("ACK sip:otto").isEmpty());
        (void)anna.request(dialog, "BYE");
        const QByteArray bye = otto.waitFor("BYE sip:otto");
        otto.answer(bye, "200 OK");
        QVERIFY(!bye.isEmpty());
    }

private slots:
    void callsAreServedAndRecorded()
    {
        const SystemClock clock;
        const CtlFixture fixture;
        const Path config = pathOf(fixture.config().toStdString());
        auto core = engine::Engine::open({.configDir = config,
                                          .archiveRoot = pathOf(fixture.archive().toStdString()),
                                          .createArchive = true,
                                          .timeZone = {}},
                                         clock);
        QVERIFY(core);
        archive::Archive& archive = (*core)->archive();
        QCOMPARE(addUser(fixture, "anna", "100", "first").exitCode, 0);
        QCOMPARE(addUser(fixture, "otto", "101", "second").exitCode, 0);
        const auto settings = settings::Settings::open(config, (*core)->secrets());
        QVERIFY(settings);
        for (unsigned run = 1; run <= 2; ++run) {
            const auto setup = exchange::setupOf({config, {*Endpoint::parse("127.0.0.1:0")}, {}, false},
                                                 **settings, archive.id());
            QVERIFY(setup);
            std::string said;
            const auto part = exchange::ExchangePart::start(*setup, (*core)->secrets(), archive, clock,
                                                            [&](const std::string& text) { said += text; });
            QVERIFY2(part, said.c_str());
            talk((*part)->listeners().at(0).port);
            if (QTest::currentTestFailed())
                return;
            QTRY_COMPARE((*part)->recorded().recorded, std::uint64_t{1});
            QVERIFY2(said.empty(), said.c_str());
        }
        const CtlResult list = fixture.run({QStringLiteral("list"), QStringLiteral("--json")});
        QVERIFY2(list.json()[QLatin1String("total")].toInt() == 2, list.out.constData());
    }
};

QTEST_GUILESS_MAIN(InProcessTest)
#include "tst_in_process.moc"
