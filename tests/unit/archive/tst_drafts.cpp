// SPDX-License-Identifier: GPL-3.0-or-later
// Audio of a draft is hashed and written alike, whether it comes from the archive's room, from elsewhere or
// from both, and whether two drafts end together or each by itself.
#include "tests/unit/archive/archive_fixture.h"

using namespace sr;
using namespace sr::archive;
using namespace sr::archive::test;

namespace {

UtcTime noon()
{
    return UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 5)) + std::chrono::hours(11);
}

enum class From { Elsewhere, Room, RoomThenElsewhere, ElsewhereThenRoom };

/// `audio` in pieces of 70,000 octets.
void fill(Draft& draft, const Bytes& audio, From from)
{
    ByteSink& sink = draft.audio();
    const std::span<std::byte> room =
        from == From::Elsewhere ? std::span<std::byte>{} : sink.room(audio.size());
    const bool inPlace = room.size() == audio.size();
    if (inPlace)
        std::ranges::copy(audio, room.begin());
    const std::size_t half = audio.size() / 2;
    for (std::size_t at = 0; at < audio.size();) {
        const std::size_t count = std::min<std::size_t>(70'000, audio.size() - at);
        const bool fromRoom =
            inPlace && (from == From::Room || (from == From::RoomThenElsewhere) == (at < half));
        QVERIFY(
            sink.write(fromRoom ? ByteView(room).subspan(at, count) : ByteView(audio).subspan(at, count)));
        at += count;
    }
}

} // namespace

class TestDrafts : public QObject {
    Q_OBJECT

private slots:
    void everyWayGivesTheSame_data()
    {
        QTest::addColumn<bool>("together");
        QTest::addColumn<bool>("seal");
        QTest::newRow("each by itself, clear") << false << false;
        QTest::newRow("each by itself, sealed") << false << true;
        QTest::newRow("together, clear") << true << false;
        QTest::newRow("together, sealed") << true << true;
    }
    void everyWayGivesTheSame()
    {
        QFETCH(bool, together);
        QFETCH(bool, seal);
        const Place place;
        auto archive = place.open();
        const std::array<Bytes, 2> audio{tone(200'000, 1), tone(333'333, 2)};
        for (int way = 0; way < 16; ++way) {
            const std::array<std::string, 2> uids{"one" + std::to_string(way), "two" + std::to_string(way)};
            auto one = archive->draft(uids[0], MediaFormat::Wav, seal);
            auto two = archive->draft(uids[1], MediaFormat::Wav, seal);
            fill(**one, audio[0], static_cast<From>(way / 4));
            fill(**two, audio[1], static_cast<From>(way % 4));
            if (together)
                (*one)->finishWith(**two);
            QVERIFY((*two)->commit(callOf(uids[1], noon())));
            QVERIFY((*one)->commit(callOf(uids[0], noon())));
            QVERIFY(!(*one)->audio().write(audio[0])); // nothing goes into what has ended
            for (std::size_t i = 0; i < 2; ++i) {
                QCOMPARE(archive->recording(uids[i])->sha256, toHex(crypto::sha256(audio[i])));
                auto back = archive->openAudio(uids[i]);
                QVERIFY(back && readAll(**back, 1U << 20U).valueOr({}) == audio[i]);
            }
        }
        const auto findings = findingsOf(*archive);
        QVERIFY2(findings.empty(), told(findings));
    }

    void longRecordingsGetNoRoom()
    {
        const Place place;
        auto archive = place.open();
        auto draft = archive->draft("long", MediaFormat::Wav, false);
        QVERIFY((*draft)->audio().room(5U << 20U).empty());
        const Bytes audio = tone(5U << 20U, 3);
        auto other = archive->draft("short", MediaFormat::Wav, false);
        fill(**draft, audio, From::Room);
        fill(**other, tone(1000, 4), From::Room);
        (*draft)->finishWith(**other);
        QVERIFY((*draft)->commit(callOf("long", noon())));
        QVERIFY((*other)->commit(callOf("short", noon())));
        QCOMPARE(archive->recording("long")->sha256, toHex(crypto::sha256(audio)));
    }

    void anAbandonedOneLeavesTheOther()
    {
        const Place place;
        auto archive = place.open();
        auto kept = archive->draft("kept", MediaFormat::Wav, true);
        {
            auto gone = archive->draft("gone", MediaFormat::Wav, true);
            fill(**kept, tone(1000, 1), From::Room);
            fill(**gone, tone(1000, 2), From::Room);
            (*kept)->finishWith(**gone);
        }
        QVERIFY((*kept)->commit(callOf("kept", noon())));
        QCOMPARE(archive->count({}).valueOr(0), std::uint64_t{1});
        const auto findings = findingsOf(*archive);
        QVERIFY2(findings.empty(), told(findings));
    }
};

QTEST_GUILESS_MAIN(TestDrafts)
#include "tst_drafts.moc"
