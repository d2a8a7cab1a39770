// SPDX-License-Identifier: GPL-3.0-or-later
// What scripts have said of mailboxes (`pbx-mwi`), kept over a restart, so that lamps need no script to
// light.
#pragma once

#include "core/media/port.h"
#include "core/pbx/directory.h"
#include "core/pbx/script_worker.h"

#include <functional>
#include <map>

namespace sr::pbx {

/// A file of lines `NAME FRESH OLD`, by user. What is deleted by hand in a mailbox it learns from the next
/// script only.
///
/// Control thread.
class MessageLamps {
public:
    using Tell = std::function<void(const std::string& user, std::uint32_t fresh, std::uint32_t old)>;
    using Say = std::function<void(const std::string& line)>; ///< any thread; troubles of the file
    static constexpr std::uint64_t kFileMost = 4U << 20;      ///< [octets]

    /// `file` empty: nothing is kept. `worker` outlives it. `tell` gets what is set and, soon, what is kept.
    MessageLamps(Path file, ScriptWorker& worker, media::Executor post, Tell tell, Say say);

    void set(const std::string& user, std::uint32_t fresh, std::uint32_t old);
    void forgetAllBut(const Directory& directory); ///< users that are gone

private:
    struct Counts {
        std::uint32_t fresh = 0;
        std::uint32_t old = 0;
        bool operator==(const Counts&) const = default;
    };
    using All = std::map<std::string, Counts>;
    static All parse(std::string_view text);
    static std::string write(const All& all);
    void load();
    void onLoaded(const All& kept);
    void save();

    Path m_file;
    ScriptWorker& m_worker;
    media::Executor m_post;
    Tell m_tell;
    Say m_say;
    All m_all;
    bool m_loaded = false;  ///< until then nothing is written
    bool m_changed = false; ///< before that
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

} // namespace sr::pbx
