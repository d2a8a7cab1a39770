// SPDX-License-Identifier: GPL-3.0-or-later
// Small and bounded: a person works with a few filters at a time.
#include "core/archive/catalog_memory.h"

namespace sr::archive {
namespace {

constexpr std::size_t kMaxFilters = 16;   // chosen: a window, a remote and some windows of the past
constexpr std::size_t kMaxAnchors = 4096; // 64 KiB a filter; beyond that they are gathered anew

} // namespace

CatalogMemory::Entry& CatalogMemory::entry(const RecordingFilter& filter, std::int64_t revision)
{
    if (m_revision != revision) {
        m_entries.clear();
        m_revision = revision;
    }
    RecordingFilter plain = filter;
    plain.oldestFirst = false;
    for (auto it = m_entries.begin(); it != m_entries.end(); ++it)
        if (it->filter == plain) {
            m_entries.splice(m_entries.begin(), m_entries, it);
            return m_entries.front();
        }
    if (m_entries.size() >= kMaxFilters)
        m_entries.pop_back();
    m_entries.push_front({plain, {}, {}, {}, {}});
    return m_entries.front();
}

std::optional<std::uint64_t> CatalogMemory::count(const RecordingFilter& filter, std::int64_t revision)
{
    const MutexLock lock(m_mutex);
    return entry(filter, revision).count;
}

CatalogMemory::Prepared CatalogMemory::prepared(const RecordingFilter& filter, std::int64_t revision)
{
    const MutexLock lock(m_mutex);
    return entry(filter, revision).prepared;
}

void CatalogMemory::keepPrepared(const RecordingFilter& filter, std::int64_t revision, Prepared prepared)
{
    const MutexLock lock(m_mutex);
    entry(filter, revision).prepared = std::move(prepared);
}

std::optional<int> CatalogMemory::driver(const RecordingFilter& filter, std::int64_t revision)
{
    const MutexLock lock(m_mutex);
    return entry(filter, revision).driver;
}

void CatalogMemory::keepDriver(const RecordingFilter& filter, std::int64_t revision, int driver)
{
    const MutexLock lock(m_mutex);
    entry(filter, revision).driver = driver;
}

Anchor CatalogMemory::anchor(const RecordingFilter& filter, std::int64_t revision, bool oldestFirst,
                             std::uint64_t offset)
{
    const MutexLock lock(m_mutex);
    const auto& anchors = entry(filter, revision).anchors[oldestFirst ? 1 : 0];
    const auto after = anchors.upper_bound(offset);
    if (after == anchors.begin())
        return {};
    const auto nearest = std::prev(after);
    return {nearest->first, nearest->second};
}

void CatalogMemory::keepCount(const RecordingFilter& filter, std::int64_t revision, std::uint64_t count)
{
    const MutexLock lock(m_mutex);
    entry(filter, revision).count = count;
}

void CatalogMemory::keepAnchor(const RecordingFilter& filter, std::int64_t revision, bool oldestFirst,
                               Anchor anchor)
{
    const MutexLock lock(m_mutex);
    auto& anchors = entry(filter, revision).anchors[oldestFirst ? 1 : 0];
    if (anchors.size() >= kMaxAnchors)
        anchors.clear();
    anchors[anchor.offset] = anchor.key;
}

} // namespace sr::archive
