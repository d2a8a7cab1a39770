// SPDX-License-Identifier: GPL-3.0-or-later
// Our digest in Sofia's place, so that whatever is sent in a call is answered for by the account of that
// call. Internal to core/sip.
#pragma once

#include "core/sip/digest_response.h"

#include <memory>

namespace sr::sip {

/// Once, before the first user agent. Ends the program if Sofia goes on with its own.
void installDigest();

/// Lets Sofia's handles of this thread name an account without knowing it. While it lives, and as long as a
/// handle that has taken the account.
class DigestTicket {
public:
    explicit DigestTicket(std::shared_ptr<const DigestAccount> account);
    ~DigestTicket();
    DigestTicket(const DigestTicket&) = delete;
    DigestTicket& operator=(const DigestTicket&) = delete;

    const std::string& text() const { return m_text; } ///< for NUTAG_AUTH(); good for any realm

private:
    std::string m_name;
    std::string m_text;
};

} // namespace sr::sip
