// SPDX-License-Identifier: GPL-3.0-or-later
// Calls beside the archive: names, places, one file for each, folders and disks that fail, servers that
// refuse, and what a dead program left.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/capture/packet_reader.h"
#include "core/capture/phone_file.h"
#include "core/capture/udp_frame.h"
#include "recorder/record_to/record_note.h"
#include "recorder/record_to/record_to.h"
#include "recorder/record_to/record_to_error.h"
#include "tests/support/put_server.h"
#include "tests/support/tls_server.h"

#include <QCryptographicHash>
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using namespace sr::recorder;
using sr::test::PutRequest;
using sr::test::PutServer;
using Content = WireListener::Content;

namespace {

const std::string kGuid = "0123456789abcdef0123456789abcdef";
const std::string kMac = "009033aabbcc";
const std::string kName = kGuid + "-" + kMac + "-1-anna";

struct Packets {
    std::vector<std::string> payloads;
    QString problem;
};

/// What a pcap file holds.
Packets packetsIn(const Path& path)
{
    Packets out;
    auto file = File::open(path, OpenMode::Read);
    if (!file)
        return {{}, QStringLiteral("no file")};
    auto reader = capture::PacketReader::open(**file, "pcap");
    if (!reader)
        return {{}, QString::fromStdString(reader.error().text())};
    capture::CapturedPacket packet;
    while ((*reader)->next(packet))
        out.payloads.emplace_back(textOf(packet.bytes.subspan(42))); // Ethernet, IPv4, UDP
    if ((*reader)->error())
        out.problem = QString::fromStdString((*reader)->error()->text());
    return out;
}

struct Scene {
    Scene()
    {
        options.dir = path("record-to");
        options.mac = kMac;
        options.flushEvery = options.retryEvery = milliseconds(5);
        options.problem = [this](const Error& error) {
            const std::scoped_lock lock(mutex);
            problems.push_back(error);
        };
        options.uploads.after = [this](milliseconds pause, const std::function<void()>& again) {
            {
                const std::scoped_lock lock(mutex);
                pauses.push_back(pause);
                if (stayWaiting)
                    return;
            }
            again();
        };
    }
    Path path(const char* name) const { return pathOf(dir.filePath(QString::fromUtf8(name)).toStdString()); }
    std::string text(const char* name) const { return utf8Of(path(name)); }
    void start()
    {
        room.reset();
        auto started = RecordTo::start(options);
        if (!started)
            qFatal("%s", started.error().text().c_str());
        room = std::move(*started);
    }
    void packet(std::uint64_t dialog, const std::string& payload, Content content = Content::Media)
    {
        Bytes frame;
        capture::appendUdpFrame(frame, *Endpoint::parse("127.0.0.1:4000"), *Endpoint::parse("127.0.0.2:5000"),
                                bytesOf(payload));
        room->packet(dialog, UtcTime{seconds(1000)}, content, frame);
    }
    void begin(const std::vector<relay::TapTarget>& by, std::uint64_t dialog = 1)
    {
        room->begins({dialog, kGuid, true});
        packet(dialog, "INVITE", Content::Signalling);
        if (!by.empty())
            room->wanted(dialog, by);
    }
    void end(std::uint64_t dialog = 1)
    {
        packet(dialog, "BYE", Content::Signalling);
        room->ends(dialog);
    }
    void wholeCall(const std::vector<relay::TapTarget>& by)
    {
        begin(by);
        packet(1, "sound");
        end();
    }
    /// Names in a folder, hidden ones too.
    QStringList in(const char* name) const
    {
        return QDir(dir.filePath(QString::fromUtf8(name))).entryList(QDir::Files | QDir::Hidden, QDir::Name);
    }
    std::size_t told(RecordToErrc code)
    {
        const std::scoped_lock lock(mutex);
        return static_cast<std::size_t>(
            std::ranges::count_if(problems, [&](const Error& one) { return one.code == code; }));
    }
    bool wrote(std::uint64_t count) const { return room->state().written == count; }

