// SPDX-License-Identifier: GPL-3.0-or-later
// One journal line: writing, reading, chaining, signing.
#include "core/archive/iso_time.h"
#include "core/archive/journal.h"

#include <array>
#include <charconv>

namespace sr::archive {
namespace {

constexpr std::array<std::string_view, 12> kKinds = {"open", "commit", "call",    "rename", "delete", "tan",
                                                     "hold", "note",   "convert", "rotate", "ring",   "mark"};
constexpr std::size_t kFields = 11;
constexpr std::size_t kMacDigits = 64;

/// One field: visible ASCII, `-` for nothing.
bool appendField(std::string& line, std::string_view field)
{
    if (!line.empty())
        line.push_back(' ');
    if (field == "-")
        return false;
    for (const char c : field)
        if (c <= ' ' || c > '~')
            return false;
    line += field.empty() ? std::string_view("-") : field;
    return true;
}

template <typename T>
bool number(std::string_view digits, T& out)
{
    const auto got = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return got.ec == std::errc{} && got.ptr == digits.data() + digits.size();
}

std::optional<JournalKind> kindOf(std::string_view word)
{
    for (std::size_t i = 0; i < kKinds.size(); ++i)
        if (kKinds[i] == word)
            return static_cast<JournalKind>(i);
    return std::nullopt;
}

std::string signedText(const std::string& writer, std::uint64_t seq, const ChainValue& head)
{
    return "switchroom journal\n" + writer + "\n" + std::to_string(seq) + "\n" + toHex(head);
}

/// Value of `name=` in a `;` list.
std::string valueOf(std::string_view list, std::string_view name)
{
    while (!list.empty()) {
        const auto end = list.find(';');
        const auto item = list.substr(0, end);
        if (item.size() > name.size() && item.substr(0, name.size()) == name && item[name.size()] == '=')
            return std::string(item.substr(name.size() + 1));
        if (end == std::string_view::npos)
            break;
        list.remove_prefix(end + 1);
    }
    return {};
}

template <std::size_t N>
bool octets(const std::string& hex, std::array<std::byte, N>& out)
{
    const auto bytes = fromHex(hex);
    if (!bytes || bytes->size() != N)
        return false;
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return true;
}

} // namespace

std::string_view wordOf(JournalKind kind)
{
    return kKinds[static_cast<std::size_t>(kind)];
}

Result<std::string> renderRecord(const JournalRecord& r)
{
    std::string line;
    line.reserve(320);
    bool good = appendField(line, std::to_string(r.seq));
    good = appendField(line, std::to_string(r.timeMs)) && good;
    good = appendField(line, wordOf(r.kind)) && good;
    good = appendField(line, r.uid) && good;
    good = appendField(line, r.stem) && good;
    good = appendField(line, extensionOf(r.format)) && good;
    good = appendField(line, r.sealed ? "s" : "c") && good;
    good = appendField(line, std::to_string(r.bytes)) && good;
    good = appendField(line, r.sha256) && good;
    good = appendField(line, std::to_string(r.revision)) && good;
    good = appendField(line, r.extra) && good;
    if (!good || line.size() + kMacDigits + 2 > kJournalLineMax)
        return fail(BaseErrc::Malformed, "a journal record of " + r.uid);
    return line;
}

Result<ParsedRecord> parseRecord(std::string_view line)
{
    const auto malformed = fail(BaseErrc::Malformed, "a journal record");
    if (line.size() < kMacDigits + 2 || line.size() > kJournalLineMax ||
        line[line.size() - kMacDigits - 1] != ' ')
        return malformed;
    ParsedRecord parsed;
    parsed.mac = line.substr(line.size() - kMacDigits);
    parsed.covered = line.substr(0, line.size() - kMacDigits - 1);
    std::array<std::string_view, kFields> fields;
    std::string_view rest = parsed.covered;
    for (std::size_t i = 0; i < kFields; ++i) {
        const auto blank = rest.find(' ');
        if ((blank == std::string_view::npos) != (i + 1 == kFields))
            return malformed;
        fields[i] = rest.substr(0, blank);
        if (fields[i].empty())
            return malformed;
        if (blank != std::string_view::npos)
            rest.remove_prefix(blank + 1);
    }
    const auto word = [&](std::size_t i) {
        return fields[i] == "-" ? std::string() : std::string(fields[i]);
    };
    auto& r = parsed.record;
    const auto kind = kindOf(fields[2]);
    const auto format = formatOfExtension(fields[5]);
    if (!number(fields[0], r.seq) || !number(fields[1], r.timeMs) || !kind || (!format && fields[5] != "-") ||
        (fields[6] != "s" && fields[6] != "c") || !number(fields[7], r.bytes) ||
        !number(fields[9], r.revision))
        return malformed;
    r.kind = *kind;
    r.uid = word(3);
    r.stem = word(4);
    r.format = format.value_or(MediaFormat::None);
    r.sealed = fields[6] == "s";
    r.sha256 = word(8);
    r.extra = word(10);
    return parsed;
}

ChainValue chained(const crypto::Secret& key, const ChainValue& previous, std::string_view covered)
{
    Bytes input(previous.begin(), previous.end());
    const auto line = bytesOf(covered);
    input.insert(input.end(), line.begin(), line.end());
    return crypto::hmacSha256(key, input);
}

std::string twinLine(const std::string& writer, const JournalRecord& r, std::string_view mac)
{
    std::string line = isoTime(timeOfMilliseconds(r.timeMs), 0) + " " + std::string(wordOf(r.kind));
    if (!r.stem.empty())
        line += " " + r.stem;
    if (r.format != MediaFormat::None)
        line += "." + std::string(extensionOf(r.format));
    return line + " [" + writer + "#" + std::to_string(r.seq) + " " + std::string(mac.substr(0, 16)) + "]\n";
}

std::string renderHeader(const JournalHeader& h)
{
    return "version=1;writer=" + h.writer + ";public=" + toHex(h.publicKey) + ";archive=" + h.archiveId +
           ";zone=" + h.zone + ";xml=" + h.xmlSha256 + ";key=" + toHex(h.keyId);
}

Result<JournalHeader> parseHeader(std::string_view extra)
{
    JournalHeader h;
    h.writer = valueOf(extra, "writer");
    h.archiveId = valueOf(extra, "archive");
    h.zone = valueOf(extra, "zone");
    h.xmlSha256 = valueOf(extra, "xml");
    if (valueOf(extra, "version") != "1" || h.writer.empty() || h.archiveId.empty() || h.zone.empty() ||
        !octets(valueOf(extra, "public"), h.publicKey) || !octets(valueOf(extra, "key"), h.keyId))
        return fail(BaseErrc::Malformed, "the first record of a journal");
    return h;
}

std::string writerIdOf(const crypto::PublicKey& key, unsigned slot)
{
    const auto digest = crypto::sha256(key);
    return toHex(ByteView(digest).first(8)) + "-" + std::to_string(slot);
}

std::string signatureLine(const crypto::SigningKey& key, const std::string& writer, std::uint64_t seq,
                          const ChainValue& head)
{
    const auto signature = key.sign(bytesOf(signedText(writer, seq, head)));
    return "# " + std::to_string(seq) + " " + toHex(signature) + "\n";
}

bool checkSignatureLine(std::string_view line, const crypto::PublicKey& key, const std::string& writer,
                        std::uint64_t seq, const ChainValue& head)
{
    const std::string start = "# " + std::to_string(seq) + " ";
    crypto::Signature signature{};
    if (line.size() != start.size() + 2 * signature.size() || line.substr(0, start.size()) != start)
        return false;
    const std::string hex(line.substr(start.size()));
    if (!octets(hex, signature) || toHex(signature) != hex)
        return false;
    return crypto::verifySignature(key, bytesOf(signedText(writer, seq, head)), signature);
}

} // namespace sr::archive
