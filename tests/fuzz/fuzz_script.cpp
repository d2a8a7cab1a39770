// SPDX-License-Identifier: GPL-3.0-or-later
// Scripts: read, then run against a host whose answers are the octets behind the first zero. Each ends, once.
// links: sr::core_script
#include "core/script/folder_storage.h"
#include "core/script/script.h"

#include <cstdlib>
#include <map>

namespace {

using namespace sr::script;

void demand(bool holds)
{
    if (!holds)
        std::abort();
}

class OddHost final : public Host {
public:
    OddHost(std::string_view text, std::string_view fate)
        : m_text(text)
        , m_fate(fate)
    {}

    Script* script = nullptr;
    int ends = 0;
    sr::milliseconds clock{0};
    std::map<RequestId, sr::milliseconds> timers;
    std::map<RequestId, Answer> media;

    unsigned next()
    {
        if (m_fate.empty())
            return 0;
        const auto octet = static_cast<unsigned char>(m_fate.front());
        m_fate.remove_prefix(1);
        return octet;
    }
    bool isOver() const { return m_fate.empty(); }
    /// The timer that is due first.
    bool fire()
    {
        if (timers.empty())
            return false;
        auto first = timers.begin();
        for (auto it = timers.begin(); it != timers.end(); ++it)
            first = it->second < first->second ? it : first;
        clock = std::max(clock, first->second);
        const RequestId id = first->first;
        timers.erase(first);
        script->answer(id, {});
        return true;
    }
    bool finishMedia()
    {
        if (media.empty())
            return false;
        auto [id, answer] = *media.begin();
        media.erase(media.begin());
        script->answer(id, std::move(answer));
        return true;
    }

    void play(RequestId id, const PromptRequest& prompt) override
    {
        demand(prompt.times >= 0 && (!prompt.sounds.empty() || prompt.most));
        later(id);
    }
    void record(RequestId id, const RecordRequest& request) override
    {
        demand(bool(storagePath({}, request.name)) && request.most.count() > 0);
        later(id);
    }
    void stopRecording(RequestId id) override
    {
        media.erase(id);
        script->answer(id, {});
    }
    void cancel(RequestId id) override
    {
        media.erase(id);
        timers.erase(id);
    }
    void transfer(RequestId id, const Destination&) override { later(id); }
    void forward(RequestId id, const std::string&) override { later(id); }
    void disconnect(int cause) override { demand(cause >= 1 && cause <= 127); }
    CallInfo callInfo() const override
    {
        CallInfo info;
        info.cgpn = "100";
        info.leg2 = m_fate.size() % 2 == 0 ? "200" : "";
        return info;
    }
    void query(RequestId id, const std::string&, ObjectQuery) override { reply(id); }
    void findUser(RequestId id, const std::string&) override { reply(id); }
    void message(const std::string&, const std::string&, const std::string&) override {}
    void waitingLamp(const std::string&, int fresh, int old) override { demand(fresh >= 0 && old >= 0); }
    void mark(RequestId id) override { reply(id); }
    void tan(RequestId id, const std::string& sixDigits) override
    {
        demand(sixDigits.size() == 6);
        reply(id);
    }
    void lastRecording(RequestId id) override { reply(id); }
    void store(RequestId id, const StoreRequest& request) override
    {
        demand(bool(storagePath({}, request.name)));
        const auto parts = diskParts(request.name);
        for (std::size_t i = 0; parts && i < parts->size(); ++i)
            demand(parts.value()[i] != ".." && parts.value()[i] != "." &&
                   parts.value()[i].find_first_of("/\\:") == std::string::npos);
        reply(id);
    }
    void fetch(RequestId id, const std::string&) override // itself: the deepest that a fragment can be
    {
        script->answer(
            id, {next() % 4 == 3 ? Answer::Code::Failed : Answer::Code::Done, std::string(m_text), 0, {}});
    }
    void timer(RequestId id, std::chrono::milliseconds after) override { timers[id] = clock + after; }
    sr::UtcTime now() const override { return {}; }
    CivilTime civil(sr::UtcTime) const override { return {2026, 11, 26, 9, 0}; }
    void note(std::string_view) override {}
    void ended(const sr::Status&) override { ++ends; }

private:
    Answer odd()
    {
        constexpr std::string_view kTexts[] = {"", "1", "running", "200/1.g711a", "*"};
        const unsigned fate = next();
        return {static_cast<Answer::Code>(fate % 5), std::string(kTexts[fate / 5 % 5]),
                static_cast<int>(fate / 25), sr::UtcTime{}};
    }
    void reply(RequestId id) { script->answer(id, odd()); }
    void later(RequestId id) { media[id] = odd(); }

    std::string_view m_text;
    std::string_view m_fate;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const std::string_view text = all.substr(0, all.find('\0'));
    Limits limits;
    limits.steps = 3000;
    limits.fragments = 5;
    limits.valueBytes = 300;
    const auto program = Program::parse(text, limits);
    if (!program)
        return 0;
    OddHost host(text, all.substr(std::min(text.size() + 1, all.size())));
    Script script(*program, host, limits);
    host.script = &script;
    (void)script.preset(text.substr(0, 40));
    script.start();
    for (int turns = 0; turns < 200 && !host.isOver() && !script.hasEnded(); ++turns) {
        const unsigned what = host.next();
        if (what % 4 == 0)
            script.digit("0123456789*#ABCDx"[what / 4 % 17]);
        else if (what % 4 == 1)
            host.finishMedia();
        else if (what % 4 == 2)
            host.fire();
        else
            script.callInfoChanged();
    }
    script.callEnded();
    while (!script.hasEnded() && (host.finishMedia() || host.fire())) {
    }
    demand(script.hasEnded() && host.ends == 1);
    return 0;
}
