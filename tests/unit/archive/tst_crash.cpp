// SPDX-License-Identifier: GPL-3.0-or-later
// Programs that die, and disks that fail, after every step: nothing half is visible, nothing begun is lost.
#include "tests/unit/archive/archive_fixture.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using namespace sr;
using namespace sr::archive;
using namespace sr::archive::test;

namespace {

UtcTime noon()
{
    return UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 5)) + std::chrono::hours(11);
}

Result<Recording> fillMp3(const Recording& current, std::unique_ptr<ByteSource>, ByteSink& audio)
{
    Recording changed = current;
    changed.coding = "mp3";
    if (auto written = audio.write(tone(400, 9)); !written)
        return written.error();
    return changed;
}

/// Runs `work` in a child that dies right after step number `killAt`. True if it died there.
bool dieAfter(const Place& place, int killAt, const std::function<void(Archive&)>& work)
{
    const pid_t child = ::fork();
    if (child == 0) {
        int steps = 0;
        {
            auto archive = place.open(0, {[&](std::string_view) -> Status {
                                          if (++steps == killAt)
                                              ::_exit(42);
                                          return {};
                                      }});
            steps = 0; // opening is not what dies
            work(*archive);
        }
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 42;
}

/// No audio without sidecar in the months: what players list from names.
bool showsHalf(const Place& place)
{
    for (const auto& file : filesUnder(place.root()))
        if (file.starts_with("2026_") && !file.ends_with(".xml") &&
            !fileExists(place.root() / pathOf(file.substr(0, file.rfind('.')) + ".xml")))
            return true;
    return false;
}

} // namespace

class TestCrash : public QObject {
    Q_OBJECT
private slots:
    void commitSurvivesDeathAfterEveryStep()
    {
        for (int killAt = 1;; ++killAt) {
            Place place;
            (void)place.open(); // made by another life
            const bool died = dieAfter(place, killAt, [](Archive& archive) {
                (void)put(archive, callOf("dies", noon()), true, MediaFormat::Wav, 500, 5);
            });
            if (!died) {
                QVERIFY(killAt > 4);
                break;
            }
            QVERIFY(!showsHalf(place));
            auto archive = place.open();
            const auto row = archive->row("dies");
            QVERIFY2(row, std::to_string(killAt).c_str());
            QVERIFY(readAll(**archive->openAudio("dies"), 9999).valueOr({}) == tone(500, 5));
            const auto again = put(*archive, callOf("dies", noon()));
            QVERIFY(!again && again.error().code == ArchiveErrc::Duplicate);
            const auto findings = findingsOf(*archive);
            QVERIFY2(findings.empty(), (std::to_string(killAt) + ": " + told(findings).text).c_str());
        }
    }

    void rowsThatADeadProgramStillHeldAreFoundInItsJournal()
    {
        for (int killAt = 1; killAt <= 5; ++killAt) {
            Place place;
            (void)place.open();
            constexpr int kWhole = 3; // far fewer than the catalog takes at once
            constexpr int kSteps = 4; // of a commit
            QVERIFY(dieAfter(place, kWhole * kSteps + killAt, [](Archive& archive) {
                for (int i = 0; i <= kWhole + 1; ++i)
                    (void)put(archive, callOf("held" + std::to_string(i), noon()));
            }));
            const auto standing = std::uint64_t(kWhole) + (killAt > kSteps ? 2 : 1);
            auto archive = place.open();
            QCOMPARE(archive->count({}).valueOr(0), standing);
            QVERIFY(put(*archive, callOf("new", noon())));
            QVERIFY(archive->catchUp());
            QCOMPARE(place.open()->count({}).valueOr(0), standing + 1);
        }
    }

    void fullDiskAtAdoptionLeavesReadingAndIsMadeGoodLater()
    {
        Place place;
        QVERIFY(put(*place.open(), callOf("old", noon())));
        QVERIFY(dieAfter(place, 1, [](Archive& archive) { (void)put(archive, callOf("dies", noon())); }));
        bool full = true;
        auto archive = place.open(0, {[&](std::string_view) -> Status {
                                      return full ? Status{fail(BaseErrc::DiskFull, "test")} : Status{};
                                  }});
        QCOMPARE(archive->count({}).valueOr(0), std::uint64_t{1});
        QVERIFY(readAll(**archive->openAudio("old"), 9999).valueOr({}) == tone(300, 1));
        QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
        const auto refused = put(*archive, callOf("new", noon()));
        QVERIFY(!refused && refused.error().code == BaseErrc::DiskFull);
        full = false;
        QVERIFY(put(*archive, callOf("new", noon())));
        QCOMPARE(archive->count({}).valueOr(0), std::uint64_t{3});
        QVERIFY(readAll(**archive->openAudio("dies"), 9999).valueOr({}) == tone(300, 1));
        QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
    }

