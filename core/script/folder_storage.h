// SPDX-License-Identifier: GPL-3.0-or-later
// The files of one script on the disk, below its own folder and nowhere else. Links are not followed,
// wherever they stand and whatever they point to.
#pragma once

#include "core/base/file.h"
#include "core/script/host.h"
#include "core/script/storage_path.h"

namespace sr::script {

/// Worker, may block. One object may serve many scripts, one thread at a time each; two that write one text
/// leave the one or the other. Who can write in the folder otherwise is trusted: between a check and a use it
/// is not locked. Where upper and lower case are the same to the system, a name in other letters than its
/// file's is refused.
class FolderStorage {
public:
    /// `folder` is made, for the user alone, when something is first written.
    explicit FolderStorage(Path folder)
        : m_folder(std::move(folder))
    {}

    /// What Host::store() was asked, done. A refusal or failure tells itself in `code` alone.
    Answer serve(const StoreRequest& request) const;

    /// Where a file of the script stands, for playing it: BadName, NotFound.
    Result<Path> find(std::string_view name) const;
    /// A new file to record into, with the folders that lead to it: BadName, Exists, and what File::open()
    /// gives.
    Result<std::unique_ptr<File>> create(std::string_view name) const;

private:
    Result<Path> place(std::string_view name) const;
    Result<Path> placeForWriting(std::string_view name) const;
    Answer read(const Path& path) const;
    Answer write(const StoreRequest& request) const;
    Answer makeFolder(const StoreRequest& request) const;
    static Answer stat(const Path& path);
    static Answer remove(const Path& path);

    Path m_folder;
};

} // namespace sr::script
