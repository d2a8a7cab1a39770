// SPDX-License-Identifier: GPL-3.0-or-later
// What digest makes of the list of parameters.
#include "core/sip/digest_credentials.h"

#include "core/capture/sip_text.h"
#include "core/sip/digest_parameters.h"

#include <array>
#include <charconv>
#include <optional>

namespace sr::sip {
namespace {

using capture::sameText;

enum Known : std::size_t { Username, Realm, Nonce, Uri, Response, Cnonce, Opaque, Algorithm, Qop, Nc };
constexpr std::array<std::string_view, 10> kNames{"username", "realm",  "nonce",     "uri", "response",
                                                  "cnonce",   "opaque", "algorithm", "qop", "nc"};
using Values = std::array<std::optional<std::string>, kNames.size()>; ///< by Known

Error bad(std::string_view what)
{
    return fail(SipErrc::BadCredentials, std::string(what));
}

std::optional<DigestQop> qopOf(std::string_view name)
{
    if (sameText(name, "auth"))
        return DigestQop::Auth;
    if (sameText(name, "auth-int"))
        return DigestQop::AuthInt;
    return std::nullopt;
}

/// nc-value = 8LHEX (RFC 3261 §25.1); capitals too, see spellings().
std::optional<std::uint32_t> countOf(std::string_view text)
{
    std::uint32_t count = 0;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, count, 16);
    if (text.size() != 8 || error != std::errc{} || at != end)
        return std::nullopt;
    return count;
}

/// qop, and the two parameters that only count with it.
Status takeQop(const Values& values, DigestCredentials& credentials)
{
    if (!values[Qop])
        return {};
    const auto qop = qopOf(*values[Qop]);
    const auto count = countOf(values[Nc].value_or(""));
    if (!qop)
        return bad("qop");
    if (!count)
        return bad("nc");
    if (!values[Cnonce])
        return bad("cnonce is missing");
    credentials.qop = *qop;
    credentials.nc = *count;
    return {};
}

std::string_view textOf(DigestQop qop)
{
    return qop == DigestQop::AuthInt ? "auth-int" : "auth";
}

/// What stands between H(A1) and H(A2) (RFC 7616 §3.4.1; without qop RFC 2069 §2.1.2).
std::string middle(const DigestCredentials& credentials, const std::string& count)
{
    if (credentials.qop == DigestQop::None)
        return ":" + credentials.nonce + ":";
    std::string text = ":" + credentials.nonce + ":" + count + ":" + credentials.cnonce + ":";
    return text.append(textOf(credentials.qop)) + ":";
}

/// The spellings of nc that may have been hashed. Deviation: capitals break 8LHEX, but a server that hashes
/// nc as it came never notices, so a phone may have them.
std::array<std::string, 2> spellings(std::uint32_t count)
{
    std::array<std::byte, sizeof count> octets{};
    storeBe(octets.data(), count);
    const std::string lower = toHex(octets);
    std::string upper = lower;
    for (char& c : upper)
        c = c >= 'a' ? static_cast<char>(c - ('a' - 'A')) : c;
    return {lower, upper};
}

} // namespace

Result<DigestCredentials> parseDigestCredentials(std::string_view headerValue)
{
    Values values;
    if (auto taken = takeDigestParameters(headerValue, kNames, values, SipErrc::BadCredentials); !taken)
        return taken.error();
    const auto algorithm = digestAlgorithmOf(values[Algorithm]);
    if (!algorithm)
        return fail(SipErrc::UnknownAlgorithm, {});
    for (const Known needed : {Username, Realm, Nonce, Uri, Response}) {
        if (!values[needed])
            return bad(std::string(kNames[needed]) + " is missing");
    }
    DigestCredentials credentials;
    credentials.algorithm = *algorithm;
    if (const Status taken = takeQop(values, credentials); !taken)
        return taken.error();
    credentials.username = *std::move(values[Username]);
    credentials.realm = *std::move(values[Realm]);
    credentials.nonce = *std::move(values[Nonce]);
    credentials.uri = *std::move(values[Uri]);
    credentials.response = *std::move(values[Response]);
    credentials.cnonce = std::move(values[Cnonce]).value_or("");
    credentials.opaque = std::move(values[Opaque]).value_or("");
    return credentials;
}

bool answers(const DigestCredentials& credentials, std::string_view method, const DigestSecret& secret,
             std::string_view body)
{
    const DigestAlgorithm algorithm = credentials.algorithm;
    const std::string& hashedA1 = algorithm == DigestAlgorithm::Md5 ? secret.md5 : secret.sha256;
    if (hashedA1.empty())
        return false;
    std::string a2 = std::string(method) + ":" + credentials.uri;
    if (credentials.qop == DigestQop::AuthInt)
        a2 += ":" + digestHash(algorithm, body);
    const std::string hashedA2 = digestHash(algorithm, a2);
    const auto isRight = [&](const std::string& count) {
        std::string text = hashedA1;
        text.append(middle(credentials, count)).append(hashedA2);
        return equalConstantTime(bytesOf(digestHash(algorithm, text)), bytesOf(credentials.response));
    };
    const auto [lower, upper] = spellings(credentials.nc);
    const bool right = isRight(lower);
    return (upper != lower && isRight(upper)) || right; // both are tried: only nc decides how long it takes
}

} // namespace sr::sip
