// SPDX-License-Identifier: GPL-3.0-or-later
// A loaded script: a tree of tags that nothing changes any more, so calls share it. The language is that of
// the reference's voicemail objects; core/script/README.md lists its tags.
#pragma once

#include "core/script/limits.h"
#include "core/script/script_error.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sr::script {

enum class Tag : std::uint8_t {
    Function,
    Call,
    If,
    Else,
    While,
    Switch,
    Case,
    Wait,
    Event,
    Exec,
    Debug,
    Assign,
    Add,
    Sub,
    Index,
    StringCat,
    StringLength,
    Encode,
    Decode,
    StoreCookie,
    StoreGet,
    StoreStat,
    StoreMakeFolder,
    StoreDelete,
    CallInfo,
    DtmfDigit,
    Prompt,
    Transfer,
    Forward,
    Disconnect,
    Message,
    QueryObject,
    FindUser,
    Record, ///< from here on our own
    Mark,
    Tan,
    Replay,
    WaitingLamp,
};

/// A value as it was written, cut at its variables: `a$b` is "a" and the variable b; `$$` is one `$`.
struct Text {
    struct Piece {
        bool variable = false;
        std::string text; ///< literal, or the name without `$`
    };
    std::vector<Piece> pieces;

    /// One name is that variable. Between other text a name ends at the first octet that is no letter, digit
    /// or `_`; a `$` before nothing of these is itself.
    static Text parse(std::string_view raw);
};

struct Attribute {
    std::string name;
    std::string raw;
    Text text;
};

struct Node {
    Tag tag = Tag::Function;
    std::uint32_t line = 0; ///< from 1
    std::vector<Attribute> attributes;
    std::vector<std::uint32_t> children;    ///< numbers of nodes
    std::optional<std::uint32_t> otherwise; ///< of an `if`: its `else`

    const Attribute* attribute(std::string_view name) const;
};

/// Immutable; any thread.
class Program {
public:
    enum class Kind {
        Script,
        Fragment, ///< the answer to an `exec`; may call functions of the script
    };

    /// Errors: those of loading in ScriptErrc, with the line. Entities and document types are refused.
    static Result<std::shared_ptr<const Program>> parse(std::string_view xml, const Limits& limits,
                                                        Kind kind = Kind::Script);

    const Node& node(std::uint32_t number) const { return m_nodes[number]; }
    const Node* function(std::string_view name) const; ///< null: there is none
    std::size_t size() const { return m_nodes.size(); }
    /// What is odd but harmless, such as attributes that are not known; for the log.
    const std::vector<std::string>& notes() const { return m_notes; }

private:
    friend class ProgramReader;
    std::vector<Node> m_nodes; ///< flat, so that nothing of it needs recursion
    std::map<std::string, std::uint32_t, std::less<>> m_functions;
    std::vector<std::string> m_notes;
};

/// `pbx-prompt` for Tag::Prompt.
std::string_view nameOf(Tag tag);

/// Letters, digits, `_` and inside of it `-`, not empty, no digit first.
bool isVariableName(std::string_view name);

} // namespace sr::script
