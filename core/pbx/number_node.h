// SPDX-License-Identifier: GPL-3.0-or-later
// Nodes of the numbering: what is dialled for somebody depends on where one stands. Values that never change;
// any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace sr::pbx {

/// Shared by all who stand in it; the root is null.
struct NumberNode {
    std::string name;
    std::string number; ///< from the root, with those of the nodes around it
    std::shared_ptr<const NumberNode> around = {};
};

/// What is dialled in the node `here` for somebody in the node `there`: the number from the root without that
/// of the innermost node around both. Anything else than such a number, like a name, stays.
std::string numberFrom(const NumberNode* here, const NumberNode* there, std::string_view fromRoot);

} // namespace sr::pbx
