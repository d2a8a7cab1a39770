// SPDX-License-Identifier: GPL-3.0-or-later
// Verify, first part: journals, their readable twin, and the small files in TMP.
#include "core/archive/archive_xml.h"
#include "core/archive/claims.h"
#include "core/archive/folder_archive.h"
#include "core/archive/instance.h"
#include "core/archive/verify.h"

#include <algorithm>
#include <string_view>

namespace sr::archive {
namespace {

constexpr std::size_t kTwinLineMax = 8192;
constexpr char kBroken = '\r'; ///< marks a last line without end
constexpr std::size_t kFragmentsMax = 64;
constexpr std::size_t kChunk = 1U << 20U;
constexpr std::uint64_t kRingMax = 16ULL << 20;
constexpr std::string_view kLock = ".lock";

std::uint64_t hashOfLine(std::string_view line)
{
    // Attackers may choose lines, so a keyless quick hash would not do.
    return loadBe<std::uint64_t>(crypto::sha256(bytesOf(line)).data());
}

void learn(JournalKnowledge& knowledge, const std::string& writer, const JournalRecord& r,
           const ChainValue& mac)
{
    ++knowledge.records;
    const auto line = twinLine(writer, r, toHex(mac));
    ++knowledge.twinLines[hashOfLine(std::string_view(line).substr(0, line.size() - 1))];
    if (r.kind == JournalKind::Ring && r.timeMs >= knowledge.ringTimeMs) {
        knowledge.ringTimeMs = r.timeMs;
        knowledge.ringSha256 = r.sha256;
    }
    if (r.uid.empty())
        return;
    auto& known = knowledge.recordings[r.uid];
    if (r.kind == JournalKind::Note) {
        known.noteSha256 = r.sha256;
        return;
    }
    if (r.kind == JournalKind::Hold || r.revision < known.revision)
        return;
    if (r.revision > known.revision)
        known.places.clear();
    known.revision = r.revision;
    known.deleted = r.kind == JournalKind::Delete;
    known.stem = r.stem;
    known.format = r.format;
    known.bytes = r.bytes;
    known.sha256 = r.sha256;
    known.places.push_back({writer, r.seq, mac});
}

/// An unsigned tail is a record being written now, or what a kill left; acknowledged it was to nobody.
bool isLiveOrTorn(const JournalScan& scan)
{
    return scan.unsignedTail && !scan.problem;
}

Status readJournal(VerifyContext& context, const StoreEntry& entry, JournalKnowledge& knowledge,
                   VerifyReport& report)
{
    const std::string writer = entry.name.substr(entry.name.rfind('/') + 1);
    auto source = context.store.openRange(entry.name);
    if (!source)
        return source.error();
    const auto sink = [&](const JournalRecord& record, const ChainValue& mac) {
        learn(knowledge, writer, record, mac);
    };
    auto scan = scanJournal(**source, writer, context.ring, sink);
    if (!scan)
        return scan.error();
    ++report.checked;
    auto& known = knowledge.writers[writer];
    known.lastSeq = scan->lastSeq;
    known.sound = !scan->problem;
    if (scan->problem)
        report.findings.push_back(
            {entry.name, "", scan->problem->kind,
             scan->problem->detail + ", after octet " + std::to_string(scan->goodBytes)});
    else if (scan->header.archiveId != context.archiveId)
        report.findings.push_back({entry.name, "", "extra", "the journal of another archive"});
    else if (!isLiveOrTorn(*scan) && scan->goodBytes != scan->totalBytes)
        report.findings.push_back({entry.name, "", "changed", "octets after the last signature"});
    return context.advance(entry.bytes) ? Status{} : fail(BaseErrc::Cancelled, "verify");
}

bool isWriterId(std::string_view name)
{
    const auto dash = name.find('-');
    return dash == 16 && name.size() <= 20 &&
           name.substr(0, 16).find_first_not_of("0123456789abcdef") == name.npos && name.size() > 17 &&
           name.substr(17).find_first_not_of("0123456789") == name.npos;
}

/// Lines of the twin that stand in no journal, and how often each of the others was seen.
struct TwinSeen {
    std::unordered_map<std::uint64_t, std::uint32_t> lines;
    std::vector<std::pair<std::uint64_t, std::string>> foreign; ///< line number, text; the first of them
    std::uint64_t more = 0;                                     ///< beyond those
};

void seeLine(std::string_view line, std::uint64_t number, const JournalKnowledge& knowledge, TwinSeen& seen)
{
    const auto hash = hashOfLine(line);
    const auto found = knowledge.twinLines.find(hash);
    if (found != knowledge.twinLines.end() && ++seen.lines[hash] <= found->second)
        return;
    if (seen.foreign.size() < 1000)
        seen.foreign.emplace_back(number, std::string(line.substr(0, kTwinLineMax)));
    else
        ++seen.more;
}

/// All lines of the twin, in order; one that lacks its end comes as no line of ours could read.
Status eachLine(ByteSource& twin, const std::function<void(std::string_view)>& each)
{
    std::string buffer;
    for (std::uint64_t at = 0;;) {
        const std::size_t kept = buffer.size();
        buffer.resize(kept + kChunk);
        auto got = twin.readAt(at, std::as_writable_bytes(std::span(buffer)).subspan(kept));
        if (!got)
            return got.error();
        buffer.resize(kept + *got);
        at += *got;
        std::size_t start = 0;
        for (auto end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n', start)) {
            each(std::string_view(buffer).substr(start, end - start));
            start = end + 1;
        }
        buffer.erase(0, start);
        if (*got == 0 || buffer.size() > kChunk)
            break;
    }
    if (!buffer.empty())
        each(buffer += kBroken);
    return {};
}

/// A line that broke off when a program was killed, and stands whole elsewhere, is no harm.
Status dropFragments(ByteSource& twin, const JournalKnowledge& knowledge, TwinSeen& seen)
{
    if (seen.foreign.empty() || seen.foreign.size() > kFragmentsMax)
        return {};
    return eachLine(twin, [&](std::string_view line) {
        if (knowledge.twinLines.contains(hashOfLine(line)))
            std::erase_if(seen.foreign, [&](const auto& foreign) {
                return !foreign.second.empty() && line.starts_with(foreign.second) &&
                       line.size() > foreign.second.size();
            });
    });
}

bool carriesWriter(std::string_view line)
{
    const auto mark = line.rfind(" [");
    const auto end = mark == line.npos ? line.npos : line.find('#', mark);
    return end != line.npos && isWriterId(line.substr(mark + 2, end - mark - 2));
}

/// Lines that carry a writer's mark, or stand where others are missing, were changed; the rest another
/// program wrote: the original's players keep their log in this very file.
void reportForeignLines(const std::string& file, const TwinSeen& seen, bool someAreMissing,
                        VerifyReport& report)
{
    std::uint64_t others = 0, firstOther = 0;
    for (const auto& [line, text] : seen.foreign) {
        if (!someAreMissing && !carriesWriter(text)) {
            firstOther = others++ == 0 ? line : firstOther;
            continue;
        }
        report.findings.push_back(
            {file, "", "changed", "line " + std::to_string(line) + " stands in no journal"});
    }
    others += seen.more;
    if (others > 0)
        report.findings.push_back({file, "", "extra",
                                   std::to_string(others) + " lines, the first of them line " +
                                       std::to_string(firstOther) + ", were written by another program"});
}

} // namespace

std::string kindOf(const Error& error)
{
    return error.code == crypto::CryptoErrc::UnknownKey ? "unknownKey" : "changed";
}

Result<JournalKnowledge> readJournals(VerifyContext& context, VerifyReport& report)
{
    JournalKnowledge knowledge;
    auto entries = context.store.list(std::string(kJournalFolder));
    if (!entries && entries.error().code != BaseErrc::NotFound)
        return entries.error();
    if (!entries)
        return knowledge;
    for (const auto& entry : *entries) {
        auto name = std::string_view(entry.name).substr(entry.name.rfind('/') + 1);
        const bool isLock = name.ends_with(kLock);
        if (isLock)
            name.remove_suffix(kLock.size());
        if (entry.isFolder || !isWriterId(name)) {
            report.findings.push_back({entry.name, "", "extra", "no journal"});
        } else if (isLock) {
            ++report.checked;
            if (entry.bytes != 0)
                report.findings.push_back({entry.name, "", "changed", "a lock file holds nothing"});
        } else if (auto read = readJournal(context, entry, knowledge, report); !read) {
            return read.error();
        }
    }
    for (const auto& [uid, known] : knowledge.recordings)
        if (!known.deleted && !known.stem.empty())
            knowledge.uidOfStem[known.stem] = uid;
    return knowledge;
}

Status checkTwin(VerifyContext& context, const JournalKnowledge& knowledge, VerifyReport& report)
{
    const std::string file(kTwinFile);
    auto source = context.store.openRange(file);
    if (!source && source.error().code != BaseErrc::NotFound)
        return source.error();
    if (!source) {
        if (knowledge.records > 0)
            report.findings.push_back({file, "", "missing", "the readable twin of the journals"});
        return {};
    }
    ++report.checked;
    TwinSeen seen;
    std::uint64_t number = 0;
    bool going = true;
    const auto look = [&](std::string_view line) {
        seeLine(line, ++number, knowledge, seen);
        going = context.advance(line.size() + 1) && going;
    };
    if (auto read = eachLine(**source, look); !read)
        return read;
    if (!going)
        return fail(BaseErrc::Cancelled, "verify");
    if (auto dropped = dropFragments(**source, knowledge, seen); !dropped)
        return dropped;
    std::uint64_t missing = 0;
    for (const auto& [hash, times] : knowledge.twinLines) {
        const auto found = seen.lines.find(hash);
        missing += found == seen.lines.end() || found->second < times ? 1 : 0;
    }
    reportForeignLines(file, seen, missing > 0, report);
    if (missing > 0)
        report.findings.push_back({file, "", "changed", std::to_string(missing) + " lines are missing"});
    return {};
}

namespace {

Status checkArchiveXml(VerifyContext& context, VerifyReport& report)
{
    if (context.foreign)
        return {};
    const std::string file(kArchiveXmlFile);
    ++report.checked;
    auto source = context.store.openRange(file);
    if (!source && source.error().code != BaseErrc::NotFound)
        return source.error();
    if (!source) {
        report.findings.push_back({file, "", "missing", "what archive this is stands in the journals only"});
        return {};
    }
    const auto document = readAll(**source, kArchiveXmlMax);
    const auto xml =
        document ? readArchiveXml(textOf(*document), context.ring) : Result<ArchiveXml>(document.error());
    if (!xml)
        report.findings.push_back({file, "", kindOf(xml.error()), xml.error().text()});
    else if (xml->id != context.archiveId)
        report.findings.push_back({file, "", "swapped", "that of another archive"});
    return {};
}

Status checkRing(VerifyContext& context, const JournalKnowledge& knowledge, bool present,
                 VerifyReport& report)
{
    const std::string file = "TMP/keyring.sealed";
    if (!present) {
        if (!knowledge.ringSha256.empty())
            report.findings.push_back({file, "", "missing", "the sealed copy of the key ring"});
        return {};
    }
    ++report.checked;
    auto source = context.store.openRange(file);
    if (!source)
        return source.error();
    const auto bytes = readAll(**source, kRingMax);
    if (!bytes && bytes.error().code != BaseErrc::TooLarge)
        return bytes.error();
    if (!bytes || toHex(crypto::sha256(*bytes)) != knowledge.ringSha256)
        report.findings.push_back({file, "", "changed", "not the copy that was written last"});
    return {};
}

Status checkTmp(VerifyContext& context, const JournalKnowledge& knowledge, VerifyReport& report)
{
    auto entries = context.store.list("TMP");
    if (!entries && entries.error().code != BaseErrc::NotFound)
        return entries.error();
    bool ring = false;
    if (entries)
        for (const auto& entry : *entries) {
            ring = ring || entry.name == "TMP/keyring.sealed";
            const bool expected = entry.isFolder ? entry.name == kJournalFolder
                                                 : entry.name == kArchiveXmlFile || entry.name == kTwinFile ||
                                                       entry.name == "TMP/keyring.sealed";
            if (entry.name == "TMP/SPlayer.xml") // decisions.md 24
                report.findings.push_back(
                    {entry.name, "", "extra",
                     "the original player's central password, which no key here vouches for"});
            else if (!expected)
                report.findings.push_back({entry.name, "", "extra", "not of this archive"});
        }
    return checkRing(context, knowledge, ring, report);
}

/// A claim belongs to a program whose work folder is there; everything else is nobody's.
Status checkClaims(VerifyContext& context, VerifyReport& report)
{
    const Path recDir = context.root / "REC";
    auto claims = context.store.list(std::string("REC/") + kClaimsFolder);
    if (!claims)
        return claims.error().code == BaseErrc::NotFound ? Status{} : Status{claims.error()};
    for (const auto& entry : *claims) {
        const auto by = claimant(recDir, entry.name.substr(entry.name.rfind('/') + 1));
        if (!entry.isFolder && isInstanceId(by) && fileExists(recDir / by))
            continue;
        if (entry.isFolder || fileExists(context.root / pathOf(entry.name))) // else given up meanwhile
            report.findings.push_back({entry.name, "", "extra", "nobody's claim"});
    }
    return {};
}

} // namespace

Status checkSurroundings(VerifyContext& context, const JournalKnowledge& knowledge, VerifyReport& report)
{
    if (auto checked = checkArchiveXml(context, report); !checked)
        return checked;
    if (auto checked = checkTmp(context, knowledge, report); !checked)
        return checked;
    auto top = context.store.list("");
    if (!top)
        return top.error();
    for (const auto& entry : *top)
        if (!entry.isFolder || (entry.name != "TMP" && entry.name != "REC" && !isMonthFolder(entry.name)))
            report.findings.push_back({entry.name, "", "extra", "not of this archive"});
    auto work = context.store.list("REC");
    if (!work)
        return work.error().code == BaseErrc::NotFound ? Status{} : Status{work.error()};
    for (const auto& entry : *work) {
        const auto name = entry.name.substr(entry.name.rfind('/') + 1);
        if (!entry.isFolder || (name != kClaimsFolder && !isInstanceId(name)))
            report.findings.push_back({entry.name, "", "extra", "nobody's work"});
    }
    return checkClaims(context, report);
}

} // namespace sr::archive
