// SPDX-License-Identifier: GPL-3.0-or-later
// Section header, interface descriptions as their link types appear, enhanced packets. Little-endian.
#include "core/capture/capture_copy.h"

#include <algorithm>

namespace sr::capture {
namespace {

constexpr std::size_t kWriteBytes = 1024 * 1024;
constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a, kInterface = 1, kEnhancedPacket = 6;

template <typename T>
void put(Bytes& out, T value)
{
    for (std::size_t i = 0; i < sizeof value; ++i)
        out.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xffU));
}

} // namespace

CaptureCopy::CaptureCopy(std::unique_ptr<File> file)
    : m_file(std::move(file))
{
    Bytes header;
    put(header, std::uint32_t{0x1a2b3c4d}); // byte order
    put(header, std::uint16_t{1});          // version 1.0
    put(header, std::uint16_t{0});
    put(header, ~std::uint64_t{0}); // length of the section: not told
    block(kSectionHeader, header, {});
}

Result<std::unique_ptr<CaptureCopy>> CaptureCopy::create(const Path& path)
{
    auto file = File::open(path, OpenMode::CreateNew);
    if (!file)
        return file.error();
    std::unique_ptr<CaptureCopy> copy(new CaptureCopy(std::move(*file)));
    if (auto written = copy->flush(); !written)
        return written.error();
    return copy;
}

void CaptureCopy::block(std::uint32_t type, ByteView fixed, ByteView data)
{
    const std::size_t padding = (4 - data.size() % 4) % 4;
    const auto length = static_cast<std::uint32_t>(12 + fixed.size() + data.size() + padding);
    put(m_waiting, type);
    put(m_waiting, length);
    m_waiting.insert(m_waiting.end(), fixed.begin(), fixed.end());
    m_waiting.insert(m_waiting.end(), data.begin(), data.end());
    m_waiting.resize(m_waiting.size() + padding);
    put(m_waiting, length);
}

std::uint32_t CaptureCopy::interfaceOf(std::uint16_t linkType)
{
    const auto known = std::find(m_linkTypes.begin(), m_linkTypes.end(), linkType);
    if (known != m_linkTypes.end())
        return static_cast<std::uint32_t>(known - m_linkTypes.begin());
    Bytes description;
    put(description, linkType);
    put(description, std::uint16_t{0}); // reserved
    put(description, std::uint32_t{0}); // no limit of length
    block(kInterface, description, {});
    m_linkTypes.push_back(linkType);
    return static_cast<std::uint32_t>(m_linkTypes.size() - 1);
}

void CaptureCopy::add(std::span<const CapturedPacket> packets)
{
    for (const CapturedPacket& packet : packets) {
        const std::uint32_t interface = interfaceOf(packet.linkType);
        const auto time = static_cast<std::uint64_t>(packet.time.time_since_epoch().count());
        Bytes fixed;
        fixed.reserve(20);
        put(fixed, interface);
        put(fixed, static_cast<std::uint32_t>(time >> 32U));
        put(fixed, static_cast<std::uint32_t>(time));
        put(fixed, static_cast<std::uint32_t>(packet.bytes.size()));
        put(fixed, packet.originalLength);
        block(kEnhancedPacket, fixed, packet.bytes);
    }
    if (m_waiting.size() >= kWriteBytes && m_status)
        m_status = flush();
}

Status CaptureCopy::flush()
{
    if (m_status && !m_waiting.empty())
        m_status = m_file->write(m_waiting);
    m_waiting.clear();
    return m_status;
}

} // namespace sr::capture
