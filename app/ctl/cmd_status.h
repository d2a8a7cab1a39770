// SPDX-License-Identifier: GPL-3.0-or-later
// `switchroomctl status`: how the running service is.
#pragma once

#include "app/ctl/command.h"

#include <QJsonObject>

namespace sr::ctl {

int runStatus(const QStringList& arguments);

/// What `do` of the service on `configDir` says; in words why not, and what to do.
std::optional<QJsonObject> askService(const Path& configDir, const QJsonObject& request);
/// Lines for a person.
std::string statusWords(const QJsonObject& status);

} // namespace sr::ctl
