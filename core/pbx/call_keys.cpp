// SPDX-License-Identifier: GPL-3.0-or-later
// The end of what was pressed counts, for other digits may come before.
#include "core/pbx/call_keys.h"

namespace sr::pbx {

std::optional<RecordingAction> KeyBuffer::press(char symbol, TimePoint now, const CallKeys& keys)
{
    if (now - m_last > kPatience)
        m_pressed.clear();
    m_last = now;
    m_pressed += symbol;
    if (m_pressed.size() > kMost)
        m_pressed.erase(0, m_pressed.size() - kMost);
    using Action = RecordingAction;
    for (const auto& [code, action] :
         {std::pair(&keys.pause, Action::Pause), std::pair(&keys.resume, Action::Resume),
          std::pair(&keys.mark, Action::Mark), std::pair(&keys.start, Action::Start),
          std::pair(&keys.stop, Action::Stop)}) {
        if (code->empty() || !m_pressed.ends_with(*code))
            continue;
        m_pressed.clear();
        return action;
    }
    return std::nullopt;
}

} // namespace sr::pbx
