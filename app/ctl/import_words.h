// SPDX-License-Identifier: GPL-3.0-or-later
// What an import says at its end: a line for each recording, then everything that is not as it should be.
#pragma once

#include "recorder/pipeline/import_job.h"

#include <QJsonObject>

#include <string>
#include <vector>

namespace sr::ctl {

/// `12 packets could not be decoded (wrong or missing SRTP key)`; `packets` of which `locked` no key opened,
/// because of their `suite` if that is not empty.
std::string undecodedText(std::uint64_t packets, std::uint64_t locked, const std::string& suite = {});

/// Which file, where and what; a file that the error names already is not named again.
std::string fileErrorLine(const capture::FileError& error);

/// What is missing from the archive although it was in the captures, and what to do about it.
std::vector<std::string> importWarnings(const recorder::ImportReport& report);

/// A line for each recording and each duplicate.
std::vector<std::string> callLines(const recorder::ImportReport& report);

/// The whole report for people: recordings, duplicates, warnings, sums.
std::vector<std::string> importLines(const recorder::ImportReport& report);

/// The whole report as the command contract of design.md has it.
QJsonObject toJson(const recorder::ImportReport& report);

} // namespace sr::ctl
