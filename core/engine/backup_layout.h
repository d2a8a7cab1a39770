// SPDX-License-Identifier: GPL-3.0-or-later
// What writing and restoring of backups agree on. Internal to core/engine.
#pragma once

#include <cstdint>
#include <string_view>

namespace sr::engine {

inline constexpr int kBackupVersion = 1; ///< of the entries and their meaning; the seal has its own
inline constexpr std::string_view kManifest = "manifest";
inline constexpr std::string_view kSecrets = "secrets";
inline constexpr std::string_view kInside = "config/";
inline constexpr std::string_view kOutside = "outside/";
inline constexpr std::uint64_t kSmallMost = 4U << 20U; ///< [octets] of manifest, secrets, files outside

} // namespace sr::engine
