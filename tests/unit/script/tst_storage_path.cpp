// SPDX-License-Identifier: GPL-3.0-or-later
// Names of files: what is one path on every system, and what leads out of the folder.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/script/storage_path.h"

#include <QTest>

using namespace sr;
using namespace sr::script;

class TestStoragePath : public QObject {
    Q_OBJECT
private slots:
    void refused_data();
    void refused();
    void joined();
    void spelledForTheDisk_data();
    void spelledForTheDisk();
    void longNames();
};

void TestStoragePath::refused_data()
{
    QTest::addColumn<QByteArray>("root");
    QTest::addColumn<QByteArray>("name");
    const auto row = [](const char* title, const char* root, const char* name) {
        QTest::newRow(title) << QByteArray(root) << QByteArray(name);
    };
    row("the folder above", "", "..");
    row("the folder above as root", "..", "x");
    row("up and down again", "a", "../../x");
    row("up in the middle", "", "a/../b");
    row("absolute", "", "/etc/passwd");
    row("absolute root", "/etc", "passwd");
    row("a back slash", "", "a\\..\\..\\b");
    row("a drive", "", "C:x");
    row("a share", "\\\\host\\share", "x");
    row("a URL", "http://host/x", "y");
    row("a file URL", "", "file:///etc/passwd");
    row("nothing", "", "");
    row("dots that are nothing", ".", "./.");
    row("a line feed", "", "a\nb");
    row("an octet that is no UTF-8", "", "a\xFF");
    row("a slash of two octets", "", "..\xC0\xAF..\xC0\xAFx");
    row("half a surrogate", "", "\xED\xA0\x80");
    row("a cut character", "", "a\xE2\x82");
}

void TestStoragePath::refused()
{
    QFETCH(QByteArray, root);
    QFETCH(QByteArray, name);
    const auto path = storagePath(root.toStdString(), name.toStdString());
    QVERIFY(!path);
    QCOMPARE(path.error().code, make_error_code(ScriptErrc::BadName));
}

void TestStoragePath::joined()
{
    QCOMPARE(storagePath("", "a").value(), std::string("a"));
    QCOMPARE(storagePath("box", "1.g711a").value(), std::string("box/1.g711a"));
    QCOMPARE(storagePath("box/", "./a//b").value(), std::string("box/a/b"));
    QCOMPARE(storagePath("...", "..x").value(), std::string(".../..x"));
    QCOMPARE(storagePath("\xC3\xA4", "\xE2\x82\xAC").value(), std::string("\xC3\xA4/\xE2\x82\xAC"));
    QCOMPARE(storagePath("*21*", "a?").value(), std::string("*21*/a?"));
}

void TestStoragePath::spelledForTheDisk_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("spelled");
    const auto row = [](const char* name, const char* spelled) {
        QTest::newRow(name) << QByteArray(name) << QByteArray(spelled);
    };
    row("1.g711a", "1.g711a");
    row("*21*0#", "%2A21%2A0#");
    row("a%2Fb", "a%252Fb");
    row("...", "%2E.%2E");
    row("x ", "x%20");
    row(".hidden", "%2Ehidden");
    row("con", "%63on");
    row("NUL.txt", "%4EUL.txt");
    row("com1.g711a", "%63om1.g711a");
    row("con/console", "%63on|console");
    row("a?b", "a%3Fb");
}

void TestStoragePath::spelledForTheDisk()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, spelled);
    std::string all;
    const auto parts = diskParts(name.toStdString());
    QVERIFY(parts);
    for (const std::string& part : *parts)
        all += (all.empty() ? "" : "|") + part;
    QCOMPARE(QByteArray::fromStdString(all), spelled);
}

void TestStoragePath::longNames()
{
    QVERIFY(diskParts(std::string(200, 'x')));
    QVERIFY(!diskParts(std::string(201, 'x')));
    QVERIFY(!diskParts(std::string(100, '*'))); // three octets each
    QVERIFY(!storagePath("", std::string(513, 'x')));
    std::string deep = "0";
    for (int i = 1; i < 16; ++i)
        deep += "/x";
    QVERIFY(storagePath("", deep));
    QVERIFY(!storagePath("a", deep));
}

QTEST_GUILESS_MAIN(TestStoragePath)
#include "tst_storage_path.moc"
