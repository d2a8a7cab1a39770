// SPDX-License-Identifier: GPL-3.0-or-later
// Words of systemd.unit(5), systemd.exec(5) and sysusers.d(5).
#include "app/service/systemd_unit.h"

namespace sr::service {
namespace {

/// One word of a command line or list (systemd.syntax(7), systemd.service(5)).
std::string quoted(const std::string& word)
{
    std::string out = "\"";
    for (const char c : word) {
        if (c == '"' || c == '\\')
            out += '\\';
        if (c == '%' || c == '$') // specifiers and variables
            out += c;
        out += c;
    }
    return out + "\"";
}

/// The same where variables are not replaced.
std::string quotedPath(const std::string& path)
{
    std::string out = "\"";
    for (const char c : path) {
        if (c == '"' || c == '\\')
            out += '\\';
        if (c == '%')
            out += c;
        out += c;
    }
    return out + "\"";
}

} // namespace

std::string systemdUnit(const Installation& installation)
{
    std::string command = quoted(installation.program);
    for (const std::string& argument : installation.arguments)
        command += " " + quoted(argument);
    std::string folders;
    for (const std::string& folder : installation.folders)
        folders += "ReadWritePaths=" + quotedPath(folder) + "\n";
    return "[Unit]\n"
           "Description=Switchroom, telephone recorder\n"
           "Wants=network-online.target\n"
           "After=network-online.target\n"
           "\n"
           "[Service]\n"
           "Type=notify\n"
           "ExecStart=" +
           command +
           "\n"
           "User=switchroom\n"
           "Restart=on-failure\n"
           "RestartSec=5\n"
           "# Calls that run are recorded at the end.\n"
           "TimeoutStopSec=120\n"
           "# A call has four sockets.\n"
           "LimitNOFILE=262144\n"
           "AmbientCapabilities=CAP_NET_RAW\n"
           "CapabilityBoundingSet=CAP_NET_RAW\n"
           "NoNewPrivileges=yes\n"
           "ProtectSystem=strict\n"
           "ProtectHome=read-only\n"
           "PrivateTmp=yes\n"
           "ProtectKernelTunables=yes\n"
           "ProtectKernelModules=yes\n"
           "ProtectControlGroups=yes\n"
           "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET\n"
           "RestrictSUIDSGID=yes\n"
           "LockPersonality=yes\n"
           "SystemCallArchitectures=native\n"
           "UMask=0077\n"
           "StateDirectory=switchroom\n"
           "ConfigurationDirectory=switchroom\n" +
           folders +
           "\n"
           "[Install]\n"
           "WantedBy=multi-user.target\n";
}

std::string systemdUser()
{
    return "u switchroom - \"Switchroom\" /var/lib/switchroom\n";
}

} // namespace sr::service
