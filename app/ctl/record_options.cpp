// SPDX-License-Identifier: GPL-3.0-or-later
// Reading of the options that import and capture share.
#include "app/ctl/record_options.h"

#include "app/ctl/json_rows.h"
#include "app/record_settings.h"
#include "core/sdp/crypto_line.h"

namespace sr::ctl {
namespace {

/// `SUITE:BASE64` or BASE64 alone for AES_CM_128_HMAC_SHA1_80; `inline:` before the key and lifetime and MKI
/// behind it may stand as in SDP. Nothing for an unknown suite or a key that is not as long as its suite
/// wants.
std::optional<rtp::SrtpKey> parseSrtpKey(const std::string& text)
{
    constexpr std::string_view kInline = "inline:";
    std::string suite = "AES_CM_128_HMAC_SHA1_80";
    std::string key = text;
    if (const auto colon = text.find(':'); colon != std::string::npos && !text.starts_with(kInline)) {
        suite = text.substr(0, colon);
        key = text.substr(colon + 1);
    }
    if (!key.starts_with(kInline))
        key.insert(0, kInline);
    auto keys = sdp::parseCrypto("1 " + suite + " " + key);
    // A suite nobody knows comes without its key.
    return keys.size() == 1 && !keys.front().keySalt.empty() ? std::optional(std::move(keys.front()))
                                                             : std::nullopt;
}

std::optional<int> parseLimit(const Options& options, const char* name, std::uint32_t& limit)
{
    if (!options.has(name))
        return std::nullopt;
    bool valid = false;
    limit = qstr(options.value(name)).toUInt(&valid);
    if (!valid || limit == 0)
        return wrongUse(std::string("--") + name + " takes a number from 1 on.");
    return std::nullopt;
}

} // namespace

void addRecordOptions(Options& options)
{
    options.add("format", "What to keep (default wav).", kFormatNames);
    options.add("internal", "Numbers that are internal; * and ? allowed.", "PATTERN");
    options.add("seal", "Encrypt the audio too (sidecars always are).");
    options.add("always-g711", "Wideband calls become G.711 as well.");
    options.add("srtp-key", "Key for SRTP whose SDP carries none that fits.", "SUITE:BASE64");
    options.add("max-calls", "Calls followed at once (default 100000).", "N");
    options.add("max-streams", "RTP streams kept at once (default 200000).", "N");
}

std::optional<int> fillRecordOptions(const Options& options, const settings::Settings& settings,
                                     recorder::ImportOptions& record)
{
    record = recordOptionsOf(settings);
    if (options.has("format")) {
        const auto format = recorder::parseOutputFormat(options.value("format"));
        if (!format)
            return wrongUse("--format takes " + std::string(kFormatNames) + ".");
        record.format = *format;
    }
    if (options.has("internal"))
        record.internalPattern = options.value("internal");
    record.seal = record.seal || options.has("seal");
    record.alwaysG711 = record.alwaysG711 || options.has("always-g711");
    for (const std::string& text : options.values("srtp-key")) {
        auto key = parseSrtpKey(text);
        if (!key)
            return wrongUse(
                "--srtp-key takes SUITE:BASE64, as in an a=crypto line: a suite of RFC 4568, 6188 "
                "or 7714 and its key and salt, exactly as long as the suite wants.");
        record.srtpKeys.push_back(std::move(*key));
    }
    if (const auto wrong = parseLimit(options, "max-calls", record.maxCalls))
        return wrong;
    return parseLimit(options, "max-streams", record.maxStreams);
}

} // namespace sr::ctl
