// SPDX-License-Identifier: GPL-3.0-or-later
// Sidecar XML to Recording: bounded, without document types or entities, unknown elements kept as they stand.
#include "core/archive/archive.h"
#include "core/archive/iso_time.h"
#include "core/archive/sidecar.h"
#include "core/archive/sidecar_words.h"
#include "core/archive/xml_text.h"

#include <QXmlStreamReader>

#include <charconv>
#include <limits>

namespace sr::archive {
namespace {

constexpr int kDepthMax = 32;

class Reader {
public:
    explicit Reader(std::string_view document)
        : m_xml(QByteArray(document.data(), static_cast<qsizetype>(document.size())))
    {
        m_xml.setNamespaceProcessing(false);
        m_xml.setEntityExpansionLimit(0);
    }

    Result<Sidecar> read()
    {
        if (!nextElement() || m_xml.name() != QLatin1String("recording"))
            return bad("does not start with <recording>");
        const auto version = number<std::uint32_t>("version");
        if (version != 1)
            return version > 1 ? Result<Sidecar>(fail(ArchiveErrc::NewerVersion,
                                                      "sidecar of version " + std::to_string(version)))
                               : bad("has no version");
        m_out.recording.uid = text("uid");
        m_out.revision = number<std::uint32_t>("revision");
        while (nextElement())
            readTop();
        if (m_problem.empty() && m_xml.hasError())
            m_problem = m_xml.errorString().toStdString();
        if (m_problem.empty())
            finish();
        if (!m_problem.empty())
            return bad(m_problem);
        return std::move(m_out);
    }

private:
    Result<Sidecar> bad(const std::string& what) const
    {
        return fail(ArchiveErrc::BadSidecar,
                    "sidecar, character " + std::to_string(m_xml.characterOffset()) + ": " + what);
    }
    void problem(const char* what)
    {
        if (m_problem.empty())
            m_problem = what;
    }

    /// Next child of the element whose end has not come yet.
    bool nextElement()
    {
        while (m_problem.empty() && !m_xml.atEnd()) {
            switch (m_xml.readNext()) {
            case QXmlStreamReader::StartElement:
                return true;
            case QXmlStreamReader::DTD:
            case QXmlStreamReader::EntityReference:
                problem("document types and entities are refused");
                return false;
            case QXmlStreamReader::EndElement:
                return false;
            default:
                break;
            }
        }
        return false;
    }
    void skip()
    {
        int depth = 1;
        while (depth > 0 && m_problem.empty() && !m_xml.atEnd()) {
            const auto token = m_xml.readNext();
            if (token == QXmlStreamReader::StartElement && ++depth > kDepthMax)
                problem("is nested too deep");
            if (token == QXmlStreamReader::EndElement)
                --depth;
        }
    }

    std::string text(const char* name) const
    {
        return m_xml.attributes().value(QLatin1String(name)).toUtf8().toStdString();
    }
    template <typename T>
    T number(const char* name)
    {
        const auto digits = text(name);
        T value{};
        const auto got = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (got.ec != std::errc{} || got.ptr != digits.data() + digits.size())
            problem("holds a number that is none");
        return value;
    }
    /// 0 where an older writer said nothing.
    std::uint64_t numberIfAny(const char* name)
    {
        return m_xml.attributes().hasAttribute(QLatin1String(name)) ? number<std::uint64_t>(name) : 0;
    }
    std::string content()
    {
        std::string out;
        while (m_problem.empty() && !m_xml.atEnd()) {
            const auto token = m_xml.readNext();
            if (token == QXmlStreamReader::Characters)
                out += m_xml.text().toUtf8().toStdString();
            else if (token == QXmlStreamReader::EndElement)
                break;
            else if (token != QXmlStreamReader::Comment)
                problem("has an element where words belong");
        }
        return out;
    }

    void readTop();
    void readCall();
    void readFlow();
    void readParts();
    void readCodec();
    void readDigits();
    void readInsertions();
    void readPauses();
    void readMarks();
    void readIntegrity();
    void keepUnknown();
    void finish();

