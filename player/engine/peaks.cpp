// SPDX-License-Identifier: GPL-3.0-or-later
// One pass over the samples, slice by slice.
#include "player/engine/peaks.h"

#include <algorithm>
#include <chrono>

namespace sr::player {

namespace {

constexpr std::size_t kBlockFrames = 8192; // chosen: a second of telephony, cancelled within a millisecond
constexpr auto kPublishEvery = std::chrono::milliseconds(40);

/// Input channel of each party, -1 for a party that the file does not hold.
std::array<int, 2> channelsOfParties(unsigned channels, archive::ChannelLayout layout)
{
    if (channels >= 2)
        return {0, 1};
    if (layout == archive::ChannelLayout::ExternalOnly)
        return {-1, 0};
    return {0, -1}; // one party, or a mono mix drawn once
}

void widen(PeakPair& pair, std::int16_t sample)
{
    pair.low = std::min(pair.low, sample);
    pair.high = std::max(pair.high, sample);
}

} // namespace

Status computePeaks(codec::AudioReader& reader, archive::ChannelLayout layout, std::size_t slices,
                    const std::atomic<bool>& cancelled, const std::function<void(PeaksPtr)>& publish)
{
    const unsigned channels = reader.channels();
    const std::uint64_t frames = reader.frames();
    Peaks peaks;
    peaks.mixed = channels == 1 && layout != archive::ChannelLayout::InternalOnly &&
                  layout != archive::ChannelLayout::ExternalOnly;
    const std::array<int, 2> channelOf = channelsOfParties(channels, layout);
    const std::size_t count =
        frames == 0 ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(slices, frames));
    for (std::size_t party = 0; party < 2; ++party) {
        if (channelOf[party] >= 0)
            peaks.party[party].resize(count);
    }
    std::vector<std::int16_t> block(kBlockFrames * channels);
    std::uint64_t at = 0;
    auto published = std::chrono::steady_clock::now();
    while (count > 0 && at < frames) {
        if (cancelled.load(std::memory_order_relaxed))
            return {};
        Result<std::size_t> got = reader.read(block);
        if (!got) { // what was read so far is true
            peaks.complete = true;
            publish(std::make_shared<const Peaks>(std::move(peaks)));
            return got.error();
        }
        if (*got == 0)
            break;
        for (std::size_t frame = 0; frame < *got && at < frames; ++frame, ++at) {
            const std::size_t slice = static_cast<std::size_t>(at * count / frames);
            for (std::size_t party = 0; party < 2; ++party) {
                if (channelOf[party] >= 0)
                    widen(peaks.party[party][slice],
                          block[frame * channels + static_cast<std::size_t>(channelOf[party])]);
            }
        }
        peaks.ready = static_cast<std::size_t>(at * count / frames);
        if (const auto now = std::chrono::steady_clock::now(); now - published >= kPublishEvery) {
            published = now;
            publish(std::make_shared<const Peaks>(peaks));
        }
    }
    peaks.ready = count;
    peaks.complete = true;
    publish(std::make_shared<const Peaks>(std::move(peaks)));
    return {};
}

} // namespace sr::player
