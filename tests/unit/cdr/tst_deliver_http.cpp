// SPDX-License-Identifier: GPL-3.0-or-later
// Delivery to a receiver that works, fails, stalls, redirects, refuses and asks who is there.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/cdr/delivery.h"
#include "tests/support/fake_clock.h"

#include <QCryptographicHash>
#include <QRegularExpression>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>
#include <QUrlQuery>

#include <random>

using namespace sr;
using namespace sr::cdr;

namespace {

struct Request {
    QByteArray method;
    QByteArray target;
    QByteArray headers; ///< lines, as they came
    QByteArray body;

    QUrlQuery words() const
    {
        return QUrlQuery(QString::fromLatin1(method == "POST" ? body : target.mid(target.indexOf('?') + 1)));
    }
    QString word(const char* name) const
    {
        return words().queryItemValue(QString::fromLatin1(name), QUrl::FullyDecoded);
    }
    QString id() const
    {
        const auto record = parse(word("msg").toStdString());
        return record ? QString::fromStdString(record->id) : QStringLiteral("unreadable");
    }
    QByteArray header(const char* name) const
    {
        const QRegularExpression line(QStringLiteral("^%1: *([^\r\n]*)").arg(QLatin1String(name)),
                                      QRegularExpression::CaseInsensitiveOption |
                                          QRegularExpression::MultilineOption);
        return line.match(QString::fromLatin1(headers)).captured(1).toLatin1();
    }
};

/// On the test's thread. `answer` gives what goes back; nothing: it stalls; `close`: it hangs up.
class Receiver {
public:
    Receiver()
    {
        if (!m_server.listen(QHostAddress::LocalHost))
            qFatal("no port");
        QObject::connect(&m_server, &QTcpServer::newConnection, [this] {
            while (QTcpSocket* const socket = m_server.nextPendingConnection())
                QObject::connect(socket, &QTcpSocket::readyRead, [this, socket] { onData(*socket); });
        });
    }
    std::string url(const char* path = "/cdr/cdrwrite") const
    {
        return "http://127.0.0.1:" + std::to_string(m_server.serverPort()) + path;
    }

    std::function<QByteArray(const Request&)> answer = [](const Request&) { return ok(); };
    std::vector<Request> requests = {};
    QStringList taken = {}; ///< ids answered by 2xx

    static QByteArray ok() { return status(200); }
    static QByteArray status(int code, const QByteArray& more = {})
    {
        return "HTTP/1.1 " + QByteArray::number(code) + " x\r\nContent-Length: 0\r\n" + more + "\r\n";
    }

private:
    void onData(QTcpSocket& socket)
    {
        QByteArray& data = m_data[&socket];
        data += socket.readAll();
        for (;;) {
            const qsizetype end = data.indexOf("\r\n\r\n");
            if (end < 0)
                return;
            Request request;
            const qsizetype line = data.indexOf("\r\n");
            const QList<QByteArray> first = data.left(line).split(' ');
            request.method = first.value(0);
            request.target = first.value(1);
            request.headers = data.mid(line + 2, end - line);
            const qsizetype length = request.header("Content-Length").toLongLong();
            if (data.size() < end + 4 + length)
                return;
            request.body = data.mid(end + 4, length);
            data.remove(0, end + 4 + length);
            requests.push_back(request);
            const QByteArray reply = answer(request);
            if (reply == "close")
                return socket.abort();
            if (reply.startsWith("HTTP/1.1 2"))
                taken << request.id();
            socket.write(reply);
        }
    }
    QTcpServer m_server;
    std::map<QTcpSocket*, QByteArray> m_data;
};

struct Scene {
    Scene() { receiver.from = "IP0010-1d & co"; }
    /// Everything that waits does so for no time, and is written down.
    void start()
    {
        if (!box) {
            auto opened = Outbox::open(pathOf(dir.path().toStdString()), clock);
            if (!opened)
                qFatal("%s", opened.error().text().c_str());
            box = std::move(*opened);
        }
        if (receiver.url.empty())
            receiver.url = server.url();
        DeliveryOptions options;
        options.timeout = timeout;
        options.problem = [this](const Error& error) {
            const std::scoped_lock lock(mutex);
            problems.push_back(error);
        };
        options.after = [this](milliseconds pause, const std::function<void()>& again) {
            {
                const std::scoped_lock lock(mutex);
                pauses.push_back(pause);
                if (stayWaiting)
                    return;
            }
            again();
        };
        delivery = std::make_unique<Delivery>(box->reader(), receiver, clock, options);
    }
    void add(int first, int last)
    {
        for (int i = first; i <= last; ++i) {
            auto record = std::make_shared<CallDataRecord>();
            record->id = std::to_string(i);
            record->cn = "Ä & <B> \"100%\" + ?=#;\n";
            box->add(record);
        }
    }
    static QStringList ids(int first, int last)
    {
        QStringList result;
        for (int i = first; i <= last; ++i)
            result << QString::number(i);
        return result;
    }
    std::size_t told(CdrErrc code)
    {
        const std::scoped_lock lock(mutex);
        return static_cast<std::size_t>(
            std::ranges::count_if(problems, [&](const Error& one) { return one.code == code; }));
    }

