// SPDX-License-Identifier: GPL-3.0-or-later
// Nothing is stored: who has no device gets no message, and the sender hears so.
#include "core/pbx/message_relay.h"

#include "core/pbx/call_leg.h"

#include <QStringDecoder>

#include <algorithm>

namespace sr::pbx {
namespace {

sip::Refusal answerOf(int status)
{
    sip::Refusal answer;
    answer.status = status;
    answer.reason = "Answer";
    return answer;
}

bool isText(const std::string& bytes)
{
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString text = decoder(QByteArrayView(bytes.data(), static_cast<qsizetype>(bytes.size())));
    return !decoder.hasError() && !text.isEmpty() && bytes.find('\0') == std::string::npos;
}

sip::NameAddress shown(const User& user, const std::string& host)
{
    return {user.longName.empty() ? user.name : user.longName, user.number.empty() ? user.name : user.number,
            host};
}

/// Of a sender who does not wait for the answer.
struct Unasked final : sip::IncomingMessage {
    void answer(const sip::Refusal& /*answer*/) override {}
};

} // namespace

/// A message that devices are asked to take.
struct MessageRelay::Pending {
    std::unique_ptr<sip::IncomingMessage> message; ///< null once it is answered
    std::string sender;
    std::size_t left = 0; ///< devices that have not said anything
    int bestRefusal = 0;
    TimePoint since{};
};

MessageRelay::MessageRelay(sip::Messenger& messenger, const sip::Dialer& dialer, const Clock& clock,
                           MessageLimits limits)
    : m_messenger(messenger)
    , m_dialer(dialer)
    , m_clock(clock)
    , m_limits(limits)
{}

MessageRelay::~MessageRelay() = default;

/// 0: it may go. A charset that is a part of UTF-8 is as good.
int MessageRelay::refusalOf(const sip::MessageRequest& request, const User& from) const
{
    const std::string& charset = request.charset;
    if (request.contentType != "text/plain" ||
        (!charset.empty() && charset != "utf-8" && charset != "us-ascii"))
        return 415;
    if (request.body.size() > m_limits.bytes)
        return 413;
    if (!isText(request.body))
        return 400;
    const auto theirs = std::ranges::count_if(
        m_pending, [&](const auto& entry) { return entry.second->sender == from.name; });
    const bool isFull =
        m_pending.size() >= m_limits.underWay || static_cast<std::size_t>(theirs) >= m_limits.perUser;
    return isFull ? 503 : 0;
}

void MessageRelay::take(std::unique_ptr<sip::IncomingMessage> message, const sip::MessageRequest& request,
                        const User& from, const User* to, const std::vector<Binding>& devices)
{
    if (const int status = to == nullptr ? 404 : refusalOf(request, from); status != 0) {
        sip::Refusal refusal = answerOf(status);
        if (status == 503)
            refusal.retryAfter = static_cast<std::uint32_t>(m_limits.retry.count());
        return message->answer(refusal);
    }
    const std::uint64_t id = ++m_last;
    auto pending = std::make_unique<Pending>();
    pending->sender = from.name;
    pending->since = m_clock.steadyNow();
    for (const Binding& device : devices) {
        const std::string host = hostText(m_dialer.addressTowards(device.source));
        const sip::OutgoingMessage copy{device.contact.uri, device.source, shown(from, host),
                                        shown(*to, host), request.body};
        if (m_messenger.message(copy, [this, id](int status) { onReply(id, status); }))
            ++pending->left;
    }
    if (pending->left == 0)
        return message->answer(answerOf(kUnavailable));
    pending->message = std::move(message);
    m_pending.emplace(id, std::move(pending));
}

void MessageRelay::send(const std::string& text, const User& from, const User& to,
                        const std::vector<Binding>& devices)
{
    sip::MessageRequest request;
    request.contentType = "text/plain";
    request.body = text;
    take(std::make_unique<Unasked>(), request, from, &to, devices);
}

void MessageRelay::onReply(std::uint64_t id, int status)
{
    const auto found = m_pending.find(id);
    if (found == m_pending.end())
        return;
    Pending& pending = *found->second;
    --pending.left;
    if (status < 300 && pending.message)
        std::exchange(pending.message, nullptr)->answer(answerOf(200));
    else if (status >= 300)
        pending.bestRefusal = betterRefusal(pending.bestRefusal, passedOn(status));
    if (pending.left > 0)
        return;
    if (pending.message)
        pending.message->answer(answerOf(pending.bestRefusal));
    m_pending.erase(found);
}

/// A device may take 32 s to be given up (RFC 3261 17.1.2.2), but so long the sender does not wait either.
void MessageRelay::onSecond()
{
    const TimePoint now = m_clock.steadyNow();
    for (const auto& [id, pending] : m_pending)
        if (pending->message && now - pending->since >= m_limits.waits)
            std::exchange(pending->message, nullptr)->answer(answerOf(202));
}

} // namespace sr::pbx
