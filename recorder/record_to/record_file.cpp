// SPDX-License-Identifier: GPL-3.0-or-later
// A note is written before the file that it names, so none is ever forgotten.
#include "recorder/record_to/record_file.h"

#include "recorder/record_to/record_to_error.h"

namespace sr::recorder {
namespace {

constexpr std::size_t kBlock = 256 * 1024;
constexpr int kNamesMost = 100; ///< chosen: another program would have to make them all
const std::string kExtension = ".pcap";

Error folderError(const std::string& folder, const Error& why)
{
    return fail(RecordToErrc::FolderFails, folder + ": " + why.text());
}

Status copyInto(File& from, std::uint64_t bytes, File& to,
                const std::function<Status(File&, std::uint64_t, ByteView)>& write)
{
    Bytes block(kBlock);
    for (std::uint64_t at = 0; at < bytes;) {
        const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), bytes - at));
        const auto got = from.readAt(at, std::span(block).first(want));
        if (!got)
            return got.error();
        if (*got == 0)
            return fail(BaseErrc::Truncated, utf8Of(from.path()));
        if (auto written = write(to, at, ByteView(block).first(*got)); !written)
            return written;
        at += *got;
    }
    return {};
}

} // namespace

RecordFile::RecordFile(RecordShelf& shelf, std::string name, std::string to, Bytes begin)
    : m_shelf(shelf)
    , m_name(std::move(name))
    , m_note{std::move(to), {}, false}
    , m_pending(std::move(begin))
{}

RecordFile::RecordFile(RecordShelf& shelf, std::string name, RecordNote note, std::uint64_t bytes)
    : m_shelf(shelf)
    , m_name(std::move(name))
    , m_note(std::move(note))
    , m_place(m_note.at.parent_path() == m_shelf.dir ? Place::Shelf : Place::Folder)
    , m_bytes(bytes)
{
    if (m_place == Place::Shelf)
        m_shelf.bytes += bytes;
}

Path RecordFile::partPath() const
{
    return pathOf(m_note.to) / pathOf("." + m_name + kExtension + ".part");
}

Status RecordFile::openAt(Place place)
{
    RecordNote note = m_note;
    note.at = place == Place::Folder ? partPath() : m_shelf.dir / pathOf(m_name + kExtension);
    if (place == Place::Folder)
        if (auto made = makeDirs(pathOf(m_note.to)); !made)
            return made;
    if (auto noted = writeNote(m_shelf.dir, m_name, note); !noted)
        return noted;
    if (auto gone = removeFile(note.at); !gone) // of a try before
        return gone;
    auto file = File::open(note.at, OpenMode::CreateNew);
    if (!file)
        return file.error();
    m_file = std::move(*file);
    m_note = std::move(note);
    m_place = place;
    return {};
}

Status RecordFile::open()
{
    if (m_file)
        return {};
    if (m_place != Place::None) {
        auto file = File::open(m_note.at, OpenMode::ReadWrite);
        if (!file)
            return file.error();
        m_file = std::move(*file);
        return {};
    }
    if (isServer(m_note.to))
        return openAt(Place::Shelf);
    const Status there = openAt(Place::Folder);
    if (there)
        return there;
    if (m_shelf.folderFails)
        m_shelf.folderFails(m_note.to, folderError(m_note.to, there.error()));
    return openAt(Place::Shelf);
}

Status RecordFile::write()
{
    if (m_place == Place::Shelf && m_shelf.bytes + m_pending.size() > m_shelf.bytesMost)
        return fail(RecordToErrc::Full, utf8Of(m_shelf.dir));
    if (auto written = m_shelf.write(*m_file, m_bytes, m_pending); !written)
        return written;
    m_bytes += m_pending.size();
    if (m_place == Place::Shelf)
        m_shelf.bytes += m_pending.size();
    m_pending.clear();
    return {};
}

