// SPDX-License-Identifier: GPL-3.0-or-later
// `switchroomctl capture`: calls into the archive as they end, until Ctrl+C.
#include "app/ctl/cmd_capture.h"

#include "app/ctl/capture_screen.h"
#include "app/ctl/cmd_settings.h"
#include "app/ctl/json_rows.h"
#include "app/ctl/record_options.h"
#include "core/base/console.h"
#include "recorder/pipeline/capture_job.h"

#include <QJsonArray>

namespace sr::ctl {
namespace {

int printInterfaces(bool json)
{
    const auto devices = capture::listPacketDevices();
    if (!devices)
        return failWith(devices.error());
    QJsonArray rows;
    for (const capture::DeviceInfo& device : *devices) {
        rows.append(QJsonObject{{QStringLiteral("name"), qstr(device.name)},
                                {QStringLiteral("description"), qstr(device.description)},
                                {QStringLiteral("up"), device.up}});
        if (!json)
            print(device.name + (device.description.empty() ? "" : "  " + device.description) +
                  (device.up ? "" : "  (switched off)"));
    }
    if (json)
        print(compact({{QStringLiteral("interfaces"), rows}}));
    return Ok;
}

std::optional<int> fillDevices(const Options& options, recorder::CaptureOptions& capture)
{
    for (const std::string& name : options.values("interface")) {
        capture::DeviceOptions device;
        device.interface = name;
        device.filter = options.value("filter");
        for (const capture::DeviceOptions& other : capture.devices)
            if (other.interface == name)
                return wrongUse("--interface " + name + " stands there twice.");
        capture.devices.push_back(std::move(device));
    }
    if (capture.devices.empty())
        return wrongUse("name an interface with --interface IF; `switchroomctl capture --list` shows them.");
    return std::nullopt;
}

int capture(const Options& options, archive::Archive& archive, recorder::CaptureOptions captureOptions)
{
    CaptureScreen screen(options.json());
    recorder::CaptureEvents events;
    events.recorded = [&](const recorder::CallOutcome& outcome) { screen.recorded(outcome); };
    events.callBegan = [&](const capture::OpenCall& call) { screen.callBegan(call); };
    events.interfaceChanged = [&](const capture::InterfaceState& state) { screen.interfaceChanged(state); };
    events.failed = [&](const Error& error) { screen.failed(error); };
    auto job = recorder::CaptureJob::start(archive, std::move(captureOptions), &capture::openPacketDevice,
                                           systemClock(), std::move(events));
    if (!job)
        return failWith(job.error());
    {
        const StopSignal stop([&] { screen.stop(); });
        screen.watch(**job);
    }
    (*job)->stop();
    screen.finish((*job)->state());
    return (*job)->state().unrecorded == 0 ? Ok : Failed;
}

} // namespace

int runCapture(const QStringList& arguments)
{
    Options options("Archives every call that passes an interface, as it ends, until Ctrl+C. Calls that run "
                    "then are closed and marked.",
                    Options::Archive | Options::Json);
    options.add("interface", "What to capture; may stand several times.", "IF");
    options.add("filter", "Only these packets (pcap-filter), such as \"udp or tcp port 5060\".", "BPF");
    options.add("write", "Also keep all captured packets in this new pcapng file.", "FILE");
    options.add("list", "Shows the interfaces of this machine.");
    addRecordOptions(options);
    if (arguments.contains(QStringLiteral("--list")) && !arguments.contains(QStringLiteral("--archive")))
        return printInterfaces(arguments.contains(QStringLiteral("--json")));
    if (const auto done = options.process(arguments))
        return *done;
    recorder::CaptureOptions captureOptions;
    if (const auto wrong = fillDevices(options, captureOptions))
        return *wrong;
    captureOptions.copyTo = pathOf(options.value("write"));
    const auto settings = openSettings(options.configDir());
    if (!settings)
        return Failed;
    if (const auto wrong = fillRecordOptions(options, *settings, captureOptions.record))
        return *wrong;
    const auto engine = options.openEngine(true);
    if (!engine)
        return Failed;
    captureOptions.logDir = capture::liveLogDir(engine->configDir(), engine->archive().id());
    return capture(options, engine->archive(), std::move(captureOptions));
}

} // namespace sr::ctl
