// SPDX-License-Identifier: GPL-3.0-or-later
// Asking a running service.
#pragma once

#include "app/control/control_error.h"
#include "core/base/clock.h"
#include "core/base/file.h"

#include <QJsonObject>

namespace sr::control {

/// The answer of the service on `configDir` to one request (control_server.h). Blocks for `patience` at most;
/// no event loop needed. Errors: all of ControlErrc but Listen; BaseErrc::Denied: another user's service.
Result<QJsonObject> ask(const Path& configDir, const QJsonObject& request,
                        milliseconds patience = seconds(10));

} // namespace sr::control
