// SPDX-License-Identifier: GPL-3.0-or-later
// Cuts whole SIP messages out of an octet stream by their Content-Length (RFC 3261 §18.3), past keep-alives
// (RFC 5626 §4.4.1), and finds the next message again after damage.
#pragma once

#include "core/base/bytes.h"

#include <optional>

namespace sr::capture {

/// How the front of a stream compares with a SIP start line.
enum class SipStart : std::uint8_t {
    No,
    Partial, ///< could become one with more octets
    Yes,     ///< a whole request or status line of SIP/2.0
};

/// Judges the first line of `bytes` only (RFC 3261 §7.1, §7.2). Any thread, wait-free.
SipStart matchSipStart(ByteView bytes) noexcept;

/// One direction of one connection. One thread. Messages over the limits are skipped as damage.
class SipFramer {
public:
    static constexpr std::size_t kMaxHeaderBytes = 64 * 1024;
    static constexpr std::size_t kMaxBodyBytes = 1024 * 1024;

    /// The next octets as they came in one segment. Voids views that next() gave.
    void push(ByteView segment);
    /// The next whole message; nothing until more is pushed.
    std::optional<ByteView> next();
    /// Octets are missing here: the message under way is lost.
    void gap();

    std::size_t buffered() const { return m_buffer.size() - m_at; }
    std::size_t held() const { return m_buffer.capacity(); } ///< memory [octets]
    std::uint64_t messages() const { return m_messages; }
    std::uint64_t garbage() const { return m_garbage; } ///< octets skipped since the last message

private:
    bool findStart();
    void discard(std::size_t count);
    void lose();
    std::optional<std::size_t> headerEnd();
    void reset(std::size_t at);

    Bytes m_buffer;
    std::size_t m_at = 0;      ///< start of the message or garbage under way
    std::size_t m_scanned = 0; ///< the blank line is not before this place
    std::size_t m_segment = 0; ///< where the latest segment starts: a likely place to find the thread again
    std::size_t m_whole = 0;   ///< length of the message under way once its header is read, else 0
    bool m_searching = false;
    std::uint64_t m_messages = 0;
    std::uint64_t m_garbage = 0;
};

} // namespace sr::capture
