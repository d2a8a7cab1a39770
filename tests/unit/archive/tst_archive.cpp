// SPDX-License-Identifier: GPL-3.0-or-later
// The archive as its users see it: commit, duplicates, look-ups, conversion, rotation, catalog and tree.
#include "core/crypto/sealed.h"
#include "tests/unit/archive/archive_fixture.h"

#include <atomic>
#include <future>
#include <thread>

using namespace sr;
using namespace sr::archive;
using namespace sr::archive::test;

namespace {

UtcTime noon()
{
    return UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 5)) + std::chrono::hours(11) +
           std::chrono::microseconds(123456);
}

/// Sidecars keep milliseconds.
bool isNear(UtcTime a, UtcTime b)
{
    return a - b < milliseconds(1) && b - a < milliseconds(1);
}

bool isEqual(const RecordingRow& a, const RecordingRow& b)
{
    return a.uid == b.uid && a.file == b.file && a.internal == b.internal && a.external == b.external &&
           a.internalName == b.internalName && a.direction == b.direction && a.answered == b.answered &&
           a.start == b.start && a.utcOffsetMinutes == b.utcOffsetMinutes && a.durationMs == b.durationMs &&
           a.owner == b.owner && a.tan == b.tan && a.dtmf == b.dtmf && a.format == b.format &&
           a.codecs == b.codecs && a.lostPackets == b.lostPackets && a.sealed == b.sealed &&
           a.hasSidecar == b.hasSidecar && a.fileBytes == b.fileBytes && a.fingerprint == b.fingerprint;
}

} // namespace

