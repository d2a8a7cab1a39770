// SPDX-License-Identifier: GPL-3.0-or-later
// One stream's packets to sound: G.711 of the output's law is copied, all else decoded in order of sending.
#include "core/codec/call_render.h"

#include <algorithm>
#include <cmath>

namespace sr::codec {
namespace {

constexpr auto kNowhere = rtp::TimedPacket::kNowhere;
constexpr std::uint32_t kPrerollMs = 1000; // decoders settle in this much before a place that was sought

bool copies(const SoundFormat& sound, const AudioFormat& output)
{
    return sound.law && ((*sound.law == Law::A && output.coding == SampleCoding::ALaw) ||
                         (*sound.law == Law::U && output.coding == SampleCoding::ULaw));
}

std::uint8_t levelOf(std::span<const std::int16_t> samples)
{
    double energy = 0;
    for (const std::int16_t sample : samples)
        energy += static_cast<double>(sample) * sample;
    const double mean = samples.empty() ? 0 : energy / static_cast<double>(samples.size());
    return mean < 1
               ? 127
               : static_cast<std::uint8_t>(std::clamp(-10 * std::log10(mean / 1073741824.0), 0.0, 127.0));
}

} // namespace

StreamRender::StreamRender(const RenderPlan& plan, SoundFormats& formats, std::size_t index)
    : m_plan(plan)
    , m_formats(formats)
    , m_stream(plan.streams[index])
    , m_source(*plan.sources[index])
{
    m_earliest.resize(m_stream.count);
    std::uint32_t earliest = kNowhere;
    for (std::size_t i = m_stream.count; i-- > 0;) {
        earliest = std::min(earliest, m_plan.positions[m_stream.first + i]);
        m_earliest[i] = earliest;
    }
    start(0);
}

std::uint32_t StreamRender::earliestFrom(std::size_t i) const
{
    return i < m_earliest.size() ? m_earliest[i] : kNowhere;
}

void StreamRender::start(std::uint64_t frame)
{
    m_parser = std::make_unique<StreamParser>(m_source, m_formats);
    m_voices.clear();
    m_waiting.clear();
    m_levels.clear();
    m_copying = false;
    m_next = 0;
    const std::uint64_t preroll = std::uint64_t{m_plan.format.sampleRate} * kPrerollMs / 1000;
    if (frame <= preroll)
        return;
    const auto begin = m_plan.positions.begin() + static_cast<std::ptrdiff_t>(m_stream.first);
    const auto sounding = std::find_if(begin, begin + static_cast<std::ptrdiff_t>(m_stream.count),
                                       [from = frame - preroll](std::uint32_t position) {
                                           return position != kNowhere && position >= from;
                                       });
    m_next = static_cast<std::size_t>(sounding - begin);
}

Status StreamRender::render(std::uint64_t end, SoundWindow& window)
{
    // m_earliest rises, so the packets that matter now are those before the first that is late enough.
    const auto stop =
        std::lower_bound(m_earliest.begin() + static_cast<std::ptrdiff_t>(m_next), m_earliest.end(), end,
                         [](std::uint32_t earliest, std::uint64_t limit) { return earliest < limit; });
    const auto last = static_cast<std::size_t>(stop - m_earliest.begin());
    drain(std::min<std::uint64_t>(earliestFrom(m_next), end), window);
    std::size_t at = m_next;
    const auto visitor = [&](UtcTime captured, ByteView datagram) {
        if (at >= last)
            return;
        take(static_cast<std::uint32_t>(at), captured, datagram, end, window);
        ++at;
    };
    Status visited;
    if (m_next == 0 && last == m_stream.count)
        visited = m_source.source->visit(visitor);
    else if (last > m_next)
        visited = m_source.source->visitRange(m_next, last - m_next, visitor);
    if (!visited)
        return visited;
    if (at != std::max(last, m_next))
        return fail(BaseErrc::Truncated, "packets of a stream that were there before");
    m_next = at;
    drain(end, window);
    for (auto& [format, voice] : m_voices) {
        if (voice.limit < end || m_next == m_stream.count)
            endRun(voice, window);
    }
    return {};
}

void StreamRender::take(std::uint32_t packet, UtcTime captured, ByteView datagram, std::uint64_t end,
                        SoundWindow& window)
{
    const std::uint32_t position = m_plan.positions[m_stream.first + packet];
    if (position == kNowhere && !m_parser->encrypted())
        return;
    const rtp::PacketHead stored{captured, datagram.data(), datagram};
    if (m_copying && m_waiting.empty() && position < end &&
        m_parser->repeats(stored)) { // nearly every packet
        window.putCoded(m_stream.party, position, datagram.subspan(rtp::kFixedHeaderBytes));
        return;
    }
    rtp::PacketView view;
    std::uint8_t format = 0;
    const PacketVerdict verdict = m_parser->parse(stored, view, format);
    m_copying = verdict == PacketVerdict::Clear && copies(m_formats[format], m_plan.format);
    if (position == kNowhere || verdict != PacketVerdict::Clear ||
        m_formats[format].kind != rtp::PacketKind::Audio)
        return;
    const bool inOrder = m_copying || position <= earliestFrom(packet + 1);
    if (inOrder && position < end) {
        if (!m_waiting.empty())
            drain(position, window);
        sound(position, packet, format, view.payload, window);
    } else {
        const auto place = std::ranges::upper_bound(m_waiting, position, {}, &Waiting::position);
        m_waiting.insert(place, {position, packet, format, Bytes(view.payload.begin(), view.payload.end())});
    }
    if (!m_waiting.empty())
        drain(std::min<std::uint64_t>(earliestFrom(packet + 1), end), window);
}

/// Sounds what waited for earlier packets: now none will come before `before`.
void StreamRender::drain(std::uint64_t before, SoundWindow& window)
{
    std::size_t done = 0;
    for (; done < m_waiting.size() && m_waiting[done].position < before; ++done) {
        const Waiting& one = m_waiting[done];
        sound(one.position, one.packet, one.format, one.payload, window);
    }
    m_waiting.erase(m_waiting.begin(), m_waiting.begin() + static_cast<std::ptrdiff_t>(done));
}

void StreamRender::sound(std::uint32_t position, std::uint32_t packet, std::uint8_t format, ByteView payload,
                         SoundWindow& window)
{
    if (copies(m_formats[format], m_plan.format))
        window.putCoded(m_stream.party, position, payload);
    else
        decode(position, packet, format, payload, window);
}

void StreamRender::decode(std::uint32_t position, std::uint32_t packet, std::uint8_t format, ByteView payload,
                          SoundWindow& window)
{
    const SoundFormat& sound = m_formats[format];
    Voice& voice = m_voices[format];
    m_samples.clear();
    std::size_t planned = payload.size();
    if (sound.law) {
        m_samples.resize(payload.size());
        decodeG711(*sound.law, payload, m_samples);
    } else {
        if (voice.decoder == nullptr) {
            auto opened = PayloadDecoder::open(sound.format);
            if (!opened)
                return;
            voice.decoder = std::move(*opened);
        }
        planned = voice.decoder->durationOf(payload);
        if (!voice.decoder->decode(payload, m_samples))
            m_samples.clear(); // damaged: silence for as long
        m_samples.resize(planned);
        if (sound.hasSid && payload.size() % 10 == 2)
            m_levels[static_cast<std::uint32_t>(m_stream.first + packet)] =
                levelOf(std::span(m_samples).last(std::min<std::size_t>(80, planned)));
    }
    if (sound.sampleRate == m_plan.format.sampleRate)
        window.putPcm(m_stream.party, position, m_samples);
    else
        resample(voice, position, sound.sampleRate, window);
}

void StreamRender::resample(Voice& voice, std::uint32_t position, std::uint32_t inRate, SoundWindow& window)
{
    if (voice.resampler == nullptr || voice.limit != position) {
        endRun(voice, window);
        auto opened = Resampler::open(inRate, m_plan.format.sampleRate, 1);
        if (!opened)
            return;
        voice.resampler = std::move(*opened);
        voice.next = position;
        voice.limit = position;
    }
    voice.limit += m_samples.size() * std::uint64_t{m_plan.format.sampleRate} / inRate;
    m_resampled.clear();
    if (!voice.resampler->process(m_samples, m_resampled))
        m_resampled.clear();
    window.putPcm(m_stream.party, voice.next, m_resampled);
    voice.next += m_resampled.size();
}

void StreamRender::endRun(Voice& voice, SoundWindow& window)
{
    if (voice.resampler == nullptr)
        return;
    m_resampled.clear();
    if (voice.resampler->finish(m_resampled) && voice.next < voice.limit) {
        m_resampled.resize(std::min<std::size_t>(m_resampled.size(), voice.limit - voice.next));
        window.putPcm(m_stream.party, voice.next, m_resampled);
    }
    voice.resampler.reset();
}

std::optional<std::uint8_t> StreamRender::noiseLevel(std::uint32_t packet) const
{
    const auto found = m_levels.find(packet);
    return found == m_levels.end() ? std::nullopt : std::optional(found->second);
}

} // namespace sr::codec
