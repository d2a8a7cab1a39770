// SPDX-License-Identifier: GPL-3.0-or-later
// Writes and reads recording names: our percent-encoded spelling, the dotted one and the original's plain
// one.
#include "core/archive/recording_name.h"

#include "core/base/bytes.h"
#include "core/crypto/digest.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <vector>

namespace sr::archive {
namespace {

constexpr std::size_t kStemMax = 1024;
constexpr std::size_t kUidMax = 255;
constexpr std::size_t kPartyMax = 60;
constexpr std::size_t kHashDigits = 8;
constexpr std::size_t kCutAt = kPartyMax - kHashDigits - 1; ///< longest encoded part before `~` and the hash
constexpr std::size_t kLongestUnit = 12;                    ///< four octets of UTF-8, escaped

bool isPlain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' ||
           c == '#' || c == '-';
}
bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}
bool allDigits(std::string_view text)
{
    for (const char c : text)
        if (!isDigit(c))
            return false;
    return !text.empty();
}

int hexValue(char c)
{
    if (isDigit(c))
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// Octets of the UTF-8 character at the start, 1 for anything invalid: a cut never splits a character.
std::size_t characterLength(std::string_view text)
{
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t wanted = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (wanted > text.size())
        return 1;
    for (std::size_t i = 1; i < wanted; ++i)
        if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U)
            return 1;
    return wanted;
}

/// Encodes whole characters as long as they fit into `limit` octets.
std::string encodeUpTo(std::string_view text, std::size_t limit)
{
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    while (!text.empty()) {
        const std::size_t length = characterLength(text);
        std::string unit;
        for (const char c : text.substr(0, length)) {
            if (isPlain(c)) {
                unit.push_back(c);
                continue;
            }
            const auto octet = static_cast<unsigned char>(c);
            unit.push_back('%');
            unit.push_back(kHex[octet >> 4U]);
            unit.push_back(kHex[octet & 15U]);
        }
        if (out.size() + unit.size() > limit)
            break;
        out += unit;
        text.remove_prefix(length);
    }
    return out;
}

bool hasHashTail(std::string_view party)
{
    if (party.size() <= kHashDigits || party[party.size() - kHashDigits - 1] != '~')
        return false;
    for (const char c : party.substr(party.size() - kHashDigits))
        if (!isDigit(c) && (c < 'a' || c > 'f'))
            return false;
    return true;
}

std::string decodeParty(std::string_view field)
{
    std::string out;
    for (std::size_t i = 0; i < field.size(); ++i) {
        const int high = field[i] == '%' && i + 2 < field.size() ? hexValue(field[i + 1]) : -1;
        const int low = high >= 0 ? hexValue(field[i + 2]) : -1;
        if (low < 0) { // the original wrote `%` as it is
            out.push_back(field[i]);
            continue;
        }
        out.push_back(static_cast<char>(high * 16 + low));
        i += 2;
    }
    return out.empty() ? "unknown" : out;
}

using Fields = std::vector<std::string_view>;

Fields split(std::string_view text)
{
    Fields fields;
    while (true) {
        const auto at = text.find('_');
        fields.push_back(text.substr(0, at));
        if (at == std::string_view::npos)
            return fields;
        text.remove_prefix(at + 1);
    }
}

bool number(std::string_view digits, std::size_t length, int& out)
{
    if (digits.size() != length || !allDigits(digits))
        return false;
    return std::from_chars(digits.data(), digits.data() + digits.size(), out).ec == std::errc{};
}

bool readDate(const Fields& fields, RecordingName& name)
{
    int clock = 0;
    if (!number(fields[0], 4, name.year) || !number(fields[1], 2, name.month) ||
        !number(fields[2], 2, name.day) || !number(fields[3], 4, clock))
        return false;
    name.hour = clock / 100;
    name.minute = clock % 100;
    const std::chrono::year_month_day date{std::chrono::year(name.year),
                                           std::chrono::month(static_cast<unsigned>(name.month)),
                                           std::chrono::day(static_cast<unsigned>(name.day))};
    return date.ok() && name.year >= 1900 && name.hour < 24 && name.minute < 60;
}

