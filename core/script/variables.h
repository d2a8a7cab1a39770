// SPDX-License-Identifier: GPL-3.0-or-later
// The variables of one running script: texts by name, few and short. One that was never set is empty.
#pragma once

#include "core/script/program.h"

namespace sr::script {

class Variables {
public:
    explicit Variables(const Limits& limits)
        : m_limits(limits)
    {}

    /// `name` with or without `$`. Errors: VariableLimit, ValueTooLong, BadName.
    Status set(std::string_view name, std::string value);
    const std::string& value(std::string_view name) const; ///< name with or without `$`
    /// The text with the values of its variables; ValueTooLong.
    Result<std::string> expand(const Text& text) const;
    /// Presets from the query of a script's URL, `$a=1&b=2` or `?$a=1`, percent-decoded. The rest of it
    /// stands when one argument cannot be taken; the first error is told.
    Status preset(std::string_view query);
    std::size_t size() const { return m_values.size(); }

private:
    const Limits& m_limits;
    std::map<std::string, std::string, std::less<>> m_values;
};

/// False are nothing, `0` and `false`.
bool isTrue(std::string_view value);
/// A whole number; 0 for anything else.
std::int64_t numberOf(std::string_view value);
/// All but letters, digits and `-_.~*` as %XX.
std::string urlEncoded(std::string_view text);
/// %XX to octets; what is no such escape stays.
std::string urlDecoded(std::string_view text);
/// Characters, not octets.
std::size_t lengthOf(std::string_view utf8);
/// `size` characters from character `pos`, counted from 1.
std::string partOf(std::string_view utf8, std::int64_t pos, std::int64_t size);

} // namespace sr::script
