// SPDX-License-Identifier: GPL-3.0-or-later
// What is converted was proven before: a changed recording stays as it is and goes on being found.
#include "tests/unit/archive/archive_fixture.h"

using namespace sr;
using namespace sr::archive;
using namespace sr::archive::test;

namespace {

constexpr std::size_t kBytes = 3000;

UtcTime noon()
{
    return UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 5)) + std::chrono::hours(11);
}

Path fileOf(const Place& place, const std::string& uid, const std::string& extension)
{
    return place.root() / "2026_03" / ("2026_03_05_1200_39_o_0800102_7_" + uid + "." + extension);
}

Bytes contentOf(const Path& path)
{
    return *readFile(path, 1U << 20U);
}

void overwrite(const Path& path, const Bytes& bytes)
{
    QVERIFY(writeFileAtomic(path, bytes));
}

Result<RecordingRow> toMp3(Archive& archive, const std::string& uid)
{
    return archive.convert(
        uid, MediaFormat::Mp3, false,
        [](const Recording& r, std::unique_ptr<ByteSource> clear, ByteSink& audio) -> Result<Recording> {
            const auto all = readAll(*clear, 1U << 20U);
            if (!all)
                return all.error();
            if (auto written = audio.write(*all); !written)
                return written.error();
            return r;
        });
}

using Tamper = std::function<void(const Place&)>;

Tamper onAudio(const std::string& uid, const std::function<void(Bytes&)>& change)
{
    return [=](const Place& place) {
        Bytes bytes = contentOf(fileOf(place, uid, "wav"));
        change(bytes);
        overwrite(fileOf(place, uid, "wav"), bytes);
    };
}

void flipMiddle(Bytes& bytes)
{
    bytes[bytes.size() / 2] ^= std::byte{0x55};
}

} // namespace
Q_DECLARE_METATYPE(Tamper)

class TestConvertProof : public QObject {
    Q_OBJECT
private slots:
    void aChangedRecordingIsNotConverted_data()
    {
        QTest::addColumn<QString>("uid");
        QTest::addColumn<Tamper>("tamper");
        QTest::newRow("a clear octet") << "c1" << onAudio("c1", flipMiddle);
        QTest::newRow("a sealed octet") << "s1" << onAudio("s1", flipMiddle);
        QTest::newRow("two blocks change places") << "c1" << onAudio("c1", [](Bytes& b) {
            std::swap_ranges(b.begin() + 100, b.begin() + 600, b.begin() + 1200);
        });
        QTest::newRow("octets appended") << "c1" << onAudio("c1", [](Bytes& b) { b.resize(b.size() + 160); });
        QTest::newRow("cut") << "c1" << onAudio("c1", [](Bytes& b) { b.resize(b.size() - 160); });
        QTest::newRow("empty") << "c1" << onAudio("c1", [](Bytes& b) { b.clear(); });
        QTest::newRow("another recording's audio") << "c1" << Tamper([](const Place& place) {
            overwrite(fileOf(place, "c1", "wav"), contentOf(fileOf(place, "c2", "wav")));
        });
        QTest::newRow("another recording's sealed audio") << "s1" << Tamper([](const Place& place) {
            overwrite(fileOf(place, "s1", "wav"), contentOf(fileOf(place, "s2", "wav")));
        });
        QTest::newRow("no longer sealed")
            << "s1"
            << Tamper([](const Place& place) { overwrite(fileOf(place, "s1", "wav"), tone(kBytes, 3)); });
        QTest::newRow("another recording's sidecar and audio") << "c1" << Tamper([](const Place& place) {
            for (const char* extension : {"wav", "xml"})
                overwrite(fileOf(place, "c1", extension), contentOf(fileOf(place, "c2", extension)));
        });
        QTest::newRow("the sidecar") << "c1" << Tamper([](const Place& place) {
            Bytes bytes = contentOf(fileOf(place, "c1", "xml"));
            flipMiddle(bytes);
            overwrite(fileOf(place, "c1", "xml"), bytes);
        });
        QTest::newRow("no audio") << "c1" << Tamper([](const Place& place) {
            QVERIFY(removeFile(fileOf(place, "c1", "wav")));
        });
        QTest::newRow("no sidecar") << "c1" << Tamper([](const Place& place) {
            QVERIFY(removeFile(fileOf(place, "c1", "xml")));
        });
    }
    void aChangedRecordingIsNotConverted()
    {
        QFETCH(QString, uid);
        QFETCH(Tamper, tamper);
        const Place place;
        auto archive = place.open();
        unsigned seed = 1;
        for (const char* each : {"c1", "c2", "s1", "s2"})
            QVERIFY(put(*archive, callOf(each, noon()), *each == 's', MediaFormat::Wav, kBytes, seed++));
        tamper(place);
        const auto before = filesUnder(place.root() / "2026_03");
        const auto findings = findingsOf(*archive);
        QVERIFY(!findings.empty());
        const auto converted = toMp3(*archive, uid.toStdString());
        QVERIFY(!converted);
        const auto& error = converted.error();
        QVERIFY2(error.code == ArchiveErrc::Altered || error.code == crypto::CryptoErrc::Altered,
                 error.text().c_str());
        QVERIFY2(error.text().find("_" + uid.toStdString() + ".") != std::string::npos, error.text().c_str());
        QCOMPARE(filesUnder(place.root() / "2026_03"), before);
        QCOMPARE(findingsOf(*archive).size(), findings.size());
        QVERIFY(toMp3(*archive, "c2")); // the others go on
        QVERIFY(toMp3(*archive, "s2"));
    }

    void anOlderRevisionPutBackIsNotConverted()
    {
        const Place place;
        const auto old = [&] {
            auto archive = place.open();
            const auto row = put(*archive, callOf("c1", noon()), false, MediaFormat::Mp3, kBytes);
            const auto files =
                std::pair(contentOf(fileOf(place, "c1", "mp3")), contentOf(fileOf(place, "c1", "xml")));
            if (!row || !toMp3(*archive, "c1"))
                qFatal("prepare");
            return files;
        }();
        overwrite(fileOf(place, "c1", "mp3"), old.first);
        overwrite(fileOf(place, "c1", "xml"), old.second);
        auto archive = place.open();
        const auto converted = toMp3(*archive, "c1");
        QVERIFY(!converted && converted.error().code == ArchiveErrc::Altered);
        QVERIFY(!findingsOf(*archive).empty());
    }

    void whatIsSoundIsConvertedAgainAndAgain()
    {
        const Place place;
        auto archive = place.open();
        QVERIFY(put(*archive, callOf("c1", noon()), false, MediaFormat::Wav, 0));
        QVERIFY(put(*archive, callOf("s1", noon()), true, MediaFormat::Wav, kBytes));
        for (int round = 0; round < 3; ++round)
            for (const char* uid : {"c1", "s1"}) {
                const auto converted = toMp3(*archive, uid);
                QVERIFY2(converted, converted ? "" : converted.error().text().c_str());
            }
        QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
    }

    void aLoneFileSaysWhatItLacks()
    {
        const Place place;
        auto archive = place.open();
        QVERIFY(makeDirs(place.root() / "2026_03"));
        overwrite(fileOf(place, "lone", "wav"), tone(50, 1));
        Progress silent;
        QVERIFY(archive->reindex(silent));
        const auto converted = toMp3(*archive, "lone");
        QVERIFY(!converted && converted.error().code == BaseErrc::NotFound);
        QVERIFY2(converted.error().text().find("stays as it is") != std::string::npos,
                 converted.error().text().c_str());
    }
};

QTEST_GUILESS_MAIN(TestConvertProof)
#include "tst_convert_proof.moc"
