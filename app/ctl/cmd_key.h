// SPDX-License-Identifier: GPL-3.0-or-later
// `switchroomctl key`.
#pragma once

#include <QStringList>

namespace sr::ctl {

int runKey(const QStringList& arguments);

} // namespace sr::ctl