    void damagedJobOfADeadProgramKeepsNobodyOut()
    {
        Place place;
        (void)place.open();
        QVERIFY(dieAfter(place, 1, [](Archive& archive) { (void)put(archive, callOf("dies", noon())); }));
        for (const auto& name : filesUnder(place.root() / "REC"))
            if (name.ends_with(kJobExtension)) {
                auto file = File::open(place.root() / "REC" / pathOf(name), OpenMode::ReadWrite);
                QVERIFY((*file)->writeAt((*file)->size() - 5, bytesOf("x")));
            }
        auto archive = place.open();
        QVERIFY(put(*archive, callOf("new", noon())));
        QCOMPARE(archive->count({}).valueOr(0), std::uint64_t{1});
    }

    void draftWithoutJobIsThrownAway()
    {
        Place place;
        const pid_t child = ::fork();
        if (child == 0) {
            auto archive = place.open();
            auto draft = archive->draft("lost", MediaFormat::Wav, true);
            (void)(*draft)->audio().write(tone(900'000, 1));
            ::_exit(0);
        }
        ::waitpid(child, nullptr, 0);
        auto archive = place.open();
        QVERIFY(!archive->row("lost"));
        const auto left = filesUnder(place.root() / "REC");
        QCOMPARE(left.size(), std::size_t{1}); // our own lock
        QVERIFY(put(*archive, callOf("lost", noon())));
        QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
    }

    void convertSurvivesDeathAfterEveryStep_data()
    {
        QTest::addColumn<bool>("inPlace");
        QTest::newRow("to another extension") << false;
        QTest::newRow("in place") << true;
    }
    void convertSurvivesDeathAfterEveryStep()
    {
        QFETCH(bool, inPlace);
        for (int killAt = 1;; ++killAt) {
            Place place;
            {
                auto archive = place.open();
                QVERIFY(
                    put(*archive, callOf("v", noon()), true, inPlace ? MediaFormat::Mp3 : MediaFormat::Pcap));
            }
            const bool died = dieAfter(place, killAt, [](Archive& archive) {
                (void)archive.convert("v", MediaFormat::Mp3, true, fillMp3);
            });
            if (!died) {
                QVERIFY(killAt > 6);
                break;
            }
            QVERIFY(!showsHalf(place));
            auto archive = place.open();
            QCOMPARE(archive->row("v")->format, MediaFormat::Mp3);
            QVERIFY(readAll(**archive->openAudio("v"), 9999).valueOr({}) == tone(400, 9));
            const auto findings = findingsOf(*archive);
            QVERIFY2(findings.empty(), (std::to_string(killAt) + ": " + told(findings).text).c_str());
        }
    }

    void markSurvivesDeathAfterEveryStep()
    {
        for (int killAt = 1;; ++killAt) {
            Place place;
            {
                auto archive = place.open();
                QVERIFY(put(*archive, callOf("v", noon())));
            }
            const bool died = dieAfter(place, killAt, [&](Archive& archive) {
                (void)archive.mark("v", {noon() + seconds(9), "external"});
            });
            if (!died) {
                QVERIFY(killAt > 3);
                break;
            }
            QVERIFY(!showsHalf(place));
            auto archive = place.open();
            QCOMPARE(archive->recording("v")->marks.size(), std::size_t{1});
            QVERIFY(archive->checkIntegrity("v").valueOr(Integrity::Unknown) == Integrity::Original);
            const auto findings = findingsOf(*archive);
            QVERIFY2(findings.empty(), (std::to_string(killAt) + ": " + told(findings).text).c_str());
        }
    }

    void rotationSurvivesDeathAfterEveryStep()
    {
        Place place;
        {
            auto archive = place.open();
            for (int i = 0; i < 3; ++i)
                QVERIFY(put(*archive, callOf("r" + std::to_string(i), noon())));
        }
        place.secrets.ring.add(crypto::KeyPurpose::Archive, crypto::KeyOrigin::Rotation,
                               *crypto::Secret::random(), place.clock.now);
        int deaths = 0;
        for (int killAt = 1; killAt < 12; ++killAt)
            deaths += dieAfter(place, killAt, [](Archive& archive) {
                Progress silent;
                (void)archive.rotateKeys(silent);
            });
        QVERIFY(deaths >= 5);
        auto archive = place.open();
        Progress silent;
        QVERIFY(archive->rotateKeys(silent));
        QCOMPARE(archive->rotateKeys(silent).valueOr(9), std::uint64_t{0});
        for (int i = 0; i < 3; ++i)
            QVERIFY(archive->checkIntegrity("r" + std::to_string(i)).valueOr(Integrity::Unknown) ==
                    Integrity::Original);
        QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
    }

    void tornJournalTailIsCutBackAndNotCalledManipulation()
    {
        Place place;
        const pid_t child = ::fork();
        if (child == 0) {
            auto archive = place.open();
            if (!put(*archive, callOf("one", noon())))
                ::_exit(1);
            ::_exit(0); // without cleaning up
        }
        ::waitpid(child, nullptr, 0);
        for (const auto& name : filesUnder(place.root()))
            if (name.starts_with("TMP/journal/") && !name.ends_with(".lock")) {
                auto file = File::open(place.root() / pathOf(name), OpenMode::Append);
                QVERIFY((*file)->write(bytesOf("5 17730 commit half a lin")));
            }
        auto archive = place.open();
        QVERIFY(put(*archive, callOf("two", noon())));
        QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
        int journals = 0;
        for (const auto& name : filesUnder(place.root()))
            journals += name.starts_with("TMP/journal/") && !name.ends_with(".lock") ? 1 : 0;
        QCOMPARE(journals, 1);
    }

    void lostTwinLineIsWrittenAgain()
    {
        Place place;
        const pid_t child = ::fork();
        if (child == 0) {
            auto archive = place.open();
            if (!put(*archive, callOf("one", noon())))
                ::_exit(1);
            ::_exit(0);
        }
        ::waitpid(child, nullptr, 0);
        const Path twin = place.root() / pathOf(kTwinFile);
        QVERIFY((*File::open(twin, OpenMode::ReadWrite))->truncate(std::filesystem::file_size(twin) - 30));
        auto archive = place.open();
        QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
    }

    void twinLineThatFoundNoRoomIsWrittenByTheNextProgram()
    {
        Place place;
        QVERIFY(put(*place.open(), callOf("one", noon())));
        const Path twin = place.root() / pathOf(kTwinFile);
        const Path aside = Path(twin) += ".aside";
        {
            auto archive = place.open();
            std::filesystem::rename(twin, aside); // nothing can be appended to a folder
            std::filesystem::create_directory(twin);
            QVERIFY(put(*archive, callOf("two", noon())));
        }
        std::filesystem::remove(twin);
        std::filesystem::rename(aside, twin);
        auto archive = place.open();
        QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
        QCOMPARE(filesUnder(place.root() / "REC").size(), std::size_t{1}); // our own lock
    }

    void diskFailingAtAStepIsMadeGoodWithTheNextCommit()
    {
        for (int failAt = 1;; ++failAt) {
            Place place;
            int steps = -1000;
            auto archive =
                place.open(0, {[&](std::string_view) -> Status {
                               return ++steps == failAt ? Status{fail(BaseErrc::DiskFull, "test")} : Status{};
                           }});
            steps = 0;
            const auto row = put(*archive, callOf("full", noon()), true, MediaFormat::Wav, 300, 6);
            if (row) {
                QVERIFY(failAt > 4);
                break;
            }
            QVERIFY(row.error().code == BaseErrc::DiskFull);
            QVERIFY(!showsHalf(place));
            QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
            const auto again = put(*archive, callOf("full", noon()), true, MediaFormat::Wav, 300, 6);
            QVERIFY2(again || again.error().code == ArchiveErrc::Duplicate,
                     again ? "" : again.error().text().c_str());
            QVERIFY(readAll(**archive->openAudio("full"), 9999).valueOr({}) == tone(300, 6));
            QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
        }
    }

    void fileSizeLimitSaysDiskFullAndShowsNothing()
    {
        // Real refused writes: each limit hits another file first.
        for (const rlim_t limit : {200U, 700U, 1500U, 2500U, 4000U, 20'000U}) {
            Place place;
            (void)place.open();
            const pid_t child = ::fork();
            if (child == 0) {
                std::signal(SIGXFSZ, SIG_IGN);
                auto archive = place.open();
                const struct rlimit bound {
                    limit, limit
                };
                ::setrlimit(RLIMIT_FSIZE, &bound);
                const auto row = put(*archive, callOf("big", noon()), true, MediaFormat::Wav, 100'000, 1);
                ::_exit(!row && row.error().code == BaseErrc::DiskFull ? 42 : 1);
            }
            int status = 0;
            ::waitpid(child, &status, 0);
            QCOMPARE(WEXITSTATUS(status), 42);
            QVERIFY(!showsHalf(place));
            auto archive = place.open();
            QVERIFY(!archive->row("big"));
            QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
            QVERIFY(put(*archive, callOf("big", noon())));
        }
    }

    void smallCallUnderAFileSizeLimitIsCommittedOrCompletedLater()
    {
        int refused = 0;
        for (rlim_t limit = 100; limit < 4000; limit += 150) {
            Place place;
            (void)place.open();
            const pid_t child = ::fork();
            if (child == 0) {
                std::signal(SIGXFSZ, SIG_IGN);
                auto archive = place.open();
                const struct rlimit bound {
                    limit, limit
                };
                ::setrlimit(RLIMIT_FSIZE, &bound);
                const auto row = put(*archive, callOf("small", noon()), true, MediaFormat::Wav, 60, 1);
                ::_exit(row ? 0 : row.error().code == BaseErrc::DiskFull ? 42 : 1);
            }
            int status = 0;
            ::waitpid(child, &status, 0);
            QVERIFY(WEXITSTATUS(status) != 1);
            refused += WEXITSTATUS(status) == 42 ? 1 : 0;
            QVERIFY(!showsHalf(place));
            auto archive = place.open();
            const auto row = put(*archive, callOf("small", noon()), true, MediaFormat::Wav, 60, 1);
            QVERIFY(row || row.error().code == ArchiveErrc::Duplicate);
            QVERIFY(archive->checkIntegrity("small").valueOr(Integrity::Unknown) == Integrity::Original);
            QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
        }
        QVERIFY(refused > 3);
    }
};

QTEST_GUILESS_MAIN(TestCrash)
#include "tst_crash.moc"
