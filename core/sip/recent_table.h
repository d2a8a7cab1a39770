// SPDX-License-Identifier: GPL-3.0-or-later
// A map of bounded size for keys that strangers choose. Internal to core/sip.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <list>
#include <map>

namespace sr::sip {

/// What was not used for longest leaves when there is no room. One thread. A tree, since the keys come from
/// the network: no choice of them makes it slow.
template <typename Key, typename Value>
class RecentTable {
public:
    explicit RecentTable(std::size_t most)
        : m_most(std::max<std::size_t>(most, 1))
    {}

    /// Null if it is not there. No use of it.
    template <typename Like>
    Value* find(const Like& key)
    {
        const auto place = m_places.find(key);
        return place == m_places.end() ? nullptr : &place->second->value;
    }
    /// Makes it where it is not there. Valid until the next use of another.
    Value& use(const Key& key)
    {
        const auto [place, isNew] = m_places.try_emplace(key);
        if (!isNew) {
            m_entries.splice(m_entries.end(), m_entries, place->second);
            return place->second->value;
        }
        m_entries.push_back({place, {}});
        place->second = std::prev(m_entries.end());
        if (m_entries.size() > m_most) {
            m_places.erase(m_entries.front().place);
            m_entries.pop_front();
        }
        return m_entries.back().value;
    }
    void erase(const Key& key)
    {
        const auto place = m_places.find(key);
        if (place == m_places.end())
            return;
        m_entries.erase(place->second);
        m_places.erase(place);
    }
    std::size_t size() const { return m_entries.size(); }
    /// `visit(key, value)` for all, the one used last at the end.
    template <typename Visit>
    void forEach(Visit visit) const
    {
        for (const Entry& entry : m_entries)
            visit(entry.place->first, entry.value);
    }

private:
    struct Entry;
    using Places = std::map<Key, typename std::list<Entry>::iterator, std::less<>>;
    struct Entry {
        typename Places::iterator place;
        Value value;
    };
    std::size_t m_most;
    std::list<Entry> m_entries; ///< by use, the last one at the end
    Places m_places;
};

} // namespace sr::sip
