// SPDX-License-Identifier: GPL-3.0-or-later
// The exchange on the control thread: who may register and call, who is registered, and who talks.
#pragma once

#include "core/base/clock.h"
#include "core/pbx/binding_keeper.h"
#include "core/pbx/call_control.h"
#include "core/pbx/demo_phones.h"
#include "core/pbx/directory.h"
#include "core/pbx/ice_dialer.h"
#include "core/pbx/message_relay.h"
#include "core/pbx/registrar.h"
#include "core/pbx/services.h"
#include "core/pbx/subscriptions.h"
#include "core/pbx/trunk_service.h"
#include "core/sip/digest_credentials.h"
#include "core/sip/guess_guard.h"
#include "core/sip/nonce_guard.h"
#include "core/sip/sip_stack.h"

#include <atomic>
#include <unordered_set>

namespace sr::pbx {

struct ExchangeOptions {
    /// Offered in this order, none other is taken. Phones take the first that they know, but many give up
    /// when there is one beside MD5 that they do not know.
    std::vector<sip::DigestAlgorithm> algorithms{sip::DigestAlgorithm::Md5};
    sip::NonceOptions nonces;
    std::vector<std::size_t> replayUnchecked{}; ///< listeners (sip::Source::listener)
    sip::GuessLimits guesses{};
    CallKeys keys{};
    sip::GuessGuard::OnBlock onBlock{}; ///< on the control thread: without waiting
    /// Likewise: what is no SIP comes in, `count` times so far. Once a minute at most.
    std::function<void(const IpAddress& last, std::uint64_t count)> onUnreadable{};
};

/// A registered device, for those who watch.
struct Registration {
    std::string user;   ///< name
    std::string number; ///< empty: the user has none
    std::string contact;
    std::string userAgent;
    sip::Source source;
    std::uint32_t secondsLeft = 0;
};

struct Registrations {
    std::vector<Registration> rows; ///< by user and contact; a part of all if there are too many
    std::size_t total = 0;
    std::vector<TrunkRow> trunks = {}; ///< where we are registered ourselves, all of them
};

/// Made on any thread; everything else on the control thread.
class Exchange final : public sip::RequestHandler {
public:
    /// `nonceKey`: drawn for this one. `clock` outlives it.
    Exchange(std::shared_ptr<const Directory> directory, const crypto::Secret& nonceKey,
             ExchangeOptions options, const Clock& clock);

    /// Takes over who may do what. Devices of users that are gone, or whose password is another one, are
    /// registered no longer.
    void setDirectory(std::shared_ptr<const Directory> directory);
    struct CallParts {
        sip::Dialer& dialer;
        relay::Relay& relay;
        relay::CallTap& tap;
        CallRecords& records;
        ServiceParts services;
        std::function<void()> everySecond;   ///< may be empty
        sip::Messenger* messenger = nullptr; ///< null: messages are refused
        TrunkParts trunks = {};
        IceParts ice = {};
        BindingParts bindings = {};
    };
    /// From now on calls are connected, to devices from before a restart too; until then they are refused.
    /// The parts outlive the stack.
    void startCalls(CallParts parts);
    /// The two users of the lowest numbers get phones inside the exchange, which call each other; false:
    /// there are no two. After startCalls().
    bool startDemo();
    std::vector<CallRow> calls() const;
    std::vector<QueueRow> queues() const; ///< that were called
    enum class Controlled : std::uint8_t {
        Done,
        NoCall,
        NotPossible, ///< nobody in it has a switch; marks are for users alone
    };
    /// Of a call that runs, by CallRow::id; whoever has a switch there is switched.
    Controlled controlRecording(std::uint64_t call, RecordingAction action);
    /// A key was heard in what the relay copies under that tag.
    void onKey(std::uint64_t tag, relay::Side by, char key);
    std::uint64_t unreadable() const { return m_unreadable; } ///< messages that were no SIP. Any thread
    std::size_t registrations() const { return m_registrar.count(m_clock.steadyNow()); }
    /// Who is registered; `of` is a user's name or number, or empty for all. `most` rows at most.
    Registrations registrationList(const std::string& of, std::size_t most) const;

    Subscriptions& subscriptions() { return m_subscriptions; }

    // Sources that guessed passwords, as GuessGuard says
    std::vector<sip::GuessGuard::Block> blocked() const { return m_guesses.blocked(); }
    bool unblock(const IpAddress& address) { return m_guesses.unblock(address); }

