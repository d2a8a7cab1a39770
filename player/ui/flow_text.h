// SPDX-License-Identifier: GPL-3.0-or-later
// Steps of a call in words.
#pragma once

#include "core/archive/recording.h"

#include <QString>

namespace sr::player {

/// `24 calls 0703173009`; empty for steps that say nothing to a person (authentication).
QString flowText(const archive::FlowStep& step, const archive::Recording& call);

} // namespace sr::player
