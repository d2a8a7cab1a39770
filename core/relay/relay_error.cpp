// SPDX-License-Identifier: GPL-3.0-or-later
// The sentences of relay errors.
#include "core/relay/relay_error.h"

namespace sr::relay {
namespace {

const char* textOf(RelayErrc code) noexcept
{
    switch (code) {
    case RelayErrc::NoPorts:
        return "no pair of media ports is free";
    case RelayErrc::Socket:
        return "the system refused a media socket";
    case RelayErrc::PortTaken:
        return "another program has this media port";
    case RelayErrc::Family:
        return "the peer's address is of another family than ours";
    case RelayErrc::Dtls:
        return "the DTLS handshake of the media failed";
    case RelayErrc::Ice:
        return "there can be no full ICE";
    case RelayErrc::Options:
        return "the relay cannot work with these options";
    }
    return "unknown relay error";
}

} // namespace

const std::error_category& relayCategory() noexcept
{
    static const EnumCategory<RelayErrc> category("relay", textOf);
    return category;
}

} // namespace sr::relay
