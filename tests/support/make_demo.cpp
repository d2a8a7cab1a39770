// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the demo's capture: two calls whose voices come from sound files, or tones where none are given.
//   make_demo OUT.pcap [a|b SECOND FILE.wav]...      `a` is the caller, at that second after the answer
#include "core/codec/resampler.h"
#include "tests/support/capture_builder.h"
#include "tests/support/whole_sound.h"

#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace {

using namespace sr;

/// What one party says, on the time line of the call.
using Track = std::vector<std::int16_t>;

std::vector<std::int16_t> speech(const char* file)
{
    const test::WholeSound sound = test::wholeSound(pathOf(file));
    if (sound.channels != 1)
        throw std::runtime_error(std::string(file) + " is no mono sound file");
    auto resampler = codec::Resampler::open(sound.rate, 8000, 1);
    std::vector<std::int16_t> out;
    if (!resampler || !(*resampler)->process(sound.samples, out) || !(*resampler)->finish(out))
        throw std::runtime_error(std::string("cannot resample ") + file);
    return out;
}

void place(Track& track, double second, const std::vector<std::int16_t>& words)
{
    const auto from = static_cast<std::size_t>(second * 8000);
    track.resize(std::max(track.size(), from + words.size()));
    std::copy(words.begin(), words.end(), track.begin() + static_cast<std::ptrdiff_t>(from));
}

std::function<std::int16_t(std::uint64_t)> voiceOf(const Track& track)
{
    return [&track](std::uint64_t n) { return n < track.size() ? track[n] : std::int16_t{0}; };
}

int make(int argc, char** argv)
{
    Track caller;
    Track callee;
    for (int i = 2; i + 2 < argc; i += 3)
        place(argv[i][0] == 'a' ? caller : callee, std::atof(argv[i + 1]), speech(argv[i + 2]));
    test::CallPlan first = test::usualCall(
        std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now()) - seconds(600));
    first.callId = "demo-1@switchroom";
    first.callee.name = "Stadtwerke";
    first.ringSeconds = 7;
    first.talkSeconds =
        static_cast<double>(std::max({caller.size(), callee.size(), std::size_t{64'000}})) / 8000 + 1;
    first.digits = "2#";
    test::CallPlan second = test::usualCall(first.start + seconds(240));
    second.callId = "demo-2@switchroom";
    std::swap(second.caller, second.callee);
    second.caller.media.port = static_cast<std::uint16_t>(second.caller.media.port + 2);
    second.callee.media.port = static_cast<std::uint16_t>(second.callee.media.port + 2);
    second.ringSeconds = 3;
    second.talkSeconds = first.talkSeconds;
    if (!caller.empty() || !callee.empty()) {
        first.caller.voice = second.callee.voice = voiceOf(caller);
        first.callee.voice = second.caller.voice = voiceOf(callee);
    }
    test::CaptureBuilder builder;
    builder.addCall(first);
    builder.addCall(second);
    builder.save(pathOf(argv[1]));
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 2 || argc % 3 != 2) {
        std::fputs("make_demo OUT.pcap [a|b SECOND FILE.wav]...\n", stderr);
        return 2;
    }
    try {
        return make(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "make_demo: %s\n", error.what());
        return 1;
    }
}