class TestArchive : public QObject {
    Q_OBJECT
private slots:
    void committedRecordingIsThereAsWritten_data()
    {
        QTest::addColumn<bool>("seal");
        QTest::newRow("clear") << false;
        QTest::newRow("sealed") << true;
    }
    void committedRecordingIsThereAsWritten()
    {
        QFETCH(bool, seal);
        const Place place;
        auto archive = place.open();
        QVERIFY(archive->wasCreated());
        const auto row =
            put(*archive, callOf("75c1f48e909d31188fc00903306225f", noon()), seal, MediaFormat::Wav, 200'000);
        QVERIFY2(row, row ? "" : row.error().text().c_str());
        QCOMPARE(row->file,
                 std::string("2026_03/2026_03_05_1200_39_o_0800102_7_75c1f48e909d31188fc00903306225f.wav"));
        QCOMPARE(row->dtmf, std::string("#1"));
        QCOMPARE(row->utcOffsetMinutes, 60);
        QCOMPARE(row->sealed, seal);
        const auto size = std::filesystem::file_size(place.root() / pathOf(row->file));
        QCOMPARE(row->fileBytes, size);
        auto audio = archive->openAudio(row->uid);
        QVERIFY(audio);
        QVERIFY(readAll(**audio, 1U << 20U).valueOr({}) == tone(200'000, 1));
        const auto recording = archive->recording(row->uid);
        QVERIFY2(recording, recording ? "" : recording.error().text().c_str());
        QCOMPARE(recording->internalName, std::string("Zoë & <Co>"));
        QCOMPARE(recording->insertions.size(), std::size_t{1});
        QCOMPARE(recording->pauses.size(), std::size_t{1});
        QCOMPARE(recording->pauses[0].frames, std::uint64_t{1600});
        QCOMPARE(recording->flow.size(), std::size_t{2});
        QVERIFY(archive->checkIntegrity(row->uid).valueOr(Integrity::Unknown) == Integrity::Original);
        const auto byName = archive->row(row->file);
        QVERIFY(byName && isEqual(*byName, *row));
        const auto findings = findingsOf(*archive);
        QVERIFY2(findings.empty(), told(findings));
    }

    void marksAreAddedOnceForEachParty()
    {
        const Place place;
        {
            auto archive = place.open();
            auto call = callOf("guid", noon());
            call.marks = {{noon() + seconds(3), "internal"}};
            QVERIFY(put(*archive, call, true, MediaFormat::Wav, 9000));
            QVERIFY(archive->mark("guid", {noon() + seconds(60), "internal"})); // it has one
            QCOMPARE(archive->recording("guid")->marks.size(), std::size_t{1});
            const auto row = archive->mark("guid", {noon() + seconds(90), "external"});
            QVERIFY2(row, row ? "" : row.error().text().c_str());
            QVERIFY(archive->mark("none", {}).error().code == ArchiveErrc::NotFound);
        }
        auto archive = place.open(1); // another machine
        const auto recording = archive->recording("guid");
        QVERIFY(recording);
        QCOMPARE(recording->marks.size(), std::size_t{2});
        QCOMPARE(recording->marks[0].party, std::string("internal"));
        QVERIFY(isNear(recording->marks[0].time, noon() + seconds(3)));
        QCOMPARE(recording->marks[1].party, std::string("external"));
        QVERIFY(isNear(recording->marks[1].time, noon() + seconds(90)));
        QVERIFY(readAll(**archive->openAudio("guid"), 1U << 20U).valueOr({}) == tone(9000, 1));
        QVERIFY(archive->checkIntegrity("guid").valueOr(Integrity::Unknown) == Integrity::Original);
        const auto findings = findingsOf(*archive);
        QVERIFY2(findings.empty(), told(findings));
    }

    void unansweredCallIsASidecarAlone()
    {
        const Place place;
        auto archive = place.open();
        auto call = callOf("c1", noon());
        call.finalStatus = 486;
        const auto row = archive->commitCall(call);
        QVERIFY(row);
        QVERIFY(row->file.ends_with(".xml"));
        RecordingFilter filter;
        QCOMPARE(archive->count(filter).valueOr(9), std::uint64_t{0});
        filter.unanswered = true;
        QCOMPARE(archive->count(filter).valueOr(9), std::uint64_t{1});
        QCOMPARE(archive->recording("c1")->finalStatus, 486);
        const auto again = archive->commitCall(call);
        QVERIFY(!again && again.error().code == ArchiveErrc::Duplicate);
        const auto findings = findingsOf(*archive);
        QVERIFY2(findings.empty(), told(findings));
    }

    void sameCallAgainIsADuplicateAndAnotherGetsASuffix()
    {
        const Place place;
        auto archive = place.open();
        QVERIFY(put(*archive, callOf("guid", noon())));
        const auto again = put(*archive, callOf("guid", noon()));
        QVERIFY(!again && again.error().code == ArchiveErrc::Duplicate);
        QVERIFY(archive->findDuplicate("guid", callOf("guid", noon()).fingerprint)->has_value());
        auto second = callOf("guid", noon());
        second.fingerprint = std::string(64, 'b');
        const auto row = put(*archive, second);
        QVERIFY(row);
        QCOMPARE(row->uid, std::string("guid-2"));
        // The uid stands inside the seal as well.
        auto file = File::open(place.root() / pathOf(row->file), OpenMode::Read);
        QCOMPARE(crypto::readSealedHeader(**file)->uid, std::string("guid-2"));
        QVERIFY(archive->openAudio("guid-2"));
        second.fingerprint = std::string(64, 'c');
        second.uid = "guid-2"; // counts as the second of guid
        QCOMPARE(put(*archive, second)->uid, std::string("guid-3"));
        const auto findings = findingsOf(*archive);
        QVERIFY2(findings.empty(), told(findings));
    }

    void abandonedDraftLeavesNothing()
    {
        const Place place;
        auto archive = place.open();
        const auto before = filesUnder(place.root());
        {
            auto draft = archive->draft("x", MediaFormat::Wav, true);
            QVERIFY((*draft)->audio().write(tone(100'000, 3)));
        }
        QCOMPARE(filesUnder(place.root()), before);
    }

    void repeatedHourIsToldByTheOffset()
    {
        const Place place;
        auto archive = place.open();
        // 25 October 2026, 02:30 twice: 00:30 and 01:30 UTC.
        const auto day = UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 10 / 25));
        const auto summer = put(*archive, callOf("a", day + std::chrono::minutes(30)));
        const auto winter = put(*archive, callOf("b", day + std::chrono::minutes(90)));
        QVERIFY(summer && winter);
        QVERIFY(summer->file.starts_with("2026_10/2026_10_25_0230_"));
        QVERIFY(winter->file.starts_with("2026_10/2026_10_25_0230_"));
        QCOMPARE(summer->utcOffsetMinutes, 120);
        QCOMPARE(winter->utcOffsetMinutes, 60);
        QCOMPARE(archive->recording("a")->start, day + std::chrono::minutes(30));
        QCOMPARE(archive->recording("b")->start, day + std::chrono::minutes(90));
        // 29 March 2026: 02:00 does not exist, 00:59 UTC is 01:59 and 01:00 UTC is 03:00.
        const auto spring = UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 29));
        const auto before = put(*archive, callOf("c", spring + std::chrono::minutes(59)));
        const auto after = put(*archive, callOf("d", spring + std::chrono::minutes(60)));
        QVERIFY(before->file.starts_with("2026_03/2026_03_29_0159_"));
        QVERIFY(after->file.starts_with("2026_03/2026_03_29_0300_"));
        // New year: the month folder is that of local time.
        const auto year =
            UtcTime(std::chrono::sys_days(std::chrono::year(2027) / 1 / 1)) - std::chrono::minutes(30);
        QVERIFY(put(*archive, callOf("e", year))->file.starts_with("2027_01/2027_01_01_0030_"));
        RecordingFilter oldest;
        oldest.oldestFirst = true;
        oldest.month = 10;
        oldest.year = 2026;
        const auto page = archive->page(oldest, 0, 10);
        QVERIFY(page && page->size() == 2);
        QCOMPARE((*page)[0].uid, std::string("a"));
    }

    void formerNamesStillResolve()
    {
        const Place place;
        auto archive = place.open();
        auto call = callOf("f", noon());
        call.tan = "123456";
        call.formerNames = {"2026_03_05_1200_39_o_0800102_7_f"};
        const auto row = put(*archive, call);
        QVERIFY(row && row->file.ends_with("_f_T123456.wav"));
        QCOMPARE(archive->row("2026_03/2026_03_05_1200_39_o_0800102_7_f.wav")->uid, std::string("f"));
        Progress silent;
        QCOMPARE(archive->reindex(silent).valueOr(0), std::uint64_t{1});
        QCOMPARE(archive->row("2026_03_05_1200_39_o_0800102_7_f")->uid, std::string("f"));
    }

    void reindexGivesTheSameCatalog()
    {
        const Place place;
        auto archive = place.open();
        for (int i = 0; i < 20; ++i)
            QVERIFY(put(*archive, callOf("u" + std::to_string(i), noon() + std::chrono::hours(90 * i)),
                        i % 2 == 0, i % 3 == 0 ? MediaFormat::Mp3 : MediaFormat::Wav));
        QVERIFY(archive->commitCall(callOf("none", noon())));
        const auto before = archive->page({}, 0, 100);
        Progress silent;
        QCOMPARE(archive->reindex(silent).valueOr(0), std::uint64_t{21});
        const auto after = archive->page({}, 0, 100);
        QVERIFY(before && after);
        QCOMPARE(after->size(), std::size_t{20});
        for (std::size_t i = 0; i < after->size(); ++i)
            QVERIFY(isEqual((*before)[i], (*after)[i]));
        // Another machine, which has no catalog yet, sees the same from the journals.
        auto other = place.open(1);
        const auto there = other->page({}, 0, 100);
        QCOMPARE(there->size(), std::size_t{20});
        for (std::size_t i = 0; i < there->size(); ++i)
            QVERIFY(isEqual((*before)[i], (*there)[i]));
    }

    void otherProgramsRecordingsAppear()
    {
        const Place place;
        auto one = place.open(0);
        auto two = place.open(1);
        QVERIFY(!two->wasCreated());
        QVERIFY(put(*one, callOf("first", noon())));
        QVERIFY(put(*two, callOf("second", noon() + seconds(1))));
        QVERIFY(one->catchUp() && two->catchUp());
        QVERIFY(one->row("second"));
        QVERIFY(two->row("first"));
        const auto again = put(*two, callOf("first", noon()));
        QVERIFY(!again && again.error().code == ArchiveErrc::Duplicate);
        QVERIFY2(findingsOf(*one).empty(), told(findingsOf(*one)));
    }

    void threeProgramsOfManyThreadsNeverCollide()
    {
        const Place place;
        std::vector<std::unique_ptr<Archive>> programs;
        for (int i = 0; i < 3; ++i)
            programs.push_back(place.open(i));
        std::atomic<int> committed{0}, duplicates{0}, failed{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 6; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 8; ++i) {
                    auto call = callOf("same", noon()); // one guid, eight different calls, six times each
                    call.fingerprint = std::string(63, 'a') + static_cast<char>('0' + i);
                    const auto row = put(*programs[static_cast<std::size_t>(t % 3)], call, t % 2 == 0);
                    if (row)
                        ++committed;
                    else if (row.error().code == ArchiveErrc::Duplicate)
                        ++duplicates;
                    else {
                        ++failed;
                        qWarning("%s", row.error().text().c_str());
                    }
                }
            });
        for (auto& thread : threads)
            thread.join();
        QCOMPARE(failed.load(), 0);
        QCOMPARE(committed.load(), 8);
        QCOMPARE(duplicates.load(), 40);
        QVERIFY(programs[0]->catchUp());
        QCOMPARE(programs[0]->count({}).valueOr(0), std::uint64_t{8});
        for (int i = 2; i <= 8; ++i)
            QVERIFY(programs[0]->openAudio("same-" + std::to_string(i)));
        const auto findings = findingsOf(*programs[0]);
        QVERIFY2(findings.empty(), told(findings));
    }

