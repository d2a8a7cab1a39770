// SPDX-License-Identifier: GPL-3.0-or-later
// Brings records from the outbox to one receiver, in order, in one of the ways of the reference. The URL
// says which:
//
//   http://, https://   GET <url>?event=syslog&time=<s since 1970>&date=YYYYMMDD-HHMMSS&from=<machine>
//                       &msg=<record, percent-encoded>; or POST with the same words as a form (without `?`)
//   tcp://HOST:PORT     each record and CR NL on one connection, which is kept
//   syslog://HOST[:514]      RFC 5426: a datagram each, in the form of RFC 5424 or RFC 3164
//   syslog+tcp://HOST[:514]  RFC 6587 3.4.1: each with its length in front, on one connection, which is kept
#pragma once

#include "core/cdr/outbox.h"

#include <atomic>

namespace sr::cdr {

enum class SyslogForm { Rfc5424, Rfc3164 };

struct Destination {
    std::string url = {}; ///< http and https may have a query
    bool post = false;
    std::string user = {}; ///< for basic and digest authentication, if the receiver asks
    std::string password = {};
    bool verifyTls = true;
    Path caFile = {};      ///< PEM: roots that are trusted beside those of the machine
    std::string from = {}; ///< how this machine is called there
    SyslogForm syslogForm = SyslogForm::Rfc5424;
    int syslogFacility = 16; ///< 0 to 23 (RFC 5424 6.2.1); `class` of the reference. 16: local0
};

struct DeliveryOptions {
    milliseconds timeout{30'000}; ///< for a whole answer, a connection, an acknowledgement
    /// What the receiver will not have (CdrErrc::Refused, each record), and that it takes nothing
    /// (Unreachable, once until it does again). On the delivery's thread.
    std::function<void(const Error&)> problem = {};
    /// Calls back after that time, on the thread that asks for it. A timer, unless a test knows better.
    std::function<void(milliseconds, std::function<void()>)> after = {};
};

/// When a record is delivered:
/// HTTP: when the answer is 2xx. Answers that speak of this record (400, 413, 422 and most others from 400 to
/// 499) set it aside; whatever speaks of the receiver (no answer, 5xx, 401, 403, 404, 405, 407, 408, 421,
/// 425, 429) makes all wait: 1 s, 2 s, up to 5 minutes. Redirections are followed with the same method, five
/// at most, never from https to http, and credentials stay with the host of the url.
/// TCP, alone or under syslog: when the receiver's system has acknowledged its octets (on Windows: when this
/// system has taken them) and the connection still stands. TCP cannot promise more: what the receiver's
/// program had not read when it died is lost to it. What is not acknowledged when a connection ends goes
/// again on the next, so a receiver may see a record twice, or half of one at the end of a connection.
/// Syslog by UDP: when this system has sent it and nobody refused it within 10 ms. It promises nothing. A
/// record that no datagram holds (64 KB) is set aside.
///
/// Has a thread of its own; needs a QCoreApplication. Any thread, one at a time.
class Delivery {
public:
    /// CdrErrc::Malformed if records cannot be sent there; errors of reading `caFile`.
    static Status check(const Destination& to);

    /// Source and clock outlive it. Begins at once; `to` has been checked.
    Delivery(RecordSource& source, Destination to, const Clock& clock, DeliveryOptions options = {});
    ~Delivery(); ///< what is under way stays in the outbox
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;

    struct Counts {
        std::uint64_t delivered = 0;
        std::uint64_t refused = 0;
        bool waiting = false; ///< the receiver takes nothing
    };
    Counts counts() const; ///< since it began. Any thread

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace sr::cdr
