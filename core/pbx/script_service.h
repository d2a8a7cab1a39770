// SPDX-License-Identifier: GPL-3.0-or-later
// What answers for voicemail objects: a script for each call.
#pragma once

#include "core/pbx/message_lamps.h"
#include "core/pbx/script_fetch.h"
#include "core/pbx/script_host.h"

namespace sr::pbx {

/// `service:voicemail?object=NAME&digits=REST&caller=NAME`; 404 if there is no such object.
///
/// Control thread.
class ScriptService final : public LocalApplication {
public:
    struct Means {
        LocalDialer& dialer;
        media::Executor post;
        SoundFinder sounds;
        ScriptParts parts;
        const Clock* clock = nullptr; ///< null: the machine's
        Alarms* alarms = nullptr;     ///< null: those of a thread of its own
    };
    explicit ScriptService(Means means);
    ~ScriptService() override;

    void onCall(std::unique_ptr<LocalCall> call) override;
    /// Calls of objects that are gone end.
    void setDirectory(std::shared_ptr<const Directory> directory);
    std::size_t calls() const { return m_hosts.size(); }

private:
    void fetch(const std::string& url, std::function<void(Result<std::string>)> done);

    Means m_means;
    std::shared_ptr<const Directory> m_directory;
    std::unique_ptr<Alarms> m_ownAlarms;
    ScriptWorker m_worker;
    MessageLamps m_lamps;
    std::unique_ptr<ScriptFetch> m_fetch; ///< once a script has a URL
    ScriptEnvironment m_environment;
    std::map<std::uint64_t, std::shared_ptr<ScriptHost>> m_hosts; ///< in the order of their calls
    std::uint64_t m_last = 0;
};

} // namespace sr::pbx
