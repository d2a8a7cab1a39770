// SPDX-License-Identifier: GPL-3.0-or-later
// The words of the language, and looking things up in a program.
#include "core/script/program.h"

#include "core/script/tags.h"

#include <algorithm>

namespace sr::script {
namespace {

constexpr TagWords kWords[] = {
    {Tag::Function, "function", "!define"},
    {Tag::Call, "call", "!name"},
    {Tag::If, "if", "cond notcond"},
    {Tag::Else, "else", ""},
    {Tag::While, "while", "cond notcond"},
    {Tag::Switch, "switch", "!var"},
    {Tag::Case, "case", "equal"},
    {Tag::Wait, "wait", "!sec"},
    {Tag::Event, "event", "!type block"},
    {Tag::Exec, "exec", "!url"},
    {Tag::Debug, "dbg", "string string2"},
    {Tag::Assign, "assign", "!out value"},
    {Tag::Add, "add", "!out value value2"},
    {Tag::Sub, "sub", "!out value value2"},
    {Tag::Index, "index", "!out value pos size"},
    {Tag::StringCat, "lib-strcat", "string string2 !out-string"},
    {Tag::StringLength, "lib-strlen", "!out string"},
    {Tag::Encode, "lib-enc", "string !out-string type"},
    {Tag::Decode, "lib-dec", "string !out-string type"},
    {Tag::StoreCookie, "store-cookie", "root !name value out"},
    {Tag::StoreGet, "store-get", "root !name out-url"},
    {Tag::StoreStat, "store-getstat", "root !name out-error out-mday out-mon out-year out-hour out-min"},
    {Tag::StoreMakeFolder, "store-mkdir", "root !name"},
    {Tag::StoreDelete, "store-del", "root !name"},
    {Tag::CallInfo, "pbx-getcallinfo",
     "out-cgpn out-cdpn out-leg2 out-leg2-reason out-leg2-count out-ctl-call out-h323 out-confid "
     "out-calling-name"},
    {Tag::DtmfDigit, "pbx-getdtmfdigit", "!out-dtmf sec"},
    {Tag::Prompt, "pbx-prompt", "url sec repeat barge-in"},
    {Tag::Transfer, "pbx-xfer", "e164 name"},
    {Tag::Forward, "pbx-fwd", "!e164 barge-in"},
    {Tag::Disconnect, "pbx-disc", "cause"},
    {Tag::Message, "pbx-im", "cgpn !e164 text"},
    {Tag::QueryObject, "pbx-query-obj", "!name !type out"},
    {Tag::FindUser, "pbx-finduser-e164", "!e164 out-cn"},
    {Tag::Record, "pbx-record", "!url sec silence out-sec out-error barge-in"},
    {Tag::Mark, "pbx-mark", "out"},
    {Tag::Tan, "pbx-tan", "!value out-error"},
    {Tag::Replay, "pbx-replay", "!out-url"},
    {Tag::WaitingLamp, "pbx-mwi", "!e164 new old"},
};

} // namespace

const TagWords* wordsOf(std::string_view name)
{
    const auto* found = std::find_if(std::begin(kWords), std::end(kWords),
                                     [&](const TagWords& one) { return one.name == name; });
    return found == std::end(kWords) ? nullptr : found;
}

std::string_view nameOf(Tag tag)
{
    const auto* found = std::find_if(std::begin(kWords), std::end(kWords),
                                     [&](const TagWords& one) { return one.tag == tag; });
    return found == std::end(kWords) ? std::string_view("?") : found->name;
}

namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isNameOctet(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '_';
}

} // namespace

bool isVariableName(std::string_view name)
{
    const auto fits = [](char c) { return isNameOctet(c) || c == '-'; };
    return !name.empty() && !isDigit(name.front()) && name.front() != '-' && name.back() != '-' &&
           std::all_of(name.begin(), name.end(), fits);
}

Text Text::parse(std::string_view raw)
{
    Text result;
    if (raw.starts_with('$') && isVariableName(raw.substr(1))) {
        result.pieces.push_back({true, std::string(raw.substr(1))});
        return result;
    }
    std::string literal;
    for (std::size_t at = 0; at < raw.size();) {
        if (raw[at] != '$') {
            literal += raw[at++];
            continue;
        }
        std::size_t end = ++at;
        while (end < raw.size() && isNameOctet(raw[end]))
            ++end;
        if (end == at || isDigit(raw[at])) {
            literal += '$';
            at += at < raw.size() && raw[at] == '$' ? 1 : 0;
            continue;
        }
        if (!literal.empty())
            result.pieces.push_back({false, std::exchange(literal, {})});
        result.pieces.push_back({true, std::string(raw.substr(at, end - at))});
        at = end;
    }
    if (!literal.empty())
        result.pieces.push_back({false, std::move(literal)});
    return result;
}

const Attribute* Node::attribute(std::string_view name) const
{
    const auto found = std::find_if(attributes.begin(), attributes.end(),
                                    [&](const Attribute& one) { return one.name == name; });
    return found == attributes.end() ? nullptr : &*found;
}

const Node* Program::function(std::string_view name) const
{
    const auto found = m_functions.find(name);
    return found == m_functions.end() ? nullptr : &m_nodes[found->second];
}

} // namespace sr::script
