// SPDX-License-Identifier: GPL-3.0-or-later
// The exchange's calls as an interface: in order of time, between the right ports, to the last packet.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/capture/udp_frame.h"
#include "recorder/pipeline/exchange_wire.h"
#include "tests/unit/relay/device.h"

#include <QTest>

#include <atomic>

using namespace sr;
using namespace sr::test;
using recorder::ExchangeWire;
using relay::Side;

namespace {

const Endpoint kCaller = *Endpoint::parse("192.0.2.1:20000");
const Endpoint kCallee = *Endpoint::parse("192.0.2.2:20002");
constexpr std::size_t kIpAt = 14;  ///< behind Ethernet
constexpr std::size_t kUdpAt = 34; ///< behind IPv4
constexpr std::size_t kPayloadAt = 42;

struct Seen {
    UtcTime time{};
    Endpoint from;
    Endpoint to;
    std::string payload;
};

Endpoint endpointAt(ByteView frame, std::size_t address, std::size_t port)
{
    return {IpAddress::v4(loadBe<std::uint32_t>(frame.data() + address)),
            loadBe<std::uint16_t>(frame.data() + port)};
}

std::vector<Seen> seenIn(const capture::PacketBatch& batch)
{
    std::vector<Seen> seen;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const capture::CapturedPacket packet = batch.packet(i);
        seen.push_back({packet.time, endpointAt(packet.bytes, kIpAt + 12, kUdpAt),
                        endpointAt(packet.bytes, kIpAt + 16, kUdpAt + 2),
                        std::string(textOf(packet.bytes.subspan(kPayloadAt)))});
    }
    return seen;
}

class Listener final : public recorder::WireListener {
public:
    void begins(const relay::TapDialog& dialog) override
    {
        lines << QStringLiteral("begins %1 %2").arg(dialog.id).arg(QString::fromStdString(dialog.guid));
    }
    void wanted(std::uint64_t dialog, const std::vector<relay::TapTarget>& by) override
    {
        for (const relay::TapTarget& one : by)
            lines << QStringLiteral("wanted %1 %2").arg(dialog).arg(QString::fromStdString(one.to));
    }
    void packet(std::uint64_t dialog, UtcTime, Content content, ByteView frame) override
    {
        const QString text = content == Content::Media
                                 ? QStringLiteral("packet %1 %2").arg(dialog).arg(frame.size())
                                 : QStringLiteral("message %1 ").arg(dialog) +
                                       QString::fromStdString(std::string(textOf(frame.subspan(kPayloadAt))));
        lines << text;
    }
    void ends(std::uint64_t dialog) override { lines << QStringLiteral("ends %1").arg(dialog); }
    QStringList lines;
};

struct Scene {
    explicit Scene(std::size_t tapBytes = 1U << 20U, recorder::WireListener* listener = nullptr)
    {
        relay::RelayOptions options;
        options.tapBytes = tapBytes;
        relay = std::move(*relay::Relay::start(options));
        bridge = std::move(*relay->open(loopback(), loopback()));
        if (!bridge->setPeer(Side::Caller, caller.peer()) || !bridge->setPeer(Side::Callee, callee.peer()))
            qFatal("no call");
        wire = std::make_unique<ExchangeWire>(*relay, listener);
        device = std::move(*wire->opener()({}));
    }
    void message(UtcTime time, std::string text, std::uint64_t dialog = 0) const
    {
        wire->message({time, kCaller, kCallee, std::move(text), dialog});
    }
    /// Through the relay, which has copied it when it arrives.
    void says(Side side, std::uint16_t number)
    {
        Device& from = side == Side::Caller ? caller : callee;
        Device& to = side == Side::Caller ? callee : caller;
        from.rtp.send(rtpPacket(number), bridge->local(side));
        QVERIFY(to.rtp.next().datagram == rtpPacket(number));
    }
    std::vector<Seen> drained()
    {
        capture::PacketBatch batch;
        return device->drain(batch) ? seenIn(batch) : std::vector<Seen>();
    }

    Device caller;
    Device callee;
    std::unique_ptr<relay::Relay> relay;
    std::unique_ptr<relay::Bridge> bridge;
    std::unique_ptr<ExchangeWire> wire;
    std::unique_ptr<capture::PacketDevice> device;
};

std::string packetText(std::uint16_t number)
{
    const Bytes packet = rtpPacket(number);
    return std::string(textOf(packet));
}

} // namespace

