// SPDX-License-Identifier: GPL-3.0-or-later
// Tags of flow and data: what a script does without its host.
#include "core/script/script.h"

#include <algorithm>
#include <limits>

namespace sr::script {
namespace {

std::int64_t sumOf(std::int64_t a, std::int64_t b)
{
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return b < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

std::int64_t differenceOf(std::int64_t a, std::int64_t b)
{
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(a, b, &difference))
        return difference;
    return b > 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

} // namespace

void Script::execute(const std::shared_ptr<const Program>& program, const Node& node)
{
    m_running = program;
    if (isTrue(m_variables.value("_trace"))) // never values: they may be a TAN or a password
        m_host.note("line " + std::to_string(node.line) + ": <" + std::string(nameOf(node.tag)) + ">");
    if (!executeFlow(program, node) && !executeData(node) && !executeStorage(node) && !executeCall(node))
        executeOwn(node);
}

bool Script::executeFlow(const std::shared_ptr<const Program>& program, const Node& node)
{
    switch (node.tag) {
    case Tag::Call:
        callFunction(program, node);
        return true;
    case Tag::If:
        if (holds(node))
            enter(program, &node);
        else if (node.otherwise)
            enter(program, &program->node(*node.otherwise));
        return true;
    case Tag::While:
        if (holds(node))
            enter(program, &node);
        return true;
    case Tag::Switch:
        enterCase(program, node);
        return true;
    case Tag::Event:
        onEvent(program, node);
        return true;
    case Tag::Wait:
        m_host.timer(wait(&node, Wait::Timer), seconds(node, "sec"));
        return true;
    case Tag::Exec: {
        const std::string url = value(node, "url");
        if (m_ended)
            return true;
        if (++m_fragments > m_limits.fragments)
            failAt(&node, fail(ScriptErrc::CallDepth, "too many fragments"));
        else
            m_host.fetch(wait(&node, Wait::Other), url);
        return true;
    }
    default:
        return false;
    }
}

bool Script::executeData(const Node& node)
{
    switch (node.tag) {
    case Tag::Debug:
        m_host.note(value(node, "string") + value(node, "string2"));
        return true;
    case Tag::Assign:
        give(node, "out", value(node, "value"));
        return true;
    case Tag::Add:
        give(node, "out",
             std::to_string(sumOf(numberOf(value(node, "value")), numberOf(value(node, "value2")))));
        return true;
    case Tag::Sub:
        give(node, "out",
             std::to_string(differenceOf(numberOf(value(node, "value")), numberOf(value(node, "value2")))));
        return true;
    case Tag::Index: {
        const std::int64_t pos = node.attribute("pos") ? numberOf(value(node, "pos")) : 1;
        const std::int64_t size =
            node.attribute("size") ? numberOf(value(node, "size")) : std::numeric_limits<std::int64_t>::max();
        give(node, "out", partOf(value(node, "value"), pos, size));
        return true;
    }
    case Tag::StringCat:
        give(node, "out-string", value(node, "string") + value(node, "string2"));
        return true;
    case Tag::StringLength:
        give(node, "out", std::to_string(lengthOf(value(node, "string"))));
        return true;
    case Tag::Encode:
        give(node, "out-string", urlEncoded(value(node, "string")));
        return true;
    case Tag::Decode:
        give(node, "out-string", urlDecoded(value(node, "string")));
        return true;
    default:
        return false;
    }
}

/// Puts a block on the stack.
void Script::enter(const std::shared_ptr<const Program>& program, const Node* block)
{
    if (m_ended)
        return;
    if (current().frames.size() >= m_limits.frames)
        return failAt(block, fail(ScriptErrc::CallDepth, {}));
    current().frames.push_back({program, block, 0});
}

/// The first case that equals; one without `equal` is for all else.
void Script::enterCase(const std::shared_ptr<const Program>& program, const Node& node)
{
    const std::string chosen = conditionValue(*node.attribute("var"));
    const Node* other = nullptr;
    for (const std::uint32_t number : node.children) {
        const Node& one = program->node(number);
        if (one.attribute("equal") == nullptr)
            other = other == nullptr ? &one : other;
        else if (value(one, "equal") == chosen)
            return enter(program, &one);
    }
    if (other != nullptr)
        enter(program, other);
}

/// A function of the fragment that runs, else of the script.
void Script::callFunction(const std::shared_ptr<const Program>& program, const Node& node)
{
    const std::string name = value(node, "name");
    auto owner = program;
    const Node* function = owner->function(name);
    if (function == nullptr) {
        owner = m_program;
        function = owner->function(name);
    }
    if (function == nullptr)
        return failAt(&node, fail(ScriptErrc::UnknownFunction, name));
    const auto& frames = current().frames;
    const auto functions = std::count_if(frames.begin(), frames.end(),
                                         [](const Frame& one) { return one.node->tag == Tag::Function; });
    if (static_cast<std::size_t>(functions) > m_limits.calls)
        return failAt(&node, fail(ScriptErrc::CallDepth, name));
    enter(owner, function);
}

/// With `block="false"` the block is kept as the handler, in place of one before it, else it waits for the
/// event. Scripts of the reference name `block` for digits alone, and do not wait for the other two.
void Script::onEvent(const std::shared_ptr<const Program>& program, const Node& node)
{
    const std::string& type = node.attribute("type")->raw;
    const Event event = type == "call-end" ? Event::CallEnd : type == "dtmf" ? Event::Dtmf : Event::CallInfo;
    if (node.attribute("block") != nullptr ? !flag(node, "block") : event != Event::Dtmf) {
        Handler& handler = m_handlers[static_cast<std::size_t>(event)];
        handler.program = program;
        handler.node = &node;
        return;
    }
    if (m_callGone || (event == Event::Dtmf && !m_digits.empty()))
        return enter(program, &node);
    wait(&node, Wait::Event);
}

bool Script::holds(const Node& node)
{
    const Attribute* cond = node.attribute("cond");
    const Attribute* notCond = node.attribute("notcond");
    return (cond == nullptr || isConditionTrue(*cond)) && (notCond == nullptr || !isConditionTrue(*notCond));
}

bool Script::isConditionTrue(const Attribute& condition)
{
    return isTrue(conditionValue(condition));
}

/// The value of a variable, with or without its `$`; else the text with its variables.
std::string Script::conditionValue(const Attribute& condition)
{
    if (isVariableName(condition.raw))
        return m_variables.value(condition.raw);
    auto expanded = m_variables.expand(condition.text);
    if (!expanded) {
        failAt(nullptr, expanded.error());
        return {};
    }
    return std::move(expanded).value();
}

} // namespace sr::script
