// SPDX-License-Identifier: GPL-3.0-or-later
// The outbox loses nothing that it has taken, whatever is torn off, full or killed.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/cdr/outbox.h"
#include "core/cdr/record_line.h"
#include "tests/support/fake_clock.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <atomic>
#include <random>

using namespace sr;
using namespace sr::cdr;

namespace {

using Ids = std::vector<std::string>;

SharedRecord recordOf(const std::string& id)
{
    auto record = std::make_shared<CallDataRecord>();
    record->id = id;
    return record;
}

Ids numbers(int first, int last)
{
    Ids ids;
    for (int i = first; i <= last; ++i)
        ids.push_back(std::to_string(i));
    return ids;
}

std::string idOf(const std::string& xml)
{
    auto record = parse(xml);
    return record ? record->id : "unreadable: " + xml;
}

/// Takes up to `most` and marks them delivered.
Ids take(Outbox& box, std::size_t most = 1'000'000, unsigned interface = 0)
{
    Ids ids;
    while (ids.size() < most) {
        const auto item = box.reader(interface).next();
        if (!item)
            break;
        ids.push_back(idOf(item->xml));
        box.reader(interface).delivered(*item);
    }
    return ids;
}

struct Place {
    QTemporaryDir temporary = {};
    test::FakeClock clock = test::FakeClock();
    OutboxOptions options = {};
    std::vector<std::string> problems = {};
    Path dir = pathOf(temporary.filePath(QStringLiteral("Büro/cdr")).toStdString());

    std::unique_ptr<Outbox> open()
    {
        options.problem = [this](const Error& error) { problems.push_back(error.text()); };
        auto box = Outbox::open(dir, clock, options);
        if (!box)
            qFatal("%s", box.error().text().c_str());
        return std::move(box).value();
    }
    Path onlySegment() const
    {
        Path found;
        for (const auto& entry : std::filesystem::directory_iterator(dir))
            if (entry.path().extension() == ".cdr")
                found = entry.path();
        return found;
    }
    int segments() const
    {
        int count = 0;
        for (const auto& entry : std::filesystem::directory_iterator(dir))
            count += entry.path().extension() == ".cdr" ? 1 : 0;
        return count;
    }
};

void addAll(Outbox& box, const Ids& ids)
{
    for (const std::string& id : ids)
        box.add(recordOf(id));
    box.flush();
}

Bytes contentOf(const Path& path)
{
    return readFile(path, 1 << 30).valueOr({});
}

void setContent(const Path& path, ByteView bytes)
{
    if (auto written = writeFileAtomic(path, bytes); !written)
        qFatal("%s", written.error().text().c_str());
}

} // namespace

class TestOutbox : public QObject {
    Q_OBJECT
private slots:
    void orderAndRestarts();
    void oneAtATime();
    void tornTails();
    void flippedOctets();
    void damageInEarlierSegments();
    void lostCursor();
    void fullDisk();
    void bounded();
    void newestKept();
    void setAside();
    void twoReceivers();
    void receiverComesAndGoes();
    void segmentsGo();
    void openCalls();
    void unreadableOpenCalls();
    void crashes();
    void tellsWhenThereIsMore();
    void tooLarge();
};

void TestOutbox::orderAndRestarts()
{
    Place place;
    {
        const auto box = place.open();
        QVERIFY(!box->reader().next());
        addAll(*box, numbers(1, 5));
        QCOMPARE(take(*box, 2), numbers(1, 2));
        QCOMPARE(idOf(box->reader().next()->xml), std::string("3"));
        QCOMPARE(idOf(box->reader().next()->xml), std::string("3")); // until it is delivered
    }
    {
        const auto box = place.open();
        box->add(recordOf("6")); // and the destructor writes it
    }
    const auto box = place.open();
    QCOMPARE(take(*box), numbers(3, 6));
    addAll(*box, numbers(7, 7));
    const auto item = box->reader().next();
    QVERIFY(item);
    QCOMPARE(item->sequence, 7U);
    box->reader().delivered({4, {}}); // not its turn
    QCOMPARE(take(*box), numbers(7, 7));
    QVERIFY(place.problems.empty());
}

void TestOutbox::oneAtATime()
{
    Place place;
    const auto box = place.open();
    const auto second = Outbox::open(place.dir, place.clock);
    QVERIFY(!second);
    QVERIFY(second.error().code == BaseErrc::Locked);
}

