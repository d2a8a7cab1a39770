// SPDX-License-Identifier: GPL-3.0-or-later
// XML to record.
#include "core/cdr/call_data_record.h"
#include "core/cdr/record_words.h"

#include <QByteArray>
#include <QXmlStreamReader>

namespace sr::cdr {
namespace {

class Reader {
public:
    explicit Reader(std::string_view xml)
        : m_xml(QByteArray(xml.data(), static_cast<qsizetype>(xml.size())))
    {}

    Result<CallDataRecord> record()
    {
        if (next() == QXmlStreamReader::StartElement && m_xml.name() == u"cdr")
            readRecord();
        else
            refuse("<cdr> is expected");
        if (!m_xml.hasError() && next() != QXmlStreamReader::EndDocument)
            refuse("there is more than one record");
        if (m_xml.hasError())
            return fail(m_error, "offset " + std::to_string(m_xml.characterOffset()) + ": " +
                                     m_xml.errorString().toStdString());
        return std::move(m_record);
    }

private:
    void refuse(const char* why) { m_xml.raiseError(QString::fromLatin1(why)); }
    void tooLarge(const char* what)
    {
        if (!m_xml.hasError())
            m_error = CdrErrc::TooLarge;
        refuse(what);
    }

    /// The next token that means something. A document type is an error: entities grow without bounds.
    QXmlStreamReader::TokenType next()
    {
        for (;;) {
            const auto token = m_xml.readNext();
            if (token == QXmlStreamReader::DTD)
                refuse("a document type is not allowed");
            if (m_xml.hasError())
                return QXmlStreamReader::Invalid;
            if (token == QXmlStreamReader::StartElement || token == QXmlStreamReader::EndElement ||
                token == QXmlStreamReader::EndDocument)
                return token;
        }
    }
    bool nextChild() { return next() == QXmlStreamReader::StartElement; }

    /// Past the end of the element, without recursion however deep it is.
    void skip()
    {
        for (int depth = 1; depth > 0 && !m_xml.hasError();)
            depth += next() == QXmlStreamReader::StartElement ? 1 : -1;
    }

    /// Gives each attribute to `take(name, value)`; what that does not know goes to `other`.
    template <typename Take>
    void attributes(OtherAttributes* other, const Take& take)
    {
        const QXmlStreamAttributes all = m_xml.attributes();
        for (const QXmlStreamAttribute& one : all) {
            const std::string name = one.qualifiedName().toUtf8().toStdString();
            std::string value = one.value().toUtf8().toStdString();
            if (value.size() > kTextBytesMost)
                return tooLarge("a value is too long");
            if (take(name, value) || other == nullptr || !isName(name))
                continue;
            if (other->size() == kPartsMost)
                return tooLarge("there are too many attributes");
            other->emplace_back(name, std::move(value));
        }
    }

    template <typename Owner, std::size_t Size>
    static bool takeText(const TextField<Owner> (&table)[Size], Owner& owner, const std::string& name,
                         std::string& value)
    {
        for (const auto& [attribute, field] : table)
            if (name == attribute) {
                owner.*field = std::move(value);
                return true;
            }
        return false;
    }

    template <typename Number>
    void takeNumber(const std::string& value, Number& out)
    {
        bool good = false;
        const qlonglong number = QByteArray::fromStdString(value).toLongLong(&good);
        out = static_cast<Number>(number);
        if (!good || out != number)
            refuse("a number is expected");
    }

    void readRecord()
    {
        attributes(&m_record.other, [&](const std::string& name, std::string& value) {
            if (name == "utc")
                takeNumber(value, m_record.utc);
            else if (name == "local")
                takeNumber(value, m_record.local);
            else if (name == "id")
                m_record.id = std::move(value);
            else
                return takeText(kRecordTexts, m_record, name, value);
            return true;
        });
        while (!m_xml.hasError() && nextChild()) {
            if (m_xml.name() == u"user")
                readUser();
            else if (m_xml.name() == u"event")
                readEvent();
            else
                skip();
        }
    }

    void readUser()
    {
        attributes(nullptr, [&](const std::string& name, std::string& value) {
            if (name == "pseudo")
                m_record.pseudo = std::move(value);
            return true;
        });
        while (!m_xml.hasError() && nextChild()) {
            if (m_xml.name() == u"grp")
                readGroup();
            skip();
        }
    }

    void readGroup()
    {
        if (m_record.groups.size() == kPartsMost)
            return tooLarge("there are too many groups");
        CdrGroup& group = m_record.groups.emplace_back();
        attributes(&group.other, [&](const std::string& name, std::string& value) {
            if (name != "name")
                return false;
            group.name = std::move(value);
            return true;
        });
    }

    void readEvent()
    {
        if (m_record.events.size() == kEventsMost)
            return tooLarge("there are too many events");
        CdrEvent& event = m_record.events.emplace_back();
        attributes(&event.other, [&](const std::string& name, std::string& value) {
            if (name == "msg")
                event.msg = std::move(value);
            else if (name == "time")
                takeNumber(value, event.time);
            else if (name == "cause")
                takeNumber(value, event.cause.emplace());
            else
                return takeText(kEventTexts, event, name, value);
            return true;
        });
        if (event.msg.empty() && !m_xml.hasError())
            refuse("an event has no msg");
        while (!m_xml.hasError() && nextChild()) {
            readPart(event);
            skip();
        }
    }

    void readPart(CdrEvent& event)
    {
        const auto name = m_xml.name();
        if (name == u"to")
            readParty(event.to.emplace());
        else if (name == u"ep")
            readParty(event.ep.emplace());
        else if (name == u"cf")
            readNext(event.cf);
        else if (name == u"ct")
            readNext(event.ct);
        else if (name == u"makecall")
            attributes(nullptr, [&, &appl = event.makecall.emplace()](const std::string& attribute,
                                                                      std::string& value) {
                if (attribute == "appl")
                    appl = std::move(value);
                return true;
            });
    }

    void readNext(std::vector<CdrParty>& list)
    {
        if (list.size() == kPartsMost)
            return tooLarge("an event has too many forwardings");
        readParty(list.emplace_back());
    }

    void readParty(CdrParty& party)
    {
        attributes(nullptr, [&](const std::string& name, std::string& value) {
            return takeText(kPartyTexts, party, name, value);
        });
    }

    QXmlStreamReader m_xml;
    CallDataRecord m_record;
    CdrErrc m_error = CdrErrc::Malformed;
};

} // namespace

Result<CallDataRecord> parse(std::string_view xml)
{
    if (xml.size() > kXmlBytesMost)
        return fail(CdrErrc::TooLarge, std::to_string(xml.size()) + " octets");
    return Reader(xml).record();
}

} // namespace sr::cdr
