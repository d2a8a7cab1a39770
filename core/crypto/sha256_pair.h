// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256 of two texts at once.
#pragma once

#include "core/crypto/digest.h"

namespace sr::crypto {

/// The SHA-256 (FIPS 180-4) of each. A processor with SHA instructions waits for each step of one text, and
/// does a step of the other meanwhile: two texts of one length take as long as one. Elsewhere one after the
/// other. Any thread.
std::array<Sha256, 2> sha256Pair(const std::array<ByteView, 2>& texts);

} // namespace sr::crypto
