// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of settings.
#include "core/settings/definitions.h"

#include <iterator>

namespace sr::settings {
namespace {

const Definition kSetup[] = {
    {.key = kSetupPassword,
     .type = SettingType::Password,
     .help = "Password that opens the setup and lets keys be exported and imported.",
     .secret = true},
};

const Definition kArchive[] = {
    {.key = kArchivePath.key,
     .type = SettingType::Path,
     .help = "Folder of the archive; empty is the platform's default.",
     .restart = true},
    {.key = kArchiveTimeZone.key,
     .type = SettingType::TimeZone,
     .help =
         "Time zone of file names in a new archive, such as Europe/Rome; empty is the machine's. An archive "
         "that exists keeps its own."},
};

constexpr const char* kFormats[] = {"wav", "mp3", "mp3-mono", "mp3-internal", "mp3-external", "pcap"};

const Definition kImport[] = {
    {.key = kImportFormat.key,
     .type = SettingType::Choice,
     .defaultValue = "wav",
     .help = "Format of imported recordings; internal and external keep that party alone.",
     .choices = kFormats},
    {.key = kImportSeal.key,
     .type = SettingType::Switch,
     .defaultValue = "false",
     .help = "Seal imported recordings."},
    {.key = kImportInternalPattern.key,
     .help =
         "Numbers of internal parties where the capture does not tell, such as 2??; empty leaves it to the "
         "length of the numbers."},
    {.key = kImportAlwaysG711.key,
     .type = SettingType::Switch,
     .defaultValue = "false",
     .help = "Write WAV as 8 kHz G.711 even where a party spoke wideband."},
};

constexpr const char* kLanguages[] = {"system", "en", "de"};
constexpr const char* kThemes[] = {"system", "light", "dark", "high-contrast"};

const Definition kUi[] = {
    {.key = kUiLanguage.key,
     .type = SettingType::Choice,
     .defaultValue = "system",
     .help = "Language of the windows.",
     .choices = kLanguages,
     .restart = true},
    {.key = kUiTheme.key,
     .type = SettingType::Choice,
     .defaultValue = "system",
     .help = "Colours of the windows.",
     .choices = kThemes},
};

Definition volume(const char* key, const char* help)
{
    return {.key = key,
            .type = SettingType::Number,
            .defaultValue = "100",
            .help = help,
            .least = 0,
            .most = 100,
            .unit = "%"};
}

const Definition kPlayer[] = {
    volume(kPlayerVolumeInternal.key, "Volume of the internal party."),
    volume(kPlayerVolumeExternal.key, "Volume of the external party."),
    volume(kPlayerVolumeAll.key, "Volume of both parties together."),
};

const char* text(SettingsErrc e) noexcept
{
    switch (e) {
    case SettingsErrc::UnknownKey:
        return "no such setting";
    case SettingsErrc::BadValue:
        return "not a possible value";
    case SettingsErrc::Malformed:
        return "no settings XML";
    }
    return "unknown settings error";
}

} // namespace

const std::error_category& settingsCategory() noexcept
{
    static const EnumCategory<SettingsErrc> category("settings", &text);
    return category;
}

const std::vector<Definition>& definitions()
{
    static const std::vector<Definition> all = [] {
        std::vector<Definition> rows;
        const auto append = [&](std::span<const Definition> group) {
            rows.insert(rows.end(), group.begin(), group.end());
        };
        append(kSetup);
        append(kArchive);
        append(kImport);
        append(kUi);
        append(kPlayer);
        return rows;
    }();
    return all;
}

const Definition* findDefinition(QStringView key)
{
    for (const Definition& definition : definitions()) {
        if (key == QLatin1String(definition.key))
            return &definition;
        for (const char* oldName : definition.oldNames) {
            if (key == QLatin1String(oldName))
                return &definition;
        }
    }
    return nullptr;
}

void adoptOldNames(std::map<QString, QString>& values, std::span<const Definition> table)
{
    for (const Definition& definition : table) {
        for (const char* oldName : definition.oldNames) {
            auto node = values.extract(QString::fromLatin1(oldName));
            if (!node)
                continue;
            node.key() = QString::fromLatin1(definition.key);
            values.insert(std::move(node));
        }
    }
}

} // namespace sr::settings
