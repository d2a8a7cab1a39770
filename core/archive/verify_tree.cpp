// SPDX-License-Identifier: GPL-3.0-or-later
// Verify, second part: month folders, file by file.
#include "core/archive/folder_archive.h"
#include "core/archive/verify.h"
#include "core/crypto/sealed.h"

#include <algorithm>

namespace sr::archive {
namespace {

constexpr std::size_t kPiece = 1U << 20U;
constexpr std::size_t kForeignNamed = 20; ///< in one month; more come from another recorder and are summed up

std::string nameOf(const std::string& file)
{
    return file.substr(file.rfind('/') + 1);
}

} // namespace

bool KnownRecording::speaksOf(const Sidecar& sidecar) const
{
    return !deleted && revision == sidecar.revision && std::ranges::any_of(places, [&](const Place& place) {
        return place.writer == sidecar.journal.writer && place.seq == sidecar.journal.seq &&
               toHex(place.head) == sidecar.journal.head;
    });
}

void TreeCheck::find(const std::string& file, const std::string& uid, std::string kind, std::string detail)
{
    m_findings.push_back({file, uid, std::move(kind), std::move(detail)});
}
void TreeCheck::find(const std::string& file, const std::string& uid, const char* kind, std::string detail)
{
    find(file, uid, std::string(kind), std::move(detail));
}

Status TreeCheck::checkMonth(const std::string& folder)
{
    auto entries = m_context.store.list(folder);
    if (!entries)
        return entries.error().code == BaseErrc::NotFound ? Status{} : Status{entries.error()};
    std::map<std::string, Files> stems;
    for (const auto& entry : *entries) {
        const auto [stem, extension] = splitFile(entry.name);
        if (entry.isFolder || extension.empty() || nameOf(entry.name) != stem + "." + extension)
            find(entry.name, "", "extra", "no file of a recording");
        else if (extension == "xml")
            stems[stem].sidecar = &entry;
        else if (extension == "txt")
            stems[stem].note = &entry;
        else
            stems[stem].audio.push_back(&entry);
    }
    for (const auto& [stem, files] : stems)
        if (auto checked = checkStem(folder, stem, files); !checked)
            return checked;
    return {};
}

Status TreeCheck::checkStem(const std::string& folder, const std::string& stem, const Files& files)
{
    std::optional<Sidecar> sidecar;
    if (files.sidecar != nullptr)
        if (auto checked = checkSidecar(folder, stem, *files.sidecar, sidecar); !checked)
            return checked;
    const auto owner = m_knowledge.uidOfStem.find(stem);
    const KnownRecording* known =
        owner == m_knowledge.uidOfStem.end() ? nullptr : &m_knowledge.recordings.at(owner->second);
    const auto parsed = parseRecordingName(stem);
    if (known != nullptr && (!parsed || parsed->monthFolder() != folder))
        known = nullptr; // that recording belongs into another folder
    const std::string uid = known != nullptr ? owner->second : parsed ? parsed->uid : std::string();
    for (const auto* audio : files.audio)
        if (auto checked = checkAudio(folder, *audio, sidecar ? &*sidecar : nullptr, known, uid); !checked)
            return checked;
    return files.note != nullptr ? checkNote(*files.note, known, uid) : Status{};
}

Status TreeCheck::checkSidecar(const std::string& folder, const std::string& stem, const StoreEntry& file,
                               std::optional<Sidecar>& sound)
{
    ++m_checked;
    if (!m_context.advance(file.bytes))
        return fail(BaseErrc::Cancelled, "verify");
    const auto owner = m_knowledge.uidOfStem.find(stem);
    const std::string expected = owner == m_knowledge.uidOfStem.end() ? std::string() : owner->second;
    auto read = readSidecarFile(m_context.store, file.name, m_context.ring);
    if (!read) {
        const auto code = read.error().code;
        if (code == BaseErrc::Io || code == BaseErrc::Denied)
            return read.error();
        if (code == BaseErrc::NotFound) // changed meanwhile by another program
            return {};
        if (expected.empty() && code == ArchiveErrc::BadSidecar) {
            findForeign(file.name, "no sidecar of this archive");
            return {};
        }
        m_present.insert(file.name);
        find(file.name, expected, kindOf(read.error()), read.error().text());
        return {};
    }
    const auto& r = read->sidecar.recording;
    if (sidecarFile(r.name) != folder + "/" + stem + ".xml") {
        if (!expected.empty() && expected != r.uid) {
            m_present.insert(file.name);
            find(file.name, expected, "swapped", "it is the sidecar of " + r.uid);
        } else {
            m_strayCars.emplace_back(file.name, r.uid);
        }
        return {};
    }
    m_present.insert(file.name);
    checkPlace(file.name, read->sidecar);
    sound = std::move(read->sidecar);
    return {};
}

/// The sidecar must be the one that the journal speaks of: not an older one, not one it never saw.
void TreeCheck::checkPlace(const std::string& file, const Sidecar& sidecar)
{
    const auto& place = sidecar.journal;
    const auto& uid = sidecar.recording.uid;
    const auto writer = m_knowledge.writers.find(place.writer);
    if (writer == m_knowledge.writers.end() || place.seq > writer->second.lastSeq) {
        if (writer == m_knowledge.writers.end() || writer->second.sound)
            m_cutWriters.try_emplace(place.writer, file);
        return; // else that journal is reported already
    }
    const auto known = m_knowledge.recordings.find(uid);
    if (known == m_knowledge.recordings.end())
        return find(file, uid, "extra", "no journal knows this recording");
    if (known->second.deleted)
        return find(file, uid, "extra", "this recording was deleted");
    if (!known->second.speaksOf(sidecar))
        find(file, uid, "changed", "not the sidecar that was written last");
}

Result<TreeCheck::Content> TreeCheck::contentOf(const StoreEntry& file)
{
    Content content;
    auto opened = m_context.store.openRange(file.name);
    if (!opened)
        return opened.error();
    auto clear = clearOf(std::move(*opened), m_context.ring);
    if (!clear)
        return clear.error();
    const std::unique_ptr<ByteSource> source = std::move(clear->bytes);
    content.sealedUid = clear->sealedUid;
    crypto::Sha256Hasher hasher;
    content.bytes = source->size();
    Bytes piece(static_cast<std::size_t>(std::clamp<std::uint64_t>(content.bytes, 1, kPiece)));
    for (std::uint64_t at = 0; at < content.bytes;) {
        auto got = source->readAt(at, piece);
        if (!got)
            return got.error();
        if (*got == 0)
            return fail(BaseErrc::Truncated, file.name);
        hasher.add(ByteView(piece).first(*got));
        at += *got;
        if (!m_context.advance(*got))
            return fail(BaseErrc::Cancelled, "verify");
    }
    if (content.bytes == 0 && !content.sealedUid.empty()) { // the empty last segment authenticates too
        if (auto got = source->readAt(0, piece); !got)
            return got.error();
    }
    content.sha256 = toHex(hasher.finish());
    return content;
}

Status TreeCheck::checkAudio(const std::string& folder, const StoreEntry& file, const Sidecar* sidecar,
                             const KnownRecording* known, const std::string& uid)
{
    (void)folder;
    ++m_checked;
    const SidecarPart* part = nullptr;
    std::vector<std::pair<std::string, bool>> expected; // hash, sealed
    if (sidecar != nullptr)
        for (const auto& each : sidecar->parts)
            if (each.file == nameOf(file.name)) {
                expected.emplace_back(each.sha256, each.sealed);
                part = &each;
            }
    const bool byJournal = sidecar == nullptr && known != nullptr &&
                           nameOf(file.name) == known->stem + "." + std::string(extensionOf(known->format));
    auto content = contentOf(file);
    if (!content) {
        const auto code = content.error().code;
        if (code == BaseErrc::Cancelled || code == BaseErrc::Io || code == BaseErrc::Denied)
            return content.error();
        if (code == BaseErrc::NotFound)
            return {};
        if (part != nullptr || byJournal)
            m_present.insert(file.name);
        find(file.name, uid, kindOf(content.error()), content.error().text());
        return {};
    }
    if (part == nullptr && !byJournal) {
        m_strays.push_back({file.name, content->sealedUid, content->sha256});
        return {};
    }
    m_present.insert(file.name);
    if (byJournal)
        expected.emplace_back(known->sha256, !content->sealedUid.empty());
    m_fileOfSha.try_emplace(expected.front().first, file.name);
    if (!content->sealedUid.empty() && content->sealedUid != uid) {
        find(file.name, uid, "swapped", "it is the audio of " + content->sealedUid);
        return {};
    }
    for (const auto& [sha256, sealed] : expected) {
        if (content->sha256 == sha256 && sealed == !content->sealedUid.empty())
            return {};
        if (content->sha256 == sha256) {
            find(file.name, uid, "changed",
                 sealed ? "it is no longer sealed" : "it was sealed by somebody else");
            return {};
        }
    }
    m_wrong.push_back({file.name, uid, content->sha256});
    return {};
}

Status TreeCheck::checkNote(const StoreEntry& file, const KnownRecording* known, const std::string& uid)
{
    ++m_checked;
    if (known == nullptr || known->noteSha256.empty()) {
        if (known == nullptr)
            findForeign(file.name, "no journal knows this note");
        else
            find(file.name, uid, "extra", "no journal knows this note");
        return {};
    }
    auto content = contentOf(file);
    if (!content && (content.error().code == BaseErrc::Io || content.error().code == BaseErrc::Cancelled))
        return content.error();
    if (!content)
        find(file.name, uid, kindOf(content.error()), content.error().text());
    else if (!content->sealedUid.empty() && content->sealedUid != uid)
        find(file.name, uid, "swapped", "it is the note of " + content->sealedUid);
    else if (content->sha256 != known->noteSha256)
        find(file.name, uid, "changed", "not the note that was written");
    return {};
}

void TreeCheck::conclude()
{
    for (const auto& [writer, file] : m_cutWriters) {
        const bool gone = !m_knowledge.writers.contains(writer);
        find(std::string(kJournalFolder) + "/" + writer, "", gone ? "missing" : "changed",
             gone ? "a writer's journal, named by " + file : "cut: " + file + " names more");
    }
    // What the journals know and nobody saw: file to its recording.
    std::map<std::string, std::string> missing;
    std::unordered_map<std::string, std::string> missingBySha, missingAudioByUid;
    for (const auto& [uid, known] : m_knowledge.recordings) {
        const auto name = parseRecordingName(known.stem);
        if (known.deleted || !name)
            continue;
        const auto base = name->monthFolder() + "/" + known.stem;
        if (!m_present.contains(base + ".xml"))
            missing.emplace(base + ".xml", uid);
        if (known.format == MediaFormat::None)
            continue;
        const auto audio = base + "." + std::string(extensionOf(known.format));
        m_fileOfSha.try_emplace(known.sha256, audio);
        if (m_present.contains(audio))
            continue;
        missing.emplace(audio, uid);
        missingBySha.emplace(known.sha256, audio);
        missingAudioByUid.emplace(uid, audio);
    }
    for (const auto& [file, uid] : m_strayCars) {
        const auto known = m_knowledge.recordings.find(uid);
        const auto name = known == m_knowledge.recordings.end()
                              ? Result<RecordingName>(fail(BaseErrc::NotFound, ""))
                              : parseRecordingName(known->second.stem);
        const auto home = name ? name->monthFolder() + "/" + known->second.stem + ".xml" : std::string();
        if (name && missing.erase(home) > 0)
            find(file, uid, "renamed", "it was " + home);
        else
            find(file, uid, "extra", "a copy of the sidecar of " + uid);
    }
    for (const auto& stray : m_strays) {
        const auto byUid = missingAudioByUid.find(stray.uid);
        const auto bySha = missingBySha.find(stray.sha256);
        const std::string home = byUid != missingAudioByUid.end()                   ? byUid->second
                                 : bySha != missingBySha.end() && stray.uid.empty() ? bySha->second
                                                                                    : std::string();
        const auto gone = missing.find(home);
        if (gone != missing.end()) {
            find(stray.file, gone->second, "renamed", "it was " + home);
            missing.erase(gone);
        } else {
            findForeign(stray.file, "audio that no sidecar names");
        }
    }
    for (const auto& wrong : m_wrong) {
        const auto other = m_fileOfSha.find(wrong.sha256);
        if (other != m_fileOfSha.end() && other->second != wrong.file)
            find(wrong.file, wrong.uid, "swapped", "it is the audio of " + other->second);
        else
            find(wrong.file, wrong.uid, "changed", "not the audio that its sidecar names");
    }
    for (const auto& [file, uid] : missing)
        find(file, uid, "missing", "the journal knows it");
    sumUpForeign();
}

/// Something extra; in a name that lists show, it may be one of very many of another recorder.
void TreeCheck::findForeign(const std::string& file, const char* detail)
{
    const auto stem = splitFile(file).first;
    const auto name = parseRecordingName(stem);
    const auto uid = name ? name->uid : std::string();
    if (!name || m_knowledge.uidOfStem.contains(stem))
        return find(file, uid, "extra", detail);
    m_foreign[file.substr(0, file.find('/'))].push_back({file, uid, "extra", detail});
}

void TreeCheck::sumUpForeign()
{
    for (auto& [folder, files] : m_foreign) {
        if (files.size() <= kForeignNamed) {
            std::move(files.begin(), files.end(), std::back_inserter(m_findings));
            continue;
        }
        const auto [first, last] = std::minmax_element(
            files.begin(), files.end(),
            [](const VerifyFinding& a, const VerifyFinding& b) { return a.file < b.file; });
        find(folder, "", "extra",
             std::to_string(files.size()) + " files of recordings that no journal knows, from " +
                 nameOf(first->file) + " to " + nameOf(last->file) +
                 "; they are listed from their names and nothing vouches for them");
    }
}

} // namespace sr::archive
