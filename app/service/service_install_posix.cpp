// SPDX-License-Identifier: GPL-3.0-or-later
// A unit of systemd, made and removed with its own tools.
#include "app/service/service_install.h"
#include "app/service/service_life.h"
#include "app/service/systemd_unit.h"
#include "core/base/file.h"

#include <QProcess>

namespace sr::service {
namespace {

const Path kUnit = "/etc/systemd/system/switchroomd.service";
const Path kUser = "/etc/sysusers.d/switchroom.conf";

/// Empty if it went well; else why not.
std::string run(const char* program, const QStringList& arguments)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(QString::fromLatin1(program), arguments);
    if (process.waitForFinished(60'000) && process.exitCode() == 0)
        return {};
    const QByteArray said = process.readAll().trimmed();
    return std::string(program) + " " + arguments.join(QLatin1Char(' ')).toStdString() + ": " +
           (said.isEmpty() ? process.errorString().toStdString() : said.toStdString());
}

std::string systemctl(const QStringList& arguments)
{
    return run("systemctl", arguments);
}

Status put(const Path& file, const std::string& text)
{
    if (auto made = makeDirs(file.parent_path()); !made)
        return made;
    if (auto written = writeFileAtomic(file, bytesOf(text)); !written)
        return written;
    std::error_code code;
    using std::filesystem::perms;
    std::filesystem::permissions(
        file, perms::owner_read | perms::owner_write | perms::group_read | perms::others_read, code);
    return {};
}

/// A new folder becomes the service's; one that is there keeps its owner, and the words tell what to do.
std::string handOver(const std::vector<std::string>& folders)
{
    std::string words;
    std::string theirs;
    for (const std::string& folder : folders) {
        if (fileExists(pathOf(folder))) {
            theirs += " '" + folder + "'";
            continue;
        }
        const std::string failed =
            run("install", {QStringLiteral("-d"), QStringLiteral("-o"), QStringLiteral("switchroom"),
                            QStringLiteral("-m"), QStringLiteral("0700"), QString::fromStdString(folder)});
        if (!failed.empty())
            words += "\nNot done: " + failed;
    }
    if (!theirs.empty())
        words += "\nIt runs as the user switchroom, who must own what is there already: chown -R switchroom" +
                 theirs;
    return words;
}

} // namespace

Result<std::string> installService(const Installation& installation)
{
    if (fileExists(kUnit))
        return fail(BaseErrc::Exists, utf8Of(kUnit) + " is there; --uninstall-service removes it");
    if (auto user = put(kUser, systemdUser()); !user)
        return user.error();
    if (auto unit = put(kUnit, systemdUnit(installation)); !unit)
        return unit.error();
    std::string words = "Installed as " + utf8Of(kUnit) + ".";
    for (const std::string& failed : {run("systemd-sysusers", {QString::fromStdString(utf8Of(kUser))}),
                                      systemctl({QStringLiteral("daemon-reload")}),
                                      systemctl({QStringLiteral("enable"), QStringLiteral("switchroomd")})})
        if (!failed.empty())
            words += "\nNot done: " + failed;
    return words + handOver(installation.folders) + "\nStart it with: systemctl start switchroomd";
}

Result<std::string> uninstallService()
{
    if (!fileExists(kUnit))
        return fail(BaseErrc::NotFound, utf8Of(kUnit));
    const std::string stopped =
        systemctl({QStringLiteral("disable"), QStringLiteral("--now"), QStringLiteral("switchroomd")});
    if (auto removed = removeFile(kUnit); !removed)
        return removed.error();
    if (auto removed = removeFile(kUser); !removed)
        return removed.error();
    const std::string reloaded = systemctl({QStringLiteral("daemon-reload")});
    std::string words = "Removed " + utf8Of(kUnit) + ". Archive, keys and the user switchroom stay.";
    for (const std::string& failed : {stopped, reloaded})
        if (!failed.empty())
            words += "\nNot done: " + failed;
    return words;
}

} // namespace sr::service
