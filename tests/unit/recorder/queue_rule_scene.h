// SPDX-License-Identifier: GPL-3.0-or-later
// A queue whose key 1 leads to a script, which asks for a digit and leads to a queue of AgentA's; in
// sentences as RulesScene has them.
#pragma once

#include "core/base/bytes.h"
#include "tests/unit/pbx/queue_scene.h"
#include "tests/unit/pbx/script_scene.h"
#include "tests/unit/recorder/rules_scene.h"

namespace sr::test {

class QueueRuleScene {
public:
    QueueRuleScene()
    {
        const Path scripts = pathOf(m_dir.path().toStdString());
        if (!writeFileAtomic(scripts / "t.xml", bytesOf(ScriptScene::script(
                                                    "<pbx-getdtmfdigit out-dtmf=\"$digit\" sec=\"9\"/>"
                                                    "<if cond=\"$digit\"><pbx-xfer e164=\"320\"/></if>"))))
            qFatal("no script");
        m_parts.folder = scripts;
        m_scene.setObjects({object("line", "0", Kind::Gateway, {}),
                            object("Queue", "300", Kind::WaitingQueue, {{"key-1", "310"}}),
                            object("mailbox", "310", Kind::Voicemail, {{"script", "t.xml"}}),
                            object("loft", "320", Kind::WaitingQueue, {{"primary", "Desk"}}), agent()});
        m_scene.control = std::make_unique<CallControl>(m_scene.dialer, *m_scene.relay, m_recorded,
                                                        *m_scene.logged, m_scene.registrar, m_scene.clock);
        m_scene.control->setDirectory(m_scene.directory);
        m_scene.bind("AgentA", "sip:AgentA@127.0.0.1:5070", {});
        m_scripts.emplace(
            ScriptService::Means{m_scene.dialer, m_box.executor(),
                                 [](const std::string&) { return media::Sound::silence(milliseconds(40)); },
                                 m_parts, &m_scene.clock, &m_alarms});
        m_scripts->setDirectory(m_scene.directory);
        m_scene.dialer.serve("voicemail", *m_scripts);
    }
    ~QueueRuleScene() { m_scene.control.reset(); } // before what it uses

    bool say(const QString& sentence)
    {
        if (sentence == u"External calls Queue") {
            sip::InviteRequest request;
            request.target = "300";
            request.from.user = "12345";
            request.sdp = m_scene.annaSdp();
            m_scene.control->onInvite(std::make_unique<FakeSession>(m_caller), request,
                                      *m_scene.directory->byName("line"));
            return comes([this] { return m_caller.log() == "200"; });
        }
        if (sentence == u"External presses 1 towards the script")
            return presses('1', [this] { return talksWith() == "mailbox"; });
        if (sentence == u"External presses 5 towards the other queue")
            return presses('5',
                           [this] { return m_scripts->calls() == 0 && !m_scene.network.phones.empty(); });
        if (sentence != u"AgentA answers" || m_scene.network.phones.empty())
            return false;
        m_scene.answer(0);
        return comes([this] { return talksWith() == "AgentA"; });
    }
    QString recordings()
    {
        m_scene.control->hangUpAll();
        return toldRecordings(m_recorded.finish(), kNameOfNumber);
    }

private:
    static Object object(const std::string& name, const std::string& number, Kind kind, Settings settings)
    {
        Object one = user(name, number);
        one.kind = kind;
        one.record = RecordMode::Off;
        one.settings = std::move(settings);
        return one;
    }
    static Object agent()
    {
        Object one = user("AgentA", "24");
        one.groups = {"Desk"};
        return one;
    }
    std::string talksWith() const
    {
        const std::vector<CallRow> rows = m_scene.control->rows();
        return rows.empty() ? std::string() : rows.front().callee.name;
    }
    template <typename Condition>
    bool presses(char key, Condition condition)
    {
        m_scene.press(m_caller, key);
        return comes(condition);
    }
    /// Time passes and telephones take each offer until it is so.
    template <typename Condition>
    bool comes(Condition condition)
    {
        return m_scene.until([&] {
            m_box.run();
            m_scene.clock.advance(milliseconds(20));
            m_alarms.pass(milliseconds(20));
            takeOffer(m_caller, m_scene.annaSdp());
            for (FakePhone& phone : m_scene.network.phones)
                takeOffer(phone, m_scene.carlSdp());
            return condition();
        });
    }

    void takeOffer(FakePhone& phone, const std::string& sdp)
    {
        if (std::ranges::count(phone.sent, "offer", &FakePhone::Sent::what) <= m_taken[&phone] || phone.over)
            return;
        ++m_taken[&phone];
        phone.events->onReply({200, sdp});
    }

    QTemporaryDir m_dir;
    PostBox m_box;
    FakeAlarms m_alarms;
    ScriptParts m_parts;
    RecordedCalls m_recorded;
    FakePhone m_caller;
    std::map<const FakePhone*, std::ptrdiff_t> m_taken; ///< offers
    QueueScene m_scene;
    std::optional<ScriptService> m_scripts;
};

} // namespace sr::test
