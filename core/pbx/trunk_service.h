// SPDX-License-Identifier: GPL-3.0-or-later
// The trunk objects of the exchange, kept registered, gateways that do not register, and calls from both in
// our own spelling.
#pragma once

#include "core/pbx/directory.h"
#include "core/pbx/trunk_lines.h"

#include <functional>

namespace sr::pbx {

/// What trunks need from around the exchange.
struct TrunkParts {
    sip::RegisterSender* sender = nullptr;                  ///< null: there are no trunks
    sip::OptionsSender* asker = nullptr;                    ///< as TrunkLines has it
    crypto::Secret key;                                     ///< likewise
    std::function<void(const std::string& words)> say = {}; ///< to the administrator; must not wait
};

/// Control thread.
class TrunkService final : private TrunkEvents {
public:
    /// Sender, asker and `clock` outlive it.
    TrunkService(const TrunkParts& parts, const Clock& clock);

    /// At the start, and with every change. A trunk that breaks a rule is said, and is none.
    void setDirectory(const Directory& directory);
    void onSecond() { m_lines.tick(); }
    TrunkLines& lines() { return m_lines; }
    const TrunkLines& lines() const { return m_lines; }

    struct Call {
        std::string trunk;          ///< name
        sip::InviteRequest request; ///< with numbers as from a telephone here; no target: none of ours
    };
    /// As TrunkLines::callOf().
    std::optional<Call> callOf(const sip::InviteRequest& request) const;
    /// Says good-bye, once; whether all is done. Asked again until it is.
    bool leave();

private:
    void onTrunk(const TrunkRow& row) override;
    void say(const std::string& words) const;

    std::function<void(const std::string&)> m_say;
    TrunkLines m_lines;
    std::map<std::string, std::string> m_broken; ///< by trunk: what was said of it
    bool m_leaving = false;
};

/// A call of a gateway that has proved who it is, as TrunkService::callOf() brings those known by their
/// address. Any thread.
sip::InviteRequest gatewayCall(const Object& gateway, const sip::InviteRequest& request);

// For people. Any thread.

/// How an account is registered: `registered`, `refused (401)`.
std::string wordsOf(const sip::RegistrationStatus& status);
/// Whether somebody is at an address: `answers`, `does not answer (408)`.
std::string wordsOf(const sip::KeepAliveStatus& status);
std::string wordsOf(const TrunkRow& row);

} // namespace sr::pbx
