// SPDX-License-Identifier: GPL-3.0-or-later
// A scene of SIP messages and voices becomes a capture of any link layer, goes through a whole import into an
// archive of its own, and comes back as recordings and sound.
#pragma once

#include "core/codec/audio_file.h"
#include "core/engine/engine.h"
#include "recorder/pipeline/import_job.h"
#include "tests/unit/capture/frames.h"
#include "tests/unit/capture/sip_flow.h"
#include "tests/unit/codec/g722_encoder.h"
#include "tests/unit/codec/recorded_call.h"
#include "tests/unit/rtp/srtp_sender.h"

#include <QTemporaryDir>

#include <map>
#include <stdexcept>

namespace sr::test {

/// What is said at a moment of the scene [us].
using Sound = std::function<std::int16_t(std::int64_t)>;

inline Sound bursts()
{
    return [](std::int64_t us) { return burstAt(us); };
}
inline Sound steadyTone(double hertz, double amplitude = 8000)
{
    return [=](std::int64_t us) {
        return static_cast<std::int16_t>(
            amplitude * std::sin(2 * std::numbers::pi * hertz * static_cast<double>(us) * 1e-6));
    };
}

/// One RTP stream: packets leave every `ptimeMs` from `begin` on, each when its last sample is spoken.
struct VoiceRun {
    std::string from;
    std::string to;
    double begin = 1; ///< [s] of the scene
    double end = 11;
    std::uint32_t ssrc = 1;
    std::uint8_t type = 8; ///< 0, 8 or 9
    Sound sound = bursts();
    unsigned ptimeMs = 20;
    std::uint16_t sequence = 100;
    std::uint32_t timestamp = 1000;
    const SrtpSender* srtp = nullptr; ///< A-law only; sequence and time stamp are then its own
    double ppm = 0;                   ///< its clock against true time
    unsigned loseEvery = 0;
};

// Where Scene::call() announces the media of its two parties.
inline constexpr const char* kCallerMedia = "10.0.0.1:4000";
inline constexpr const char* kCalleeMedia = "10.0.0.2:5000";

inline VoiceRun caller(double begin, double end, std::uint8_t type = 8)
{
    return {.from = kCallerMedia, .to = kCalleeMedia, .begin = begin, .end = end, .ssrc = 11, .type = type};
}
inline VoiceRun callee(double begin, double end, std::uint8_t type = 8)
{
    return {.from = kCalleeMedia, .to = kCallerMedia, .begin = begin, .end = end, .ssrc = 22, .type = type};
}

struct SceneEvent {
    double t;
    Endpoint from;
    Endpoint to;
    Bytes payload;
    bool sip;
};

/// Turns one event into frames.
using Framing = std::function<std::vector<Bytes>(const SceneEvent&)>;

inline std::vector<Bytes> plainEthernet(const SceneEvent& event)
{
    return {ethernet(event.from.address.isV4() ? 0x0800 : 0x86dd,
                     udpPacket(event.from, event.to, event.payload))};
}

class Scene {
public:
    Scene& sip(double t, const std::string& from, const std::string& to, const capture::test::Sip& message)
    {
        m_events.push_back({t, capture::test::ep(from), capture::test::ep(to), raw(message.text()), true});
        return *this;
    }

    /// 100 at 10.0.0.1 (media 4000) calls 200 at 10.0.0.2 (media 5000): answered at 1 s, BYE at `end`.
    Scene& call(double end, const std::string& offer = capture::test::sdp("10.0.0.1", 4000),
                const std::string& answer = capture::test::sdp("10.0.0.2", 5000))
    {
        using capture::test::request;
        using capture::test::response;
        sip(0, kCaller, kCallee, request("INVITE").with(offer));
        sip(0.2, kCallee, kCaller, response(180).tt());
        sip(1, kCallee, kCaller, response(200).tt().with(answer));
        sip(1.01, kCaller, kCallee, request("ACK").tt());
        sip(end, kCaller, kCallee, request("BYE", 90).tt());
        sip(end + 0.01, kCallee, kCaller, response(200, "BYE", 90).tt());
        return *this;
    }
    /// The caller's re-INVITE at `t`, answered 100 ms later.
    Scene& reinvite(double t, int cseq, const std::string& offer,
                    const std::string& answer = capture::test::sdp("10.0.0.2", 5000))
    {
        using capture::test::request;
        using capture::test::response;
        sip(t, kCaller, kCallee, request("INVITE", cseq).tt().with(offer));
        sip(t + 0.1, kCallee, kCaller, response(200, "INVITE", cseq).tt().with(answer));
        sip(t + 0.11, kCaller, kCallee, request("ACK", cseq).tt());
        return *this;
    }

