// SPDX-License-Identifier: GPL-3.0-or-later
// The writer of traces.
#include "core/sip/trace_file.h"

#include "core/sip/trace_text.h"

#include <array>
#include <cstdio>
#include <utility>

namespace sr::sip {
namespace {

constexpr auto kGap = milliseconds(50); ///< between two writes: one serves all that came meanwhile

/// ISO 8601, UTC, microseconds.
std::string textOf(UtcTime time)
{
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", int{date.year()},
                  unsigned{date.month()}, unsigned{date.day()}, static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                  static_cast<int>(clock.subseconds().count()));
    return text.data();
}

} // namespace

TraceFile::TraceFile(Path dir, const Clock& clock, TraceLimits limits)
    : m_dir(std::move(dir))
    , m_clock(clock)
    , m_limits(limits)
{
    m_thread = std::thread([this] { run(); });
}

TraceFile::~TraceFile()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stop = true;
    }
    m_wake.notify_all();
    m_thread.join();
}

void TraceFile::add(TappedMessage message)
{
    const UtcTime now = m_clock.utcNow();
    {
        const std::scoped_lock lock(m_mutex);
        if (m_waiting + message.text.size() > m_limits.waitingBytes) {
            ++m_state.lost;
            return;
        }
        m_waiting += message.text.size();
        m_entries.push_back({now, std::move(message)});
    }
    m_wake.notify_one();
}

TraceFile::State TraceFile::state() const
{
    const std::scoped_lock lock(m_mutex);
    return m_state;
}

void TraceFile::run()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_wake.wait(lock, [this] { return m_stop || !m_entries.empty(); });
        const bool stop = m_stop;
        const std::vector<Entry> entries = std::exchange(m_entries, {});
        m_waiting = 0;
        lock.unlock();
        std::uint64_t written = 0;
        Status status;
        for (const Entry& entry : entries) {
            const TappedMessage& m = entry.message;
            status = write(textOf(entry.time) + (m.sent ? " sent to " : " received from ") + m.transport +
                           " " + m.peer.toString() + ", " + std::to_string(m.octets) + " octets\n" +
                           withoutSecrets(m.text) + "\n");
            if (!status)
                break;
            ++written;
        }
        lock.lock();
        m_state.messages += written;
        m_state.lost += entries.size() - written;
        if (!status)
            m_state.error = status.error();
        if (stop && m_entries.empty())
            return;
        m_wake.wait_for(lock, kGap, [this] { return m_stop; });
    }
}

Status TraceFile::write(const std::string& text)
{
    if (m_file && m_bytes + text.size() > m_limits.fileBytes)
        if (auto rotated = rotate(); !rotated)
            return rotated;
    if (!m_file)
        if (auto opened = open(); !opened)
            return opened;
    m_bytes += text.size();
    return m_file->write(bytesOf(text));
}

Status TraceFile::open()
{
    if (auto made = makeDirs(m_dir); !made)
        return made;
    auto file = File::open(pathOf(0), OpenMode::Append);
    if (!file)
        return file.error();
    if (auto done = makePrivate(pathOf(0)); !done)
        return done;
    m_file = std::move(*file);
    m_bytes = m_file->size();
    return {};
}

Status TraceFile::rotate()
{
    m_file.reset();
    for (unsigned number = m_limits.files - 1; number > 0; --number) {
        auto moved = renameReplace(pathOf(number - 1), pathOf(number));
        if (!moved && moved.error().code != BaseErrc::NotFound)
            return moved;
    }
    return {};
}

Path TraceFile::pathOf(unsigned number) const
{
    return m_dir / (number == 0 ? std::string(kTraceName) : kTraceName + ("." + std::to_string(number)));
}

} // namespace sr::sip
