// SPDX-License-Identifier: GPL-3.0-or-later
// One record, and what its receiver says.
#include "app/ctl/console_cdr.h"

#include "app/cdr_settings.h"
#include "app/ctl/cmd_settings.h"
#include "app/ctl/command.h"
#include "core/cdr/trial.h"

namespace sr::ctl {
namespace {

constexpr milliseconds kPatience{10'000};

} // namespace

int testCdr(const Path& configDir, unsigned interface)
{
    const auto settings = openSettings(configDir);
    if (!settings)
        return Failed;
    const auto to = cdrDestinationOf(*settings, interface);
    if (!to) {
        say("switchroomctl: CDR" + std::to_string(interface) + " has no receiver; set " +
            settings::kCdrInterfaces[interface].url.key + ".");
        return Failed;
    }
    const auto record =
        cdr::trialRecord(settings->get(settings::kExchangeSystem).toStdString(),
                         settings->get(settings::kExchangeName).toStdString(), systemClock().utcNow());
    if (auto sent = cdr::sendTrial(*to, record, systemClock(), kPatience); !sent) {
        if (sent.error().code != cdr::CdrErrc::Refused && sent.error().code != cdr::CdrErrc::Unreachable)
            return failWith(sent.error());
        say("switchroomctl: the receiver did not take it: " + sent.error().context);
        return Failed;
    }
    print("Sent to " + to->url + ": " + record.id);
    return Ok;
}

} // namespace sr::ctl
