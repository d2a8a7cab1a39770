// SPDX-License-Identifier: GPL-3.0-or-later
// What is on the disk about a call that is written beside the archive, so that it reaches its place also when
// the program dies: `<dir>/<name>.note`, lines `to TARGET`, `at FILE` and, once the call is over, `whole`.
#pragma once

#include "core/base/file.h"

namespace sr::recorder {

struct RecordNote {
    std::string to; ///< folder or URL
    Path at;        ///< the file as it stands now
    bool whole = false;
};

inline constexpr std::string_view kNoteSuffix = ".note";

bool isServer(std::string_view target); ///< no folder

// May block on the disk. Errors of it.

Status writeNote(const Path& dir, const std::string& name, const RecordNote& note);
Result<RecordNote> readNote(const Path& file); ///< RecordToErrc::Damaged
Status removeNote(const Path& dir, const std::string& name);

/// Takes a record that is not whole off the end of a pcap file that a dead program wrote. How long it is now
/// [octets].
Result<std::uint64_t> mendPcap(const Path& file);

} // namespace sr::recorder
