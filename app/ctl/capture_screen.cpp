// SPDX-License-Identifier: GPL-3.0-or-later
// Words for events of a live capture.
#include "app/ctl/capture_screen.h"

#include "app/ctl/command.h"
#include "app/ctl/import_words.h"
#include "app/ctl/json_rows.h"
#include "core/base/console.h"

#include <QJsonArray>

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace sr::ctl {
namespace {

constexpr seconds kRedraw(1);

QJsonArray toJson(const std::vector<capture::InterfaceState>& interfaces)
{
    QJsonArray rows;
    for (const capture::InterfaceState& one : interfaces)
        rows.append(
            QJsonObject{{QStringLiteral("name"), qstr(one.name)},
                        {QStringLiteral("packets"), static_cast<qint64>(one.packets)},
                        {QStringLiteral("dropped"), static_cast<qint64>(one.dropped)},
                        {QStringLiteral("droppedByInterface"), static_cast<qint64>(one.droppedByInterface)}});
    return rows;
}

} // namespace

CaptureScreen::CaptureScreen(bool json)
    : m_json(json)
    , m_terminal(errorIsTerminal())
{}

void CaptureScreen::tell(const std::string& text)
{
    if (!m_line.empty())
        std::fputs("\r\033[K", stderr);
    say(text);
    if (!m_line.empty())
        std::fputs(m_line.c_str(), stderr);
}

void CaptureScreen::draw(const std::string& text)
{
    if (!m_terminal)
        return;
    m_line = text;
    std::fputs(("\r\033[K" + text).c_str(), stderr);
    std::fflush(stderr);
}

void CaptureScreen::callBegan(const capture::OpenCall& call)
{
    const std::scoped_lock lock(m_mutex);
    tell("call " + call.caller + " to " + call.callee);
}

void CaptureScreen::recorded(const recorder::CallOutcome& outcome)
{
    const std::scoped_lock lock(m_mutex);
    recorder::ImportReport one;
    one.recordings = outcome.recordings;
    one.duplicates = outcome.duplicates;
    if (outcome.undecoded)
        one.undecoded.push_back(*outcome.undecoded);
    for (const std::string& line : callLines(one))
        tell(line);
    for (const archive::RecordingRow& row : outcome.unanswered)
        tell("no answer: " + row.internal +
             (row.direction == archive::CallDirection::Out ? " to " : " from ") + row.external);
    if (!m_json)
        return;
    std::ranges::copy(outcome.recordings, std::back_inserter(m_report.recordings));
    std::ranges::copy(outcome.unanswered, std::back_inserter(m_report.unanswered));
    std::ranges::copy(outcome.duplicates, std::back_inserter(m_report.duplicates));
    std::ranges::copy(one.undecoded, std::back_inserter(m_report.undecoded));
    m_report.earlyPackets += outcome.earlyPackets;
}

void CaptureScreen::interfaceChanged(const capture::InterfaceState& state)
{
    const std::scoped_lock lock(m_mutex);
    if (state.up)
        tell("switchroomctl: " + state.name + " is there again.");
    else
        tell("switchroomctl: " + state.name + " is lost and waited for" +
             (state.trouble ? ": " + state.trouble->text() : "."));
}

void CaptureScreen::failed(const Error& error)
{
    const std::scoped_lock lock(m_mutex);
    tell("switchroomctl: " + error.text());
}

void CaptureScreen::tellDrops(const recorder::CaptureState& state)
{
    m_dropped.resize(state.interfaces.size());
    for (std::size_t i = 0; i < state.interfaces.size(); ++i) {
        const capture::InterfaceState& one = state.interfaces[i];
        if (one.dropped > m_dropped[i])
            tell("switchroomctl: " + one.name + ": " + std::to_string(one.dropped - m_dropped[i]) +
                 " packets were lost, because this machine was too slow (" + std::to_string(one.dropped) +
                 " in all). A --filter leaves it less to do.");
        m_dropped[i] = one.dropped;
    }
}

std::string CaptureScreen::line(const recorder::CaptureState& state)
{
    std::string text;
    std::uint64_t packets = 0;
    std::uint64_t dropped = 0;
    for (const capture::InterfaceState& one : state.interfaces) {
        text += (text.empty() ? "" : ", ") + one.name + (one.up ? "" : " (waiting)");
        packets += one.packets;
        dropped += one.dropped;
    }
    text += ": " + std::to_string(state.calls.size()) + (state.calls.size() == 1 ? " call, " : " calls, ") +
            std::to_string(state.recorded) + " recorded, ";
    if (state.waiting > 0)
        text += std::to_string(state.waiting) + " being recorded, ";
    return text + std::to_string(packets) + " packets, " + std::to_string(dropped) + " dropped";
}

void CaptureScreen::watch(const recorder::CaptureJob& job)
{
    {
        const std::scoped_lock lock(m_mutex);
        std::string names;
        for (const capture::InterfaceState& one : job.state().interfaces)
            names += (names.empty() ? "" : ", ") + one.name;
        tell("capturing on " + names + " (Ctrl+C ends it)");
    }
    for (bool stopping = false; !stopping;) {
        const recorder::CaptureState state = job.state();
        std::unique_lock lock(m_mutex);
        tellDrops(state);
        draw(line(state));
        stopping = m_wake.wait_for(lock, kRedraw, [this] { return m_stopping; });
    }
}

void CaptureScreen::stop()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_all();
}

void CaptureScreen::finish(const recorder::CaptureState& state)
{
    const std::scoped_lock lock(m_mutex);
    draw("");
    m_line.clear();
    tellDrops(state);
    tell(line(state));
    if (!m_json)
        return;
    m_report.stats = state.stats;
    QJsonObject object = ctl::toJson(m_report);
    object.insert(QStringLiteral("interfaces"), toJson(state.interfaces));
    object.insert(QStringLiteral("unrecorded"), static_cast<qint64>(state.unrecorded));
    print(compact(object));
}

} // namespace sr::ctl
