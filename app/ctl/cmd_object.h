// SPDX-License-Identifier: GPL-3.0-or-later
// `switchroomctl user` and `object`: the objects of the exchange, changed while it runs.
#pragma once

#include "app/ctl/command.h"

namespace sr::ctl {

int runUser(const QStringList& arguments);   ///< objects of kind user alone
int runObject(const QStringList& arguments); ///< of every kind

} // namespace sr::ctl
