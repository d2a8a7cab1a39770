// SPDX-License-Identifier: GPL-3.0-or-later
// Verify finds every single changed octet of every file of an archive: one in 13 of them, or each with
// SR_EVERY_OCTET=1 (./test --full).
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

void flip(const Path& path, std::uint64_t at)
{
    auto file = File::open(path, OpenMode::ReadWrite);
    QVERIFY(file);
    Bytes octet(1);
    QVERIFY((*file)->readAt(at, octet));
    octet[0] ^= static_cast<std::byte>(1U << (at % 8));
    QVERIFY((*file)->writeAt(at, octet));
}

} // namespace

class TestVerifyFlips : public QObject {
    Q_OBJECT
private slots:
    void everyFlippedOctetIsFound()
    {
        Place place;
        fill(place);
        auto archive = place.open();
        const auto files = filesUnder(place.root());
        std::uint64_t flips = 0, octets = 0;
        const std::uint64_t step = qEnvironmentVariableIntValue("SR_EVERY_OCTET") != 0 ? 1 : 13;
        for (const auto& name : files) {
            if (name.starts_with("REC/"))
                continue;
            const Path path = place.root() / pathOf(name);
            const auto size = std::filesystem::file_size(path);
            octets += size;
            for (std::uint64_t at = octets % step; at < size; at += step) { // another start in every file
                flip(path, at);
                const auto findings = findingsOf(*archive);
                QVERIFY2(!findings.empty(), (name + " octet " + std::to_string(at)).c_str());
                QVERIFY2(findings[0].kind != "error", told(findings));
                QVERIFY2(std::any_of(findings.begin(), findings.end(),
                                     [&](const VerifyFinding& f) { return f.file == name; }),
                         (name + " octet " + std::to_string(at) + "\n" + told(findings).text).c_str());
                flip(path, at);
                ++flips;
            }
        }
        QVERIFY(octets > 5000 && flips * (step + 1) > octets);
        QVERIFY2(findingsOf(*archive).empty(), told(findingsOf(*archive)));
    }
};

QTEST_GUILESS_MAIN(TestVerifyFlips)
#include "tst_verify_flips.moc"
