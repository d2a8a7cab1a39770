// SPDX-License-Identifier: GPL-3.0-or-later
// MP3: CPU seconds of openAudio() + Mp3Encoder against the `lame` program on the same WAV, bit rate and -q.
// Run: bench_mp3 [minutes]   (numbers.md wants at least 0.90)
#include "core/base/file.h"
#include "core/codec/audio_file.h"
#include "core/codec/g711.h"
#include "core/codec/mp3_encoder.h"
#include "core/codec/wav.h"

#include <sys/resource.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

using namespace sr;

namespace {

double cpuSeconds(int who)
{
    rusage usage{};
    getrusage(who, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Two parties that take turns: harmonics that wander, breath noise, pauses.
std::vector<std::int16_t> conversation(std::uint32_t rate, std::size_t frames, std::uint8_t channels)
{
    std::mt19937 random(1);
    std::vector<std::int16_t> out(frames * channels);
    double phase = 0;
    for (std::size_t i = 0; i < frames; ++i) {
        const double t = static_cast<double>(i) / rate;
        const double pitch = 120 + 40 * std::sin(t * 2.1) + 15 * std::sin(t * 7.3);
        phase += 2 * 3.14159265358979 * pitch / rate;
        double voice = 0;
        for (int h = 1; h <= 12; ++h)
            voice += std::sin(phase * h) / h * (1 + std::sin(t * 3 + h));
        const double loud = std::max(0.0, std::sin(t * 5) * std::sin(t * 0.7));
        const auto talker = static_cast<std::size_t>(t / 4) % channels;
        for (std::size_t c = 0; c < channels; ++c) {
            const double noise = static_cast<double>(random() % 200) - 100;
            out[i * channels + c] =
                static_cast<std::int16_t>((c == talker ? 2500 * voice * loud : 0) + noise);
        }
    }
    return out;
}

bool writeWav(const Path& path, const codec::AudioFormat& format, const std::vector<std::int16_t>& samples)
{
    Bytes file = *codec::wavHeader(format, samples.size() / format.channels);
    const auto bytes = std::as_bytes(std::span(samples));
    file.insert(file.end(), bytes.begin(), bytes.end());
    return bool(writeFileAtomic(path, file));
}

/// File to file, as the pipeline does it.
bool encodeOurs(const Path& in, const Path& out, codec::Mp3Options options)
{
    auto source = File::open(in, OpenMode::Read);
    if (!removeFile(out))
        return false;
    auto sink = File::open(out, OpenMode::CreateNew);
    if (!source || !sink)
        return false;
    auto reader = codec::openAudio(std::move(source).value());
    if (!reader)
        return false;
    options.frames = (*reader)->frames();
    auto encoder = codec::Mp3Encoder::open(**sink, options);
    std::vector<std::int16_t> block(std::size_t{4096} * options.channels);
    while (encoder) {
        const auto got = (*reader)->read(block);
        if (!got)
            return false;
        if (*got == 0)
            return bool((*encoder)->finish());
        if (!(*encoder)->write(std::span(block).first(*got * options.channels)))
            return false;
    }
    return false;
}

bool compare(const Path& dir, const codec::Mp3Options& options, const char* mode, double minutes)
{
    const codec::AudioFormat format{codec::SampleCoding::Pcm16, options.sampleRate, options.channels};
    const auto frames = static_cast<std::size_t>(minutes * 60 * options.sampleRate);
    const Path wav = dir / "in.wav";
    if (!writeWav(wav, format, conversation(options.sampleRate, frames, options.channels)))
        return false;
    const std::string command = "lame --quiet --cbr -b " + std::to_string(options.bitrateKbps) + " -q " +
                                std::to_string(options.quality) + " --resample " +
                                std::to_string(options.sampleRate / 1000) + " -m " + mode + " '" +
                                utf8Of(wav) + "' '" + utf8Of(dir / "lame.mp3") + "'";
    double ours = 1e9;
    double theirs = 1e9;
    for (int round = 0; round < 3; ++round) { // the best of three each, in turns
        double before = cpuSeconds(RUSAGE_CHILDREN);
        if (std::system(command.c_str()) != 0)
            return false;
        theirs = std::min(theirs, cpuSeconds(RUSAGE_CHILDREN) - before);
        before = cpuSeconds(RUSAGE_SELF);
        if (!encodeOurs(wav, dir / "ours.mp3", options))
            return false;
        ours = std::min(ours, cpuSeconds(RUSAGE_SELF) - before);
    }
    const auto bytes = readFile(dir / "ours.mp3", 1U << 30);
    std::printf("%5u Hz %s %2d kbit/s -q %d: lame %.3f s, ours %.3f s CPU, speed ratio %.2f, %.0fx real "
                "time, %.1f kB/min\n",
                options.sampleRate, mode, options.bitrateKbps, options.quality, theirs, ours, theirs / ours,
                minutes * 60 / ours, bytes ? static_cast<double>(bytes->size()) / 1000 / minutes : 0.0);
    return true;
}

} // namespace

int main(int argc, char** argv)
{
    const double minutes = argc > 1 ? std::atof(argv[1]) : 10;
    const Path dir =
        std::filesystem::temp_directory_path() / ("bench_mp3_" + std::to_string(std::random_device{}()));
    bool good = bool(makeDirs(dir));
    for (const int quality : {5, 7}) {
        good = good && compare(dir, {8000, 2, 32, quality}, "s", minutes);
        good = good && compare(dir, {8000, 2, 32, quality}, "j", minutes);
        good = good && compare(dir, {8000, 1, 16, quality}, "m", minutes);
        good = good && compare(dir, {16000, 2, 32, quality}, "s", minutes);
    }
    if (!removeTree(dir) || !good) {
        std::fprintf(stderr, "bench_mp3: failed (is `lame` installed?)\n");
        return 1;
    }
    return 0;
}
