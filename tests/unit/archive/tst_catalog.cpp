// SPDX-License-Identifier: GPL-3.0-or-later
// The catalog against a brute-force model: pages, order, offsets and counts under random filters and changes;
// then look-ups, rebuild, damage and several users at once.
#include "core/archive/catalog.h"
#include "core/archive/catalog_key.h"
#include "tests/unit/archive/catalog_model.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <fstream>
#include <thread>

using namespace sr;
using namespace sr::archive;
using namespace sr::test;

namespace {

const std::string kId = "0123456789abcdef0123456789abcdef";

std::unique_ptr<Catalog> openIn(const QTemporaryDir& dir)
{
    auto catalog = Catalog::open(pathOf(dir.path().toStdString()), kId);
    if (!catalog)
        qFatal("%s", catalog.error().text().c_str());
    return std::move(*catalog);
}

Path fileIn(const QTemporaryDir& dir, const std::string& ending = "")
{
    return pathOf(dir.path().toStdString()) / "catalog" / pathOf(kId + ".sqlite" + ending);
}

Status addRows(Catalog& catalog, const std::vector<RecordingRow>& rows)
{
    Catalog::Batch batch;
    batch.upserts = rows;
    return catalog.apply(batch);
}

std::string words(const RecordingFilter& f)
{
    return "date " + std::to_string(f.year) + "-" + std::to_string(f.month) + "-" + std::to_string(f.day) +
           " int '" + f.internal + "' ext '" + f.external + "' owner '" + f.owner + "' tan '" + f.tan +
           "' dir " + (f.direction ? std::to_string(static_cast<int>(*f.direction)) : "-") + " format " +
           (f.format ? std::to_string(static_cast<int>(*f.format)) : "-") + (f.oldestFirst ? " oldest" : "") +
           (f.unanswered ? " unanswered" : "");
}

bool sameRow(const RecordingRow& a, const RecordingRow& b)
{
    return a.uid == b.uid && a.file == b.file && a.internal == b.internal && a.external == b.external &&
           a.internalName == b.internalName && a.externalName == b.externalName &&
           a.direction == b.direction && a.answered == b.answered && a.start == b.start &&
           a.utcOffsetMinutes == b.utcOffsetMinutes && a.answerSeconds == b.answerSeconds &&
           a.durationMs == b.durationMs && a.owner == b.owner && a.tan == b.tan && a.dtmf == b.dtmf &&
           a.format == b.format && a.codecs == b.codecs && a.lostPackets == b.lostPackets &&
           a.sealed == b.sealed && a.hasSidecar == b.hasSidecar && a.fileBytes == b.fileBytes &&
           a.fingerprint == b.fingerprint;
}

/// Empty, or what is wrong with this page.
std::string wrongPage(Catalog& catalog, const RowList& list, const RecordingFilter& filter,
                      std::uint64_t offset, std::uint64_t limit)
{
    const auto page = catalog.page(filter, offset, limit);
    const std::string where = words(filter) + " page " + std::to_string(offset) + "+" + std::to_string(limit);
    if (!page)
        return where + ": " + page.error().text();
    const std::size_t begin = std::min<std::size_t>(offset, list.size());
    const std::size_t end = begin + std::min<std::size_t>(limit, list.size() - begin);
    if (page->size() != end - begin)
        return where + ": " + std::to_string(page->size()) + " rows, expected " + std::to_string(end - begin);
    for (std::size_t i = 0; i < page->size(); ++i)
        if (!sameRow((*page)[i], *list[begin + i]))
            return where + ": row " + std::to_string(i) + " is another one";
    return {};
}

/// Compares pages and count under `rounds` random filters; in random order, so that the memory of earlier
/// answers is used and not used.
std::string wrongAnswer(Catalog& catalog, const std::vector<RecordingRow>& rows, RowMaker& maker, int rounds)
{
    for (int round = 0; round < rounds; ++round) {
        const RecordingFilter filter = maker.filter(rows);
        const auto list = listOf(rows, filter);
        for (int step = 0; step < 5; ++step) {
            if (maker.below(3) == 0) {
                const auto count = catalog.count(filter);
                if (!count || *count != list.size())
                    return words(filter) + ": count " +
                           (count ? std::to_string(*count) : count.error().text()) + ", expected " +
                           std::to_string(list.size());
            }
            const auto offset = static_cast<std::uint64_t>(maker.below(static_cast<int>(list.size()) + 10));
            if (auto wrong =
                    wrongPage(catalog, list, filter, offset, static_cast<std::uint64_t>(maker.below(60)));
                !wrong.empty())
                return wrong;
        }
    }
    return {};
}

} // namespace

