// SPDX-License-Identifier: GPL-3.0-or-later
// One redrawn line on standard error.
#include "app/ctl/terminal_progress.h"

#include "core/base/console.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace sr::ctl {
namespace {

constexpr milliseconds kRedraw(100);

std::string amount(double value, Unit unit)
{
    std::array<char, 32> text{};
    if (unit == Unit::Recordings) {
        std::snprintf(text.data(), text.size(), "%.0f", value);
        return text.data();
    }
    static constexpr std::array<const char*, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
    std::size_t step = 0;
    for (; value >= 1000 && step + 1 < kUnits.size(); ++step)
        value /= 1000;
    std::snprintf(text.data(), text.size(), step == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value,
                  kUnits.at(step));
    return text.data();
}

std::string clockText(double secondsLeft)
{
    const auto whole = static_cast<long long>(std::ceil(secondsLeft));
    std::array<char, 32> text{};
    if (whole >= 3600)
        std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60,
                      whole % 60);
    else
        std::snprintf(text.data(), text.size(), "%lld:%02lld", whole / 60, whole % 60);
    return text.data();
}

} // namespace

TerminalProgress::TerminalProgress(std::string what, Unit unit, const Clock& clock)
    : m_what(std::move(what))
    , m_unit(unit)
    , m_clock(clock)
    , m_begin(clock.steadyNow())
    , m_terminal(errorIsTerminal())
{}

TerminalProgress::~TerminalProgress()
{
    if (m_dirty)
        std::fputs("\r\033[K", stderr);
}

std::string TerminalProgress::line(const std::string& what, Unit unit, std::uint64_t done,
                                   std::uint64_t total, std::chrono::duration<double> elapsed)
{
    std::string text = what;
    const auto doneNow = static_cast<double>(done);
    if (total > 0)
        text += "  " + std::to_string(static_cast<int>(100.0 * doneNow / static_cast<double>(total))) + " %";
    text += "  " + amount(doneNow, unit);
    if (total > 0)
        text += " of " + amount(static_cast<double>(total), unit);
    const double rate = elapsed.count() > 0 ? doneNow / elapsed.count() : 0;
    if (rate > 0) {
        text += "  " + amount(rate, unit) + "/s";
        if (total > done)
            text += "  " + clockText(static_cast<double>(total - done) / rate) + " left";
    }
    return text;
}

void TerminalProgress::report(std::uint64_t done, std::uint64_t total)
{
    if (!m_terminal)
        return;
    const auto now = m_clock.steadyNow();
    if (now - m_drawn < kRedraw && done != total)
        return;
    m_drawn = now;
    m_dirty = true;
    std::fputs(("\r\033[K" + line(m_what, m_unit, done, total, now - m_begin)).c_str(), stderr);
}

} // namespace sr::ctl
