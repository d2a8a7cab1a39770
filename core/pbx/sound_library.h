// SPDX-License-Identifier: GPL-3.0-or-later
// The sounds that the exchange can play, by name: files of a folder, and music that it makes itself.
#pragma once

#include "core/media/sound.h"

#include <map>

namespace sr::pbx {

/// Never changes once it is made: any thread.
class SoundLibrary {
public:
    static constexpr std::uint64_t kMostBytes = 256U << 20; ///< [octets] of samples in memory

    /// Loads `*.g711a`, `.g711u`, `.g722`, `.g729`, `.wav` of the folder, and of folders in it as
    /// `folder/name`; a name is the file's without its ending, and of several files of a name the first in
    /// the alphabet counts. May block. What cannot be loaded stands in problems(). A missing folder is empty.
    explicit SoundLibrary(const Path& folder);

    media::SoundPtr find(const std::string& name) const; ///< null: there is none
    const std::vector<Error>& problems() const { return m_problems; }
    std::size_t size() const { return m_sounds.size(); }

private:
    std::vector<std::filesystem::path> filesIn(const Path& folder);

    std::map<std::string, media::SoundPtr> m_sounds;
    std::vector<Error> m_problems;
};

/// A quiet piece for who waits, made of notes: half a minute that can be repeated.
media::SoundPtr ownMusic();

} // namespace sr::pbx