Status RecordFile::flush()
{
    if (m_pending.empty())
        return {};
    if (auto opened = open(); !opened)
        return opened;
    const Status written = write();
    if (written || m_place == Place::Shelf)
        return written;
    if (m_shelf.folderFails)
        m_shelf.folderFails(m_note.to, folderError(m_note.to, written.error()));
    if (auto moved = moveToShelf(); !moved)
        return moved;
    return write();
}

/// What the folder has taken so far goes along.
Status RecordFile::moveToShelf()
{
    const Path part = m_note.at;
    const std::unique_ptr<File> from = std::move(m_file);
    const RecordNote before = m_note;
    const auto stay = [&](const Status& why) {
        m_note = before;
        m_place = Place::Folder;
        m_file.reset(); // opened anew
        return why;
    };
    if (m_shelf.bytes + m_bytes > m_shelf.bytesMost)
        return stay(fail(RecordToErrc::Full, utf8Of(m_shelf.dir)));
    // The note names the file that is whole so far, until the other one is, too.
    const Path there = m_shelf.dir / pathOf(m_name + kExtension);
    if (auto gone = removeFile(there); !gone)
        return stay(gone);
    auto file = File::open(there, OpenMode::CreateNew);
    if (!file)
        return stay(file.error());
    if (auto copied = copyInto(*from, m_bytes, **file, m_shelf.write); !copied)
        return stay(copied);
    m_note.at = there;
    if (auto noted = writeNote(m_shelf.dir, m_name, m_note); !noted)
        return stay(noted);
    m_place = Place::Shelf;
    m_file = std::move(*file);
    m_shelf.bytes += m_bytes;
    (void)removeFile(part); // if it cannot be, it is a hidden file that nobody takes for a call
    return {};
}

Status RecordFile::close()
{
    if (auto flushed = flush(); !flushed)
        return flushed;
    if (m_note.whole)
        return {};
    if (auto opened = open(); !opened)
        return opened;
    if (auto synced = m_file->sync(); !synced)
        return synced;
    RecordNote note = m_note;
    note.whole = true;
    if (auto noted = writeNote(m_shelf.dir, m_name, note); !noted)
        return noted;
    m_note = std::move(note);
    m_file.reset();
    return {};
}

Status RecordFile::settle()
{
    if (m_place == Place::Folder)
        return nameIt(m_note.at);
    if (auto copied = copyToFolder(); !copied)
        return fail(RecordToErrc::FolderFails, m_note.to + ": " + copied.error().text());
    return {};
}

/// Behind a hyphen, where another file has the name: nothing is ever replaced.
Status RecordFile::nameIt(const Path& part)
{
    const Path folder = pathOf(m_note.to);
    for (int i = 0; i < kNamesMost; ++i) {
        const std::string name = m_name + (i == 0 ? std::string() : "-" + std::to_string(i + 1));
        const Status named = renameNew(part, folder / pathOf(name + kExtension));
        if (!named && named.error().code == BaseErrc::Exists)
            continue;
        if (!named)
            return folderError(m_note.to, named.error());
        if (auto synced = syncDir(folder); !synced)
            return folderError(m_note.to, synced.error());
        return removeNote(m_shelf.dir, m_name);
    }
    return fail(RecordToErrc::FolderFails, m_note.to + ": " + m_name + " is taken");
}

Status RecordFile::copyToFolder()
{
    if (auto made = makeDirs(pathOf(m_note.to)); !made)
        return made;
    auto from = File::open(m_note.at, OpenMode::Read);
    if (!from)
        return from.error();
    const Path part = partPath();
    if (auto gone = removeFile(part); !gone)
        return gone;
    auto to = File::open(part, OpenMode::CreateNew);
    if (!to)
        return to.error();
    if (auto copied = copyInto(**from, m_bytes, **to, m_shelf.write); !copied)
        return copied;
    if (auto synced = (*to)->sync(); !synced)
        return synced;
    to->reset();
    from->reset();
    if (auto named = nameIt(part); !named)
        return named;
    if (auto gone = removeFile(m_note.at); !gone)
        return gone;
    m_shelf.bytes -= std::min<std::uint64_t>(m_bytes, m_shelf.bytes);
    return {};
}

} // namespace sr::recorder
