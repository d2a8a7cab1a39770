// SPDX-License-Identifier: GPL-3.0-or-later
// Announcements: the parameters of their URI, and what follows the sound.
#include "core/pbx/announcement.h"

#include "core/pbx/q850.h"

#include <charconv>

namespace sr::pbx {
namespace {

constexpr int kNotAcceptable = 488;

unsigned numberOr(const std::string& text, unsigned otherwise)
{
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : otherwise;
}

/// Made once, shared by all who hear them.
media::SoundPtr toneNamed(const std::string& name)
{
    using media::Sound;
    using media::Tone;
    static const std::map<std::string, media::SoundPtr> tones{
        {"dial", Sound::tone(Tone::dial())},
        {"ringback", Sound::tone(Tone::ringBack())},
        {"busy", Sound::tone(Tone::busy())},
        {"congestion", Sound::tone(Tone::congestion())},
        {"information", Sound::tone(Tone::information())},
        {"beep", Sound::tone(Tone::beep())},
    };
    const auto found = tones.find(name);
    return found == tones.end() ? nullptr : found->second;
}

/// Whether it can be heard now.
Status open(LocalCall& call)
{
    const ServiceUri& service = call.info().service;
    if (service["answer"] == "0" && service["transfer"].empty() && call.playEarly())
        return {};
    return call.answer();
}

} // namespace

media::SoundPtr Announcement::soundOf(const ServiceUri& service) const
{
    return service["tone"].empty() ? m_find(service["sound"]) : toneNamed(service["tone"]);
}

void Announcement::hangUp(Calls::iterator at, int status)
{
    (*at)->hangUp(status);
    m_calls.erase(at);
}

void Announcement::onCall(std::unique_ptr<LocalCall> call)
{
    const ServiceUri& service = call->info().service;
    const media::SoundPtr sound = soundOf(service);
    if (sound == nullptr)
        return call->hangUp(404);
    if (!open(*call))
        return; // it has been refused
    if (!call->play(sound, numberOr(service["times"], 1)))
        return call->hangUp(kNotAcceptable);
    m_calls.push_back(std::move(call));
    const auto at = std::prev(m_calls.end());
    LocalCallEvents events;
    events.ended = [this, at](int) { m_calls.erase(at); };
    events.played = [this, at](media::PlayEnd end) { onPlayed(at, end); };
    events.transferred = [this, at](int status) {
        if (status >= 300)
            hangUp(at, status);
    };
    (*at)->setEvents(std::move(events));
}

void Announcement::onPlayed(Calls::iterator at, media::PlayEnd end)
{
    const ServiceUri& service = (*at)->info().service;
    if (end == media::PlayEnd::NotEncodable)
        return hangUp(at, kNotAcceptable);
    if (!service["transfer"].empty())
        return (*at)->transfer(service["transfer"]);
    hangUp(at, q850::statusOfCause(static_cast<int>(numberOr(service["cause"], q850::kNormal))));
}

} // namespace sr::pbx
