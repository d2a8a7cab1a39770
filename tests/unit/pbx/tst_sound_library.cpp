// SPDX-License-Identifier: GPL-3.0-or-later
// Sounds of a folder: their names, what cannot be loaded, and the music that is always there.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "core/base/file.h"
#include "core/pbx/sound_library.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace sr;
using namespace sr::pbx;

namespace {

/// A folder with files.
struct Folder {
    Path path() const { return pathOf(dir.path().toStdString()) / pathOf("Töne"); }
    void write(const char* name, const Bytes& bytes) const
    {
        const Path file = path() / pathOf(name);
        QVERIFY(makeDirs(file.parent_path()));
        QVERIFY(writeFileAtomic(file, bytes));
    }
    void raw(const char* name, std::size_t octets = 800) const
    {
        write(name, Bytes(octets, std::byte{0xd5}));
    }
    /// `ms` of 16-bit mono at 8 kHz.
    void wav(const char* name, int ms) const
    {
        Bytes file(44 + static_cast<std::size_t>(ms) * 16);
        const auto text = [&](std::size_t at, std::string_view what) {
            for (std::size_t i = 0; i < what.size(); ++i)
                file[at + i] = static_cast<std::byte>(what[i]);
        };
        const auto number = [&](std::size_t at, std::uint32_t value, int octets) {
            for (int i = 0; i < octets; ++i)
                file[at + static_cast<std::size_t>(i)] = static_cast<std::byte>(value >> (8 * i));
        };
        text(0, "RIFF");
        number(4, static_cast<std::uint32_t>(file.size() - 8), 4);
        text(8, "WAVEfmt ");
        number(16, 16, 4);
        number(20, 1, 2);
        number(22, 1, 2);
        number(24, 8000, 4);
        number(28, 16000, 4);
        number(32, 2, 2);
        number(34, 16, 2);
        text(36, "data");
        number(40, static_cast<std::uint32_t>(file.size() - 44), 4);
        write(name, file);
    }
    QTemporaryDir dir;
};

int lengthOf(const SoundLibrary& library, const char* name)
{
    const media::SoundPtr sound = library.find(name);
    return sound == nullptr ? -1 : static_cast<int>(sound->length().count());
}

} // namespace

class TestSoundLibrary : public QObject {
    Q_OBJECT

private slots:
    void namesOfFiles();
    void theFirstOfAName();
    void musicIsAlwaysThere();
    void ownMusicCanBeRepeated();
    void whatCannotBeLoaded();
    void links();
    void tooMuchForTheMemory();
};

void TestSoundLibrary::namesOfFiles()
{
    const Folder folder;
    folder.raw("hello.g711a");
    folder.raw("hallo.g711u", 1600);
    folder.raw("wide.g722");
    folder.wav("wave.wav", 300);
    folder.raw("de/Grüße.g711a");
    folder.raw("a.b.g711a");
    folder.raw("notes.txt");
    folder.raw("upper.G711A");
    const SoundLibrary library(folder.path());
    QVERIFY(library.problems().empty());
    QCOMPARE(lengthOf(library, "hello"), 100);
    QCOMPARE(lengthOf(library, "hallo"), 200);
    QCOMPARE(lengthOf(library, "wide"), 100);
    QCOMPARE(lengthOf(library, "wave"), 300);
    QCOMPARE(lengthOf(library, "de/Grüße"), 100);
    QCOMPARE(lengthOf(library, "a.b"), 100);
    for (const char* name : {"notes", "hello.g711a", "Hello", "de", "", "../hello", "upper"})
        QVERIFY2(library.find(name) == nullptr, name);
    QCOMPARE(library.size(), std::size_t{7}); // and the music
}

void TestSoundLibrary::theFirstOfAName()
{
    const Folder folder;
    folder.raw("hello.g711a", 800);
    folder.wav("hello.wav", 500);
    folder.write("bye.g729", Bytes(7)); // no whole frame
    folder.wav("bye.wav", 200);
    const SoundLibrary library(folder.path());
    QCOMPARE(lengthOf(library, "hello"), 100);
    QCOMPARE(lengthOf(library, "bye"), 200);
}

void TestSoundLibrary::musicIsAlwaysThere()
{
    const Folder folder;
    const SoundLibrary none(folder.path()); // the folder is missing
    QVERIFY(none.problems().empty());
    QCOMPARE(none.size(), std::size_t{1});
    QVERIFY(lengthOf(none, "music") > 20000);
    folder.raw("music.g711a", 1600);
    QCOMPARE(lengthOf(SoundLibrary(folder.path()), "music"), 200);
}

void TestSoundLibrary::ownMusicCanBeRepeated()
{
    const media::SoundPtr music = ownMusic();
    const auto samples = music->samples();
    const auto loudest = std::ranges::max(samples, {}, [](std::int16_t one) { return std::abs(int{one}); });
    QVERIFY(std::abs(int{loudest}) > 2000 && std::abs(int{loudest}) < 24000);
    QVERIFY(std::abs(int{samples.front()}) < 200); // no click where the end meets the beginning
    QVERIFY(std::abs(int{samples.back()}) < 1000);
}

void TestSoundLibrary::whatCannotBeLoaded()
{
    const Folder folder;
    folder.write("broken.wav", Bytes(100));
    folder.write("empty.wav", {});
    folder.wav("good.wav", 100);
    const SoundLibrary library(folder.path());
    QCOMPARE(library.problems().size(), std::size_t{2});
    QVERIFY(library.problems()[0].text().find("broken.wav") != std::string::npos);
    QVERIFY(library.problems()[1].text().find("empty.wav") != std::string::npos);
    QCOMPARE(lengthOf(library, "good"), 100);
    folder.raw("file.g711a");
    QCOMPARE(SoundLibrary(folder.path() / "file.g711a").problems().size(), std::size_t{1}); // no folder
}

/// One that leads nowhere does not hide those behind it; one that leads away keeps its own name.
void TestSoundLibrary::links()
{
    const Folder folder;
    folder.raw("sub/x.g711a");
    folder.wav("zebra.wav", 100);
    const Path elsewhere = pathOf(folder.dir.path().toStdString()) / "elsewhere.g711a";
    QVERIFY(writeFileAtomic(elsewhere, Bytes(1600, std::byte{0xd5})));
    std::error_code error;
    for (const auto& [name, to] : {std::pair<const char*, Path>("a.g711a", elsewhere),
                                   {"b.g711a", folder.path() / "nowhere"},
                                   {"c.g711a", folder.path() / "c.g711a"}}) {
        std::filesystem::create_symlink(to, folder.path() / name, error);
        if (error)
            QSKIP("no links here");
    }
    const SoundLibrary library(folder.path());
    QCOMPARE(lengthOf(library, "a"), 200);
    QCOMPARE(lengthOf(library, "sub/x"), 100);
    QCOMPARE(lengthOf(library, "zebra"), 100);
    QCOMPARE(library.size(), std::size_t{4});
}

void TestSoundLibrary::tooMuchForTheMemory()
{
    const Folder folder;
    for (char name = 'a'; name <= 'k'; ++name)
        folder.raw((std::string(1, name) + ".g711a").c_str(), 1790U * media::kNarrowband); // 28 MB of samples
    const SoundLibrary library(folder.path());
    QCOMPARE(library.problems().size(), std::size_t{1});
    QVERIFY(library.problems()[0].text().find("j.g711a") != std::string::npos);
    QCOMPARE(library.size(), std::size_t{10}); // a to i, and the music
}

QTEST_GUILESS_MAIN(TestSoundLibrary)
#include "tst_sound_library.moc"
