// SPDX-License-Identifier: GPL-3.0-or-later
// Plausible rows of a catalog: a house of 500 extensions over four years, with office hours, regular callers,
// names, TANs and a change of format, as one call at a time.
#pragma once

#include "core/archive/recording.h"

#include <cstdio>
#include <random>
#include <string>
#include <vector>

namespace sr::test {

class SyntheticCalls {
public:
    /// `count` calls that end at `end`; the same seed gives the same calls.
    SyntheticCalls(unsigned seed, std::uint64_t count, UtcTime end)
        : m_random(seed)
        , m_step(std::chrono::microseconds(kSpan) /
                 static_cast<std::int64_t>(std::max<std::uint64_t>(count, 1)))
        , m_time(end - kSpan)
    {
        for (int i = 0; i < 60'000; ++i)
            m_callers.push_back((below(10) == 0 ? "00" : "0") + digits(8 + below(3)));
    }

    archive::RecordingRow next()
    {
        archive::RecordingRow row;
        m_time += m_step;
        row.start = officeTime();
        row.utcOffsetMinutes = summer(row.start) ? 120 : 60;
        row.internal = std::to_string(100 + skewed(500));
        row.owner = row.internal;
        row.internalName = nameOf(row.internal);
        // Half of all calls come from regular callers, most of those from a few.
        row.external = below(25) == 0  ? "unknown"
                       : below(2) == 0 ? m_callers[skewed(60'000)]
                                       : "0" + digits(9);
        if (below(3) == 0)
            row.externalName = nameOf(row.external);
        row.direction = below(100) < 62 ? archive::CallDirection::In : archive::CallDirection::Out;
        row.answered = below(25) != 0;
        const bool early = row.start < m_time - kSpan / 2;
        row.format = !row.answered      ? archive::MediaFormat::None
                     : below(2000) == 0 ? archive::MediaFormat::Pcap
                     : early            ? archive::MediaFormat::Mp3
                                        : archive::MediaFormat::Wav;
        row.answerSeconds = static_cast<std::uint32_t>(1 + below(25));
        row.durationMs = row.answered ? 4000 + static_cast<std::uint64_t>(skewed(900'000)) : 0;
        if (below(80) == 0)
            row.tan = digits(6);
        if (below(12) == 0)
            row.dtmf = digits(1 + below(4)) + "#";
        row.codecs = {"PCMA", below(4) == 0 ? "G722" : "PCMA"};
        row.lostPackets = {0, below(30) == 0 ? static_cast<std::uint64_t>(below(40)) : 0};
        row.sealed = below(4) != 0;
        row.fileBytes = row.durationMs * 16;
        row.uid = hex(32);
        row.fingerprint = hex(64);
        row.file = fileOf(row);
        return row;
    }
    int below(int n) { return static_cast<int>(m_random() % static_cast<unsigned>(n)); }
    const std::string& caller(std::size_t i) const { return m_callers[i % m_callers.size()]; }

private:
    static constexpr std::chrono::days kSpan{4 * 365};

    std::size_t skewed(int n) // small numbers far more often
    {
        const double u = static_cast<double>(m_random() >> 5) / static_cast<double>(1U << 27);
        return static_cast<std::size_t>(static_cast<double>(n) * u * u * u);
    }
    std::string digits(int n)
    {
        std::string text;
        for (int i = 0; i < n; ++i)
            text += static_cast<char>('0' + below(10));
        return text;
    }
    std::string hex(int n)
    {
        std::string text;
        for (std::uint32_t bits = 0; n > 0; --n, bits >>= 4) {
            if (n % 8 == 0)
                bits = static_cast<std::uint32_t>(m_random());
            text += "0123456789abcdef"[bits & 15];
        }
        return text;
    }
    UtcTime officeTime()
    {
        const auto day = std::chrono::floor<std::chrono::days>(m_time);
        const std::chrono::weekday weekday(day);
        const bool rest = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
        const int hour = rest && below(5) != 0 ? below(24) : 7 + (below(10) + below(4)) % 12;
        return day + std::chrono::hours(hour) + microseconds(m_random() % 3'600'000'000ULL);
    }
    static bool summer(UtcTime time)
    {
        const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
        return date.month() > std::chrono::March && date.month() < std::chrono::November;
    }
    static std::string nameOf(const std::string& number)
    {
        static const std::vector<std::string> first = {"Anna", "Ben",   "Clara",  "David",
                                                       "Eva",  "Franz", "Giulia", "Hans"};
        static const std::vector<std::string> last = {"Auer",       "Brunner",     "Conti",  "Dorfer",
                                                      "Egger",      "Fischer",     "Gruber", "Hofer",
                                                      "Innerhofer", "J\xc3\xa4ger"};
        const auto h = std::hash<std::string>{}(number);
        return first[h % first.size()] + " " + last[(h / 8) % last.size()];
    }
    static std::string fileOf(const archive::RecordingRow& row)
    {
        using namespace std::chrono;
        const auto local = row.start + minutes(row.utcOffsetMinutes);
        const auto day = floor<days>(local);
        const year_month_day date(day);
        const hh_mm_ss time(floor<minutes>(local - day));
        char stamp[64];
        std::snprintf(stamp, sizeof stamp, "%04d_%02u/%04d_%02u_%02u_%02d%02d_",
                      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                      static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                      static_cast<int>(time.minutes().count()));
        const char* const ending = row.format == archive::MediaFormat::None   ? ".xml"
                                   : row.format == archive::MediaFormat::Pcap ? ".pcap"
                                   : row.format == archive::MediaFormat::Mp3  ? ".mp3"
                                                                              : ".wav";
        return stamp + row.internal + (row.direction == archive::CallDirection::In ? "_i_" : "_o_") +
               row.external + "_" + std::to_string(row.answerSeconds) + "_" + row.uid +
               (row.tan.empty() ? "" : "_T" + row.tan) + ending;
    }

    std::mt19937 m_random;
    microseconds m_step;
    UtcTime m_time;
    std::vector<std::string> m_callers;
};

} // namespace sr::test
