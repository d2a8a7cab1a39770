// SPDX-License-Identifier: GPL-3.0-or-later
// What the settings say of the receivers of call data records, for the service and for who tries one.
#pragma once

#include "core/cdr/delivery.h"
#include "core/settings/settings.h"

#include <QSysInfo>

namespace sr {

/// Of CDR0 or CDR1; nothing if it has no receiver.
inline std::optional<cdr::Destination> cdrDestinationOf(const settings::Settings& settings,
                                                        unsigned interface)
{
    const settings::CdrKeys& keys = settings::kCdrInterfaces[interface];
    cdr::Destination to;
    to.url = settings.get(keys.url).toStdString();
    to.post = settings.get(keys.method) == u"post";
    to.user = settings.get(keys.user).toStdString();
    to.password = settings.get(keys.password).toStdString();
    to.verifyTls = settings.get(keys.verifyTls);
    to.caFile = pathOf(settings.get(keys.caFile).toStdString());
    to.from = QSysInfo::machineHostName().toStdString();
    to.syslogForm =
        settings.get(keys.syslogForm) == u"rfc3164" ? cdr::SyslogForm::Rfc3164 : cdr::SyslogForm::Rfc5424;
    to.syslogFacility = settings.get(keys.syslogClass);
    return to.url.empty() ? std::nullopt : std::optional(std::move(to));
}

} // namespace sr
