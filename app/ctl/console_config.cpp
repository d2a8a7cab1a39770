// SPDX-License-Identifier: GPL-3.0-or-later
// The words of the old console on the settings of today.
#include "app/ctl/console_config.h"

#include "app/control/control_client.h"
#include "app/ctl/cmd_settings.h"

#include <QRegularExpression>

#include <algorithm>
#include <array>

namespace sr::ctl {
namespace {

using settings::Settings;

constexpr const char* kUsage =
    "config show | add KEY VALUE | change KEY VALUE | rem KEY [VALUE] | write | activate.";

/// Settings that are lists, to which `add` adds and of which `rem` takes away.
constexpr std::array kLists{settings::kCaptureInterfaces, settings::kSipListen, settings::kSipTlsListen,
                            settings::kSipReplayUnchecked};

bool isList(const QString& key)
{
    return std::ranges::any_of(kLists, [&](const auto& list) { return key == QLatin1String(list.key); });
}

QStringList itemsOf(const QString& list)
{
    return list.split(QRegularExpression(QStringLiteral("[,;\\s]+")), Qt::SkipEmptyParts);
}

int sayUsage()
{
    say(std::string("switchroomctl: ") + kUsage);
    return WrongUse;
}

bool isSecret(const QString& key)
{
    const settings::Definition* definition = settings::findDefinition(key);
    return definition != nullptr && definition->secret;
}

} // namespace

Settings* ConsoleConfig::open()
{
    if (!m_changed)
        m_settings = openSettings(m_configDir);
    return m_settings.get();
}

int ConsoleConfig::staged(const Status& changed, const QString& key)
{
    if (!changed)
        return failWith(changed.error());
    m_changed = true;
    const auto text = m_settings->text(key);
    print(key.toStdString() + " = " + (text ? text->toStdString() : std::string()) +
          "    # not written yet: config write");
    return Ok;
}

int ConsoleConfig::show()
{
    const Settings* settings = open();
    if (settings == nullptr)
        return Failed;
    print(settings->exportXml().toStdString());
    return Ok;
}

int ConsoleConfig::change(const QStringList& words)
{
    if (words.size() != 3)
        return sayUsage();
    if (isSecret(words.at(1))) {
        say("switchroomctl: secrets are read from standard input: switchroomctl settings set " +
            words.at(1).toStdString() + ".");
        return WrongUse;
    }
    Settings* settings = open();
    return settings != nullptr ? staged(settings->setText(words.at(1), words.at(2)), words.at(1)) : Failed;
}

int ConsoleConfig::add(const QStringList& words)
{
    if (words.size() != 3)
        return sayUsage();
    if (!isList(words.at(1))) {
        say("switchroomctl: " + words.at(1).toStdString() + " is no list; config change sets it.");
        return WrongUse;
    }
    Settings* settings = open();
    if (settings == nullptr)
        return Failed;
    QStringList items = itemsOf(settings->text(words.at(1)).valueOr({}));
    items << itemsOf(words.at(2));
    items.removeDuplicates();
    return staged(settings->setText(words.at(1), items.join(QLatin1Char(','))), words.at(1));
}

/// One item of a list, or the whole setting: then the default is in force.
int ConsoleConfig::remove(const QStringList& words)
{
    if (words.size() < 2 || words.size() > 3 || (words.size() == 3 && !isList(words.at(1))))
        return sayUsage();
    Settings* settings = open();
    if (settings == nullptr)
        return Failed;
    if (words.size() == 2)
        return staged(settings->reset(words.at(1)), words.at(1));
    QStringList items = itemsOf(settings->text(words.at(1)).valueOr({}));
    if (items.removeAll(words.at(2)) == 0) {
        say("switchroomctl: " + words.at(2).toStdString() + " does not stand in " +
            words.at(1).toStdString() + ".");
        return Failed;
    }
    return staged(settings->setText(words.at(1), items.join(QLatin1Char(','))), words.at(1));
}

int ConsoleConfig::write()
{
    if (!m_changed) {
        print("Nothing was changed.");
        return Ok;
    }
    if (const auto written = m_settings->save(); !written)
        return failWith(written.error());
    m_changed = false;
    print("Written.");
    return Ok;
}

int ConsoleConfig::activate()
{
    if (const int code = write(); code != Ok)
        return code;
    const auto running = control::ask(m_configDir, {{QStringLiteral("do"), QStringLiteral("status")}});
    print(running
              ? "Programs that start from now on use it. The switchroomd that runs read its settings when "
                "it started: `reset idle` starts it anew when no call runs."
              : "Programs that start from now on use it. No switchroomd that runs here uses other ones.");
    return Ok;
}

int ConsoleConfig::run(const QStringList& words)
{
    const QString action = words.value(0);
    if (action == QLatin1String("add"))
        return add(words);
    if (action == QLatin1String("change"))
        return change(words);
    if (action == QLatin1String("rem"))
        return remove(words);
    if (words.size() != 1)
        return sayUsage();
    if (action == QLatin1String("show"))
        return show();
    if (action == QLatin1String("write"))
        return write();
    return action == QLatin1String("activate") ? activate() : sayUsage();
}

} // namespace sr::ctl
