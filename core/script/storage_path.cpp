// SPDX-License-Identifier: GPL-3.0-or-later
// Checks of names, before anything touches a disk.
#include "core/script/storage_path.h"

#include <algorithm>
#include <array>

namespace sr::script {
namespace {

constexpr std::size_t kPathBytesMost = 512; // chosen: with the folder of the script below what systems take
constexpr std::size_t kPartsMost = 16;
constexpr std::size_t kPartBytesMost = 200; // file systems take 255 octets; writing beside needs some

Error bad(std::string_view name, const char* why)
{
    return fail(ScriptErrc::BadName, std::string(name.substr(0, 80)) + ": " + why);
}

/// Whether the octets are UTF-8 of the shortest form, without surrogates (RFC 3629).
bool isUtf8(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const auto first = static_cast<unsigned char>(text[at]);
        const std::size_t size = first < 0x80                    ? 1
                                 : first >= 0xC2 && first < 0xE0 ? 2
                                 : (first & 0xF0U) == 0xE0       ? 3
                                 : first >= 0xF0 && first < 0xF5 ? 4
                                                                 : 0;
        if (size == 0 || at + size > text.size())
            return false;
        std::uint32_t code = size == 1 ? first : first & (0x7FU >> size);
        for (std::size_t i = 1; i < size; ++i) {
            const auto next = static_cast<unsigned char>(text[at + i]);
            if ((next & 0xC0U) != 0x80U)
                return false;
            code = (code << 6U) | (next & 0x3FU);
        }
        if ((size == 3 && (code < 0x800 || (code >= 0xD800 && code < 0xE000))) ||
            (size == 4 && (code < 0x10000 || code > 0x10FFFF)))
            return false;
        at += size;
    }
    return true;
}

/// Names that Windows gives to devices, with any extension.
bool isDevice(std::string_view part)
{
    constexpr std::array<std::string_view, 4> kDevices = {"con", "prn", "aux", "nul"};
    std::string stem(part.substr(0, part.find('.')));
    std::transform(stem.begin(), stem.end(), stem.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (std::find(kDevices.begin(), kDevices.end(), stem) != kDevices.end())
        return true;
    return stem.size() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) && stem[3] >= '0' &&
           stem[3] <= '9';
}

/// Appends the parts of one text; false: it holds what must not be.
const char* addParts(std::string_view text, std::vector<std::string_view>& parts)
{
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find('/'));
        text.remove_prefix(std::min(part.size() + 1, text.size()));
        if (part.empty() || part == ".")
            continue;
        if (part == "..")
            return "it leads out of the folder";
        if (parts.size() == kPartsMost)
            return "too many folders in one another";
        parts.push_back(part);
    }
    return nullptr;
}

const char* refusal(std::string_view text)
{
    if (text.size() > kPathBytesMost)
        return "too long";
    if (!isUtf8(text))
        return "no UTF-8";
    if (text.starts_with('/') || text.find('\\') != std::string_view::npos ||
        text.find("://") != std::string_view::npos || (text.size() > 1 && text[1] == ':'))
        return "it is not relative";
    if (std::any_of(text.begin(), text.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }))
        return "control characters";
    return nullptr;
}

void escape(std::string& out, char c)
{
    constexpr std::string_view kHex = "0123456789ABCDEF";
    out += '%';
    out += kHex[static_cast<unsigned char>(c) >> 4U];
    out += kHex[static_cast<unsigned char>(c) & 15U];
}

} // namespace

Result<std::string> storagePath(std::string_view root, std::string_view name)
{
    std::vector<std::string_view> parts;
    for (const std::string_view text : {root, name}) {
        const char* why = refusal(text);
        if (why == nullptr)
            why = addParts(text, parts);
        if (why != nullptr)
            return bad(text, why);
    }
    if (parts.empty())
        return bad(name, "no name");
    std::string path;
    for (const std::string_view part : parts)
        path.append(path.empty() ? "" : "/").append(part);
    if (path.size() > kPathBytesMost)
        return bad(path, "too long");
    return path;
}

Result<std::vector<std::string>> diskParts(std::string_view path)
{
    const auto checked = storagePath({}, path);
    if (!checked)
        return checked.error();
    std::vector<std::string_view> parts;
    addParts(*checked, parts);
    std::vector<std::string> result;
    for (const std::string_view part : parts) {
        std::string& spelled = result.emplace_back();
        for (std::size_t at = 0; at < part.size(); ++at) {
            const char c = part[at];
            const bool edge = (at == 0 || at + 1 == part.size()) && (c == '.' || c == ' ');
            if (edge || (at == 0 && isDevice(part)) ||
                std::string_view("<>:\"|?*%").find(c) != std::string_view::npos)
                escape(spelled, c);
            else
                spelled += c;
        }
        if (spelled.size() > kPartBytesMost)
            return bad(part, "too long");
    }
    return result;
}

} // namespace sr::script
