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

const Definition kCapture[] = {
    {.key = kCaptureInterfaces.key,
     .help = "Interfaces that the service captures, such as eth0,eth1; empty is none. What is kept of a call "
             "is set under import.",
     .restart = true},
    {.key = kCaptureFilter.key,
     .help = "Only these packets are captured (pcap-filter), such as udp or tcp port 5060; empty is all.",
     .restart = true},
};

constexpr const char* kDigests[] = {"md5", "md5-sha256", "sha256-md5", "sha256"};

const Definition kSip[] = {
    {.key = kSipListen.key,
     .help = "Addresses where phones register, by UDP and TCP, such as 192.0.2.1:5060,[2001:db8::1]:5060; "
             "empty is "
             "none, and then this machine is no exchange.",
     .restart = true},
    {.key = kSipTlsListen.key,
     .help = "Addresses where phones register by TLS, such as 192.0.2.1:5061; empty is none.",
     .restart = true},
    {.key = kSipTlsCertificate.key,
     .type = SettingType::Path,
     .help = "File with the certificate of this exchange in PEM: leaf, intermediates, root. Empty: one that "
             "it makes "
             "for itself.",
     .restart = true},
    {.key = kSipTlsKey.key,
     .type = SettingType::Path,
     .help = "File with the key of that certificate in PEM, without a password.",
     .restart = true},
    {.key = kSipTlsTrusted.key,
     .type = SettingType::Path,
     .help = "File with certificates in PEM by which trunks and gateways prove themselves by TLS, beside the "
             "authorities of the system.",
     .restart = true},
    {.key = kSipDigest.key,
     .type = SettingType::Choice,
     .defaultValue = "md5",
     .help = "Algorithms of digest authentication in the order of their offer. sha256 is the safer one; many "
             "phones give up "
             "when they are offered it, even beside md5.",
     .choices = kDigests,
     .restart = true},
    {.key = kSipReplayCheck.key,
     .type = SettingType::Switch,
     .defaultValue = "true",
     .help = "Refuse what a phone has sent before as its answer to a challenge. Off only for phones that "
             "cannot count.",
     .restart = true},
    {.key = kSipReplayUnchecked.key,
     .help = "Listeners, written as in sip.listen or sip.tlsListen, where that check is off, for such phones "
             "alone; it stays on at the others.",
     .restart = true},
    {.key = kSipGuesses.key,
     .type = SettingType::Number,
     .defaultValue = "10",
     .help =
         "Wrong passwords from one address within an hour until it is answered ever later; after three times "
         "as "
         "many it is blocked, and the service says so. Users who logged in from there within a day go on.",
     .least = 3,
     .most = 100,
     .restart = true},
};

const Definition kExchange[] = {
    {.key = kExchangeSystem.key,
     .defaultValue = "switchroom",
     .help = "Name of the system of which this exchange is a part; call data records have it as sys.",
     .restart = true},
    {.key = kExchangeName.key,
     .defaultValue = ".",
     .help = "Name of this exchange in the system; call data records have it as pbx.",
     .restart = true},
    {.key = kExchangePauseKeys.key,
     .defaultValue = "*77#",
     .help = "Keys that a user whose calls are recorded presses in a call so that its recording pauses; the "
             "other side hears them, too. Empty: none.",
     .restart = true},
    {.key = kExchangeResumeKeys.key,
     .defaultValue = "#77#",
     .help = "Keys behind which the recording goes on, likewise.",
     .restart = true},
    {.key = kExchangeMarkKeys.key,
     .defaultValue = "*72#",
     .help = "Keys that mark the call to be kept, likewise.",
     .restart = true},
    {.key = kExchangeRecordKeys.key,
     .defaultValue = "*78#",
     .help = "Keys that begin a recording, of users whose mode is manual or optional.",
     .restart = true},
    {.key = kExchangeStopKeys.key,
     .defaultValue = "#78#",
     .help = "Keys that end it, likewise.",
     .restart = true},
    {.key = kExchangeTimeZone.key,
     .type = SettingType::TimeZone,
     .help = "Time zone of call data records (local), of booleans with times and of scripts, such as "
             "Europe/Rome; empty is the machine's.",
     .restart = true},
    {.key = kExchangeFirstMediaPort.key,
     .type = SettingType::Number,
     .defaultValue = "20000",
     .help = "First UDP port of the sound of calls, as the firewall lets it in. A call takes four of them.",
     .least = 1024,
     .most = 65535,
     .restart = true},
    {.key = kExchangeLastMediaPort.key,
     .type = SettingType::Number,
     .defaultValue = "29999",
     .help = "Last one; it is still used.",
     .least = 1024,
     .most = 65535,
     .restart = true},
};

