// SPDX-License-Identifier: GPL-3.0-or-later
// What the settings say of recording, for every program that records.
#pragma once

#include "core/settings/settings.h"
#include "recorder/pipeline/import_job.h"

namespace sr {

inline recorder::ImportOptions recordOptionsOf(const settings::Settings& settings)
{
    recorder::ImportOptions record;
    record.format = recorder::parseOutputFormat(settings.get(settings::kImportFormat).toStdString())
                        .value_or(recorder::OutputFormat::Wav);
    record.internalPattern = settings.get(settings::kImportInternalPattern).toStdString();
    record.seal = settings.get(settings::kImportSeal);
    record.alwaysG711 = settings.get(settings::kImportAlwaysG711);
    return record;
}

} // namespace sr
