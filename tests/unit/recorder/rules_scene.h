// SPDX-License-Identifier: GPL-3.0-or-later
// Calls told in sentences ("AgentA holds"), placed through call control, and what the recorder makes of them.
#pragma once

#include "core/base/bytes.h"
#include "core/capture/call_tracker.h"
#include "core/pbx/call_control.h"
#include "recorder/pipeline/call_facts.h"
#include "tests/unit/pbx/control_scene.h"

#include <QStringList>

#include <functional>
#include <map>

namespace sr::test {

/// The way from the exchange to the archive up to the sound, as ExchangeWire and CaptureJob have it.
class RecordedCalls final : public relay::CallTap {
public:
    void message(relay::TapMessage&& message) override
    {
        if (message.dialog == 0 || m_archived[message.dialog])
            m_tracker.take({message.time, message.from, message.to, bytesOf(message.text)});
    }
    void begins(const relay::TapDialog& dialog) override { m_archived[dialog.id] = dialog.archived; }
    void media(std::uint64_t, const Endpoint&, const Endpoint&) override {}
    void closed(std::uint64_t) override {}

    /// All that are over, and no more: calls that nobody answered are none.
    std::vector<archive::Recording> finish()
    {
        if (!m_tracker.finish())
            qFatal("no spool");
        return m_recordings;
    }

private:
    void take(const capture::CapturedCall& call)
    {
        if (call.answered && !call.provisional)
            m_recordings.push_back(recorder::callFacts(call, recorder::decideParties(call, {})));
    }

    std::map<std::uint64_t, bool> m_archived; ///< by dialog that others may want
    std::vector<archive::Recording> m_recordings;
    std::unique_ptr<capture::Spool> m_spool = std::move(capture::Spool::create({}, 1U << 20U)).value();
    capture::CallTracker m_tracker{*m_spool, {}, [this](const capture::CapturedCall& call) { take(call); }};
};

/// `AgentA-External for AgentA, ...`: internal, external and owner of each, sorted.
inline QString toldRecordings(const std::vector<archive::Recording>& recordings,
                              const std::map<std::string, const char*>& nameOfNumber)
{
    const auto name = [&](const std::string& number) {
        const auto found = nameOfNumber.find(number);
        return found == nameOfNumber.end() ? QString::fromStdString(number)
                                           : QString::fromUtf8(found->second);
    };
    QStringList all;
    for (const archive::Recording& one : recordings)
        all << name(one.internal) + u'-' + name(one.external) + QStringLiteral(" for ") + name(one.owner);
    all.sort();
    return all.isEmpty() ? QStringLiteral("deleted") : all.join(QStringLiteral(", "));
}

inline const std::map<std::string, const char*> kNameOfNumber{{"24", "AgentA"}, {"25", "AgentB"},
                                                              {"31", "User"},   {"32", "Clerk"},
                                                              {"40", "Group"},  {"012345", "External"}};

/// Agents are recorded, users are not; nor do gateway and group ask for recordings. They all may pick up from
/// each other. One sentence after the other is said to it.
class RulesScene {
public:
    RulesScene()
        : m_scene({recorded("AgentA", RecordMode::Transparent), recorded("AgentB", RecordMode::Transparent),
                   recorded("User", RecordMode::Off), recorded("Clerk", RecordMode::Off), group(), line()})
    {
        m_scene.control = std::make_unique<CallControl>(m_scene.dialer, *m_scene.relay, m_recorded,
                                                        m_scene.records, m_scene.registrar, m_scene.clock);
        m_scene.control->setDirectory(m_scene.directory);
        for (const char* name : {"AgentA", "AgentB", "User", "Clerk", "line"})
            m_scene.registers(name);
    }
    /// False: it does not come to that, or nobody knows what it means.
    bool say(const QString& sentence)
    {
        const QStringList words = sentence.split(u' ');
        const std::string who = words.first().toStdString();
        const QString does = words.mid(1, words.size() - 2).join(u' ');
        const std::string last = words.last().toStdString();
        m_scene.clock.advance(seconds(1));
        const bool done = does.isEmpty() ? act(who, words.last()) : actTowards(who, does, last);
        settle();
        return done;
    }
    QString recordings()
    {
        m_scene.control->hangUpAll();
        return toldRecordings(m_recorded.finish(), kNameOfNumber);
    }

private:
    static constexpr const char* kOutside = "12345"; ///< behind the gateway

    static std::string numberOf(const std::string& who)
    {
        const auto found =
            std::ranges::find_if(kNameOfNumber, [&](const auto& one) { return one.second == who; });
        return found == kNameOfNumber.end() ? std::string() : found->first;
    }
    static Object recorded(const std::string& name, RecordMode mode)
    {
        Object one = user(name, numberOf(name));
        one.record = mode;
        one.groups = {"desk"};
        return one;
    }
    static Object group()
    {
        Object one = recorded("Group", RecordMode::Off);
        one.kind = Kind::Broadcast;
        one.groups.front().active = true;
        return one;
    }
    static Object line()
    {
        Object one = user("line", "0");
        one.kind = Kind::Gateway;
        one.record = RecordMode::Off;
        return one;
    }

