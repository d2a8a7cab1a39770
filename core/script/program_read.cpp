// SPDX-License-Identifier: GPL-3.0-or-later
// XML to program, within limits and without recursion.
#include "core/script/program.h"
#include "core/script/tags.h"

#include <QByteArray>
#include <QXmlStreamReader>

#include <algorithm>

namespace sr::script {
namespace {

constexpr std::string_view kNamespaces[] = {
    "",
    "http://www.innovaphone.com/xsd/vm.xsd",
    "http://www.innovaphone.com/xsd/voicemail6.xsd",
};
constexpr std::size_t kNotesMost = 100; // chosen: what somebody may read

std::string utf8(QStringView text)
{
    return text.toUtf8().toStdString();
}

} // namespace

class ProgramReader {
public:
    ProgramReader(std::string_view xml, const Limits& limits, Program::Kind kind)
        : m_xml(QByteArray(xml.data(), static_cast<qsizetype>(xml.size())))
        , m_limits(limits)
        , m_kind(kind)
        , m_program(std::make_shared<Program>())
    {}

    Result<std::shared_ptr<const Program>> program()
    {
        while (!m_error && !m_xml.atEnd())
            take(m_xml.readNext());
        if (!m_error && m_xml.hasError())
            refuse(ScriptErrc::Malformed, m_xml.errorString().toStdString());
        if (!m_error)
            checkCalls();
        if (m_error)
            return *m_error;
        return std::shared_ptr<const Program>(std::move(m_program));
    }

private:
    void refuse(ScriptErrc code, const std::string& why)
    {
        refuse(code, why, static_cast<std::uint32_t>(m_xml.lineNumber()));
    }
    void refuse(ScriptErrc code, const std::string& why, std::uint32_t line)
    {
        if (!m_error)
            m_error = fail(code, "line " + std::to_string(line) + ": " + why);
    }
    void note(const std::string& what)
    {
        if (m_program->m_notes.size() < kNotesMost)
            m_program->m_notes.push_back("line " + std::to_string(m_xml.lineNumber()) + ": " + what);
    }

    void take(QXmlStreamReader::TokenType token)
    {
        if (token == QXmlStreamReader::StartElement)
            open();
        else if (token == QXmlStreamReader::EndElement)
            close();
        else if (token == QXmlStreamReader::DTD || token == QXmlStreamReader::EntityReference)
            refuse(ScriptErrc::Malformed, "a document type or entity is not allowed");
    }

    void open()
    {
        const std::string name = utf8(m_xml.name());
        const std::string space = utf8(m_xml.namespaceUri());
        if (std::find(std::begin(kNamespaces), std::end(kNamespaces), space) == std::end(kNamespaces))
            return refuse(ScriptErrc::UnknownTag, "<" + name + "> of the namespace " + space);
        if (!m_inRoot) {
            m_inRoot = true;
            if (name != "voicemail")
                refuse(ScriptErrc::Malformed, "<voicemail> is expected, not <" + name + ">");
            return;
        }
        const TagWords* words = wordsOf(name);
        if (words == nullptr)
            return refuse(ScriptErrc::UnknownTag, "<" + name + ">");
        if (m_open.size() + 2 > m_limits.depth)
            return refuse(ScriptErrc::TooLarge, "the tags stand too deep in one another");
        if (m_program->m_nodes.size() >= m_limits.elements)
            return refuse(ScriptErrc::TooLarge, "there are too many tags");
        Node node;
        node.tag = words->tag;
        node.line = static_cast<std::uint32_t>(m_xml.lineNumber());
        readAttributes(node, *words);
        if (!m_error)
            place(std::move(node));
    }

    void close()
    {
        if (!m_open.empty())
            m_open.pop_back();
    }

    void readAttributes(Node& node, const TagWords& words)
    {
        const QXmlStreamAttributes all = m_xml.attributes();
        if (static_cast<std::size_t>(all.size()) > m_limits.attributes)
            return refuse(ScriptErrc::TooLarge, "there are too many attributes");
        for (const QXmlStreamAttribute& one : all) {
            const std::string name = utf8(one.qualifiedName());
            std::string value = utf8(one.value());
            if (value.size() > m_limits.attributeBytes)
                return refuse(ScriptErrc::TooLarge, "the attribute " + name + " is too long");
            bool known = false;
            forAttributes(words, [&](std::string_view word, bool) { known = known || word == name; });
            if (!known) {
                note("<" + std::string(words.name) + "> has no attribute " + name);
                continue;
            }
            Text text = Text::parse(value);
            node.attributes.push_back({name, std::move(value), std::move(text)});
        }
        checkAttributes(node, words);
    }