class TestCatalog : public QObject {
    Q_OBJECT

private slots:
    void answersLikeTheModel_data();
    void answersLikeTheModel();
    void changesKeepListsAndCountsRight();
    void fiftyThousandRowsScrolled();
    void tiesAreOrderedByUid();
    void crowdWithinOneMillisecondKeepsItsOrder();
    void patterns_data();
    void patterns();
    void monthsFollowTheLocalDate();
    void extremeTimesAreKept();
    void uidGuidAndFileAreFound();
    void formerNamesLeadToTheRecording();
    void positionsAndRebuildFlag();
    void rowWithoutUidIsRefusedWhole();
    void overlongPatternIsRefused();
    void hostileArchiveIdIsRefused();
    void newerFileIsSetAsideInWords();
    void unreadableFileIsSetAside_data();
    void unreadableFileIsSetAside();
    void damageFoundLaterIsSetAsideAtTheNextStart();
    void otherProgramsChangesAreSeen();
    void readersAndWritersTogether();
};

void TestCatalog::answersLikeTheModel_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 4; ++seed)
        QTest::addRow("rows and filters of seed %u", seed) << seed;
}

void TestCatalog::answersLikeTheModel()
{
    QFETCH(const unsigned, seed);
    QTemporaryDir dir;
    const auto catalog = openIn(dir);
    RowMaker maker(seed);
    std::vector<RecordingRow> rows;
    for (int i = 0; i < 2000; ++i)
        rows.push_back(maker.row());
    QVERIFY(addRows(*catalog, rows));
    const auto wrong = wrongAnswer(*catalog, rows, maker, 120);
    QVERIFY2(wrong.empty(), wrong.c_str());
}

void TestCatalog::changesKeepListsAndCountsRight()
{
    QTemporaryDir dir;
    const auto catalog = openIn(dir);
    RowMaker maker(77);
    std::vector<RecordingRow> rows;
    for (int i = 0; i < 600; ++i)
        rows.push_back(maker.row());
    QVERIFY(addRows(*catalog, rows));
    for (int round = 0; round < 30; ++round) {
        Catalog::Batch batch;
        for (int i = 0; i < 20; ++i) {
            auto& row = rows[static_cast<std::size_t>(maker.below(static_cast<int>(rows.size())))];
            auto changed = maker.row(); // other times, other list, other everything
            if (maker.below(2) == 0) {
                changed.start = row.start;
                changed.answered = row.answered;
            }
            changed.uid = row.uid;
            row = changed;
            batch.upserts.push_back(changed);
        }
        for (int i = 0; i < 5; ++i) {
            const auto at = rows.begin() + maker.below(static_cast<int>(rows.size()));
            batch.removals.push_back(at->uid);
            std::erase_if(batch.upserts, [&](const auto& row) { return row.uid == at->uid; });
            rows.erase(at);
        }
        for (int i = 0; i < 5; ++i) {
            rows.push_back(maker.row());
            batch.upserts.push_back(rows.back());
        }
        batch.removals.push_back("nobody");
        QVERIFY(catalog->apply(batch));
        const auto wrong = wrongAnswer(*catalog, rows, maker, 12);
        QVERIFY2(wrong.empty(), wrong.c_str());
    }
}

