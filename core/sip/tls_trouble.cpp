// SPDX-License-Identifier: GPL-3.0-or-later
// Sofia writes what it thinks of a certificate, and in the same breath that it closes the connection.
#include "core/sip/tls_trouble.h"

#include "core/sip/host_text.h"

#include <sofia-sip/su_log.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <deque>
#include <utility>

extern "C" su_log_t tport_log[]; // of Sofia's transports; none of its headers has it

namespace sr::sip {
namespace {

constexpr int kLogLevel = 5;          ///< tells of connections, not of messages
constexpr std::size_t kMaxLine = 512; ///< [octets]; chosen
constexpr std::size_t kMaxKept = 64;  ///< chosen: more trunks than that hardly fail in the same second

struct Troubles {
    TlsTroubleReader reader;
    std::deque<TlsTrouble> newest;
    std::uint64_t count = 0;
};
thread_local Troubles t_troubles;

/// What stands behind `before` on the line, without its line end; nothing: it is another line.
std::optional<std::string_view> behind(std::string_view line, std::string_view before)
{
    const std::size_t at = line.find(before);
    if (at == line.npos)
        return std::nullopt;
    line.remove_prefix(at + before.size());
    return line.substr(0, line.find('\n'));
}

void onTransportLog(void* /*stream*/, const char* format, va_list arguments)
{
    std::array<char, kMaxLine> buffer{};
    const int length = std::vsnprintf(buffer.data(), buffer.size(), format, arguments);
    if (length <= 0)
        return;
    const std::string_view line(buffer.data());
    auto trouble = t_troubles.reader.take(line);
    if (!trouble)
        return;
    ++t_troubles.count;
    t_troubles.newest.push_back(std::move(*trouble));
    if (t_troubles.newest.size() > kMaxKept)
        t_troubles.newest.pop_front();
}

} // namespace

std::optional<TlsTrouble> TlsTroubleReader::take(std::string_view line)
{
    if (const auto subject = behind(line, "  subject  = ")) {
        m_subject = *subject;
    } else if (const auto error = behind(line, "  err ")) {
        const std::size_t colon = error->find(':');
        m_words = "its certificate is not trusted: " +
                  std::string(colon == error->npos ? *error : error->substr(colon + 1)) + " (" + m_subject +
                  ")";
    } else if (const auto name = behind(line, ": Peer Subject Mismatch (")) {
        m_words = "its certificate is not for " + std::string(name->substr(0, name->rfind(')')));
    } else if (const auto why = behind(line, ": TLS setup failed (")) {
        if (m_words.empty())
            m_words = "it does not speak TLS as we do";
    } else if (const auto peer = behind(line, "): tls/"); peer && line.starts_with("tport_close(")) {
        const std::string words = std::exchange(m_words, {});
        const auto endpoint = Endpoint::parse(std::string(peer->substr(0, peer->rfind('/'))));
        if (!words.empty() && endpoint)
            return TlsTrouble{*endpoint, words};
    }
    return std::nullopt;
}

void catchTlsLog()
{
    su_log_redirect(tport_log, onTransportLog, nullptr);
    su_log_set_level(tport_log, kLogLevel);
}

std::uint64_t tlsTroubles()
{
    return t_troubles.count;
}

std::string tlsTroubleAt(const std::string& host, std::uint64_t since)
{
    const auto there = endpointIn(host, Transport::Tls);
    const std::uint16_t port = there ? there->port : portIn(host, Transport::Tls);
    std::uint64_t number = t_troubles.count;
    for (auto one = t_troubles.newest.rbegin(); one != t_troubles.newest.rend() && number > since;
         ++one, --number)
        if (there ? one->peer == *there : one->peer.port == port)
            return one->words;
    return {};
}

} // namespace sr::sip
