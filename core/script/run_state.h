// SPDX-License-Identifier: GPL-3.0-or-later
// Where a running script stands: its blocks, what it waits for, its handlers. Private to Script.
#pragma once

#include "core/script/host.h"
#include "core/script/program.h"

namespace sr::script::run {

enum class Event { CallEnd, Dtmf, CallInfo };
inline constexpr std::size_t kEvents = 3;

/// What a tag waits for.
enum class Wait {
    Prompt, ///< also a forward, which a digit ends likewise
    Record,
    Digit,
    Event,
    Timer, ///< `wait`, and the pause of a script that runs without one
    Other, ///< storage, questions, transfer, fetch
};
struct Pending {
    RequestId id = 0;
    Wait wait = Wait::Other;
    std::shared_ptr<const Program> program; ///< keeps `node` alive
    const Node* node = nullptr;             ///< null: the pause
    bool bargeIn = false;
    std::optional<Answer> answer;
};
/// A block under way.
struct Frame {
    std::shared_ptr<const Program> program;
    const Node* node = nullptr;
    std::size_t next = 0; ///< child
};
/// Main or a handler that interrupts it; the last one runs.
struct Activity {
    std::optional<Event> handles; ///< nothing: Main
    std::vector<Frame> frames;
    std::optional<Pending> pending;
};
struct Handler {
    std::shared_ptr<const Program> program;
    const Node* node = nullptr;
    std::size_t waiting = 0; ///< events that it has not handled
};

} // namespace sr::script::run