    QTemporaryDir dir = {};
    test::FakeClock clock = test::FakeClock();
    Receiver server = {};
    Destination receiver = {};
    milliseconds timeout{10'000};
    std::mutex mutex = {};
    std::vector<Error> problems = {};
    std::vector<milliseconds> pauses = {};
    bool stayWaiting = false;
    std::unique_ptr<Outbox> box = {};
    std::unique_ptr<Delivery> delivery = {};
};

} // namespace

class TestDeliverHttp : public QObject {
    Q_OBJECT
private slots:
    void urls_data();
    void urls();
    void wordsOfGet();
    void wordsOfPost();
    void failsThenWorks_data();
    void failsThenWorks();
    void pauses();
    void aRecordThatBreaksTheReceiver();
    void onlyItsOwnFailureSetsARecordAside_data();
    void onlyItsOwnFailureSetsARecordAside();
    void aReceiverThatRecoversInTime();
    void lateRecordsSayWhenTheyWere();
    void refusals();
    void stalls();
    void redirections_data();
    void redirections();
    void basic();
    void digest();
    void wrongPassword();
    void redirectedAway();
    void longAnswer();
    void restarts();
    void nobodyThere();
};

void TestDeliverHttp::urls_data()
{
    QTest::addColumn<std::string>("url");
    QTest::addColumn<bool>("good");
    QTest::newRow("http") << std::string("http://192.0.2.1/cdr/cdrwrite.asp") << true;
    QTest::newRow("https, port, query") << std::string("https://[2001:db8::1]:8443/x?key=1") << true;
    QTest::newRow("nothing") << std::string() << false;
    QTest::newRow("no scheme") << std::string("192.0.2.1/cdr") << false;
    QTest::newRow("a file") << std::string("file:///etc/passwd") << false;
    QTest::newRow("no host") << std::string("http:///cdr") << false;
    QTest::newRow("fragment") << std::string("http://h/c#x") << false;
    QTest::newRow("password inside") << std::string("http://u:p@h/c") << false;
    QTest::newRow("blank") << std::string("http://h/a b") << false;
}

void TestDeliverHttp::urls()
{
    QFETCH(std::string, url);
    QTEST(static_cast<bool>(Delivery::check({.url = url})), "good");
}

void TestDeliverHttp::wordsOfGet()
{
    Scene s;
    s.receiver.url = s.server.url("/cdr/write?key=a%26b");
    s.start();
    s.add(1, 1);
    QTRY_COMPARE(s.server.taken, Scene::ids(1, 1));
    const Request& request = s.server.requests.front();
    QCOMPARE(request.method, QByteArray("GET"));
    QVERIFY2(request.target.startsWith(
                 "/cdr/write?key=a%26b&event=syslog&time=1795219200&date=20261121-000000&from="),
             request.target.constData());
    QCOMPARE(request.word("from"), QStringLiteral("IP0010-1d & co"));
    const auto record = parse(request.word("msg").toStdString());
    QVERIFY(record);
    QCOMPARE(record->cn, std::string("Ä & <B> \"100%\" + ?=#;\n"));
    QTRY_COMPARE(s.delivery->counts().delivered, 1U);
}

void TestDeliverHttp::wordsOfPost()
{
    Scene s;
    s.receiver.post = true;
    s.start();
    s.add(1, 3);
    QTRY_COMPARE(s.server.taken, Scene::ids(1, 3));
    const Request& request = s.server.requests.front();
    QCOMPARE(request.method, QByteArray("POST"));
    QCOMPARE(request.target, QByteArray("/cdr/cdrwrite"));
    QCOMPARE(request.header("Content-Type"), QByteArray("application/x-www-form-urlencoded"));
    QVERIFY(request.body.startsWith("event=syslog&time="));
}

void TestDeliverHttp::failsThenWorks_data()
{
    QTest::addColumn<QByteArray>("failure");
    QTest::newRow("500") << Receiver::status(500);
    QTest::newRow("503") << Receiver::status(503);
    QTest::newRow("429") << Receiver::status(429);
    QTest::newRow("408") << Receiver::status(408);
    QTest::newRow("404: the address is wrong") << Receiver::status(404);
    QTest::newRow("redirected nowhere") << Receiver::status(302);
    QTest::newRow("303 would lose the record") << Receiver::status(303, "Location: /other\r\n");
    QTest::newRow("hangs up") << QByteArray("close");
    QTest::newRow("no HTTP") << QByteArray("SIP/2.0 200 OK\r\n\r\n");
}

void TestDeliverHttp::failsThenWorks()
{
    QFETCH(QByteArray, failure);
    Scene s;
    int count = 0;
    s.server.answer = [&](const Request&) { return ++count % 3 == 0 ? Receiver::ok() : failure; };
    s.start();
    s.add(1, 20);
    QTRY_COMPARE(s.delivery->counts().delivered, 20U);
    QCOMPARE(s.server.taken, Scene::ids(1, 20)); // each once, in order
    QCOMPARE(s.server.requests.size(), 60U);
    QCOMPARE(s.told(CdrErrc::Refused), 0U);
}

void TestDeliverHttp::pauses()
{
    Scene s;
    int left = 12;
    s.server.answer = [&](const Request&) { return left-- > 0 ? Receiver::status(500) : Receiver::ok(); };
    s.start();
    s.add(1, 1);
    QTRY_COMPARE(s.delivery->counts().delivered, 1U);
    std::vector<milliseconds> expected;
    for (int i = 0; i < 12; ++i)
        expected.emplace_back(std::min(1000 << i, 300'000));
    QCOMPARE(s.pauses, expected);
    QCOMPARE(s.told(CdrErrc::Unreachable), 1U); // once
    left = 1;
    s.add(2, 2);
    QTRY_COMPARE(s.delivery->counts().delivered, 2U);
    QCOMPARE(s.pauses.back(), milliseconds(1000)); // it had gone well
}

/// It fails at one for ever, and takes what comes behind.
void TestDeliverHttp::aRecordThatBreaksTheReceiver()
{
    Scene s;
    s.server.answer = [](const Request& request) {
        return request.id() == QStringLiteral("2") ? Receiver::status(500) : Receiver::ok();
    };
    s.start();
    s.add(1, 4);
    QTRY_COMPARE(s.delivery->counts().delivered, 3U);
    QCOMPARE(s.delivery->counts().refused, 1U);
    QCOMPARE(s.server.taken, (QStringList{QStringLiteral("1"), QStringLiteral("3"), QStringLiteral("4")}));
    QFile aside(s.dir.filePath(QStringLiteral("undelivered.xml")));
    QVERIFY(aside.open(QIODevice::ReadOnly));
    QCOMPARE(QString::fromStdString(parse(aside.readLine().toStdString()).valueOr({}).id),
             QStringLiteral("2"));
}

void TestDeliverHttp::onlyItsOwnFailureSetsARecordAside_data()
{
    QTest::addColumn<QByteArray>("between");
    QTest::addColumn<QByteArray>("then");
    QTest::addColumn<QStringList>("taken");
    const QStringList all{QStringLiteral("1"), QStringLiteral("3"), QStringLiteral("2"), QStringLiteral("4")};
    const QStringList others{QStringLiteral("1"), QStringLiteral("3"), QStringLiteral("4")};
    QTest::newRow("busy") << Receiver::status(429) << Receiver::ok() << all;
    QTest::newRow("password changed") << Receiver::status(401) << Receiver::ok() << all;
    QTest::newRow("no answer") << QByteArray() << Receiver::ok() << all;
    QTest::newRow("busy, then its fault") << Receiver::status(429) << Receiver::status(500) << others;
}

/// Record 2 fails until 3 was taken. Then it fails once more, otherwise.
void TestDeliverHttp::onlyItsOwnFailureSetsARecordAside()
{
    QFETCH(QByteArray, between);
    QFETCH(QByteArray, then);
    QFETCH(QStringList, taken);
    Scene s;
    s.timeout = milliseconds(250);
    int since3 = 0;
    s.server.answer = [&](const Request& request) {
        if (request.id() != QStringLiteral("2"))
            return Receiver::ok();
        if (!s.server.taken.contains(QStringLiteral("3")))
            return Receiver::status(500);
        return since3++ == 0 ? between : then;
    };
    s.start();
    s.add(1, 4);
    QTRY_COMPARE(s.server.taken, taken);
    QTRY_COMPARE(s.delivery->counts().delivered, static_cast<std::uint64_t>(taken.size()));
    QCOMPARE(s.delivery->counts().refused, static_cast<std::uint64_t>(4 - taken.size()));
    QCOMPARE(since3, 2);
}

/// It was no fault of the record that was to be sent all the time.
void TestDeliverHttp::aReceiverThatRecoversInTime()
{
    for (int failures = 11; failures < 17; ++failures) {
        Scene s;
        int left = failures;
        s.server.answer = [&](const Request&) { return left-- > 0 ? Receiver::status(500) : Receiver::ok(); };
        s.start();
        s.add(1, 4);
        QTRY_COMPARE(s.delivery->counts().delivered, 4U);
        QCOMPARE(s.delivery->counts().refused, 0U);
        std::ranges::sort(s.server.taken);
        QCOMPARE(s.server.taken, Scene::ids(1, 4));
    }
}

void TestDeliverHttp::lateRecordsSayWhenTheyWere()
{
    Scene s;
    s.start();
    auto record = std::make_shared<CallDataRecord>();
    record->id = "1";
    record->utc = std::chrono::floor<seconds>(s.clock.utcNow()).time_since_epoch().count() - 86'400;
    record->events.resize(2);
    record->events[0].msg = msg::kSetupFrom;
    record->events[1].msg = msg::kRelTo;
    record->events[1].time = 60;
    s.box->add(record);
    QTRY_COMPARE(s.delivery->counts().delivered, 1U);
    QCOMPARE(s.server.requests.front().word("time").toLongLong(), record->utc + 60);
    // One that was forwarded counts from where the call began.
    auto follower = std::make_shared<CallDataRecord>(*record);
    follower->id = "2";
    follower->base = record->utc - 20;
    s.box->add(follower);
    QTRY_COMPARE(s.delivery->counts().delivered, 2U);
    QCOMPARE(s.server.requests.back().word("time").toLongLong(), record->utc + 40);
}

void TestDeliverHttp::refusals()
{
    Scene s;
    s.server.answer = [](const Request& request) {
        return request.id().toInt() % 2 == 0 ? Receiver::status(400) : Receiver::ok();
    };
    s.start();
    s.add(1, 6);
    QTRY_COMPARE(s.delivery->counts().delivered, 3U);
    QTRY_COMPARE(s.delivery->counts().refused, 3U);
    QTRY_COMPARE(s.told(CdrErrc::Refused), 3U);
    QFile aside(s.dir.filePath(QStringLiteral("undelivered.xml")));
    QVERIFY(aside.open(QIODevice::ReadOnly));
    QStringList kept;
    while (!aside.atEnd())
        kept << QString::fromStdString(parse(aside.readLine().toStdString()).valueOr({}).id);
    QCOMPARE(kept, QStringList({QStringLiteral("2"), QStringLiteral("4"), QStringLiteral("6")}));
}

void TestDeliverHttp::stalls()
{
    Scene s;
    s.timeout = milliseconds(250);
    int count = 0;
    s.server.answer = [&](const Request&) {
        switch (++count) {
        case 1:
            return QByteArray();
        case 2:
            return QByteArray("HTTP/1.1 20");
        case 3:
            return QByteArray("HTTP/1.1 500 x\r\nContent-Length: 5\r\n\r\nab");
        default:
            return Receiver::ok();
        }
    };
    s.start();
    s.add(1, 2);
    QTRY_VERIFY(s.delivery->counts().delivered == 2U);
    QVERIFY(s.server.requests.size() >= 5);
    QCOMPARE(s.server.taken.last(), QStringLiteral("2"));
}

void TestDeliverHttp::redirections_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<bool>("post");
    for (const int status : {301, 302, 307, 308})
        for (const bool post : {false, true})
            QTest::addRow("%d %s", status, post ? "post" : "get") << status << post;
}

void TestDeliverHttp::redirections()
{
    QFETCH(int, status);
    QFETCH(bool, post);
    Scene s;
    s.receiver.post = post;
    s.server.answer = [&](const Request& request) {
        if (request.target.startsWith("/new"))
            return Receiver::ok();
        const QByteArray query = post ? QByteArray() : request.target.mid(request.target.indexOf('?'));
        return Receiver::status(status, "Location: /new" + query + "\r\n");
    };
    s.start();
    s.add(1, 5);
    QTRY_COMPARE(s.delivery->counts().delivered, 5U);
    QCOMPARE(s.server.taken, Scene::ids(1, 5));
    QCOMPARE(s.server.requests.back().method, post ? QByteArray("POST") : QByteArray("GET"));

    // Round and round.
    s.stayWaiting = true;
    s.server.requests.clear();
    s.server.answer = [&](const Request&) { return Receiver::status(status, "Location: /again\r\n"); };
    s.add(6, 6);
    QTRY_VERIFY(s.delivery->counts().waiting);
    QCOMPARE(s.server.requests.size(), 6U);
}

void TestDeliverHttp::basic()
{
    Scene s;
    s.receiver.user = "anna";
    s.receiver.password = "geh:eim";
    const QByteArray good = "Basic " + QByteArray("anna:geh:eim").toBase64();
    s.server.answer = [&](const Request& request) {
        return request.header("Authorization") == good
                   ? Receiver::ok()
                   : Receiver::status(401, "WWW-Authenticate: Basic realm=\"cdr\"\r\n");
    };
    s.start();
    s.add(1, 3);
    QTRY_COMPARE(s.server.taken, Scene::ids(1, 3));
    QTRY_COMPARE(s.delivery->counts().delivered, 3U);
}

void TestDeliverHttp::digest()
{
    Scene s;
    s.receiver.user = "anna";
    s.receiver.password = "geheim";
    const auto md5 = [](const QByteArray& text) {
        return QCryptographicHash::hash(text, QCryptographicHash::Md5).toHex();
    };
    s.server.answer = [&](const Request& request) {
        const QString sent = QString::fromLatin1(request.header("Authorization"));
        const auto value = [&](const char* name) {
            const QRegularExpression one(QStringLiteral("\\b%1=\"?([^\",]*)").arg(QLatin1String(name)));
            return one.match(sent).captured(1).toLatin1();
        };
        const QByteArray expected = md5(md5("anna:cdr:geheim") + ":n1:" + value("nc") + ":" +
                                        value("cnonce") + ":auth:" + md5("GET:" + request.target));
        return sent.startsWith(u"Digest") && value("response") == expected
                   ? Receiver::ok()
                   : Receiver::status(
                         401, "WWW-Authenticate: Digest realm=\"cdr\", nonce=\"n1\", qop=\"auth\"\r\n");
    };
    s.start();
    s.add(1, 3);
    QTRY_COMPARE(s.server.taken, Scene::ids(1, 3));
}

/// All wait: the next password may be the right one.
void TestDeliverHttp::wrongPassword()
{
    Scene s;
    s.receiver.user = "anna";
    s.receiver.password = "falsch";
    s.stayWaiting = true;
    s.server.answer = [&](const Request&) {
        return Receiver::status(401, "WWW-Authenticate: Basic realm=\"cdr\"\r\n");
    };
    s.start();
    s.add(1, 2);
    QTRY_VERIFY(s.delivery->counts().waiting);
    QVERIFY(s.server.requests.size() <= 2);
    s.delivery.reset();
    s.server.answer = [](const Request&) { return Receiver::ok(); };
    s.start();
    QTRY_COMPARE(s.server.taken, Scene::ids(1, 2));
}

void TestDeliverHttp::redirectedAway()
{
    Scene s;
    Receiver other;
    s.receiver.user = "anna";
    s.receiver.password = "geheim";
    s.stayWaiting = true;
    s.server.answer = [&](const Request&) {
        return Receiver::status(307, "Location: " + QByteArray::fromStdString(other.url()) + "\r\n");
    };
    other.answer = [](const Request&) {
        return Receiver::status(401, "WWW-Authenticate: Basic realm=\"cdr\"\r\n");
    };
    s.start();
    s.add(1, 1);
    QTRY_VERIFY(s.delivery->counts().waiting);
    for (const Request& request : other.requests)
        QVERIFY(request.header("Authorization").isEmpty());
}

void TestDeliverHttp::longAnswer()
{
    Scene s;
    s.stayWaiting = true;
    s.server.answer = [](const Request&) { return "HTTP/1.1 200 OK\r\n\r\n" + QByteArray(10'000'000, 'x'); };
    s.start();
    s.add(1, 1);
    QTRY_VERIFY(s.delivery->counts().waiting); // not read to its end
}

/// The delivering side and the outbox end at any moment; what is taken twice was in doubt when they did.
void TestDeliverHttp::restarts()
{
    const unsigned seed = std::random_device()();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    Scene s;
    s.server.answer = [&](const Request&) {
        return random() % 4 == 0 ? Receiver::status(500) : Receiver::ok();
    };
    int added = 0;
    for (int round = 0; round < 20; ++round) {
        s.start();
        s.add(added + 1, added + 10);
        added += 10;
        const auto enough = s.server.taken.size() + static_cast<qsizetype>(random() % 12);
        QTRY_VERIFY(s.server.taken.size() >= std::min<qsizetype>(enough, added));
        s.delivery.reset();
        if (random() % 2 == 0)
            s.box.reset();
    }
    s.start();
    QTRY_VERIFY(s.server.taken.contains(QString::number(added)));
    QCOMPARE(QSet<QString>(s.server.taken.begin(), s.server.taken.end()).size(), added);
    QVERIFY(s.server.taken.size() <= added + 21);
    QVERIFY(std::ranges::is_sorted(s.server.taken, {}, [](const QString& id) { return id.toInt(); }));
}

void TestDeliverHttp::nobodyThere()
{
    Scene s;
    {
        QTcpServer gone;
        QVERIFY(gone.listen(QHostAddress::LocalHost));
        s.receiver.url = "http://127.0.0.1:" + std::to_string(gone.serverPort()) + "/";
    }
    s.stayWaiting = true;
    s.start();
    s.add(1, 1);
    QTRY_VERIFY(s.delivery->counts().waiting);
    s.delivery.reset();
    s.receiver.url = s.server.url();
    s.start();
    QTRY_COMPARE(s.server.taken, Scene::ids(1, 1));
}

QTEST_GUILESS_MAIN(TestDeliverHttp)
#include "tst_deliver_http.moc"