class TestExchangeWire : public QObject {
    Q_OBJECT
private slots:
    void messagesInOrderOfTime();
    void packetsBetweenTheRightPorts();
    void messagesAmongPackets();
    void newPorts();
    void unknownCalls();
    void lastPackets();
    void fullTap();
    void tooLongMessage();
    void wakes();
    void wantedElsewhere();
    void notForTheArchive();
};

void TestExchangeWire::messagesInOrderOfTime()
{
    const Scene s;
    const UtcTime begin{seconds(1000)};
    s.message(begin + seconds(2), "third");
    s.message(begin, "first");
    s.message(begin + seconds(1), "second");
    s.message(begin + seconds(2), "fourth"); // as told where the time is the same
    capture::PacketBatch batch;
    QVERIFY(s.device->read(batch));
    const auto seen = seenIn(batch);
    QCOMPARE(seen.size(), std::size_t{4});
    const std::vector<std::string> expected{"first", "second", "third", "fourth"};
    for (std::size_t i = 0; i < seen.size(); ++i) {
        QCOMPARE(seen[i].payload, expected[i]);
        QCOMPARE(seen[i].from, kCaller);
        QCOMPARE(seen[i].to, kCallee);
    }
    QCOMPARE(seen.front().time, begin);
    QCOMPARE(batch.packet(0).linkType, capture::kEthernetLink);
}

void TestExchangeWire::packetsBetweenTheRightPorts()
{
    Scene s;
    s.wire->media(7, kCaller, kCallee);
    s.bridge->setTap(7);
    for (std::uint16_t i = 0; i < 10; ++i)
        s.says(i % 2 == 0 ? Side::Caller : Side::Callee, i);
    const auto seen = s.drained();
    QCOMPARE(seen.size(), std::size_t{10});
    for (std::size_t i = 0; i < seen.size(); ++i) {
        QCOMPARE(seen[i].payload, packetText(static_cast<std::uint16_t>(i)));
        QCOMPARE(seen[i].from, i % 2 == 0 ? kCaller : kCallee);
        QCOMPARE(seen[i].to, i % 2 == 0 ? kCallee : kCaller);
    }
    QVERIFY(s.drained().empty()); // once
}

void TestExchangeWire::messagesAmongPackets()
{
    Scene s;
    const SystemClock clock; // as the relay's
    s.wire->media(7, kCaller, kCallee);
    s.bridge->setTap(7);
    const UtcTime before = clock.utcNow() - seconds(1);
    s.says(Side::Caller, 1);
    s.message(clock.utcNow() + seconds(1), "BYE");
    s.message(before, "INVITE");
    const auto seen = s.drained();
    QCOMPARE(seen.size(), std::size_t{3});
    QCOMPARE(seen[0].payload, std::string("INVITE"));
    QCOMPARE(seen[1].payload, packetText(1));
    QCOMPARE(seen[2].payload, std::string("BYE"));
}

/// What is told of a tag last counts.
void TestExchangeWire::newPorts()
{
    Scene s;
    const Endpoint other = *Endpoint::parse("192.0.2.9:30000");
    s.wire->media(7, kCaller, kCallee);
    s.bridge->setTap(7);
    s.says(Side::Caller, 1);
    QCOMPARE(s.drained().at(0).from, kCaller);
    s.wire->media(7, other, kCallee);
    s.says(Side::Caller, 2);
    QCOMPARE(s.drained().at(0).from, other);
}

void TestExchangeWire::unknownCalls()
{
    Scene s;
    s.bridge->setTap(8); // of which nothing was told
    s.says(Side::Caller, 1);
    s.message(UtcTime{seconds(1)}, "INVITE");
    const auto seen = s.drained();
    QCOMPARE(seen.size(), std::size_t{1});
    QCOMPARE(seen[0].payload, std::string("INVITE"));
}

/// Packets that were copied before the end, and are handed out in the round behind it, still find their call;
/// later ones do not.
void TestExchangeWire::lastPackets()
{
    Scene s;
    s.wire->media(7, kCaller, kCallee);
    s.bridge->setTap(7);
    s.says(Side::Caller, 1);
    s.wire->closed(7);
    QCOMPARE(s.drained().size(), std::size_t{1});
    s.says(Side::Caller, 2);
    QCOMPARE(s.drained().size(), std::size_t{1});
    s.says(Side::Caller, 3);
    QVERIFY(s.drained().empty());
}

