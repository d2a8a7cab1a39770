// SPDX-License-Identifier: GPL-3.0-or-later
// A call's sound: reads the packets once to plan the time line, then again, window by window, to render it.
#include "core/codec/call_audio.h"

#include "core/codec/call_render.h"
#include "core/codec/call_sound.h"
#include "core/codec/interleave.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

namespace sr::codec {
namespace {

// Chosen: G.711 passes through the second-level cache; where decoding costs more than finding the place in
// the packets, half a minute, so that the player hears a place it sought at once.
constexpr std::size_t kCopyWindow = std::size_t{1} << 17;   // [frames]
constexpr std::size_t kDecodeWindow = std::size_t{1} << 19; // [frames]
constexpr std::size_t kGuard = 4096; // [frames] at the end of a window, where a resampler may still add
constexpr std::size_t kCopyMargin = std::size_t{1} << 16;   // [frames] one packet may reach past the window
constexpr std::size_t kDecodeMargin = std::size_t{1} << 17; // [frames]
constexpr std::int64_t kLongestCall = 26 * 3600; // [s] of recording; design.md makes a new part at 4 hours
constexpr std::int64_t kAfterEnd = 3600;         // [s] media this long after the end belongs to no call

/// decisions.md 3.
AudioFormat chooseFormat(const CallPackets& call, const SoundFormats& formats, bool alwaysG711)
{
    bool wideband = false;
    bool aLaw = false;
    bool uLaw = false;
    bool other = false;
    for (const auto& party : call.heard) {
        for (const std::uint8_t format : party) {
            const SoundFormat& sound = formats[format];
            wideband = wideband || sound.sampleRate > 8000;
            aLaw = aLaw || sound.law == Law::A;
            uLaw = uLaw || sound.law == Law::U;
            other = other || !sound.law;
        }
    }
    if (wideband && !alwaysG711)
        return {SampleCoding::Pcm16, 16000, 2};
    return {uLaw && !aLaw && !other ? SampleCoding::ULaw : SampleCoding::ALaw, 8000, 2};
}

InsertionKind kindOf(rtp::GapKind kind)
{
    switch (kind) {
    case rtp::GapKind::ComfortNoise:
        return InsertionKind::ComfortNoise;
    case rtp::GapKind::Loss:
        return InsertionKind::Loss;
    case rtp::GapKind::ClockSkew:
        return InsertionKind::ClockSkew;
    case rtp::GapKind::Silence:
        break;
    }
    return InsertionKind::Silence;
}

/// By frame; runs of one kind joined.
std::vector<Insertion> insertionsOf(std::span<const rtp::Gap> gaps)
{
    std::vector<Insertion> all;
    for (const std::size_t party : {kInternal, kExternal}) {
        bool joins = false; // with the last of the same party
        for (const rtp::Gap& gap : gaps) {
            if (gap.party != party)
                continue;
            const InsertionKind kind = kindOf(gap.kind);
            if (joins && all.back().kind == kind && all.back().frame + all.back().frames == gap.frame)
                all.back().frames += gap.frames;
            else
                all.push_back({party, kind, gap.frame, gap.frames});
            joins = true;
        }
    }
    std::ranges::stable_sort(all, {}, &Insertion::frame);
    return all;
}

std::string namesOf(const std::vector<std::uint8_t>& heard, const SoundFormats& formats)
{
    std::string names;
    std::vector<std::string> seen;
    for (const std::uint8_t format : heard) {
        const std::string& encoding = formats[format].format.encoding;
        if (std::ranges::find(seen, encoding) != seen.end())
            continue;
        seen.push_back(encoding);
        names += (names.empty() ? "" : "+") + encoding;
    }
    return names;
}

/// Digits at the place of their event packets. One key seen in two streams of one source counts once.
std::vector<Digit> digitsOf(const CallPackets& call)
{
    using Press =
        std::tuple<std::size_t, std::uint32_t, std::uint32_t, char>; // party, SSRC, RTP time, symbol
    std::map<Press, std::size_t> counted;                            // by which stream
    std::vector<Digit> digits;
    std::unordered_map<std::uint32_t, std::uint32_t> places; // RTP time to position, of one stream
    std::size_t placed = call.streams.size();
    for (const CallPackets::Key& key : call.keys) {
        const rtp::TimelineStream& stream = call.streams[key.stream];
        if (placed != key.stream) {
            placed = key.stream;
            places.clear();
            for (std::size_t i = stream.first; i < stream.first + stream.count; ++i) {
                const rtp::TimedPacket& packet = call.packets[i];
                if (packet.kind == rtp::PacketKind::Event && packet.position != rtp::TimedPacket::kNowhere)
                    places.try_emplace(packet.timestamp, packet.position);
            }
        }
        const auto place = places.find(key.timestamp);
        if (place == places.end())
            continue; // before the answer
        const Press press{stream.party, stream.ssrc, key.timestamp, key.symbol};
        if (counted.try_emplace(press, key.stream).first->second == key.stream)
            digits.push_back({stream.party, key.symbol, place->second, key.durationMs});
    }
    std::ranges::stable_sort(digits, {}, &Digit::frame);
    return digits;
}

} // namespace

CallSound::CallSound(CallAudioInput input)
    : m_input(std::move(input))
{}

Status CallSound::plan()
{
    auto read = readCallPackets(m_input, m_formats);
    if (!read)
        return read.error();
    CallPackets& call = *read;
    m_info.format = chooseFormat(call, m_formats, m_input.alwaysG711);
    const std::uint32_t rate = m_info.format.sampleRate;
    const std::int64_t duration = std::max<std::int64_t>((m_input.end - m_input.start).count(), 0);
    const std::int64_t longest =
        duration > 0 ? std::min(duration / 1000000 + kAfterEnd, kLongestCall) : kLongestCall;
    const std::vector<rtp::TimelineFormat> clocks = m_formats.clocks();
    rtp::TimelinePlan plan =
        rtp::planTimeline({call.packets, call.streams, clocks, rate, std::min(duration, longest * 1000000),
                           static_cast<std::uint32_t>(longest * rate)});
    m_info.frames = plan.frames;
    m_info.lost = plan.lost;
    m_info.duplicates = plan.duplicates;
    m_info.locked = call.locked;
    for (std::size_t party = 0; party < 2; ++party) {
        m_info.codecs[party] = namesOf(call.heard[party], m_formats);
        m_info.undecodable[party] = call.undecodable[party] + plan.tooLate[party];
    }
    m_info.digits = digitsOf(call);
    m_info.insertions = insertionsOf(plan.gaps);

    m_plan.format = m_info.format;
    m_plan.positions.reserve(call.packets.size());
    for (const rtp::TimedPacket& packet : call.packets)
        m_plan.positions.push_back(packet.position);
    std::erase_if(plan.gaps, [](const rtp::Gap& gap) { return gap.kind != rtp::GapKind::ComfortNoise; });
    m_plan.noiseGaps = std::move(plan.gaps);
    m_plan.noise = std::move(call.noise);
    m_plan.streams = std::move(call.streams);
    m_plan.sources = std::move(call.sources);

    m_window = std::make_unique<SoundWindow>(m_info.format, plan.overlaps);
    m_decodes = false;
    for (const auto& party : call.heard) {
        for (const std::uint8_t format : party)
            m_decodes = m_decodes || !m_formats[format].law || rate != 8000;
    }
    for (std::size_t i = 0; i < m_plan.streams.size(); ++i)
        m_streams.push_back(std::make_unique<StreamRender>(m_plan, m_formats, i));
    return {};
}

/// Makes m_window hold m_at, and m_ready the frame up to which it is finished.
Status CallSound::renderHere()
{
    const std::size_t size = m_decodes ? kDecodeWindow : kCopyWindow;
    const bool whole = m_info.frames <= size;
    const std::size_t room =
        whole ? static_cast<std::size_t>(m_info.frames) : size + (m_decodes ? kDecodeMargin : kCopyMargin);
    if (!m_rendering || m_at < m_window->first() || m_at >= m_ready + size) {
        const std::uint64_t first = whole ? 0 : m_at;
        for (const auto& stream : m_streams)
            stream->start(first);
        m_window->reset(first, room);
        m_rendering = true;
    } else {
        m_window->slide(m_ready);
    }
    const std::uint64_t end = std::min<std::uint64_t>(m_window->first() + size, m_info.frames);
    for (const auto& stream : m_streams) {
        if (const Status done = stream->render(end, *m_window); !done) {
            m_rendering = false;
            m_ready = 0;
            return done;
        }
    }
    m_ready = end == m_info.frames || !m_decodes ? end : end - kGuard;
    fillNoise();
    return {};
}

void CallSound::fillNoise()
{
    const std::uint64_t first = m_window->first();
    std::vector<std::int16_t> samples;
    for (const rtp::Gap& gap : m_plan.noiseGaps) {
        const std::uint64_t from = std::max<std::uint64_t>(gap.frame, first);
        const std::uint64_t to = std::min<std::uint64_t>(std::uint64_t{gap.frame} + gap.frames, m_ready);
        if (from >= to)
            continue;
        rtp::NoiseGenerator generator(gap.frame + 1U);
        generator.set(noiseOf(gap));
        constexpr std::uint64_t kPiece = 8000;
        for (std::uint64_t at = from; at < to; at += kPiece) {
            samples.resize(static_cast<std::size_t>(std::min(kPiece, to - at)));
            generator.fill(samples);
            m_window->putPcm(gap.party, at, samples);
        }
    }
}

rtp::ComfortNoise CallSound::noiseOf(const rtp::Gap& gap) const
{
    const auto known = std::ranges::lower_bound(m_plan.noise, gap.noise, {}, &CallPackets::Noise::packet);
    rtp::ComfortNoise noise;
    if (known != m_plan.noise.end() && known->packet == gap.noise) {
        noise = rtp::parseComfortNoise(ByteView(known->payload).first(known->size)).value_or(noise);
        return noise;
    }
    for (const auto& stream : m_streams)
        noise.level = stream->noiseLevel(gap.noise).value_or(noise.level);
    return noise;
}

Result<std::size_t> CallSound::advance(std::size_t wanted)
{
    if (m_at >= m_info.frames || wanted == 0)
        return std::size_t{0};
    if (!m_rendering || m_at < m_window->first() || m_at >= m_ready) {
        if (const Status done = renderHere(); !done)
            return done.error();
    }
    return static_cast<std::size_t>(std::min<std::uint64_t>(wanted, m_ready - m_at));
}

Result<std::size_t> CallSound::readCoded(std::span<std::byte> out)
{
    const std::size_t frameBytes = m_info.format.frameBytes();
    std::size_t done = 0;
    while (done < out.size() / frameBytes) {
        const auto frames = advance(out.size() / frameBytes - done);
        if (!frames)
            return frames.error();
        if (*frames == 0)
            break;
        const auto from = static_cast<std::size_t>(m_at - m_window->first());
        std::byte* const to = out.data() + done * frameBytes;
        if (m_info.format.coding == SampleCoding::Pcm16)
            interleaveLe(m_window->pcm(0) + from, m_window->pcm(1) + from, *frames, to);
        else
            interleave(m_window->coded(0) + from, m_window->coded(1) + from, *frames, to);
        m_at += *frames;
        done += *frames;
    }
    return done;
}

Result<std::size_t> CallSound::readPcm(std::span<std::int16_t> interleaved)
{
    std::size_t done = 0;
    while (done < interleaved.size() / 2) {
        const auto frames = advance(interleaved.size() / 2 - done);
        if (!frames)
            return frames.error();
        if (*frames == 0)
            break;
        const auto from = static_cast<std::size_t>(m_at - m_window->first());
        std::int16_t* const to = interleaved.data() + 2 * done;
        if (m_info.format.coding == SampleCoding::Pcm16) {
            for (std::size_t i = 0; i < *frames; ++i) {
                to[2 * i] = m_window->pcm(0)[from + i];
                to[2 * i + 1] = m_window->pcm(1)[from + i];
            }
        } else {
            const Law law = m_info.format.coding == SampleCoding::ULaw ? Law::U : Law::A;
            m_coded.resize(2 * *frames);
            interleave(m_window->coded(0) + from, m_window->coded(1) + from, *frames, m_coded.data());
            decodeG711(law, m_coded, std::span(to, 2 * *frames));
        }
        m_at += *frames;
        done += *frames;
    }
    return done;
}

Status CallSound::seek(std::uint64_t frame)
{
    m_at = std::min(frame, m_info.frames);
    return {};
}

Result<std::unique_ptr<CallAudio>> CallAudio::open(CallAudioInput input)
{
    auto sound = std::make_unique<CallSound>(std::move(input));
    if (const Status planned = sound->plan(); !planned)
        return planned.error();
    return std::unique_ptr<CallAudio>(std::move(sound));
}

namespace {

class CallReader final : public AudioReader {
public:
    explicit CallReader(std::unique_ptr<CallSound> sound)
        : m_sound(std::move(sound))
    {}
    std::uint32_t sampleRate() const override { return m_sound->info().format.sampleRate; }
    std::uint8_t channels() const override { return m_sound->info().format.channels; }
    std::uint64_t frames() const override { return m_sound->info().frames; }
    Status seek(std::uint64_t frame) override { return m_sound->seek(frame); }
    Result<std::size_t> read(std::span<std::int16_t> interleaved) override
    {
        return m_sound->readPcm(interleaved);
    }

private:
    std::unique_ptr<CallSound> m_sound;
};

} // namespace

Result<std::unique_ptr<AudioReader>> openCallReader(CallAudioInput input)
{
    auto sound = std::make_unique<CallSound>(std::move(input));
    if (const Status planned = sound->plan(); !planned)
        return planned.error();
    return std::unique_ptr<AudioReader>(std::make_unique<CallReader>(std::move(sound)));
}

} // namespace sr::codec
