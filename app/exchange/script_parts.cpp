// SPDX-License-Identifier: GPL-3.0-or-later
// Scripts beside the program, recordings out of the archive.
#include "app/exchange/script_parts.h"

#include <QCoreApplication>

#include <thread>

namespace sr::exchange {
namespace {

constexpr std::uint64_t kPage = 50;      // rows looked through at once
constexpr std::uint64_t kRowsMost = 500; // that another number's pattern may hide it behind
constexpr unsigned kPartsMost = 20;      // recordings of one guid
constexpr auto kLookEvery = std::chrono::milliseconds(100);
constexpr unsigned kLooksMost = 50;
constexpr std::uint64_t kSoundBytesMost = 64U << 20; // [octets]

Result<media::SoundPtr> soundOf(archive::Archive& archive, const archive::RecordingRow& row)
{
    const auto audio = archive.openAudio(row.uid);
    if (!audio)
        return audio.error();
    const std::uint64_t size = (*audio)->size();
    if (size > kSoundBytesMost)
        return fail(BaseErrc::TooLarge, row.file);
    Bytes bytes(static_cast<std::size_t>(size));
    for (std::size_t at = 0; at < bytes.size();) {
        const auto got = (*audio)->readAt(at, std::span(bytes).subspan(at));
        if (!got)
            return got.error();
        if (*got == 0)
            return fail(BaseErrc::Truncated, row.file);
        at += *got;
    }
    return media::Sound::read(std::move(bytes), row.file);
}

using Row = archive::RecordingRow;

/// The newest one that fits, or nothing.
Result<std::optional<Row>> newest(archive::Archive& archive, const archive::RecordingFilter& filter,
                                  const std::function<bool(const Row&)>& fits)
{
    for (std::uint64_t at = 0; at < kRowsMost; at += kPage) {
        const auto rows = archive.page(filter, at, kPage);
        if (!rows)
            return rows.error();
        for (const Row& row : *rows)
            if (row.format != archive::MediaFormat::Pcap && fits(row))
                return std::optional(row);
        if (rows->size() < kPage)
            break;
    }
    return std::optional<Row>();
}

/// Of a call inside the house the user may be on either side. A `*` in a number is a wildcard to the catalog,
/// so rows are compared once more.
Result<media::SoundPtr> lastRecordingOf(archive::Archive& archive, const std::string& number,
                                        const pbx::ScriptParts::NumberTest& isScript)
{
    archive::RecordingFilter inside;
    inside.internal = number;
    auto row = newest(archive, inside,
                      [&](const Row& one) { return one.internal == number && !isScript(one.external); });
    archive::RecordingFilter outside;
    outside.external = number;
    auto other = newest(archive, outside,
                        [&](const Row& one) { return one.external == number && !isScript(one.internal); });
    if (!row || !other)
        return !row ? row.error() : other.error();
    if (!*row || (*other && (*other)->start > (*row)->start))
        row = std::move(other);
    return *row ? soundOf(archive, **row) : fail(BaseErrc::NotFound, "no recording of " + number);
}

/// A long talk has several, and of the same guid there are those behind transfers, with a Call-ID of their
/// own.
Result<std::vector<archive::Recording>> recordingsOf(archive::Archive& archive,
                                                     const pbx::ScriptParts::Mark& mark)
{
    std::vector<archive::Recording> all;
    for (unsigned part = 1; part <= kPartsMost; ++part) {
        auto recording = archive.recording(part == 1 ? mark.guid : mark.guid + "-" + std::to_string(part));
        if (!recording && recording.error().code != archive::ArchiveErrc::NotFound)
            return recording.error();
        if (!recording)
            break;
        if (recording->callId == mark.callId)
            all.push_back(std::move(*recording));
    }
    return all;
}

} // namespace

Status markRecording(archive::Archive& archive, const pbx::ScriptParts::Mark& mark,
                     const std::function<bool()>& goesOn)
{
    auto recordings = recordingsOf(archive, mark);
    for (unsigned looks = 1; recordings && recordings->empty() && looks < kLooksMost && goesOn(); ++looks) {
        std::this_thread::sleep_for(kLookEvery);
        recordings = recordingsOf(archive, mark);
    }
    if (!recordings)
        return recordings.error();
    if (recordings->empty())
        return fail(archive::ArchiveErrc::NotFound, mark.callId);
    for (const archive::Recording& recording : *recordings) {
        const bool isInternal = mark.byCaller == (recording.direction == archive::CallDirection::Out);
        const auto marked = archive.mark(recording.uid, {mark.time, isInternal ? "internal" : "external"});
        if (!marked)
            return marked.error();
    }
    return {};
}

Path sharedScripts()
{
    const Path program = pathOf(QCoreApplication::applicationDirPath().toStdString());
    for (const Path& place : {program / ".." / "share" / "switchroom" / "scripts",
                              program / ".." / "resources" / "scripts", program / "scripts"})
        if (isFolder(place))
            return realPath(place);
    return {};
}

pbx::ScriptParts scriptParts(const Path& configDir, archive::Archive& archive,
                             std::function<void(const std::string&)> say)
{
    pbx::ScriptParts parts;
    parts.folder = configDir / "scripts";
    parts.shared = sharedScripts();
    parts.say = [say = std::move(say)](const std::string& words) {
        QMetaObject::invokeMethod(
            qApp, [say, words] { say(words); }, Qt::QueuedConnection);
    };
    parts.lastRecording = [&archive](const std::string& number,
                                     const pbx::ScriptParts::NumberTest& isScript) {
        return number.empty() ? fail(BaseErrc::NotFound, "a user without a number")
                              : lastRecordingOf(archive, number, isScript);
    };
    return parts;
}

} // namespace sr::exchange