    void checkAttributes(const Node& node, const TagWords& words)
    {
        forAttributes(words, [&](std::string_view word, bool required) {
            if (required && node.attribute(word) == nullptr)
                refuse(ScriptErrc::MissingAttribute,
                       "<" + std::string(words.name) + "> needs " + std::string(word));
            if (const Attribute* out = node.attribute(word); out != nullptr && word.starts_with("out"))
                checkVariable(out->raw);
        });
        if ((node.tag == Tag::If || node.tag == Tag::While) && node.attributes.empty())
            refuse(ScriptErrc::MissingAttribute, "<" + std::string(words.name) + "> needs cond or notcond");
        if (node.tag == Tag::Event) {
            const std::string& type = node.attribute("type") ? node.attribute("type")->raw : std::string();
            if (type != "call-end" && type != "dtmf" && type != "call-info")
                refuse(ScriptErrc::Malformed, "there is no event " + type);
        }
    }

    void checkVariable(std::string_view raw)
    {
        raw.remove_prefix(raw.starts_with('$') ? 1 : 0);
        if (!isVariableName(raw) || raw.size() > m_limits.nameBytes)
            refuse(ScriptErrc::Malformed, "a variable is not called " + std::string(raw));
    }

    /// Puts the node where it stands in the tree.
    void place(Node node)
    {
        if (m_open.empty() != (node.tag == Tag::Function))
            return refuse(ScriptErrc::Malformed,
                          "<" + std::string(nameOf(node.tag)) + "> may not stand here");
        const auto number = static_cast<std::uint32_t>(m_program->m_nodes.size());
        if (node.tag == Tag::Function) {
            if (!m_program->m_functions.emplace(node.attribute("define")->raw, number).second)
                return refuse(ScriptErrc::Malformed, "there is a second function of this name");
        } else if (node.tag == Tag::Else) {
            placeElse(number);
        } else {
            Node& parent = m_program->m_nodes[m_open.back()];
            if ((parent.tag == Tag::Switch) != (node.tag == Tag::Case))
                return refuse(ScriptErrc::Malformed, "<case> stands in <switch>, and nothing else does");
            parent.children.push_back(number);
        }
        m_program->m_nodes.push_back(std::move(node));
        m_open.push_back(number);
    }

    /// Right behind its `if`, or as a child of it: scripts are written both ways. Where it could be either,
    /// it belongs to the `if` it follows.
    void placeElse(std::uint32_t number)
    {
        Node& parent = m_program->m_nodes[m_open.back()];
        Node* before = parent.children.empty() ? nullptr : &m_program->m_nodes[parent.children.back()];
        Node* owner = before != nullptr && before->tag == Tag::If && !before->otherwise ? before : &parent;
        if (owner->tag != Tag::If || owner->otherwise)
            return refuse(ScriptErrc::Malformed, "<else> without <if>");
        owner->otherwise = number;
    }

    void checkCalls()
    {
        if (m_program->function("Main") == nullptr)
            refuse(ScriptErrc::NoMain, "<function define=\"Main\"> is missing");
        for (const Node& node : m_program->m_nodes) {
            const Attribute* name = node.tag == Tag::Call ? node.attribute("name") : nullptr;
            if (name == nullptr || m_kind == Program::Kind::Fragment ||
                name->raw.find('$') != std::string::npos)
                continue;
            if (m_program->function(name->raw) == nullptr)
                refuse(ScriptErrc::UnknownFunction, name->raw, node.line);
        }
    }

    QXmlStreamReader m_xml;
    const Limits& m_limits;
    Program::Kind m_kind;
    std::shared_ptr<Program> m_program;
    std::vector<std::uint32_t> m_open; ///< nodes that are not closed, the root aside
    bool m_inRoot = false;
    std::optional<Error> m_error;
};

Result<std::shared_ptr<const Program>> Program::parse(std::string_view xml, const Limits& limits, Kind kind)
{
    if (xml.size() > limits.textBytes)
        return fail(ScriptErrc::TooLarge, std::to_string(xml.size()) + " octets");
    // Servers that answer an `exec` out of templates put blank lines before the declaration.
    xml.remove_prefix(std::min(xml.find_first_not_of(" \t\r\n"), xml.size()));
    return ProgramReader(xml, limits, kind).program();
}

} // namespace sr::script