    QXmlStreamReader m_xml;
    Sidecar m_out;
    std::string m_problem;
    std::string m_stem;
    std::string m_integrityUid, m_integrityName;
    bool m_hasCall = false, m_hasJournal = false, m_hasIntegrity = false;
};

void Reader::readTop()
{
    auto& r = m_out.recording;
    const auto name = m_xml.name();
    if (name == QLatin1String("name")) {
        m_stem = content();
    } else if (name == QLatin1String("fingerprint")) {
        r.fingerprint = content();
    } else if (name == QLatin1String("former")) {
        r.formerNames.push_back(content());
        if (r.formerNames.size() > kFormerNamesListed)
            problem("lists too many former names");
    } else if (name == QLatin1String("call")) {
        readCall();
    } else if (name == QLatin1String("source")) {
        r.source = content();
    } else if (name == QLatin1String("callId")) {
        r.callId = content();
    } else if (name == QLatin1String("flow")) {
        readFlow();
    } else if (name == QLatin1String("parts")) {
        readParts();
    } else if (name == QLatin1String("codec")) {
        readCodec();
    } else if (name == QLatin1String("capture")) {
        r.droppedPackets = number<std::uint64_t>("dropped");
        skip();
    } else if (name == QLatin1String("dtmf")) {
        readDigits();
    } else if (name == QLatin1String("insertions")) {
        readInsertions();
    } else if (name == QLatin1String("pauses")) {
        readPauses();
    } else if (name == QLatin1String("marks")) {
        readMarks();
    } else if (name == QLatin1String("journal")) {
        m_hasJournal = true;
        m_out.journal = {text("writer"), number<std::uint64_t>("seq"), text("head")};
        skip();
    } else if (name == QLatin1String("integrity")) {
        readIntegrity();
    } else {
        keepUnknown();
    }
}

void Reader::readCall()
{
    auto& r = m_out.recording;
    m_hasCall = true;
    r.internal = text("internal");
    r.external = text("external");
    r.internalName = text("internalName");
    r.externalName = text("externalName");
    r.direction = text("direction") == "out" ? CallDirection::Out : CallDirection::In;
    r.answered = text("answered") != "no";
    r.answerSeconds = number<std::uint32_t>("answerSeconds");
    r.durationMs = number<std::uint64_t>("durationMs");
    r.owner = text("owner");
    r.tan = text("tan");
    r.finalStatus = number<int>("finalStatus");
    if (const auto start = parseIsoTime(text("start"))) {
        r.start = start->time;
        r.utcOffsetMinutes = start->offsetMinutes;
    } else {
        problem("has a start that is no time");
    }
    skip();
}

void Reader::readFlow()
{
    while (nextElement()) {
        const auto time = parseIsoTime(text("time"));
        if (!time)
            problem("has a step without time");
        else
            m_out.recording.flow.push_back({time->time, text("kind"), text("by"), text("detail")});
        if (m_out.recording.flow.size() > kFlowListed)
            problem("lists too many steps");
        skip();
    }
}

void Reader::readParts()
{
    while (nextElement()) {
        SidecarPart part;
        part.file = text("file");
        const auto format = formatOfExtension(text("format"));
        if (!format)
            problem("has a part of unknown format");
        part.format = format.value_or(MediaFormat::None);
        part.coding = text("coding");
        part.sampleRate = number<std::uint32_t>("rate");
        part.frames = number<std::uint64_t>("frames");
        const auto layout = text("layout");
        for (const auto each : {ChannelLayout::Stereo, ChannelLayout::Mono, ChannelLayout::InternalOnly,
                                ChannelLayout::ExternalOnly})
            if (layout == wordOf(each))
                part.layout = each;
        part.sealed = text("sealed") == "yes";
        m_out.parts.push_back(std::move(part));
        if (m_out.parts.size() > 2)
            problem("lists too many parts");
        skip();
    }
}

void Reader::readCodec()
{
    const std::size_t side = text("party") == "external" ? 1 : 0;
    auto& r = m_out.recording;
    r.codecs[side] = text("name");
    r.lostPackets[side] = number<std::uint64_t>("lost");
    r.duplicatePackets[side] = number<std::uint64_t>("duplicates");
    r.undecodablePackets[side] = numberIfAny("undecodable");
    r.lockedPackets[side] = numberIfAny("locked");
    skip();
}

void Reader::readDigits()
{
    while (nextElement()) {
        const auto symbol = text("symbol");
        if (symbol.size() != 1)
            problem("has a digit that is none");
        else
            m_out.recording.digits.push_back(
                {text("party"), symbol[0], number<std::uint64_t>("frame"), number<std::uint32_t>("ms")});
        if (m_out.recording.digits.size() > kDigitsListed)
            problem("lists too many digits");
        skip();
    }
}

void Reader::readInsertions()
{
    while (nextElement()) {
        m_out.recording.insertions.push_back(
            {text("party"), text("kind"), number<std::uint64_t>("frame"), number<std::uint64_t>("frames")});
        if (m_out.recording.insertions.size() > kInsertionsListed)
            problem("lists too many insertions");
        skip();
    }
}

void Reader::readPauses()
{
    while (nextElement()) {
        m_out.recording.pauses.push_back({number<std::uint64_t>("frame"), number<std::uint64_t>("frames")});
        if (m_out.recording.pauses.size() > kPausesListed)
            problem("lists too many pauses");
        skip();
    }
}

void Reader::readMarks()
{
    while (nextElement()) {
        if (const auto time = parseIsoTime(text("time")))
            m_out.recording.marks.push_back({time->time, text("party")});
        else
            problem("has a mark without a time");
        if (m_out.recording.marks.size() > kMarksListed)
            problem("lists too many marks");
        skip();
    }
}

void Reader::readIntegrity()
{
    m_hasIntegrity = true;
    m_integrityUid = text("uid");
    m_integrityName = text("name");
    std::size_t part = 0;
    while (nextElement()) {
        if (m_xml.name() == QLatin1String("audio")) {
            if (part >= m_out.parts.size() || m_out.parts[part].file != text("file")) {
                problem("has a sum for a file that is no part");
                return;
            }
            m_out.parts[part].clearBytes = number<std::uint64_t>("bytes");
            m_out.parts[part].sha256 = text("sha256");
            ++part;
        }
        skip();
    }
    if (part != m_out.parts.size())
        problem("has a part without a sum");
}

/// Writes the element and all within it down again, in one spelling that survives any number of rewrites.
void Reader::keepUnknown()
{
    std::string out = " ";
    int depth = 0;
    do {
        if (m_xml.isStartElement()) {
            if (++depth > kDepthMax)
                problem("is nested too deep");
            out += "<" + m_xml.qualifiedName().toUtf8().toStdString();
            for (const auto& attribute : m_xml.attributes())
                out += " " + attribute.qualifiedName().toUtf8().toStdString() + "=\"" +
                       xmlEscaped(attribute.value().toUtf8().toStdString(), kUnknownXmlMax) + "\"";
            out += ">";
        } else if (m_xml.isEndElement()) {
            --depth;
            out += "</" + m_xml.qualifiedName().toUtf8().toStdString() + ">";
        } else if (m_xml.isCharacters()) {
            out += xmlEscaped(m_xml.text().toUtf8().toStdString(), kUnknownXmlMax);
        } else if (m_xml.isEntityReference()) {
            problem("document types and entities are refused");
        }
        if (depth > 0)
            m_xml.readNext();
    } while (depth > 0 && m_problem.empty() && !m_xml.atEnd());
    m_out.recording.unknownXml += out + "\n";
    if (m_out.recording.unknownXml.size() > kUnknownXmlMax)
        problem("holds too much of a newer version");
}

void Reader::finish()
{
    auto& r = m_out.recording;
    if (!m_hasCall || !m_hasJournal || !m_hasIntegrity)
        return problem("lacks a part that it must have");
    auto name = parseRecordingName(m_stem);
    if (!name || name->toString() != m_stem)
        return problem("has a name that is none");
    r.name = std::move(*name);
    if (r.name.uid != r.uid || m_integrityUid != r.uid || m_integrityName != m_stem)
        return problem("names two recordings");
    r.format = MediaFormat::None;
    r.sampleRate = 0;
    if (!m_out.parts.empty())
        applyPart(m_out.parts.front(), r);
}

} // namespace

Result<Sidecar> parseSidecar(std::string_view document)
{
    if (document.size() > kSidecarMax)
        return fail(ArchiveErrc::BadSidecar, "a sidecar of " + std::to_string(document.size()) + " octets");
    return Reader(document).read();
}

Result<Sidecar> readSidecar(std::string_view document, const crypto::KeyRing& ring)
{
    if (auto authentic = checkAuthenticated(document, kSidecarTail, ring); !authentic)
        return authentic.error();
    return parseSidecar(document);
}

} // namespace sr::archive
