// SPDX-License-Identifier: GPL-3.0-or-later
// Nodes are told apart by name: each version of the directory has its own.
#include "core/pbx/number_node.h"

namespace sr::pbx {
namespace {

bool isIn(const NumberNode* node, const std::string& name)
{
    while (node != nullptr && node->name != name)
        node = node->around.get();
    return node != nullptr;
}

} // namespace

std::string numberFrom(const NumberNode* here, const NumberNode* there, std::string_view fromRoot)
{
    while (there != nullptr && !isIn(here, there->name))
        there = there->around.get();
    const bool isNumber = fromRoot.find_first_not_of("0123456789*#") == fromRoot.npos;
    const bool isInside = there != nullptr && isNumber && fromRoot.starts_with(there->number);
    return std::string(isInside ? fromRoot.substr(there->number.size()) : fromRoot);
}

} // namespace sr::pbx