    void convertKeepsUidAndName()
    {
        const Place place;
        auto archive = place.open();
        const auto before = put(*archive, callOf("v", noon()), false, MediaFormat::Pcap);
        QVERIFY(before);
        const auto filler = [](const Recording& current, std::unique_ptr<ByteSource>,
                               ByteSink& audio) -> Result<Recording> {
            Recording changed = current;
            changed.coding = "mp3";
            changed.undecodablePackets = {5, 6};
            changed.lockedPackets = {3, 4};
            if (auto written = audio.write(tone(500, 9)); !written)
                return written.error();
            return changed;
        };
        const auto after = archive->convert("v", MediaFormat::Mp3, true, filler);
        QVERIFY2(after, after ? "" : after.error().text().c_str());
        QCOMPARE(after->uid, std::string("v"));
        QVERIFY(after->file.ends_with("_v.mp3") && after->sealed);
        QVERIFY(!fileExists(place.root() / pathOf(before->file)));
        QVERIFY(readAll(**archive->openAudio("v"), 9999).valueOr({}) == tone(500, 9));
        const auto recording = archive->recording("v");
        QVERIFY((recording->undecodablePackets == std::array<std::uint64_t, 2>{5, 6}));
        QVERIFY((recording->lockedPackets == std::array<std::uint64_t, 2>{3, 4}));
        // In place: the same format again, now clear.
        QVERIFY(archive->convert("v", MediaFormat::Mp3, false, filler));
        QVERIFY(!archive->row("v")->sealed);
        const auto findings = findingsOf(*archive);
        QVERIFY2(findings.empty(), told(findings));
        // A filler that fails changes nothing.
        const auto bad = archive->convert(
            "v", MediaFormat::Wav, false,
            [](const Recording&, std::unique_ptr<ByteSource>, ByteSink&) -> Result<Recording> {
                return fail(BaseErrc::Cancelled, "test");
            });
        QVERIFY(!bad && bad.error().code == BaseErrc::Cancelled);
        QVERIFY(findingsOf(*archive).empty());
    }