    QTemporaryDir dir;
    RecordToOptions options;
    std::mutex mutex;
    std::vector<Error> problems;
    std::vector<milliseconds> pauses;
    bool stayWaiting = false;
    std::unique_ptr<RecordTo> room;
};

QString fileOf(const std::string& name)
{
    return QString::fromStdString(name + ".pcap");
}

const std::vector<std::string> kWhole{"INVITE", "sound", "BYE"};

/// Fails where the file's path has that in it, once it holds so many octets.
std::function<Status(File&, std::uint64_t, ByteView)> failing(std::string where, std::atomic<bool>& fails,
                                                              std::uint64_t behind = 0)
{
    return
        [where = std::move(where), &fails, behind](File& file, std::uint64_t at, ByteView bytes) -> Status {
            if (fails && at >= behind && utf8Of(file.path()).find(where) != std::string::npos)
                return fail(BaseErrc::DiskFull, utf8Of(file.path()));
            return file.writeAt(at, bytes);
        };
}

} // namespace

class TestRecordTo : public QObject {
    Q_OBJECT
private slots:
    void aCallInAFolder();
    void eachPlaceOnce();
    void nobodyAnswers();
    void wantedLater();
    void namesThatAreTaken();
    void aFolderThatCannotBe();
    void aDiskThatFillsUp();
    void noDiskAtAll();
    void noMemoryEither();
    void theShelfIsFull();
    void endsWithTheProgram();
    void aDeadProgram();
    void leftovers();
    void aServer();
    void aServerThatRefuses();
    void waitsOverARestart();
    void oneFileIsRefused();
    void redirected();
    void credentials_data();
    void credentials();
    void certificates();
};

void TestRecordTo::aCallInAFolder()
{
    Scene s;
    s.start();
    s.begin({{s.text("calls"), "anna"}});
    s.packet(1, "sound");
    const QString part = QLatin1Char('.') + fileOf(kName) + QStringLiteral(".part");
    QTRY_COMPARE(s.in("calls"), QStringList{part});
    QTRY_COMPARE(packetsIn(s.path("calls") / pathOf(part.toStdString())).payloads.size(), std::size_t{2});
    s.end();
    QTRY_COMPARE(s.in("calls"), QStringList{fileOf(kName)});
    const auto packets = packetsIn(s.path("calls") / pathOf(kName + ".pcap"));
    QCOMPARE(packets.payloads, kWhole);
    QCOMPARE(packets.problem, QString());
    const auto name = capture::phoneFileName(kName + ".pcap");
    QVERIFY(name && name->guid == kGuid && name->deviceId == kMac + "-1-anna");
    QTRY_VERIFY(s.wrote(1));
    QVERIFY(s.in("record-to").isEmpty());
    QVERIFY(s.problems.empty() && !s.room->state().troubled);
}

void TestRecordTo::eachPlaceOnce()
{
    Scene s;
    s.start();
    s.wholeCall({{s.text("calls"), "anna"}, {s.text("other"), "otto"}, {s.text("calls"), "otto"}});
    QTRY_VERIFY(s.wrote(2));
    QCOMPARE(s.in("calls"), QStringList{fileOf(kName)});
    QCOMPARE(s.in("other"), QStringList{fileOf(kGuid + "-" + kMac + "-2-otto")});
}

void TestRecordTo::nobodyAnswers()
{
    Scene s;
    s.start();
    s.begin({});
    s.end();
    s.begin({{s.text("calls"), "anna"}}, 2);
    s.end(2);
    QTRY_VERIFY(s.wrote(1)); // the second one's
    QCOMPARE(s.in("calls").size(), 1);
}

