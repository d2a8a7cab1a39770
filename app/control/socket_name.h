// SPDX-License-Identifier: GPL-3.0-or-later
// The name of the control socket of a `--config`: the same for every spelling of one folder.
#pragma once

#include "core/base/file.h"

#include <string>
#include <string_view>

namespace sr::control {

enum class Case { Matters, Folded };

/// First 32 hex digits of the SHA-256 of `canonical` (UTF-8); folded, `A` and `a` and both slashes are one.
std::string hashedName(std::string_view canonical, Case letters);

/// Of the folder that `configDir` leads to, links followed; on Windows whatever the case. Blocks on the disk.
std::string socketNameOf(const Path& configDir);

} // namespace sr::control