    void rotationRewritesTwoFieldsAndResumes()
    {
        Place place;
        std::vector<RecordingRow> rows;
        {
            auto archive = place.open();
            for (int i = 0; i < 4; ++i)
                rows.push_back(*put(*archive, callOf("r" + std::to_string(i), noon()), i != 3));
        }
        const auto former = *place.secrets.ring.active(crypto::KeyPurpose::Archive);
        const auto& fresh = place.secrets.ring.add(crypto::KeyPurpose::Archive, crypto::KeyOrigin::Rotation,
                                                   *crypto::Secret::random(), place.clock.now);
        const auto freshId = fresh.id;
        Progress silent;
        {
            int left = 3; // stops after three files, as if killed
            auto archive = place.open(0, {[&](std::string_view step) -> Status {
                                          if (step != "rewrap" || left-- > 0)
                                              return {};
                                          return fail(BaseErrc::Cancelled, "killed");
                                      }});
            QVERIFY(!archive->rotateKeys(silent));
            QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
        }
        auto archive = place.open();
        const auto changed = archive->rotateKeys(silent);
        QVERIFY(changed);
        QVERIFY(*changed > 0 && *changed < 7);
        QCOMPARE(archive->rotateKeys(silent).valueOr(9), std::uint64_t{0});
        for (int i = 0; i < 3; ++i) {
            auto file =
                File::open(place.root() / pathOf(rows[static_cast<std::size_t>(i)].file), OpenMode::Read);
            QVERIFY(crypto::readSealedHeader(**file)->keyId == freshId);
            QVERIFY(archive->openAudio("r" + std::to_string(i)));
        }
        QVERIFY(former.id != freshId);
        QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
        // The sealed ring in the archive opens it on an empty machine.
        const auto sealed = readFile(place.root() / "TMP" / "keyring.sealed", 1U << 20U);
        const auto ring = crypto::openSealedRing(*sealed, place.secrets.recoveryPassphrase);
        QVERIFY(ring && ring->find(freshId) != nullptr && ring->find(former.id) != nullptr);
    }