void TestOutbox::tornTails()
{
    Place place;
    addAll(*place.open(), numbers(1, 3));
    const Path path = place.onlySegment();
    const Bytes whole = contentOf(path);
    const std::size_t frame = whole.size() / 3;
    QCOMPARE(frame * 3, whole.size());
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        setContent(path, ByteView(whole).first(length));
        auto expected = numbers(1, static_cast<int>(length / frame));
        place.open()->add(recordOf("new"));
        expected.push_back("new");
        const auto box = place.open();
        Ids ids; // without marking them
        const Bytes content = contentOf(path);
        const FrameScan scan = scanFrames(content);
        for (const Frame& one : scan.frames)
            ids.push_back(idOf(std::string(readLine(textOf(one.payload)).xml)));
        QCOMPARE(ids, expected);
        QCOMPARE(idOf(box->reader().next()->xml), expected.front());
    }
    QVERIFY(place.problems.empty());
}

void TestOutbox::flippedOctets()
{
    Place place;
    addAll(*place.open(), numbers(1, 3));
    const Path path = place.onlySegment();
    const Bytes whole = contentOf(path);
    const std::size_t frame = whole.size() / 3;
    for (std::size_t at = 0; at < 2 * frame; ++at) {
        Bytes changed = whole;
        changed[at] ^= std::byte{0x10};
        setContent(path, changed);
        (void)removeFile(place.dir / "cursor");
        place.problems.clear();
        QCOMPARE(take(*place.open()), at < frame ? numbers(2, 3) : Ids({"1", "3"}));
        QVERIFY(!place.problems.empty());
    }
}

void TestOutbox::damageInEarlierSegments()
{
    Place place;
    place.options.segmentBytes = 1;
    {
        const auto box = place.open();
        for (int i = 1; i <= 3; ++i)
            addAll(*box, numbers(i, i));
    }
    QCOMPARE(place.segments(), 3);
    setContent(place.dir / "out-00000000000000000001.cdr", bytesOf("noise"));
    setContent(place.dir / "out-00000000000000000002.cdr", {});
    const auto box = place.open();
    QCOMPARE(take(*box), numbers(3, 3));
    QCOMPARE(place.problems.size(), 1U);
}

void TestOutbox::lostCursor()
{
    Place place;
    {
        const auto box = place.open();
        addAll(*box, numbers(1, 2));
        QCOMPARE(take(*box), numbers(1, 2));
    }
    setContent(place.dir / "cursor", bytesOf("x"));
    QCOMPARE(take(*place.open()), numbers(1, 2)); // twice is better than never
}

void TestOutbox::fullDisk()
{
    Place place;
    std::atomic<bool> full = true;
    std::atomic<int> tries = 0;
    place.options.write = [&](File& file, std::uint64_t at, ByteView bytes) -> Status {
        ++tries;
        if (!full)
            return file.writeAt(at, bytes);
        (void)file.writeAt(at, bytes.first(bytes.size() / 2));
        return fail(BaseErrc::DiskFull, "test");
    };
    std::atomic<int> stored = 0;
    const auto count = [&](const Status& status) { stored += status ? 1 : 100; };
    {
        const auto box = place.open();
        for (const std::string& id : numbers(1, 3)) {
            box->add(recordOf(id), count);
            box->flush();
        }
        QVERIFY(!box->reader().next());
        QCOMPARE(stored, 0);
        QVERIFY(tries >= 3);
        full = false;
        box->add(recordOf("4"), count);
        box->flush();
        QCOMPARE(stored, 4);
        QCOMPARE(take(*box), numbers(1, 4));
        QCOMPARE(place.problems.size(), 1U);
        full = true;
        box->add(recordOf("5"), count);
        box->flush();
        QCOMPARE(place.problems.size(), 2U); // it had gone well meanwhile
    }
    QVERIFY(stored >= 104); // the end says that it is lost
    full = false;
    const auto box = place.open();
    QVERIFY(!box->reader().next());
}

void TestOutbox::bounded()
{
    Place place;
    place.options.bytesMost = 4000;
    const auto box = place.open();
    int lost = 0;
    for (int i = 1; i <= 100; ++i)
        box->add(recordOf(std::to_string(i)), [&](const Status& status) { lost += status ? 0 : 1; });
    box->flush();
    QVERIFY(lost > 0 && lost < 100);
    QCOMPARE(place.problems.size(), 1U);
    QCOMPARE(take(*box), numbers(1, 100 - lost)); // the oldest are kept
    box->flush();
    addAll(*box, numbers(101, 112));
    QCOMPARE(take(*box), numbers(101, 112));
}

