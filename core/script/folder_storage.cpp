// SPDX-License-Identifier: GPL-3.0-or-later
// Storage of scripts on the disk.
#include "core/script/folder_storage.h"

namespace sr::script {
namespace {

constexpr std::uint64_t kTextBytesMost = 4096; ///< [octets] as long as a variable

Answer answerOf(Answer::Code code)
{
    return Answer{code, {}, 0, {}};
}

Answer answerOf(const Error& error)
{
    if (error.code == ScriptErrc::BadName)
        return answerOf(Answer::Code::Refused);
    if (error.code == BaseErrc::NotFound)
        return answerOf(Answer::Code::Missing);
    if (error.code == BaseErrc::Exists)
        return answerOf(Answer::Code::Exists);
    return answerOf(Answer::Code::Failed);
}

bool isLink(const Path& path)
{
    std::error_code code;
    return std::filesystem::is_symlink(std::filesystem::symlink_status(path, code));
}

} // namespace

Answer FolderStorage::serve(const StoreRequest& request) const
{
    if (request.verb == StoreRequest::Verb::Write)
        return write(request);
    if (request.verb == StoreRequest::Verb::MakeFolder)
        return makeFolder(request);
    const auto path = place(request.name);
    if (!path)
        return answerOf(path.error());
    if (request.verb == StoreRequest::Verb::Remove)
        return remove(*path);
    if (!fileExists(*path))
        return answerOf(Answer::Code::Missing);
    if (request.verb == StoreRequest::Verb::Stat)
        return stat(*path);
    if (isFolder(*path))
        return answerOf(Answer::Code::Failed);
    return request.verb == StoreRequest::Verb::Read ? read(*path)
                                                    : Answer{Answer::Code::Done, request.name, 0, {}};
}

Result<Path> FolderStorage::find(std::string_view name) const
{
    auto path = place(name);
    if (path && (!fileExists(*path) || isFolder(*path)))
        return fail(BaseErrc::NotFound, std::string(name));
    return path;
}

Result<std::unique_ptr<File>> FolderStorage::create(std::string_view name) const
{
    const auto path = placeForWriting(name);
    if (!path)
        return path.error();
    auto file = File::open(*path, OpenMode::CreateNew); // never follows a link, for nothing may stand there
    if (!file)
        return file.error();
    if (auto own = makePrivate(*path); !own)
        return own.error();
    return file;
}

/// Each part is looked at by itself; on Windows the real name of the whole finds junctions too.
Result<Path> FolderStorage::place(std::string_view name) const
{
    const auto parts = diskParts(name);
    if (!parts)
        return parts.error();
    Path path = realPath(m_folder);
    for (const std::string& part : *parts) {
        path /= pathOf(part);
        if (isLink(path) || (fileExists(path) && realPath(path) != path))
            return fail(ScriptErrc::BadName, std::string(name) + ": a link stands on the way");
    }
    return path;
}

Result<Path> FolderStorage::placeForWriting(std::string_view name) const
{
    if (auto checked = diskParts(name); !checked)
        return checked.error();
    if (auto made = makeDirs(m_folder); !made)
        return made.error();
    auto path = place(name);
    if (!path)
        return path.error();
    if (auto made = makeDirs(path->parent_path()); !made)
        return made.error();
    return path;
}

Answer FolderStorage::read(const Path& path) const
{
    const auto bytes = readFile(path, kTextBytesMost);
    if (!bytes)
        return answerOf(bytes.error());
    std::string_view text = textOf(*bytes);
    text.remove_suffix(text.ends_with('\n') ? 1 : 0); // of an editor, when it was written by hand
    text.remove_suffix(text.ends_with('\r') ? 1 : 0);
    return Answer{Answer::Code::Done, std::string(text), 0, {}};
}

Answer FolderStorage::write(const StoreRequest& request) const
{
    if (request.text.size() > kTextBytesMost)
        return answerOf(Answer::Code::Refused);
    const auto path = placeForWriting(request.name);
    if (!path)
        return answerOf(path.error());
    if (isFolder(*path))
        return answerOf(Answer::Code::Failed);
    const auto written = writeFileAtomic(*path, bytesOf(request.text), true);
    return written ? Answer{} : answerOf(written.error());
}

Answer FolderStorage::makeFolder(const StoreRequest& request) const
{
    const auto path = placeForWriting(request.name);
    if (!path)
        return answerOf(path.error());
    if (fileExists(*path))
        return answerOf(Answer::Code::Exists);
    const auto made = makeDirs(*path);
    return made ? Answer{} : answerOf(made.error());
}

Answer FolderStorage::stat(const Path& path)
{
    std::error_code code;
    const auto written = std::filesystem::last_write_time(path, code);
    if (code)
        return answerOf(Answer::Code::Failed);
    Answer answer;
    answer.modified = std::chrono::time_point_cast<microseconds>(std::chrono::file_clock::to_sys(written));
    return answer;
}

Answer FolderStorage::remove(const Path& path)
{
    std::error_code code;
    if (!isFolder(path)) {
        const auto removed = removeFile(path);
        return removed ? Answer{} : answerOf(removed.error());
    }
    std::filesystem::remove(path, code); // an empty one only
    return answerOf(code ? Answer::Code::Failed : Answer::Code::Done);
}

} // namespace sr::script
