// SPDX-License-Identifier: GPL-3.0-or-later
// All objects of the exchange at one moment, for the threads that may not ask a database.
#pragma once

#include "core/pbx/number_node.h"
#include "core/pbx/object.h"

#include <unordered_map>

namespace sr::pbx {

/// What dialled digits reach.
struct Reached {
    const Object* object = nullptr; ///< null: nobody
    std::string_view rest = {};     ///< digits behind its number, of what was dialled
    bool incomplete = false;        ///< nobody yet: more digits may reach somebody
};

/// Never changes: any thread, shared as `std::shared_ptr<const Directory>`. What it returns lives as long as
/// it does. Look-ups neither allocate nor wait, but those that return values of their own.
class Directory {
public:
    /// `refused`: see there.
    Directory(std::string realm, std::vector<Object> objects, std::vector<std::string> refused = {});
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    const Object* byName(std::string_view name) const noexcept; ///< null if there is none
    /// In the root. Null if there is none, or it is empty.
    const Object* byNumber(std::string_view number) const noexcept;
    /// By digits alone, as from a telephone in that node: its own numbers first, then those around it. The
    /// longest number counts where digits may follow it.
    Reached reach(std::string_view node, std::string_view digits) const noexcept;
    /// As reach(); where digits reach nobody, the object of that name.
    Reached meant(std::string_view node, std::string_view numberOrName) const noexcept;
    /// What a telephone in `node` dials for the object; empty if nothing does.
    std::string numberFrom(std::string_view node, const Object& object) const;
    std::shared_ptr<const NumberNode> node(std::string_view name) const; ///< null: the root, or there is none
    /// Members that ring, or are asked, for an object of which the group is one: all but those who act for
    /// it, and those who have left it. Sorted by name.
    std::vector<const Object*> membersOf(std::string_view group) const;
    /// Of all groups in which the object acts for the others, each once.
    std::vector<const Object*> servedBy(const Object& object) const;
    bool shareGroup(const Object& one, const Object& other) const;

    const std::vector<Object>& objects() const noexcept { return m_objects; } ///< sorted by name, by octets
    const std::string& realm() const noexcept { return m_realm; }
    /// Names of objects that are left out, because what is kept of their password was altered or is that of
    /// another one. Sorted. A new password brings them back.
    const std::vector<std::string>& refused() const noexcept { return m_refused; }

private:
    using Numbers = std::vector<std::pair<std::string_view, const Object*>>; ///< sorted
    const Numbers* numbersOf(std::string_view node) const noexcept;
    Reached within(std::string_view node, std::string_view digits, int depth) const noexcept;
    std::shared_ptr<const NumberNode> addNode(std::string_view name, int depth);

    std::string m_realm;
    std::vector<Object> m_objects;
    std::vector<std::string> m_refused;
    // Keys and values stand in m_objects.
    std::unordered_map<std::string_view, const Object*> m_byName;
    std::unordered_map<std::string_view, Numbers> m_byNode;
    std::unordered_map<std::string_view, std::shared_ptr<const NumberNode>> m_nodes;
    std::unordered_map<std::string_view, std::vector<const Object*>> m_byGroup;
};

} // namespace sr::pbx
