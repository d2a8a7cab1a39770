// SPDX-License-Identifier: GPL-3.0-or-later
// `mod cmd PING0 ping|tracert ADDR`: the system's own programs, with arguments of ours and nothing else.
#pragma once

#include <QString>
#include <QStringList>

#include <optional>
#include <string_view>
#include <vector>

namespace sr::ctl {

/// An IPv4 or IPv6 address, or a host name: letters, digits and hyphens in labels of 63, 253 in all (RFC 1123
/// 2.1). Nothing that a program could take for an option, and no number that only looks like an address.
bool isHostOrAddress(std::string_view text);

enum class Probe { Ping, Trace };

struct ProbeProgram {
    QString program; ///< name, looked for in PATH
    QStringList arguments;
};
/// What may do it on this system, the first choice first. All end by themselves.
std::vector<ProbeProgram> probePrograms(Probe probe, const QString& address);

/// Runs the first of them that is installed; its words go to standard output as they come. Ends it after a
/// minute. The exit code; says in words why not.
int runProbe(Probe probe, const QString& address);

} // namespace sr::ctl
