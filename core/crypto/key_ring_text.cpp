// SPDX-License-Identifier: GPL-3.0-or-later
// The key ring as text for `key export` and `key import`: one key a line.
#include "core/crypto/key_ring.h"
#include "core/crypto/wipe.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace sr::crypto {
namespace {

constexpr std::size_t kMaxTextBytes = 1024 * 1024; // more than a full ring

constexpr std::array<std::string_view, 6> kOrigins = {"",        "default",  "passphrase",
                                                      "keyfile", "rotation", "imported"};

/// ISO 8601 UTC with microseconds.
std::string timeText(UtcTime time)
{
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    char text[64];
    const int length =
        std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", int{date.year()},
                      unsigned{date.month()}, unsigned{date.day()}, static_cast<int>(clock.hours().count()),
                      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                      static_cast<int>(clock.subseconds().count()));
    return std::string(text, static_cast<std::size_t>(std::max(length, 0)));
}

/// Reads what timeText() writes: fixed places, every field in its range.
std::optional<UtcTime> parseTime(std::string_view text)
{
    constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd.ddddddZ";
    if (text.size() != kShape.size())
        return std::nullopt;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (kShape[i] == 'd' ? !digit : text[i] != kShape[i])
            return std::nullopt;
    }
    const auto field = [&](std::size_t at, std::size_t count) {
        int value = 0;
        std::from_chars(text.data() + at, text.data() + at + count, value);
        return value;
    };
    using namespace std::chrono;
    const year_month_day date(year(field(0, 4)), month(static_cast<unsigned>(field(5, 2))),
                              day(static_cast<unsigned>(field(8, 2))));
    // The binary form counts from 1970.
    if (!date.ok() || field(0, 4) < 1970 || field(11, 2) > 23 || field(14, 2) > 59 || field(17, 2) > 59)
        return std::nullopt;
    return UtcTime(sys_days(date)) + hours(field(11, 2)) + minutes(field(14, 2)) +
           std::chrono::seconds(field(17, 2)) + std::chrono::microseconds(field(20, 6));
}

std::vector<std::string_view> words(std::string_view line)
{
    std::vector<std::string_view> found;
    while (found.size() < 7) { // one more than a line may have
        const std::size_t from = line.find_first_not_of(" \t");
        if (from == std::string_view::npos)
            break;
        line.remove_prefix(from);
        const std::size_t to = std::min(line.find_first_of(" \t"), line.size());
        found.push_back(line.substr(0, to));
        line.remove_prefix(to);
    }
    return found;
}

std::optional<Secret> secretOf(std::string_view hex)
{
    auto bytes = hex.size() == 2 * Secret::kBytes ? fromHex(hex) : std::nullopt;
    if (!bytes)
        return std::nullopt;
    const Secret secret(ByteView(*bytes).first<Secret::kBytes>());
    wipe(*bytes);
    return secret;
}

/// One line; says what is wrong without the secret.
Result<Key, std::string> parseLine(std::string_view line)
{
    const auto part = words(line);
    if (part.size() != 6)
        return std::string("six words expected");
    const auto origin = std::find(kOrigins.begin() + 1, kOrigins.end(), part[3]);
    const auto created = parseTime(part[4]);
    const auto secret = secretOf(part[5]);
    if (part[0] != "archive" && part[0] != "integrity")
        return std::string("the first word is neither archive nor integrity");
    if (part[2] != "active" && part[2] != "former")
        return std::string("the third word is neither active nor former");
    if (origin == kOrigins.end())
        return std::string("the fourth word is no origin");
    if (!created)
        return std::string("the fifth word is no time");
    if (!secret)
        return std::string("the sixth word is not a secret of 64 hex digits");
    Key key = makeKey(part[0] == "archive" ? KeyPurpose::Archive : KeyPurpose::Integrity,
                      static_cast<KeyOrigin>(origin - kOrigins.begin()), *secret, *created);
    key.active = part[2] == "active";
    const auto id = fromHex(part[1]);
    if (!id || !equalConstantTime(*id, key.id))
        return std::string("the id does not fit the secret: a digit is wrong in one of them");
    return key;
}

} // namespace

std::string KeyRing::exportText() const
{
    std::string text;
    text.reserve(m_keys.size() * 192); // no regrowth leaves secrets behind
    for (const Key& key : m_keys) {
        text += key.purpose == KeyPurpose::Archive ? "archive " : "integrity ";
        text += toHex(key.id);
        text += key.active ? " active " : " former ";
        text += kOrigins[static_cast<std::size_t>(key.origin)];
        text += ' ';
        text += timeText(key.created);
        text += ' ';
        std::string hex = toHex(key.secret.bytes());
        text += hex;
        text += '\n';
        wipe(hex);
    }
    return text;
}

Result<KeyRing> KeyRing::parseExport(std::string_view text)
{
    if (text.size() > kMaxTextBytes)
        return fail(BaseErrc::TooLarge, "key export of " + std::to_string(text.size()) + " octets");
    KeyRing ring;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (words(line).empty() || line.starts_with('#'))
            continue;
        const std::string where = "key export, line " + std::to_string(number);
        auto key = parseLine(line);
        if (!key)
            return fail(BaseErrc::Malformed, where + ": " + key.error());
        if (auto taken = ring.take(std::move(*key)); !taken)
            return Error{taken.error().code, where + ": " + taken.error().context};
    }
    return ring;
}

} // namespace sr::crypto