/// An operator who takes over from a queue: the whole signalling, and the sound from then on.
void TestRecordTo::wantedLater()
{
    Scene s;
    s.start();
    s.begin({{s.text("queue"), "hall"}});
    s.packet(1, "music");
    s.room->wanted(1, {{s.text("desk"), "anna"}});
    s.packet(1, "sound");
    s.end();
    QTRY_VERIFY(s.wrote(2));
    QCOMPARE(packetsIn(s.path("queue") / pathOf(kGuid + "-" + kMac + "-1-hall.pcap")).payloads,
             (std::vector<std::string>{"INVITE", "music", "sound", "BYE"}));
    QCOMPARE(packetsIn(s.path("desk") / pathOf(kGuid + "-" + kMac + "-2-anna.pcap")).payloads, kWhole);
}

void TestRecordTo::namesThatAreTaken()
{
    Scene s;
    QVERIFY(makeDirs(s.path("calls")));
    QVERIFY(writeFileAtomic(s.path("calls") / pathOf(kName + ".pcap"), bytesOf("another")));
    s.start();
    s.wholeCall({{s.text("calls"), "anna"}});
    QTRY_VERIFY(s.wrote(1));
    QCOMPARE(packetsIn(s.path("calls") / pathOf(kName + "-2.pcap")).payloads, kWhole);
    QCOMPARE(*readFile(s.path("calls") / pathOf(kName + ".pcap"), 100),
             Bytes(bytesOf("another").begin(), bytesOf("another").end()));
}

