// SPDX-License-Identifier: GPL-3.0-or-later
// Calls back who has asked for it, as soon as the other one is free, and calls that one for them.
#pragma once

#include "core/pbx/call_completion.h"
#include "core/pbx/dialog_state.h"
#include "core/pbx/directory.h"
#include "core/pbx/local_dialer.h"

#include <list>

namespace sr::pbx {

/// What completion asks of the exchange around it; control thread, without waiting.
struct CompletionOffice {
    std::function<bool(const std::string& user)> isRegistered;
    /// What a call of that user to these digits would be refused with now; 0: with nothing.
    std::function<int(const std::string& user, const std::string& digits)> refusal;
};

/// For each request that is due two calls of the exchange's own: one rings the caller, as somebody who is no
/// object (CallControl::onRecall()), and plays ringing once it is answered; the other one dials for the
/// caller what the caller had dialled. When that is answered both are connected by a transfer with
/// consultation, and what remains is the caller's call in every respect.
///
/// Requests live as long as the service.
///
/// Control thread.
class CompletionService final : public CallObserver {
public:
    explicit CompletionService(LocalDialer& dialer)
        : m_dialer(dialer)
    {}
    /// Before the first request. `clock` outlives the service.
    void open(const Clock& clock, CompletionOffice office, const CompletionRules& rules = {});
    void setDirectory(std::shared_ptr<const Directory> directory);

    void onFailed(const FailedCall& call);
    void onCallState(const CallState& state) override; ///< of everybody
    /// What feature codes do. Errors: as CallCompletion::request(); NotFound also if that may not be dialled
    /// any more.
    Status request(const std::string& caller);
    Status cancel(const std::string& caller); ///< Errors: NotFound: there is nothing
    void onSecond();
    std::vector<CallCompletion::Request> requests() const;

private:
    using Request = CallCompletion::Request;
    using Id = CallCompletion::Id;
    struct Recall {
        Request request;
        TimePoint since{};
        std::unique_ptr<LocalCall> toCaller;
        std::unique_ptr<LocalCall> toCallee; ///< once the caller has answered
        unsigned triesLeft = 0;              ///< to connect; 0 before the callee has answered
        bool tryAgain = false;               ///< in the next second
    };
    bool isFree(const std::string& user) const;
    void start(const Request& request);
    void onCallerAnswered(Id id);
    void onCallerEnded(Id id);
    void onCalleeEnded(Id id, int status);
    void connect(Recall& recall);
    void connecting(Id id, int status);
    void sayFailed(std::unique_ptr<LocalCall> call);
    void watchRegistrations();

    LocalDialer& m_dialer;
    std::optional<CallCompletion> m_rules;
    const Clock* m_clock = nullptr;
    CompletionOffice m_office;
    std::shared_ptr<const Directory> m_directory;
    DialogStates m_calls;
    std::unordered_map<std::string, bool> m_registered; ///< callees, as they were in the last second
    std::map<Id, Recall> m_recalls;
    std::list<std::unique_ptr<LocalCall>> m_goodbyes; ///< hear that it was in vain
};

} // namespace sr::pbx
