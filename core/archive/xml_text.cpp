// SPDX-License-Identifier: GPL-3.0-or-later
// Escaping and the authenticated end of our XML documents.
#include "core/archive/xml_text.h"

#include "core/crypto/digest.h"

#include <algorithm>

namespace sr::archive {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::string_view kOpen = "<hmac key=\"";
constexpr std::string_view kMiddle = "\">";
constexpr std::string_view kClose = "</hmac>";
constexpr std::size_t kIdDigits = 32;
constexpr std::size_t kMacDigits = 64;

/// Length of the valid UTF-8 character at the start and its code point; 0 if it is not one.
std::size_t decode(std::string_view text, char32_t& code)
{
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    if (length == 0 || length > text.size() || lead > 0xf4)
        return 0;
    code = length == 1 ? lead : lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xc0U) != 0x80U)
            return 0;
        code = (code << 6U) | (next & 0x3fU);
    }
    static constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kLeast[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return 0;
    return length;
}

bool allowedInXml(char32_t code)
{
    return code == '\t' || code == '\n' || code == '\r' ||
           (code >= 0x20 && code != 0x7f && code != 0xfffe && code != 0xffff);
}

/// Stands for itself.
bool isPlain(char c)
{
    return c >= 0x20 && c < 0x7f && c != '&' && c != '<' && c != '>' && c != '"';
}

void appendEscaped(std::string& out, std::string_view unit)
{
    switch (unit.size() == 1 ? unit[0] : 'a') {
    case '&':
        out += "&amp;";
        return;
    case '<':
        out += "&lt;";
        return;
    case '>':
        out += "&gt;";
        return;
    case '"':
        out += "&quot;";
        return;
    case '\t':
        out += "&#9;"; // attribute values would come back with blanks
        return;
    case '\n':
        out += "&#10;";
        return;
    case '\r':
        out += "&#13;";
        return;
    default:
        out += unit;
    }
}

std::string macOf(const crypto::Secret& secret, std::string_view covered)
{
    return toHex(crypto::hmacSha256(secret, bytesOf(covered)));
}

} // namespace

std::string xmlEscaped(std::string_view text, std::size_t limit)
{
    if (text.size() <= limit && std::ranges::all_of(text, isPlain))
        return std::string(text);
    std::string out;
    out.reserve(text.size() + 8);
    std::size_t taken = 0;
    while (!text.empty()) {
        char32_t code = 0;
        const std::size_t length = decode(text, code);
        const std::size_t step = length == 0 ? 1 : length;
        if (taken + step > limit)
            break;
        taken += step;
        if (length == 0 || !allowedInXml(code))
            out += kReplacement;
        else
            appendEscaped(out, text.substr(0, length));
        text.remove_prefix(step);
    }
    return out;
}

std::string xmlAttribute(std::string_view name, std::string_view value)
{
    const std::string escaped = xmlEscaped(value);
    std::string out;
    out.reserve(name.size() + escaped.size() + 4);
    out += ' ';
    out += name;
    out += "=\"";
    out += escaped;
    out += '"';
    return out;
}

std::string xmlAttribute(std::string_view name, std::uint64_t value)
{
    return xmlAttribute(name, std::to_string(value));
}

std::string authenticated(std::string body, std::string_view tail, const crypto::Key& integrityKey)
{
    body += kOpen;
    body += toHex(integrityKey.id);
    body += kMiddle;
    const auto mac = macOf(integrityKey.secret, body);
    body += mac;
    body += kClose;
    body += tail;
    return body;
}

Status checkAuthenticated(std::string_view document, std::string_view tail, const crypto::KeyRing& ring)
{
    const std::size_t fixed =
        kOpen.size() + kIdDigits + kMiddle.size() + kMacDigits + kClose.size() + tail.size();
    const auto altered = [](const char* what) { return fail(crypto::CryptoErrc::Altered, what); };
    if (document.size() < fixed)
        return altered("the document is shorter than its seal");
    const auto end = document.substr(document.size() - fixed);
    const std::size_t macAt = kOpen.size() + kIdDigits + kMiddle.size();
    if (end.substr(0, kOpen.size()) != kOpen ||
        end.substr(kOpen.size() + kIdDigits, kMiddle.size()) != kMiddle ||
        end.substr(macAt + kMacDigits, kClose.size()) != kClose ||
        end.substr(macAt + kMacDigits + kClose.size()) != tail)
        return altered("the document does not end in its seal");
    const auto idText = end.substr(kOpen.size(), kIdDigits);
    const auto idBytes = fromHex(idText);
    if (!idBytes || toHex(*idBytes) != idText)
        return altered("the document names no key");
    crypto::KeyId id{};
    std::copy(idBytes->begin(), idBytes->end(), id.begin());
    const auto* key = ring.find(id);
    if (key == nullptr || key->purpose != crypto::KeyPurpose::Integrity)
        return fail(crypto::CryptoErrc::UnknownKey, "integrity key " + std::string(idText));
    const auto mac = macOf(key->secret, document.substr(0, document.size() - fixed + macAt));
    if (!equalConstantTime(bytesOf(mac), bytesOf(end.substr(macAt, kMacDigits))))
        return altered("the document was changed");
    return {};
}

} // namespace sr::archive
