// SPDX-License-Identifier: GPL-3.0-or-later
// Calls around the rules of WaitingQueue; each event looks its queue and caller up anew, as both may be gone.
#include "core/pbx/queue_service.h"

#include "core/pbx/object_settings.h"
#include "core/pbx/queue_members.h"

#include <algorithm>

namespace sr::pbx {
namespace {

constexpr unsigned kConnectTries = 10; ///< a second apart, while the caller's phone is busy with a re-INVITE
constexpr int kBusy = 486;
constexpr int kNotFound = 404;
constexpr int kPending = 491;

std::chrono::seconds secondsOr(const Object& object, const char* key, std::chrono::seconds otherwise)
{
    const auto set = numberSetting(object, key);
    return set ? std::chrono::seconds(*set) : otherwise;
}

QueueRules rulesOf(const Object& object)
{
    QueueRules rules;
    const std::size_t most = numberSetting(object, "waiting").value_or(0);
    rules.most = most == 0 ? QueueService::kMost : std::min(most, QueueService::kMost);
    rules.ring = secondsOr(object, "ring", rules.ring);
    rules.rest = secondsOr(object, "rest", rules.rest);
    rules.pause = secondsOr(object, "pause", rules.pause);
    rules.longest = secondsOr(object, "longest", rules.longest);
    return rules;
}

/// `*` and `#` cannot stand in the names of XML, in which settings are shown.
std::string settingOf(char symbol)
{
    return "key-" + (symbol == '*' ? "star" : symbol == '#' ? "hash" : std::string(1, symbol));
}

bool leads(const std::string& forward)
{
    return !forward.empty() && forward != "-";
}

} // namespace

void QueueService::open(const Clock& clock, QueueOffice office)
{
    m_clock = &clock;
    m_office = std::move(office);
}

const Object* QueueService::objectOf(const std::string& name) const
{
    const Object* object = m_directory ? m_directory->byName(name) : nullptr;
    return object != nullptr && object->kind == Kind::WaitingQueue ? object : nullptr;
}

/// Its settings hold from now on.
QueueService::Queue& QueueService::queueOf(const Object& object)
{
    Queue& queue = m_queues.try_emplace(object.name, *m_clock).first->second;
    queue.model.setRules(rulesOf(object));
    return queue;
}

QueueService::Waiter* QueueService::waiterOf(const std::string& name, CallerId id)
{
    const auto queue = m_queues.find(name);
    if (queue == m_queues.end())
        return nullptr;
    const auto waiter = queue->second.waiters.find(id);
    return waiter == queue->second.waiters.end() ? nullptr : &waiter->second;
}

void QueueService::onCall(std::unique_ptr<LocalCall> call)
{
    const Object* const object = objectOf(call->info().service["object"]);
    if (object == nullptr || m_clock == nullptr)
        return call->hangUp(kNotFound);
    Queue& queue = queueOf(*object);
    const auto id = queue.model.arrive();
    if (!id)
        return call->hangUp(kBusy);
    const bool alertOnly = flagSetting(*object, "alert-only");
    if (alertOnly) {
        call->ring();
    } else if (!call->answer()) {
        return queue.model.leave(*id); // it has been refused
    }
    call->setEvents(eventsOfWaiter(object->name, *id));
    Waiter& waiter = queue.waiters[*id];
    waiter.call = std::move(call);
    waiter.since = m_clock->utcNow();
    if (!alertOnly)
        announce(object->name, waiter, true);
    serve(object->name);
}

LocalCallEvents QueueService::eventsOfWaiter(const std::string& name, CallerId id)
{
    LocalCallEvents events;
    events.played = [this, name, id](media::PlayEnd end) {
        if (Waiter* const waiter = waiterOf(name, id); waiter != nullptr && end == media::PlayEnd::Done)
            announce(name, *waiter, false);
    };
    events.digit = [this, name, id](char symbol, std::chrono::milliseconds) { onDigit(name, id, symbol); };
    events.transferred = [this, name, id](int status) { onTransferred(name, id, status); };
    events.ended = [this, name, id](int) { onCallerEnded(name, id); };
    return events;
}

/// A codec that is not spoken here waits in silence.
void QueueService::announce(const std::string& name, Waiter& waiter, bool fromStart)
{
    const Object* const object = objectOf(name);
    if (object == nullptr)
        return;
    const media::SoundPtr first = fromStart ? m_find(textSetting(*object, "first")) : nullptr;
    if (first == nullptr || !waiter.call->play(first))
        repeat(*object, *waiter.call);
}

void QueueService::repeat(const Object& object, LocalCall& call) const
{
    media::PlayList list;
    list.times = 0;
    for (const std::string& sound : {textSetting(object, "second"), std::string("music")})
        if (media::SoundPtr found = m_find(sound); found != nullptr)
            list.sounds.push_back(std::move(found));
    if (!list.sounds.empty())
        (void)call.play(std::move(list));
}

std::vector<QueueOperator> QueueService::operatorsOf(const Object& object,
                                                     const std::vector<std::string>& busy) const
{
    std::vector<QueueOperator> all;
    const auto add = [&](const std::vector<const Object*>& members, bool primary) {
        for (const Object* member : members) {
            if (std::ranges::count(all, member->name, &QueueOperator::name) != 0)
                continue;
            using Presence = QueueOperator::Presence;
            const bool isBusy = std::ranges::find(busy, member->name) != busy.end();
            const bool isHere = isBusy || m_office.isRegistered(member->name);
            all.push_back({member->name, primary,
                           isBusy   ? Presence::Busy
                           : isHere ? Presence::Free
                                    : Presence::Away});
        }
    };
    const QueueMembers members = queueMembers(object, *m_directory);
    add(members.primary, true);
    add(members.secondary, false);
    return all;
}

/// The first caller's turn, if somebody is free.
void QueueService::serve(const std::string& name)
{
    const Object* const object = objectOf(name);
    const auto at = m_queues.find(name);
    if (object == nullptr || at == m_queues.end())
        return;
    Queue& queue = at->second;
    std::vector<std::string> busy = m_office.talking();
    for (const auto& [other, one] : m_queues) // what another queue has placed may not be a call yet
        if (one.model.offer())
            busy.push_back(one.model.offer()->to);
    queue.model.observe(operatorsOf(*object, busy));
    if (queue.model.nextOffer())
        offer(*object, queue);
}

void QueueService::offer(const Object& object, Queue& queue)
{
    const WaitingQueue::Offer offer = *queue.model.offer();
    LocalCallPlan plan{{{}, object.name, {}}, offer.to};
    plan.shownAs = queue.waiters.at(offer.caller).call->info().from;
    auto placed = m_dialer.placeCall(plan);
    if (!placed)
        return queue.model.withdrawn(); // no port is free: the next second may have one
    (*placed)->setEvents(eventsOfOperator(object.name));
    queue.toOperator = std::move(*placed);
    queue.tryAgain = false;
}

LocalCallEvents QueueService::eventsOfOperator(const std::string& name)
{
    LocalCallEvents events;
    events.progress = [this, name](int status) {
        if (status >= 200)
            onOperatorAnswered(name);
    };
    events.ended = [this, name](int) { onOperatorEnded(name); };
    return events;
}

void QueueService::onOperatorAnswered(const std::string& name)
{
    Queue& queue = m_queues.at(name);
    queue.model.answered();
    const CallerId id = queue.model.offer()->caller;
    LocalCall& caller = *queue.waiters.at(id).call;
    if (!caller.answer()) { // of an alert-only queue; it has been refused
        forget(queue, id);
        return serve(name);
    }
    caller.stop();
    queue.triesLeft = kConnectTries;
    connect(queue);
}

void QueueService::connect(Queue& queue)
{
    --queue.triesLeft;
    queue.waiters.at(queue.model.offer()->caller).call->transferTo(*queue.toOperator);
}

/// While the two are connected, the end of the operator's call belongs to that.
void QueueService::onOperatorEnded(const std::string& name)
{
    Queue& queue = m_queues.at(name);
    if (!queue.model.offer() || queue.model.offer()->answered)
        return;
    queue.model.refused();
    queue.toOperator.reset();
    serve(name);
}

void QueueService::onTransferred(const std::string& name, CallerId id, int status)
{
    Queue& queue = m_queues.at(name);
    const auto& offer = queue.model.offer();
    if (offer && offer->caller == id && offer->answered)
        connecting(name, queue, status);
    else
        onElsewhere(name, id, status);
}

/// How the connection of the first caller with the operator gets on.
void QueueService::connecting(const std::string& name, Queue& queue, int status)
{
    const CallerId id = queue.model.offer()->caller;
    if (status == kPending && queue.triesLeft > 0 && !queue.toOperator->isOver()) {
        queue.tryAgain = true;
        return;
    }
    if (status >= 300) {
        queue.model.refused();
        queue.toOperator.reset();
        announce(name, queue.waiters.at(id), false);
        return serve(name);
    }
    if (status < 200 || status == 202)
        return;
    ++queue.delivered;
    queue.model.connected();
    queue.toOperator.reset();
    queue.waiters.erase(id);
    serve(name);
}

void QueueService::onDigit(const std::string& name, CallerId id, char symbol)
{
    const Object* const object = objectOf(name);
    if (object != nullptr)
        sendElsewhere(name, id, textSetting(*object, settingOf(symbol)));
}

/// He keeps his place until he is there.
void QueueService::sendElsewhere(const std::string& name, CallerId id, const std::string& number)
{
    Queue& queue = m_queues.at(name);
    Waiter* const waiter = waiterOf(name, id);
    if (waiter == nullptr || !leads(number) || !waiter->goesTo.empty() || !waiter->call->isAnswered())
        return;
    const auto& offer = queue.model.offer();
    if (offer && offer->caller == id) {
        if (offer->answered)
            return; // too late
        queue.toOperator.reset();
    }
    queue.model.setAside(id, true);
    waiter->goesTo = number;
    waiter->call->transfer(number);
    serve(name);
}

void QueueService::onElsewhere(const std::string& name, CallerId id, int status)
{
    Queue& queue = m_queues.at(name);
    Waiter* const waiter = waiterOf(name, id);
    if (waiter == nullptr || status < 200 || status == 202)
        return;
    if (status < 300) {
        queue.overflowed += waiter->overflows ? 1 : 0;
        return forget(queue, id);
    }
    waiter->goesTo.clear();
    waiter->overflows = false;
    queue.model.setAside(id, false);
    serve(name);
}

/// The operator stops ringing at once.
void QueueService::onCallerEnded(const std::string& name, CallerId id)
{
    Queue& queue = m_queues.at(name);
    const Waiter* const waiter = waiterOf(name, id);
    if (waiter == nullptr)
        return;
    if (waiter->goesTo.empty()) {
        ++queue.missed;
        const auto waited = std::chrono::floor<std::chrono::seconds>(m_clock->utcNow() - waiter->since);
        queue.lastMissed.push_back({waiter->call->info().from, waiter->since, waited});
        if (queue.lastMissed.size() > kMostMissed)
            queue.lastMissed.pop_front();
    }
    forget(queue, id);
    serve(name);
}

void QueueService::forget(Queue& queue, CallerId id)
{
    if (queue.model.offer() && queue.model.offer()->caller == id)
        queue.toOperator.reset();
    queue.model.leave(id);
    queue.waiters.erase(id);
}

void QueueService::overflow(const Object& object, Queue& queue, CallerId id)
{
    Waiter& waiter = queue.waiters.at(id);
    const std::string number = m_office.overflow(object, waiter.call->info());
    if (!leads(number))
        return; // there is nothing better than to wait on
    if (waiter.call->isAnswered()) {
        waiter.overflows = true;
        return sendElsewhere(object.name, id, number);
    }
    ++queue.overflowed;
    waiter.call->hangUp(LocalCall::kUnavailable); // call control forwards it
    forget(queue, id);
}

/// Callers of queues that were taken out of the directory.
void QueueService::closeGone()
{
    std::erase_if(m_queues, [&](auto& entry) { return objectOf(entry.first) == nullptr; });
}

void QueueService::onSecond()
{
    closeGone();
    for (auto& [name, queue] : m_queues) {
        const Object& object = *objectOf(name);
        queue.model.setRules(rulesOf(object));
        if (queue.model.hasRungOut()) {
            queue.model.refused();
            queue.toOperator.reset();
        }
        if (std::exchange(queue.tryAgain, false) && queue.toOperator)
            connect(queue);
        for (const CallerId id : queue.model.takeOverdue())
            overflow(object, queue, id);
        serve(name);
    }
}

std::vector<QueueRow> QueueService::rows() const
{
    std::vector<QueueRow> all;
    for (const auto& [name, queue] : m_queues) {
        QueueRow row;
        row.object = name;
        for (const auto& [id, waiter] : queue.waiters) {
            const LocalCallInfo& info = waiter.call->info();
            row.callers.push_back(
                {info.from, info.service["caller"], waiter.since, waiter.call->isAnswered(), waiter.goesTo});
        }
        row.operators = queue.model.operators();
        row.offer = queue.model.offer();
        row.delivered = queue.delivered;
        row.overflowed = queue.overflowed;
        row.missed = queue.missed;
        row.lastMissed.assign(queue.lastMissed.begin(), queue.lastMissed.end());
        all.push_back(std::move(row));
    }
    return all;
}

} // namespace sr::pbx
