// SPDX-License-Identifier: GPL-3.0-or-later
// The unit file of systemd for switchroomd.
#pragma once

#include "app/service/service_install.h"

namespace sr::service {

/// Runs as the user `switchroom` with the right to capture and nothing else that root may.
std::string systemdUnit(const Installation& installation);

/// For sysusers.d: that user.
std::string systemdUser();

} // namespace sr::service
