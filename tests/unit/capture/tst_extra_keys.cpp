// SPDX-License-Identifier: GPL-3.0-or-later
// Keys from the command line reach the streams that they open, and no others.
#include "tests/unit/capture/sip_flow.h"
#include "tests/unit/rtp/srtp_sender.h"

#include <QtTest>

#include <random>

using namespace sr;
using namespace sr::capture;
using namespace sr::capture::test;

namespace {

const std::string kRight(30, 'k');
const std::string kWrong(30, 'w');

ReadOptions withKeys()
{
    ReadOptions options;
    options.extraKeys = {{"AES_CM_128_HMAC_SHA1_80", kWrong}, {"AES_CM_128_HMAC_SHA1_80", kRight}};
    return options;
}

void secure(Flow& f, double begin, const std::string& from, const std::string& to)
{
    const sr::test::SrtpSender sender(kRight, 16, 10, false);
    for (std::uint16_t i = 0; i < 100; ++i)
        f.raw(begin + i * 0.02, from, to, sender.protect(i, 0, 77, Bytes(160, std::byte{0xd5})));
}

} // namespace

class TestExtraKeys : public QObject {
    Q_OBJECT
private slots:
    void bareRtp();
    void callWithoutKeys();
    void signalledKeysComeFirst();
    void ciphertextIsTold_data();
    void ciphertextIsTold();
};

void TestExtraKeys::bareRtp()
{
    Flow f;
    secure(f, 0, "10.0.0.1:4000", "10.0.0.2:6000");
    f.rtp(0, 2, {"10.0.0.2:6000", "10.0.0.1:4000", 5});
    const auto calls = f.run(withKeys());
    QCOMPARE(calls.size(), std::size_t{1});
    QCOMPARE(calls[0].streams.size(), std::size_t{2});
    for (const CallStream& one : calls[0].streams) {
        const auto& keys = one.rtp.epochs.front().srtpKeys;
        QCOMPARE(keys.size(), one.rtp.ssrc == 77 ? std::size_t{1} : std::size_t{0}); // the way back is clear
        if (!keys.empty())
            QCOMPARE(keys[0].keySalt, kRight);
    }
    QVERIFY(f.run()[0].streams[0].rtp.epochs[0].srtpKeys.empty());
}

void TestExtraKeys::callWithoutKeys()
{
    Flow f; // the keys went by DTLS or through another hop
    f.sip(0, "10.0.0.1", "10.0.0.2", request("INVITE").with(sdp("10.0.0.1", 4000)));
    f.sip(1, "10.0.0.2", "10.0.0.1", response(200).tt().with(sdp("10.0.0.2", 6000)));
    secure(f, 1, "10.0.0.1:4000", "10.0.0.2:6000");
    const auto calls = f.run(withKeys());
    QCOMPARE(calls.size(), std::size_t{1});
    for (const rtp::MediaEpoch& epoch : calls[0].streams.at(0).rtp.epochs)
        QCOMPARE(epoch.srtpKeys.size(), std::size_t{1});
}

void TestExtraKeys::signalledKeysComeFirst()
{
    Flow f;
    const std::string crypto = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(40, 'A') + "\r\n";
    f.sip(0, "10.0.0.1", "10.0.0.2", request("INVITE").with(sdp("10.0.0.1", 4000, crypto)));
    f.sip(1, "10.0.0.2", "10.0.0.1", response(200).tt().with(sdp("10.0.0.2", 6000, crypto)));
    secure(f, 1, "10.0.0.1:4000", "10.0.0.2:6000");
    const auto calls = f.run(withKeys());
    const auto& keys = calls.at(0).streams.at(0).rtp.epochs.front().srtpKeys;
    QCOMPARE(keys.size(), std::size_t{2});
    QCOMPARE(keys[0].keySalt, std::string(30, '\0'));
    QCOMPARE(keys[1].keySalt, kRight); // it opens what they do not
}

void TestExtraKeys::ciphertextIsTold_data()
{
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("octets"); // of sound
    QTest::addColumn<int>("trailer");
    QTest::addColumn<bool>("even"); // random octets
    QTest::addColumn<bool>("encrypted");
    QTest::newRow("G.711, 80 bit tag") << 8 << 160 << 10 << true << true;
    QTest::newRow("G.711, 32 bit tag") << 0 << 160 << 4 << true << true;
    QTest::newRow("G.722, AEAD tag and MKI") << 9 << 160 << 20 << true << true;
    QTest::newRow("G.729") << 18 << 20 << 10 << true << true;
    QTest::newRow("clear, as random as fax and music may be") << 8 << 160 << 0 << true << false;
    QTest::newRow("clear, too long for its clock") << 8 << 160 << 10 << false << false;
    QTest::newRow("clear G.729") << 18 << 20 << 0 << true << false;
    QTest::newRow("unknown type") << 97 << 160 << 10 << true << false;
}

void TestExtraKeys::ciphertextIsTold()
{
    QFETCH(int, type);
    QFETCH(int, octets);
    QFETCH(int, trailer);
    QFETCH(bool, even);
    QFETCH(bool, encrypted);
    std::mt19937 random(7);
    Flow f;
    for (std::uint16_t i = 0; i < 100; ++i) {
        Bytes packet = rtpPacket(1, i, i * 160U, static_cast<std::uint8_t>(type),
                                 static_cast<std::size_t>(octets + trailer));
        for (std::size_t n = 12; even && n < packet.size(); ++n)
            packet[n] = static_cast<std::byte>(random() & 0xff);
        f.raw(i * 0.02, "10.0.0.1:4000", "10.0.0.2:6000", packet);
    }
    for (const ReadOptions& options : {ReadOptions{}, withKeys()}) {
        const auto calls = f.run(options);
        QCOMPARE(calls.size(), std::size_t{1});
        const rtp::MediaEpoch& epoch = calls[0].streams.at(0).rtp.epochs.at(0);
        QCOMPARE(epoch.protection == rtp::Protection::Required, encrypted);
        QVERIFY(epoch.srtpKeys.empty());
    }
}

QTEST_GUILESS_MAIN(TestExtraKeys)
#include "tst_extra_keys.moc"