    Scene& voice(const VoiceRun& run)
    {
        G722Encoder g722;
        const unsigned samples = run.ptimeMs * 8;
        const double period = run.ptimeMs / 1000.0 / (1 + run.ppm * 1e-6);
        for (std::uint32_t n = 0; run.begin + (n + 1) * period <= run.end + 1e-9; ++n) {
            const double begin = run.begin + n * period;
            const Bytes payload = payloadOf(run, g722, begin, period, samples);
            if (run.loseEvery != 0 && n % run.loseEvery == run.loseEvery - 1)
                continue;
            const auto number = static_cast<std::uint16_t>(run.sequence + n);
            const Bytes packet =
                run.srtp != nullptr
                    ? run.srtp->protect(number, 0, run.ssrc, payload)
                    : rtpDatagram(run.type, number, run.timestamp + n * samples, run.ssrc, payload);
            m_events.push_back(
                {begin + period, capture::test::ep(run.from), capture::test::ep(run.to), packet, false});
        }
        return *this;
    }
    Scene& packet(double t, const std::string& from, const std::string& to, Bytes payload)
    {
        m_events.push_back({t, capture::test::ep(from), capture::test::ep(to), std::move(payload), false});
        return *this;
    }
    /// Every packet comes twice, as from a mirror port.
    Scene& doubled()
    {
        m_doubled = true;
        return *this;
    }

    Bytes pcap(const Framing& framing = plainEthernet, std::uint32_t linkType = 1)
    {
        std::stable_sort(m_events.begin(), m_events.end(),
                         [](const SceneEvent& a, const SceneEvent& b) { return a.t < b.t; });
        PcapBytes file(false, 0xa1b2c3d4, linkType);
        for (const SceneEvent& event : m_events) {
            for (int copy = 0; copy < (m_doubled ? 2 : 1); ++copy) {
                const auto us = capture::test::at(event.t + copy * 0.00003).time_since_epoch().count();
                for (const Bytes& frame : framing(event))
                    file.add(static_cast<std::uint32_t>(us / 1000000),
                             static_cast<std::uint32_t>(us % 1000000), frame);
            }
        }
        return file.bytes;
    }

    static constexpr const char* kCaller = "10.0.0.1";
    static constexpr const char* kCallee = "10.0.0.2";

private:
    static Bytes payloadOf(const VoiceRun& run, G722Encoder& g722, double begin, double period,
                           unsigned samples)
    {
        const unsigned count = run.type == 9 ? 2 * samples : samples;
        std::vector<std::int16_t> sound(count);
        for (unsigned i = 0; i < count; ++i)
            sound[i] = run.sound(static_cast<std::int64_t>((begin + period * i / count) * 1e6 + 0.5));
        if (run.type == 9)
            return g722.encode(sound);
        Bytes octets(count);
        for (unsigned i = 0; i < count; ++i)
            octets[i] = codec::encodeG711(run.type == 0 ? codec::Law::U : codec::Law::A, sound[i]);
        return octets;
    }

    std::vector<SceneEvent> m_events;
    bool m_doubled = false;
};

/// An archive and machine of its own. Throws where a test cannot go on.
class SceneArchive {
public:
    SceneArchive()
    {
        engine::EngineOptions options;
        options.configDir = pathOf(m_dir.path().toStdString()) / "config";
        options.archiveRoot = pathOf(m_dir.path().toStdString()) / "archive";
        options.createArchive = true;
        options.timeZone = "UTC";
        auto engine = engine::Engine::open(options, m_clock);
        if (!engine)
            throw std::runtime_error(engine.error().text());
        m_engine = std::move(*engine);
    }

