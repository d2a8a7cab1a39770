// SPDX-License-Identifier: GPL-3.0-or-later
// The thread of all scripts that may wait for the disk, and what it keeps of it: programs and sounds.
#pragma once

#include "core/base/file.h"
#include "core/media/sound.h"
#include "core/script/program.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace sr::pbx {

/// The worker's thread alone; both by path, as long as time and length of the file stay.
class ScriptFiles {
public:
    static constexpr std::uint64_t kSoundBytes = 32U << 20; ///< [octets] of samples that are kept
    static constexpr std::size_t kPrograms = 100;           ///< that are kept

    /// Errors: of files; of script::Program::parse().
    Result<std::shared_ptr<const script::Program>> program(const Path& file);
    Result<media::SoundPtr> sound(const Path& file); ///< errors: of media::Sound::load()

private:
    struct Stamp {
        std::filesystem::file_time_type time{};
        std::uint64_t bytes = 0;
        bool operator==(const Stamp&) const = default;
    };
    template <typename What>
    using Kept = std::map<Path, std::pair<Stamp, What>>;
    static Stamp stampOf(const Path& file);

    Kept<std::shared_ptr<const script::Program>> m_programs;
    Kept<media::SoundPtr> m_sounds;
    std::uint64_t m_soundBytes = 0;
};

/// Its end finishes what was ordered.
class ScriptWorker {
public:
    using Job = std::function<void(ScriptFiles&)>;
    static constexpr std::size_t kMostWaiting = 2000; ///< more are refused; some for each call

    ScriptWorker();
    ~ScriptWorker();
    ScriptWorker(const ScriptWorker&) = delete;
    ScriptWorker& operator=(const ScriptWorker&) = delete;

    /// One after the other. Any thread, does not wait. False: too many wait.
    bool run(Job job);

private:
    void loop();

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Job> m_jobs;  ///< under m_mutex
    bool m_stopping = false; ///< under m_mutex
    ScriptFiles m_files;
    std::thread m_thread;
};

} // namespace sr::pbx
