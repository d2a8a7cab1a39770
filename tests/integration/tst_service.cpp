// SPDX-License-Identifier: GPL-3.0-or-later
// switchroomd: says when it is ready, follows what others write, is one per --config, and ends cleanly.
#include "core/base/file.h"
#include "tests/support/capture_builder.h"
#include "tests/support/ctl_process.h"

#include <QDir>
#include <QJsonArray>
#include <QTest>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

using namespace sr;
using sr::test::CtlFixture;

class ServiceTest : public QObject {
    Q_OBJECT

    static void start(QProcess& process, const CtlFixture& fixture)
    {
        process.start(QStringLiteral(SR_BINARY_DIR "/app/switchroomd"),
                      {QStringLiteral("--foreground"), QStringLiteral("--archive"), fixture.archive(),
                       QStringLiteral("--config"), fixture.config()});
    }

private slots:
    void saysReadyServesAndStops()
    {
        const CtlFixture fixture;
        QProcess service;
        start(service, fixture);
        QVERIFY(service.waitForReadyRead(20'000));
        QVERIFY(service.readAllStandardOutput().startsWith("ready "));

        test::CaptureBuilder builder;
        builder.addCall(test::usualCall());
        builder.save(pathOf(fixture.path(QStringLiteral("call.pcap")).toStdString()));
        QCOMPARE(fixture.run({QStringLiteral("import"), fixture.path(QStringLiteral("call.pcap"))}).exitCode,
                 0);
        QCOMPARE(fixture.run({QStringLiteral("verify")}).exitCode, 0);

        service.terminate();
        QVERIFY(service.waitForFinished(40'000));
        QCOMPARE(service.exitStatus(), QProcess::NormalExit);
        QCOMPARE(service.exitCode(), 0);
    }

    void isOnePerConfig()
    {
        const CtlFixture fixture;
        QProcess first;
        start(first, fixture);
        QVERIFY(first.waitForReadyRead(20'000));
        QProcess second;
        start(second, fixture);
        QVERIFY(second.waitForFinished(20'000));
        QCOMPARE(second.exitCode(), 1);
        QVERIFY(second.readAllStandardError().contains("another switchroomd"));
        first.terminate();
        QVERIFY(first.waitForFinished(40'000));
    }

    void tellsSystemdWhatItDoes()
    {
        const CtlFixture fixture;
        const QByteArray path = fixture.path(QStringLiteral("notify")).toUtf8();
        const int fd = ::socket(AF_UNIX, SOCK_DGRAM, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        QVERIFY(path.size() < qsizetype(sizeof address.sun_path));
        std::memcpy(address.sun_path, path.constData(), size_t(path.size()));
        QVERIFY(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        const timeval patience{20, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        const auto next = [&] {
            QByteArray text(4096, '\0');
            const auto got = ::recv(fd, text.data(), size_t(text.size()), 0);
            return text.left(std::max<qsizetype>(got, 0));
        };
        QProcess service;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("NOTIFY_SOCKET"), QString::fromUtf8(path));
        service.setProcessEnvironment(environment);
        start(service, fixture);
        QVERIFY(next().startsWith("READY=1\nSTATUS=ready archive="));
        service.terminate();
        QCOMPARE(next(), "STOPPING=1");
        QVERIFY(service.waitForFinished(40'000));
        QCOMPARE(service.exitCode(), 0);
        ::close(fd);
    }

    void wrongUseIsTwo()
    {
        QProcess service;
        service.start(QStringLiteral(SR_BINARY_DIR "/app/switchroomd"), {QStringLiteral("--foreground")});
        QVERIFY(service.waitForFinished(40'000));
        QCOMPARE(service.exitCode(), 2);
    }

    void interruptedImportIsContinued()
    {
        const CtlFixture fixture;
        const QString file = fixture.path(QStringLiteral("many.pcap"));
        test::writeManyCalls(pathOf(file.toStdString()), 60, 20, 1);
        QProcess import;
        import.start(QStringLiteral(SR_BINARY_DIR "/app/switchroomctl"),
                     {QStringLiteral("import"), file, QStringLiteral("--archive"), fixture.archive(),
                      QStringLiteral("--config"), fixture.config(), QStringLiteral("--json"),
                      QStringLiteral("--format"), QStringLiteral("mp3")});
        QVERIFY(import.waitForStarted());
        // As soon as something is archived the person presses Ctrl+C.
        const QDir month(fixture.archive() + QStringLiteral("/2026_11"));
        QTRY_VERIFY_WITH_TIMEOUT(!month.entryList({QStringLiteral("*.mp3")}).isEmpty() ||
                                     import.state() == QProcess::NotRunning,
                                 30'000);
        import.terminate();
        QVERIFY(import.waitForFinished(30'000));
        const QJsonObject report = QJsonDocument::fromJson(import.readAllStandardOutput()).object();
        const auto before = report.value(QStringLiteral("recordings")).toArray().size();
        if (import.exitCode() != 0) { // a very fast machine may have finished
            QCOMPARE(import.exitCode(), 1);
            QVERIFY(import.readAllStandardError().contains("cancelled"));
            QVERIFY(before < 60);
        }
        const auto again = fixture.run({QStringLiteral("import"), file, QStringLiteral("--json"),
                                        QStringLiteral("--format"), QStringLiteral("mp3")});
        QVERIFY2(again.exitCode == 0, again.err.constData());
        QCOMPARE(again.json().value(QStringLiteral("recordings")).toArray().size() +
                     again.json().value(QStringLiteral("duplicates")).toArray().size(),
                 60);
        QCOMPARE(fixture.run({QStringLiteral("list"), QStringLiteral("--json")})
                     .json()
                     .value(QStringLiteral("total"))
                     .toInt(),
                 60);
        QCOMPARE(fixture.run({QStringLiteral("verify")}).exitCode, 0);
    }

    void settingsAreKeptAndSecretsHidden()
    {
        const CtlFixture fixture;
        QCOMPARE(fixture
                     .run({QStringLiteral("settings"), QStringLiteral("set"), QStringLiteral("import.seal"),
                           QStringLiteral("true")})
                     .exitCode,
                 0);
        QCOMPARE(
            fixture.run({QStringLiteral("settings"), QStringLiteral("get"), QStringLiteral("import.seal")})
                .out.trimmed(),
            QByteArray("true"));
        QCOMPARE(fixture
                     .run({QStringLiteral("settings"), QStringLiteral("set"), QStringLiteral("import.format"),
                           QStringLiteral("ogg")})
                     .exitCode,
                 1);
        QCOMPARE(fixture
                     .run({QStringLiteral("settings"), QStringLiteral("set"),
                           QStringLiteral("setup.password"), QStringLiteral("seen")})
                     .exitCode,
                 2);
        QCOMPARE(
            fixture
                .run({QStringLiteral("settings"), QStringLiteral("set"), QStringLiteral("setup.password")},
                     "a long password\n")
                .exitCode,
            0);
        const auto exported = fixture.run({QStringLiteral("settings"), QStringLiteral("export")});
        QVERIFY(exported.out.contains("import.seal") && !exported.out.contains("password\">a long"));
        QVERIFY(!fixture.run({QStringLiteral("settings"), QStringLiteral("list")}).out.contains("scrypt"));
        QCOMPARE(fixture.run({QStringLiteral("key"), QStringLiteral("export")}, "wrong\n").exitCode, 1);
        QCOMPARE(fixture.run({QStringLiteral("key"), QStringLiteral("export")}, "a long password\n").exitCode,
                 0);
    }
};

QTEST_GUILESS_MAIN(ServiceTest)
#include "tst_service.moc"
