// SPDX-License-Identifier: GPL-3.0-or-later
// Where a delivery takes its records from.
#pragma once

#include "core/cdr/cdr_error.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace sr::cdr {

/// What waits for one receiver, in order. Its delivering thread, one.
class RecordSource {
public:
    RecordSource() = default;
    virtual ~RecordSource() = default;
    RecordSource(const RecordSource&) = delete;
    RecordSource& operator=(const RecordSource&) = delete;

    struct Item {
        std::uint64_t sequence = 0;
        std::string xml;
        std::int64_t base = 0; ///< CallDataRecord::base
    };
    /// The oldest that is not delivered, or the one so many behind it; may block on the disk.
    virtual std::optional<Item> next(std::size_t ahead = 0) = 0;
    virtual void delivered(const Item& item) = 0;  ///< the oldest
    virtual Status setAside(const Item& item) = 0; ///< the receiver will never have the oldest
    /// Called on another thread when there is something new; none: nobody asks. Any thread.
    virtual void setAvailable(std::function<void()> available) = 0;
};

} // namespace sr::cdr
