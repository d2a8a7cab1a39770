// SPDX-License-Identifier: GPL-3.0-or-later
// A call of anna to otto with devices that the test plays, a real relay, and what was told of it.
#pragma once

#include "core/base/endpoint.h"
#include "core/pbx/call.h"
#include "core/sdp/session_description.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/pbx/fake_phones.h"
#include "tests/unit/pbx/records_text.h"

#include <QStringList>

#include <algorithm>
#include <functional>

namespace sr::test {

using namespace sr::pbx;

inline std::string sdpOf(int port, const std::string& more = {}, const std::string& profile = "RTP/AVP")
{
    return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio " +
           std::to_string(port) + " " + profile + " 8 101\r\na=rtpmap:101 telephone-event/8000\r\n" + more;
}

/// With these formats alone.
inline std::string sdpIn(const std::string& formats, int port)
{
    std::string sdp = sdpOf(port);
    return sdp.replace(sdp.find("RTP/AVP 8 101"), 13, "RTP/AVP " + formats);
}

inline const std::string kKey = "a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(40, 'A') + "\r\n";

inline const std::string kFingerprint =
    "a=fingerprint:sha-256 "
    "12:34:56:78:9A:BC:DE:F0:12:34:56:78:9A:BC:DE:F0:12:34:56:78:9A:BC:DE:F0:12:34:56:78:9A:BC:DE:F0\r\n";

class TapLog final : public relay::CallTap {
public:
    void message(relay::TapMessage&& message) override
    {
        lines.push_back(message.text.substr(0, message.text.find('\r')));
        texts.push_back(std::move(message.text));
    }
    void media(std::uint64_t tag, const Endpoint&, const Endpoint&) override
    {
        lines.push_back("media " + std::to_string(tag));
    }
    void closed(std::uint64_t tag) override { lines.push_back("closed " + std::to_string(tag)); }
    void begins(const relay::TapDialog& dialog) override
    {
        lines.push_back(std::string(dialog.archived ? "begins" : "begins-unarchived"));
    }
    void wanted(std::uint64_t, std::uint64_t, std::vector<relay::TapTarget> by) override
    {
        std::string line = "wanted";
        for (const relay::TapTarget& one : by)
            line += ":" + one.name + one.to;
        lines.push_back(std::move(line));
    }
    void ends(std::uint64_t) override { lines.push_back("ends"); }

