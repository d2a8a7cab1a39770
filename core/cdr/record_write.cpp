// SPDX-License-Identifier: GPL-3.0-or-later
// Record to XML, in octets: each call has two of some forty attributes, and QXmlStreamWriter, which converts
// each of their texts three times, took a fifth of a whole call's time.
#include "core/cdr/call_data_record.h"
#include "core/cdr/record_words.h"

#include <QByteArray>
#include <QString>

#include <algorithm>

namespace sr::cdr {
namespace {

bool isInXml(QChar c)
{
    const char16_t code = c.unicode();
    return code >= 0x20 ? code < 0xfffe : code == '\t' || code == '\n' || code == '\r';
}

bool isPlain(std::string_view text)
{
    return text.size() <= kTextBytesMost &&
           std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

/// Whole characters of at most kTextBytesMost octets.
std::string textOf(std::string_view text)
{
    std::size_t end = std::min(text.size(), kTextBytesMost);
    while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
        --end;
    QString result = QString::fromUtf8(text.data(), static_cast<qsizetype>(end));
    for (QChar& c : result)
        if (!isInXml(c))
            c = QChar::ReplacementCharacter;
    // A replacement is longer than what it replaces.
    while (result.toUtf8().size() > static_cast<qsizetype>(kTextBytesMost))
        result.chop(result.back().isLowSurrogate() ? 2 : 1);
    return result.toStdString();
}

/// XML 1.0, 2.4 and 3.3.3: what would end the value, and white space that a reader would make a blank.
std::string_view escapeOf(char c)
{
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\t':
        return "&#9;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    default:
        return {};
    }
}

class Writer {
public:
    void record(const CallDataRecord& r)
    {
        start("cdr");
        for (const auto& [name, field] : kRecordTexts)
            text(name, r.*field);
        number("utc", r.utc);
        number("local", r.local);
        text("id", r.id);
        others(r.other);
        user(r);
        for (std::size_t i = 0; i < std::min(r.events.size(), kEventsMost); ++i)
            event(r.events[i]);
        end("cdr");
    }
    std::string take() { return std::move(m_out); }

private:
    void start(std::string_view name)
    {
        closeTag();
        m_out.append("<").append(name);
        m_isOpen = true;
    }
    void end(std::string_view name)
    {
        if (m_isOpen)
            m_out += "/>";
        else
            m_out.append("</").append(name).append(">");
        m_isOpen = false;
    }
    void closeTag()
    {
        if (m_isOpen)
            m_out += '>';
    }
    void attribute(std::string_view name, std::string_view value)
    {
        m_out.append(" ").append(name).append("=\"");
        for (const char c : value) {
            const std::string_view escape = escapeOf(c);
            escape.empty() ? m_out.append(1, c) : m_out.append(escape);
        }
        m_out += '"';
    }
    void anyText(std::string_view name, const std::string& value)
    {
        isPlain(value) ? attribute(name, value) : attribute(name, textOf(value));
    }
    void text(std::string_view name, const std::string& value)
    {
        if (!value.empty())
            anyText(name, value);
    }
    void number(std::string_view name, std::int64_t value) { attribute(name, std::to_string(value)); }
    void others(const OtherAttributes& others)
    {
        for (std::size_t i = 0; i < std::min(others.size(), kPartsMost); ++i)
            if (isName(others[i].first))
                anyText(others[i].first, others[i].second);
    }
    void user(const CallDataRecord& r)
    {
        start("user");
        text("pseudo", r.pseudo);
        for (std::size_t i = 0; i < std::min(r.groups.size(), kPartsMost); ++i) {
            start("grp");
            text("name", r.groups[i].name);
            others(r.groups[i].other);
            end("grp");
        }
        end("user");
    }
    void event(const CdrEvent& e)
    {
        start("event");
        text("msg", e.msg);
        number("time", e.time);
        for (const auto& [name, field] : kEventTexts)
            text(name, e.*field);
        if (e.cause)
            number("cause", *e.cause);
        others(e.other);
        if (e.to)
            party("to", *e.to);
        if (e.ep)
            party("ep", *e.ep);
        for (std::size_t i = 0; i < std::min(e.cf.size(), kPartsMost); ++i)
            party("cf", e.cf[i]);
        for (std::size_t i = 0; i < std::min(e.ct.size(), kPartsMost); ++i)
            party("ct", e.ct[i]);
        if (e.makecall) {
            start("makecall");
            text("appl", *e.makecall);
            end("makecall");
        }
        end("event");
    }
    void party(std::string_view name, const CdrParty& p)
    {
        start(name);
        for (const auto& [attribute, field] : kPartyTexts)
            text(attribute, p.*field);
        end(name);
    }

    std::string m_out;
    bool m_isOpen = false; ///< a start tag that may get further attributes
};

} // namespace

std::string toXml(const CallDataRecord& record)
{
    Writer writer;
    writer.record(record);
    return writer.take();
}

} // namespace sr::cdr