    /// The caller 100 is internal unless the options say otherwise, so the left channel is the caller's.
    recorder::ImportReport import(const Bytes& capture, recorder::ImportOptions options = {})
    {
        if (options.internalPattern.empty())
            options.internalPattern = "100";
        options.workers = 1;
        const Path file =
            pathOf(m_dir.path().toStdString()) / ("scene" + std::to_string(m_files++) + ".pcap");
        auto out = File::open(file, OpenMode::CreateNew);
        if (!out || !(*out)->write(capture))
            throw std::runtime_error("cannot write the scene");
        out->reset();
        Progress quiet;
        auto outcome = recorder::importCaptures(archive(), {file}, options, quiet);
        if (outcome.stopped)
            throw std::runtime_error(outcome.stopped->text());
        return std::move(outcome.report);
    }
    archive::Archive& archive() { return m_engine->archive(); }
    archive::Recording recording(const archive::RecordingRow& row)
    {
        auto read = archive().recording(row.uid);
        if (!read)
            throw std::runtime_error(read.error().text());
        return *read;
    }
    Bytes audioBytes(const archive::RecordingRow& row)
    {
        auto source = archive().openAudio(row.uid);
        if (!source)
            throw std::runtime_error(source.error().text());
        Bytes all(static_cast<std::size_t>((*source)->size()));
        const auto got = (*source)->readAt(0, all);
        if (!got || *got != all.size())
            throw std::runtime_error("cannot read the audio");
        return all;
    }
    /// Interleaved samples of a recording.
    std::vector<std::int16_t> sound(const archive::RecordingRow& row, std::uint32_t* rate = nullptr)
    {
        auto source = archive().openAudio(row.uid);
        if (!source)
            throw std::runtime_error(source.error().text());
        auto reader = codec::openAudio(std::move(*source));
        if (!reader)
            throw std::runtime_error(reader.error().text());
        if (rate != nullptr)
            *rate = (*reader)->sampleRate();
        std::vector<std::int16_t> all(static_cast<std::size_t>((*reader)->frames() * (*reader)->channels()));
        std::size_t at = 0;
        while (at < all.size()) {
            const auto got = (*reader)->read(std::span(all).subspan(at));
            if (!got || *got == 0)
                throw std::runtime_error("the audio is shorter than its header");
            at += *got * (*reader)->channels();
        }
        return all;
    }

private:
    QTemporaryDir m_dir;
    SystemClock m_clock;
    std::unique_ptr<engine::Engine> m_engine;
    int m_files = 0;
};

/// Bursts begin at these seconds of the scene (answer at 1 s) within 20 ms plus a packet's length, and no
/// others do. Empty: fine; else what is wrong.
inline std::string wrongBursts(const std::vector<std::int16_t>& stereo, std::size_t channel,
                               std::uint32_t rate, const std::vector<int>& expected, double toleranceMs = 20)
{
    const auto found = burstsIn(stereo, channel);
    std::string text = "found";
    for (const std::int64_t frame : found)
        text += " " + std::to_string(static_cast<double>(frame) / rate + 1);
    if (found.size() != expected.size())
        return text;
    for (std::size_t i = 0; i < found.size(); ++i) {
        // captured a packet's length (20 ms) after it was spoken
        const double ms = (static_cast<double>(found[i]) / rate + 1 - expected[i]) * 1000 - 20;
        if (std::abs(ms) > toleranceMs)
            return text + "; off by " + std::to_string(ms) + " ms";
    }
    return {};
}

inline std::vector<int> secondsFrom(int first, int last)
{
    std::vector<int> all;
    for (int s = first; s <= last; ++s)
        all.push_back(s);
    return all;
}

inline std::vector<std::int16_t> stretchOf(const std::vector<std::int16_t>& stereo, std::size_t channel,
                                           std::uint32_t rate, double from, double until)
{
    std::vector<std::int16_t> out;
    const auto frame = [rate](double s) { return static_cast<std::size_t>((s - 1) * rate); };
    for (std::size_t i = frame(from); i < frame(until) && 2 * i + channel < stereo.size(); ++i)
        out.push_back(stereo[2 * i + channel]);
    return out;
}

} // namespace sr::test

/// Fails the test with the words of wrongBursts().
#define NO_WRONG_BURSTS(...)                                                                                 \
    do {                                                                                                     \
        const std::string wrong_ = wrongBursts(__VA_ARGS__);                                                 \
        QVERIFY2(wrong_.empty(), wrong_.c_str());                                                            \
    } while (false)
