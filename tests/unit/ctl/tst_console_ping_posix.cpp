// SPDX-License-Identifier: GPL-3.0-or-later
// `mod cmd PING0 ping|tracert`: which programs are started with what, how their words come through, and that
// hostile addresses start nothing. The programs are scripts in a folder that is all of PATH.
#include "app/ctl/cmd_console.h"
#include "app/ctl/command.h"
#include "core/base/file.h"

#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <unistd.h>

#include <array>

using namespace sr;
using namespace sr::ctl;

namespace {

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Standard input is `input`; output and errors go to files, for programs that are started as well.
class Streams {
public:
    Streams(const QString& folder, const QByteArray& input)
        : m_folder(folder)
    {
        QFile file(path(0));
        if (file.open(QIODevice::WriteOnly))
            file.write(input);
        file.close();
        flush();
        for (int stream = 0; stream < kStreams; ++stream) {
            const int flags = stream == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC;
            const int opened = ::open(path(stream).toLocal8Bit().constData(), flags | O_CLOEXEC, 0600);
            m_kept.at(static_cast<std::size_t>(stream)) = ::fcntl(stream, F_DUPFD_CLOEXEC, kStreams);
            ::dup2(opened, stream);
            ::close(opened);
        }
    }
    ~Streams()
    {
        flush();
        for (int stream = 0; stream < kStreams; ++stream) {
            ::dup2(m_kept.at(static_cast<std::size_t>(stream)), stream);
            ::close(m_kept.at(static_cast<std::size_t>(stream)));
        }
    }
    Streams(const Streams&) = delete;
    Streams& operator=(const Streams&) = delete;

private:
    static constexpr int kStreams = 3;
    static void flush()
    {
        std::fflush(stdout);
        std::fflush(stderr);
    }
    QString path(int stream) const { return m_folder + QStringLiteral("/stream") + QString::number(stream); }

    QString m_folder;
    std::array<int, kStreams> m_kept{};
};

/// A console whose PATH leads to `bin` alone.
struct Place {
    Place()
    {
        QDir(dir.path()).mkpath(QStringLiteral("bin"));
        qputenv("PATH", (dir.path() + QStringLiteral("/bin")).toLocal8Bit());
    }
    ~Place() { qputenv("PATH", path); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    /// A program that notes its arguments, each in brackets, says two lines and one error, and looks whether
    /// it may read what stands in the console's own input.
    bool install(const QByteArray& name, int code = 0) const
    {
        QFile file(dir.filePath(QStringLiteral("bin/") + QString::fromLatin1(name)));
        if (!file.open(QIODevice::WriteOnly))
            return false;
        file.write("#!/bin/sh\n{ printf '" + name + "'; printf '[%s]' \"$@\"; echo; } >> '" +
                   dir.path().toLocal8Bit() + "/started'\necho '" + name + " says 1'\necho '" + name +
                   " errs' >&2\nif read -r line; then echo \"has read $line\"; fi\necho '" + name +
                   " says 2'\nexit " + QByteArray::number(code) + "\n");
        return file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    }
    int console(const QString& line)
    {
        const Streams streams(dir.path(), "quit\n");
        return runConsole({QStringLiteral("switchroomctl console"), QStringLiteral("--config"), dir.path(),
                           QStringLiteral("-c"), line});
    }
    QByteArray started() const { return contentOf(dir.filePath(QStringLiteral("started"))); }
    QByteArray out() const { return contentOf(dir.filePath(QStringLiteral("stream1"))); }
    QByteArray err() const { return contentOf(dir.filePath(QStringLiteral("stream2"))); }

    QTemporaryDir dir;
    QByteArray path = qgetenv("PATH");
};

/// It is looked for there too, and cannot be missing then.
bool isInRootsFolders(const QByteArray& program)
{
    return !QStandardPaths::findExecutable(QString::fromLatin1(program),
                                           {QStringLiteral("/usr/sbin"), QStringLiteral("/sbin")})
                .isEmpty();
}

} // namespace

class ConsolePingTest : public QObject {
    Q_OBJECT

private slots:
    void programsAndTheirArguments_data()
    {
        QTest::addColumn<QByteArrayList>("installed");
        QTest::addColumn<QString>("line");
        QTest::addColumn<QByteArray>("started");
        const auto row = [](const char* name, const QByteArrayList& installed, const char* line,
                            const char* started) {
            QTest::newRow(name) << installed << QString::fromLatin1(line) << QByteArray(started);
        };
        const QByteArrayList all{"ping", "traceroute", "tracepath"};
        row("ping", all, "mod cmd PING0 ping 192.0.2.1", "ping[-n][-c][4][-w][10][192.0.2.1]\n");
        row("ping by name", all, "mod cmd PING0 ping pbx.example.com",
            "ping[-n][-c][4][-w][10][pbx.example.com]\n");
        row("tracert", all, "mod cmd PING0 tracert 192.0.2.1",
            "traceroute[-n][-m][20][-q][1][-w][1][192.0.2.1]\n");
        row("tracert of IPv6", all, "mod cmd PING0 tracert 2001:db8::1",
            "traceroute[-n][-m][20][-q][1][-w][1][2001:db8::1]\n");
        row("no traceroute", {"ping", "tracepath"}, "mod cmd PING0 tracert 192.0.2.1",
            "tracepath[-n][-m][20][192.0.2.1]\n");
    }
    void programsAndTheirArguments()
    {
        QFETCH(QByteArrayList, installed);
        QFETCH(QString, line);
        QFETCH(QByteArray, started);
        if (!installed.contains("traceroute") && isInRootsFolders("traceroute"))
            QSKIP("this machine has traceroute where it cannot be hidden");
        Place place;
        for (const QByteArray& name : installed)
            QVERIFY(place.install(name));
        QCOMPARE(place.console(line), static_cast<int>(Ok));
        QCOMPARE(place.started(), started);
        const QByteArray name = started.left(started.indexOf('['));
        QCOMPARE(place.out(), name + " says 1\n" + name + " says 2\n");
        QCOMPARE(place.err(), name + " errs\n");
    }

