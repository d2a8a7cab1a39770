// SPDX-License-Identifier: GPL-3.0-or-later
// A password that we log in with somewhere else, so that its hash alone would not do.
#pragma once

#include "core/crypto/wipe.h"

namespace sr::sip {

/// UTF-8; wiped when it goes. Small ones are copied, not moved, so that none stays behind. Any thread.
class Password {
public:
    Password() = default;
    explicit Password(std::string_view text)
        : m_text(text)
    {}
    Password(const Password&) = default;
    Password& operator=(const Password& other)
    {
        if (this != &other) {
            crypto::wipe(m_text);
            m_text = other.m_text;
        }
        return *this;
    }
    ~Password() { crypto::wipe(m_text); }

    const std::string& text() const { return m_text; }
    bool operator==(const Password&) const = default;

private:
    std::string m_text;
};

/// Who we are to somebody who asks by digest authentication.
struct DigestAccount {
    std::string user;
    Password password;
    bool operator==(const DigestAccount&) const = default;
};

} // namespace sr::sip
