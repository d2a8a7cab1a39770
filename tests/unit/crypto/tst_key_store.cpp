// SPDX-License-Identifier: GPL-3.0-or-later
// The secrets file and the sealed ring: made once, private, never lost, opened only by the right words.
#include "core/base/secret_box.h"
#include "core/crypto/digest.h"
#include "core/crypto/key_store.h"
#include "tests/support/access.h"
#include "tests/unit/crypto/samples.h"

#include <QCoreApplication>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <cstdio>

using namespace sr;
using namespace sr::crypto;
using sr::test::secretOf;
using sr::test::StandingClock;

namespace {

std::string fingerprint(const MachineSecrets& secrets)
{
    return secrets.ring.exportText() + secrets.recoveryPassphrase + toHex(secrets.writerSeed.bytes()) +
           toHex(secrets.settingsKey.bytes());
}

} // namespace

class TestKeyStore : public QObject {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> m_dir;
    Path config() const { return pathOf(m_dir->filePath(QStringLiteral("Büro 1/config")).toStdString()); }
    Path secretsFile() const { return config() / "keys" / "secrets"; }
    MachineSecrets load() const { return loadOrCreateSecrets(config(), StandingClock()).value(); }
    /// The file's octets, in the clear from now on, as a system writes it that seals nothing.
    Bytes inTheClear() const
    {
        const Bytes bytes = unprotectForMachine(readFile(secretsFile(), 1 << 20).value()).value();
        return writeFileAtomic(secretsFile(), bytes, true) ? bytes : Bytes();
    }

private slots:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }

    void firstLoadMakesTheSecondReads()
    {
        const MachineSecrets first = load();
        QVERIFY(first.fresh);
        QVERIFY(first.ring.active(KeyPurpose::Archive) && first.ring.active(KeyPurpose::Integrity));
        const MachineSecrets second = load();
        QVERIFY(!second.fresh);
        QCOMPARE(fingerprint(second), fingerprint(first));
        QVERIFY(!std::ranges::equal(first.writerSeed.bytes(), first.settingsKey.bytes()));
    }
    void fileIsPrivate()
    {
        load();
        QVERIFY(test::isPrivate(secretsFile()));
        QVERIFY(test::isPrivate(config() / "keys"));
        // A copy from a backup often comes back readable for all.
        QVERIFY(test::letOthersIn(secretsFile()));
        QVERIFY(!test::isPrivate(secretsFile()));
        const MachineSecrets again = load();
        QVERIFY(test::isPrivate(secretsFile()));
        QVERIFY(saveSecrets(config(), again));
        QVERIFY(test::isPrivate(secretsFile()));
    }
    void savedKeysComeBack()
    {
        MachineSecrets secrets = load();
        secrets.ring.add(KeyPurpose::Archive, KeyOrigin::Rotation, secretOf(static_cast<unsigned char>(1)),
                         {});
        secrets.recoveryPassphrase = "another";
        QVERIFY(saveSecrets(config(), secrets));
        QCOMPARE(fingerprint(load()), fingerprint(secrets));
    }
    void aKeyThatAnotherProgramAddedStays()
    {
        MachineSecrets mine = load();
        MachineSecrets theirs = load();
        theirs.ring.add(KeyPurpose::Archive, KeyOrigin::Rotation, secretOf(static_cast<unsigned char>(1)),
                        {});
        mine.ring.add(KeyPurpose::Archive, KeyOrigin::KeyFile, secretOf(static_cast<unsigned char>(2)), {});
        QVERIFY(saveSecrets(config(), theirs));
        QVERIFY(saveSecrets(config(), mine));
        const MachineSecrets now = load();
        QCOMPARE(now.ring.keys().size(), std::size_t{4});
        QCOMPARE(now.ring.active(KeyPurpose::Archive)->id,
                 keyIdOf(KeyPurpose::Archive, secretOf(static_cast<unsigned char>(2))));
    }

    void aKeyThatCameLaterIsFoundOnTheDisk()
    {
        const MachineSecrets running = load();
        const KeyRing copy = running.ring;
        MachineSecrets other = load();
        const KeyId fresh =
            other.ring
                .add(KeyPurpose::Archive, KeyOrigin::Rotation, secretOf(static_cast<unsigned char>(1)), {})
                .id;
        QVERIFY(running.ring.find(fresh) == nullptr);
        QVERIFY(saveSecrets(config(), other));
        for (const KeyRing* ring : {&running.ring, &copy})
            QVERIFY(ring->find(fresh) != nullptr && ring->find(fresh)->id == fresh);
        QVERIFY(running.ring.find(KeyId{}) == nullptr);
        QVERIFY(running.ring.active(KeyPurpose::Archive)->id != fresh);
    }
    void passphrasesBeforeStay()
    {
        MachineSecrets mine = load();
        const std::string first = mine.recoveryPassphrase;
        const std::string words = makeRecoveryPassphrase().value();
        adoptPassphrase(mine, words);
        QString typed = QString::fromStdString(words).toUpper();
        adoptPassphrase(mine, typed.replace(u'-', u' ').toStdString()); // the same, as a person types it
        QCOMPARE(mine.recoveryPassphrase, words);
        QCOMPARE(mine.formerPassphrases, std::vector<std::string>{first});
        MachineSecrets theirs = load();
        adoptPassphrase(theirs, "their words");
        QVERIFY(saveSecrets(config(), theirs));
        QVERIFY(saveSecrets(config(), mine));
        const MachineSecrets now = load();
        QCOMPARE(now.recoveryPassphrase, words);
        QCOMPARE(now.formerPassphrases, (std::vector<std::string>{first, "their words"}));
        const auto sealed = sealRing(now.ring, "their words");
        QCOMPARE(openSealedRing(*sealed, now)->passphrase, std::string("their words"));
        QVERIFY(!openSealedRing(*sealed, load().ring.exportText()));
    }
    void aFileFromASystemThatSealsNothingIsRead()
    {
        const MachineSecrets secrets = load();
        QVERIFY(textOf(inTheClear()).starts_with("SRKEYF2\n"));
        QCOMPARE(fingerprint(load()), fingerprint(secrets));
        QVERIFY(saveSecrets(config(), secrets)); // and comes under this one's seal
        QCOMPARE(fingerprint(load()), fingerprint(secrets));
    }
    void theFirstFormIsRead()
    {
        const MachineSecrets secrets = load();
        Bytes bytes = inTheClear();
        const std::size_t count = 12 + loadBe<std::uint32_t>(bytes.data() + 8);
        bytes[6] = std::byte{'1'};
        bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(count));
        const Sha256 digest = sha256(ByteView(bytes).first(bytes.size() - 32));
        std::copy(digest.begin(), digest.end(), bytes.end() - 32);
        QVERIFY(writeFileAtomic(secretsFile(), bytes));
        QCOMPARE(fingerprint(load()), fingerprint(secrets));
    }

    void everyFlippedByteIsFoundAndNothingIsReplaced()
    {
        const MachineSecrets secrets = load();
        const Bytes good = inTheClear();
        for (std::size_t i = 0; i < good.size(); ++i) {
            Bytes bad = good;
            bad[i] ^= std::byte{0x04};
            auto file = File::open(secretsFile(), OpenMode::ReadWrite);
            QVERIFY((*file)->writeAt(0, bad));
            QVERIFY2(!loadOrCreateSecrets(config(), StandingClock()), qPrintable(QString::number(i)));
            QCOMPARE(readFile(secretsFile(), 1 << 20).value(), bad);
        }
        // Saving over a damaged file would lose what might still be rescued.
        QVERIFY(!saveSecrets(config(), secrets));
    }
    void everyCutIsFound()
    {
        load();
        const Bytes good = inTheClear();
        for (std::size_t length = 0; length < good.size(); ++length) {
            QVERIFY(File::open(secretsFile(), OpenMode::ReadWrite).value()->truncate(length));
            QVERIFY(!loadOrCreateSecrets(config(), StandingClock()));
            QVERIFY(File::open(secretsFile(), OpenMode::ReadWrite).value()->writeAt(0, good));
        }
    }
    void aNewerFileIsNamedAndStays()
    {
        load();
        Bytes bytes = inTheClear();
        bytes[6] = std::byte{'3'};
        QVERIFY(writeFileAtomic(secretsFile(), bytes));
        const auto loaded = loadOrCreateSecrets(config(), StandingClock());
        QVERIFY(!loaded);
        QCOMPARE(loaded.error().code, make_error_code(CryptoErrc::NewerVersion));
        QCOMPARE(readFile(secretsFile(), 1 << 20).value(), bytes);
    }

    void programsStartingAtOnceEndWithOneSet()
    {
        constexpr int kPrograms = 6;
        const QString config8 = QString::fromStdString(utf8Of(config()));
        std::vector<std::unique_ptr<QProcess>> programs;
        for (int i = 0; i < kPrograms; ++i) {
            programs.push_back(std::make_unique<QProcess>());
            programs.back()->start(QCoreApplication::applicationFilePath(),
                                   {QStringLiteral("--make-secrets"), config8});
        }
        QByteArray first;
        int made = 0;
        for (const auto& program : programs) {
            QVERIFY(program->waitForFinished(20'000));
            QCOMPARE(program->exitCode(), 0);
            const QList<QByteArray> lines = program->readAllStandardOutput().split('|');
            QCOMPARE(lines.size(), 2);
            made += lines[0] == "fresh" ? 1 : 0;
            if (first.isEmpty())
                first = lines[1];
            QCOMPARE(lines[1], first);
        }
        QCOMPARE(made, 1);
    }

    void passphraseIsEightGroupsOfFiveClearLetters()
    {
        std::array<int, 256> seen{};
        std::string last;
        for (int round = 0; round < 200; ++round) {
            const std::string words = makeRecoveryPassphrase().value();
            QCOMPARE(words.size(), std::size_t{8 * 5 + 7});
            for (std::size_t i = 0; i < words.size(); ++i) {
                if (i % 6 == 5) {
                    QCOMPARE(words[i], '-');
                    continue;
                }
                QVERIFY(words[i] >= 'a' && words[i] <= 'z');
                QVERIFY(std::string_view("iloquv").find(words[i]) == std::string_view::npos);
                ++seen[static_cast<unsigned char>(words[i])];
            }
            QVERIFY(words != last);
            last = words;
        }
        // 8000 letters, 400 of each expected, standard deviation 19.5: all twenty occur, evenly. Forty
        // letters of twenty kinds are 172 bits.
        const auto kinds = std::ranges::count_if(seen, [](int count) { return count > 0; });
        QCOMPARE(kinds, 20);
        QVERIFY(
            std::ranges::none_of(seen, [](int count) { return count > 0 && (count < 280 || count > 520); }));
    }

    void sealedRingOpensWithTheWords()
    {
        const MachineSecrets secrets = load();
        const auto sealed = sealRing(secrets.ring, secrets.recoveryPassphrase);
        QVERIFY(sealed);
        const auto ring = openSealedRing(*sealed, secrets.recoveryPassphrase);
        QVERIFY(ring);
        QCOMPARE(ring->exportText(), secrets.ring.exportText());
        // As a person types it from paper.
        auto typed = QString::fromStdString(secrets.recoveryPassphrase).toUpper();
        typed.replace(u'-', u' ');
        QVERIFY(openSealedRing(*sealed, (typed + u'\n').toStdString()));
        const auto wrong = openSealedRing(*sealed, makeRecoveryPassphrase().value());
        QVERIFY(!wrong);
        QCOMPARE(wrong.error().code, make_error_code(CryptoErrc::WrongPassphrase));
    }
    void sealedRingNamesItsKeysInClear()
    {
        const MachineSecrets secrets = load();
        const Bytes sealed = sealRing(secrets.ring, "words").value();
        for (const Key& key : secrets.ring.keys())
            QVERIFY(sealedRingNames(sealed, key.id));
        QVERIFY(
            !sealedRingNames(sealed, keyIdOf(KeyPurpose::Archive, secretOf(static_cast<unsigned char>(9)))));
        for (std::size_t length = 0; length < 8 + 3 + 16 + 12 + 2 + 2 * 16; ++length)
            QVERIFY(!sealedRingNames(ByteView(sealed).first(length), secrets.ring.keys().front().id));
    }
    void theFirstFormOfASealedRingOpens()
    {
        const Bytes sealed = fromHex("53524b455953310a0f0801000102030405060708090a0b0c0d0e0f00010203040506070"
                                     "8090a0be6787e39a46993013b2ee6f2c663d775e815fd7eba321124d03f")
                                 .value();
        const auto ring = openSealedRing(sealed, "words");
        QVERIFY(ring && ring->keys().empty());
        QVERIFY(!sealedRingNames(sealed, KeyId{}));
    }
    void otherWordsKeepTheirCase()
    {
        const KeyRing ring = test::ringOf(secretOf(static_cast<unsigned char>(1)));
        const auto sealed = sealRing(ring, "Central Password");
        QVERIFY(openSealedRing(*sealed, "Central Password"));
        QVERIFY(!openSealedRing(*sealed, "central password"));
        QVERIFY(!sealRing(ring, ""));
    }
    void alteredSealedRingOpensNothing()
    {
        const auto sealed = sealRing(test::ringOf(secretOf(static_cast<unsigned char>(1))), "words").value();
        // Each try costs a scrypt run, so every seventh octet and all of the head.
        for (std::size_t i = 0; i < sealed.size(); i += i < 12 ? 1 : 7) {
            Bytes bad = sealed;
            bad[i] ^= std::byte{0x01};
            QVERIFY2(!openSealedRing(bad, "words"), qPrintable(QString::number(i)));
        }
        for (std::size_t length = 0; length < sealed.size(); length += length < 55 ? 1 : 20)
            QVERIFY(!openSealedRing(ByteView(sealed).first(length), "words"));
    }
    void absurdCostIsRefusedBeforeAnyWork()
    {
        Bytes bytes = sealRing(KeyRing(), "words").value();
        for (const int logN : {0, 19, 30, 63, 255}) {
            bytes[8] = static_cast<std::byte>(logN);
            const auto opened = openSealedRing(bytes, "words");
            QVERIFY(!opened);
            QCOMPARE(opened.error().code, make_error_code(BaseErrc::Malformed));
        }
        bytes[8] = std::byte{15};
        QCOMPARE(openSealedRing(bytes, "words", 1024 * 1024).error().code,
                 make_error_code(BaseErrc::Malformed));
        QVERIFY(openSealedRing(bytes, "words"));
    }
};

/// Started by the test itself: loads or makes the secrets and prints what it got.
static int makeSecrets(const QString& config)
{
    const auto secrets = loadOrCreateSecrets(pathOf(config.toStdString()), SystemClock());
    if (!secrets)
        return 1;
    std::printf("%s|%s", secrets->fresh ? "fresh" : "read", fingerprint(*secrets).c_str());
    return 0;
}

int main(int argc, char** argv)
{
    QCoreApplication app(argc, argv);
    if (const QStringList words = QCoreApplication::arguments();
        words.size() == 3 && words[1] == QStringLiteral("--make-secrets"))
        return makeSecrets(words[2]);
    TestKeyStore test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_key_store.moc"
