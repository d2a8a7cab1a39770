// SPDX-License-Identifier: GPL-3.0-or-later
// ping(8), traceroute(8), tracepath(8); ping and tracert of Windows.
#include "app/ctl/console_ping.h"

#include "app/ctl/command.h"
#include "core/base/endpoint.h"

#include <QProcess>
#include <QStandardPaths>

#include <algorithm>

namespace sr::ctl {
namespace {

constexpr int kLongest = 60'000; ///< [ms]

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isLabel(std::string_view label)
{
    const auto fits = [](char c) {
        return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    };
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, fits);
}

/// Root often has it where a user's PATH does not lead.
QString found(const QString& program)
{
    const QString inPath = QStandardPaths::findExecutable(program);
#ifdef _WIN32
    return inPath;
#else
    return !inPath.isEmpty() ? inPath
                             : QStandardPaths::findExecutable(
                                   program, {QStringLiteral("/usr/sbin"), QStringLiteral("/sbin")});
#endif
}

int run(const QString& program, const QStringList& arguments)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedChannels);
    process.setStandardInputFile(QProcess::nullDevice()); // the next commands stand in ours
    process.start(program, arguments);
    if (!process.waitForStarted()) {
        say("switchroomctl: " + program.toStdString() +
            " cannot be started: " + process.errorString().toStdString() + ".");
        return Failed;
    }
    if (!process.waitForFinished(kLongest)) {
        process.kill();
        process.waitForFinished();
        say("switchroomctl: it took over a minute and was ended.");
        return Failed;
    }
    return process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0 ? Ok : Failed;
}

} // namespace

bool isHostOrAddress(std::string_view text)
{
    if (IpAddress::parse(text))
        return true;
    if (text.empty() || text.size() > 253)
        return false;
    std::string_view label;
    for (std::size_t at = 0; at <= text.size(); at += label.size() + 1) {
        label = text.substr(at, text.find('.', at) - at);
        if (!isLabel(label))
            return false;
    }
    return !std::ranges::all_of(label, isDigit); // 10.1 and 0x7f.1 are other addresses than they look
}

std::vector<ProbeProgram> probePrograms(Probe probe, const QString& address)
{
    const auto with = [&](const char* program, const char* options) {
        return ProbeProgram{QString::fromLatin1(program), QString::fromLatin1(options).split(QLatin1Char(' '))
                                                              << address};
    };
#ifdef _WIN32
    return {probe == Probe::Ping ? with("ping", "-n 4 -w 2000") : with("tracert", "-d -h 20 -w 1000")};
#else
    if (probe == Probe::Ping)
        return {with("ping", "-n -c 4 -w 10")};
    return {with("traceroute", "-n -m 20 -q 1 -w 1"), with("tracepath", "-n -m 20")};
#endif
}

int runProbe(Probe probe, const QString& address)
{
    if (!isHostOrAddress(address.toStdString())) {
        say("switchroomctl: `" + address.left(80).toStdString() + "` is neither an address nor a host name.");
        return WrongUse;
    }
    QStringList names;
    const std::vector<ProbeProgram> programs = probePrograms(probe, address);
    for (const ProbeProgram& one : programs) {
        if (const QString program = found(one.program); !program.isEmpty())
            return run(program, one.arguments);
        names << one.program;
    }
    say("switchroomctl: this machine has no " + names.join(QStringLiteral(" and no ")).toStdString() +
        "; install it.");
    return Failed;
}

} // namespace sr::ctl