    /// First words of what was told.
    QString summary() const
    {
        QStringList all;
        for (const std::string& line : lines) {
            const QString text = QString::fromStdString(line);
            all << (text.startsWith(u"SIP/2.0 ") ? text.section(u' ', 1, 1) : text.section(u' ', 0, 0));
        }
        return all.join(u' ');
    }
    std::vector<std::string> lines;
    std::vector<std::string> texts;
};

inline Destination destinationOf(const std::string& name, const std::string& number, int devices)
{
    Destination destination{{name, number, name}, {}, true};
    for (int i = 0; i < devices; ++i) {
        Binding binding;
        binding.contact.uri = "sip:" + name + "@127.0.0.1:" + std::to_string(5070 + i);
        binding.domain = "pbx.example";
        binding.source.address = *Endpoint::parse("127.0.0.1:" + std::to_string(5070 + i));
        destination.devices.push_back({binding, destination.party});
    }
    return destination;
}

/// The exchange around a call: carl and gina have a phone, dora none.
struct Neighbours final : CallNeighbours {
    Destination destination(const Dialling& dialling) const override
    {
        const std::string& dialled = dialling.digits;
        std::vector<std::string> passed = dialling.passed;
        if (dialled == "102" && std::ranges::find(passed, "carl") == passed.end()) {
            Destination carl = destinationOf("carl", "102", devicesOfCarl);
            carl.record = recordsAll;
            carl.forwards = forwardsOfCarl;
            carl.passed = std::move(passed);
            carl.passed.push_back("carl");
            return carl;
        }
        if (dialled == "106") {
            Destination gina = destinationOf("gina", "106", 1);
            gina.passed = std::move(passed);
            return gina;
        }
        if (dialled == "105") {
            Destination unreachable = destinationOf("fred", "105", 1);
            unreachable.devices.front().at.contact.uri = "sip:nowhere";
            return unreachable;
        }
        Destination nobody;
        nobody.status = dialled == "102" ? 486 : dialled == "103" ? 480 : 404;
        return nobody;
    }
    Call* callWith(const sip::DialogId& dialog) const override
    {
        return other != nullptr && other->hasDialog(dialog) ? other : nullptr;
    }
    std::uint64_t newTag() override { return ++tags; }
    std::vector<relay::TapTarget> recordTargets(const CallParty& party, const sip::Source&) const override
    {
        const auto found = recordTo.find(party.name);
        return found == recordTo.end() ? std::vector<relay::TapTarget>()
                                       : std::vector<relay::TapTarget>{{found->second, party.name}};
    }
    std::map<std::string, std::string> recordTo = {}; ///< by name of the object
    bool recordsAll = true;                           ///< who is reached
    int devicesOfCarl = 1;
    Forwards forwardsOfCarl = {};
    Call* other = nullptr;
    std::uint64_t tags = 0;
};

/// A call of anna to otto, who has `devices` phones.
struct CallScene {
    explicit CallScene(int devices = 1, std::string offer = sdpOf(4000), bool record = true,
                       Forwards forwards = {}, std::map<std::string, std::string> recordTo = {},
                       std::array<RecordMode, 2> modes = {},
                       const std::function<void(Call::Plan&)>& change = {})
    {
        neighbours.recordTo = std::move(recordTo);
        relay::RelayOptions options;
        options.firstPort = 30000;
        options.lastPort = 39999;
        relay = std::move(relay::Relay::start(options)).value();
        environment = std::make_unique<CallEnvironment>(
            CallEnvironment{dialer, *relay, tap, clock, neighbours, records});
        Call::Plan plan{7, {"anna", "100", "Anna"}, destinationOf("otto", "101", devices), record};
        plan.callee.forwards = std::move(forwards);
        plan.caller.record = modes[0];
        plan.callee.party.record = modes[1];
        for (CalledDevice& device : plan.callee.devices)
            device.owner.record = modes[1];
        if (change)
            change(plan);
        sip::InviteRequest request;
        request.source.address = *Endpoint::parse("127.0.0.1:5060");
        request.sdp = std::move(offer);
        call = std::make_unique<Call>(*environment, plan, request, std::make_unique<FakeSession>(caller));
        call->begin();
    }
    FakePhone& phone(std::size_t i = 0) { return dialer.phones.at(i); }
    void answer(std::size_t i = 0, const std::string& sdp = sdpOf(4002))
    {
        phone(i).events->onReply({200, sdp});
    }
    /// Of a user: direction and events of each record, in the order of their ends.
    QString recordsOf(const std::string& name) const { return test::recordsOf(finished, name); }
    QString callerLog() const { return QString::fromStdString(caller.log()); }
    QString phoneLog(std::size_t i = 0) { return QString::fromStdString(phone(i).log()); }

    FakeClock clock;
    std::unique_ptr<relay::Relay> relay;
    TapLog tap;
    Neighbours neighbours;
    std::vector<std::shared_ptr<const cdr::CallDataRecord>> finished;
    CallRecords records{
        [this](const CallRecords::Record& record) { finished.push_back(record); }, {"PBX"}, clock};
    FakeDialer dialer;
    FakePhone caller;
    std::unique_ptr<CallEnvironment> environment;
    std::unique_ptr<Call> call;
};

/// Anna talks with otto, who calls carl: the second one that is dialled.
struct SecondCall : CallScene {
    SecondCall()
    {
        answer();
        ottosOther.callId = "second";
        sip::InviteRequest request;
        request.source.address = *Endpoint::parse("127.0.0.1:5070");
        request.sdp = sdpOf(4010);
        second = std::make_unique<Call>(
            *environment, Call::Plan{8, {"otto", "101", "Otto"}, destinationOf("carl", "102", 1), true},
            request, std::make_unique<FakeSession>(ottosOther));
        second->begin();
        neighbours.other = second.get();
    }
    FakePhone ottosOther;
    std::unique_ptr<Call> second;
};

inline sdp::Media audioOf(const std::string& text)
{
    const auto parsed = sdp::parse(text);
    return parsed && parsed->audio() != nullptr ? *parsed->audio() : sdp::Media();
}

} // namespace sr::test
