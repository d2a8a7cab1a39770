// SPDX-License-Identifier: GPL-3.0-or-later
// Foreign programs (ffmpeg, ffprobe, sox, lame) as witnesses in tests.
#pragma once

#include "core/base/bytes.h"

#include <QFile>
#include <QProcess>
#include <QStringList>

namespace sr::test {

/// Standard output of a program that ended well; a null array otherwise.
inline QByteArray runProgram(const QString& program, const QStringList& arguments)
{
    QProcess process;
    process.start(program, arguments);
    if (!process.waitForFinished(60000) || process.exitStatus() != QProcess::NormalExit ||
        process.exitCode() != 0) {
        qWarning("%s: %s", qPrintable(program), process.readAllStandardError().constData());
        return {};
    }
    const QByteArray out = process.readAllStandardOutput();
    return out.isNull() ? QByteArray("") : out;
}

inline bool writeBytes(const QString& path, ByteView bytes)
{
    QFile file(path);
    const auto size = static_cast<qint64>(bytes.size());
    return file.open(QIODevice::WriteOnly) &&
           file.write(reinterpret_cast<const char*>(bytes.data()), size) == size;
}

inline Bytes readBytes(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray all = file.readAll();
    const auto bytes = std::as_bytes(std::span(all.constData(), static_cast<std::size_t>(all.size())));
    return {bytes.begin(), bytes.end()};
}

/// Little-endian 16-bit samples.
inline std::vector<std::int16_t> samplesOf(ByteView bytes)
{
    std::vector<std::int16_t> out(bytes.size() / 2);
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<std::int16_t>(loadLe<std::uint16_t>(bytes.data() + 2 * i));
    return out;
}
inline ByteView viewOf(const QByteArray& data)
{
    return std::as_bytes(std::span(data.constData(), static_cast<std::size_t>(data.size())));
}

} // namespace sr::test
