// SPDX-License-Identifier: GPL-3.0-or-later
// Keys from the command line reach the streams that they open, and no others.
#include "tests/unit/capture/sip_flow.h"
#include "tests/unit/rtp/srtp_sender.h"

#include <QtTest>

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
    void signalledKeysStay();
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

void TestExtraKeys::signalledKeysStay()
{
    Flow f;
    const std::string crypto = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(40, 'A') + "\r\n";
    f.sip(0, "10.0.0.1", "10.0.0.2", request("INVITE").with(sdp("10.0.0.1", 4000, crypto)));
    f.sip(1, "10.0.0.2", "10.0.0.1", response(200).tt().with(sdp("10.0.0.2", 6000, crypto)));
    secure(f, 1, "10.0.0.1:4000", "10.0.0.2:6000");
    const auto calls = f.run(withKeys());
    const auto& keys = calls.at(0).streams.at(0).rtp.epochs.front().srtpKeys;
    QCOMPARE(keys.size(), std::size_t{1});
    QCOMPARE(keys[0].keySalt, std::string(30, '\0'));
}

QTEST_GUILESS_MAIN(TestExtraKeys)
#include "tst_extra_keys.moc"
