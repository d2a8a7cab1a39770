// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences of the errors about calls that are written beside the archive.
#include "recorder/record_to/record_to_error.h"

namespace sr::recorder {
namespace {

const char* text(RecordToErrc e) noexcept
{
    switch (e) {
    case RecordToErrc::FolderFails:
        return "calls cannot be written to that folder; they wait";
    case RecordToErrc::Unreachable:
        return "the server takes no recorded calls; they wait";
    case RecordToErrc::Full:
        return "recorded calls that wait for their place take as much room as they may";
    case RecordToErrc::Unwritten:
        return "calls that shall be written wait in memory for room on a disk";
    case RecordToErrc::Lost:
        return "packets of calls that shall be written are lost";
    case RecordToErrc::Damaged:
        return "this note about a recorded call cannot be read";
    }
    return "unknown error about calls that are written beside the archive";
}

} // namespace

const std::error_category& recordToCategory() noexcept
{
    static const EnumCategory<RecordToErrc> category("record to", &text);
    return category;
}

} // namespace sr::recorder
