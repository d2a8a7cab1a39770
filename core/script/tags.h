// SPDX-License-Identifier: GPL-3.0-or-later
// The words of the language: each tag, the attributes it knows and those it needs.
#pragma once

#include "core/script/program.h"

namespace sr::script {

struct TagWords {
    Tag tag;
    std::string_view name;
    std::string_view attributes; ///< parted by blanks; `!` before what must be there
};

/// Null: there is no such tag.
const TagWords* wordsOf(std::string_view name);

/// Calls `each(attribute, required)` for all that a tag knows.
template <typename Each>
void forAttributes(const TagWords& words, const Each& each)
{
    std::string_view rest = words.attributes;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        std::string_view name = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const bool required = name.starts_with('!');
        each(name.substr(required ? 1 : 0), required);
    }
}

} // namespace sr::script