void TestCatalog::fiftyThousandRowsScrolled()
{
    constexpr int kRows = 50'000;
    QTemporaryDir dir;
    const auto catalog = openIn(dir);
    RowMaker maker(5);
    std::vector<RecordingRow> rows;
    rows.reserve(kRows);
    for (int i = 0; i < kRows; ++i)
        rows.push_back(maker.row());
    QVERIFY(addRows(*catalog, rows));
    RecordingFilter all, month, out, prefix;
    month.year = 2022;
    month.month = 5;
    out.direction = CallDirection::Out;
    out.oldestFirst = true;
    prefix.external = "0703";
    for (const auto& filter : {all, month, out, prefix}) {
        const auto list = listOf(rows, filter);
        for (int step = 0; step < 12; ++step) {
            const auto offset =
                step == 3 ? list.size() - 50 : std::size_t(maker.below(static_cast<int>(list.size())));
            if (step == 6)
                QCOMPARE(catalog->count(filter).valueOr(0), list.size());
            for (const std::size_t next : {offset, offset + 100}) {
                const auto wrong = wrongPage(*catalog, list, filter, next, 100);
                QVERIFY2(wrong.empty(), wrong.c_str());
            }
        }
    }
    const auto everything = catalog->page(all, 0, UINT64_MAX);
    QVERIFY(everything);
    QCOMPARE(everything->size(), listOf(rows, all).size());
}

void TestCatalog::tiesAreOrderedByUid()
{
    QTemporaryDir dir;
    const auto catalog = openIn(dir);
    RowMaker maker(9);
    std::vector<RecordingRow> rows;
    const RecordingRow pattern = maker.row();
    for (const char* uid : {"m", "a", "z", "b", "y", "k-2", "k", "k-10"}) {
        rows.push_back(pattern);
        rows.back().uid = uid;
        QVERIFY(addRows(*catalog, {rows.back()}));
    }
    for (const bool oldestFirst : {false, true}) {
        RecordingFilter filter;
        filter.unanswered = !pattern.answered;
        filter.oldestFirst = oldestFirst;
        const auto wrong = wrongPage(*catalog, listOf(rows, filter), filter, 0, 100);
        QVERIFY2(wrong.empty(), wrong.c_str());
    }
}

void TestCatalog::crowdWithinOneMillisecondKeepsItsOrder()
{
    // Names without sidecar have minutes only, so crowds are real; rising and falling uids use up the gaps.
    QTemporaryDir dir;
    const auto catalog = openIn(dir);
    RowMaker maker(11);
    std::vector<RecordingRow> rows;
    const UtcTime start = maker.moment();
    for (int i = 0; i < 1200; ++i) {
        auto row = maker.row();
        row.answered = i % 5 != 0;
        row.start = start + microseconds(i % 7 == 0 ? maker.below(3) : 0);
        char uid[16];
        std::snprintf(uid, sizeof uid, "%05d",
                      i % 2 == 0 ? i : (i % 3 == 0 ? 50'000 - i : maker.below(99'999)));
        row.uid = std::string(uid) + "x" + std::to_string(i);
        rows.push_back(row);
    }
    QVERIFY(addRows(*catalog, rows));
    for (const bool unanswered : {false, true}) {
        RecordingFilter filter;
        filter.unanswered = unanswered;
        const auto wrong = wrongPage(*catalog, listOf(rows, filter), filter, 0, 5000);
        QVERIFY2(wrong.empty(), wrong.c_str());
    }
}

