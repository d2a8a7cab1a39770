// SPDX-License-Identifier: GPL-3.0-or-later
// Reading journals: the strict way for verify and repair, the quick way for the catalog.
#include "core/archive/journal.h"

#include <algorithm>

namespace sr::archive {
namespace {

constexpr std::size_t kChunk = 1U << 20U;
constexpr std::size_t kGroupMax = 100'000; ///< records between two signatures

/// Lines of a source, in chunks; a line never exceeds kJournalLineMax.
class Lines {
public:
    Lines(ByteSource& source, std::uint64_t from)
        : m_source(source)
        , m_at(from)
        , m_readAt(from)
    {}

    enum class Got { Line, Partial, TooLong, End };
    /// The next line without its end; Partial: what stands at the end without a line end.
    Result<Got> next(std::string_view& line)
    {
        while (true) {
            const auto end = m_buffer.find('\n', m_used);
            if (end != std::string::npos && end - m_used <= kJournalLineMax) {
                line = std::string_view(m_buffer).substr(m_used, end - m_used);
                m_at += end + 1 - m_used;
                m_used = end + 1;
                return Got::Line;
            }
            if (end != std::string::npos || m_buffer.size() - m_used > kJournalLineMax)
                return Got::TooLong;
            const std::size_t before = m_buffer.size() - m_used;
            m_buffer.erase(0, m_used);
            m_used = 0;
            m_buffer.resize(before + kChunk);
            auto got = m_source.readAt(m_readAt, std::as_writable_bytes(std::span(m_buffer)).subspan(before));
            if (!got)
                return got.error();
            m_buffer.resize(before + *got);
            m_readAt += *got;
            if (*got == 0) {
                line = m_buffer;
                return before == 0 ? Got::End : Got::Partial;
            }
        }
    }
    std::uint64_t at() const { return m_at; } ///< after the line given last

private:
    ByteSource& m_source;
    std::string m_buffer;
    std::size_t m_used = 0;
    std::uint64_t m_at;
    std::uint64_t m_readAt;
};

class Scan {
public:
    Scan(const std::string& writer, const crypto::KeyRing& ring, const RecordSink& sink)
        : m_writer(writer)
        , m_ring(ring)
        , m_sink(sink)
    {}

    /// False: stop, the problem is noted.
    bool line(std::string_view text, std::uint64_t end)
    {
        if (!text.empty() && text.front() == '#')
            return signature(text, end);
        const auto parsed = parseRecord(text);
        if (!parsed)
            return stop("changed", "a line that is no record");
        if (m_seq == 0 && !header(*parsed))
            return false;
        if (parsed->record.seq != m_seq + 1)
            return stop("changed", "record " + std::to_string(m_seq + 1) + " is not where it belongs");
        const auto mac = chained(m_key, m_head, parsed->covered);
        if (toHex(mac) != parsed->mac)
            return stop("changed", "record " + std::to_string(parsed->record.seq) + " was changed");
        if (m_group.size() >= kGroupMax)
            return stop("changed", "records without signature");
        m_head = mac;
        m_seq = parsed->record.seq;
        m_group.emplace_back(parsed->record, mac);
        return true;
    }

    JournalScan finish(std::uint64_t total, bool partial)
    {
        m_out.totalBytes = total;
        m_out.unsignedTail = !m_out.problem && (partial || !m_group.empty());
        if (m_out.lastSeq == 0 && !m_out.problem)
            stop("changed", "no signed record");
        return std::move(m_out);
    }
    bool stop(const char* kind, std::string detail)
    {
        m_out.problem = JournalProblem{kind, std::move(detail)};
        return false;
    }

private:
    bool header(const ParsedRecord& parsed)
    {
        auto header = parsed.record.kind == JournalKind::Open
                          ? parseHeader(parsed.record.extra)
                          : Result<JournalHeader>(fail(BaseErrc::Malformed, "first record"));
        if (!header)
            return stop("changed", "the first record does not tell who writes");
        const auto* key = m_ring.find(header->keyId);
        if (key == nullptr || key->purpose != crypto::KeyPurpose::Integrity)
            return stop("unknownKey", "written under integrity key " + toHex(header->keyId));
        m_key = key->secret;
        m_out.header = std::move(*header);
        if (m_out.header.writer != m_writer)
            return stop("renamed", "journal of " + m_out.header.writer);
        return true;
    }

    bool signature(std::string_view text, std::uint64_t end)
    {
        if (m_group.empty() || !checkSignatureLine(text, m_out.header.publicKey, m_writer, m_seq, m_head))
            return stop("changed", "the signature of record " + std::to_string(m_seq) + " does not hold");
        for (const auto& [record, mac] : m_group)
            m_sink(record, mac);
        m_group.clear();
        m_out.lastSeq = m_seq;
        m_out.head = m_head;
        m_out.goodBytes = end;
        return true;
    }

    const std::string& m_writer;
    const crypto::KeyRing& m_ring;
    const RecordSink& m_sink;
    JournalScan m_out;
    crypto::Secret m_key;
    ChainValue m_head{};
    std::uint64_t m_seq = 0;
    std::vector<std::pair<JournalRecord, ChainValue>> m_group;
};

} // namespace

Result<JournalScan> scanJournal(ByteSource& journal, const std::string& writer, const crypto::KeyRing& ring,
                                const RecordSink& sink)
{
    Lines lines(journal, 0);
    Scan scan(writer, ring, sink);
    std::string_view line;
    bool partial = false;
    for (bool more = true; more;) {
        auto got = lines.next(line);
        if (!got)
            return got.error();
        if (*got == Lines::Got::TooLong)
            more = scan.stop("changed", "a line without end");
        else
            more = *got == Lines::Got::Line && scan.line(line, lines.at());
        partial = *got == Lines::Got::Partial;
    }
    return scan.finish(journal.size(), partial);
}

Result<JournalHeader> readJournalHeader(ByteSource& journal, const crypto::KeyRing& ring)
{
    Lines lines(journal, 0);
    std::string_view line;
    auto got = lines.next(line);
    if (!got)
        return got.error();
    const auto parsed = *got == Lines::Got::Line
                            ? parseRecord(line)
                            : Result<ParsedRecord>(fail(BaseErrc::Malformed, "no record"));
    if (!parsed)
        return parsed.error();
    auto header = parseHeader(parsed->record.extra);
    if (!header)
        return header.error();
    const auto* key = ring.find(header->keyId);
    if (key == nullptr || key->purpose != crypto::KeyPurpose::Integrity)
        return fail(crypto::CryptoErrc::UnknownKey, "journal under integrity key " + toHex(header->keyId));
    if (toHex(chained(key->secret, ChainValue{}, parsed->covered)) != parsed->mac)
        return fail(crypto::CryptoErrc::Altered, "the first record of a journal");
    return header;
}

Result<std::uint64_t> followJournal(ByteSource& journal, std::uint64_t from, const UncheckedSink& sink)
{
    Lines lines(journal, from);
    std::string_view line;
    std::uint64_t start = from;
    while (true) {
        auto got = lines.next(line);
        if (!got)
            return got.error();
        if (*got != Lines::Got::Line)
            return start;
        if (!line.empty() && line.front() != '#')
            if (const auto parsed = parseRecord(line); parsed && !sink(parsed->record, start))
                return start;
        start = lines.at();
    }
}

} // namespace sr::archive
