// SPDX-License-Identifier: GPL-3.0-or-later
// LocalScene with a voicemail object (300) whose scripts the test writes, alarms that follow the beats, and
// what was said and told.
#pragma once

#include "core/base/endpoint.h"
#include "core/pbx/script_service.h"
#include "tests/unit/pbx/local_scene.h"

#include <QTemporaryDir>

#include <mutex>

namespace sr::test {

class FakeAlarms final : public Alarms {
public:
    Id after(milliseconds delay, std::function<void()> what) override
    {
        m_waiting[++m_last] = {m_now + delay, std::move(what)};
        return m_last;
    }
    void cancel(Id id) override { m_waiting.erase(id); }
    void pass(milliseconds by)
    {
        m_now += by;
        for (auto due = m_waiting.begin(); due != m_waiting.end();) {
            if (due->second.first > m_now) {
                ++due;
                continue;
            }
            const auto what = std::move(due->second.second);
            m_waiting.erase(due);
            what();
            due = m_waiting.begin();
        }
    }
    std::size_t waiting() const { return m_waiting.size(); }

private:
    milliseconds m_now{0};
    Id m_last = 0;
    std::map<Id, std::pair<milliseconds, std::function<void()>>> m_waiting;
};

/// What other threads post waits for the test.
class PostBox {
public:
    media::Executor executor()
    {
        return [this](std::function<void()> what) {
            const std::scoped_lock lock(m_mutex);
            m_posted.push_back(std::move(what));
        };
    }
    void run()
    {
        for (;;) {
            std::function<void()> what;
            {
                const std::scoped_lock lock(m_mutex);
                if (m_posted.empty())
                    return;
                what = std::move(m_posted.front());
                m_posted.pop_front();
            }
            what();
        }
    }

private:
    std::mutex m_mutex;
    std::deque<std::function<void()>> m_posted;
};

using Settings = std::map<std::string, std::string>; ///< of the object

struct ScriptScene : LocalScene {
    explicit ScriptScene(Settings settings = Settings{{"script", "t.xml"}, {"trace", "on"}})
    {
        Object mailbox{"mailbox", "300", "Mailbox", {}, {}};
        mailbox.kind = Kind::Voicemail;
        mailbox.record = RecordMode::Off;
        mailbox.settings = std::move(settings);
        parts.folder = folder();
        parts.say = [this](const std::string& words) { said += words.substr(words.find(": ") + 2) + '\n'; };
        know({mailbox});
    }
    Path folder() const { return pathOf(dir.path().toStdString()) / "scripts"; }
    Path shared() const { return pathOf(dir.path().toStdString()) / "shared"; }
    /// Ends the service as the exchange does: before what it uses.
    ~ScriptScene() { control.reset(); }

    /// `more`, and anna, carl, and otto (101), who has no phone and a forward to 300.
    void know(std::vector<Object> more)
    {
        std::vector<Object> objects{{"anna", "100", "Anna", {}, {}},
                                    {"carl", "102", "Carl", {}, {}},
                                    {"otto", "101", "Otto Long", {}, {}}};
        for (Object& object : objects)
            object.record = RecordMode::Off;
        setPlainDiversion(objects[2], Diversion::Type::NoAnswer, "300");
        std::ranges::move(more, std::back_inserter(objects));
        directory = std::make_shared<const Directory>("switchroom", std::move(objects));
        control->setDirectory(directory);
        if (service)
            service->setDirectory(directory);
    }
    void begin()
    {
        service.emplace(
            ScriptService::Means{dialer, box.executor(),
                                 [](const std::string&) { return media::Sound::silence(milliseconds(40)); },
                                 parts, &clock, &alarms});
        service->setDirectory(directory);
        dialer.serve("voicemail", *service);
    }
    void write(const std::string& name, const std::string& text, bool along = false) const
    {
        const Path path = (along ? shared() : folder()) / pathOf(name);
        QVERIFY(makeDirs(path.parent_path()));
        QVERIFY(writeFileAtomic(path, bytesOf(text)));
    }
    /// A script whose Main has these tags, and perhaps further functions.
    static std::string script(const std::string& main, const std::string& more = {})
    {
        return "<voicemail><function define=\"Main\">" + main + "</function>" + more + "</voicemail>";
    }
    void call(const std::string& main, const std::string& number = "300", const std::string& more = {})
    {
        write("t.xml", script(main, more));
        begin();
        dial(number);
    }
    /// Beats, lets time pass and takes what was posted until it is so; false after five seconds.
    template <typename Condition>
    bool comes(Condition condition)
    {
        return until([&] {
            box.run();
            clock.advance(milliseconds(20));
            alarms.pass(milliseconds(20));
            box.run();
            return condition();
        });
    }
    bool ends()
    {
        return comes([&] { return service->calls() == 0 && anna.over; });
    }
    QString words() const { return QString::fromStdString(said).trimmed(); }

    QTemporaryDir dir;
    PostBox box;
    FakeAlarms alarms;
    ScriptParts parts;
    std::string said; ///< lines, without the object's name
    std::optional<ScriptService> service;
};

} // namespace sr::test