/// A file stands in its way; once it is gone the call gets there.
void TestRecordTo::aFolderThatCannotBe()
{
    Scene s;
    QVERIFY(writeFileAtomic(s.path("calls"), bytesOf("no folder")));
    s.start();
    s.wholeCall({{s.text("calls"), "anna"}});
    QTRY_COMPARE(s.told(RecordToErrc::FolderFails), std::size_t{1});
    const QStringList kept{QString::fromStdString(kName + ".note"), fileOf(kName)};
    QVERIFY(QTest::qWaitFor([&] { return s.in("record-to") == kept; }, 20'000)); // the note is written twice
    QVERIFY(s.room->state().troubled);
    s.start(); // another run does not forget it
    QTRY_COMPARE(s.told(RecordToErrc::FolderFails), std::size_t{2});
    QVERIFY(removeFile(s.path("calls")));
    QTRY_VERIFY(s.wrote(1));
    QCOMPARE(packetsIn(s.path("calls") / pathOf(kName + ".pcap")).payloads, kWhole);
    QVERIFY(s.in("record-to").isEmpty());
    QTRY_VERIFY(!s.room->state().troubled);
}

/// What was written goes along.
void TestRecordTo::aDiskThatFillsUp()
{
    Scene s;
    std::atomic<bool> fails = false;
    s.options.write = failing("calls", fails);
    s.start();
    s.begin({{s.text("calls"), "anna"}});
    QTRY_COMPARE(s.in("calls").size(), 1);
    QTRY_COMPARE(packetsIn(s.path("calls") / pathOf("." + kName + ".pcap.part")).payloads.size(),
                 std::size_t{1});
    fails = true;
    s.packet(1, "sound");
    QTRY_COMPARE(s.told(RecordToErrc::FolderFails), std::size_t{1});
    QTRY_COMPARE(packetsIn(s.path("record-to") / pathOf(kName + ".pcap")).payloads.size(), std::size_t{2});
    QCOMPARE(s.in("record-to").size(), 2);
    s.end();
    fails = false;
    QTRY_VERIFY(s.wrote(1));
    QCOMPARE(packetsIn(s.path("calls") / pathOf(kName + ".pcap")).payloads, kWhole);
    QVERIFY(s.in("record-to").isEmpty());
    QCOMPARE(s.in("calls").size(), 1);
}

void TestRecordTo::noDiskAtAll()
{
    Scene s;
    std::atomic<bool> fails = true;
    s.options.write = failing("", fails);
    s.start();
    s.wholeCall({{s.text("calls"), "anna"}});
    QTRY_COMPARE(s.told(RecordToErrc::Unwritten), std::size_t{1});
    fails = false;
    QTRY_VERIFY(s.wrote(1));
    QCOMPARE(packetsIn(s.path("calls") / pathOf(kName + ".pcap")).payloads, kWhole);
    QTRY_VERIFY(!s.room->state().troubled);
    QCOMPARE(s.told(RecordToErrc::Lost), std::size_t{0});
}

void TestRecordTo::noMemoryEither()
{
    Scene s;
    std::atomic<bool> fails = true;
    s.options.write = failing("", fails);
    s.options.memoryMost = 4000;
    s.start();
    s.begin({{s.text("calls"), "anna"}});
    QTRY_COMPARE(s.told(RecordToErrc::Unwritten), std::size_t{1}); // from now on nothing goes well
    for (int i = 0; i < 1000; ++i)
        s.packet(1, "sound");
    QTRY_COMPARE(s.told(RecordToErrc::Lost), std::size_t{1});
    const auto lost = [&] { return s.room->state().lostPackets; };
    QVERIFY(lost() > 900);
    fails = false;
    std::size_t sent = 1001;
    const auto takes = [&] {
        const auto before = lost();
        s.packet(1, "sound");
        ++sent;
        return lost() == before;
    };
    QTRY_VERIFY(takes()); // there is room again
    s.end();
    ++sent;
    QTRY_VERIFY(s.wrote(1));
    QTRY_VERIFY(!s.room->state().troubled);
    const auto packets = packetsIn(s.path("calls") / pathOf(kName + ".pcap"));
    QCOMPARE(packets.payloads.size() + lost(), sent);
    QCOMPARE(packets.problem, QString());
}

void TestRecordTo::theShelfIsFull()
{
    Scene s;
    PutServer server;
    s.options.bytesMost = 300;
    s.start();
    s.begin({{server.url(), "anna"}});
    for (int i = 0; i < 10; ++i)
        s.packet(1, "sound");
    QTRY_COMPARE(s.told(RecordToErrc::Full), std::size_t{1});
    s.end();
    QVERIFY(server.files.empty());
    QVERIFY(s.room->state().troubled);
}

void TestRecordTo::endsWithTheProgram()
{
    Scene s;
    s.start();
    s.begin({{s.text("calls"), "anna"}});
    s.packet(1, "sound");
    s.room.reset();
    QCOMPARE(s.in("calls"), QStringList{fileOf(kName)});
    QCOMPARE(packetsIn(s.path("calls") / pathOf(kName + ".pcap")).payloads,
             (std::vector<std::string>{"INVITE", "sound"}));
}

/// While the last packet was written.
void TestRecordTo::aDeadProgram()
{
    Scene s;
    s.start();
    s.wholeCall({{s.text("calls"), "anna"}});
    QTRY_VERIFY(s.wrote(1));
    s.room.reset();
    const Path named = s.path("calls") / pathOf(kName + ".pcap");
    const Path part = s.path("calls") / pathOf("." + kName + ".pcap.part");
    auto bytes = *readFile(named, 10'000);
    bytes.resize(bytes.size() - 5);
    QVERIFY(removeFile(named));
    QVERIFY(writeFileAtomic(part, bytes));
    QVERIFY(writeNote(s.options.dir, kName, {s.text("calls"), part, false}));
    s.start();
    QTRY_COMPARE(s.in("calls"), QStringList{fileOf(kName)});
    const auto packets = packetsIn(named);
    QCOMPARE(packets.payloads, (std::vector<std::string>{"INVITE", "sound"}));
    QCOMPARE(packets.problem, QString());
    QTRY_VERIFY(s.in("record-to").isEmpty());
}

void TestRecordTo::leftovers()
{
    Scene s;
    QVERIFY(makeDirs(s.options.dir));
    QVERIFY(writeFileAtomic(s.options.dir / "orphan.pcap", bytesOf("half a copy")));
    QVERIFY(writeFileAtomic(s.options.dir / "odd.note", bytesOf("what?")));
    QVERIFY(writeNote(s.options.dir, "gone", {s.text("calls"), s.path("calls") / ".gone.pcap.part", true}));
    const Path empty = s.path("calls") / ".empty.pcap.part";
    QVERIFY(makeDirs(s.path("calls")) && writeFileAtomic(empty, bytesOf("")));
    QVERIFY(writeNote(s.options.dir, "empty", {s.text("calls"), empty, false}));
    s.start();
    QCOMPARE(s.in("record-to"), QStringList{QStringLiteral("odd.note")});
    QVERIFY(s.in("calls").isEmpty());
    QCOMPARE(s.told(RecordToErrc::Damaged), std::size_t{1});
}

void TestRecordTo::aServer()
{
    Scene s;
    PutServer server;
    s.start();
    s.wholeCall({{server.url("/re%20c/"), "änna"}});
    QTRY_COMPARE(server.files.size(), std::size_t{1});
    const PutRequest& request = server.requests.front();
    QCOMPARE(request.method, QByteArray("PUT"));
    QCOMPARE(request.target,
             "/re%20c/" + QByteArray::fromStdString(kGuid + "-" + kMac) + "-1-%C3%A4nna.pcap");
    QVERIFY(writeFileAtomic(s.path("got.pcap"), bytesOf(request.body.toStdString())));
    QCOMPARE(packetsIn(s.path("got.pcap")).payloads, kWhole);
    QTRY_VERIFY(s.wrote(1));
    QVERIFY(s.in("record-to").isEmpty());
    QVERIFY(s.problems.empty());
}

void TestRecordTo::aServerThatRefuses()
{
    Scene s;
    PutServer server;
    int count = 0;
    server.answer = [&](const PutRequest&) {
        ++count;
        return count == 1 ? QByteArray("close") : PutServer::status(count < 4 ? 503 : 201);
    };
    s.start();
    s.wholeCall({{server.url("/rec/", "anna:s3cret@"), "anna"}});
    QTRY_VERIFY(s.wrote(1));
    QCOMPARE(s.told(RecordToErrc::Unreachable), std::size_t{1});
    QVERIFY(s.problems.front().text().find("127.0.0.1") != std::string::npos);
    for (const Error& one : s.problems)
        QVERIFY(one.text().find("s3cret") == std::string::npos);
    QCOMPARE(s.pauses.at(1), 2 * s.pauses.at(0));
    QVERIFY(s.in("record-to").isEmpty() && !s.room->state().troubled);
}

void TestRecordTo::waitsOverARestart()
{
    Scene s;
    PutServer server;
    server.answer = [](const PutRequest&) { return PutServer::status(507); };
    s.stayWaiting = true;
    s.start();
    s.wholeCall({{server.url(), "anna"}});
    QTRY_COMPARE(s.told(RecordToErrc::Unreachable), std::size_t{1});
    QVERIFY(s.room->state().troubled);
    s.room.reset();
    QCOMPARE(s.in("record-to"), (QStringList{QString::fromStdString(kName + ".note"), fileOf(kName)}));
    server.answer = [](const PutRequest&) { return PutServer::status(204); };
    s.start();
    QTRY_VERIFY(s.wrote(1));
    QCOMPARE(server.files.size(), std::size_t{1});
    QVERIFY(s.in("record-to").isEmpty());
}

void TestRecordTo::oneFileIsRefused()
{
    Scene s;
    PutServer server;
    std::atomic<bool> refuses = true;
    server.answer = [&](const PutRequest& request) {
        return PutServer::status(refuses && request.fileName().contains(u"-1-anna") ? 413 : 201);
    };
    s.start();
    s.wholeCall({{server.url(), "anna"}});
    s.begin({{server.url(), "otto"}}, 2);
    s.end(2);
    QTRY_VERIFY(s.wrote(1));
    refuses = false;
    QTRY_VERIFY(s.wrote(2));
}

void TestRecordTo::redirected()
{
    Scene s;
    PutServer server;
    PutServer other;
    server.answer = [&](const PutRequest& request) {
        return PutServer::status(307, "Location: " + QByteArray::fromStdString(other.url("/x/")) +
                                          request.target.mid(5) + "\r\n");
    };
    s.start();
    s.wholeCall({{server.url("/rec/", "anna:s3cret@"), "anna"}});
    QTRY_VERIFY(s.wrote(1));
    QCOMPARE(other.files.size(), std::size_t{1});
    QVERIFY(other.requests.front().header("Authorization").isEmpty());
}

void TestRecordTo::credentials_data()
{
    QTest::addColumn<QByteArray>("challenge");
    QTest::newRow("basic") << QByteArray("Basic realm=\"calls\"");
    QTest::newRow("digest") << QByteArray("Digest realm=\"calls\", nonce=\"n1\", qop=\"auth\"");
}

void TestRecordTo::credentials()
{
    QFETCH(QByteArray, challenge);
    Scene s;
    PutServer server;
    const auto hash = [](const QByteArray& text) {
        return QCryptographicHash::hash(text, QCryptographicHash::Md5).toHex();
    };
    server.answer = [&](const PutRequest& request) {
        const QByteArray sent = request.header("Authorization");
        const auto value = [&](const char* name) {
            const QRegularExpression one(QStringLiteral("%1=\"?([^\",]*)").arg(QLatin1String(name)));
            return one.match(QString::fromLatin1(sent)).captured(1).toLatin1();
        };
        bool good = sent == "Basic " + QByteArray("anna:s3c/ret").toBase64();
        if (challenge.startsWith("Digest"))
            good = value(" response") == hash(hash("anna:calls:s3c/ret") + ":n1:" + value("nc") + ":" +
                                              value("cnonce") + ":auth:" + hash("PUT:" + request.target));
        return good ? PutServer::status(201)
                    : PutServer::status(401, "WWW-Authenticate: " + challenge + "\r\n");
    };
    s.start();
    s.wholeCall({{server.url("/rec/", "anna:s3c%2Fret@"), "anna"}});
    QTRY_VERIFY(s.wrote(1));
    QVERIFY(s.problems.empty());
    for (const PutRequest& request : server.requests)
        QVERIFY(!request.target.contains("s3c"));
}

void TestRecordTo::certificates()
{
#ifdef Q_OS_WIN
    QSKIP("an authority of our own is unproven on Windows: Wine takes none");
#endif
    Scene s;
    const sr::test::TestCa ca;
    QByteArray data;
    std::vector<PutRequest> taken;
    const sr::test::TlsServer server(ca.issue("IP:127.0.0.1"), [&](const QByteArray& piece) {
        data += piece;
        PutRequest request;
        if (!sr::test::takeRequest(data, request))
            return QByteArray();
        taken.push_back(request);
        return PutServer::status(201);
    });
    const std::string url = "https://127.0.0.1:" + std::to_string(server.port()) + "/rec/";
    s.stayWaiting = true;
    s.start();
    s.wholeCall({{url, "anna"}});
    QTRY_COMPARE(s.told(RecordToErrc::Unreachable), std::size_t{1});
    QVERIFY(taken.empty());
    s.options.uploads.caFile = s.path("roots.pem");
    QVERIFY(!RecordTo::start(s.options)); // which is not there
    QVERIFY(writeFileAtomic(s.options.uploads.caFile, bytesOf(ca.root())));
    s.start();
    QTRY_VERIFY(s.wrote(1));
    QCOMPARE(taken.size(), std::size_t{1});
}

QTEST_GUILESS_MAIN(TestRecordTo)
#include "tst_record_to.moc"