void TestCatalog::patterns_data()
{
    QTest::addColumn<QString>("internal");
    QTest::addColumn<QString>("external");
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<bool>("found");
    const auto row = [](const char* name, const char* internal, const char* external, const char* pattern,
                        bool found) {
        QTest::newRow(name) << QString::fromUtf8(internal) << QString::fromUtf8(external)
                            << QString::fromUtf8(pattern) << found;
    };
    row("external begins with the number", "", "07031730", "0703", true);
    row("external does not begin with it", "", "17031730", "0703", false);
    row("external inner character, then anything", "", "07035730999", "0703?730", true);
    row("external leading star", "", "0049123", "*123", true);
    row("external inner run", "", "990703573012", "*0703?730*", true);
    row("external inner run without its character", "", "99070373012", "*0703?730*", false);
    row("external pattern longer than the number", "", "07", "07?", false);
    row("internal exact", "361", "", "361", true);
    row("internal exact is not a prefix", "361", "", "36", false);
    row("internal star", "361", "", "3*", true);
    row("internal question marks", "346", "", "3?6", true);
    row("internal question mark is one character only", "36", "", "3?6", false);
    row("internal question mark is one letter, not one octet", "Zoë", "", "Zo?", true);
    row("brackets are themselves", "", "a[bc]d", "a[bc]", true);
    row("brackets are no set of characters", "", "ab", "a[bc]", false);
    row("brackets beside wildcards", "", "a[bc]d", "*[bc]?", true);
    row("caret and closing bracket are themselves", "", "x^]y", "?^]", true);
    row("per cent and underline are themselves", "", "1%_", "?%_", true);
    row("per cent is no wildcard", "", "123", "1%", false);
    row("letters keep their case", "Anna", "", "anna", false);
    row("many stars end quickly", "", "11111111111111111111111111111", "*1*1*1*1*1*1*1*1*1*1*1*1*1*1*2",
        false);
}

void TestCatalog::patterns()
{
    QFETCH(const QString, internal);
    QFETCH(const QString, external);
    QFETCH(const QString, pattern);
    QFETCH(const bool, found);
    QTemporaryDir dir;
    const auto catalog = openIn(dir);
    RecordingRow row = RowMaker(1).row();
    row.answered = true;
    row.internal = internal.toStdString();
    row.external = external.toStdString();
    row.owner = row.internal;
    QVERIFY(addRows(*catalog, {row}));
    RecordingFilter filter;
    (internal.isEmpty() ? filter.external : filter.internal) = pattern.toStdString();
    QCOMPARE(catalog->count(filter).valueOr(99), found ? 1U : 0U);
    QCOMPARE(catalog->page(filter, 0, 10)->size(), found ? 1U : 0U);
    if (!internal.isEmpty()) {
        filter.owner = std::exchange(filter.internal, {});
        QCOMPARE(catalog->count(filter).valueOr(99), found ? 1U : 0U);
    }
}

void TestCatalog::monthsFollowTheLocalDate()
{
    QTemporaryDir dir;
    const auto catalog = openIn(dir);
    RecordingRow row = RowMaker(1).row();
    row.answered = true;
    // 31 December, half past eleven at night in UTC, is 1 January in Rome.
    row.start = std::chrono::sys_days(std::chrono::year(2024) / 12 / 31) + std::chrono::minutes(23 * 60 + 30);
    row.utcOffsetMinutes = 60;
    QVERIFY(addRows(*catalog, {row}));
    using Months = std::vector<std::pair<int, int>>;
    QCOMPARE(*catalog->months(), Months({{2025, 1}}));
    RecordingFilter filter;
    filter.year = 2024;
    QCOMPARE(*catalog->count(filter), 0U);
    filter.year = 2025;
    filter.month = 1;
    filter.day = 1;
    QCOMPARE(catalog->page(filter, 0, 5)->size(), 1U);
    row.uid = "second";
    row.start -= std::chrono::days(40);
    QVERIFY(addRows(*catalog, {row}));
    QCOMPARE(*catalog->months(), Months({{2025, 1}, {2024, 11}}));
    Catalog::Batch batch;
    batch.removals = {"second"};
    QVERIFY(catalog->apply(batch));
    QCOMPARE(*catalog->months(), Months({{2025, 1}}));
}

