// SPDX-License-Identifier: GPL-3.0-or-later
// Files and folders: limits, atomic writes, locks, names in any script.
#include "core/base/file.h"

#include <QTemporaryDir>
#include <QTest>

using namespace sr;

class FileTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    Path at(const char* name) const { return pathOf(m_dir.filePath(QString::fromUtf8(name)).toStdString()); }

private slots:
    void writesAndReadsRanges()
    {
        auto file = File::open(at("a"), OpenMode::CreateNew);
        QVERIFY(file);
        QVERIFY((*file)->write(bytesOf("hello ")));
        QVERIFY((*file)->write(bytesOf("world")));
        QVERIFY((*file)->writeAt(0, bytesOf("J")));
        QVERIFY((*file)->sync());
        Bytes part(20);
        const auto got = (*file)->readAt(6, part);
        QVERIFY(got && *got == 5);
        QCOMPARE(textOf(ByteView(part).first(5)), std::string_view("world"));
        QCOMPARE((*file)->size(), 11u);
        QVERIFY((*file)->truncate(5));
        QCOMPARE(textOf(*readFile(at("a"), 100)), std::string_view("Jello"));
    }

    void refusesWhatIsThereAndWhatIsNot()
    {
        QVERIFY(writeFileAtomic(at("b"), bytesOf("1")));
        QVERIFY(File::open(at("b"), OpenMode::CreateNew).error().code == BaseErrc::Exists);
        QVERIFY(File::open(at("absent"), OpenMode::Read).error().code == BaseErrc::NotFound);
        QVERIFY(File::open(at("."), OpenMode::Read).error().code == BaseErrc::NotFound);
        QVERIFY(readFile(at("b"), 0).error().code == BaseErrc::TooLarge);
    }

    void appendsInOneGo()
    {
        for (const char* part : {"one,", "two,"}) {
            auto file = File::open(at("log"), OpenMode::Append);
            QVERIFY(file && (*file)->write(bytesOf(part)));
        }
        QCOMPARE(textOf(*readFile(at("log"), 100)), std::string_view("one,two,"));
    }

    void renamesWithAndWithoutReplacing()
    {
        QVERIFY(writeFileAtomic(at("from"), bytesOf("new")));
        QVERIFY(writeFileAtomic(at("to"), bytesOf("old")));
        QVERIFY(renameNew(at("from"), at("to")).error().code == BaseErrc::Exists);
        QCOMPARE(textOf(*readFile(at("to"), 100)), std::string_view("old"));
        QVERIFY(renameReplace(at("from"), at("to")));
        QCOMPARE(textOf(*readFile(at("to"), 100)), std::string_view("new"));
        QVERIFY(!fileExists(at("from")));
        QVERIFY(renameNew(at("to"), at("elsewhere")));
        QVERIFY(removeFile(at("never there")));
    }

    void staysReadableWhileRenamedAndRemoved()
    {
        QVERIFY(writeFileAtomic(at("played"), bytesOf("sound")));
        auto file = File::open(at("played"), OpenMode::Read);
        QVERIFY(file);
        QVERIFY(renameNew(at("played"), at("renamed")));
        QVERIFY(removeFile(at("renamed")));
        Bytes bytes(5);
        QVERIFY((*file)->readAt(0, bytes));
        QCOMPARE(textOf(bytes), std::string_view("sound"));
    }

    void locksAgainstOthers()
    {
        auto first = File::open(at("lock"), OpenMode::ReadWrite);
        auto second = File::open(at("lock"), OpenMode::ReadWrite);
        QVERIFY(first && second);
        QVERIFY((*first)->lock());
        QVERIFY((*second)->lock().error().code == BaseErrc::Locked);
        first = File::open(at("other"), OpenMode::ReadWrite);
        QVERIFY((*second)->lock());
    }

    void secretsAreForTheirOwner()
    {
        QVERIFY(writeFileAtomic(at("secret"), bytesOf("key"), true));
        const auto mode = std::filesystem::status(at("secret")).permissions();
        QCOMPARE(int(mode), int(std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
        QVERIFY(makeDirs(at("deep/er/est")));
        QCOMPARE(int(std::filesystem::status(at("deep")).permissions()),
                 int(std::filesystem::perms::owner_all));
    }

    void namesInAnyScript()
    {
        const Path path = at("Ärger – запись 録音 *?.wav");
        QVERIFY(writeFileAtomic(path, bytesOf("x")));
        const auto entries = listDir(path.parent_path());
        QVERIFY(entries);
        QVERIFY(std::ranges::any_of(
            *entries, [](const DirEntry& e) { return e.name == "Ärger – запись 録音 *?.wav"; }));
        QVERIFY(*freeBytes(path.parent_path()) > 0);
    }
};

QTEST_GUILESS_MAIN(FileTest)
#include "tst_file.moc"
