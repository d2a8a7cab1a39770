// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting queues: callers hear announcements until an operator is free, who is then called for them.
#pragma once

#include "core/pbx/announcement.h"
#include "core/pbx/directory.h"
#include "core/pbx/local_dialer.h"
#include "core/pbx/waiting_queue.h"

namespace sr::pbx {

/// What queues ask of the exchange around them; control thread, without waiting.
struct QueueOffice {
    std::function<std::vector<std::string>()> talking; ///< names of all who have a call, ringing ones too
    std::function<bool(const std::string& name)> isRegistered;
    /// Where callers of that name or number go who have waited too long; empty or `-`: nowhere.
    std::function<std::string(const Object& queue, const LocalCallInfo& caller)> overflow;
};

/// Somebody who waits.
struct QueueCaller {
    sip::NameAddress who;
    std::string object; ///< name; empty: from outside
    UtcTime since{};
    bool answered = false; ///< hears announcements, not ringing
    std::string goesTo;    ///< a number: is on the way there by a key or because it took too long
};

/// Somebody who hung up while waiting, to be called back.
struct QueueMissed {
    sip::NameAddress who;
    UtcTime since{};
    std::chrono::seconds waited{0};
};

/// A queue for those who watch.
struct QueueRow {
    std::string object;                                 ///< name
    std::vector<QueueCaller> callers;                   ///< in the order in which they are served
    std::vector<WaitingQueue::OperatorState> operators; ///< by name
    std::optional<WaitingQueue::Offer>
        offer;                           ///< whom the first who is not on the way elsewhere is offered to
    std::uint64_t delivered = 0;         ///< callers that talked to an operator
    std::uint64_t overflowed = 0;        ///< that went elsewhere because it took too long
    std::uint64_t missed = 0;            ///< that hung up
    std::vector<QueueMissed> lastMissed; ///< the newest last
};

/// `service:queue?object=NAME&caller=NAME`. Too many wait: 486, so that the forward for busy holds. Of an
/// `alert-only` queue callers are not answered before an operator is; after too long a time 480 makes the
/// forward for no answer hold, and of the others the caller is handed over to where that leads.
///
/// An operator is called by a call of the queue's own, and both are connected by a transfer with
/// consultation.
///
/// Control thread.
class QueueService final : public LocalApplication {
public:
    static constexpr std::size_t kMost = 200;      ///< callers of one queue
    static constexpr std::size_t kMostMissed = 50; ///< that are kept of one queue

    /// All outlive it.
    QueueService(LocalDialer& dialer, SoundFinder find)
        : m_dialer(dialer)
        , m_find(std::move(find))
    {}
    /// Before the first call. `clock` outlives the service.
    void open(const Clock& clock, QueueOffice office);
    void setDirectory(std::shared_ptr<const Directory> directory) { m_directory = std::move(directory); }
    void onCall(std::unique_ptr<LocalCall> call) override;
    void onSecond();
    std::vector<QueueRow> rows() const; ///< of all queues that were called, by name

private:
    using CallerId = WaitingQueue::CallerId;
    struct Waiter {
        std::unique_ptr<LocalCall> call;
        UtcTime since{};
        std::string goesTo; ///< a transfer is under way
        bool overflows = false;
    };
    struct Queue {
        explicit Queue(const Clock& clock)
            : model(clock)
        {}
        WaitingQueue model;
        std::map<CallerId, Waiter> waiters;    ///< in the order of their coming
        std::unique_ptr<LocalCall> toOperator; ///< while there is an offer
        unsigned triesLeft = 0;                ///< to connect
        bool tryAgain = false;                 ///< in the next second
        std::uint64_t delivered = 0;
        std::uint64_t overflowed = 0;
        std::uint64_t missed = 0;
        std::deque<QueueMissed> lastMissed;
    };

    const Object* objectOf(const std::string& name) const; ///< null: there is no such queue
    Queue& queueOf(const Object& object);
    Waiter* waiterOf(const std::string& name, CallerId id);
    LocalCallEvents eventsOfWaiter(const std::string& name, CallerId id);
    LocalCallEvents eventsOfOperator(const std::string& name);
    void announce(const std::string& name, Waiter& waiter, bool fromStart);
    void repeat(const Object& object, LocalCall& call) const;
    std::vector<QueueOperator> operatorsOf(const Object& object, const std::vector<std::string>& busy) const;
    void serve(const std::string& name);
    void offer(const Object& object, Queue& queue);
    void onDigit(const std::string& name, CallerId id, char symbol);
    void onCallerEnded(const std::string& name, CallerId id);
    void onTransferred(const std::string& name, CallerId id, int status);
    void onOperatorAnswered(const std::string& name);
    void onOperatorEnded(const std::string& name);
    void connect(Queue& queue);
    void connecting(const std::string& name, Queue& queue, int status);
    void onElsewhere(const std::string& name, CallerId id, int status);
    void sendElsewhere(const std::string& name, CallerId id, const std::string& number);
    void overflow(const Object& object, Queue& queue, CallerId id);
    void forget(Queue& queue, CallerId id);
    void closeGone();

    LocalDialer& m_dialer;
    SoundFinder m_find;
    const Clock* m_clock = nullptr;
    QueueOffice m_office;
    std::shared_ptr<const Directory> m_directory;
    std::map<std::string, Queue> m_queues; ///< by name of the object
};

} // namespace sr::pbx