void TestOutbox::newestKept()
{
    Place place;
    place.options.bytesMost = 4000;
    place.options.keepNewest = true;
    {
        const auto box = place.open();
        for (int i = 1; i <= 200; ++i)
            addAll(*box, numbers(i, i));
    }
    QVERIFY(place.problems.empty());
    const auto ids = take(*place.open());
    QVERIFY(ids.size() > 10 && ids.size() < 60);
    QCOMPARE(ids, numbers(201 - static_cast<int>(ids.size()), 200));
}

void TestOutbox::setAside()
{
    Place place;
    {
        const auto box = place.open();
        addAll(*box, numbers(1, 3));
        QVERIFY(box->reader().setAside(*box->reader().next()));
        QCOMPARE(take(*box, 1), numbers(2, 2));
        QVERIFY(box->reader().setAside(*box->reader().next()));
        QVERIFY(!box->reader().next());
    }
    QCOMPARE(std::string(textOf(contentOf(place.dir / "undelivered.xml"))),
             toXml(*recordOf("1")) + "\n" + toXml(*recordOf("3")) + "\n");
    QVERIFY(!place.open()->reader().next());
}

/// Each has a place of its own, which a restart keeps, and what one refused the other gets.
void TestOutbox::twoReceivers()
{
    Place place;
    place.options.interfaces = {0, 1};
    place.options.segmentBytes = 500;
    {
        const auto box = place.open();
        addAll(*box, numbers(1, 50));
        QCOMPARE(take(*box), numbers(1, 50));
        QCOMPARE(take(*box, 10, 1), numbers(1, 10));
        QVERIFY(box->reader(1).setAside(*box->reader(1).next()));
        QCOMPARE(idOf(box->reader(1).next(3)->xml), std::string("15")); // three behind 12
    }
    QVERIFY(fileExists(place.dir / "undelivered-1.xml"));
    QVERIFY(!fileExists(place.dir / "undelivered.xml"));
    {
        const auto box = place.open();
        QVERIFY(!box->reader(0).next());
        QCOMPARE(take(*box, 1000, 1), numbers(12, 50));
        addAll(*box, numbers(51, 51));
        QCOMPARE(take(*box), numbers(51, 51));
        QCOMPARE(take(*box, 1, 1), numbers(51, 51));
    }
    QVERIFY(place.problems.empty());
}

/// One that is new begins with what waits for the other, and one that is gone keeps nothing.
void TestOutbox::receiverComesAndGoes()
{
    Place place;
    {
        const auto box = place.open();
        addAll(*box, numbers(1, 5));
        QCOMPARE(take(*box, 3), numbers(1, 3));
    }
    place.options.interfaces = {0, 1};
    {
        const auto box = place.open();
        QCOMPARE(take(*box, 100, 1), numbers(4, 5));
    }
    place.options.interfaces = {1};
    {
        const auto box = place.open();
        QVERIFY(!fileExists(place.dir / "cursor"));
        QVERIFY(!box->reader(1).next());
        addAll(*box, numbers(6, 6));
        QCOMPARE(take(*box, 100, 1), numbers(6, 6));
    }
    place.options.interfaces = {0};
    const auto box = place.open();
    QVERIFY(!box->reader().next());
    addAll(*box, numbers(7, 7)); // and numbers go on
    QCOMPARE(take(*box), numbers(7, 7));
    place.options.interfaces = {2};
    QVERIFY(!Outbox::open(place.dir / "other", place.clock, place.options));
}

void TestOutbox::segmentsGo()
{
    Place place;
    place.options.segmentBytes = 500;
    const auto box = place.open();
    for (int i = 1; i <= 50; ++i)
        addAll(*box, numbers(i, i));
    const int before = place.segments();
    QVERIFY(before > 5);
    QCOMPARE(take(*box), numbers(1, 50));
    box->flush();
    QCOMPARE(place.segments(), 1);
}

