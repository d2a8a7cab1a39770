// SPDX-License-Identifier: GPL-3.0-or-later
// `settings list|get|set|reset|export|import`: secrets are written only, never shown.
#include "app/ctl/cmd_settings.h"

#include "app/ctl/json_rows.h"
#include "core/base/console.h"
#include "core/settings/settings.h"

namespace sr::ctl {
namespace {

using settings::Settings;

constexpr std::uint64_t kMostXml = 1 << 20;

/// What is damaged or newer stays as it is; the person decides.
int failWithSettings(const Error& error, const Path& configDir)
{
    const int code = failWith(error);
    if (error.code != BaseErrc::Denied && error.code != BaseErrc::Io)
        say("Put a copy of " + utf8Of(configDir / "settings.xml") +
            " back, or move it away: every setting is at its default then, keys and archives stay as they "
            "are.");
    return code;
}

} // namespace

std::unique_ptr<Settings> openSettings(const Path& configDir)
{
    const auto secrets = crypto::loadOrCreateSecrets(configDir, systemClock());
    if (!secrets) {
        failWith(secrets.error());
        return nullptr;
    }
    auto opened = Settings::open(configDir, *secrets);
    if (!opened) {
        failWithSettings(opened.error(), configDir);
        return nullptr;
    }
    return std::move(*opened);
}

namespace {

int saved(Settings& settings, const Status& changed)
{
    if (!changed)
        return failWith(changed.error());
    const auto written = settings.save();
    return written ? Ok : failWith(written.error());
}

int list(const Settings& settings, bool json)
{
    QJsonObject values;
    for (const settings::Definition& definition : settings::definitions()) {
        const QString key = QString::fromUtf8(definition.key);
        const auto text = settings.text(key);
        if (!text)
            return failWith(text.error());
        values.insert(key, *text);
        if (!json)
            print((key + QStringLiteral(" = ") + *text).toStdString() + "    # " + definition.help);
    }
    if (json)
        print(compact(values));
    return Ok;
}

int get(const Settings& settings, const QString& key)
{
    const auto text = settings.text(key);
    if (!text)
        return failWith(text.error());
    print(text->toStdString());
    return Ok;
}

/// A value that the command line leaves out comes from standard input, where no process list shows it.
int set(Settings& settings, const QStringList& words)
{
    const settings::Definition* definition = settings::findDefinition(words.value(1));
    if (definition != nullptr && definition->secret && words.size() > 2)
        return wrongUse("secrets are read from standard input, not from the command line.");
    const QString value = words.size() > 2 ? words.at(2) : qstr(readSecretLine("Value: "));
    return saved(settings, settings.setText(words.value(1), value));
}

int importXml(Settings& settings, const QString& file)
{
    const auto bytes = readFile(pathOf(file.toStdString()), kMostXml);
    if (!bytes)
        return failWith(bytes.error());
    const std::string_view text = textOf(*bytes);
    return saved(settings, settings.importXml(QByteArray(text.data(), static_cast<qsizetype>(text.size()))));
}

int exportXml(const Settings& settings, const Options& options)
{
    const std::string xml = settings.exportXml().toStdString();
    if (!options.has("o")) {
        print(xml);
        return Ok;
    }
    const auto written = writeFileAtomic(pathOf(options.value("o")), bytesOf(xml));
    return written ? Ok : failWith(written.error());
}

} // namespace

int runSettings(const QStringList& arguments)
{
    Options options("Settings of this machine.", Options::Json);
    options.add("o", "export: into this file instead of standard output.", "FILE");
    options.addPositional("action", "list, get KEY, set KEY [VALUE], reset KEY, export, import FILE.",
                          "ACTION [KEY [VALUE]]", 3);
    if (const auto done = options.process(arguments))
        return *done;
    const QStringList words = options.positional();
    const QString action = words.value(0, QStringLiteral("list"));
    static const QStringList needKey{QStringLiteral("get"), QStringLiteral("set"), QStringLiteral("reset"),
                                     QStringLiteral("import")};
    static const QStringList known = needKey + QStringList{QStringLiteral("list"), QStringLiteral("export")};
    const qsizetype most = action == QLatin1String("set") ? 3 : needKey.contains(action) ? 2 : 1;
    if (!known.contains(action) || (needKey.contains(action) && words.size() < 2) || words.size() > most)
        return wrongUse(
            "settings list | get KEY | set KEY [VALUE] | reset KEY | export [-o FILE] | import FILE.");
    const auto settings = openSettings(options.configDir());
    if (!settings)
        return Failed;
    if (action == QLatin1String("get"))
        return get(*settings, words.at(1));
    if (action == QLatin1String("set"))
        return set(*settings, words);
    if (action == QLatin1String("reset"))
        return saved(*settings, settings->reset(words.at(1)));
    if (action == QLatin1String("export"))
        return exportXml(*settings, options);
    if (action == QLatin1String("import"))
        return importXml(*settings, words.at(1));
    return list(*settings, options.json());
}

std::optional<int> askSetupPassword(const Path& configDir, const crypto::MachineSecrets& secrets)
{
    auto settings = Settings::open(configDir, secrets);
    if (!settings)
        return failWithSettings(settings.error(), configDir);
    const std::string password = readSecretLine("Setup password: ");
    if (password.empty()) {
        say("switchroomctl: this asks for the setup password, and none came on standard input. The first one "
            "ever "
            "given becomes it.");
        return Failed;
    }
    if ((*settings)->hasSetupPassword()) {
        if ((*settings)->checkSetupPassword(password))
            return std::nullopt;
        say("switchroomctl: that is not the setup password.");
        return Failed;
    }
    if (auto set = (*settings)->setSetupPassword(password); !set)
        return failWith(set.error());
    if (auto written = (*settings)->save(); !written)
        return failWith(written.error());
    say("There was no setup password yet; the one given now is it from here on.");
    return std::nullopt;
}

} // namespace sr::ctl
