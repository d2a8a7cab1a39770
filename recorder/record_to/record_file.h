// SPDX-License-Identifier: GPL-3.0-or-later
// One call on its way to one place, as a pcap file. While the call runs it stands in the folder as
// `.<name>.pcap.part`, and gets its name at the end. What goes to a server, or a folder does not take, stands
// in the configuration's folder until it is delivered.
#pragma once

#include "recorder/record_to/record_note.h"

#include <atomic>
#include <functional>

namespace sr::recorder {

/// What the files of one machine share.
struct RecordShelf {
    Path dir;                             ///< notes, and files that wait
    std::uint64_t bytesMost = 0;          ///< of files that wait there
    std::atomic<std::uint64_t> bytes = 0; ///< of them now
    std::function<Status(File&, std::uint64_t, ByteView)>
        write; ///< File::writeAt() unless a test knows better
    /// What was to be written there goes on the shelf.
    std::function<void(const std::string& folder, const Error&)> folderFails;
};

/// One thread, which may block on the disk.
class RecordFile {
public:
    /// `name` without extension, `begin`: what stands at the beginning. Nothing is written yet.
    RecordFile(RecordShelf& shelf, std::string name, std::string to, Bytes begin);
    /// One of which a note was left.
    RecordFile(RecordShelf& shelf, std::string name, RecordNote note, std::uint64_t bytes);

    const std::string& name() const { return m_name; }
    const std::string& to() const { return m_note.to; }
    const Path& path() const { return m_note.at; }           ///< once something is written
    std::uint64_t bytes() const { return m_bytes; }          ///< that are written
    std::size_t pending() const { return m_pending.size(); } ///< not written yet [octets]

    void add(ByteView records) { m_pending.insert(m_pending.end(), records.begin(), records.end()); }
    /// To the disk; what cannot be written stays. Errors of the disk, RecordToErrc::Full.
    Status flush();
    /// The call is over: all of it is on the disk, and that is noted. May be tried again, as the next.
    Status close();
    /// To its name in its folder. RecordToErrc::FolderFails.
    Status settle();

private:
    enum class Place : std::uint8_t { None, Folder, Shelf };
    Path partPath() const;
    Status open();
    Status openAt(Place place);
    Status write();
    Status moveToShelf();
    Status copyToFolder();
    Status nameIt(const Path& part);

    RecordShelf& m_shelf;
    const std::string m_name;
    RecordNote m_note;
    Place m_place = Place::None;
    std::unique_ptr<File> m_file;
    std::uint64_t m_bytes = 0;
    Bytes m_pending;
};

} // namespace sr::recorder
