// SPDX-License-Identifier: GPL-3.0-or-later
// Goes through a description line by line; what is not about ICE or places stays as it is.
#include "core/sdp/full_ice.h"

#include "core/sdp/session_description.h"
#include "core/sdp/text.h"

#include <algorithm>

namespace sr::sdp {
namespace {

constexpr std::string_view kEnd = "\r\n";

/// Of all that a=NAME:value may be.
std::string_view attributeOf(std::string_view line)
{
    if (!line.starts_with("a="))
        return {};
    std::string_view value = line.substr(2);
    return trim(cut(value, ':'));
}

bool isAboutIce(std::string_view line)
{
    const std::string_view name = attributeOf(line);
    return startsNoCase(name, "ice-") || equalsNoCase(name, "candidate") ||
           equalsNoCase(name, "remote-candidates") || equalsNoCase(name, "end-of-candidates");
}

std::string network(const IpAddress& address)
{
    return (address.isV4() ? "IN IP4 " : "IN IP6 ") + address.toString();
}

/// Number of the audio section; -1 without one.
int audioSection(std::string_view text)
{
    const auto parsed = parse(text);
    const Media* const audio = parsed ? parsed->audio() : nullptr;
    return audio == nullptr ? -1 : static_cast<int>(audio - parsed->media.data());
}

class Editor {
public:
    Editor(int audio, const Place* place)
        : m_audio(audio)
        , m_place(audio < 0 ? nullptr : place)
    {}
    void line(std::string_view line);
    bool hasMux() const { return m_hasMux; }
    /// Lines for the end of the audio section.
    std::string finish(const std::string& more) const { return m_before + more + m_behind; }

private:
    void mediaLine(std::string_view line);
    bool isPlaced(std::string_view line);
    std::string& out() { return m_section > m_audio ? m_behind : m_before; }

    int m_audio;
    const Place* m_place;
    int m_section = -1; ///< the session's own
    bool m_hasMux = false;
    std::string m_before; ///< up to the end of the audio section
    std::string m_behind;
};

void Editor::line(std::string_view line)
{
    if (line.empty() || isAboutIce(line))
        return;
    if (line.starts_with("m=")) {
        ++m_section;
        if (m_section == m_audio && m_place != nullptr)
            return mediaLine(line);
    }
    if (m_section == m_audio && equalsNoCase(attributeOf(line), "rtcp-mux"))
        m_hasMux = true;
    if (m_place == nullptr || !isPlaced(line))
        out().append(line).append(kEnd);
}

/// Whether the line has been replaced.
bool Editor::isPlaced(std::string_view line)
{
    if (line.starts_with("c=") && m_section == -1) {
        out().append("c=").append(network(m_place->rtp.address)).append(kEnd);
        return true;
    }
    return m_section == m_audio && (line.starts_with("c=") || equalsNoCase(attributeOf(line), "rtcp"));
}

void Editor::mediaLine(std::string_view line)
{
    std::string_view rest = line.substr(2);
    const std::string_view type = nextToken(rest);
    nextToken(rest); // port
    out().append("m=").append(type).append(" ").append(std::to_string(m_place->rtp.port)).append(" ");
    out().append(trim(rest)).append(kEnd);
    out().append("c=").append(network(m_place->rtp.address)).append(kEnd); // RFC 8866 §5: behind m=
    const Endpoint& rtcp = m_place->rtcp;
    const bool isNext = rtcp.address == m_place->rtp.address && rtcp.port == m_place->rtp.port + 1;
    if (rtcp.port != 0 && rtcp != m_place->rtp && !isNext)
        out()
            .append("a=rtcp:")
            .append(std::to_string(rtcp.port))
            .append(" ")
            .append(network(rtcp.address))
            .append(kEnd);
}

Editor edited(std::string_view text, const Place* place)
{
    Editor editor(audioSection(text), place);
    for (std::string_view rest = text; !rest.empty();)
        editor.line(nextLine(rest));
    return editor;
}

} // namespace

std::string withoutIce(std::string_view text)
{
    return edited(text, nullptr).finish({});
}

std::string movedTo(std::string_view text, const Place& place)
{
    return edited(text, &place).finish({});
}

std::string withIce(std::string_view text, const Place& place, const IceLogin& login,
                    const std::vector<std::string>& candidates, bool rtcpMux)
{
    const Editor editor = edited(text, &place);
    std::string lines = rtcpMux && !editor.hasMux() ? "a=rtcp-mux\r\n" : "";
    lines += "a=ice-ufrag:" + login.userFragment + "\r\na=ice-pwd:" + login.password + "\r\n";
    for (const std::string& one : candidates)
        lines.append("a=candidate:").append(one).append(kEnd);
    return editor.finish(lines);
}

std::vector<std::string> candidateValues(std::string_view text)
{
    std::vector<std::string> out;
    const int audio = audioSection(text);
    int section = -1;
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view line = nextLine(rest);
        if (line.starts_with("m="))
            ++section;
        if (section != audio || audio < 0 || !equalsNoCase(attributeOf(line), "candidate"))
            continue;
        const std::string_view value = trim(line.substr(std::min(line.find(':') + 1, line.size())));
        if (parseCandidate(value) && out.size() < IceAttributes::kMostCandidates)
            out.emplace_back(value);
    }
    return out;
}

} // namespace sr::sdp
