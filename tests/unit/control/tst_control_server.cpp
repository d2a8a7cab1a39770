// SPDX-License-Identifier: GPL-3.0-or-later
// The socket answers whoever keeps to the protocol, tells the others why not, and keeps nobody for ever.
#include "app/control/control_client.h"
#include "app/control/control_server.h"
#include "app/control/socket_place.h"
#include "core/base/file.h"

#include <QDeadlineTimer>
#include <QJsonDocument>
#include <QLocalSocket>
#include <QTemporaryDir>
#include <QTest>

#include <future>
#include <random>

using namespace sr;
using control::Answer;
using control::ControlErrc;
using control::ControlServer;
using control::ServerOptions;

namespace {

struct Service {
    explicit Service(const ServerOptions& options = {})
    {
        auto started = ControlServer::start(config(), options);
        if (!started)
            qFatal("%s", started.error().text().c_str());
        server = std::move(*started);
        server->add("echo", [](const QJsonObject& request, const Answer& answer) {
            answer({{QStringLiteral("said"), request.value(QLatin1String("say"))}});
        });
        server->add("later", [this](const QJsonObject&, const Answer& answer) { kept.push_back(answer); });
        server->add("much", [](const QJsonObject&, const Answer& answer) {
            answer({{QStringLiteral("text"), QString(3'000'000, QLatin1Char('x'))}});
        });
        server->add("tooMuch", [](const QJsonObject&, const Answer& answer) {
            answer({{QStringLiteral("text"), QString(5'000'000, QLatin1Char('x'))}});
        });
    }
    Path config() const { return pathOf(dir.path().toStdString()); }

    QTemporaryDir dir;
    std::unique_ptr<ControlServer> server;
    std::vector<Answer> kept;
};

/// A program that may do what it wants.
struct Peer {
    explicit Peer(const Service& service)
        : place(std::move(*control::SocketPlace::find(service.config())))
    {
        socket.connectToServer(place->address());
        socket.waitForConnected();
    }
    QJsonObject ask(const QByteArray& octets)
    {
        socket.write(octets);
        return next();
    }
    QJsonObject next()
    {
        const QDeadlineTimer patience(20'000);
        while (!socket.canReadLine()) { // without qWaitFor()'s pauses
            if (patience.hasExpired() || socket.state() != QLocalSocket::ConnectedState)
                return {};
            QCoreApplication::processEvents();
        }
        return QJsonDocument::fromJson(socket.readLine()).object();
    }
    bool isClosed()
    {
        return QTest::qWaitFor([this] { return socket.state() == QLocalSocket::UnconnectedState; }, 20'000);
    }
    std::unique_ptr<control::SocketPlace> place;
    QLocalSocket socket;
};

QString codeOf(const QJsonObject& answer)
{
    return answer.value(QLatin1String("error"))[QLatin1String("code")].toString();
}

} // namespace

class ControlServerTest : public QObject {
    Q_OBJECT

    /// As switchroomctl asks: from a program without an event loop.
    static Result<QJsonObject> ask(const Service& service, const QJsonObject& request)
    {
        auto asked = std::async(std::launch::async, [&] { return control::ask(service.config(), request); });
        while (asked.wait_for(milliseconds(0)) != std::future_status::ready)
            QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
        return asked.get();
    }

private slots:
    void answersAndRefuses()
    {
        const Service service;
        const auto said = ask(service, {{QStringLiteral("do"), QStringLiteral("echo")},
                                        {QStringLiteral("say"), QStringLiteral("Grüß\n")}});
        QVERIFY(said);
        QCOMPARE(said->value(QLatin1String("said")).toString(), QStringLiteral("Grüß\n"));
        QCOMPARE(said->value(QLatin1String("version")).toInt(), control::kProtocolVersion);
        const auto refused = ask(service, {{QStringLiteral("do"), QStringLiteral("dance")}});
        QVERIFY(!refused);
        QVERIFY(refused.error().code == ControlErrc::Refused);
        QVERIFY(refused.error().context.find("echo, later") != std::string::npos);
        const auto much = ask(service, {{QStringLiteral("do"), QStringLiteral("much")}});
        QVERIFY(much);
        QCOMPARE(much->value(QLatin1String("text")).toString().size(), 3'000'000);
        QVERIFY(ask(service, {{QStringLiteral("do"), QStringLiteral("tooMuch")}}).error().code ==
                ControlErrc::Refused);
    }

