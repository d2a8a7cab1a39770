// SPDX-License-Identifier: GPL-3.0-or-later
// Recording to sidecar XML.
#include "core/archive/iso_time.h"
#include "core/archive/sidecar.h"
#include "core/archive/sidecar_words.h"
#include "core/archive/xml_text.h"
#include "core/crypto/sealed.h"

#include <algorithm>

namespace sr::archive {
namespace {

void element(std::string& out, std::string_view name, std::string_view text)
{
    out += " <";
    out += name;
    out += '>';
    out += xmlEscaped(text);
    out += "</";
    out += name;
    out += ">\n";
}

void writeCall(std::string& out, const Recording& r)
{
    element(out, "name", r.name.toString());
    element(out, "fingerprint", r.fingerprint);
    for (std::size_t i = 0; i < std::min(r.formerNames.size(), kFormerNamesListed); ++i)
        element(out, "former", r.formerNames[i]);
    out += " <call" + xmlAttribute("internal", r.internal) + xmlAttribute("external", r.external) +
           xmlAttribute("internalName", r.internalName) + xmlAttribute("externalName", r.externalName) +
           xmlAttribute("direction", r.direction == CallDirection::In ? "in" : "out") +
           xmlAttribute("answered", r.answered ? "yes" : "no") +
           xmlAttribute("start", isoTime(r.start, r.utcOffsetMinutes)) +
           xmlAttribute("answerSeconds", r.answerSeconds) + xmlAttribute("durationMs", r.durationMs) +
           xmlAttribute("owner", r.owner) + xmlAttribute("tan", r.tan) +
           xmlAttribute("finalStatus", static_cast<std::uint64_t>(std::max(0, r.finalStatus))) + "/>\n";
    element(out, "source", r.source);
    element(out, "callId", r.callId);
}

void writeFlow(std::string& out, const Recording& r)
{
    const std::size_t listed = std::min(r.flow.size(), kFlowListed);
    out += " <flow" + xmlAttribute("total", r.flow.size()) + ">\n";
    for (std::size_t i = 0; i < listed; ++i) {
        const auto& step = r.flow[i];
        out += "  <step" + xmlAttribute("time", isoTime(step.time, r.utcOffsetMinutes)) +
               xmlAttribute("kind", step.kind) + xmlAttribute("by", step.by) + " detail=\"" +
               xmlEscaped(step.detail, 512) + "\"/>\n";
    }
    out += " </flow>\n";
}

void writeMarks(std::string& out, const Recording& r)
{
    if (r.marks.empty())
        return;
    out += " <marks" + xmlAttribute("total", r.marks.size()) + ">\n";
    for (std::size_t i = 0; i < std::min(r.marks.size(), kMarksListed); ++i)
        out += "  <mark" + xmlAttribute("time", isoTime(r.marks[i].time, r.utcOffsetMinutes)) +
               xmlAttribute("party", r.marks[i].party) + "/>\n";
    out += " </marks>\n";
}

void writeSound(std::string& out, const Sidecar& sidecar)
{
    const auto& r = sidecar.recording;
    out += " <parts>\n";
    for (const auto& part : sidecar.parts)
        out += "  <part" + xmlAttribute("file", part.file) +
               xmlAttribute("format", extensionOf(part.format)) + xmlAttribute("coding", part.coding) +
               xmlAttribute("rate", part.sampleRate) + xmlAttribute("frames", part.frames) +
               xmlAttribute("layout", wordOf(part.layout)) +
               xmlAttribute("sealed", part.sealed ? "yes" : "no") + "/>\n";
    out += " </parts>\n";
    static constexpr const char* kParties[] = {"internal", "external"};
    for (std::size_t side = 0; side < 2; ++side)
        out += " <codec" + xmlAttribute("party", kParties[side]) + xmlAttribute("name", r.codecs[side]) +
               xmlAttribute("lost", r.lostPackets[side]) +
               xmlAttribute("duplicates", r.duplicatePackets[side]) +
               xmlAttribute("undecodable", r.undecodablePackets[side]) +
               xmlAttribute("locked", r.lockedPackets[side]) + "/>\n";
    if (r.droppedPackets)
        out += " <capture" + xmlAttribute("dropped", *r.droppedPackets) + "/>\n";
    out += " <dtmf" + xmlAttribute("total", r.digits.size()) + ">\n";
    for (std::size_t i = 0; i < std::min(r.digits.size(), kDigitsListed); ++i)
        out += "  <digit" + xmlAttribute("party", r.digits[i].party) +
               xmlAttribute("symbol", std::string_view(&r.digits[i].symbol, 1)) +
               xmlAttribute("frame", r.digits[i].frame) + xmlAttribute("ms", r.digits[i].durationMs) + "/>\n";
    out += " </dtmf>\n <insertions" + xmlAttribute("total", r.insertions.size()) + ">\n";
    for (std::size_t i = 0; i < std::min(r.insertions.size(), kInsertionsListed); ++i)
        out += "  <insertion" + xmlAttribute("party", r.insertions[i].party) +
               xmlAttribute("kind", r.insertions[i].kind) + xmlAttribute("frame", r.insertions[i].frame) +
               xmlAttribute("frames", r.insertions[i].frames) + "/>\n";
    out += " </insertions>\n";
    if (r.pauses.empty())
        return;
    out += " <pauses" + xmlAttribute("total", r.pauses.size()) + ">\n";
    for (std::size_t i = 0; i < std::min(r.pauses.size(), kPausesListed); ++i)
        out += "  <pause" + xmlAttribute("frame", r.pauses[i].frame) +
               xmlAttribute("frames", r.pauses[i].frames) + "/>\n";
    out += " </pauses>\n";
}

} // namespace

std::string writeSidecar(const Sidecar& sidecar, const crypto::Key& integrityKey)
{
    const auto& r = sidecar.recording;
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<recording version=\"1\"";
    out.reserve(4096);
    out += xmlAttribute("uid", r.uid) + xmlAttribute("revision", sidecar.revision) + ">\n";
    writeCall(out, r);
    writeFlow(out, r);
    writeSound(out, sidecar);
    writeMarks(out, r);
    if (!r.unknownXml.empty() && r.unknownXml.size() <= kUnknownXmlMax)
        out += r.unknownXml;
    out += " <journal" + xmlAttribute("writer", sidecar.journal.writer) +
           xmlAttribute("seq", sidecar.journal.seq) + xmlAttribute("head", sidecar.journal.head) + "/>\n";
    out += " <integrity" + xmlAttribute("uid", r.uid) + xmlAttribute("name", r.name.toString()) + ">\n";
    for (const auto& part : sidecar.parts)
        out += "  <audio" + xmlAttribute("file", part.file) + xmlAttribute("bytes", part.clearBytes) +
               xmlAttribute("sha256", part.sha256) + "/>\n";
    out += "  ";
    return authenticated(std::move(out), kSidecarTail, integrityKey);
}

SidecarPart partOf(const Recording& r)
{
    SidecarPart part;
    part.file = r.name.toString() + "." + std::string(extensionOf(r.format));
    part.format = r.format;
    part.coding = r.coding;
    part.sampleRate = r.sampleRate;
    part.frames = r.frames;
    part.layout = r.layout;
    part.sealed = r.sealed;
    part.clearBytes = r.clearBytes;
    part.sha256 = r.sha256;
    return part;
}

void applyPart(const SidecarPart& part, Recording& r)
{
    r.format = part.format;
    r.coding = part.coding;
    r.sampleRate = part.sampleRate;
    r.frames = part.frames;
    r.layout = part.layout;
    r.sealed = part.sealed;
    r.clearBytes = part.clearBytes;
    r.sha256 = part.sha256;
}

std::string sidecarFile(const RecordingName& name)
{
    return name.monthFolder() + "/" + name.toString() + ".xml";
}

std::string recordingFile(const Recording& r)
{
    if (r.format == MediaFormat::None)
        return sidecarFile(r.name);
    return r.name.monthFolder() + "/" + r.name.toString() + "." + std::string(extensionOf(r.format));
}

RecordingRow rowOf(const Recording& r)
{
    RecordingRow row;
    row.uid = r.uid;
    row.file = recordingFile(r);
    row.internal = r.internal;
    row.external = r.external;
    row.internalName = r.internalName;
    row.externalName = r.externalName;
    row.direction = r.direction;
    row.answered = r.answered;
    row.start = r.start;
    row.utcOffsetMinutes = r.utcOffsetMinutes;
    row.answerSeconds = r.answerSeconds;
    row.durationMs = r.durationMs;
    row.owner = r.owner;
    row.tan = r.tan;
    auto digits = r.digits;
    std::stable_sort(digits.begin(), digits.end(),
                     [](const DigitMark& a, const DigitMark& b) { return a.frame < b.frame; });
    for (const auto& digit : digits)
        row.dtmf.push_back(digit.symbol);
    row.format = r.format;
    row.codecs = r.codecs;
    row.lostPackets = r.lostPackets;
    row.sealed = r.sealed;
    row.fileBytes = r.sealed ? crypto::sealedSize(r.clearBytes, r.uid.size()) : r.clearBytes;
    row.fingerprint = r.fingerprint;
    return row;
}

} // namespace sr::archive