void TestCatalog::extremeTimesAreKept()
{
    QTemporaryDir dir;
    const auto catalog = openIn(dir);
    std::vector<RecordingRow> rows;
    RowMaker maker(3);
    for (const std::int64_t us : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX}) {
        rows.push_back(maker.row());
        rows.back().answered = true;
        rows.back().utcOffsetMinutes = us > 0 ? INT32_MAX : INT32_MIN;
        rows.back().start = UtcTime(microseconds(us));
        QVERIFY(addRows(*catalog, {rows.back()}));
    }
    const auto page = catalog->page({}, 0, 10);
    QVERIFY(page);
    QCOMPARE(page->size(), 4U);
    for (std::size_t i = 0; i < 4; ++i)
        QVERIFY(sameRow((*page)[i], rows[3 - i]));
    RecordingFilter filter;
    for (const int year : {1969, 1970, 2109, 2200, -1, INT32_MAX}) {
        filter.year = year;
        const auto listed = catalog->page(filter, 0, 10);
        QVERIFY(listed);
        QCOMPARE(*catalog->count(filter), listed->size());
    }
}

void TestCatalog::uidGuidAndFileAreFound()
{
    QTemporaryDir dir;
    const auto catalog = openIn(dir);
    RowMaker maker(2);
    const std::string guid = maker.uid();
    std::vector<RecordingRow> rows;
    for (const char* ending : {"-10", "", "-2", "-x", "-02", "0", "-2-2"}) {
        rows.push_back(maker.row());
        rows.back().uid = guid + ending;
    }
    QVERIFY(addRows(*catalog, rows));
    const auto family = catalog->byGuid(guid);
    QVERIFY(family);
    QCOMPARE(family->size(), 3U);
    QCOMPARE((*family)[0].uid, guid);
    QCOMPARE((*family)[1].uid, guid + "-2");
    QCOMPARE((*family)[2].uid, guid + "-10");
    QVERIFY(sameRow(**catalog->byUid(guid), rows[1]));
    QVERIFY(!catalog->byUid("nobody")->has_value());
    for (const std::string& name :
         {"2024_01_02_0304_39_i_0703_1_" + guid, "2024_01_02_0304_39_i_0703_1_" + guid + "_T123456",
          "2024_01_02_0304_39.o.024_1_" + guid, "2024_01/anything_" + guid + ".wav",
          "C:\\x\\y_" + guid + "_T000000.xml", guid}) {
        const auto row = catalog->byFile(name);
        QVERIFY(row && *row);
        QCOMPARE((*row)->uid, guid);
    }
    for (const std::string& name :
         {std::string(), std::string("_"), "x_" + guid + "_T12345", "x_" + guid + "_", guid + "_T1234567"})
        QVERIFY(!catalog->byFile(name)->has_value());
}

void TestCatalog::formerNamesLeadToTheRecording()
{
    QTemporaryDir dir;
    const auto catalog = openIn(dir);
    const RecordingRow row = RowMaker(2).row();
    Catalog::Batch batch;
    batch.upserts = {row};
    batch.formerNames = {{"2024_01_02_0304_39_i_0703_1_olduid", row.uid}};
    QVERIFY(catalog->apply(batch));
    const auto found = catalog->byFile("2024_01_02_0304_39_i_0703_1_olduid");
    QVERIFY(found && *found);
    QCOMPARE((*found)->uid, row.uid);
    Catalog::Batch removal;
    removal.removals = {row.uid};
    QVERIFY(catalog->apply(removal));
    QVERIFY(!catalog->byFile("2024_01_02_0304_39_i_0703_1_olduid")->has_value());
}

