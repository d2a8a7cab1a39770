// SPDX-License-Identifier: GPL-3.0-or-later
// From a captured frame to the IP packet inside: Ethernet with VLAN tags, PPPoE and MPLS, Linux cooked
// captures, PPP, loopback and raw IP.
#pragma once

#include "core/base/bytes.h"

#include <cstdint>

namespace sr::capture {

/// LINKTYPE_ values of capture files (tcpdump.org/linktypes.html) that we understand.
enum class LinkType : std::uint16_t {
    Null = 0,
    Ethernet = 1,
    Ppp = 9,
    RawBsd = 12,
    RawOpenBsd = 14,
    PppSerial = 50,
    Raw = 101,
    Loop = 108,
    LinuxSll = 113,
    Ipv4 = 228,
    Ipv6 = 229,
    LinuxSll2 = 276,
};

/// Whether it is one of them.
bool isKnownLink(std::uint16_t linkType) noexcept;

/// The IP packet with whatever padding follows it; empty if there is none or the link type is foreign.
/// The version stands in its first four bits. Any thread, wait-free.
ByteView ipPacketOf(std::uint16_t linkType, ByteView frame) noexcept;

/// The same for what follows an EtherType field, for GRE.
ByteView ipPacketOfEtherType(std::uint16_t etherType, ByteView payload) noexcept;

} // namespace sr::capture
