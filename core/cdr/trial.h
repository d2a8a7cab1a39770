// SPDX-License-Identifier: GPL-3.0-or-later
// Does a receiver take records? One of its own is sent, past the outbox.
#pragma once

#include "core/cdr/call_data_record.h"
#include "core/cdr/delivery.h"

namespace sr::cdr {

/// A record without a call: nobody is charged for it, and `test="true"` tells it from others.
CallDataRecord trialRecord(std::string system, std::string name, UtcTime now);

/// Blocks for up to `timeout`; needs a QCoreApplication. Refused, Unreachable with what the receiver or the
/// system said, errors of Delivery::check(). Any thread.
Status sendTrial(const Destination& to, const CallDataRecord& record, const Clock& clock,
                 milliseconds timeout);

} // namespace sr::cdr