void TestCatalog::positionsAndRebuildFlag()
{
    QTemporaryDir dir;
    auto catalog = openIn(dir);
    QVERIFY(catalog->mustRebuild()); // nobody filled it yet
    QVERIFY(catalog->notice().empty());
    RowMaker maker(2);
    QVERIFY(addRows(*catalog, {maker.row()}));
    catalog = openIn(dir);
    QVERIFY(catalog->mustRebuild()); // a rebuild that was interrupted
    Catalog::Batch last;
    last.positions = {{"writer-a", 100}, {"writer-b", 7}};
    QVERIFY(catalog->apply(last));
    QVERIFY(!catalog->mustRebuild());
    last.positions = {{"writer-a", 250}};
    QVERIFY(catalog->apply(last));
    catalog = openIn(dir);
    QVERIFY(!catalog->mustRebuild());
    QCOMPARE(*catalog->positions(), JournalPositions({{"writer-a", 250}, {"writer-b", 7}}));
    const auto follower = openIn(dir);
    QVERIFY(catalog->clear());
    QVERIFY(catalog->mustRebuild());
    QVERIFY(follower->apply(last)); // goes on following its journal meanwhile
    QVERIFY(openIn(dir)->mustRebuild());
    QVERIFY(catalog->clear());
    QVERIFY(catalog->positions()->empty());
    QCOMPARE(*catalog->count({}), 0U);
    QVERIFY(catalog->months()->empty());
    Catalog::Batch empty;
    empty.complete = true; // an archive without journals
    QVERIFY(catalog->apply(empty));
    QVERIFY(!openIn(dir)->mustRebuild());
}

void TestCatalog::rowWithoutUidIsRefusedWhole()
{
    QTemporaryDir dir;
    const auto catalog = openIn(dir);
    RowMaker maker(2);
    auto nameless = maker.row();
    nameless.uid.clear();
    const auto refused = addRows(*catalog, {maker.row(), nameless});
    QVERIFY(!refused);
    QVERIFY(refused.error().code == BaseErrc::Malformed);
    RecordingFilter unanswered;
    unanswered.unanswered = true;
    QCOMPARE(*catalog->count({}) + *catalog->count(unanswered), 0U);
}

void TestCatalog::overlongPatternIsRefused()
{
    QTemporaryDir dir;
    const auto catalog = openIn(dir);
    RecordingFilter filter;
    filter.external = std::string(257, '?');
    const auto page = catalog->page(filter, 0, 1);
    QVERIFY(!page);
    QVERIFY(page.error().code == BaseErrc::TooLarge);
    QVERIFY(!catalog->count(filter));
}

void TestCatalog::hostileArchiveIdIsRefused()
{
    QTemporaryDir dir;
    for (const char* id : {"", "../x", "a/b", "a.b", "con\n"}) {
        const auto opened = Catalog::open(pathOf(dir.path().toStdString()), id);
        QVERIFY(!opened);
        QVERIFY(opened.error().code == BaseErrc::Malformed);
    }
}

