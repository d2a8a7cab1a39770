// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses of phones inside the exchange: `service:name?key=value&key=value`, texts percent-encoded (RFC
// 3986).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sr::pbx {

struct ServiceUri {
    std::string name;                              ///< which application
    std::map<std::string, std::string> parameters; ///< of the same key the first

    /// Nothing for another scheme, no name, a broken escape, or more than kMaxServiceUri octets.
    static std::optional<ServiceUri> parse(std::string_view text);
    std::string toString() const;
    /// Empty if there is none.
    const std::string& operator[](const std::string& key) const;
    bool operator==(const ServiceUri&) const = default;
};

inline constexpr std::size_t kMaxServiceUri = 4096; ///< [octets]

bool isServiceUri(std::string_view text);

} // namespace sr::pbx
