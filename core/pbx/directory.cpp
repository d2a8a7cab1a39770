// SPDX-License-Identifier: GPL-3.0-or-later
// Tables over one sorted list. A number plan is a sorted list: what begins with a number stands behind it.
#include "core/pbx/directory.h"

#include <algorithm>

namespace sr::pbx {
namespace {

constexpr int kMostNodes = 8; ///< that stand in one another; the store lets no more in

const Object* exactly(const std::vector<std::pair<std::string_view, const Object*>>& numbers,
                      std::string_view digits)
{
    const auto at = std::ranges::lower_bound(numbers, digits, {}, [](const auto& one) { return one.first; });
    return at != numbers.end() && at->first == digits ? at->second : nullptr;
}

const Membership* membershipIn(const Object& object, std::string_view group)
{
    const auto found = std::ranges::find(object.groups, group, &Membership::group);
    return found == object.groups.end() ? nullptr : &*found;
}

} // namespace

Directory::Directory(std::string realm, std::vector<Object> objects, std::vector<std::string> refused)
    : m_realm(std::move(realm))
    , m_objects(std::move(objects))
    , m_refused(std::move(refused))
{
    std::ranges::sort(m_objects, {}, &Object::name);
    std::ranges::sort(m_refused);
    m_byName.reserve(m_objects.size());
    for (const Object& object : m_objects) {
        m_byName.emplace(object.name, &object);
        if (!object.number.empty())
            m_byNode[object.node].emplace_back(object.number, &object);
        for (const Membership& one : object.groups)
            m_byGroup[one.group].push_back(&object);
    }
    for (const Object& object : m_objects)
        addNode(object.kind == Kind::Node ? object.name : object.node, 0);
    for (auto& [node, numbers] : m_byNode)
        std::ranges::sort(numbers, {}, [](const auto& one) { return one.first; });
}

const Object* Directory::byName(std::string_view name) const noexcept
{
    const auto at = m_byName.find(name);
    return at == m_byName.end() ? nullptr : at->second;
}

const Object* Directory::byNumber(std::string_view number) const noexcept
{
    const Numbers* numbers = numbersOf({});
    return numbers == nullptr || number.empty() ? nullptr : exactly(*numbers, number);
}

const Directory::Numbers* Directory::numbersOf(std::string_view node) const noexcept
{
    const auto at = m_byNode.find(node);
    return at == m_byNode.end() ? nullptr : &at->second;
}

Reached Directory::within(std::string_view node, std::string_view digits, int depth) const noexcept
{
    const Numbers* numbers = numbersOf(node);
    if (numbers == nullptr || depth == kMostNodes)
        return {};
    const Object* whole = exactly(*numbers, digits);
    if (whole != nullptr && whole->kind != Kind::Node)
        return {whole};
    for (std::size_t length = digits.size(); length > 0; --length) {
        const Object* object = exactly(*numbers, digits.substr(0, length));
        if (object == nullptr || !takesFurtherDigits(object->kind))
            continue;
        const std::string_view rest = digits.substr(length);
        if (object->kind != Kind::Node)
            return {object, rest};
        return rest.empty() ? Reached{.incomplete = true} : within(object->name, rest, depth + 1);
    }
    const auto longer =
        std::ranges::upper_bound(*numbers, digits, {}, [](const auto& one) { return one.first; });
    return {.incomplete = longer != numbers->end() && longer->first.starts_with(digits)};
}

Reached Directory::reach(std::string_view node, std::string_view digits) const noexcept
{
    bool incomplete = false;
    for (int depth = 0; depth <= kMostNodes && !digits.empty(); ++depth) {
        const Reached reached = within(node, digits, 0);
        if (reached.object != nullptr)
            return reached;
        incomplete = incomplete || reached.incomplete;
        const Object* around = node.empty() ? nullptr : byName(node);
        if (around == nullptr)
            break;
        node = around->node;
    }
    return {.incomplete = incomplete};
}

Reached Directory::meant(std::string_view node, std::string_view numberOrName) const noexcept
{
    const Reached reached = reach(node, numberOrName);
    if (reached.object != nullptr)
        return reached;
    const Object* named = byName(numberOrName);
    return named != nullptr ? Reached{named} : reached;
}

/// With those around it.
std::shared_ptr<const NumberNode> Directory::addNode(std::string_view name, int depth)
{
    const Object* const object = name.empty() || depth == kMostNodes ? nullptr : byName(name);
    if (object == nullptr)
        return nullptr;
    if (auto known = node(name))
        return known;
    auto around = addNode(object->node, depth + 1);
    std::string number = (around ? around->number : std::string()) + object->number;
    auto added =
        std::make_shared<const NumberNode>(NumberNode{object->name, std::move(number), std::move(around)});
    m_nodes.insert_or_assign(object->name, added);
    return added;
}

std::shared_ptr<const NumberNode> Directory::node(std::string_view name) const
{
    const auto found = m_nodes.find(name);
    return found == m_nodes.end() ? nullptr : found->second;
}

std::string Directory::numberFrom(std::string_view node, const Object& object) const
{
    if (object.number.empty())
        return {};
    const auto there = this->node(object.node);
    return pbx::numberFrom(this->node(node).get(), there.get(),
                           there ? there->number + object.number : object.number);
}

std::vector<const Object*> Directory::membersOf(std::string_view group) const
{
    std::vector<const Object*> members;
    const auto all = m_byGroup.find(group);
    if (all == m_byGroup.end())
        return members;
    for (const Object* object : all->second) {
        const Membership* one = membershipIn(*object, group);
        if (!one->active && (one->dynamic == Membership::Dynamic::No || one->joined))
            members.push_back(object);
    }
    return members;
}

std::vector<const Object*> Directory::servedBy(const Object& object) const
{
    std::vector<const Object*> all;
    for (const Membership& one : object.groups)
        if (one.active)
            for (const Object* member : membersOf(one.group))
                if (member != &object)
                    all.push_back(member);
    std::ranges::sort(all, {}, [](const Object* one) -> const std::string& { return one->name; });
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

bool Directory::shareGroup(const Object& one, const Object& other) const
{
    return std::ranges::any_of(one.groups, [&](const Membership& membership) {
        return membershipIn(other, membership.group) != nullptr;
    });
}

} // namespace sr::pbx
