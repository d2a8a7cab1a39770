// SPDX-License-Identifier: GPL-3.0-or-later
// Verify: every changed octet of every file, and what was swapped, renamed, taken away or added.
#include "tests/unit/archive/archive_fixture.h"

using namespace sr;
using namespace sr::archive;
using namespace sr::archive::test;

namespace {

UtcTime noon()
{
    return UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 5)) + std::chrono::hours(11);
}

/// Two sealed recordings, two clear ones, a call without audio.
void fill(Place& place)
{
    auto archive = place.open();
    QVERIFY(put(*archive, callOf("s1", noon()), true, MediaFormat::Wav, 40, 1));
    QVERIFY(put(*archive, callOf("s2", noon()), true, MediaFormat::Mp3, 40, 2));
    QVERIFY(put(*archive, callOf("c1", noon()), false, MediaFormat::Wav, 40, 3));
    QVERIFY(put(*archive, callOf("c2", noon()), false, MediaFormat::Wav, 40, 4));
    QVERIFY(archive->commitCall(callOf("n1", noon())));
}

Path fileOf(const Place& place, const std::string& uid, const std::string& extension)
{
    return place.root() / "2026_03" / ("2026_03_05_1200_39_o_0800102_7_" + uid + "." + extension);
}

bool has(const std::vector<VerifyFinding>& findings, const std::string& kind, const Path& file)
{
    const auto name = utf8Of(file.filename());
    return std::any_of(findings.begin(), findings.end(),
                       [&](const VerifyFinding& f) { return f.kind == kind && f.file.ends_with(name); });
}

void flip(const Path& path, std::uint64_t at)
{
    auto file = File::open(path, OpenMode::ReadWrite);
    QVERIFY(file);
    Bytes octet(1);
    QVERIFY((*file)->readAt(at, octet));
    octet[0] ^= static_cast<std::byte>(1U << (at % 8));
    QVERIFY((*file)->writeAt(at, octet));
}

std::vector<VerifyFinding> findingsIn(Place& place)
{
    auto archive = place.open();
    return findingsOf(*archive);
}

} // namespace

class TestVerify : public QObject {
    Q_OBJECT
private slots:
    void soundArchiveHasNoFindings()
    {
        Place place;
        fill(place);
        auto archive = place.open(1);
        Progress silent;
        const auto report = archive->verify(silent);
        QVERIFY(report);
        QVERIFY2(report->findings.empty(), told(report->findings));
        QVERIFY(report->checked >= 13); // nine of recordings, journal, lock, twin, archive.xml, ring
    }

