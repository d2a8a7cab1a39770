// SPDX-License-Identifier: GPL-3.0-or-later
// The service's own JSON, or a table of it.
#include "app/ctl/cmd_status.h"

#include "app/control/control_client.h"
#include "app/ctl/json_rows.h"

namespace sr::ctl {

std::optional<QJsonObject> askService(const Path& configDir, const QJsonObject& request)
{
    const auto answer = control::ask(configDir, request);
    if (answer)
        return *answer;
    if (answer.error().code == control::ControlErrc::NotRunning)
        say("switchroomctl: no switchroomd runs on " + utf8Of(configDir) +
            ". Start it, or name the folder it runs on with --config DIR.");
    else if (answer.error().code == control::ControlErrc::Refused)
        say("switchroomctl: " + answer.error().context);
    else
        say("switchroomctl: " + answer.error().text());
    return std::nullopt;
}

std::string statusWords(const QJsonObject& status)
{
    const auto number = [&](const char* key) {
        return std::to_string(status.value(QLatin1String(key)).toInteger());
    };
    std::string words = "Calls             " + number("calls") + ", " + number("recording") +
                        " of them in recording\nRegistrations     " + number("registrations") +
                        "\nFiles recorded    " + number("filesRecorded") + "\nFiles to process  " +
                        number("filesToProcess") + "\nUnreadable SIP    " + number("unreadable") +
                        "\nLamps             ";
    const QJsonObject lamps = status.value(QLatin1String("lamps")).toObject();
    std::string list;
    for (const char* name : {"pbx", "reporting", "pcap", "disk", "backup", "software"})
        list += (list.empty() ? "" : ", ") + std::string(name) + " " +
                lamps.value(QLatin1String(name)).toString().toStdString();
    return words + list +
           (status.value(QLatin1String("masterAlarm")).toBool() ? "\nALARM\n" : "\nNormal Operation\n");
}

int runStatus(const QStringList& arguments)
{
    Options options("How the service that runs on this --config is; exit code 1 if none does.",
                    Options::Json);
    if (const auto done = options.process(arguments))
        return *done;
    const auto status = askService(options.configDir(), {{QStringLiteral("do"), QStringLiteral("status")}});
    if (!status)
        return Failed;
    print(options.json() ? compact(*status) : statusWords(*status));
    return Ok;
}

} // namespace sr::ctl
