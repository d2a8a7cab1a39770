// SPDX-License-Identifier: GPL-3.0-or-later
// Errors in the person's language: what happened and what to do.
#pragma once

#include "core/base/error.h"

#include <QString>

namespace sr::player {

struct FaultText {
    QString title;
    QString advice;
};

enum class FaultMoment { Opening, Playing };

/// Never shows the English text of the error itself; that is for logs.
FaultText faultText(const Error& error, FaultMoment moment = FaultMoment::Opening);
/// The bytes are not those that were recorded?
bool tellsOfChange(const Error& error);

} // namespace sr::player
