// SPDX-License-Identifier: GPL-3.0-or-later
// The options of import and capture that say what to keep of a call.
#pragma once

#include "app/ctl/command.h"
#include "core/settings/settings.h"
#include "recorder/pipeline/import_job.h"

namespace sr::ctl {

inline constexpr const char* kFormatNames = "wav|mp3|mp3-mono|mp3-internal|mp3-external|pcap";

void addRecordOptions(Options& options);
/// What the command line does not say comes from the settings. The exit code if it is wrong, and explained.
std::optional<int> fillRecordOptions(const Options& options, const settings::Settings& settings,
                                     recorder::ImportOptions& record);

} // namespace sr::ctl
