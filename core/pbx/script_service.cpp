// SPDX-License-Identifier: GPL-3.0-or-later
// The calls of all scripts.
#include "core/pbx/script_service.h"

namespace sr::pbx {
namespace {

const SystemClock kSystemClock;

Path lampsOf(const ScriptParts& parts)
{
    return parts.folder.empty() ? Path() : parts.folder / "lamps";
}

} // namespace

ScriptService::ScriptService(Means means)
    : m_means(std::move(means))
    , m_ownAlarms(m_means.alarms == nullptr ? std::make_unique<AlarmThread>(m_means.post) : nullptr)
    , m_lamps(lampsOf(m_means.parts), m_worker, m_means.post, m_means.parts.onMailbox, m_means.parts.say)
    , m_environment{m_means.parts,
                    m_means.dialer,
                    m_means.post,
                    m_means.sounds,
                    m_means.alarms == nullptr ? *m_ownAlarms : *m_means.alarms,
                    m_worker,
                    [this](const std::string& url, std::function<void(Result<std::string>)> done) {
                        fetch(url, std::move(done));
                    },
                    m_means.clock == nullptr ? kSystemClock : *m_means.clock,
                    m_directory}
{
    m_means.parts.onMailbox = [this](const std::string& user, std::uint32_t fresh, std::uint32_t old) {
        m_lamps.set(user, fresh, old);
    };
}

ScriptService::~ScriptService() = default;

void ScriptService::fetch(const std::string& url, std::function<void(Result<std::string>)> done)
{
    if (!m_fetch)
        m_fetch = std::make_unique<ScriptFetch>();
    m_fetch->get(url, std::move(done));
}

void ScriptService::onCall(std::unique_ptr<LocalCall> call)
{
    const Object* const object =
        m_directory == nullptr ? nullptr : m_directory->byName(call->info().service["object"]);
    if (object == nullptr || object->kind != Kind::Voicemail)
        return call->hangUp(404);
    const std::uint64_t id = ++m_last;
    const auto host = std::make_shared<ScriptHost>(m_environment, *object, std::move(call),
                                                   [this, id] { m_hosts.erase(id); });
    m_hosts.emplace(id, host);
    host->begin();
}

void ScriptService::setDirectory(std::shared_ptr<const Directory> directory)
{
    m_directory = std::move(directory);
    m_lamps.forgetAllBut(*m_directory);
    const auto hosts = m_hosts; // one that ends may go at once
    for (const auto& [id, host] : hosts) {
        const Object* const object = m_directory->byName(host->object());
        if (object == nullptr || object->kind != Kind::Voicemail)
            host->hangUp();
    }
}

} // namespace sr::pbx
