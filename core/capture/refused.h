// SPDX-License-Identifier: GPL-3.0-or-later
// Counts what was refused because a limit was reached, each thing once however often it comes.
#pragma once

#include <cstdint>
#include <unordered_set>

namespace sr::capture {

/// Memory is bounded: past kRemembered things, each coming counts.
class Refused {
public:
    static constexpr std::size_t kRemembered = 1'000'000;

    /// `hash` stands for the thing. Adds 1 to `count` unless it was refused before.
    void add(std::uint64_t hash, std::uint64_t& count)
    {
        if (m_known.size() >= kRemembered || m_known.insert(hash).second)
            ++count;
    }

private:
    std::unordered_set<std::uint64_t> m_known;
};

} // namespace sr::capture
