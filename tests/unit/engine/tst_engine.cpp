// SPDX-License-Identifier: GPL-3.0-or-later
// The facade: secrets and archive are made at the first start and found again at the next.
#include "core/engine/engine.h"

#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using namespace sr::engine;

class TestEngine : public QObject {
    Q_OBJECT
private slots:
    void firstStartMakesWhatTheNextOneFinds()
    {
        const QTemporaryDir dir;
        const SystemClock clock;
        EngineOptions options;
        options.configDir = pathOf(dir.path().toStdString()) / "config";
        options.archiveRoot = pathOf(dir.path().toStdString()) / "archive";
        const auto none = Engine::open(options, clock);
        QVERIFY(!none && none.error().code == archive::ArchiveErrc::NotAnArchive);
        options.createArchive = true;
        options.timeZone = "Europe/Rome";
        std::string id, passphrase;
        {
            auto first = Engine::open(options, clock);
            QVERIFY2(first, first ? "" : first.error().text().c_str());
            QVERIFY((*first)->archive().wasCreated());
            id = (*first)->archive().id();
            passphrase = (*first)->secrets().recoveryPassphrase;
            QCOMPARE((*first)->archive().timeZone(), std::string("Europe/Rome"));
        }
        options.createArchive = false;
        options.timeZone.clear();
        auto second = Engine::open(options, clock);
        QVERIFY2(second, second ? "" : second.error().text().c_str());
        QVERIFY(!(*second)->archive().wasCreated() && !(*second)->secrets().fresh);
        QCOMPARE((*second)->archive().id(), id);
        const auto sealed = readFile(options.archiveRoot / "TMP" / "keyring.sealed", 1U << 20U);
        QVERIFY(sealed && crypto::openSealedRing(*sealed, passphrase));
    }

    void aNewKeyIsInTheArchiveFirstOrNowhere()
    {
        const QTemporaryDir dir;
        const SystemClock clock;
        EngineOptions options;
        options.configDir = pathOf(dir.path().toStdString()) / "config";
        options.archiveRoot = pathOf(dir.path().toStdString()) / "archive";
        options.createArchive = true;
        const auto engine = Engine::open(options, clock);
        QVERIFY(engine);
        const Path sealed = options.archiveRoot / "TMP" / "keyring.sealed";
        const auto saved = [&] {
            return crypto::loadOrCreateSecrets(options.configDir, clock)->ring.exportText();
        };
        const auto added = (*engine)->addKey(crypto::KeyOrigin::Rotation, *crypto::Secret::random(), clock);
        QVERIFY(added && (*engine)->secrets().ring.active(crypto::KeyPurpose::Archive)->id == *added);
        QVERIFY(crypto::sealedRingNames(*readFile(sealed, 1U << 20U), *added));
        QCOMPARE(saved(), (*engine)->secrets().ring.exportText());
        const std::string before = saved();
        QVERIFY(writeFileAtomic(sealed, bytesOf("nothing that opens")));
        const auto refused = (*engine)->addKey(crypto::KeyOrigin::Rotation, *crypto::Secret::random(), clock);
        QVERIFY(!refused && refused.error().code == archive::ArchiveErrc::RingLocked);
        QCOMPARE((*engine)->secrets().ring.exportText(), before);
        QCOMPARE(saved(), before);
    }

    void unknownTimeZoneIsRefused()
    {
        const QTemporaryDir dir;
        const SystemClock clock;
        EngineOptions options;
        options.configDir = pathOf(dir.path().toStdString()) / "config";
        options.archiveRoot = pathOf(dir.path().toStdString()) / "archive";
        options.createArchive = true;
        options.timeZone = "Middle/Earth";
        const auto engine = Engine::open(options, clock);
        QVERIFY(!engine);
        QVERIFY(engine.error().text().find("Middle/Earth") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestEngine)
#include "tst_engine.moc"
