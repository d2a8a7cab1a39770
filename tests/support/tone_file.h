// SPDX-License-Identifier: GPL-3.0-or-later
// A WAV file with one tone.
#pragma once

#include <QByteArray>
#include <QFile>
#include <QString>

#include <cmath>
#include <cstdint>
#include <numbers>

namespace sr::test {

/// 16 bits, about -11 dB of full scale, the same in all channels. False: not written.
inline bool writeToneFile(const QString& path, double hz, int seconds, int rate = 8000, int channels = 1)
{
    QByteArray frames;
    for (int i = 0; i < seconds * rate; ++i) {
        const auto sample =
            static_cast<std::int16_t>(std::lround(9000 * std::sin(2 * std::numbers::pi * hz * i / rate)));
        for (int channel = 0; channel < channels; ++channel)
            frames.append(reinterpret_cast<const char*>(&sample), sizeof sample);
    }
    const auto number = [](auto value) {
        return QByteArray(reinterpret_cast<const char*>(&value), sizeof value);
    };
    const auto frameBytes = static_cast<std::uint16_t>(2 * channels);
    const QByteArray file =
        "RIFF" + number(static_cast<std::uint32_t>(36 + frames.size())) + "WAVEfmt " +
        number(std::uint32_t{16}) + number(std::uint16_t{1}) + number(static_cast<std::uint16_t>(channels)) +
        number(static_cast<std::uint32_t>(rate)) + number(static_cast<std::uint32_t>(rate * frameBytes)) +
        number(frameBytes) + number(std::uint16_t{16}) + "data" +
        number(static_cast<std::uint32_t>(frames.size())) + frames;
    QFile out(path);
    return out.open(QIODevice::WriteOnly) && out.write(file) == file.size();
}

} // namespace sr::test
