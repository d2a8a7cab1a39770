// SPDX-License-Identifier: GPL-3.0-or-later
// What keys do to the recording of the call in which they are pressed.
#pragma once

#include "core/pbx/recording_action.h"
#include "core/pbx/registrar.h"

#include <optional>
#include <string>

namespace sr::pbx {

/// Sequences of keys; an empty one is none.
struct CallKeys {
    std::string pause = "*77#"; ///< as the codes that are dialled
    std::string resume = "#77#";
    std::string mark = "*72#";
    std::string start = "*78#";
    std::string stop = "#78#";
};

/// The last keys of somebody in a call. Owned by one thread.
class KeyBuffer {
public:
    static constexpr std::chrono::seconds kPatience{5}; ///< between two keys of one sequence
    static constexpr std::size_t kMost = 32;            ///< keys of a sequence

    /// What is complete with this key.
    std::optional<RecordingAction> press(char symbol, TimePoint now, const CallKeys& keys);

private:
    std::string m_pressed;
    TimePoint m_last{};
};

} // namespace sr::pbx
