// SPDX-License-Identifier: GPL-3.0-or-later
// TMP/keyring.sealed holds every key before it seals anything, and never loses another machine's.
#include "tests/unit/archive/archive_fixture.h"

using namespace sr;
using namespace sr::archive;
using namespace sr::archive::test;

namespace {

UtcTime noon()
{
    return UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 5)) + std::chrono::hours(11);
}

Path ringFile(const Place& place)
{
    return place.root() / "TMP" / "keyring.sealed";
}

Result<crypto::KeyRing> recovered(const Place& place, const std::string& words)
{
    const auto sealed = readFile(ringFile(place), 1U << 20U);
    return sealed ? crypto::openSealedRing(*sealed, words) : sealed.error();
}

crypto::KeyId newKey(crypto::KeyRing& ring)
{
    return ring
        .add(crypto::KeyPurpose::Archive, crypto::KeyOrigin::Rotation, *crypto::Secret::random(), noon())
        .id;
}

/// A second machine of the same archive: its ring, another writer, words of its own.
crypto::MachineSecrets secondMachine(const Place& place)
{
    crypto::MachineSecrets second = newSecrets(place.clock);
    second.ring = place.secrets.ring;
    second.recoveryPassphrase = "words of the second machine";
    return second;
}

Result<std::unique_ptr<Archive>> openAs(const Place& place, const crypto::MachineSecrets& secrets)
{
    ArchiveOptions options;
    options.configDir = place.config(1);
    return openArchive(place.root(), options, secrets, place.clock, {});
}

using Seal = std::function<Status(Archive&)>;

} // namespace
Q_DECLARE_METATYPE(Seal)

class TestSealedRing : public QObject {
    Q_OBJECT
private slots:
    void aKeyIsRecoverableBeforeItSeals_data()
    {
        QTest::addColumn<Seal>("seal");
        const auto statusOf = [](const auto& result) { return result ? Status{} : Status{result.error()}; };
        QTest::newRow("sealed audio")
            << Seal([=](Archive& a) { return statusOf(put(a, callOf("x", noon()))); });
        QTest::newRow("only the sidecar")
            << Seal([=](Archive& a) { return statusOf(put(a, callOf("x", noon()), false)); });
        QTest::newRow("a call record")
            << Seal([=](Archive& a) { return statusOf(a.commitCall(callOf("x", noon()))); });
        QTest::newRow("rotation") << Seal([=](Archive& a) {
            Progress silent;
            return statusOf(a.rotateKeys(silent));
        });
        QTest::newRow("conversion") << Seal([=](Archive& a) {
            return statusOf(a.convert(
                "old", MediaFormat::Mp3, true,
                [](const Recording& r, std::unique_ptr<ByteSource>, ByteSink& audio) -> Result<Recording> {
                    if (auto written = audio.write(tone(9, 9)); !written)
                        return written.error();
                    return r;
                }));
        });
    }
    void aKeyIsRecoverableBeforeItSeals()
    {
        QFETCH(Seal, seal);
        Place place;
        QVERIFY(put(*place.open(), callOf("old", noon())));
        // The ring changed elsewhere: `key import`, or a rotation of another archive.
        const auto id = newKey(place.secrets.ring);
        auto archive = place.open();
        QVERIFY(recovered(place, place.secrets.recoveryPassphrase)->find(id) == nullptr);
        const auto sealed = seal(*archive);
        QVERIFY2(sealed, sealed ? "" : sealed.error().text().c_str());
        const auto ring = recovered(place, place.secrets.recoveryPassphrase);
        QVERIFY(ring && ring->find(id) != nullptr);
        QCOMPARE(ring->active(crypto::KeyPurpose::Archive)->id, id);
        QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
    }

    void machinesKeepEachOthersKeys()
    {
        Place place;
        QVERIFY(put(*place.open(), callOf("one", noon())));
        const std::string words = place.secrets.recoveryPassphrase;
        crypto::MachineSecrets second = secondMachine(place);
        crypto::adoptPassphrase(second, words);
        const auto theirs = newKey(second.ring);
        QVERIFY(put(**openAs(place, second), callOf("two", noon())));
        const auto ours = newKey(place.secrets.ring);
        QVERIFY(put(*place.open(), callOf("three", noon())));
        const auto ring = recovered(place, words);
        QVERIFY(ring && ring->find(theirs) != nullptr && ring->find(ours) != nullptr);
    }

    void otherWordsChangeNothingAndSaySo()
    {
        Place place;
        QVERIFY(put(*place.open(), callOf("one", noon())));
        crypto::MachineSecrets second = secondMachine(place);
        QVERIFY(put(**openAs(place, second), callOf("two", noon()))); // its keys are all there
        newKey(second.ring);
        auto archive = openAs(place, second);
        QVERIFY(archive);
        const auto before = filesUnder(place.root());
        const auto ring = readFile(ringFile(place), 1U << 20U);
        const auto refused = put(**archive, callOf("three", noon()));
        QVERIFY(!refused && refused.error().code == ArchiveErrc::RingLocked);
        QVERIFY((*archive)->saveSealedRing(second.ring).error().code == ArchiveErrc::RingLocked);
        QCOMPARE(readFile(ringFile(place), 1U << 20U).value(), *ring);
        QCOMPARE(filesUnder(place.root()), before);
        // A former passphrase of the machine opens it as well, and it stays under that one.
        second.formerPassphrases = {"more words", place.secrets.recoveryPassphrase};
        QVERIFY(put(**archive, callOf("three", noon())));
        QVERIFY(recovered(place, place.secrets.recoveryPassphrase));
    }

    void aLostRingIsWrittenAgainByWhoeverSeals()
    {
        Place place;
        QVERIFY(put(*place.open(), callOf("one", noon())));
        QVERIFY(removeFile(ringFile(place)));
        QVERIFY(!findingsOf(*place.open()).empty()); // reading leaves that for verify to tell
        auto archive = place.open();
        QVERIFY(put(*archive, callOf("two", noon())));
        QVERIFY(recovered(place, place.secrets.recoveryPassphrase));
        QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
    }

    void aFailedWriteIsFinishedByTheNext()
    {
        for (const std::string failing : {"job", "journal", "ring"}) {
            Place place;
            QVERIFY(put(*place.open(), callOf("one", noon())));
            const auto id = newKey(place.secrets.ring);
            bool full = true;
            auto archive = place.open(0, {[&](std::string_view step) -> Status {
                                          return full && step == failing
                                                     ? Status{fail(BaseErrc::DiskFull, "test")}
                                                     : Status{};
                                      }});
            QVERIFY(!put(*archive, callOf("two", noon())));
            full = false;
            const auto row = put(*archive, callOf("two", noon()));
            QVERIFY2(row, row ? "" : row.error().text().c_str());
            QVERIFY(recovered(place, place.secrets.recoveryPassphrase)->find(id) != nullptr);
            QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
        }
    }
};

QTEST_GUILESS_MAIN(TestSealedRing)
#include "tst_sealed_ring.moc"
