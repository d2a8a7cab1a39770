// SPDX-License-Identifier: GPL-3.0-or-later
// Two phones whose every message the test writes, at an exchange of their own.
#pragma once

#include "tests/support/exchange_process.h"
#include "tests/support/wire_phone.h"

namespace sr::test {

inline QByteArray sdpOf(int version, const char* direction = "sendrecv")
{
    return "v=0\r\no=- 1 " + QByteArray::number(version) +
           " IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=" +
           direction + "\r\n";
}

/// To the request with that number.
inline QByteArray finalAnswer(WirePhone& phone, int cseq, const QByteArray& method)
{
    QByteArray answer;
    do
        answer = phone.waitFor("CSeq: " + QByteArray::number(cseq) + " " + method);
    while (answer.startsWith("SIP/2.0 1"));
    return answer;
}

inline const QByteArray kOttosContact = "Contact: <sip:otto@127.0.0.1>\r\n";
inline const QByteArray kOttosAnswer = kOttosContact + "Content-Type: application/sdp\r\n";

/// Anna and otto by TCP.
struct WireScene {
    WireScene()
    {
        ready = addUser(fixture, "anna", "100", "first").exitCode == 0 &&
                addUser(fixture, "otto", "101", "second").exitCode == 0;
        exchange = std::make_unique<ExchangeProcess>(fixture);
        anna = std::make_unique<WirePhone>(WirePhone::Wire::Tcp, exchange->port4);
        otto = std::make_unique<WirePhone>(WirePhone::Wire::Tcp, exchange->port4);
        ready = ready && anna->registers("anna", "first", "sip:anna@127.0.0.1") &&
                otto->registers("otto", "second", "sip:otto@127.0.0.1");
    }
    /// They talk. `more` stands in anna's INVITE, `answer` is the 200 to it, which she may leave without ACK.
    bool connect(const QByteArray& more = {}, bool acknowledges = true)
    {
        dialog = anna->dial("anna", "first", "101", more, sdpOf(1));
        invite = otto->waitFor("INVITE sip:otto");
        otto->answer(invite, "200 OK", kOttosAnswer, sdpOf(1));
        answer = anna->waitFor("SIP/2.0 200 OK");
        WirePhone::learn(dialog, answer);
        if (acknowledges)
            (void)anna->request(dialog, "ACK");
        return !invite.isEmpty() && !answer.isEmpty() && !otto->waitFor("ACK sip:otto").isEmpty();
    }
    /// Otto's phone rings with a reliable 183 (RFC 3262), which anna's phone has taken, too.
    bool ringReliably(bool withSdp = true)
    {
        dialog = anna->dial("anna", "first", "101", "Require: 100rel\r\n", sdpOf(1));
        invited = dialog.cseq;
        invite = otto->waitFor("INVITE sip:otto");
        otto->answer(invite, "183 Session Progress",
                     "Require: 100rel\r\nRSeq: 1\r\n" + (withSdp ? kOttosAnswer : kOttosContact),
                     withSdp ? sdpOf(1) : QByteArray());
        const QByteArray taken = otto->waitFor("PRACK sip:otto");
        otto->answer(taken, "200 OK");
        const QByteArray rings = anna->waitFor("\r\nRSeq: ");
        WirePhone::learn(dialog, rings);
        (void)anna->request(dialog, "PRACK",
                            "RAck: " + WirePhone::headerOf(rings, "RSeq") + " " +
                                QByteArray::number(invited) + " INVITE\r\n");
        return !taken.isEmpty() && finalAnswer(*anna, dialog.cseq, "PRACK").startsWith("SIP/2.0 200");
    }

    CtlFixture fixture;
    std::unique_ptr<ExchangeProcess> exchange;
    std::unique_ptr<WirePhone> anna;
    std::unique_ptr<WirePhone> otto;
    WirePhone::Dialog dialog; ///< anna's
    QByteArray invite;        ///< otto's
    QByteArray answer;
    int invited = 0; ///< CSeq of anna's INVITE
    bool ready = false;
};

} // namespace sr::test
