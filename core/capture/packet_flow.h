// SPDX-License-Identifier: GPL-3.0-or-later
// The seam inside core/capture: layers below turn files and interfaces into datagrams and stream messages;
// the tracker takes them.
#pragma once

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/endpoint.h"

namespace sr::capture {

/// One UDP datagram (reassembled), or one whole SIP message cut out of a TCP stream by its Content-Length.
struct Datagram {
    UtcTime time{};
    Endpoint from;
    Endpoint to;
    ByteView payload;    ///< lives during the call only
    bool stream = false; ///< a SIP message from TCP
    bool cut = false;    ///< the capture kept only its beginning
};

/// A copy that outlives the packet it came in.
class HeldDatagram {
public:
    explicit HeldDatagram(const Datagram& datagram)
        : m_datagram(datagram)
        , m_payload(datagram.payload.begin(), datagram.payload.end())
    {
        m_datagram.payload = m_payload;
    }
    HeldDatagram(HeldDatagram&&) = default; // the octets stay where they are
    HeldDatagram& operator=(HeldDatagram&&) = default;
    HeldDatagram(const HeldDatagram&) = delete;
    HeldDatagram& operator=(const HeldDatagram&) = delete;
    ~HeldDatagram() = default;

    const Datagram& datagram() const { return m_datagram; }
    void setTime(UtcTime time) { m_datagram.time = time; }

private:
    Datagram m_datagram;
    Bytes m_payload;
};

/// Implemented by the tracker. Capture order; one thread.
class DatagramSink {
public:
    virtual ~DatagramSink() = default;
    virtual void take(const Datagram& datagram) = 0;
    /// Several at once, so that a sink may fetch what it needs for all of them before it looks at the first.
    virtual void takeAll(std::span<const Datagram> datagrams)
    {
        for (const Datagram& datagram : datagrams)
            take(datagram);
    }
};

} // namespace sr::capture
