// SPDX-License-Identifier: GPL-3.0-or-later
// Two phones inside the exchange that call each other once each, so that there is something to hear and see
// without any telephone (`switchroomd --demo`).
#pragma once

#include "core/base/clock.h"
#include "core/pbx/local_dialer.h"
#include "core/pbx/object.h"
#include "core/pbx/registrar.h"

namespace sr::pbx {

/// Control thread. They register as any phone does, ring, talk in notes by turns, and hang up.
class DemoPhones final : public LocalApplication {
public:
    static constexpr std::chrono::seconds kRings{2};
    static constexpr std::chrono::seconds kTalks{8};
    static constexpr std::chrono::seconds kPause{1}; ///< before each call

    /// Dialer, registrar and clock outlive the last onSecond(); `one` calls `other` first. Both have numbers.
    DemoPhones(LocalDialer& dialer, Registrar& registrar, const Clock& clock, const Object& one,
               const Object& other);
    void onCall(std::unique_ptr<LocalCall> call) override;
    void onSecond();
    /// Ends the call that runs, and makes no more.
    void stop();
    bool isOver() const { return !m_caller && m_plans.empty(); }

private:
    using TimePoint = std::chrono::steady_clock::time_point;
    void place();
    void answer();
    void hangUp();

    LocalDialer& m_dialer;
    const Clock& m_clock;
    std::vector<LocalCallPlan> m_plans; ///< calls still to be made, the next one last
    std::unique_ptr<LocalCall> m_caller;
    std::unique_ptr<LocalCall> m_called;
    TimePoint m_due{}; ///< when what comes next is to be done
};

} // namespace sr::pbx