void TestOutbox::openCalls()
{
    Place place;
    auto running = std::make_shared<CallDataRecord>();
    running->id = "running";
    running->utc = std::chrono::floor<seconds>(place.clock.utcNow()).time_since_epoch().count() - 30;
    running->base = running->utc - 600; // it follows a call that had run for ten minutes
    running->events.resize(1);
    running->events[0].msg = msg::kSetupFrom;
    running->events[0].time = 605;
    Bytes kept;
    {
        const auto box = place.open();
        box->keepOpen({running, recordOf("ends")});
        box->flush();
        kept = contentOf(place.dir / "open");
        QVERIFY(!kept.empty());
        addAll(*box, {"ends"});
        box->keepOpen({});
    }
    QVERIFY(!fileExists(place.dir / "open"));
    setContent(place.dir / "open", kept); // as if the program had died before it was written anew
    for (int start = 0; start < 2; ++start) {
        const auto box = place.open();
        box->flush();
        const auto first = box->reader().next();
        QVERIFY(first);
        QCOMPARE(idOf(first->xml), std::string("ends"));
    }
    QVERIFY(!fileExists(place.dir / "open"));
    const auto box = place.open();
    take(*box, 1);
    const auto item = box->reader().next();
    QVERIFY(item);
    CallDataRecord expected = *running;
    expected.base = 0;
    expected.other = {{"cut", "true"}};
    expected.events.push_back({});
    expected.events[1].msg = msg::kRelTo;
    expected.events[1].cause = 41;
    expected.events[1].time = 630;
    QCOMPARE(item->xml, toXml(expected));
    QCOMPARE(item->base, running->base);
    box->reader().delivered(*item);
    QVERIFY(!box->reader().next());
}

void TestOutbox::unreadableOpenCalls()
{
    Place place;
    (void)place.open();
    setContent(place.dir / "open", bytesOf("12\n<cdr id='a'/>\n<cdr id=\nnoise"));
    const auto box = place.open();
    box->flush();
    QCOMPARE(take(*box), Ids({"a"}));
}

/// 10,000 records while images of the folder are taken, as a power cut would leave them, and while the writer
/// itself ends and begins anew: what was told to be stored is there, in order, once.
void TestOutbox::crashes()
{
    const unsigned seed = std::random_device()();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    Place place;
    place.options.segmentBytes = 20'000;
    constexpr int kRecords = 10'000;
    std::atomic<int> stored = 0; // they are told in order
    auto box = place.open();
    int added = 0;
    while (added < kRecords) {
        for (auto i = random() % 400; i > 0 && added < kRecords; --i)
            box->add(recordOf(std::to_string(++added)), [&](const Status& status) {
                if (status)
                    ++stored;
            });
        const auto what = random() % 8;
        if (what == 0) {
            box.reset();
            QCOMPARE(stored, added);
            box = place.open();
        } else if (what == 1) {
            const int sure = stored;
            Place image;
            std::filesystem::create_directories(image.dir);
            for (const auto& entry : std::filesystem::directory_iterator(place.dir))
                if (entry.path().filename() != "lock")
                    std::filesystem::copy_file(entry.path(), image.dir / entry.path().filename());
            const auto ids = take(*image.open());
            QVERIFY(static_cast<int>(ids.size()) >= sure);
            QCOMPARE(ids, numbers(1, static_cast<int>(ids.size())));
        } else if (what < 4) {
            box->flush();
        }
    }
    box->flush();
    QCOMPARE(take(*box), numbers(1, kRecords));
    QVERIFY(place.problems.empty());
}

void TestOutbox::tellsWhenThereIsMore()
{
    Place place;
    const auto box = place.open();
    std::atomic<int> told = 0;
    box->reader().setAvailable([&] { ++told; });
    addAll(*box, numbers(1, 1));
    QVERIFY(told > 0);
    box->reader().setAvailable({});
    const int before = told;
    addAll(*box, numbers(2, 2));
    QCOMPARE(told, before);
}

void TestOutbox::tooLarge()
{
    Place place;
    const auto box = place.open();
    auto huge = std::make_shared<CallDataRecord>();
    huge->events.resize(kEventsMost);
    for (auto& event : huge->events)
        event.e164 = event.h323 = event.root = std::string(kTextBytesMost, 'x');
    bool refused = false;
    box->add(huge,
             [&](const Status& status) { refused = !status && status.error().code == CdrErrc::TooLarge; });
    addAll(*box, numbers(1, 1));
    QVERIFY(refused);
    QCOMPARE(take(*box), numbers(1, 1));
}

QTEST_GUILESS_MAIN(TestOutbox)
#include "tst_outbox.moc"