void TestCatalog::newerFileIsSetAsideInWords()
{
    QTemporaryDir dir;
    {
        const auto catalog = openIn(dir);
        Catalog::Batch batch;
        batch.upserts = {RowMaker(2).row()};
        batch.positions = {{"w", 1}};
        QVERIFY(catalog->apply(batch));
    }
    {
        // user_version is the big-endian number at octet 60 of the header (sqlite.org/fileformat2.html).
        std::fstream file(fileIn(dir), std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(60);
        file.write("\0\0\0\x63", 4);
    }
    const auto catalog = openIn(dir);
    QVERIFY(catalog->mustRebuild());
    QVERIFY2(catalog->notice().find("newer version") != std::string::npos, catalog->notice().c_str());
    QCOMPARE(*catalog->count({}), 0U);
    QVERIFY(fileExists(fileIn(dir, ".newer")));
}

void TestCatalog::unreadableFileIsSetAside_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("noise") << QByteArray(10'000, 'n');
    QTest::newRow("a few octets") << QByteArray("hello");
    QTest::newRow("a header and nothing else")
        << QByteArray("SQLite format 3\0", 16) + QByteArray(84, '\xff');
}

void TestCatalog::unreadableFileIsSetAside()
{
    QFETCH(const QByteArray, content);
    QTemporaryDir dir;
    openIn(dir).reset();
    std::ofstream(fileIn(dir), std::ios::binary | std::ios::trunc).write(content.data(), content.size());
    const auto catalog = openIn(dir);
    QVERIFY(catalog->mustRebuild());
    QVERIFY(!catalog->notice().empty());
    QVERIFY(fileExists(fileIn(dir, ".broken")));
    QVERIFY(addRows(*catalog, {RowMaker(2).row()}));
}

void TestCatalog::damageFoundLaterIsSetAsideAtTheNextStart()
{
    QTemporaryDir dir;
    {
        const auto catalog = openIn(dir);
        RowMaker maker(4);
        Catalog::Batch batch;
        for (int i = 0; i < 2000; ++i)
            batch.upserts.push_back(maker.row());
        batch.complete = true;
        QVERIFY(catalog->apply(batch));
    }
    {
        // Everything but the schema, the journal positions and the state on the first pages.
        std::fstream file(fileIn(dir), std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(0, std::ios::end);
        const auto end = static_cast<std::streamoff>(file.tellp());
        for (std::streamoff at = 20L * 4096; at < end; at += 4096) {
            file.seekp(at);
            file.write("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
        }
    }
    auto catalog = openIn(dir);
    RecordingFilter filter;
    filter.external = "*9";
    const auto page = catalog->page(filter, 0, 1000);
    QVERIFY(!page);
    QVERIFY2(page.error().text().find("made anew") != std::string::npos, page.error().text().c_str());
    if (QSysInfo::kernelType() == QLatin1String("winnt"))
        catalog.reset(); // it keeps a database where it is that a program has open
    catalog = openIn(dir);
    QVERIFY(catalog->mustRebuild());
    QVERIFY(catalog->notice().find("damaged") != std::string::npos);
    QVERIFY(!openIn(dir)->notice().size()); // once is enough
}

void TestCatalog::otherProgramsChangesAreSeen()
{
    QTemporaryDir dir;
    const auto mine = openIn(dir);
    const auto other = openIn(dir);
    RowMaker maker(6);
    std::vector<RecordingRow> rows;
    for (int round = 0; round < 10; ++round) {
        for (int i = 0; i < 30; ++i)
            rows.push_back(maker.row());
        QVERIFY(addRows(*other, rows));
        const auto wrong = wrongAnswer(*mine, rows, maker, 15); // its memory of the last round must not count
        QVERIFY2(wrong.empty(), wrong.c_str());
    }
    QVERIFY(other->clear());
    QCOMPARE(*mine->count({}), 0U);
}

void TestCatalog::readersAndWritersTogether()
{
    // Each batch adds ten rows in one transaction: whoever reads sees whole batches only.
    constexpr int kBatches = 40;
    QTemporaryDir dir;
    const auto catalog = openIn(dir);
    std::atomic<int> torn = 0, failed = 0, looks = 0, writing = 2;
    {
        std::vector<std::jthread> threads;
        for (unsigned writer = 0; writer < 2; ++writer)
            threads.emplace_back([&, writer] {
                const auto mine = openIn(dir); // as another program
                RowMaker maker(100 + writer);
                for (int i = 0; i < kBatches; ++i) {
                    Catalog::Batch batch;
                    for (int n = 0; n < 10; ++n) {
                        batch.upserts.push_back(maker.row());
                        batch.upserts.back().answered = true;
                    }
                    failed += mine->apply(batch) ? 0 : 1;
                }
                --writing;
            });
        for (int reader = 0; reader < 2; ++reader)
            threads.emplace_back([&] {
                do {
                    const auto count = catalog->count({});
                    const auto page = catalog->page({}, 0, 10'000);
                    if (!count || !page)
                        ++failed;
                    else if (*count % 10 != 0 || page->size() % 10 != 0 || page->size() < *count)
                        ++torn;
                    ++looks;
                } while (writing > 0);
            });
    }
    QCOMPARE(failed.load(), 0);
    QCOMPARE(torn.load(), 0);
    QVERIFY(looks > 1);
    QCOMPARE(*catalog->count({}), 2U * kBatches * 10);
}

QTEST_GUILESS_MAIN(TestCatalog)
#include "tst_catalog.moc"
