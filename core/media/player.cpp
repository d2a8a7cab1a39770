// SPDX-License-Identifier: GPL-3.0-or-later
// Sound after sound, with frames that may hold the end of one and the start of the next.
#include "core/media/player.h"

#include <algorithm>

namespace sr::media {
namespace {

constexpr std::size_t kG729Samples = 80; // of a frame of 10 octets
constexpr std::size_t kG729Octets = 10;

bool isG711(Sound::Kept kept)
{
    return kept == Sound::Kept::ALaw || kept == Sound::Kept::ULaw;
}

std::byte silenceOf(Sound::Kept kept)
{
    return kept == Sound::Kept::ALaw ? codec::kALawSilence : codec::kULawSilence;
}

/// Octets of `count` samples from `at`, which for G.729 are whole frames.
ByteView octetsOf(const Sound& sound, std::size_t at, std::size_t count)
{
    if (isG711(sound.kept()))
        return sound.payload().subspan(at, count);
    return sound.payload().subspan(at / kG729Samples * kG729Octets, count / kG729Samples * kG729Octets);
}

} // namespace

void Player::start(PlayList list)
{
    const bool empty = std::ranges::all_of(
        list.sounds, [](const SoundPtr& one) { return one == nullptr || one->samples().empty(); });
    m_list.reset();
    if (!empty)
        m_list = std::move(list);
    m_index = 0;
    m_at = 0;
    m_round = 0;
    m_over = false;
    m_doubler = {};
    m_halver = {};
}

/// The sound of which something is left; null: all has been played.
const Sound* Player::current()
{
    while (m_list && !m_over) {
        const auto& sounds = m_list->sounds;
        if (m_index < sounds.size() && sounds[m_index] && m_at < sounds[m_index]->samples().size())
            return sounds[m_index].get();
        m_at = 0;
        if (++m_index < sounds.size())
            continue;
        m_index = 0;
        m_over = m_list->times != 0 && ++m_round >= m_list->times;
    }
    return nullptr;
}

/// Appends of one sound what the frame has room for; returns how many samples that are.
std::size_t Player::take(const Sound& sound, const Voice& voice, std::size_t filled, Frame& frame)
{
    const std::size_t room = voice.rate / kFramesPerSecond - filled;
    const std::size_t left = sound.samples().size() - m_at;
    const std::span<std::int16_t> out = std::span(frame.samples).subspan(filled);
    if (sound.rate() == voice.rate) {
        const std::size_t count = std::min(left, room);
        std::ranges::copy(sound.samples().subspan(m_at, count), out.begin());
        m_at += count;
        return count;
    }
    if (sound.rate() < voice.rate) {
        const std::size_t count = std::min(left, (room + 1) / 2);
        const std::size_t made = std::min(2 * count, room);
        std::array<std::int16_t, kWideband / kFramesPerSecond + 2> doubled{};
        m_doubler.process(sound.samples().subspan(m_at, count), std::span(doubled).first(2 * count));
        std::copy_n(doubled.begin(), made, out.begin());
        m_at += count;
        return made;
    }
    const std::size_t count = std::min(left / 2, room);
    m_halver.process(sound.samples().subspan(m_at, 2 * count), out.first(count));
    m_at += left < 2 ? left : 2 * count; // a lone last sample is too short to be heard
    return count;
}

bool Player::next(const Voice& voice, Frame& frame)
{
    const std::size_t wanted = voice.rate / kFramesPerSecond;
    std::size_t filled = 0;
    bool kept = voice.kept != Sound::Kept::Nothing;
    frame.octetCount = 0;
    while (filled < wanted) {
        const Sound* const sound = current();
        if (sound == nullptr)
            break;
        const std::size_t before = m_at;
        const std::size_t count = take(*sound, voice, filled, frame);
        kept = kept && sound->kept() == voice.kept && sound->rate() == voice.rate;
        if (kept) {
            const ByteView octets = octetsOf(*sound, before, count);
            std::ranges::copy(octets, frame.octets.begin() + static_cast<std::ptrdiff_t>(frame.octetCount));
            frame.octetCount += octets.size();
        }
        filled += count;
    }
    if (filled == 0) {
        m_list.reset();
        return false;
    }
    std::fill(frame.samples.begin() + static_cast<std::ptrdiff_t>(filled), frame.samples.end(), 0);
    if (!kept)
        frame.octetCount = 0;
    else if (isG711(voice.kept))
        std::fill(frame.octets.begin() + static_cast<std::ptrdiff_t>(std::exchange(frame.octetCount, wanted)),
                  frame.octets.end(), silenceOf(voice.kept));
    return true;
}

} // namespace sr::media
