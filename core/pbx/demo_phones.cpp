// SPDX-License-Identifier: GPL-3.0-or-later
// One step a second: place, answer, hang up.
#include "core/pbx/demo_phones.h"

namespace sr::pbx {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kNote{350};
constexpr milliseconds kTurn = 4 * kNote; ///< three notes, and a breath as long as one

/// Three notes in the turn of who speaks first, or in that of the other.
media::SoundPtr voice(std::initializer_list<double> hertz, bool first)
{
    media::Tone tone;
    if (!first)
        tone.steps.push_back({{}, kTurn});
    for (const double one : hertz)
        tone.steps.push_back({{one}, kNote});
    tone.steps.push_back({{}, first ? kNote + kTurn : kNote});
    return media::Sound::tone(tone);
}

} // namespace

DemoPhones::DemoPhones(LocalDialer& dialer, Registrar& registrar, const Clock& clock, const Object& one,
                       const Object& other)
    : m_dialer(dialer)
    , m_clock(clock)
    , m_due(clock.steadyNow() + kPause)
{
    m_dialer.serve("demo", *this);
    for (const Object* user : {&one, &other}) {
        sip::RegisterRequest request;
        request.user = user->name;
        request.callId = "demo";
        request.contacts.push_back({"service:demo", {}, {}});
        request.source = LocalDialer::source();
        registrar.take(user->name, request, clock.steadyNow());
    }
    m_plans.push_back({{other.longName, other.name, {}}, one.number});
    m_plans.push_back({{one.longName, one.name, {}}, other.number});
}

void DemoPhones::onCall(std::unique_ptr<LocalCall> call)
{
    if (m_called)
        return call->hangUp(486);
    LocalCallEvents events;
    events.ended = [this](int) { m_called.reset(); };
    call->setEvents(std::move(events));
    call->ring();
    m_called = std::move(call);
    m_due = m_clock.steadyNow() + kRings;
}

void DemoPhones::place()
{
    auto placed = m_dialer.placeCall(m_plans.back());
    m_plans.pop_back();
    if (!placed)
        return; // no port is free: then there is enough to see
    m_caller = std::move(*placed);
    LocalCallEvents events;
    events.progress = [this](int status) {
        if (status >= 200)
            (void)m_caller->play(voice({440, 554, 659}, true), 0);
    };
    events.ended = [this](int) { hangUp(); };
    m_caller->setEvents(std::move(events));
}

void DemoPhones::answer()
{
    m_due = m_clock.steadyNow() + kTalks;
    if (m_called->answer())
        (void)m_called->play(voice({1175, 988, 784}, false), 0);
}

void DemoPhones::hangUp()
{
    m_caller.reset();
    m_due = m_clock.steadyNow() + kPause;
}

void DemoPhones::onSecond()
{
    if (m_clock.steadyNow() < m_due)
        return;
    if (m_called && !m_called->isAnswered())
        answer();
    else if (m_caller && m_caller->isAnswered())
        hangUp();
    else if (!m_caller && !m_called && !m_plans.empty())
        place();
}

void DemoPhones::stop()
{
    m_plans.clear();
    m_caller.reset();
    m_called.reset();
}

} // namespace sr::pbx
