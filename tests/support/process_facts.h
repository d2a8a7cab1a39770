// SPDX-License-Identifier: GPL-3.0-or-later
// What Linux tells of a running program, for benches and tests of endurance.
#pragma once

#include <QDir>
#include <QFile>

#include <sched.h>

#include <ctime>

namespace sr::test {

/// CPU time that a program has used, with its system calls [s].
inline double cpuSeconds(qint64 pid)
{
    clockid_t clock{};
    timespec time{};
    if (clock_getcpuclockid(static_cast<pid_t>(pid), &clock) != 0 || clock_gettime(clock, &time) != 0)
        return 0;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Memory of its own, without files that it maps [kB].
inline qint64 memoryKb(qint64 pid)
{
    QFile file(QStringLiteral("/proc/%1/status").arg(pid));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray text = file.readAll();
    const auto at = text.indexOf("RssAnon:");
    return at < 0 ? 0 : text.mid(at + 8, text.indexOf("kB", at) - at - 8).trimmed().toLongLong();
}

/// Calls of write() and its like, of files, pipes and events.
inline qint64 writeCalls(qint64 pid)
{
    QFile file(QStringLiteral("/proc/%1/io").arg(pid));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray text = file.readAll();
    const auto at = text.indexOf("syscw: ");
    return at < 0 ? 0 : text.mid(at + 7, text.indexOf('\n', at) - at - 7).toLongLong();
}

/// Open file descriptors.
inline qsizetype openFiles(qint64 pid)
{
    return QDir(QStringLiteral("/proc/%1/fd").arg(pid)).entryList(QDir::AllEntries | QDir::System).size() - 2;
}

/// Whether some program listens there by UDP over IPv4.
inline bool isUdpBound(quint16 port)
{
    QFile file(QStringLiteral("/proc/net/udp"));
    const QByteArray end = ':' + QByteArray::number(port, 16).toUpper().rightJustified(4, '0');
    if (!file.open(QIODevice::ReadOnly))
        return false;
    for (const QByteArray& line : file.readAll().split('\n'))
        if (line.simplified().split(' ').value(1).endsWith(end))
            return true;
    return false;
}

/// The oldest process that it started; 0: none.
inline qint64 firstChild(qint64 pid)
{
    QFile file(QStringLiteral("/proc/%1/task/%1/children").arg(pid));
    return file.open(QIODevice::ReadOnly) ? file.readAll().split(' ').front().toLongLong() : 0;
}

/// All its threads; those to come are where their maker is.
inline void pinTo(qint64 pid, int core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    const QStringList threads =
        QDir(QStringLiteral("/proc/%1/task").arg(pid)).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString& thread : threads)
        (void)sched_setaffinity(thread.toInt(), sizeof set, &set);
}

} // namespace sr::test
