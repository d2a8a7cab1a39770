// SPDX-License-Identifier: GPL-3.0-or-later
// A thousand calls a second would open and close a thousand times four sockets, did they not serve again
// soon.
#include "core/base/open_files.h"
#include "core/relay/relay.h"
#include "tests/support/fake_clock.h"

#include <QTest>

#include <set>

using namespace sr;
using namespace sr::test;

class FastCallsTest : public QObject {
    Q_OBJECT

private slots:
    void portsServeAgainWithinTheSecond()
    {
        constexpr std::size_t kMost = 4000; // calls; twice as many would go round the range
        QVERIFY2(allowOpenFiles() >= 4 * kMost, "four sockets a call: ulimit -n is too low");
        FakeClock clock;
        relay::RelayOptions options;
        options.clock = &clock;
        options.firstPort = 2048;
        options.lastPort = 65535;
        const auto relay = std::move(*relay::Relay::start(options));
        const IpAddress here = IpAddress::v4(0x7f000001);
        std::set<std::uint16_t> ports;
        bool isAgain = false;
        while (!isAgain && ports.size() < kMost) {
            for (int i = 0; i < 50 && !isAgain; ++i) {
                const auto call = relay->open(here, here);
                QVERIFY2(bool(call), call ? "" : call.error().text().c_str());
                isAgain = !ports.insert((*call)->local(relay::Side::Caller).port).second;
                clock.advance(std::chrono::milliseconds(1));
            }
            QTest::qWait(20); // the relay's thread has real time
        }
        QVERIFY(isAgain);
    }
};

QTEST_GUILESS_MAIN(FastCallsTest)
#include "tst_fast_calls_posix.moc"