    void failureIsTold()
    {
        Place place;
        QVERIFY(place.install("traceroute", 1) && place.install("tracepath"));
        QCOMPARE(place.console(QStringLiteral("mod cmd PING0 tracert 192.0.2.1")), static_cast<int>(Failed));
        QVERIFY(place.started().startsWith("traceroute[")); // that it failed is its answer
        QCOMPARE(place.started().count('\n'), 1);
        QVERIFY(place.out().contains("traceroute says 2"));
    }

    void nothingIsInstalled_data()
    {
        QTest::addColumn<QByteArray>("command");
        QTest::addColumn<QByteArrayList>("missing");
        QTest::newRow("ping") << QByteArray("ping") << QByteArrayList{"ping"};
        QTest::newRow("tracert") << QByteArray("tracert") << QByteArrayList{"traceroute", "tracepath"};
    }
    void nothingIsInstalled()
    {
        QFETCH(QByteArray, command);
        QFETCH(QByteArrayList, missing);
        if (std::ranges::any_of(missing, isInRootsFolders))
            QSKIP("this machine has it where it cannot be hidden");
        Place place;
        QCOMPARE(place.console(QStringLiteral("mod cmd PING0 %1 192.0.2.1").arg(QLatin1String(command))),
                 static_cast<int>(Failed));
        QVERIFY2(place.err().contains("this machine has no " + missing.join(" and no ") + "; install it."),
                 place.err().constData());
        QCOMPARE(place.out(), QByteArray());
    }

    void hostileAddressesStartNothing_data()
    {
        QTest::addColumn<QString>("line");
        for (const char* command : {"ping", "tracert"})
            for (const char* address :
                 {"\"-f /etc/x\"", "-f", "--help", "a;b", "\"a; reboot\"", "$(id)", "`id`", "\"a b\"", "a|b",
                  "../x", "\"\"", "", "-f /etc/x", "192.0.2.1 -f", "@/etc/passwd"}) {
                const QString line =
                    QStringLiteral("mod cmd PING0 %1 %2").arg(QLatin1String(command), QLatin1String(address));
                QTest::newRow(qPrintable(line)) << line;
            }
    }
    void hostileAddressesStartNothing()
    {
        QFETCH(QString, line);
        Place place;
        for (const char* name : {"ping", "traceroute", "tracepath", "sh", "id", "reboot"})
            QVERIFY(place.install(name));
        QCOMPARE(place.console(line), static_cast<int>(WrongUse));
        QCOMPARE(place.started(), QByteArray());
        QCOMPARE(place.out(), QByteArray());
        QVERIFY2(place.err().startsWith("switchroomctl: "), place.err().constData());
    }
};

QTEST_GUILESS_MAIN(ConsolePingTest)
#include "tst_console_ping_posix.moc"
