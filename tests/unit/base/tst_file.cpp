// SPDX-License-Identifier: GPL-3.0-or-later
// Files and folders: limits, atomic writes, locks, names in any script, what others hold open.
#include "core/base/file.h"
#include "tests/support/access.h"

#include <QCoreApplication>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <set>

using namespace sr;

namespace {

// Exit codes of this very program when it is started as the other one.
constexpr int kOtherGotLock = 10;
constexpr int kOtherSawLock = 11;
constexpr int kOtherFailed = 12;

int beOtherProgram(const QString& path)
{
    const auto file = File::open(pathOf(path.toStdString()), OpenMode::ReadWrite);
    if (!file || !readFile((*file)->path(), 100))
        return kOtherFailed;
    const auto locked = (*file)->lock();
    if (locked)
        return kOtherGotLock;
    return locked.error().code == BaseErrc::Locked ? kOtherSawLock : kOtherFailed;
}

int askOtherProgram(const Path& path)
{
    return QProcess::execute(QCoreApplication::applicationFilePath(),
                             {QStringLiteral("--other-program"), QString::fromStdString(utf8Of(path))});
}

std::string contentOf(File& file)
{
    Bytes bytes(static_cast<std::size_t>(file.size()));
    const auto got = file.readAt(0, bytes);
    return got ? std::string(textOf(ByteView(bytes).first(*got))) : std::string();
}

std::multiset<std::string> namesIn(const QString& dir)
{
    std::multiset<std::string> names;
    const auto entries = listDir(pathOf(dir.toStdString()));
    for (const DirEntry& entry : entries ? *entries : std::vector<DirEntry>())
        names.insert(entry.name);
    return names;
}

} // namespace

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

    void aFileThatIsReadIsReplaced()
    {
        QVERIFY(writeFileAtomic(at("current"), bytesOf("before")));
        const auto reader = File::open(at("current"), OpenMode::Read);
        const auto writer = File::open(at("current"), OpenMode::ReadWrite);
        QVERIFY(reader && writer);
        QVERIFY(writeFileAtomic(at("current"), bytesOf("after")));
        QCOMPARE(textOf(*readFile(at("current"), 10)), std::string_view("after"));
        QCOMPARE(contentOf(**reader), std::string("before")); // what it opened
        QCOMPARE(namesIn(m_dir.path()).count("current"), 1U);
    }

    void aNameIsFreeOnceItsFileIsRemoved()
    {
        const Path dir = at("removed");
        QVERIFY(makeDirs(dir));
        QVERIFY(writeFileAtomic(dir / "name", bytesOf("first")));
        const auto first = File::open(dir / "name", OpenMode::Read);
        QVERIFY(first && removeFile(dir / "name"));
        QVERIFY(!fileExists(dir / "name"));
        QVERIFY(listDir(dir)->empty());
        const auto second = File::open(dir / "name", OpenMode::CreateNew);
        QVERIFY(second && (*second)->write(bytesOf("second")));
        QCOMPARE(contentOf(**first), std::string("first"));
        QCOMPARE(textOf(*readFile(dir / "name", 10)), std::string_view("second"));
    }

    void aTreeGoesWithWhatIsOpenInIt()
    {
        const Path dir = at("tree");
        QVERIFY(makeDirs(dir / "in" / "side"));
        QVERIFY(writeFileAtomic(dir / "in" / "side" / "played", bytesOf("sound")));
        const auto file = File::open(dir / "in" / "side" / "played", OpenMode::Read);
        const auto lock = File::open(dir / "lock", OpenMode::ReadWrite);
        QVERIFY(file && lock && (*lock)->lock());
        QVERIFY(removeTree(dir));
        QVERIFY(!fileExists(dir));
        QCOMPARE(contentOf(**file), std::string("sound"));
        QVERIFY(removeTree(dir)); // fine if it is not there
    }

    void pathsMayBeLong()
    {
        Path deep = at("long");
        for (int i = 0; i < 8; ++i)
            deep /= std::string(100, static_cast<char>('a' + i));
        QVERIFY(makeDirs(deep) && isFolder(deep));
        QVERIFY(writeFileAtomic(deep / "one", bytesOf("1"), true));
        QVERIFY(renameNew(deep / "one", deep / "two"));
        QCOMPARE(listDir(deep)->size(), 1U);
        QCOMPARE(textOf(*readFile(deep / "two", 10)), std::string_view("1"));
        QVERIFY(*freeBytes(deep) > 0);
        QCOMPARE(realPath(deep / ".." / deep.filename()), realPath(deep));
        QVERIFY(removeFile(deep / "two") && !fileExists(deep / "two"));
        QVERIFY(removeTree(at("long")) && !fileExists(at("long")));
    }

    void appendersDoNotWriteOverEachOther()
    {
        const auto one = File::open(at("shared log"), OpenMode::Append);
        const auto two = File::open(at("shared log"), OpenMode::Append);
        QVERIFY(one && two);
        for (int i = 0; i < 100; ++i)
            QVERIFY((*one)->write(bytesOf("one\n")) && (*two)->write(bytesOf("two\n")));
        QCOMPARE((*one)->size(), 800U);
        const Bytes all = *readFile(at("shared log"), 1000);
        for (std::size_t at = 0; at < all.size(); at += 8)
            QCOMPARE(textOf(ByteView(all).subspan(at, 8)), std::string_view("one\ntwo\n"));
    }

    void anotherProgramSeesTheLockAndMayRead()
    {
        QVERIFY(writeFileAtomic(at("locked"), bytesOf("content")));
        auto file = File::open(at("locked"), OpenMode::ReadWrite);
        QVERIFY(file && (*file)->lock());
        QCOMPARE(askOtherProgram(at("locked")), kOtherSawLock);
        file = File::open(at("other"), OpenMode::ReadWrite);
        QCOMPARE(askOtherProgram(at("locked")), kOtherGotLock);
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
        QVERIFY(test::isPrivate(at("secret")));
        QVERIFY(makeDirs(at("deep/er/est")));
        QVERIFY(test::isPrivate(at("deep")));
        QVERIFY(test::letOthersIn(at("secret")));
        QVERIFY(!test::isPrivate(at("secret")));
        QVERIFY(makePrivate(at("secret")));
        QVERIFY(test::isPrivate(at("secret")));
        QCOMPARE(textOf(*readFile(at("secret"), 10)), std::string_view("key"));
        QVERIFY(makePrivate(at("never there")).error().code == BaseErrc::NotFound);
    }

    void namesInAnyScript()
    {
        const Path path = at("Ärger – запись 録音 😀.wav");
        QVERIFY(writeFileAtomic(path, bytesOf("x")));
        const auto entries = listDir(path.parent_path());
        QVERIFY(entries);
        QVERIFY(std::ranges::any_of(*entries,
                                    [](const DirEntry& e) { return e.name == "Ärger – запись 録音 😀.wav"; }));
        QVERIFY(*freeBytes(path.parent_path()) > 0);
    }
};

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    if (const QStringList words = QCoreApplication::arguments();
        words.size() == 3 && words[1] == QStringLiteral("--other-program"))
        return beOtherProgram(words[2]);
    FileTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_file.moc"
