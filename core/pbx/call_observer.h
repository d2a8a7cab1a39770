// SPDX-License-Identifier: GPL-3.0-or-later
// How the calls of each user get on, as plain values for those who watch.
#pragma once

#include "core/base/clock.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sr::pbx {

enum class CallRole : std::uint8_t { Initiator, Recipient }; ///< the user called, or was called
enum class CallStage : std::uint8_t {
    Trying,    ///< nothing rings yet
    Early,     ///< it rings, here or there
    Confirmed, ///< they talk, or did and wait for a transfer
    Over,      ///< the last word about this call of the user
};

/// One user's part in one call, as it is now.
struct CallState {
    std::string user;       ///< name
    std::uint64_t call = 0; ///< of this user's part; another user's part in the same call has its own
    std::string conference; ///< guid, 32 hex digits
    CallRole role = CallRole::Initiator;
    CallStage stage = CallStage::Trying;
    std::string remoteNumber; ///< of the other side; empty: nobody yet
    std::string remoteName;   ///< for people
    bool holds = false;       ///< the user has put the other side on hold
    UtcTime since{};          ///< the beginning of the user's part
    bool operator==(const CallState&) const = default;
};

// The tags of that part, as watchers are told them: a telephone sends them back to take the call from there.
inline std::string tagOf(std::uint64_t part)
{
    return "part" + std::to_string(part);
}
inline constexpr const char* kExchangeTag = "exchange"; ///< of the other end

/// Control thread, without waiting and without a word back to the calls.
class CallObserver {
public:
    virtual ~CallObserver() = default;
    virtual void onCallState(const CallState& state) = 0;
};

/// Tells several, who outlive it.
class CallObservers final : public CallObserver {
public:
    explicit CallObservers(std::vector<CallObserver*> all)
        : m_all(std::move(all))
    {}
    void onCallState(const CallState& state) override
    {
        for (CallObserver* const one : m_all)
            one->onCallState(state);
    }

private:
    std::vector<CallObserver*> m_all;
};

} // namespace sr::pbx
