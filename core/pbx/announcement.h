// SPDX-License-Identifier: GPL-3.0-or-later
// A service that plays a sound or a tone, and then hangs up or hands the caller over.
#pragma once

#include "core/pbx/local_call.h"

#include <list>

namespace sr::pbx {

/// By name, of those that are loaded: on the control thread, without waiting. Null: there is none.
using SoundFinder = std::function<media::SoundPtr(const std::string& name)>;

/// `service:announcement?...`, all of it optional:
///   sound     name of a sound
///   tone      dial, ringback, busy, congestion, information or beep; instead of a sound
///   times     how often, 1; 0: until the caller hangs up
///   answer    0: without an answer, so that it costs nothing; it is answered where that cannot be
///   cause     of Q.850, for the refusal of a call that was not answered; 16
///   transfer  number that the caller is handed over to; then it is answered
/// What cannot be played is refused: 404 without such a sound, 488 for a codec that it does not exist in.
///
/// Control thread.
class Announcement final : public LocalApplication {
public:
    explicit Announcement(SoundFinder find)
        : m_find(std::move(find))
    {}
    void onCall(std::unique_ptr<LocalCall> call) override;
    std::size_t calls() const { return m_calls.size(); }

private:
    using Calls = std::list<std::unique_ptr<LocalCall>>;
    media::SoundPtr soundOf(const ServiceUri& service) const;
    void onPlayed(Calls::iterator at, media::PlayEnd end);
    void hangUp(Calls::iterator at, int status);

    SoundFinder m_find;
    Calls m_calls;
};

} // namespace sr::pbx