    bool admits(const sip::Knock& knock) override;
    void onUnreadable(const sip::Source& from) override;
    sip::RegisterAnswer onRegister(const sip::RegisterRequest& request) override;
    void onInvite(std::unique_ptr<sip::Session> session, const sip::InviteRequest& request) override;
    void onSubscribe(std::unique_ptr<sip::Subscription> subscription,
                     const sip::SubscribeRequest& request) override;
    sip::PublishAnswer onPublish(const sip::PublishRequest& request) override;
    void onMessage(std::unique_ptr<sip::IncomingMessage> message,
                   const sip::MessageRequest& request) override;
    void onSecond() override;
    std::vector<int> unwanted(const std::vector<sip::Connection>& all) override;
    bool leave() override;
    void onStopping() override;

private:
    void startKeeper(BindingParts parts);
    void startTrunks(const TrunkParts& parts);
    void onTrunkInvite(std::unique_ptr<sip::Session> session, const TrunkService::Call& call);
    void mark(const std::string& user, const decltype(ScriptParts::markRecorded)& recorded,
              const ScriptParts::Done& done) const;
    bool mayMark(const std::string& user, const std::string& caller, const std::string& callee) const;
    bool controlRecordingOf(Call& call, const std::string& user, RecordingAction action) const;
    bool markRunning(Call& call, const std::string& user) const;
    void startKeys();
    void setTan(const std::string& user, const std::string& digits, const ScriptParts::Done& done);
    // What the services ask of the exchange: exchange_services.cpp
    void serveScripts(ScriptParts& parts);
    void sendMessage(const ScriptMessage& message);
    QueueOffice queueOffice();
    void startCompletion();
    void onLocalInvite(std::unique_ptr<sip::Session> session, const sip::InviteRequest& request);
    /// What a request says of its sender.
    struct Claim {
        std::string_view method;
        const std::string& user; ///< who it is, or whom it is meant for
        const std::vector<std::string>& authorization;
        const sip::Source& source;
    };
    /// What was read last, for it is asked for again.
    struct Read {
        std::vector<std::string> authorization;
        std::string realm;
        std::optional<sip::DigestCredentials> credentials;
    };
    /// The credentials meant for us; good until the next call.
    const std::optional<sip::DigestCredentials>& credentialsIn(const std::vector<std::string>& authorization);
    void prove(const sip::Source& source);
    void tellPresence(const Object& object, const Object& before);
    bool isRegistered(const std::string& user) const;
    const User* meantBy(const std::string& userPart) const;
    /// Who a request says it is from; without credentials for whom it is meant, as phones ask so first.
    const std::string& nameIn(const std::optional<sip::DigestCredentials>& credentials,
                              const std::string& userPart) const;
    /// The user that the request proves to be, or null: then `refusal` is the answer.
    const User* authenticate(const Claim& claim, sip::RegisterAnswer& refusal);
    sip::RegisterAnswer challenge(bool stale);
    std::optional<sip::RegisterAnswer> heldOff(const IpAddress& from, std::string_view user);

    ExchangeOptions m_options;
    std::shared_ptr<const Directory> m_directory;
    sip::DigestSecret m_nobody; ///< of users that do not exist
    sip::NonceGuard m_nonces;
    sip::StrangerWatch m_strangers;
    std::unordered_set<Endpoint> m_proven; ///< connections on which somebody has logged in
    sip::GuessGuard m_guesses;
    std::atomic<std::uint64_t> m_unreadable{0};
    std::optional<TimePoint> m_unreadableTold;
    Read m_read;
    const Clock& m_clock;
    Registrar m_registrar;
    std::unique_ptr<BindingKeeper> m_keeper; // null: nothing is kept
    TimePoint m_swept{};
    std::unique_ptr<DemoPhones> m_demo; // null: there is no demonstration. Outlives the dialer
    std::unique_ptr<IceDialer> m_ice;   // longer than who dials by it
    std::unique_ptr<Services> m_services;
    Subscriptions m_subscriptions;
    std::optional<CallObservers> m_observers;
    CallRecords* m_records = nullptr; ///< tells m_observers of calls
    std::unique_ptr<TrunkService> m_trunks;
    std::unique_ptr<CallControl> m_calls; // dials by the services
    std::unique_ptr<MessageRelay> m_messages;
    std::function<void()> m_everySecond;
    bool m_isLeaving = false; ///< no call begins any more
};

} // namespace sr::pbx