void TestExchangeWire::fullTap()
{
    Scene s(4096); // the least that the relay takes may be more
    s.wire->media(7, kCaller, kCallee);
    s.bridge->setTap(7);
    std::uint16_t sent = 0;
    while (sent < 60'000 && s.relay->tapLost() == 0)
        s.says(Side::Caller, sent++);
    s.says(Side::Caller, sent++);
    const auto stats = s.device->stats();
    QVERIFY(stats);
    QCOMPARE(stats->dropped, std::uint64_t{2});
    const auto seen = s.drained();
    QCOMPARE(seen.size() + stats->dropped, std::size_t{sent});
    for (std::size_t i = 0; i < seen.size(); ++i) // the first ones: a ring that is full takes no more
        QCOMPARE(seen[i].payload, packetText(static_cast<std::uint16_t>(i)));
    s.says(Side::Caller, 7);
    QCOMPARE(s.drained().size(), std::size_t{1}); // and goes on
}

void TestExchangeWire::tooLongMessage()
{
    Scene s;
    s.message(UtcTime{seconds(1)}, std::string(capture::kMaxUdpPayload + 1, 'x'));
    s.message(UtcTime{seconds(1)}, std::string(capture::kMaxUdpPayload, 'y'));
    const auto seen = s.drained();
    QCOMPARE(seen.size(), std::size_t{1});
    QCOMPARE(seen[0].payload.size(), capture::kMaxUdpPayload);
}

/// A reader that is woken returns, and what was told meanwhile is there.
void TestExchangeWire::wakes()
{
    Scene s;
    std::atomic<int> rounds = 0;
    std::atomic<std::size_t> packets = 0;
    std::jthread reader([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            capture::PacketBatch batch;
            if (!s.device->read(batch))
                return;
            packets += batch.size();
            ++rounds;
        }
    });
    for (int i = 0; i < 1000; ++i)
        s.message(UtcTime{seconds(i)}, "INVITE");
    s.device->wake();
    QTRY_COMPARE(packets.load(), std::size_t{1000});
    reader.request_stop();
    s.device->wake();
    reader.join();
    QVERIFY(rounds > 0);
}

/// Before anything else of its dialog, and to the last packet; what nobody else wants is not told.
void TestExchangeWire::wantedElsewhere()
{
    Listener listener;
    Scene s(1U << 20U, &listener);
    s.wire->begins({5, "guid", true});
    s.message(UtcTime{seconds(1)}, "INVITE", 5);
    s.message(UtcTime{seconds(1)}, "another call's");
    s.wire->wanted(5, 7, {{"/calls", "anna"}});
    s.wire->media(7, kCaller, kCallee);
    s.wire->media(8, kCaller, kCallee);
    s.bridge->setTap(7);
    s.says(Side::Caller, 1);
    QCOMPARE(s.drained().size(), std::size_t{3});
    s.bridge->setTap(8); // of another call
    s.says(Side::Caller, 2);
    s.bridge->setTap(7);
    s.wire->closed(7);
    s.wire->ends(5);
    s.says(Side::Callee, 3);
    QCOMPARE(s.drained().size(), std::size_t{2});
    QCOMPARE(s.drained().size(), std::size_t{0});
    const QStringList expected{QStringLiteral("begins 5 guid"),    QStringLiteral("wanted 5 /calls"),
                               QStringLiteral("message 5 INVITE"), QStringLiteral("packet 5 54"),
                               QStringLiteral("packet 5 54"),      QStringLiteral("ends 5")};
    QCOMPARE(listener.lines.size(), expected.size());
    QCOMPARE(listener.lines.filter(QStringLiteral("packet 5")).size(), 2);
    QCOMPARE(listener.lines.first(3), expected.first(3));
    QCOMPARE(listener.lines.last(), expected.last());
}

void TestExchangeWire::notForTheArchive()
{
    Listener listener;
    Scene s(1U << 20U, &listener);
    s.wire->begins({5, "guid", false});
    s.message(UtcTime{seconds(1)}, "INVITE", 5);
    s.wire->wanted(5, 7, {{"/calls", "anna"}});
    s.wire->media(7, kCaller, kCallee);
    s.bridge->setTap(7);
    s.says(Side::Caller, 1);
    QVERIFY(s.drained().empty());
    s.wire->closed(7);
    s.wire->ends(5);
    s.says(Side::Callee, 2);
    QVERIFY(s.drained().empty());
    QVERIFY(s.drained().empty());
    QCOMPARE(listener.lines.size(), 6);
}

QTEST_GUILESS_MAIN(TestExchangeWire)
#include "tst_exchange_wire.moc"
