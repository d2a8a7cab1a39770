// SPDX-License-Identifier: GPL-3.0-or-later
// Loading, and a small tune, so that nobody waits in silence before an administrator has brought music.
#include "core/pbx/sound_library.h"

#include "core/media/media_error.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>

namespace sr::pbx {
namespace {

constexpr std::string_view kMusic = "music";
constexpr std::string_view kEndings[] = {".g711a", ".g711u", ".g722", ".g729", ".wav"};
constexpr double kLevel = 4000; // of each voice: about -18 dB full scale
constexpr std::size_t kNoteSamples = media::kNarrowband / 2;

double hertz(int semitone) // from the A of 220 Hz
{
    return 220.0 * std::pow(2.0, semitone / 12.0);
}

/// A plucked note: its level falls by half within a third of a note.
void addNote(std::vector<std::int16_t>& samples, std::size_t at, int semitone, double level)
{
    const double step = 2 * std::numbers::pi * hertz(semitone) / media::kNarrowband;
    for (std::size_t i = 0; i < 2 * kNoteSamples && at + i < samples.size(); ++i) {
        const double t = static_cast<double>(i);
        const double attack = std::min(1.0, t / 80);
        const double fade = std::exp2(-3 * t / static_cast<double>(kNoteSamples));
        const double sound = std::sin(step * t) + 0.3 * std::sin(2 * step * t);
        samples[at + i] = static_cast<std::int16_t>(samples[at + i] + level * attack * fade * sound);
    }
}

bool isSound(const std::filesystem::path& file)
{
    return std::ranges::find(kEndings, utf8Of(file.extension())) != std::end(kEndings);
}

/// `folder/name` on every system.
std::string nameOf(const std::filesystem::path& file, const std::filesystem::path& folder)
{
    std::string name;
    const auto within = file.lexically_relative(folder).replace_extension();
    for (const auto& part : within)
        name += (name.empty() ? "" : "/") + utf8Of(part);
    return name;
}

} // namespace

media::SoundPtr ownMusic()
{
    constexpr int kChords[][4] = {{0, 4, 7, 12}, {-3, 0, 4, 9}, {-7, -3, 0, 5}, {-5, -1, 2, 7}};
    constexpr int kOrder[] = {0, 1, 2, 3, 2, 1, 3, 2};
    constexpr std::size_t kBars = 8;
    std::vector<std::int16_t> samples(kBars * std::size(kOrder) * kNoteSamples, 0);
    for (std::size_t bar = 0; bar < kBars; ++bar)
        for (std::size_t note = 0; note < std::size(kOrder); ++note) {
            const auto& chord = kChords[bar % std::size(kChords)];
            const std::size_t at = (bar * std::size(kOrder) + note) * kNoteSamples;
            addNote(samples, at, chord[kOrder[note]], kLevel);
            if (note == 0)
                addNote(samples, at, chord[0] - 12, kLevel / 2);
        }
    return media::Sound::of(std::move(samples), media::kNarrowband);
}

/// What is kept under a link has the link's name; a link to nowhere is no sound.
std::vector<std::filesystem::path> SoundLibrary::filesIn(const Path& folder)
{
    std::vector<std::filesystem::path> files;
    std::error_code error;
    auto at = std::filesystem::recursive_directory_iterator(folder, error);
    if (error == std::errc::no_such_file_or_directory)
        return files;
    while (!error && at != std::filesystem::recursive_directory_iterator()) {
        std::error_code unknown;
        if (isSound(at->path()) && at->is_regular_file(unknown))
            files.push_back(at->path());
        at.increment(error);
    }
    if (error)
        m_problems.push_back({error, utf8Of(folder) + ": not all sounds of the folder were found"});
    std::ranges::sort(files);
    return files;
}

SoundLibrary::SoundLibrary(const Path& folder)
{
    std::uint64_t octets = 0;
    for (const auto& file : filesIn(folder)) {
        std::string name = nameOf(file, folder);
        if (m_sounds.contains(name))
            continue;
        auto sound = media::Sound::load(file);
        if (!sound) {
            m_problems.push_back({sound.error().code, utf8Of(file) + ": " + sound.error().context});
            continue;
        }
        if ((*sound)->samples().empty()) {
            m_problems.push_back(fail(BaseErrc::Truncated, utf8Of(file) + ": there is no sound in it"));
            continue;
        }
        octets += (*sound)->samples().size_bytes();
        if (octets > kMostBytes) {
            m_problems.push_back(
                fail(media::MediaErrc::TooLong,
                     utf8Of(file) + ": the sounds before it fill the memory that there is for them"));
            break;
        }
        m_sounds.emplace(std::move(name), std::move(*sound));
    }
    m_sounds.try_emplace(std::string(kMusic), ownMusic());
}

media::SoundPtr SoundLibrary::find(const std::string& name) const
{
    const auto found = m_sounds.find(name);
    return found == m_sounds.end() ? nullptr : found->second;
}

} // namespace sr::pbx
