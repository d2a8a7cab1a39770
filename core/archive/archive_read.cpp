// SPDX-License-Identifier: GPL-3.0-or-later
// Looking up and opening recordings.
#include "core/archive/folder_archive.h"
#include "core/crypto/sealed.h"

#include <algorithm>

namespace sr::archive {
namespace {

constexpr std::uint64_t kSealedSidecarMax = kSidecarMax + (1ULL << 20);
constexpr std::size_t kPiece = 1U << 20U;
constexpr std::size_t kMagicBytes = 8;

} // namespace

Result<ClearSource> clearOf(std::unique_ptr<ByteSource> source, const crypto::KeyRing& ring)
{
    Bytes start(kMagicBytes);
    auto got = source->readAt(0, start);
    if (!got)
        return got.error();
    if (!crypto::isSealed(ByteView(start).first(*got)))
        return ClearSource{std::move(source), {}};
    auto clear = crypto::UnsealingSource::open(std::move(source), ring);
    if (!clear)
        return clear.error();
    auto uid = (*clear)->header().uid;
    return ClearSource{std::move(*clear), std::move(uid)};
}

Status checkContent(ByteSource& clear, std::uint64_t bytes, const std::string& sha256)
{
    const auto altered = fail(ArchiveErrc::Altered, "the audio is not what its sidecar names");
    if (clear.size() != bytes)
        return altered;
    crypto::Sha256Hasher hasher;
    Bytes piece(static_cast<std::size_t>(std::clamp<std::uint64_t>(bytes, 1, kPiece)));
    std::uint64_t at = 0;
    do { // once for an empty one too: its last segment authenticates
        auto got = clear.readAt(at, piece);
        if (!got)
            return got.error();
        if (*got == 0 && bytes > 0)
            return altered;
        hasher.add(ByteView(piece).first(*got));
        at += *got;
    } while (at < bytes);
    return toHex(hasher.finish()) == sha256 ? Status{} : altered;
}

Result<std::unique_ptr<ByteSource>> openClear(const Path& file, const crypto::KeyRing& ring)
{
    auto opened = File::open(file, OpenMode::Read);
    if (!opened)
        return opened.error();
    auto clear = clearOf(std::move(*opened), ring);
    if (!clear)
        return Error{clear.error().code, utf8Of(file) + ", " + clear.error().context};
    return std::move(clear->bytes);
}

Result<ReadSidecar> readSidecarFile(Store& store, const std::string& file, const crypto::KeyRing& ring)
{
    auto source = store.openRange(file);
    if (!source)
        return source.error();
    auto bytes = readAll(**source, kSealedSidecarMax);
    if (!bytes)
        return bytes.error();
    if (!crypto::isSealed(*bytes))
        return fail(ArchiveErrc::BadSidecar, file + " is not sealed");
    MemorySource memory(*bytes);
    const auto header = crypto::readSealedHeader(memory);
    if (!header)
        return header.error();
    auto document = crypto::unseal(*bytes, ring, crypto::ContentType::Sidecar, header->uid);
    if (!document)
        return document.error();
    auto sidecar = readSidecar(textOf(*document), ring);
    if (!sidecar)
        return sidecar.error();
    if (sidecar->recording.uid != header->uid)
        return fail(ArchiveErrc::Altered, file + " is sealed for another recording");
    return ReadSidecar{std::move(*sidecar), header->uid};
}

std::pair<std::string, std::string> splitFile(std::string_view file)
{
    const auto slash = file.rfind('/');
    if (slash != std::string_view::npos)
        file.remove_prefix(slash + 1);
    const auto dot = file.rfind('.');
    if (dot == std::string_view::npos)
        return {std::string(file), {}};
    const auto extension = file.substr(dot + 1);
    if (extension != "xml" && extension != "txt" && !formatOfExtension(extension))
        return {std::string(file), {}};
    return {std::string(file.substr(0, dot)), std::string(extension)};
}

Result<std::vector<RecordingRow>> FolderArchive::page(const RecordingFilter& filter, std::uint64_t offset,
                                                      std::uint64_t limit)
{
    if (auto flushed = flushRows(); !flushed)
        return flushed.error();
    return m_catalog->page(filter, offset, limit);
}

Result<std::uint64_t> FolderArchive::count(const RecordingFilter& filter)
{
    if (auto flushed = flushRows(); !flushed)
        return flushed.error();
    return m_catalog->count(filter);
}

Result<std::vector<std::pair<int, int>>> FolderArchive::months()
{
    if (auto flushed = flushRows(); !flushed)
        return flushed.error();
    return m_catalog->months();
}

Result<RecordingRow> FolderArchive::row(const std::string& uidOrName)
{
    if (auto flushed = flushRows(); !flushed)
        return flushed.error();
    auto found = m_catalog->byUid(uidOrName);
    if (found && !*found)
        found = m_catalog->byFile(splitFile(uidOrName).first);
    if (!found)
        return found.error();
    if (!*found)
        return fail(ArchiveErrc::NotFound, uidOrName.substr(0, 300));
    return std::move(**found);
}

Result<Recording> FolderArchive::recording(const std::string& uid)
{
    auto known = row(uid);
    if (!known)
        return known.error();
    const auto month = known->file.substr(0, known->file.find('/') + 1);
    auto read = readSidecarFile(*m_store, month + splitFile(known->file).first + ".xml", m_secrets.ring);
    if (!read)
        return read.error();
    if (read->sidecar.recording.uid != known->uid)
        return fail(ArchiveErrc::Altered, "the sidecar of " + known->uid + " is that of " + read->uid);
    return std::move(read->sidecar.recording);
}

Result<std::unique_ptr<ByteSource>> FolderArchive::openAudio(const std::string& uid)
{
    auto known = row(uid);
    if (!known)
        return known.error();
    if (known->format == MediaFormat::None)
        return fail(ArchiveErrc::NotFound, "audio of " + known->uid);
    auto source = m_store->openRange(known->file);
    if (!source)
        return source.error();
    auto clear = clearOf(std::move(*source), m_secrets.ring);
    if (!clear)
        return Error{clear.error().code, known->file + ", " + clear.error().context};
    if (!clear->sealedUid.empty() && clear->sealedUid != known->uid)
        return fail(ArchiveErrc::Altered, known->file + " is sealed as recording " + clear->sealedUid);
    return std::move(clear->bytes);
}

Result<Integrity> FolderArchive::checkIntegrity(const std::string& uid)
{
    auto known = row(uid);
    if (!known)
        return known.error();
    if (!known->hasSidecar)
        return Integrity::Unknown;
    const auto keyIsMissing = [](const Error& error) {
        return error.code == crypto::CryptoErrc::UnknownKey || error.code == crypto::CryptoErrc::WrongKey;
    };
    auto meant = recording(known->uid);
    if (!meant)
        return keyIsMissing(meant.error()) ? Result<Integrity>(meant.error()) : Integrity::Manipulated;
    if (meant->format == MediaFormat::None)
        return Integrity::Original;
    auto clear = openAudio(known->uid);
    if (!clear)
        return keyIsMissing(clear.error()) ? Result<Integrity>(clear.error()) : Integrity::Manipulated;
    const auto checked = checkContent(**clear, meant->clearBytes, meant->sha256);
    if (!checked && checked.error().code == BaseErrc::Io)
        return checked.error();
    return checked ? Integrity::Original : Integrity::Manipulated;
}

} // namespace sr::archive