    void wrongKeysSaySo()
    {
        const Place place;
        const auto uid = put(*place.open(), callOf("k", noon()))->uid;
        // A stranger's ring cannot even read what archive this is.
        Place stranger;
        stranger.secrets = newSecrets(stranger.clock);
        ArchiveOptions options;
        options.configDir = stranger.config();
        const auto refused = Archive::open(place.root(), options, stranger.secrets, stranger.clock);
        QVERIFY(!refused && refused.error().code == crypto::CryptoErrc::UnknownKey);
        // One that has the integrity key, but not the archive key, sees names and no sound.
        crypto::MachineSecrets half = newSecrets(place.clock);
        const auto& integrity = *place.secrets.ring.active(crypto::KeyPurpose::Integrity);
        half.ring.add(crypto::KeyPurpose::Integrity, integrity.origin, integrity.secret, integrity.created);
        const auto opened = Archive::open(place.root(), options, half, place.clock);
        QVERIFY2(opened, opened ? "" : opened.error().text().c_str());
        const auto audio = (*opened)->openAudio(uid);
        QVERIFY(!audio && audio.error().code == crypto::CryptoErrc::UnknownKey);
        const auto findings = findingsOf(**opened);
        QVERIFY(std::any_of(findings.begin(), findings.end(),
                            [](const VerifyFinding& f) { return f.kind == "unknownKey"; }));
    }

    void callBehindAnOpenJobIsKnownToOthers()
    {
        const Place place;
        std::promise<void> reached, released;
        std::atomic<std::thread::id> slow;
        const auto first =
            place.open(0, {[&](std::string_view step) -> Status {
                           if (step == "journal" && std::this_thread::get_id() == slow.load()) {
                               reached.set_value();
                               released.get_future().wait();
                           }
                           return {};
                       }});
        const auto second = place.open(1);
        const UtcTime start = place.clock.now;
        std::thread held([&] {
            slow = std::this_thread::get_id();
            QVERIFY(put(*first, callOf("aaaa", start)));
        });
        reached.get_future().wait(); // its journal has the call, its job is open
        const auto done = put(*first, callOf("bbbb", start));
        const auto again = put(*second, callOf("bbbb", start));
        released.set_value();
        held.join();
        QVERIFY(done);
        QVERIFY(!again && again.error().code == ArchiveErrc::Duplicate);
    }

