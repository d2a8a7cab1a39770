// SPDX-License-Identifier: GPL-3.0-or-later
// Lines out of a stream that comes in pieces, none longer than a limit.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sr::control {

/// One thread. Holds one line too much at most: whoever adds, adds room() octets at most.
class LineFramer {
public:
    /// `most`: octets of a line, without its end.
    explicit LineFramer(std::size_t most)
        : m_most(most)
    {}
    /// How many octets may be added; take the lines out before, else it may be 0.
    std::size_t room() const;
    void add(std::string_view octets); ///< room() at most; what is more is dropped
    /// The next line without its `\n` or `\r\n`; nothing while it is not whole.
    std::optional<std::string> next();
    bool tooLong() const; ///< more than the limit without an end: there is no going on

private:
    std::size_t m_most;
    std::string m_held;
    std::size_t m_searched = 0; ///< octets of m_held that hold no line end
};

} // namespace sr::control