/// `<int>_<i|o>_<ext>` or `<int>.<i|o>.<ext>`; the original may hold `_` and `.` inside a party.
bool readParties(std::string_view middle, RecordingName& name)
{
    for (const char separator : {'_', '.'}) {
        for (std::size_t at = middle.find(separator); at != std::string_view::npos;
             at = middle.find(separator, at + 1)) {
            if (at + 2 >= middle.size() || middle[at + 2] != separator)
                continue;
            const char direction = middle[at + 1];
            if (direction != 'i' && direction != 'o')
                continue;
            name.direction = direction == 'i' ? CallDirection::In : CallDirection::Out;
            name.internal = decodeParty(middle.substr(0, at));
            name.external = decodeParty(middle.substr(at + 3));
            return true;
        }
    }
    return false;
}

bool readUid(std::string_view field, RecordingName& name)
{
    if (field.empty() || field.size() > kUidMax)
        return false;
    for (const char c : field)
        if (!isPlain(c) || c == '+' || c == '#')
            return false;
    name.uid = field;
    return true;
}

/// Reads with `tail` fields after the uid.
bool readWith(const Fields& fields, std::size_t tail, RecordingName& name)
{
    if (fields.size() < 7 + tail || !readDate(fields, name))
        return false;
    const std::string_view uid = fields[fields.size() - 1 - tail];
    const std::string_view answer = fields[fields.size() - 2 - tail];
    if (!readUid(uid, name) || !allDigits(answer))
        return false;
    if (std::from_chars(answer.data(), answer.data() + answer.size(), name.answerSeconds).ec != std::errc{})
        return false;
    const auto* begin = fields[4].data();
    const auto* end = fields[fields.size() - 3 - tail].data() + fields[fields.size() - 3 - tail].size();
    return readParties({begin, static_cast<std::size_t>(end - begin)}, name);
}

} // namespace

std::string encodeParty(std::string_view party)
{
    if (party.empty())
        return "unknown";
    if (hasHashTail(party)) { // read back from a cut name: spelled as it stood there
        const auto before = party.substr(0, party.size() - kHashDigits - 1);
        const auto encoded = encodeUpTo(before, kPartyMax * 4);
        if (encoded.size() <= kCutAt && encoded.size() + kLongestUnit > kCutAt)
            return encoded + std::string(party.substr(party.size() - kHashDigits - 1));
    }
    // An octet takes at most three, so four times the limit is enough to see that it is too long.
    auto encoded = encodeUpTo(party, kPartyMax * 4);
    if (encoded.size() <= kPartyMax)
        return encoded;
    const auto digest = crypto::sha256(bytesOf(party));
    return encodeUpTo(party, kCutAt) + "~" + toHex(ByteView(digest).first(kHashDigits / 2));
}

std::string RecordingName::toString() const
{
    char date[40];
    std::snprintf(date, sizeof date, "%04d_%02d_%02d_%02d%02d_", year % 10000, month % 100, day % 100,
                  hour % 100, minute % 100);
    std::string out = date;
    out += encodeParty(internal);
    out += direction == CallDirection::In ? "_i_" : "_o_";
    out += encodeParty(external);
    out += "_" + std::to_string(answerSeconds) + "_" + uid;
    if (!tan.empty())
        out += "_T" + tan;
    return out;
}

std::string RecordingName::monthFolder() const
{
    char folder[24];
    std::snprintf(folder, sizeof folder, "%04d_%02d", year % 10000, month % 100);
    return folder;
}

Result<RecordingName> parseRecordingName(std::string_view stem)
{
    if (stem.size() > kStemMax)
        return fail(BaseErrc::Malformed, "a recording name of " + std::to_string(stem.size()) + " octets");
    const Fields fields = split(stem);
    RecordingName name;
    const auto last = fields.back();
    if (last.size() == 7 && last[0] == 'T' && allDigits(last.substr(1)) && readWith(fields, 1, name)) {
        name.tan = last.substr(1);
        return name;
    }
    name = {};
    if (readWith(fields, 0, name))
        return name;
    return fail(BaseErrc::Malformed, "not a recording name: " + std::string(stem.substr(0, 200)));
}

std::pair<std::string, unsigned> splitUid(std::string_view uid)
{
    // At most four digits: the last group of a guid with hyphens has twelve.
    const auto dash = uid.rfind('-');
    if (dash != std::string_view::npos && dash > 0) {
        const auto digits = uid.substr(dash + 1);
        if (allDigits(digits) && digits.size() <= 4 && digits.front() != '0') {
            unsigned suffix = 0;
            std::from_chars(digits.data(), digits.data() + digits.size(), suffix);
            if (suffix >= 2)
                return {std::string(uid.substr(0, dash)), suffix};
        }
    }
    return {std::string(uid), 1U};
}

} // namespace sr::archive
