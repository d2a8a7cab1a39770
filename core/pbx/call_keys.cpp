// SPDX-License-Identifier: GPL-3.0-or-later
// The end of what was pressed counts, for other digits may come before.
#include "core/pbx/call_keys.h"

namespace sr::pbx {

std::optional<KeyAction> KeyBuffer::press(char symbol, TimePoint now, const CallKeys& keys)
{
    if (now - m_last > kPatience)
        m_pressed.clear();
    m_last = now;
    m_pressed += symbol;
    if (m_pressed.size() > kMost)
        m_pressed.erase(0, m_pressed.size() - kMost);
    const auto ends = [this](const std::string& code) { return !code.empty() && m_pressed.ends_with(code); };
    std::optional<KeyAction> action;
    if (ends(keys.pause))
        action = KeyAction::Pause;
    else if (ends(keys.resume))
        action = KeyAction::Resume;
    else if (ends(keys.mark))
        action = KeyAction::Mark;
    if (action)
        m_pressed.clear();
    return action;
}

} // namespace sr::pbx
