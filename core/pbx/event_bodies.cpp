// SPDX-License-Identifier: GPL-3.0-or-later
// Qt's XML streams do the escaping; entities of a document are never followed.
#include "core/pbx/event_bodies.h"

#include "core/sip/name_address.h"

#include <QXmlStreamReader>
#include <QXmlStreamWriter>

namespace sr::pbx {
namespace {

constexpr std::size_t kMaxDocument = 16UL * 1024; ///< [octets]; chosen: phones send less than 2 KiB
constexpr int kMaxDepth = 32;
const QString kPidf = QStringLiteral("urn:ietf:params:xml:ns:pidf");
const QString kDataModel = QStringLiteral("urn:ietf:params:xml:ns:pidf:data-model"); // RFC 4479
const QString kRpid = QStringLiteral("urn:ietf:params:xml:ns:pidf:rpid");
const QString kDialogInfo = QStringLiteral("urn:ietf:params:xml:ns:dialog-info");

/// Without what XML 1.0 2.2 forbids.
QString clean(const std::string& text)
{
    QString out = QString::fromStdString(text);
    out.removeIf([](QChar c) { return (c < u' ' && c != u'\t' && c != u'\n') || c >= QChar(0xfffe); });
    return out;
}

/// At most so many octets of UTF-8, and no half character.
std::string cut(std::string text, std::size_t most)
{
    if (text.size() <= most)
        return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0U) == 0x80U)
        --most;
    text.resize(most);
    return text;
}

QString latin(std::string_view text)
{
    return QString::fromLatin1(text.data(), static_cast<qsizetype>(text.size()));
}

void writeActivities(QXmlStreamWriter& xml, Activity activity)
{
    xml.writeStartElement(kRpid, QStringLiteral("activities"));
    if (activity == Activity::Dnd) {
        xml.writeEmptyElement(kRpid, QStringLiteral("busy"));
        xml.writeTextElement(kRpid, QStringLiteral("other"), QStringLiteral("dnd"));
    } else if (activity == Activity::Other) { // RFC 4480 3.2: the one that is not empty
        xml.writeTextElement(kRpid, QStringLiteral("other"), QString());
    } else {
        xml.writeEmptyElement(kRpid, latin(nameOf(activity)));
    }
    xml.writeEndElement();
}

QString stageText(CallStage stage)
{
    switch (stage) {
    case CallStage::Trying:
        return QStringLiteral("trying");
    case CallStage::Early:
        return QStringLiteral("early");
    case CallStage::Confirmed:
        return QStringLiteral("confirmed");
    case CallStage::Over:
        break;
    }
    return QStringLiteral("terminated");
}

/// RFC 4235 4.1.6.2: who holds plays nothing of the other side.
void writeLocal(QXmlStreamWriter& xml, const std::string& entity, bool holds)
{
    xml.writeStartElement(kDialogInfo, QStringLiteral("local"));
    xml.writeTextElement(kDialogInfo, QStringLiteral("identity"), clean(entity));
    xml.writeStartElement(kDialogInfo, QStringLiteral("target"));
    xml.writeAttribute(QStringLiteral("uri"), clean(entity));
    xml.writeEmptyElement(kDialogInfo, QStringLiteral("param"));
    xml.writeAttribute(QStringLiteral("pname"), QStringLiteral("+sip.rendering"));
    xml.writeAttribute(QStringLiteral("pval"), holds ? QStringLiteral("no") : QStringLiteral("yes"));
    xml.writeEndElement();
    xml.writeEndElement();
}

void writeRemote(QXmlStreamWriter& xml, const CallState& call, const std::string& host)
{
    if (call.remoteNumber.empty())
        return;
    const QString uri = clean(sip::uriText(call.remoteNumber, host));
    xml.writeStartElement(kDialogInfo, QStringLiteral("remote"));
    xml.writeStartElement(kDialogInfo, QStringLiteral("identity"));
    if (!call.remoteName.empty())
        xml.writeAttribute(QStringLiteral("display"), clean(call.remoteName));
    xml.writeCharacters(uri);
    xml.writeEndElement();
    xml.writeEmptyElement(kDialogInfo, QStringLiteral("target"));
    xml.writeAttribute(QStringLiteral("uri"), uri);
    xml.writeEndElement();
}

void writeDialog(QXmlStreamWriter& xml, const std::string& entity, const std::string& host,
                 const CallState& call)
{
    xml.writeStartElement(kDialogInfo, QStringLiteral("dialog"));
    xml.writeAttribute(QStringLiteral("id"), QString::number(call.call));
    xml.writeAttribute(QStringLiteral("call-id"), latin(call.conference));
    xml.writeAttribute(QStringLiteral("local-tag"), latin(tagOf(call.call)));
    xml.writeAttribute(QStringLiteral("remote-tag"), latin(kExchangeTag));
    xml.writeAttribute(QStringLiteral("direction"), call.role == CallRole::Initiator
                                                        ? QStringLiteral("initiator")
                                                        : QStringLiteral("recipient"));
    xml.writeTextElement(kDialogInfo, QStringLiteral("state"), stageText(call.stage));
    writeLocal(xml, entity, call.holds);
    writeRemote(xml, call, host);
    xml.writeEndElement();
}