    void nobodyThereIsSaid()
    {
        auto service = std::make_unique<Service>();
        service->server.reset();
        const auto answer = ask(*service, {{QStringLiteral("do"), QStringLiteral("echo")}});
        QVERIFY(!answer);
        QVERIFY(answer.error().code == ControlErrc::NotRunning);
    }

    void garbageHasItsCode_data()
    {
        QTest::addColumn<QByteArray>("octets");
        QTest::addColumn<QString>("code");
        const QString malformed = QString::fromLatin1(control::kMalformed);
        QTest::newRow("nothing") << QByteArray("\n") << malformed;
        QTest::newRow("no JSON") << QByteArray("status\n") << malformed;
        QTest::newRow("a list") << QByteArray("[\"status\"]\n") << malformed;
        QTest::newRow("no command") << QByteArray("{}\n") << malformed;
        QTest::newRow("a number") << QByteArray("{\"do\":1}\n") << malformed;
        QTest::newRow("zeros") << QByteArray("\0\0\0\n", 4) << malformed;
        QTest::newRow("deep") << QByteArray(30'000, '[') + '\n' << malformed;
        QTest::newRow("no UTF-8") << QByteArray("{\"do\":\"\xff\xfe\"}\n") << malformed;
        QTest::newRow("unknown") << QByteArray("{\"do\":\"\"}\n") << QString::fromLatin1(control::kUnknown);
        QTest::newRow("too long") << QByteArray(70'000, 'x') << QString::fromLatin1(control::kTooLong);
    }
    void garbageHasItsCode()
    {
        QFETCH(QByteArray, octets);
        QFETCH(QString, code);
        const Service service({.reading = milliseconds(500)});
        Peer peer(service);
        QCOMPARE(codeOf(peer.ask(octets)), code);
        if (code == QLatin1String(control::kTooLong))
            QVERIFY(peer.isClosed());
        else
            QVERIFY(peer.ask("{\"do\":\"echo\",\"say\":1}\n").contains(QLatin1String("said")));
    }

    void everyLineHasOneAnswer()
    {
        const Service service;
        Peer peer(service);
        std::mt19937 random(12);
        const QByteArray good = "{\"do\":\"echo\",\"say\":[1,{\"a\":null}]}";
        for (int round = 0; round < 3000; ++round) {
            QByteArray line = good;
            for (auto flips = random() % 8; flips > 0; --flips)
                line[qsizetype(random() % unsigned(line.size()))] = char(random());
            line.replace('\n', ' ');
            const QJsonObject answer = peer.ask(line + '\n');
            QCOMPARE(answer.value(QLatin1String("version")).toInt(), control::kProtocolVersion);
        }
        QVERIFY(!peer.socket.canReadLine());
    }

    void manyAtOnceComeInOrder()
    {
        const Service service;
        Peer peer(service);
        QByteArray all;
        for (int i = 0; i < 5000; ++i)
            all += "{\"do\":\"echo\",\"say\":" + QByteArray::number(i) + "}\r\n";
        peer.socket.write(all);
        for (int i = 0; i < 5000; ++i)
            QCOMPARE(peer.next().value(QLatin1String("said")).toInt(), i);
    }

    void lateAndDoubleAnswersAreDropped()
    {
        Service service({.command = milliseconds(50)});
        Peer peer(service);
        QCOMPARE(codeOf(peer.ask("{\"do\":\"later\"}\n")), QString::fromLatin1(control::kBusy));
        service.kept.at(0)({{QStringLiteral("late"), true}});
        QVERIFY(peer.ask("{\"do\":\"echo\",\"say\":1}\n").contains(QLatin1String("said")));
        service.kept.at(0)({{QStringLiteral("late"), true}});
        QCOMPARE(codeOf(peer.ask("{\"do\":\"later\"}\n")), QString::fromLatin1(control::kBusy));
        peer.socket.abort();
        QTest::qWait(0);
        service.kept.at(1)({}); // to nobody
    }

    void answersThatTakeTheirTimeCome()
    {
        Service service;
        Peer peer(service);
        peer.socket.write("{\"do\":\"later\"}\n");
        QTRY_COMPARE(service.kept.size(), std::size_t(1));
        service.kept[0]({{QStringLiteral("at"), QStringLiteral("last")}});
        service.kept[0]({{QStringLiteral("at"), QStringLiteral("twice")}});
        QCOMPARE(peer.next().value(QLatin1String("at")).toString(), QStringLiteral("last"));
        QVERIFY(peer.ask("{\"do\":\"echo\",\"say\":1}\n").contains(QLatin1String("said")));
    }

    void whoSaysNothingIsClosed()
    {
        const Service service({.idle = milliseconds(50)});
        Peer silent(service);
        QVERIFY(silent.isClosed());
        Peer half(service);
        half.socket.write("{\"do\":");
        QVERIFY(half.isClosed());
    }

    void whoDoesNotReadIsClosed()
    {
        const Service service({.idle = seconds(2), .reading = seconds(2)}); // a slow machine asks in time
        Peer peer(service);
        peer.socket.setReadBufferSize(1000);
        peer.socket.write("{\"do\":\"much\"}\n");
        QTRY_VERIFY(peer.socket.bytesAvailable() > 0);
        Peer later(service);
        QVERIFY(later.ask("{\"do\":\"echo\",\"say\":1}\n").contains(QLatin1String("said"))); // not held up
        QVERIFY(later.isClosed()); // so the other's time is over too
        peer.socket.setReadBufferSize(0);
        QByteArray taken;
        QTRY_VERIFY((taken += peer.socket.readAll(), peer.socket.state() == QLocalSocket::UnconnectedState));
        QVERIFY(taken.size() < 3'000'000);
    }

    void oneTooManyIsTold()
    {
        const Service service({.connections = 2, .reading = milliseconds(500)});
        Peer first(service);
        auto second = std::make_unique<Peer>(service);
        QVERIFY(first.ask("{\"do\":\"echo\",\"say\":1}\n").contains(QLatin1String("said")));
        QVERIFY(second->ask("{\"do\":\"echo\",\"say\":1}\n").contains(QLatin1String("said")));
        Peer third(service);
        QCOMPARE(codeOf(third.next()), QString::fromLatin1(control::kBusy));
        QVERIFY(third.isClosed());
        second.reset();
        const auto isLetIn = [&] {
            Peer again(service);
            return again.ask("{\"do\":\"echo\",\"say\":1}\n").contains(QLatin1String("said"));
        };
        QVERIFY(QTest::qWaitFor(isLetIn, 20'000));
    }

    void aDeadServicesSocketIsReplaced()
    {
#ifdef Q_OS_WIN
        QSKIP("a pipe dies with its service");
#endif
        Service service;
        const auto place = control::SocketPlace::find(service.config());
        QVERIFY(place);
        auto second = ControlServer::start(service.config()); // as after a kill: the file still stands there
        QVERIFY(second);
        (*second)->add("second", [](const QJsonObject&, const Answer& answer) { answer({}); });
        QVERIFY(ask(service, {{QStringLiteral("do"), QStringLiteral("second")}}));
    }

    void whoIsAskedMayEnd()
    {
        Service service;
        Peer peer(service);
        peer.socket.write("{\"do\":\"later\"}\n");
        QTRY_COMPARE(service.kept.size(), std::size_t(1));
        service.server.reset();
        service.kept[0]({});
        QVERIFY(peer.isClosed());
    }
};

QTEST_GUILESS_MAIN(ControlServerTest)
#include "tst_control_server.moc"
