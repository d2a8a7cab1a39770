// SPDX-License-Identifier: GPL-3.0-or-later
// Overwriting secrets that lay in ordinary memory, so that neither swap nor a crash dump keeps them.
#pragma once

#include "core/base/bytes.h"

#include <span>
#include <string>

namespace sr::crypto {

/// Zeroes; never optimised away.
void wipe(std::span<std::byte> bytes) noexcept;
/// Zeroes what the string holds, then empties it.
void wipe(std::string& text) noexcept;

/// Wipes a buffer or string when the scope ends, however it ends. `T` outlives the guard.
template <typename T>
class WipeLater {
public:
    explicit WipeLater(T& target) noexcept
        : m_target(target)
    {}
    ~WipeLater() { wipe(m_target); }
    WipeLater(const WipeLater&) = delete;
    WipeLater& operator=(const WipeLater&) = delete;

private:
    T& m_target;
};

} // namespace sr::crypto
