// SPDX-License-Identifier: GPL-3.0-or-later
// Goes through a description line by line: each passes, is replaced by ours, or stays here.
#include "core/sdp/relayed.h"

#include "core/sdp/text.h"
#include "core/sdp/writing.h"

#include <algorithm>
#include <iterator>

namespace sr::sdp {
namespace {

/// Attributes that stay here, between blanks; see relayed() for why.
constexpr std::string_view kStaying =
    " candidate remote-candidates end-of-candidates rtcp alt altc source-filter"
    " crypto cryptoscale fingerprint setup connection tls-id identity key-mgmt zrtp-hash encryption"
    " mid group bundle-only msid msid-semantic ssrc ssrc-group rtcp-mux rtcp-mux-only"
    " sqn cdsc cpar cparmin cparmax"                       // RFC 3407 §3
    " csup creq acap tcap pcfg acfg"                       // RFC 5939 §3
    " lcfg rmcap omcap mfcap mscap bcap ccap icap sescap " // RFC 6871 §3.3, RFC 7006 §3
    ;

std::string_view nameOf(std::string_view attribute)
{
    return trim(cut(attribute, ':'));
}

/// Whether an attribute passes, see relayed().
bool passes(std::string_view attribute)
{
    const std::string_view name = nameOf(attribute);
    std::string word(1, ' ');
    std::transform(name.begin(), name.end(), std::back_inserter(word), lower);
    word += ' ';
    return isToken(name) && word.compare(0, 5, " ice-") != 0 &&
           kStaying.find(word) == std::string_view::npos && !tellsTooMuch(attribute);
}

/// `AS:64`, RFC 8866 §5.8.
bool isBandwidth(std::string_view value)
{
    const std::string_view modifier = cut(value, ':');
    return isToken(modifier) && number<std::uint64_t>(value).has_value();
}

/// `0 0`, RFC 8866 §5.9.
bool isTime(std::string_view value)
{
    const bool start = number<std::uint64_t>(nextToken(value)).has_value();
    return start && number<std::uint64_t>(trim(value)).has_value();
}

/// No control character but the end of a line.
bool isClean(char c)
{
    const auto octet = static_cast<unsigned char>(c);
    return c == '\r' || c == '\n' || (octet >= 0x20 && octet != 0x7f);
}

/// A tab is the blank that it was meant to be.
std::string cleaned(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (c == '\t')
            out.push_back(' ');
        else if (isClean(c))
            out.push_back(c);
    }
    return out;
}

class Writer {
public:
    Writer(const Relayed& plan, const Media& audio, std::size_t audioIndex)
        : m_plan(plan)
        , m_audio(audio)
        , m_audioIndex(audioIndex)
    {}
    void line(std::string_view text);
    std::string finish() const;

private:
    struct Section {
        std::string media;      ///< m= line, none of the session's own section
        std::string bandwidth;  ///< b= lines
        std::string attributes; ///< a= lines
    };
    void mediaLine(std::string_view value);
    void attribute(std::string_view value);
    bool isAudio() const { return m_sections.size() == m_audioIndex + 2; }
    bool isSession() const { return m_sections.size() == 1; }

