// SPDX-License-Identifier: GPL-3.0-or-later
// The files of a script on a real disk, and every way out of its folder.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/script/folder_storage.h"

#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using namespace sr::script;
using Verb = StoreRequest::Verb;
using Code = Answer::Code;

class TestFolderStorage : public QObject {
    Q_OBJECT
private slots:
    void init();
    void texts();
    void foldersAndFiles();
    void recordings();
    void longTexts();
    void namesLeadNowhere();
    void linksAreRefused();
    void oddNamesAreOneFileEach();
    void theFolderIsMadeWhenItIsNeeded();

private:
    Answer serve(Verb verb, const std::string& name, const std::string& text = {}) const
    {
        return FolderStorage(m_folder).serve({verb, name, text});
    }
    std::unique_ptr<QTemporaryDir> m_dir;
    Path m_base, m_folder;
};

void TestFolderStorage::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    m_base = pathOf(m_dir->path().toStdString());
    m_folder = m_base / "own";
    QVERIFY(makeDirs(m_folder));
    QVERIFY(writeFileAtomic(m_base / "secret", bytesOf("secret")));
}

void TestFolderStorage::texts()
{
    QCOMPARE(serve(Verb::Read, "a").code, Code::Missing);
    QCOMPARE(serve(Verb::Write, "box/a", "one").code, Code::Done);
    QCOMPARE(serve(Verb::Write, "box/a", "two").code, Code::Done);
    QCOMPARE(serve(Verb::Read, "box/a").text, std::string("two"));
    QVERIFY(writeFileAtomic(m_folder / "by hand", bytesOf("1234\r\n")));
    QCOMPARE(serve(Verb::Read, "by hand").text, std::string("1234"));
    QCOMPARE(serve(Verb::Write, "box", "x").code, Code::Failed); // a folder
    QCOMPARE(serve(Verb::Read, "box").code, Code::Failed);
    QVERIFY(serve(Verb::Write, "box/a/b", "x").code != Code::Done); // below a file
}

void TestFolderStorage::foldersAndFiles()
{
    QCOMPARE(serve(Verb::MakeFolder, "a/b").code, Code::Done);
    QCOMPARE(serve(Verb::MakeFolder, "a/b").code, Code::Exists);
    QCOMPARE(serve(Verb::Stat, "a/b").code, Code::Done);
    QCOMPARE(serve(Verb::Stat, "a/c").code, Code::Missing);
    QCOMPARE(serve(Verb::Remove, "a").code, Code::Failed); // not empty
    QCOMPARE(serve(Verb::Remove, "a/b").code, Code::Done);
    QCOMPARE(serve(Verb::Remove, "a").code, Code::Done);
    QCOMPARE(serve(Verb::Remove, "a").code, Code::Done); // nothing there
    QCOMPARE(serve(Verb::Write, "f", "x").code, Code::Done);
    const Answer stat = serve(Verb::Stat, "f");
    QVERIFY(stat.modified);
    const auto age = SystemClock().utcNow() - *stat.modified;
    QVERIFY(age > -std::chrono::hours(1) && age < std::chrono::hours(1));
    QCOMPARE(serve(Verb::Locate, "f").text, std::string("f"));
    QCOMPARE(serve(Verb::Locate, "g").code, Code::Missing);
}

void TestFolderStorage::recordings()
{
    const FolderStorage storage(m_folder);
    {
        auto file = storage.create("200/1.g711a");
        QVERIFY(file);
        QVERIFY((*file)->write(bytesOf("sound")));
    }
    QCOMPARE(storage.create("200/1.g711a").error().code, make_error_code(BaseErrc::Exists));
    QCOMPARE(readFile(storage.find("200/1.g711a").value(), 100).value().size(), std::size_t(5));
    QCOMPARE(storage.find("200/2.g711a").error().code, make_error_code(BaseErrc::NotFound));
    QCOMPARE(storage.find("200").error().code, make_error_code(BaseErrc::NotFound));
    QCOMPARE(storage.create("../1.g711a").error().code, make_error_code(ScriptErrc::BadName));
    QCOMPARE(storage.find("../secret").error().code, make_error_code(ScriptErrc::BadName));
}

