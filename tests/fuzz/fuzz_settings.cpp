// SPDX-License-Identifier: GPL-3.0-or-later
// Settings XML from anybody: refused or read, and what was read is written and read the same.
// links: sr::core_settings
#include "core/settings/definitions.h"
#include "core/settings/settings_xml.h"

#include <algorithm>
#include <cstdlib>

using namespace sr::settings;

/// Values that Settings would keep; others never reach the writer.
static bool isPlain(const QString& value)
{
    static const Definition kAny{.key = "any", .type = SettingType::Path};
    return static_cast<bool>(validated(kAny, value));
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto values =
        parseXml(QByteArray(reinterpret_cast<const char*>(data), static_cast<qsizetype>(size)));
    if (!values)
        return 0;
    for (const auto& [key, value] : *values) {
        for (const Definition& definition : definitions()) {
            const auto good = validated(definition, value);
            if (good && validated(definition, *good).valueOr({}) != *good)
                std::abort(); // what was accepted is accepted again, unchanged
        }
    }
    const bool plain =
        std::all_of(values->begin(), values->end(), [](const auto& row) { return isPlain(row.second); });
    if (plain && parseXml(writeXml(*values)).valueOr({}) != *values)
        std::abort();
    return 0;
}
