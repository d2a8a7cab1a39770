// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a STUN message, as they are and with a header that fits: what is read lies inside, and every
// answer to it can be read by its asker.
// links: sr::core_relay
#include "core/relay/connectivity_check.h"

#include <algorithm>
#include <cstdlib>

using namespace sr;
using namespace sr::relay;

namespace {

const IceCredentials kOurs{"ours", "0123456789012345678901"};
const Endpoint kSource{IpAddress::v4(0xc0000201), 4000};

void demand(bool holds)
{
    if (!holds)
        std::abort();
}

void check(ByteView datagram)
{
    const auto message = stun::parse(datagram);
    if (!message)
        return;
    demand(datagram.size() <= stun::kMost && datagram.size() % 4 == 0);
    demand(message->userName.size() <= stun::kMostUserName);
    demand(message->integrityAt == 0 || message->integrityAt + 24 <= datagram.size());
    demand(message->unknownCount <= message->unknown.size());
    if (message->kind != stun::Class::Request)
        return;
    const auto answer = answerCheck(*message, kOurs, kSource);
    demand(answer.has_value() == (message->method == stun::kBinding));
    if (!answer)
        return;
    const auto read = stun::parse(answer->message.datagram());
    demand(read && read->transaction == message->transaction && read->hasFingerprint);
    demand(answer->isValid == (read->kind == stun::Class::Success) &&
           answer->isValid == (read->errorCode == 0));
    demand(!answer->isValid || (read->mapped == kSource && stun::isSealedBy(*message, kOurs.password)));
    demand(!answer->nominates || message->useCandidate);
}

/// The input as attributes of a binding request.
Bytes withHeader(ByteView attributes)
{
    const stun::Writer header(stun::Class::Request, {});
    Bytes out(header.datagram().begin(), header.datagram().end());
    out.insert(out.end(), attributes.begin(), attributes.end());
    out.resize(out.size() / 4 * 4);
    storeBe(out.data() + 2, static_cast<std::uint16_t>(out.size() - stun::kHeader));
    return out;
}

/// The same written by us: a name, what the input chooses, and a seal.
void sealed(ByteView input)
{
    stun::Writer writer(stun::Class::Request, {});
    writer.userName("ours:" + std::string(textOf(input.first(input.size() / 2))));
    for (const std::byte choice : input.subspan(input.size() / 2)) {
        const auto number = std::to_integer<std::uint32_t>(choice);
        if (number % 5 == 0)
            writer.priority(number);
        else if (number % 5 == 1)
            writer.useCandidate();
        else if (number % 5 == 2)
            writer.controlled(number);
        else if (number % 5 == 3)
            writer.controlling(number);
        else
            writer.software(textOf(input.first(std::min<std::size_t>(number, input.size()))));
    }
    writer.seal(kOurs.password);
    writer.fingerprint();
    check(writer.datagram());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ByteView input = std::as_bytes(std::span(data, size));
    if (input.empty() || input.size() > stun::kMost)
        return 0;
    check(input);
    check(withHeader(input));
    sealed(input);
    return 0;
}
