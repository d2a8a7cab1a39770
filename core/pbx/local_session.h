// SPDX-License-Identifier: GPL-3.0-or-later
// Call control's end of a call inside the exchange.
#pragma once

#include "core/pbx/local_line.h"

namespace sr::pbx {

class LocalSession final : public sip::Session {
public:
    explicit LocalSession(std::shared_ptr<LocalLine> line)
        : m_line(std::move(line))
    {}
    ~LocalSession() override { m_line->dropSession(); }
    void setEvents(sip::SessionEvents& events) override { m_line->setSession(events); }
    void respond(int status, const std::string& sdp) override { m_line->onRespond(status, sdp); }
    void challenge(const std::vector<std::string>&) override { m_line->onRespond(401, {}); }
    void acknowledge(const std::string& sdp) override { m_line->onAcknowledge(sdp); }
    void offer(const std::string& sdp) override { m_line->onOffer(sdp); }
    void info(const std::string& contentType, const std::string& body) override
    {
        m_line->onInfo(contentType, body);
    }
    void referred(int status) override { m_line->onReferred(status); }
    void peerChanged(const sip::Peer& peer) override { m_line->onPeer(peer); }
    bool isDialog(const sip::DialogId& dialog) const override { return dialog == m_line->dialog(); }
    void probe() override {} // who runs this program is there

private:
    std::shared_ptr<LocalLine> m_line;
};

} // namespace sr::pbx