/// Reads on inside of PIDF's root.
class PidfReader {
public:
    explicit PidfReader(std::string_view document)
        : m_xml(QByteArray(document.data(), static_cast<qsizetype>(document.size())))
    {
        m_xml.setEntityExpansionLimit(0);
    }
    std::optional<Presence> read()
    {
        if (!toRoot())
            return std::nullopt;
        int depth = 1;
        while (!m_xml.atEnd() && depth <= kMaxDepth) {
            const auto token = m_xml.readNext();
            if (token == QXmlStreamReader::StartElement)
                depth += take() ? 0 : 1;
            else if (token == QXmlStreamReader::EndElement)
                --depth;
        }
        if (m_xml.hasError() || depth > kMaxDepth)
            return std::nullopt;
        m_presence.open = m_open.value_or(true);
        return m_presence;
    }

private:
    bool toRoot()
    {
        while (!m_xml.atEnd()) {
            const auto token = m_xml.readNext();
            if (token == QXmlStreamReader::DTD)
                return false;
            if (token == QXmlStreamReader::StartElement)
                return m_xml.name() == u"presence" && m_xml.namespaceUri() == kPidf;
        }
        return false;
    }
    std::string text()
    {
        const QString all = m_xml.readElementText(QXmlStreamReader::SkipChildElements);
        return all.simplified().toStdString();
    }
    /// Whether the element was read to its end.
    bool take()
    {
        const auto name = m_xml.name();
        if (name == u"basic") {
            m_open = text() == "open" || m_open.value_or(false);
            return true;
        }
        if (name == u"note") {
            const std::string note = cut(text(), kMaxPresenceNote);
            if (m_presence.note.empty())
                m_presence.note = note;
            return true;
        }
        if (name == u"other") {
            if (text() == "dnd")
                m_presence.activity = Activity::Dnd;
            else
                takeActivity(Activity::Other);
            return true;
        }
        const auto activity = activityNamed(name.toUtf8().toStdString());
        if (activity && *activity != Activity::None && m_xml.namespaceUri() != kPidf)
            takeActivity(*activity);
        return false;
    }
    void takeActivity(Activity activity)
    {
        if (m_presence.activity == Activity::None)
            m_presence.activity = activity;
    }

    QXmlStreamReader m_xml;
    Presence m_presence;
    std::optional<bool> m_open;
};

} // namespace

std::string writePidf(const std::string& entity, const Presence& presence)
{
    QByteArray out;
    QXmlStreamWriter xml(&out);
    xml.writeStartDocument();
    xml.writeDefaultNamespace(kPidf);
    xml.writeNamespace(kDataModel, QStringLiteral("dm"));
    xml.writeNamespace(kRpid, QStringLiteral("rpid"));
    xml.writeStartElement(kPidf, QStringLiteral("presence"));
    xml.writeAttribute(QStringLiteral("entity"), clean(entity));
    xml.writeStartElement(kPidf, QStringLiteral("tuple"));
    xml.writeAttribute(QStringLiteral("id"), QStringLiteral("exchange"));
    xml.writeStartElement(kPidf, QStringLiteral("status"));
    xml.writeTextElement(kPidf, QStringLiteral("basic"),
                         presence.open ? QStringLiteral("open") : QStringLiteral("closed"));
    xml.writeEndElement();
    if (!presence.note.empty())
        xml.writeTextElement(kPidf, QStringLiteral("note"), clean(presence.note));
    xml.writeEndElement();
    if (presence.activity != Activity::None) {
        xml.writeStartElement(kDataModel, QStringLiteral("person"));
        xml.writeAttribute(QStringLiteral("id"), QStringLiteral("user"));
        writeActivities(xml, presence.activity);
        xml.writeEndElement();
    }
    xml.writeEndDocument();
    return out.toStdString();
}

std::string writeDialogInfo(const std::string& entity, const std::string& host, std::uint32_t version,
                            const std::vector<CallState>& calls)
{
    QByteArray out;
    QXmlStreamWriter xml(&out);
    xml.writeStartDocument();
    xml.writeDefaultNamespace(kDialogInfo);
    xml.writeStartElement(kDialogInfo, QStringLiteral("dialog-info"));
    xml.writeAttribute(QStringLiteral("version"), QString::number(version));
    xml.writeAttribute(QStringLiteral("state"), QStringLiteral("full"));
    xml.writeAttribute(QStringLiteral("entity"), clean(entity));
    for (const CallState& call : calls)
        writeDialog(xml, entity, host, call);
    xml.writeEndDocument();
    return out.toStdString();
}

std::string writeMessageSummary(const std::string& account, MessageCounts counts)
{
    return std::string("Messages-Waiting: ") + (counts.fresh > 0 ? "yes" : "no") +
           "\r\nMessage-Account: " + account + "\r\nVoice-Message: " + std::to_string(counts.fresh) + '/' +
           std::to_string(counts.old) + " (0/0)\r\n";
}

std::optional<Presence> parsePidf(std::string_view document)
{
    if (document.size() > kMaxDocument)
        return std::nullopt;
    return PidfReader(document).read();
}

} // namespace sr::pbx
