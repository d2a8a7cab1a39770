// SPDX-License-Identifier: GPL-3.0-or-later
// Which settings there are: one table a group, from which come typed access, validation, lists and tests.
#pragma once

#include "core/base/error.h"

#include <QString>

#include <map>
#include <span>
#include <vector>

namespace sr::settings {

enum class SettingsErrc {
    UnknownKey = 1, ///< no setting of that name
    BadValue,       ///< the value does not fit the setting; the context says what would
    Malformed,      ///< the settings file or import is no settings XML; the context has line and offset
};

const std::error_category& settingsCategory() noexcept;
inline std::error_code make_error_code(SettingsErrc e) noexcept
{
    return {static_cast<int>(e), settingsCategory()};
}

enum class SettingType {
    Text,     ///< one line
    Path,     ///< of a file or folder, as the platform writes it
    TimeZone, ///< IANA name; empty is the machine's
    Number,   ///< whole, from least to most
    Switch,   ///< true or false
    Choice,   ///< one of `choices`
    Secret,   ///< for another machine: kept as it is, since that wants it in clear, and never shown
    Password, ///< one way: given in clear, kept as a scrypt hash, never shown
};

/// One line of a table. All texts live as long as the program.
struct Definition {
    const char* key = nullptr; ///< `group.name`
    SettingType type = SettingType::Text;
    const char* defaultValue = "";
    const char* help = "";                  ///< an English sentence for `settings list`
    std::span<const char* const> choices{}; ///< of a Choice
    int least = 0;                          ///< of a Number
    int most = 0;
    const char* unit = "";                   ///< of a Number
    std::span<const char* const> oldNames{}; ///< read from older files, written under `key`
    bool secret = false;                     ///< never exported or printed
    bool restart = false;                    ///< works after the next start only
};

/// All tables, in the order of their groups.
const std::vector<Definition>& definitions();
/// By name or old name; null if there is none.
const Definition* findDefinition(QStringView key);

/// The value as it is kept (trimmed, choices and switches in their one spelling), or BadValue with a
/// sentence. A password comes back as given.
Result<QString> validated(const Definition& definition, const QString& value);

/// Values under old names move to the name of today, unless that is there too: then the old one goes.
void adoptOldNames(std::map<QString, QString>& values, std::span<const Definition> table);

/// A key with the type of its value.
template <typename T>
struct Setting {
    const char* key;
};

inline constexpr Setting<QString> kArchivePath{"archive.path"};
inline constexpr Setting<QString> kArchiveTimeZone{"archive.timeZone"};
inline constexpr Setting<QString> kImportFormat{"import.format"};
inline constexpr Setting<bool> kImportSeal{"import.seal"};
inline constexpr Setting<QString> kImportInternalPattern{"import.internalPattern"};
inline constexpr Setting<bool> kImportAlwaysG711{"import.alwaysG711"};
inline constexpr Setting<QString> kCaptureInterfaces{"capture.interfaces"};
inline constexpr Setting<QString> kCaptureFilter{"capture.filter"};
inline constexpr Setting<QString> kSipListen{"sip.listen"};
inline constexpr Setting<QString> kSipTlsListen{"sip.tlsListen"};
inline constexpr Setting<QString> kSipTlsCertificate{"sip.tlsCertificate"};
inline constexpr Setting<QString> kSipTlsKey{"sip.tlsKey"};
inline constexpr Setting<QString> kSipTlsTrusted{"sip.tlsTrusted"};
inline constexpr Setting<QString> kSipDigest{"sip.digest"}; ///< `md5`, `md5-sha256`, `sha256-md5`, `sha256`
inline constexpr Setting<bool> kSipReplayCheck{"sip.replayCheck"};
inline constexpr Setting<QString> kSipReplayUnchecked{"sip.replayUnchecked"}; ///< listeners
inline constexpr Setting<int> kSipGuesses{"sip.guesses"};
inline constexpr Setting<QString> kExchangeSystem{"exchange.system"};
inline constexpr Setting<QString> kExchangeName{"exchange.name"};
inline constexpr Setting<QString> kExchangePauseKeys{"exchange.pauseKeys"};
inline constexpr Setting<QString> kExchangeResumeKeys{"exchange.resumeKeys"};
inline constexpr Setting<QString> kExchangeMarkKeys{"exchange.markKeys"};
inline constexpr Setting<QString> kExchangeRecordKeys{"exchange.recordKeys"};
inline constexpr Setting<QString> kExchangeStopKeys{"exchange.stopKeys"};
inline constexpr Setting<QString> kExchangeTimeZone{"exchange.timeZone"};
inline constexpr Setting<int> kExchangeFirstMediaPort{"exchange.firstMediaPort"};
inline constexpr Setting<int> kExchangeLastMediaPort{"exchange.lastMediaPort"};
inline constexpr Setting<QString> kIceStun{"ice.stun"};
inline constexpr Setting<QString> kIceTurn{"ice.turn"};
inline constexpr Setting<QString> kIceTurnUser{"ice.turnUser"};
inline constexpr Setting<QString> kIceTurnPassword{"ice.turnPassword"};
/// Of one interface of call data records.
struct CdrKeys {
    Setting<QString> url;
    Setting<QString> method; ///< `get` or `post`
    Setting<QString> user;
    Setting<QString> password;
    Setting<bool> verifyTls;
    Setting<QString> caFile;
    Setting<QString> syslogForm; ///< `rfc5424` or `rfc3164`
    Setting<int> syslogClass;    ///< facility
};
inline constexpr CdrKeys kCdrInterfaces[]{
    {{"cdr.url"},
     {"cdr.method"},
     {"cdr.user"},
     {"cdr.password"},
     {"cdr.verifyTls"},
     {"cdr.caFile"},
     {"cdr.syslogForm"},
     {"cdr.syslogClass"}}, // CDR0
    {{"cdr1.url"},
     {"cdr1.method"},
     {"cdr1.user"},
     {"cdr1.password"},
     {"cdr1.verifyTls"},
     {"cdr1.caFile"},
     {"cdr1.syslogForm"},
     {"cdr1.syslogClass"}}, // CDR1
};
inline constexpr Setting<int> kCdrMegabytes{"cdr.megabytes"};
inline constexpr Setting<int> kRecordToMegabytes{"recordto.megabytes"};
inline constexpr Setting<QString> kRecordToCaFile{"recordto.caFile"};
inline constexpr Setting<QString> kUiLanguage{"ui.language"};
inline constexpr Setting<QString> kUiTheme{"ui.theme"};
inline constexpr Setting<int> kPlayerVolumeInternal{"player.volumeInternal"};
inline constexpr Setting<int> kPlayerVolumeExternal{"player.volumeExternal"};
inline constexpr Setting<int> kPlayerVolumeAll{"player.volumeAll"};
inline constexpr const char* kSetupPassword = "setup.password"; ///< no typed access: see Settings

} // namespace sr::settings

template <>
struct std::is_error_code_enum<sr::settings::SettingsErrc> : std::true_type {};
