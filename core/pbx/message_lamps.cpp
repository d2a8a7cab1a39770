// SPDX-License-Identifier: GPL-3.0-or-later
// A file that is small enough to be written anew with each change.
#include "core/pbx/message_lamps.h"

#include "core/base/bytes.h"

#include <charconv>

namespace sr::pbx {
namespace {

/// The next word of the line, taken off it.
std::string_view takeWord(std::string_view& line)
{
    const auto end = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return word;
}

bool isNumber(std::string_view word, std::uint32_t& value)
{
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    return error == std::errc() && end == word.data() + word.size();
}

} // namespace

MessageLamps::MessageLamps(Path file, ScriptWorker& worker, media::Executor post, Tell tell, Say say)
    : m_file(std::move(file))
    , m_worker(worker)
    , m_post(std::move(post))
    , m_tell(std::move(tell))
    , m_say(std::move(say))
{
    if (!m_file.empty())
        load();
}

/// Lines that are none are left out.
MessageLamps::All MessageLamps::parse(std::string_view text)
{
    All all;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::string user(takeWord(line));
        Counts counts;
        if (!user.empty() && isNumber(takeWord(line), counts.fresh) && isNumber(takeWord(line), counts.old))
            all[user] = counts;
    }
    return all;
}

std::string MessageLamps::write(const All& all)
{
    std::string text;
    for (const auto& [user, counts] : all)
        text += user + ' ' + std::to_string(counts.fresh) + ' ' + std::to_string(counts.old) + '\n';
    return text;
}

/// A file that is not there is an empty one.
void MessageLamps::load()
{
    const bool ordered = m_worker.run(
        [this, file = m_file, post = m_post, say = m_say, alive = std::weak_ptr(m_alive)](ScriptFiles&) {
            const auto bytes = readFile(file, kFileMost);
            if (!bytes && bytes.error().code != BaseErrc::NotFound && say)
                say(bytes.error().text());
            post([this, alive, kept = bytes ? parse(textOf(*bytes)) : All()] {
                if (!alive.expired())
                    onLoaded(kept);
            });
        });
    m_loaded = !ordered;
}

/// What has been set meanwhile is newer.
void MessageLamps::onLoaded(const All& kept)
{
    m_loaded = true;
    for (const auto& [user, counts] : kept)
        if (m_all.emplace(user, counts).second && m_tell)
            m_tell(user, counts.fresh, counts.old);
    if (m_changed)
        save();
}

void MessageLamps::set(const std::string& user, std::uint32_t fresh, std::uint32_t old)
{
    if (m_tell)
        m_tell(user, fresh, old);
    const Counts counts{fresh, old};
    const auto known = m_all.find(user);
    if (known != m_all.end() && known->second == counts)
        return;
    m_all[user] = counts;
    save();
}

void MessageLamps::forgetAllBut(const Directory& directory)
{
    if (std::erase_if(m_all, [&](const auto& one) { return directory.byName(one.first) == nullptr; }) > 0)
        save();
}

void MessageLamps::save()
{
    m_changed = !m_loaded;
    if (m_file.empty() || m_changed)
        return;
    (void)m_worker.run([file = m_file, say = m_say, text = write(m_all)](ScriptFiles&) {
        const Status made = makeDirs(file.parent_path());
        if (const Status written = made ? writeFileAtomic(file, bytesOf(text)) : made; !written && say)
            say(written.error().text());
    });
}

} // namespace sr::pbx
