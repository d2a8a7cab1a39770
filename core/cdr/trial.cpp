// SPDX-License-Identifier: GPL-3.0-or-later
// A source of one record, and what its delivery tells.
#include "core/cdr/trial.h"

#include <condition_variable>

namespace sr::cdr {
namespace {

constexpr int kNormalClearing = 16; ///< Q.850

class OneRecord final : public RecordSource {
public:
    explicit OneRecord(std::string xml)
        : m_item{1, std::move(xml)}
    {}
    std::optional<Item> next(std::size_t ahead) override
    {
        const std::scoped_lock lock(m_mutex);
        return ahead > 0 || m_outcome ? std::nullopt : std::optional<Item>(m_item);
    }
    void delivered(const Item&) override { decide({}); }
    Status setAside(const Item&) override { return {}; } // why comes to decide()
    void setAvailable(std::function<void()>) override {}

    /// The first word stands.
    void decide(const Status& outcome)
    {
        {
            const std::scoped_lock lock(m_mutex);
            if (!m_outcome)
                m_outcome = outcome;
        }
        m_decided.notify_all();
    }
    Status outcome(milliseconds timeout)
    {
        std::unique_lock lock(m_mutex);
        m_decided.wait_for(lock, timeout, [this] { return m_outcome.has_value(); });
        return m_outcome.value_or(fail(CdrErrc::Unreachable, "no answer in time"));
    }

private:
    const Item m_item;
    std::mutex m_mutex; // guards
    std::optional<Status> m_outcome;
    std::condition_variable m_decided;
};

} // namespace

CallDataRecord trialRecord(std::string system, std::string name, UtcTime now)
{
    CallDataRecord record;
    record.sys = std::move(system);
    record.pbx = std::move(name);
    record.node = "root";
    record.cn = "Test";
    record.dir = "from";
    record.utc = record.local = std::chrono::floor<seconds>(now).time_since_epoch().count();
    record.id = "test-" + std::to_string(now.time_since_epoch().count());
    record.other = {{"test", "true"}};
    CdrEvent begin;
    begin.msg = msg::kSetupFrom;
    CdrEvent end;
    end.msg = msg::kRelFrom;
    end.cause = kNormalClearing;
    record.events = {begin, end};
    return record;
}

Status sendTrial(const Destination& to, const CallDataRecord& record, const Clock& clock,
                 milliseconds timeout)
{
    if (auto good = Delivery::check(to); !good)
        return good;
    OneRecord source(toXml(record));
    DeliveryOptions options;
    options.timeout = timeout;
    options.problem = [&](const Error& error) { source.decide(error); };
    const Delivery delivery(source, to, clock, std::move(options));
    return source.outcome(timeout);
}

} // namespace sr::cdr
