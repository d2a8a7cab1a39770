// SPDX-License-Identifier: GPL-3.0-or-later
// The file of open calls, and how those of a dead program are closed.
#include "core/cdr/open_calls.h"

#include "core/cdr/record_line.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sr::cdr {
namespace {

constexpr std::uint64_t kFileBytesMost = 1024ULL * 1024 * 1024;
constexpr int kTemporaryFailure = 41; // Q.850

std::string_view takeLine(std::string_view& rest)
{
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
}

/// `last`: when it was known to run [s] since 1970.
CallDataRecord closed(CallDataRecord record, std::int64_t last)
{
    CdrEvent event;
    event.msg = msg::kRelTo;
    event.cause = kTemporaryFailure;
    event.time = std::max<std::int64_t>(0, last - record.base);
    if (!record.events.empty())
        event.time = std::max(event.time, record.events.back().time);
    record.events.push_back(std::move(event));
    record.other.emplace_back("cut", "true");
    return record;
}

} // namespace

std::vector<SharedRecord> cutRecords(const Path& file)
{
    const auto bytes = readFile(file, kFileBytesMost);
    if (!bytes)
        return {};
    std::string_view rest = textOf(*bytes);
    const auto head = takeLine(rest);
    std::int64_t last = 0;
    (void)std::from_chars(head.data(), head.data() + head.size(), last);
    std::vector<SharedRecord> records;
    while (!rest.empty()) {
        const RecordLine line = readLine(takeLine(rest));
        auto record = parse(line.xml);
        if (!record)
            continue;
        record->base = line.base != 0 ? line.base : record->utc;
        records.push_back(std::make_shared<CallDataRecord>(closed(std::move(*record), last)));
    }
    return records;
}

void OpenCalls::replace(std::vector<SharedRecord> records)
{
    m_changed = m_changed || records != m_records;
    m_records = std::move(records);
}

void OpenCalls::remove(const std::set<std::string>& ids)
{
    const auto gone = std::erase_if(m_records, [&](const auto& record) { return ids.contains(record->id); });
    m_changed = m_changed || gone > 0;
}

Status OpenCalls::write(UtcTime now)
{
    if (m_records.empty()) {
        auto removed = removeFile(m_file);
        m_changed = !removed;
        m_xml.clear();
        return removed;
    }
    std::string text = std::to_string(std::chrono::floor<seconds>(now).time_since_epoch().count()) + "\n";
    std::unordered_map<SharedRecord, std::string> written;
    for (const auto& record : m_records) { // what has not changed is not put into words again
        const auto before = m_xml.find(record);
        std::string& line = written[record] =
            before != m_xml.end() ? std::move(before->second) : lineOf(*record);
        text += line;
        text += '\n';
    }
    m_xml = std::move(written);
    auto result = writeFileAtomic(m_file, bytesOf(text), true);
    m_changed = !result;
    return result;
}

} // namespace sr::cdr
