// SPDX-License-Identifier: GPL-3.0-or-later
// Reading what many calls share once.
#include "core/pbx/script_worker.h"

namespace sr::pbx {

ScriptFiles::Stamp ScriptFiles::stampOf(const Path& file)
{
    std::error_code code;
    Stamp stamp{std::filesystem::last_write_time(file, code), 0};
    stamp.bytes = std::filesystem::file_size(file, code);
    return stamp;
}

Result<std::shared_ptr<const script::Program>> ScriptFiles::program(const Path& file)
{
    const Stamp stamp = stampOf(file);
    if (const auto kept = m_programs.find(file); kept != m_programs.end() && kept->second.first == stamp)
        return kept->second.second;
    const script::Limits limits;
    const auto text = readFile(file, limits.textBytes);
    if (!text)
        return text.error();
    auto program = script::Program::parse(textOf(*text), limits);
    if (!program)
        return program;
    if (m_programs.size() >= kPrograms)
        m_programs.clear();
    m_programs[file] = {stamp, *program};
    return program;
}

/// Messages that one caller hears stand beside prompts that all hear; when there is too much, all go.
Result<media::SoundPtr> ScriptFiles::sound(const Path& file)
{
    const Stamp stamp = stampOf(file);
    if (const auto kept = m_sounds.find(file); kept != m_sounds.end() && kept->second.first == stamp)
        return kept->second.second;
    auto sound = media::Sound::load(file);
    if (!sound)
        return sound;
    const std::uint64_t bytes = (*sound)->samples().size_bytes() + (*sound)->payload().size();
    if (bytes > kSoundBytes)
        return sound;
    m_soundBytes += bytes;
    if (m_soundBytes > kSoundBytes) {
        m_sounds.clear();
        m_soundBytes = bytes;
    }
    m_sounds[file] = {stamp, *sound};
    return sound;
}

ScriptWorker::ScriptWorker()
    : m_thread([this] { loop(); })
{}

ScriptWorker::~ScriptWorker()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_one();
    m_thread.join();
}

bool ScriptWorker::run(Job job)
{
    {
        const std::scoped_lock lock(m_mutex);
        if (m_jobs.size() >= kMostWaiting)
            return false;
        m_jobs.push_back(std::move(job));
    }
    m_wake.notify_one();
    return true;
}

void ScriptWorker::loop()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_wake.wait(lock, [this] { return m_stopping || !m_jobs.empty(); });
        if (m_jobs.empty())
            return;
        const Job job = std::move(m_jobs.front());
        m_jobs.pop_front();
        lock.unlock();
        job(m_files);
        lock.lock();
    }
}

} // namespace sr::pbx
