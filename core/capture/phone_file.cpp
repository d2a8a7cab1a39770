// SPDX-License-Identifier: GPL-3.0-or-later
// Takes the names of phone-written captures apart (hyphens divide, and may stand inside guid and MAC).
#include "core/capture/phone_file.h"

#include "core/capture/call_parties.h"
#include "core/capture/sip_text.h"

#include <algorithm>
#include <array>
#include <vector>

namespace sr::capture {
namespace {

bool allHex(std::string_view text) noexcept
{
    return !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string_view bareName(std::string_view path)
{
    path.remove_prefix(std::min(path.find_last_of("/\\") + 1, path.size()));
    constexpr std::array<std::string_view, 4> kExtensions{".pcapng", ".pcap", ".cap", ".sealed"};
    for (const std::string_view extension : kExtensions) {
        if (path.size() > extension.size() &&
            sameText(path.substr(path.size() - extension.size()), extension))
            return path.substr(0, path.size() - extension.size());
    }
    return path;
}

/// Octets that hyphenated hex words of these lengths take at the front of `text`; 0 if they are not there.
std::size_t wordsAt(std::string_view text, const std::vector<std::size_t>& lengths)
{
    std::size_t at = 0;
    for (const std::size_t length : lengths) {
        if (!allHex(text.substr(std::min(at, text.size()), length)) || at + length > text.size())
            return 0;
        at += length;
        if (at >= text.size() || text[at] != '-')
            return 0;
        ++at;
    }
    return at;
}

} // namespace

std::optional<PhoneFileName> phoneFileName(std::string_view path)
{
    const std::string_view name = bareName(path);
    std::size_t guid = wordsAt(name, {32});
    if (guid == 0)
        guid = wordsAt(name, {8, 4, 4, 4, 12});
    if (guid == 0)
        return std::nullopt;
    const std::string_view device = name.substr(guid);
    std::size_t mac = wordsAt(device, {12});
    if (mac == 0)
        mac = wordsAt(device, {2, 2, 2, 2, 2, 2});
    const std::string_view serial = device.substr(mac, device.find('-', mac) - mac);
    PhoneFileName out{guidOf(name.substr(0, guid)), std::string(device.substr(0, 128))};
    if (mac == 0 || !allHex(serial) || out.guid.empty())
        return std::nullopt;
    return out;
}

std::optional<PhoneFileName> bareFileName(std::string_view path)
{
    constexpr std::size_t kLong = 10; // chosen: shorter numbers are dates and counters
    const std::string_view name = bareName(path);
    const bool number =
        name.size() >= kLong && name.find_first_not_of("0123456789") == std::string_view::npos;
    PhoneFileName out{guidOf(name), {}};
    return number || !out.guid.empty() ? std::optional(std::move(out)) : std::nullopt;
}

bool isExchangeDialog(std::string_view callId, std::string_view guid) noexcept
{
    return !guid.empty() && callId.starts_with(guid) && callId.substr(guid.size()).starts_with('-') &&
           callId.ends_with("@switchroom");
}

bool hasPhonePorts(const Endpoint& from, const Endpoint& to) noexcept
{
    return (from.port == kPhoneLocalPort && to.port == kPhoneRemotePort) ||
           (from.port == kPhoneRemotePort && to.port == kPhoneLocalPort);
}

} // namespace sr::capture
