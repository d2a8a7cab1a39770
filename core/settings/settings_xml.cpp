// SPDX-License-Identifier: GPL-3.0-or-later
// Reading and writing of settings XML.
#include "core/settings/settings_xml.h"

#include "core/crypto/errors.h"
#include "core/settings/definitions.h"

#include <QXmlStreamReader>
#include <QXmlStreamWriter>

#include <algorithm>

namespace sr::settings {
namespace {

constexpr qsizetype kMaxBytes = 1024 * 1024;
constexpr std::size_t kMaxSettings = 4096;
constexpr qsizetype kMaxKeyChars = 128;

Error malformed(const QXmlStreamReader& reader, const QString& why)
{
    return fail(SettingsErrc::Malformed,
                QStringLiteral("line %1, offset %2: %3")
                    .arg(QString::number(reader.lineNumber()), QString::number(reader.characterOffset()), why)
                    .toStdString());
}

bool isKey(QStringView key)
{
    return !key.isEmpty() && key.size() <= kMaxKeyChars && std::all_of(key.begin(), key.end(), [](QChar c) {
        return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z') || (c >= u'0' && c <= u'9') ||
               c == u'.' || c == u'-' || c == u'_';
    });
}

/// The next token that means something. A DTD is an error: there is none in our files, and entities can grow
/// without bounds.
QXmlStreamReader::TokenType nextToken(QXmlStreamReader& reader)
{
    for (;;) {
        const auto token = reader.readNext();
        if (token == QXmlStreamReader::DTD)
            reader.raiseError(QStringLiteral("a document type is not allowed"));
        if (reader.hasError())
            return QXmlStreamReader::Invalid;
        const bool blank = token == QXmlStreamReader::Characters && reader.isWhitespace();
        if (!blank && token != QXmlStreamReader::Comment &&
            token != QXmlStreamReader::ProcessingInstruction && token != QXmlStreamReader::StartDocument)
            return token;
    }
}

/// Stands at the root element; checks its name and version.
Status readRoot(QXmlStreamReader& reader)
{
    if (nextToken(reader) != QXmlStreamReader::StartElement || reader.name() != u"settings")
        return malformed(reader,
                         reader.hasError() ? reader.errorString() : QStringLiteral("<settings> is expected"));
    bool good = false;
    const int version = reader.attributes().value(QStringLiteral("version")).toInt(&good);
    if (!good || version < 1)
        return malformed(reader, QStringLiteral("a version is expected"));
    if (version > kFormatVersion)
        return fail(crypto::CryptoErrc::NewerVersion, "settings of version " + std::to_string(version));
    return {};
}

} // namespace

Result<Values> parseXml(const QByteArray& xml)
{
    if (xml.size() > kMaxBytes)
        return fail(BaseErrc::TooLarge, "settings of " + std::to_string(xml.size()) + " octets");
    QXmlStreamReader reader(xml);
    if (auto root = readRoot(reader); !root)
        return root.error();
    Values values;
    auto token = nextToken(reader);
    for (; token == QXmlStreamReader::StartElement; token = nextToken(reader)) {
        if (reader.name() != u"set")
            return malformed(reader, QStringLiteral("<set> is expected"));
        const QString key = reader.attributes().value(QStringLiteral("key")).toString();
        if (!isKey(key))
            return malformed(reader, QStringLiteral("a key is expected"));
        const QString value = reader.readElementText(QXmlStreamReader::ErrorOnUnexpectedElement);
        if (reader.hasError())
            break;
        if (!values.emplace(key, value).second)
            return malformed(reader, QStringLiteral("%1 stands there twice").arg(key));
        if (values.size() > kMaxSettings)
            return fail(BaseErrc::TooLarge, "more than " + std::to_string(kMaxSettings) + " settings");
    }
    if (!reader.hasError() && token == QXmlStreamReader::EndElement)
        token = nextToken(reader);
    if (reader.hasError())
        return malformed(reader, reader.errorString());
    if (token != QXmlStreamReader::EndDocument)
        return malformed(reader, QStringLiteral("unexpected content"));
    return values;
}

QByteArray writeXml(const Values& values)
{
    QByteArray xml;
    QXmlStreamWriter writer(&xml);
    writer.setAutoFormatting(true);
    writer.setAutoFormattingIndent(2);
    writer.writeStartDocument();
    writer.writeStartElement(QStringLiteral("settings"));
    writer.writeAttribute(QStringLiteral("version"), QString::number(kFormatVersion));
    for (const auto& [key, value] : values) {
        writer.writeStartElement(QStringLiteral("set"));
        writer.writeAttribute(QStringLiteral("key"), key);
        writer.writeCharacters(value);
        writer.writeEndElement();
    }
    writer.writeEndElement();
    writer.writeEndDocument();
    return xml;
}

} // namespace sr::settings
