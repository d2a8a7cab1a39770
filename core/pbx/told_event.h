// SPDX-License-Identifier: GPL-3.0-or-later
// What happens in a call, before it stands in the records of all whom it concerns. Private to CallRecords.
#pragma once

#include "core/cdr/call_data_record.h"
#include "core/pbx/number_node.h"

namespace sr::pbx {

/// Of whom an event speaks.
struct ToldParty {
    cdr::CdrParty party;                         ///< number from the root, or as it was dialled
    std::shared_ptr<const NumberNode> node = {}; ///< around it
};

struct ToldEvent {
    cdr::CdrEvent event; ///< numbers as those of ToldParty
    std::shared_ptr<const NumberNode> otherNode = {};
    std::shared_ptr<const NumberNode> toNode = {};

    explicit ToldEvent(std::string_view kind) { event.msg = kind; }
    void setOther(const ToldParty& other)
    {
        event.e164 = other.party.e164;
        event.h323 = other.party.h323;
        otherNode = other.node;
    }
    void setTo(const ToldParty& to)
    {
        event.to = to.party;
        toNode = to.node;
    }
    /// As it stands in the record of an object in that node. Samples of the reference, all in the root, have
    /// no `root`: it is there where the numbers differ.
    cdr::CdrEvent seenFrom(const NumberNode* here) const
    {
        cdr::CdrEvent seen = event;
        seen.e164 = numberFrom(here, otherNode.get(), event.e164);
        if (seen.e164 != event.e164)
            seen.root = event.e164;
        if (seen.to)
            seen.to->e164 = numberFrom(here, toNode.get(), event.to->e164);
        return seen;
    }
};

} // namespace sr::pbx
