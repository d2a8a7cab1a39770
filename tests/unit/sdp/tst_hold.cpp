// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of direction go or come, of the session and of each media; nothing else does.
#include "core/sdp/hold.h"

#include <QTest>

using sr::sdp::Direction;
using sr::sdp::withDirection;
using sr::sdp::withoutHold;

class TestHold : public QObject {
    Q_OBJECT
private slots:
    void directionsGo()
    {
        QCOMPARE(withoutHold(
                     "v=0\r\na=inactive\r\nm=audio 1 RTP/AVP 8\r\na=SendOnly \r\na=rtpmap:8 PCMA/8000\r\n"),
                 std::string("v=0\r\nm=audio 1 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"));
        QCOMPARE(withoutHold("a=recvonly\na=sendrecv"), std::string());
    }
    void theRestStays()
    {
        for (const std::string text :
             {"", "\n", "x", "a=", "a=sendonly2\r\n", "i=a=sendonly\r\n", "a=fmtp:1 inactive"})
            QCOMPARE(withoutHold(text), text);
    }
    void oneDirectionForAllMedia()
    {
        QCOMPARE(withDirection("v=0\r\na=inactive\r\nm=audio 1 RTP/AVP 8\r\na=sendrecv\r\na=ptime:20\r\n"
                               "m=video 0 RTP/AVP 96\r\n",
                               Direction::SendOnly),
                 std::string("v=0\r\nm=audio 1 RTP/AVP 8\r\na=ptime:20\r\na=sendonly\r\n"
                             "m=video 0 RTP/AVP 96\r\na=sendonly\r\n"));
        QCOMPARE(withDirection("m=audio 1 RTP/AVP 8", Direction::Inactive),
                 std::string("m=audio 1 RTP/AVP 8\r\na=inactive\r\n"));
        QCOMPARE(withDirection("v=0\r\n", Direction::Inactive), std::string("v=0\r\n"));
        QCOMPARE(withDirection("", Direction::Inactive), std::string());
    }
};

QTEST_GUILESS_MAIN(TestHold)
#include "tst_hold.moc"