    void flippedOctetIsFoundByAProgramThatOpensAfterwards_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("archive.xml") << "TMP/archive.xml";
        QTest::newRow("the readable log") << "TMP/iREC_Player_log.txt";
        QTest::newRow("the sealed key ring") << "TMP/keyring.sealed";
        QTest::newRow("a journal") << "journal";
    }
    void flippedOctetIsFoundByAProgramThatOpensAfterwards()
    {
        QFETCH(QString, name);
        Place place;
        fill(place);
        std::string file = name.toStdString();
        if (file == "journal")
            for (const auto& each : filesUnder(place.root()))
                if (each.starts_with("TMP/journal/") && !each.ends_with(".lock"))
                    file = each;
        const Path path = place.root() / pathOf(file);
        const auto original = *readFile(path, 1U << 20U);
        for (std::uint64_t at = 0; at < original.size(); at += 41) {
            flip(path, at);
            auto archive = place.tryOpen(1);
            QVERIFY2(archive, archive ? "" : archive.error().text().c_str());
            const auto findings = findingsOf(**archive);
            QVERIFY2(std::any_of(findings.begin(), findings.end(),
                                 [&](const VerifyFinding& f) { return f.file == file; }),
                     (std::to_string(at) + "\n" + told(findings).text).c_str());
            flip(path, at);
        }
    }

    void cutFilesAreFound()
    {
        Place place;
        fill(place);
        for (const auto& name : filesUnder(place.root())) {
            const Path path = place.root() / pathOf(name);
            const auto original = *readFile(path, 1U << 20U);
            if (original.empty())
                continue;
            QVERIFY((*File::open(path, OpenMode::ReadWrite))->truncate(original.size() - 1));
            const auto findings = findingsIn(place);
            QVERIFY2(!findings.empty(), name.c_str());
            QVERIFY(writeFileAtomic(path, original));
        }
    }

    void journalCutAtASignatureIsFound()
    {
        Place place;
        fill(place);
        for (const auto& name : filesUnder(place.root())) {
            if (!name.starts_with("TMP/journal/") || name.ends_with(".lock"))
                continue;
            const Path path = place.root() / pathOf(name);
            const auto text = std::string(textOf(*readFile(path, 1U << 20U)));
            const auto last = text.rfind('\n', text.size() - 2);
            const auto before = text.rfind('\n', last - 1);
            QVERIFY((*File::open(path, OpenMode::ReadWrite))->truncate(before + 1));
        }
        const auto findings = findingsIn(place);
        QVERIFY2(std::any_of(findings.begin(), findings.end(),
                             [](const VerifyFinding& f) {
                                 return f.kind == "changed" && f.file.starts_with("TMP/journal/");
                             }),
                 told(findings));
    }

    void lostJournalIsFound()
    {
        Place place;
        fill(place);
        for (const auto& name : filesUnder(place.root()))
            if (name.starts_with("TMP/journal/"))
                QVERIFY(removeFile(place.root() / pathOf(name)));
        const auto findings = findingsIn(place);
        QVERIFY2(std::any_of(findings.begin(), findings.end(),
                             [](const VerifyFinding& f) {
                                 return f.kind == "missing" && f.file.starts_with("TMP/journal/");
                             }),
                 told(findings));
    }

    void foreignJournalIsFound()
    {
        Place place, other;
        fill(place);
        fill(other);
        for (const auto& name : filesUnder(other.root()))
            if (name.starts_with("TMP/journal/"))
                std::filesystem::copy_file(other.root() / pathOf(name), place.root() / pathOf(name));
        const auto findings = findingsIn(place);
        QVERIFY2(std::any_of(findings.begin(), findings.end(),
                             [](const VerifyFinding& f) { return f.kind == "unknownKey"; }),
                 told(findings));
    }

    void swappedFilesAreFound_data()
    {
        QTest::addColumn<QString>("a");
        QTest::addColumn<QString>("b");
        QTest::addColumn<QString>("extension");
        QTest::newRow("two clear sounds") << "c1"
                                          << "c2"
                                          << "wav";
        QTest::newRow("a sealed and a clear sound") << "s1"
                                                    << "c1"
                                                    << "wav";
        QTest::newRow("two sidecars") << "s1"
                                      << "s2"
                                      << "xml";
    }
    void swappedFilesAreFound()
    {
        QFETCH(QString, a);
        QFETCH(QString, b);
        QFETCH(QString, extension);
        Place place;
        fill(place);
        const auto one = fileOf(place, a.toStdString(), extension.toStdString());
        const auto two = fileOf(place, b.toStdString(), extension.toStdString());
        std::filesystem::rename(one, Path(place.root()) / "x");
        std::filesystem::rename(two, one);
        std::filesystem::rename(Path(place.root()) / "x", two);
        const auto findings = findingsIn(place);
        QVERIFY2(has(findings, "swapped", one) && has(findings, "swapped", two), told(findings));
    }

    void renamedFilesAreFound_data()
    {
        QTest::addColumn<QStringList>("extensions");
        QTest::newRow("sound alone") << QStringList{QStringLiteral("wav")};
        QTest::newRow("sidecar alone") << QStringList{QStringLiteral("xml")};
        QTest::newRow("both") << QStringList{QStringLiteral("wav"), QStringLiteral("xml")};
    }
    void renamedFilesAreFound()
    {
        QFETCH(QStringList, extensions);
        Place place;
        fill(place);
        for (const auto& uid : {"s1", "c1"}) {
            std::vector<Path> renamed;
            for (const auto& extension : extensions) {
                const auto from = fileOf(place, uid, extension.toStdString());
                const auto to = fileOf(place, std::string("other") + uid, extension.toStdString());
                std::filesystem::rename(from, to);
                renamed.push_back(to);
            }
            const auto findings = findingsIn(place);
            for (const auto& file : renamed)
                QVERIFY2(has(findings, "renamed", file), told(findings));
            QVERIFY2(std::none_of(findings.begin(), findings.end(),
                                  [](const VerifyFinding& f) { return f.kind == "missing"; }),
                     told(findings));
            for (const auto& extension : extensions)
                std::filesystem::rename(fileOf(place, std::string("other") + uid, extension.toStdString()),
                                        fileOf(place, uid, extension.toStdString()));
        }
    }

    void missingFilesAreFound()
    {
        for (const auto& extension : {"wav", "xml"}) {
            Place place;
            fill(place);
            const auto file = fileOf(place, "c1", extension);
            std::filesystem::remove(file);
            const auto findings = findingsIn(place);
            QCOMPARE(findings.size(), std::size_t{1});
            QVERIFY2(has(findings, "missing", file), told(findings));
            QCOMPARE(findings[0].uid, std::string("c1"));
        }
        Place place;
        fill(place);
        std::filesystem::remove(fileOf(place, "n1", "xml"));
        std::filesystem::remove(fileOf(place, "s1", "xml"));
        std::filesystem::remove(fileOf(place, "s1", "wav"));
        const auto findings = findingsIn(place);
        QVERIFY2(has(findings, "missing", fileOf(place, "n1", "xml")), told(findings));
        QVERIFY2(has(findings, "missing", fileOf(place, "s1", "wav")), told(findings));
    }

    void addedFilesAreFound_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("in the root") << "stray.txt";
        QTest::newRow("in TMP") << "TMP/stray";
        QTest::newRow("in REC") << "REC/stray";
        QTest::newRow("among the journals") << "TMP/journal/stray";
        QTest::newRow("a stray file in a month") << "2026_03/notes.doc";
        QTest::newRow("a sound of its own") << "2026_03/2026_03_05_1200_39_o_0800102_7_z.wav";
        QTest::newRow("a note of its own") << "2026_03/2026_03_05_1200_39_o_0800102_7_s1.txt";
        QTest::newRow("a sidecar of its own") << "2026_03/2026_03_05_1200_39_o_0800102_7_z.xml";
        QTest::newRow("a second sound of a recording") << "2026_03/2026_03_05_1200_39_o_0800102_7_s1.mp3";
    }
    void addedFilesAreFound()
    {
        QFETCH(QString, name);
        Place place;
        fill(place);
        const Path file = place.root() / pathOf(name.toStdString());
        QVERIFY(writeFileAtomic(file, tone(99, 77)));
        const auto findings = findingsIn(place);
        QVERIFY2(has(findings, "extra", file), told(findings));
    }

    void olderSidecarPutBackIsFound()
    {
        Place place;
        fill(place);
        const auto file = fileOf(place, "c1", "xml");
        const auto old = *readFile(file, 1U << 20U);
        {
            auto archive = place.open();
            QVERIFY(archive->convert(
                "c1", MediaFormat::Wav, false,
                [](const Recording& r, std::unique_ptr<ByteSource>, ByteSink& audio) -> Result<Recording> {
                    if (auto written = audio.write(tone(60, 8)); !written)
                        return written.error();
                    return r;
                }));
        }
        QVERIFY(findingsIn(place).empty());
        QVERIFY(writeFileAtomic(file, old));
        QVERIFY2(has(findingsIn(place), "changed", file), told(findingsIn(place)));
    }

    void progressCountsOctetsAndStops()
    {
        Place place;
        fill(place);
        auto archive = place.open();
        struct Watch final : Progress {
            void report(std::uint64_t done, std::uint64_t total) override
            {
                last = done;
                most = total;
                if (stopAt != 0 && done >= stopAt)
                    cancel();
            }
            std::uint64_t last = 0, most = 0, stopAt = 0;
        };
        Watch watch;
        QVERIFY(archive->verify(watch));
        QVERIFY(watch.last > 3000 && watch.most >= watch.last);
        Watch stopping;
        stopping.stopAt = 100;
        const auto stopped = archive->verify(stopping);
        QVERIFY(!stopped && stopped.error().code == BaseErrc::Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestVerify)
#include "tst_verify.moc"
