// SPDX-License-Identifier: GPL-3.0-or-later
// Reading Sofia's log.
#include "core/sip/message_tap.h"

#include <sofia-sip/su_log.h>

#include <array>
#include <charconv>
#include <cstdarg>
#include <cstdio>
#include <utility>
#include <vector>

namespace sr::sip {
namespace {

constexpr std::string_view kRule =
    "------------------------------------------------------------------------\n";
constexpr std::string_view kIndent = "   ";
constexpr std::string_view kCut = "*** message truncated";
constexpr std::size_t kTextMost = 64U << 10U; ///< [octets]; Sofia takes no more

template <typename Number>
bool takeNumber(std::string_view& text, Number& number)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc();
}

bool takeWord(std::string_view& text, std::string_view word)
{
    if (!text.starts_with(word))
        return false;
    text.remove_prefix(word.size());
    return true;
}

/// `recv 383 bytes from udp/[192.0.2.7]:5060 at 11:13:17.263363:` and a line end. Leaves what is behind.
std::optional<TappedMessage> takeStamp(std::string_view& text)
{
    TappedMessage message;
    message.sent = text.starts_with("sen"); // Sofia says `send` and `sent`
    if (!takeWord(text, "recv ") && !takeWord(text, "send ") && !takeWord(text, "sent "))
        return std::nullopt;
    const bool good = takeNumber(text, message.octets) && takeWord(text, " bytes ") &&
                      (takeWord(text, "from ") || takeWord(text, "to "));
    const std::size_t slash = text.find("/[");
    const std::size_t close = text.find("]:");
    const std::size_t end = text.find('\n');
    if (!good || slash > close || close > end || end == std::string_view::npos)
        return std::nullopt;
    message.transport = text.substr(0, slash);
    const auto address = IpAddress::parse(text.substr(slash + 2, close - slash - 2));
    text.remove_prefix(close + 2);
    if (!address || !takeNumber(text, message.peer.port))
        return std::nullopt;
    message.peer.address = *address;
    text.remove_prefix(text.find('\n') + 1);
    return message;
}

struct Catcher {
    MessageTap tap;
    TapReader reader;
    std::vector<TappedMessage> later{};
};
thread_local Catcher t_catcher;

void onLog(void* /*stream*/, const char* format, va_list arguments)
{
    thread_local std::string buffer(kTextMost, '\0');
    const int length = std::vsnprintf(buffer.data(), buffer.size(), format, arguments);
    if (length <= 0)
        return;
    const std::size_t taken = std::min(static_cast<std::size_t>(length), buffer.size() - 1);
    auto message = t_catcher.reader.take(std::string_view(buffer.data(), taken));
    if (!t_catcher.tap && !message && !t_catcher.reader.isInside())
        std::fwrite(buffer.data(), 1, taken, stderr); // no message, which nobody wants to see any more
    if (!t_catcher.tap || !message)
        return;
    t_catcher.tap(std::move(*message));
    for (TappedMessage& one : std::exchange(t_catcher.later, {}))
        t_catcher.tap(std::move(one));
}

} // namespace

std::optional<TappedMessage> TapReader::take(std::string_view piece)
{
    std::string_view rest = piece;
    if (auto begun = takeStamp(rest)) {
        m_message = std::move(*begun);
        m_inside = true;
        (void)takeWord(rest, kIndent);
        (void)takeWord(rest, kRule);
        if (rest.empty())
            return std::nullopt;
        m_inside = false; // later versions of Sofia tell a message in one piece
        m_message.text = rest;
        return std::move(m_message);
    }
    if (!m_inside)
        return std::nullopt; // not of a message; whoever traces does not look for it
    const bool isCut = piece.ends_with('\n') && piece.find(kCut) != std::string_view::npos;
    const bool isRule = piece.ends_with(kRule);
    if (isCut)
        m_message.text += "[cut]\n";
    // Behind a line that is too long stands a rule as well, and then that it was.
    if (isCut || (isRule && piece.starts_with(kIndent))) {
        m_inside = false;
        return std::move(m_message);
    }
    if (isRule)
        return std::nullopt;
    (void)takeWord(piece, kIndent);
    if (m_message.text.size() + piece.size() <= kTextMost)
        m_message.text += piece;
    return std::nullopt;
}

void setMessageTap(MessageTap tap)
{
    t_catcher = {std::move(tap), {}, {}};
}

void tapSent(const Endpoint& to, std::string_view datagram)
{
    if (!t_catcher.tap)
        return;
    std::string text(datagram);
    std::erase(text, '\r');
    t_catcher.later.push_back({true, "udp", to, datagram.size(), std::move(text)});
}

void catchSofiaLog()
{
    su_log_redirect(su_log_default, onLog, nullptr);
}

} // namespace sr::sip