void TestFolderStorage::longTexts()
{
    QCOMPARE(serve(Verb::Write, "a", std::string(4096, 'x')).code, Code::Done);
    QCOMPARE(serve(Verb::Read, "a").text.size(), std::size_t(4096));
    QCOMPARE(serve(Verb::Write, "a", std::string(4097, 'x')).code, Code::Refused);
    QVERIFY(writeFileAtomic(m_folder / "b", bytesOf(std::string(4097, 'x'))));
    QCOMPARE(serve(Verb::Read, "b").code, Code::Failed);
}

void TestFolderStorage::namesLeadNowhere()
{
    const std::string absolute = utf8Of(m_base / "secret");
    for (const std::string& name : {std::string("../secret"), std::string("a/../../secret"), absolute,
                                    std::string("..\\secret"), std::string(".."), std::string(".")})
        for (const Verb verb :
             {Verb::Read, Verb::Write, Verb::Locate, Verb::Stat, Verb::MakeFolder, Verb::Remove})
            QCOMPARE(serve(verb, name, "x").code, Code::Refused);
    QCOMPARE(std::string(textOf(readFile(m_base / "secret", 100).value())), std::string("secret"));
    QVERIFY(isFolder(m_folder));
}

void TestFolderStorage::linksAreRefused()
{
    std::error_code code;
    std::filesystem::create_symlink(m_base / "secret", m_folder / "file", code);
    if (code)
        QSKIP("no links may be made here");
    std::filesystem::create_directory_symlink(m_base, m_folder / "folder", code);
    std::filesystem::create_symlink(m_base / "not there", m_folder / "nothing", code);
    QCOMPARE(serve(Verb::Write, "real", "x").code, Code::Done);
    std::filesystem::create_symlink(m_folder / "real", m_folder / "inside", code);
    QVERIFY(!code);
    for (const char* name :
         {"file", "folder/secret", "folder/new", "folder", "nothing", "nothing/x", "inside"})
        for (const Verb verb :
             {Verb::Read, Verb::Write, Verb::Locate, Verb::Stat, Verb::MakeFolder, Verb::Remove})
            QCOMPARE(serve(verb, name, "x").code, Code::Refused);
    const FolderStorage storage(m_folder);
    QVERIFY(!storage.create("nothing"));
    QVERIFY(!storage.create("folder/new"));
    QVERIFY(!storage.find("file"));
    QVERIFY(!fileExists(m_base / "new") && !fileExists(m_base / "not there"));
    QCOMPARE(std::string(textOf(readFile(m_base / "secret", 100).value())), std::string("secret"));
}

void TestFolderStorage::oddNamesAreOneFileEach()
{
    const std::vector<std::string> names = {"*21*", "a?b", "a%3Fb", "con", "%63on",    "x.",
                                            "x",    ".x",  "...",   "\"",  "\xC3\xA4", "a:b"};
    for (const std::string& name : names)
        if (name != "a:b")
            QCOMPARE(serve(Verb::Write, name, name).code, Code::Done);
    for (const std::string& name : names)
        if (name != "a:b")
            QCOMPARE(serve(Verb::Read, name).text, name);
    QCOMPARE(serve(Verb::Read, "a:b").code, Code::Refused); // a drive
}

void TestFolderStorage::theFolderIsMadeWhenItIsNeeded()
{
    const FolderStorage storage(m_base / "new" / "deep");
    QCOMPARE(storage.serve({Verb::Read, "a", {}}).code, Code::Missing);
    QVERIFY(!fileExists(m_base / "new"));
    QCOMPARE(storage.serve({Verb::Write, "a", "x"}).code, Code::Done);
    QCOMPARE(storage.serve({Verb::Read, "a", {}}).text, std::string("x"));
}

QTEST_GUILESS_MAIN(TestFolderStorage)
#include "tst_folder_storage.moc"
