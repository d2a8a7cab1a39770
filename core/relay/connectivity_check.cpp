// SPDX-License-Identifier: GPL-3.0-or-later
// One request, one answer; who has the credentials is heard, who nominates is sent to.
#include "core/relay/connectivity_check.h"

namespace sr::relay {
namespace {

/// `ours:theirs` (RFC 8445 §7.2.2); theirs may be anything, for a check may overtake the answer that tells
/// it.
bool names(std::string_view userName, std::string_view ours) noexcept
{
    return userName.size() > ours.size() && userName[ours.size()] == ':' && userName.starts_with(ours);
}

std::uint16_t errorOf(const stun::Message& request, const IceCredentials& ours) noexcept
{
    if (request.integrityAt == 0 || request.userName.empty())
        return 400;
    if (!names(request.userName, ours.userFragment) || !stun::isSealedBy(request, ours.password))
        return 401;
    if (request.unknownCount > 0)
        return 420;
    return request.controlled ? 487 : 0;
}

} // namespace

std::optional<CheckAnswer> answerCheck(const stun::Message& request, const IceCredentials& ours,
                                       const Endpoint& source) noexcept
{
    if (request.method != stun::kBinding)
        return std::nullopt; // RFC 8489 §6.3: discarded silently
    const std::uint16_t error = errorOf(request, ours);
    const auto kind = error == 0 ? stun::Class::Success : stun::Class::Error;
    CheckAnswer answer{stun::Writer(kind, request.transaction)};
    answer.isValid = error == 0;
    answer.nominates = answer.isValid && request.useCandidate;
    if (answer.isValid)
        answer.message.mapped(source);
    else
        answer.message.error(error);
    if (error == 420)
        answer.message.unknownAttributes(std::span(request.unknown).first(request.unknownCount));
    if (error != 400 && error != 401)
        answer.message.seal(ours.password);
    answer.message.fingerprint();
    return answer;
}

} // namespace sr::relay
