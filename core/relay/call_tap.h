// SPDX-License-Identifier: GPL-3.0-or-later
// What the exchange tells its recorder: each call as if somebody had listened on a wire without any
// encryption.
#pragma once

#include "core/base/clock.h"
#include "core/base/endpoint.h"

#include <string>
#include <vector>

namespace sr::relay {

struct TapMessage {
    UtcTime time{};
    Endpoint from;
    Endpoint to;
    std::string text;         ///< a whole SIP message
    std::uint64_t dialog = 0; ///< TapDialog::id
};

/// A dialog that somebody else than the archive wants, or may want.
struct TapDialog {
    std::uint64_t id = 0;  ///< 0: of no such dialog; the archive's alone
    std::string guid = {}; ///< of the conference, 32 hex digits
    bool archived = true;  ///< false: it is none of the archive's business
};

/// Who wants a call, and where.
struct TapTarget {
    std::string to;   ///< an absolute folder or URL of http or https, in its normal form
    std::string name; ///< registration name of who asks for it
    bool operator==(const TapTarget&) const = default;
};

/// Control thread. None of it may wait. A call's first message comes before its media() and its packets.
class CallTap {
public:
    virtual ~CallTap() = default;
    virtual void message(TapMessage&& message) = 0;
    /// Before its first message; again where the archive gets nothing more of it. By ends() it is over.
    virtual void begins(const TapDialog&) {}
    /// It is answered: what is copied under `tag` is its media, and these want all of it; before the media()
    /// of that tag. May come again, with further ones.
    virtual void wanted(std::uint64_t dialog, std::uint64_t tag, std::vector<TapTarget> by)
    {
        static_cast<void>(dialog);
        static_cast<void>(tag);
        static_cast<void>(by);
    }
    virtual void ends(std::uint64_t dialog) { static_cast<void>(dialog); }
    /// What the relay copies under `tag` goes between these two.
    virtual void media(std::uint64_t tag, const Endpoint& caller, const Endpoint& callee) = 0;
    virtual void closed(std::uint64_t tag) = 0; ///< no more of it is copied
};

} // namespace sr::relay
