// SPDX-License-Identifier: GPL-3.0-or-later
// Why connections that we open by TLS come to nothing: Sofia closes them without a word to whoever waits, and
// tells only its log. Internal to core/sip.
#pragma once

#include "core/base/endpoint.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sr::sip {

struct TlsTrouble {
    Endpoint peer;
    std::string words; ///< for people: `its certificate is not trusted: ...`
};

/// Puts troubles together of what the log says, line by line.
class TlsTroubleReader {
public:
    /// At the line that tells of the end of the connection.
    std::optional<TlsTrouble> take(std::string_view line);

private:
    std::string m_subject; ///< of the certificate that the next line is about
    std::string m_words;   ///< what is wrong with the connection that ends next; empty: nothing
};

/// Begins to read. Once in a program, before the first agent.
void catchTlsLog();
/// How many this thread has had so far.
std::uint64_t tlsTroubles();
/// The newest one at `host` (`host`, `host:port`; of a name the port counts alone, since Sofia looks it up)
/// behind the first `since` of this thread; empty: there is none.
std::string tlsTroubleAt(const std::string& host, std::uint64_t since);

} // namespace sr::sip
