// SPDX-License-Identifier: GPL-3.0-or-later
// UDP payloads of a classic pcap fixture, for tests of rooms that do not know core/capture.
#pragma once

#include "core/base/bytes.h"

#include <QFile>
#include <QFileInfo>
#include <QString>
#include <QTest>

#include <vector>

namespace sr::test {

/// Folder of the fixtures is there; on CI its absence beside an existing ../shared is a failure.
inline bool haveFixtures()
{
    return QFileInfo::exists(QStringLiteral(SR_FIXTURES));
}
inline bool fixturesRequired()
{
    return qEnvironmentVariable("CI") == QStringLiteral("true") &&
           QFileInfo::exists(QStringLiteral(SR_FIXTURES "/.."));
}

#define SR_NEED_FIXTURE(path)                                                                                \
    do {                                                                                                     \
        if (!QFileInfo::exists(path)) {                                                                      \
            if (sr::test::fixturesRequired())                                                                \
                QFAIL(qPrintable(QStringLiteral("fixture is missing: ") + (path)));                          \
            QSKIP(qPrintable(QStringLiteral("no fixture ") + (path)));                                       \
        }                                                                                                    \
    } while (false)

/// Little-endian pcap over Ethernet (1) or Linux cooked (113), IPv4 without options.
inline std::vector<Bytes> fixtureDatagrams(const QString& path)
{
    QFile file(path);
    std::vector<Bytes> out;
    if (!file.open(QIODevice::ReadOnly))
        return out;
    const QByteArray all = file.readAll();
    const ByteView bytes = std::as_bytes(std::span(all.constData(), static_cast<std::size_t>(all.size())));
    ByteReader reader(bytes);
    reader.take(20);
    const std::size_t link = reader.le<std::uint32_t>() == 113 ? 16 : 14;
    while (reader.remaining() >= 16) {
        reader.take(8);
        const auto captured = reader.le<std::uint32_t>();
        reader.take(4); // length on the wire
        const ByteView record = reader.take(captured);
        if (record.size() < link + 28)
            continue;
        const auto udpBytes = loadBe<std::uint16_t>(record.data() + link + 24);
        const ByteView payload =
            record.subspan(link + 28, std::min<std::size_t>(udpBytes - 8U, record.size() - link - 28));
        out.emplace_back(payload.begin(), payload.end());
    }
    return out;
}

} // namespace sr::test
