// SPDX-License-Identifier: GPL-3.0-or-later
// Who of a captured call is internal, which way it went, and its uid (decisions.md 2, 6, 8).
#pragma once

#include "core/archive/recording.h"
#include "core/capture/captured_call.h"

namespace sr::recorder {

struct Parties {
    capture::Party internal = capture::Party::Callee;
    archive::CallDirection direction = archive::CallDirection::In;
};

/// What our own exchange says, then `internalPattern` (with `*`, `?`); else the longest number is external;
/// equal length: the called party is internal.
Parties decideParties(const capture::CapturedCall& call, const std::string& internalPattern);

/// Hex SHA-256 over Call-ID, both tags and the first packet's time in microseconds (design.md, Formats).
std::string fingerprintOf(const capture::CapturedCall& call);
/// The conference guid, else the first 32 digits of the fingerprint.
std::string uidOf(const capture::CapturedCall& call);
/// Seconds of ringing before the answer, rounded down (decisions.md 8).
std::uint32_t answerSecondsOf(const capture::CapturedCall& call);

} // namespace sr::recorder