    void newerArchiveIsRefusedAndLeftAlone()
    {
        const Place place;
        (void)place.open();
        const Path file = place.root() / "TMP" / "archive.xml";
        auto text = std::string(textOf(*readFile(file, 10'000)));
        const auto at = text.find("version=\"1\"", text.find("<archive"));
        text[at + 9] = '2';
        const auto* key = place.secrets.ring.active(crypto::KeyPurpose::Integrity);
        const auto end = text.find("\">", text.find("<hmac")) + 2;
        text.replace(end, 64, toHex(crypto::hmacSha256(key->secret, bytesOf(text.substr(0, end)))));
        QVERIFY(writeFileAtomic(file, bytesOf(text)));
        const auto before = filesUnder(place.root());
        const auto opened = place.tryOpen();
        QVERIFY(!opened && opened.error().code == ArchiveErrc::NewerVersion);
        QCOMPARE(filesUnder(place.root()), before);
    }

    void loneAudioIsListedFromItsName()
    {
        const Place place;
        auto archive = place.open();
        const Path month = place.root() / "2013_06";
        QVERIFY(makeDirs(month));
        const std::string stem = "2013_06_24_1638_39_o_0800102_7_75c1f48e909d31188fc00903306225f";
        QVERIFY(writeFileAtomic(month / (stem + ".wav"), tone(50, 1)));
        Progress silent;
        QCOMPARE(archive->reindex(silent).valueOr(0), std::uint64_t{1});
        const auto row = archive->row(stem);
        QVERIFY(row && !row->hasSidecar);
        QCOMPARE(row->utcOffsetMinutes, 120);
        QVERIFY(archive->checkIntegrity(row->uid).valueOr(Integrity::Original) == Integrity::Unknown);
        const auto findings = findingsOf(*archive);
        QCOMPARE(findings.size(), std::size_t{1});
        QCOMPARE(findings[0].kind, std::string("extra"));
    }

    void treeWithoutJournalsIsIndexedOnce()
    {
        const Place place;
        const auto id = place.open()->id();
        for (int round = 0; round < 2; ++round) {
            // Another machine has no catalog yet; without a journal no position would ever end its rebuild.
            auto archive = place.open(1);
            const auto catalog = Catalog::open(place.config(1), id);
            QVERIFY(catalog && !(*catalog)->mustRebuild());
        }
        for (const auto& name : filesUnder(place.root() / "TMP" / "journal"))
            QVERIFY(removeFile(place.root() / "TMP" / "journal" / pathOf(name)));
        (void)place.open(2);
        const auto catalog = Catalog::open(place.config(2), id);
        QVERIFY(catalog && !(*catalog)->mustRebuild());
    }

    void archiveOfTheOriginalIsReadAndNeverWritten()
    {
        const Place place;
        const Path month = place.root() / "2013_06";
        QVERIFY(makeDirs(month) && makeDirs(place.root() / "TMP"));
        const auto add = [&](const std::string& stem) {
            QVERIFY(writeFileAtomic(month / (stem + ".wav"), tone(5000, 1)));
            QVERIFY(writeFileAtomic(month / (stem + ".xml"), bytesOf("<cdr guid=\"75c1\"/>")));
            QVERIFY(writeFileAtomic(month / (stem + ".txt"), bytesOf("call back")));
        };
        const std::string stem = "2013_06_24_1638_39_o_0800102_7_75c1f48e909d31188fc00903306225f";
        add(stem);
        // The original's own spelling, where a file may be called so.
        const bool windows = QSysInfo::kernelType() == QLatin1String("winnt");
        add(windows ? "2013_06_24_1640_!0_i_unknown_12_85c1f48e909d31188fc00903306225f_T123456"
                    : "2013_06_24_1640_*0_i_unknown_12_85c1f48e909d31188fc00903306225f_T123456");
        QVERIFY(writeFileAtomic(place.root() / "TMP" / "SPlayer.xml", bytesOf("\x01\x02 sealed by them")));
        const std::string theirLog = "24.06.2013 16:50 Smith PLAY " + stem + "\r\n24.06.2013 COPY";
        QVERIFY(writeFileAtomic(place.root() / pathOf(kTwinFile), bytesOf(theirLog)));
        const auto before = filesUnder(place.root());
        ArchiveOptions options;
        options.configDir = place.config();
        options.timeZone = "Europe/Rome";
        std::string id;
        {
            const auto opened = Archive::open(place.root(), options, place.secrets, place.clock);
            QVERIFY2(opened, opened ? "" : opened.error().text().c_str());
            id = (*opened)->id();
            QCOMPARE((*opened)->count({}).valueOr(0), std::uint64_t{2});
            const auto row = (*opened)->row(stem + ".wav");
            QVERIFY(row && !row->hasSidecar && row->internal == "39" && row->answerSeconds == 7);
            QCOMPARE(row->utcOffsetMinutes, 120);
            QVERIFY((*opened)->checkIntegrity(row->uid).valueOr(Integrity::Original) == Integrity::Unknown);
            const auto audio = (*opened)->openAudio(row->uid);
            QVERIFY(audio && readAll(**audio, 1U << 20U).valueOr({}) == tone(5000, 1));
            const auto refused = put(**opened, callOf("new", noon()));
            QVERIFY(!refused && refused.error().code == BaseErrc::Denied);
            const auto findings = findingsOf(**opened);
            QCOMPARE(findings.size(), std::size_t{8}); // two of three files each, the log, the password
            for (const auto& finding : findings)
                QCOMPARE(finding.kind, std::string("extra"));
        }
        QCOMPARE(filesUnder(place.root()), before);
        // The original goes on recording: thirty more, told in one sentence, seen at the next opening.
        for (int i = 10; i < 40; ++i)
            add("2013_06_25_16" + std::to_string(i) + "_39_i_0800102_7_" + std::to_string(i));
        {
            const auto opened = Archive::open(place.root(), options, place.secrets, place.clock);
            QVERIFY(opened);
            QCOMPARE((*opened)->id(), id);
            QCOMPARE((*opened)->count({}).valueOr(0), std::uint64_t{32});
            const auto findings = findingsOf(**opened);
            QCOMPARE(findings.size(), std::size_t{3});
            QVERIFY2(std::any_of(findings.begin(), findings.end(),
                                 [](const VerifyFinding& f) {
                                     return f.file == "2013_06" && f.detail.starts_with("96 files");
                                 }),
                     told(findings));
        }
        // Taken over: what was there stays listed, new calls join, their log keeps its lines.
        auto archive = place.open();
        QVERIFY(archive->wasCreated());
        QVERIFY(put(*archive, callOf("new", noon())));
        QCOMPARE(archive->count({}).valueOr(0), std::uint64_t{33});
        const auto log = readFile(place.root() / pathOf(kTwinFile), 1U << 20U);
        QVERIFY(log && std::string(textOf(*log)).starts_with(theirLog + "\n"));
        const auto findings = findingsOf(*archive);
        QVERIFY2(findings.size() == 3, told(findings));
        for (const auto& finding : findings)
            QCOMPARE(finding.kind, std::string("extra"));
    }

    void folderThatIsNoArchiveIsRefused()
    {
        const Place place;
        ArchiveOptions options;
        options.configDir = place.config();
        const auto opened = Archive::open(place.root(), options, place.secrets, place.clock);
        QVERIFY(!opened && opened.error().code == ArchiveErrc::NotAnArchive);
        QVERIFY(!fileExists(place.root()));
    }
};

QTEST_GUILESS_MAIN(TestArchive)
#include "tst_archive.moc"