    bool act(const std::string& who, const QString& does)
    {
        if (does == u"answers" || does == u"refuses")
            return reply(who, does == u"answers");
        if (does == u"waits") { // longer than telephones ring
            for (seconds passed{0}; passed <= kRing; passed += seconds(1)) {
                m_scene.clock.advance(seconds(1));
                m_scene.control->onSecond();
            }
            return true;
        }
        const std::vector<FakePhone*> talks = talksOf(who);
        if (talks.empty())
            return false;
        if (does == u"holds")
            talks.back()->events->onOffer(kSdp + "a=sendonly\r\n");
        else if (does == u"leaves")
            talks.back()->events->onEnded(sip::Ending::Bye);
        else if (does == u"connects" && talks.size() == 2)
            talks.front()->events->onRefer({{}, sip::DialogId{talks.back()->callId, "here", "there"}});
        else
            return false;
        return true;
    }
    bool reply(const std::string& who, bool answers)
    {
        FakePhone* const phone = ringing(who);
        if (phone == nullptr)
            return false;
        phone->events->onReply({180, {}});
        m_scene.clock.advance(seconds(3));
        if (answers)
            m_talks[who].push_back(phone);
        phone->events->onReply(answers ? sip::Reply{200, kSdp} : sip::Reply{486, {}});
        return true;
    }
    bool actTowards(const std::string& who, const QString& does, const std::string& whom)
    {
        if (does == u"calls")
            return call(who, numberOf(whom));
        if (does == u"picks up at") {
            if (!call(who, "*8*" + numberOf(whom) + "#"))
                return false;
            m_talks[who].back()->events->onAck({}); // it is answered at once, and then asked anew
            return true;
        }
        if (does == u"transfers to") {
            const std::vector<FakePhone*> talks = talksOf(who);
            if (!talks.empty())
                talks.back()->events->onRefer({numberOf(whom), {}});
            return !talks.empty();
        }
        const auto forwards = [&](Diversion::Type type) {
            return changes(who, [&](Object& one) { setPlainDiversion(one, type, numberOf(whom)); });
        };
        if (does == u"forwards all calls to")
            return forwards(Diversion::Type::Always);
        if (does == u"forwards when busy to")
            return forwards(Diversion::Type::Busy);
        if (does == u"forwards unanswered calls to")
            return forwards(Diversion::Type::NoAnswer);
        if (does + u' ' + QString::fromStdString(whom) == u"may have one call")
            return changes(who, [](Object& one) { one.settings["busy-on"] = "1"; });
        return false;
    }
    bool call(const std::string& who, const std::string& number)
    {
        const bool isOutside = who == "External";
        const QString told =
            m_scene.dialFrom(isOutside ? "line" : who, number, isOutside ? kOutside : std::string());
        FakePhone& phone = m_scene.callers.back();
        phone.callId = "call-" + std::to_string(m_scene.callers.size());
        m_talks[who].push_back(&phone);
        return !phone.over && !told.startsWith(u"4");
    }
    bool changes(const std::string& who, const std::function<void(Object&)>& change)
    {
        std::vector<Object> objects = m_scene.directory->objects();
        const auto found = std::ranges::find(objects, who, &Object::name);
        if (found == objects.end())
            return false;
        change(*found);
        m_scene.directory = std::make_shared<const Directory>("switchroom", std::move(objects));
        m_scene.control->setDirectory(m_scene.directory);
        return true;
    }
    /// A telephone of theirs that nobody has answered; null: none.
    FakePhone* ringing(const std::string& who)
    {
        const std::string uri = "sip:" + (who == "External" ? std::string(kOutside) : who) + "@";
        for (FakePhone& phone : m_scene.dialer.phones)
            if (phone.invite.uri.starts_with(uri) && !phone.over && phone.sent.empty())
                return &phone;
        return nullptr;
    }
    std::vector<FakePhone*> talksOf(const std::string& who)
    {
        std::vector<FakePhone*> talks = m_talks[who];
        std::erase_if(talks, [](const FakePhone* phone) { return phone->over; });
        return talks;
    }
    /// Telephones that are made an offer take it, until nobody is.
    void settle()
    {
        std::vector<FakePhone*> all;
        for (std::deque<FakePhone>* phones : {&m_scene.callers, &m_scene.dialer.phones})
            for (FakePhone& phone : *phones)
                all.push_back(&phone);
        const auto isAsked = [this](const FakePhone* phone) {
            return !phone->over &&
                   std::ranges::count(phone->sent, "offer", &FakePhone::Sent::what) > m_taken[phone];
        };
        for (auto next = std::ranges::find_if(all, isAsked); next != all.end();
             next = std::ranges::find_if(all, isAsked)) {
            ++m_taken[*next];
            (*next)->events->onReply({200, kSdp});
        }
    }

    RecordedCalls m_recorded;
    ControlScene m_scene;
    std::map<std::string, std::vector<FakePhone*>> m_talks; ///< the telephones that each has used
    std::map<const FakePhone*, std::ptrdiff_t> m_taken;     ///< offers
};

} // namespace sr::test
