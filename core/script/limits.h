// SPDX-License-Identifier: GPL-3.0-or-later
// What a script may cost. Whoever writes one is trusted with calls, not with the exchange.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sr::script {

/// All chosen: several times what the shipped scripts and those known of the reference need.
struct Limits {
    // when it is loaded
    std::size_t textBytes = std::size_t{256} * 1024; ///< [octets] of a script or fragment
    std::size_t depth = 64;                          ///< elements in one another
    std::size_t elements = 10'000;
    std::size_t attributes = 32;       ///< of one element
    std::size_t attributeBytes = 4096; ///< [octets] of one attribute

    // while it runs
    std::uint64_t steps = 1'000'000;          ///< tags executed in all
    std::uint64_t slice = 500;                ///< tags between two waits; then it yields
    std::chrono::milliseconds yieldFor{10};   ///< so an endless loop costs 50,000 tags a second at most
    std::chrono::seconds lifetime{24 * 3600}; ///< of the whole script
    std::chrono::seconds afterCall{30};       ///< for what it does when the call is over
    std::chrono::milliseconds digitPoll{100}; ///< how long `pbx-getdtmfdigit` without `sec` waits
    std::size_t frames = 128;                 ///< functions and blocks in one another
    std::size_t calls = 32;                   ///< functions in one another
    std::size_t fragments = 100;              ///< `exec` in all
    std::size_t variables = 256;
    std::size_t nameBytes = 64;    ///< [octets] of a variable's name
    std::size_t valueBytes = 4096; ///< [octets] of a value
    std::size_t digits = 64;       ///< waiting for `pbx-getdtmfdigit`; later ones are lost
};

} // namespace sr::script
