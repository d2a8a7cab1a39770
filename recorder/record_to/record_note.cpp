// SPDX-License-Identifier: GPL-3.0-or-later
// Notes are replaced as a whole; pcap files are read from header to header.
#include "recorder/record_to/record_note.h"

#include "recorder/record_to/record_to_error.h"

#include <array>

namespace sr::recorder {
namespace {

constexpr std::uint64_t kNoteBytesMost = 64 * 1024;
constexpr std::uint64_t kFileHeader = 24;
constexpr std::uint64_t kRecordHeader = 16;
constexpr std::uint32_t kRecordMost = 262144; ///< snap length of PcapWriter

std::string_view takeLine(std::string_view& text)
{
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

Path pathOfNote(const Path& dir, const std::string& name)
{
    return dir / pathOf(name + std::string(kNoteSuffix));
}

} // namespace

bool isServer(std::string_view target)
{
    return target.find("://") != target.npos;
}

Status writeNote(const Path& dir, const std::string& name, const RecordNote& note)
{
    const std::string text =
        "to " + note.to + "\nat " + utf8Of(note.at) + "\n" + (note.whole ? "whole\n" : "");
    return writeFileAtomic(pathOfNote(dir, name), bytesOf(text), true);
}

Result<RecordNote> readNote(const Path& file)
{
    const auto bytes = readFile(file, kNoteBytesMost);
    if (!bytes)
        return bytes.error();
    std::string_view text = textOf(*bytes);
    RecordNote note;
    while (!text.empty()) {
        const std::string_view line = takeLine(text);
        if (line.starts_with("to "))
            note.to = line.substr(3);
        else if (line.starts_with("at "))
            note.at = pathOf(line.substr(3));
        else if (line == "whole")
            note.whole = true;
    }
    return note.to.empty() || note.at.empty() ? Result<RecordNote>(fail(RecordToErrc::Damaged, utf8Of(file)))
                                              : Result<RecordNote>(std::move(note));
}

Status removeNote(const Path& dir, const std::string& name)
{
    return removeFile(pathOfNote(dir, name));
}

Result<std::uint64_t> mendPcap(const Path& file)
{
    auto opened = File::open(file, OpenMode::ReadWrite);
    if (!opened)
        return opened.error();
    const std::uint64_t size = (*opened)->size();
    std::uint64_t whole = size < kFileHeader ? 0 : kFileHeader;
    while (whole != 0 && whole + kRecordHeader <= size) {
        std::array<std::byte, kRecordHeader> header{};
        const auto got = (*opened)->readAt(whole, header);
        if (!got)
            return got.error();
        const auto length = loadLe<std::uint32_t>(header.data() + 8);
        if (length > kRecordMost || whole + kRecordHeader + length > size)
            break;
        whole += kRecordHeader + length;
    }
    if (whole != size)
        if (auto cut = (*opened)->truncate(whole); !cut)
            return cut.error();
    return whole;
}

} // namespace sr::recorder