    const Relayed& m_plan;
    const Media& m_audio;
    std::size_t m_audioIndex;
    std::string m_subject;
    std::string m_times;
    std::vector<Section> m_sections{1}; ///< the session, then every m= line
};

void Writer::line(std::string_view text)
{
    if (text.size() < 2 || text[1] != '=')
        return;
    const std::string_view value = trim(text.substr(2));
    if (text[0] == 'm') {
        mediaLine(value);
    } else if (text[0] == 's' && isSession()) {
        m_subject = tellsTooMuch(value) ? std::string() : std::string(value);
    } else if (text[0] == 't' && isSession() && isTime(value)) {
        m_times.append("t=").append(value).append("\r\n");
    } else if (isSession() || isAudio()) {
        if (text[0] == 'b' && isBandwidth(value))
            m_sections.back().bandwidth.append("b=").append(value).append("\r\n");
        else if (text[0] == 'a')
            attribute(value);
    }
}

void Writer::mediaLine(std::string_view value)
{
    m_sections.emplace_back();
    const std::string_view type = nextToken(value);
    nextToken(value); // port
    const std::string_view protocol = nextToken(value);
    Section& section = m_sections.back();
    if (!isAudio()) {
        section.media = sdp::mediaLine(type, 0, protocol, value);
        return;
    }
    std::string formats;
    for (const std::uint8_t one : m_audio.order)
        formats += std::to_string(one) + ' ';
    const bool feedback = endsNoCase(protocol, "AVPF");
    section.media = sdp::mediaLine(type, m_plan.audio.rtp.port, profileOf(m_plan.audio, feedback), formats);
}

void Writer::attribute(std::string_view value)
{
    if (passes(value) && !(m_audio.nowhere && directionNamed(nameOf(value))))
        m_sections.back().attributes.append("a=").append(value).append("\r\n");
}

std::string Writer::finish() const
{
    const Section& session = m_sections.front();
    std::string text = head(m_plan, m_subject, session.bandwidth);
    text += m_times.empty() ? "t=0 0\r\n" : m_times;
    text += session.attributes;
    if (m_plan.audio.ice)
        text += "a=ice-lite\r\n";
    for (std::size_t i = 1; i < m_sections.size(); ++i) {
        const Section& section = m_sections[i];
        text += section.media + section.bandwidth + section.attributes;
        if (i != m_audioIndex + 1)
            continue;
        if (m_audio.nowhere)
            text.append("a=").append(toString(m_audio.effectiveDirection())).append("\r\n");
        text += ownLines(m_plan.audio);
    }
    return text;
}

Error tooLarge(std::size_t octets)
{
    return fail(SdpErrc::TooLarge, std::to_string(octets) + " octets");
}

/// With formats.
Result<const Media*> audioIn(const SessionDescription& read)
{
    const Media* const audio = read.audio();
    if (audio == nullptr || audio->order.empty())
        return fail(SdpErrc::NoAudio, std::to_string(read.media.size()) + " media");
    return audio;
}

Result<std::string> rewritten(std::string_view clean, const SessionDescription& read, const Relayed& plan)
{
    const auto audio = audioIn(read);
    if (!audio)
        return audio.error();
    Writer writer(plan, **audio, static_cast<std::size_t>(*audio - read.media.data()));
    for (std::string_view rest = clean; !rest.empty();)
        writer.line(nextLine(rest));
    std::string out = writer.finish();
    if (out.size() > kMaxOctets)
        return tooLarge(out.size());
    return out;
}

} // namespace

Result<std::string> relayed(std::string_view text, const Relayed& plan)
{
    if (text.size() > kMaxOctets)
        return tooLarge(text.size());
    const std::string clean = cleaned(text);
    const auto read = parse(clean);
    return read ? rewritten(clean, *read, plan) : read.error();
}

Result<std::string> relayed(std::string_view text, const SessionDescription& read, const Relayed& plan)
{
    return std::ranges::all_of(text, isClean) ? rewritten(text, read, plan) : relayed(text, plan);
}

Result<std::string> direct(std::string_view text, const Relayed& plan)
{
    if (text.size() > kMaxOctets)
        return tooLarge(text.size());
    const std::string clean = cleaned(text);
    const auto read = parse(clean);
    if (!read)
        return read.error();
    if (const auto audio = audioIn(*read); !audio)
        return audio.error();
    std::string out = "v=0\r\n" + originLine(plan);
    for (std::string_view rest = clean; !rest.empty();) {
        const std::string_view line = trim(nextLine(rest));
        if (line.size() > 2 && line[1] == '=' && line[0] != 'v' && line[0] != 'o')
            out.append(line).append("\r\n");
    }
    if (out.size() > kMaxOctets)
        return tooLarge(out.size());
    return out;
}

} // namespace sr::sdp
