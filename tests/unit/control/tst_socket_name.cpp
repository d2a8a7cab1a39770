// SPDX-License-Identifier: GPL-3.0-or-later
// Every spelling of a folder leads to the same socket, and no other folder does.
#include "app/control/socket_name.h"
#include "app/control/socket_place.h"
#include "core/base/file.h"

#include <QDir>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using control::Case;
using control::hashedName;
using control::socketNameOf;
using control::SocketPlace;

class SocketNameTest : public QObject {
    Q_OBJECT

private slots:
    void isTheStartOfTheHash()
    {
        // sha256sum of "/etc/switchroom"
        QCOMPARE(hashedName("/etc/switchroom", Case::Matters),
                 std::string("d344362acb8fd10048e20602e893ec17"));
    }

    void caseMattersWhereItDoes()
    {
        QVERIFY(hashedName("/srv/Büro", Case::Matters) != hashedName("/srv/büro", Case::Matters));
        const std::string wanted = hashedName("C:\\ProgramData\\BÜRO", Case::Folded);
        QCOMPARE(hashedName("c:/programdata/büro", Case::Folded), wanted);
        QCOMPARE(hashedName("\\\\?\\C:\\ProgramData\\büro", Case::Folded), wanted);
        QVERIFY(hashedName("C:\\ProgramData\\BURO", Case::Folded) != wanted);
    }

    void everySpellingIsOneFolder()
    {
        const QTemporaryDir dir;
        const QString folder = dir.filePath(QStringLiteral("日本 Büro"));
        QVERIFY(QDir().mkpath(folder));
        const std::string wanted = socketNameOf(pathOf(folder.toStdString()));
        QCOMPARE(socketNameOf(pathOf((folder + QStringLiteral("/../日本 Büro/.")).toStdString())), wanted);
        QCOMPARE(socketNameOf(pathOf((folder + QLatin1Char('/')).toStdString())), wanted);
        QVERIFY(socketNameOf(pathOf(dir.path().toStdString())) != wanted);
        const QString before = QDir::currentPath();
        QVERIFY(QDir::setCurrent(dir.path()));
        const std::string relative = socketNameOf(pathOf("日本 Büro"));
        QVERIFY(QDir::setCurrent(before));
        QCOMPARE(relative, wanted);
#ifndef Q_OS_WIN
        const QString link = dir.filePath(QStringLiteral("link"));
        QVERIFY(QFile::link(folder, link));
        QCOMPARE(socketNameOf(pathOf(link.toStdString())), wanted);
#endif
    }

    void isForItsUserAlone()
    {
#ifdef Q_OS_WIN
        QSKIP("a pipe has no folder");
#endif
        const QTemporaryDir dir;
        QVERIFY(QDir(dir.path()).mkdir(QStringLiteral("run")));
        const QString run = dir.filePath(QStringLiteral("run"));
        QVERIFY(QFile::setPermissions(run, QFile::Permissions(0x7755)));
        const auto place = SocketPlace::make(pathOf(dir.path().toStdString()));
        QVERIFY(place);
        QCOMPARE(QFileInfo((*place)->address()).path(), QFileInfo(run).canonicalFilePath());
        QCOMPARE(int(QFileInfo(run).permissions() & QFile::Permissions(0x0077)), 0);
    }

    void longPathsAreReachedAllTheSame()
    {
#ifdef Q_OS_WIN
        QSKIP("a pipe has no path");
#endif
        const QTemporaryDir dir;
        const Path folder =
            pathOf((dir.path() + QLatin1Char('/') + QString(200, QLatin1Char('x'))).toStdString());
        QVERIFY(makeDirs(folder));
        const auto place = SocketPlace::make(folder);
        QVERIFY(place);
        QVERIFY((*place)->address().size() < 100);
        QFile made((*place)->address());
        QVERIFY(made.open(QIODevice::WriteOnly));
        QVERIFY(fileExists(folder / "run" / socketNameOf(folder)));
    }

    void whereNoServiceRanNothingIsMade()
    {
#ifdef Q_OS_WIN
        QSKIP("a pipe has no folder");
#endif
        const QTemporaryDir dir;
        const auto place = SocketPlace::find(pathOf(dir.path().toStdString()));
        QVERIFY(!place);
        QVERIFY(place.error().code == BaseErrc::NotFound);
        QVERIFY(QDir(dir.path()).isEmpty());
    }
};

QTEST_GUILESS_MAIN(SocketNameTest)
#include "tst_socket_name.moc"
