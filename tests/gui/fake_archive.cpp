// SPDX-License-Identifier: GPL-3.0-or-later
// Invented calls, reproducible from their number.
#include "tests/gui/fake_archive.h"

#include "core/codec/g711.h"
#include "core/codec/wav.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <thread>

namespace sr::test {

using archive::RecordingFilter;
using archive::RecordingRow;

namespace {

struct Contact {
    const char* number;
    const char* name;
};
constexpr std::array kInside{Contact{"24", "Front desk"}, Contact{"31", "Workshop"},
                             Contact{"11", "Dispatch"}, Contact{"40", ""}, Contact{"361", "Night ward"}};
constexpr std::array kOutside{Contact{"0703173009", "Stadtwerke"},
                              Contact{"07118887770", ""},
                              Contact{"unknown", ""},
                              Contact{"+39047198800", ""},
                              Contact{"112", "Leitstelle"},
                              Contact{"01725550199", ""},
                              Contact{"08000102", ""},
                              Contact{"004915112345678", "Dr. Winter"}};

std::uint64_t mixed(std::uint64_t value) // SplitMix64 finaliser: spreads neighbours
{
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

bool wild(std::string_view pattern, std::string_view text)
{
    if (pattern.empty())
        return text.empty();
    if (pattern.front() == '*') {
        for (std::size_t skip = 0; skip <= text.size(); ++skip) {
            if (wild(pattern.substr(1), text.substr(skip)))
                return true;
        }
        return false;
    }
    return !text.empty() && (pattern.front() == '?' || pattern.front() == text.front()) &&
           wild(pattern.substr(1), text.substr(1));
}

std::chrono::year_month_day localDay(const RecordingRow& row)
{
    return std::chrono::floor<std::chrono::days>(row.start + std::chrono::minutes(row.utcOffsetMinutes));
}

class OwnedSource final : public ByteSource {
public:
    explicit OwnedSource(Bytes bytes)
        : m_bytes(std::move(bytes))
        , m_source(m_bytes)
    {}
    std::uint64_t size() const override { return m_source.size(); }
    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> out) override
    {
        return m_source.readAt(offset, out);
    }

private:
    Bytes m_bytes;
    MemorySource m_source;
};

std::optional<std::uint64_t> numberOf(const std::string& uid)
{
    std::uint64_t number = 0;
    if (uid.size() != 32)
        return {};
    const auto parsed = std::from_chars(uid.data() + 16, uid.data() + 32, number, 16);
    return parsed.ec == std::errc() ? std::optional(number) : std::nullopt;
}

} // namespace

Bytes twoPartyWav(int seconds, bool turns)
{
    constexpr std::uint32_t kRate = 8000;
    const auto frames = static_cast<std::uint64_t>(seconds) * kRate;
    const codec::AudioFormat format{codec::SampleCoding::ALaw, kRate, 2};
    Bytes wav = codec::wavHeader(format, frames).value();
    wav.reserve(wav.size() + frames * 2);
    for (std::uint64_t i = 0; i < frames; ++i) {
        const double time = static_cast<double>(i) / kRate;
        const bool left = !turns || mixed(static_cast<std::uint64_t>(time / 1.7)) % 2 == 0;
        const double syllable =
            turns ? 0.25 + 0.75 * std::fabs(std::sin(time * 7.3) * std::sin(time * 2.1)) : 1.0;
        const auto sample = [&](double hertz, bool speaks) {
            const double level = speaks ? 16000.0 * syllable : 120.0;
            return static_cast<std::int16_t>(level * std::sin(2 * std::numbers::pi * hertz * time));
        };
        wav.push_back(codec::encodeG711(codec::Law::A, sample(440, left)));
        wav.push_back(codec::encodeG711(codec::Law::A, sample(880, !turns || !left)));
    }
    return wav;
}

FakeArchive::FakeArchive(std::uint64_t rows, UtcTime newest)
    : m_root("/tmp")
    , m_newest(newest)
    , m_first(rows)
    , m_visible(rows)
    , m_committed(rows)
{}

RecordingRow FakeArchive::rowNumber(std::uint64_t number) const
{
    const std::uint64_t dice = mixed(number);
    RecordingRow row;
    std::array<char, 33> uid{};
    std::snprintf(uid.data(), uid.size(), "%016llx%016llx", static_cast<unsigned long long>(dice),
                  static_cast<unsigned long long>(number));
    row.uid = uid.data();
    const Contact& inside = kInside.at(dice % kInside.size());
    const Contact& outside = kOutside.at((dice >> 8U) % kOutside.size());
    row.internal = inside.number;
    row.internalName = inside.name;
    row.external = outside.number;
    row.externalName = outside.name;
    row.direction = (dice >> 16U) % 3 == 0 ? archive::CallDirection::Out : archive::CallDirection::In;
    const auto age = static_cast<std::int64_t>(m_first) - 1 - static_cast<std::int64_t>(number);
    row.start = m_newest - std::chrono::seconds(age * 37) + std::chrono::milliseconds((dice >> 20U) % 1000);
    row.utcOffsetMinutes = 60;
    row.answerSeconds = static_cast<std::uint32_t>(1 + (dice >> 24U) % 14);
    row.durationMs = 9000 + (dice >> 30U) % 600'000;
    row.owner = row.internal;
    row.format = archive::MediaFormat::Wav;
    row.codecs = {"PCMA", (dice >> 12U) % 4 == 0 ? "G722" : "PCMA"};
    row.lostPackets = {(dice >> 44U) % 3, (dice >> 46U) % 7};
    row.sealed = (dice >> 40U) % 4 != 0;
    row.fileBytes = 60 + row.durationMs * 16;
    row.file = "2026_11/" + row.uid + ".wav";
    MutexLock lock(m_mutex);
    if (const auto tan = m_tans.find(number); tan != m_tans.end())
        row.tan = tan->second;
    if (m_externalName)
        row.externalName = *m_externalName;
    return row;
}

bool FakeArchive::matches(const RecordingRow& row, const RecordingFilter& filter)
{
    const std::chrono::year_month_day day = localDay(row);
    const auto has = [](const std::string& pattern) {
        return pattern.find_first_of("*?") != std::string::npos;
    };
    if (filter.unanswered)
        return false;
    if (filter.year != 0 && static_cast<int>(day.year()) != filter.year)
        return false;
    if (filter.month != 0 && static_cast<unsigned>(day.month()) != static_cast<unsigned>(filter.month))
        return false;
    if (filter.day != 0 && static_cast<unsigned>(day.day()) != static_cast<unsigned>(filter.day))
        return false;
    if (!filter.internal.empty() &&
        !(has(filter.internal) ? wild(filter.internal, row.internal) : row.internal == filter.internal))
        return false;
    if (!filter.external.empty() && !wild(filter.external + "*", row.external))
        return false;
    if (filter.direction && row.direction != *filter.direction)
        return false;
    if (!filter.tan.empty() && row.tan != filter.tan)
        return false;
    return !filter.format || row.format == *filter.format;
}

void FakeArchive::addNewest()
{
    ++m_committed;
}

void FakeArchive::removeNewest()
{
    --m_committed;
}

void FakeArchive::holdBack(std::uint64_t number)
{
    MutexLock lock(m_mutex);
    m_heldBack.insert(number);
}

void FakeArchive::release()
{
    MutexLock lock(m_mutex);
    m_released = true;
}

bool FakeArchive::gaps() const
{
    MutexLock lock(m_mutex);
    return !m_heldBack.empty();
}

void FakeArchive::setExternalName(const std::string& name)
{
    MutexLock lock(m_mutex);
    m_externalName = name;
}

void FakeArchive::failWith(std::optional<Error> error)
{
    MutexLock lock(m_mutex);
    m_fault = std::move(error);
}

std::optional<Error> FakeArchive::fault() const
{
    MutexLock lock(m_mutex);
    return m_fault;
}

void FakeArchive::setTan(std::uint64_t number, const std::string& tan)
{
    MutexLock lock(m_mutex);
    m_tans[number] = tan;
}

void FakeArchive::setIntegrity(const std::string& uid, archive::Integrity integrity)
{
    MutexLock lock(m_mutex);
    m_integrity[uid] = integrity;
}

std::vector<RecordingFilter> FakeArchive::askedFilters() const
{
    MutexLock lock(m_mutex);
    return m_asked;
}

void FakeArchive::stampLocal(UtcTime, archive::RecordingName&, int& utcOffsetMinutes) const
{
    utcOffsetMinutes = 60;
}

std::vector<std::uint64_t> FakeArchive::search(const RecordingFilter& filter) const
{
    {
        MutexLock lock(m_mutex);
        if (m_searched == filter && m_searchedRows == m_visible)
            return m_found;
    }
    std::vector<std::uint64_t> found;
    const std::uint64_t rows = m_visible;
    std::set<std::uint64_t> heldBack;
    {
        MutexLock lock(m_mutex);
        heldBack = m_heldBack;
    }
    for (std::uint64_t number = rows; number-- > 0;) {
        if (!heldBack.contains(number) && matches(rowNumber(number), filter))
            found.push_back(number);
    }
    if (filter.oldestFirst)
        std::reverse(found.begin(), found.end());
    MutexLock lock(m_mutex);
    m_searched = filter;
    m_searchedRows = rows;
    m_found = found;
    return found;
}

Result<std::vector<RecordingRow>> FakeArchive::page(const RecordingFilter& filter, std::uint64_t offset,
                                                    std::uint64_t limit)
{
    if (const auto error = fault())
        return *error;
    ++m_pagesRead;
    {
        MutexLock lock(m_mutex);
        if (m_asked.empty() || !(m_asked.back() == filter))
            m_asked.push_back(filter);
    }
    std::vector<RecordingRow> rows;
    RecordingFilter plain;
    plain.oldestFirst = filter.oldestFirst;
    if (filter == plain && !gaps()) { // a million rows without a list of them
        const std::uint64_t all = m_visible;
        for (std::uint64_t i = offset; i < std::min(all, offset + limit); ++i)
            rows.push_back(rowNumber(filter.oldestFirst ? i : all - 1 - i));
    } else {
        const std::vector<std::uint64_t> found = search(filter);
        for (std::uint64_t i = offset; i < std::min<std::uint64_t>(found.size(), offset + limit); ++i)
            rows.push_back(rowNumber(found[i]));
    }
    m_rowsRead += rows.size();
    return rows;
}

Result<std::uint64_t> FakeArchive::count(const RecordingFilter& filter)
{
    if (const auto error = fault())
        return *error;
    RecordingFilter plain;
    plain.oldestFirst = filter.oldestFirst;
    plain.format = filter.format; // all rows have the same
    if (filter == plain && !gaps())
        return !filter.format || *filter.format == archive::MediaFormat::Wav ? m_visible.load() : 0;
    return search(filter).size();
}

Result<std::vector<std::pair<int, int>>> FakeArchive::months()
{
    if (const auto error = fault())
        return *error;
    std::vector<std::pair<int, int>> list;
    const std::uint64_t rows = m_visible;
    constexpr std::uint64_t kStep = 2000; // 20 hours: no month is skipped
    for (std::uint64_t back = 0; back < rows; back += kStep) {
        const std::chrono::year_month_day day = localDay(rowNumber(rows - 1 - back));
        const std::pair month{static_cast<int>(day.year()),
                              static_cast<int>(static_cast<unsigned>(day.month()))};
        if (list.empty() || list.back() != month)
            list.push_back(month);
    }
    return list;
}

Result<RecordingRow> FakeArchive::row(const std::string& uidOrName)
{
    if (const auto error = fault())
        return *error;
    const auto number = numberOf(uidOrName);
    if (!number || *number >= m_visible)
        return fail(archive::ArchiveErrc::NotFound, uidOrName);
    return rowNumber(*number);
}

Result<archive::Recording> FakeArchive::recording(const std::string& uid)
{
    const Result<RecordingRow> found = row(uid);
    if (!found)
        return found.error();
    archive::Recording recording;
    recording.uid = found->uid;
    recording.internal = found->internal;
    recording.external = found->external;
    recording.internalName = found->internalName;
    recording.externalName = found->externalName;
    recording.direction = found->direction;
    recording.start = found->start;
    recording.utcOffsetMinutes = found->utcOffsetMinutes;
    recording.answerSeconds = found->answerSeconds;
    recording.durationMs = found->durationMs;
    recording.source = "line-3.pcapng";
    const bool out = found->direction == archive::CallDirection::Out;
    const std::string caller = out ? "internal" : "external";
    const std::string callee = out ? "external" : "internal";
    const UtcTime asked = found->start - std::chrono::seconds(found->answerSeconds);
    const auto length = std::chrono::milliseconds(found->durationMs);
    recording.flow = {{asked, "invite", caller, ""},
                      {asked + seconds(1), "ringing", callee, ""},
                      {found->start, "answer", callee, ""},
                      {found->start + length / 3, "hold", "internal", ""},
                      {found->start + length / 3 + seconds(9), "retrieve", "internal", ""},
                      {found->start + length, "bye", "external", ""}};
    return recording;
}

Result<std::unique_ptr<ByteSource>> FakeArchive::openAudio(const std::string& uid)
{
    const Result<RecordingRow> found = row(uid);
    if (!found)
        return found.error();
    const int wanted = m_audioSeconds;
    const int length = wanted > 0 ? wanted : static_cast<int>(found->durationMs / 1000);
    return std::unique_ptr<ByteSource>(std::make_unique<OwnedSource>(twoPartyWav(length, true)));
}

Result<archive::Integrity> FakeArchive::checkIntegrity(const std::string& uid)
{
    std::this_thread::sleep_for(m_checkTime.load());
    MutexLock lock(m_mutex);
    const auto known = m_integrity.find(uid);
    return known == m_integrity.end() ? archive::Integrity::Original : known->second;
}

Status FakeArchive::catchUp()
{
    if (const auto error = fault())
        return *error;
    m_visible = m_committed.load();
    MutexLock lock(m_mutex);
    if (m_released && !m_heldBack.empty()) {
        m_heldBack.clear();
        m_searchedRows = ~std::uint64_t{0}; // what was found counts no longer
    }
    return {};
}

// Writing and care are not the player's: refused, so that a player that tries is found.
Result<std::unique_ptr<archive::Draft>> FakeArchive::draft(const std::string& uid, archive::MediaFormat, bool)
{
    return fail(BaseErrc::Denied, uid);
}

Result<RecordingRow> FakeArchive::commitCall(archive::Recording unanswered)
{
    return fail(BaseErrc::Denied, unanswered.uid);
}

Result<std::optional<RecordingRow>> FakeArchive::findDuplicate(const std::string& uid, const std::string&)
{
    return fail(BaseErrc::Denied, uid);
}

Result<RecordingRow> FakeArchive::mark(const std::string& uid, const archive::CallMark&)
{
    return fail(BaseErrc::Denied, uid);
}

Result<RecordingRow> FakeArchive::convert(const std::string& uid, archive::MediaFormat, bool, const Filler&)
{
    return fail(BaseErrc::Denied, uid);
}

Result<archive::VerifyReport> FakeArchive::verify(Progress&)
{
    return fail(BaseErrc::Denied, "verify");
}

Result<std::uint64_t> FakeArchive::reindex(Progress&)
{
    return fail(BaseErrc::Denied, "reindex");
}

Result<std::uint64_t> FakeArchive::rotateKeys(Progress&)
{
    return fail(BaseErrc::Denied, "rotateKeys");
}

} // namespace sr::test
