// SPDX-License-Identifier: GPL-3.0-or-later
// Packets that are told from the numbers of their stream and themselves alone, for tests of the spool.
#pragma once

#include "core/capture/spool.h"

#include <QTemporaryDir>

namespace sr::test {

using capture::SpoolStream;

/// What packet `number` of stream `stream` looks like: told from these two alone.
inline Bytes packetOf(std::uint32_t stream, std::uint32_t number)
{
    Bytes bytes(12 + (stream * 31 + number * 7) % 400);
    storeBe(bytes.data(), stream);
    storeBe(bytes.data() + 4, number);
    for (std::size_t i = 8; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::byte>((i + stream + number) & 0xff);
    return bytes;
}
inline UtcTime timeOf(std::uint32_t stream, std::uint32_t number)
{
    return UtcTime(
        microseconds(std::int64_t{1'700'000'000'000'000} + number * std::int64_t{20'000} + stream));
}

/// True if the stream holds exactly the packets 0 to count - 1.
inline bool holds(const SpoolStream& stream, std::uint32_t number, std::uint32_t count)
{
    std::uint32_t next = 0;
    bool right = true;
    const Status visited = stream.visit([&](UtcTime time, ByteView datagram) {
        const Bytes expected = packetOf(number, next);
        right = right && time == timeOf(number, next) && datagram.size() == expected.size() &&
                std::equal(expected.begin(), expected.end(), datagram.begin());
        ++next;
    });
    return visited && right && next == count && stream.packets() == count;
}

inline Path pathOfDir(const QTemporaryDir& dir)
{
    return pathOf(dir.path().toStdString());
}

} // namespace sr::test