const Definition kIce[] = {
    {.key = kIceStun.key,
     .help = "STUN server for objects with `ice` full or relay, such as stun.example.com or "
             "192.0.2.1:3478; empty is none.",
     .restart = true},
    {.key = kIceTurn.key, .help = "TURN server for them, asked by UDP; empty is none.", .restart = true},
    {.key = kIceTurnUser.key, .help = "User name at the TURN server.", .restart = true},
    {.key = kIceTurnPassword.key,
     .type = SettingType::Secret,
     .help = "Password of that user.",
     .secret = true,
     .restart = true},
};

constexpr const char* kCdrMethods[] = {"get", "post"};

constexpr const char* kSyslogForms[] = {"rfc5424", "rfc3164"};

/// Of one interface; they are the same for each.
std::vector<Definition> cdrInterface(const CdrKeys& keys)
{
    return {
        {.key = keys.url.key,
         .help =
             "Where call data records go: http://, https://, tcp://HOST:PORT, syslog://HOST or "
             "syslog+tcp://HOST; cdr is CDR0, cdr1 is CDR1. Empty is nowhere; if both are, the newest are "
             "kept.",
         .restart = true},
        {.key = keys.method.key,
         .type = SettingType::Choice,
         .defaultValue = "get",
         .help = "How they go there by http: get puts a record into the query, post into a form.",
         .choices = kCdrMethods,
         .restart = true},
        {.key = keys.user.key,
         .help = "User name for a receiver of call data records that asks for one.",
         .restart = true},
        {.key = keys.password.key,
         .type = SettingType::Secret,
         .help = "Password of that user.",
         .secret = true,
         .restart = true},
        {.key = keys.verifyTls.key,
         .type = SettingType::Switch,
         .defaultValue = "true",
         .help = "Send call data records over https only if the receiver's certificate is good.",
         .restart = true},
        {.key = keys.caFile.key,
         .type = SettingType::Path,
         .help = "File of root certificates in PEM that are trusted for it beside those of the machine.",
         .restart = true},
        {.key = keys.syslogForm.key,
         .type = SettingType::Choice,
         .defaultValue = "rfc5424",
         .help = "Form of messages of syslog; rfc3164 is the old one.",
         .choices = kSyslogForms,
         .restart = true},
        {.key = keys.syslogClass.key,
         .type = SettingType::Number,
         .defaultValue = "16",
         .help = "Class (facility) of messages of syslog: 16 is local0, 23 is local7.",
         .least = 0,
         .most = 23,
         .restart = true},
    };
}

const Definition kCdr[] = {
    {.key = kCdrMegabytes.key,
     .type = SettingType::Number,
     .defaultValue = "0",
     .help = "Room for call data records that wait for their receiver. 0: all that the disk has.",
     .least = 0,
     .most = 1024 * 1024,
     .unit = "MiB",
     .restart = true},
};

const Definition kRecordTo[] = {
    {.key = kRecordToMegabytes.key,
     .type = SettingType::Number,
     .defaultValue = "10240",
     .help = "Room for recorded calls that wait for the folder or server of `record-to`.",
     .least = 64,
     .most = 16 * 1024 * 1024,
     .unit = "MiB",
     .restart = true},
    {.key = kRecordToCaFile.key,
     .type = SettingType::Path,
     .help = "File of root certificates in PEM that are trusted for it beside those of the machine.",
     .restart = true},
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
        append(kCapture);
        append(kSip);
        append(kExchange);
        for (const CdrKeys& keys : kCdrInterfaces)
            append(cdrInterface(keys));
        append(kIce);
        append(kCdr);
        append(kRecordTo);
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
