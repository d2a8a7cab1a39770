// SPDX-License-Identifier: GPL-3.0-or-later
// Writing and reading TMP/archive.xml.
#include "core/archive/archive_xml.h"

#include "core/archive/archive.h"
#include "core/archive/xml_text.h"

#include <QXmlStreamReader>

namespace sr::archive {
namespace {

constexpr std::string_view kTail = "\n</archive>\n";

} // namespace

std::string writeArchiveXml(const ArchiveXml& archive, const crypto::Key& integrityKey)
{
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<archive version=\"1\"";
    out += xmlAttribute("id", archive.id) + xmlAttribute("zone", archive.zone) + ">\n ";
    return authenticated(std::move(out), kTail, integrityKey);
}

Result<ArchiveXml> readArchiveXml(std::string_view document, const crypto::KeyRing& ring)
{
    const auto bad = [](const char* what) { return fail(ArchiveErrc::BadArchiveXml, what); };
    if (document.size() > kArchiveXmlMax)
        return bad("archive.xml is too long");
    if (auto authentic = checkAuthenticated(document, kTail, ring); !authentic)
        return authentic.error();
    QXmlStreamReader xml(QByteArray(document.data(), static_cast<qsizetype>(document.size())));
    xml.setEntityExpansionLimit(0);
    if (!xml.readNextStartElement() || xml.name() != QLatin1String("archive"))
        return bad("archive.xml does not start with <archive>");
    const auto text = [&](const char* name) {
        return xml.attributes().value(QLatin1String(name)).toUtf8().toStdString();
    };
    if (text("version") != "1")
        return fail(ArchiveErrc::NewerVersion, "archive.xml of version " + text("version"));
    ArchiveXml archive{text("id"), text("zone")};
    if (archive.id.size() != 32 || archive.zone.empty())
        return bad("archive.xml has no id or no time zone");
    return archive;
}

} // namespace sr::archive
