// SPDX-License-Identifier: GPL-3.0-or-later
// A queue `hall` (300) through call control: anna and bert wait, carl and dora are its operators.
#pragma once

#include "core/pbx/queue_service.h"
#include "tests/unit/pbx/local_scene.h"
#include "tests/unit/pbx/records_text.h"

namespace sr::test {

using namespace pbx;

using Settings = std::map<std::string, std::string>;

inline media::SoundPtr queueSound(const std::string& name)
{
    if (name == "hello" || name == "wait" || name == "music")
        return media::Sound::read(Bytes(1600, std::byte{name == "hello"  ? std::uint8_t{0x11}
                                                        : name == "wait" ? std::uint8_t{0x22}
                                                                         : std::uint8_t{0x33}}),
                                  name + ".g711a")
            .valueOr(nullptr);
    return nullptr;
}

struct QueueScene : LocalScene {
    explicit QueueScene(Settings settings = {}, std::vector<Diversion> diversions = {})
    {
        Object hall{"hall", "300", "Hall", {}, {}};
        hall.kind = Kind::WaitingQueue;
        hall.settings = {{"primary", "Desk"}, {"secondary", "Help"}};
        hall.settings.merge(settings);
        hall.diversions = std::move(diversions);
        std::vector<Object> objects{
            {"anna", "100", "Anna", {}, {}},       {"bert", "101", "Bert", {}, {}},
            {"carl", "102", "Carl", {"Desk"}, {}}, {"dora", "103", "Dora", {"Help"}, {}},
            {"emil", "104", "Emil", {}, {}},       std::move(hall)};
        for (Object& object : objects)
            object.record = RecordMode::Off;
        setObjects(std::move(objects));
        dialer.serve("queue", queues);
        QueueOffice office;
        office.talking = [this] {
            std::vector<std::string> names;
            for (const CallRow& row : control->rows()) {
                names.push_back(row.caller.name);
                names.push_back(row.callee.name);
            }
            return names;
        };
        office.isRegistered = [this](const std::string& name) {
            return !registrar.bindings(name, clock.steadyNow()).empty();
        };
        office.overflow = [this](const Object& queue, const LocalCallInfo&) {
            return control->forwards(queue, {}).noAnswer;
        };
        queues.open(clock, std::move(office));
        bind("dora", "sip:dora@127.0.0.1:5071", {});
        bind("emil", "sip:emil@127.0.0.1:5072", {});
    }
    void setObjects(std::vector<Object> objects)
    {
        std::ranges::sort(objects, {}, &Object::name);
        directory = std::make_shared<const Directory>("switchroom", std::move(objects));
        logged = std::make_unique<CallRecords>(
            [this](const CallRecords::Record& record) { finished.push_back(record); },
            CallRecords::Identity{"PBX"}, clock);
        control = std::make_unique<CallControl>(dialer, *relay, tap, *logged, registrar, clock);
        control->setDirectory(directory);
        queues.setDirectory(directory);
    }
    void call(FakePhone& phone, const std::string& name, const std::string& number = "300",
              bool offers = true)
    {
        sip::InviteRequest request;
        request.target = number;
        request.from = {name, name, "127.0.0.1"};
        request.source.address = *Endpoint::parse("127.0.0.1:5060");
        if (offers)
            request.sdp = annaSdp();
        control->onInvite(std::make_unique<FakeSession>(phone), request, *directory->byName(name));
        run();
    }
    void pass(int s)
    {
        for (int i = 0; i < s; ++i) {
            clock.advance(std::chrono::seconds(1));
            control->onSecond();
            queues.onSecond();
            run();
        }
    }
    FakePhone& rung(std::size_t i) { return network.phones.at(i); }
    void answer(std::size_t i)
    {
        rung(i).events->onReply({200, carlSdp()});
        run();
    }
    /// Both are asked for the media of the other.
    void connect(FakePhone& caller, std::size_t i)
    {
        answer(i);
        rung(i).events->onReply({200, carlSdp()});
        run();
        caller.events->onReply({200, annaSdp()});
        run();
    }
    void press(FakePhone& phone, char key)
    {
        phone.events->onInfo("application/dtmf-relay", std::string("Signal=") + key + "\r\nDuration=160\r\n");
        run();
    }
    void hangUp(FakePhone& phone, sip::Ending ending = sip::Ending::Bye)
    {
        phone.events->onEnded(ending);
        run();
    }
    QueueRow row() const { return queues.rows().at(0); }
    QString log(const FakePhone& phone) const { return QString::fromStdString(phone.log()); }
    QString recordsOf(const std::string& name) const { return test::recordsOf(finished, name); }

    std::vector<CallRecords::Record> finished;
    std::unique_ptr<CallRecords> logged;
    FakePhone bert;
    QueueService queues{dialer, queueSound};
};

} // namespace sr::test
