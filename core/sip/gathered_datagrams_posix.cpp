// SPDX-License-Identifier: GPL-3.0-or-later
// The program's own sendmsg() comes before the system's, and sendmmsg() sends what it has kept.
#include "core/sip/gathered_datagrams.h"
#include "core/sip/own_socket.h"

#include <dlfcn.h>
#include <sofia-sip/su.h>
#include <sofia-sip/su_wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace sr::sip {
namespace {

constexpr std::size_t kMostWaiting = 128;  ///< then they are sent
constexpr std::size_t kMostOctets = 8192;  ///< of one that waits
constexpr std::size_t kMostKnown = 16'384; ///< destinations

using SendMessage = ssize_t(int, const msghdr*, int);

SendMessage* theirs()
{
    static const auto found = reinterpret_cast<SendMessage*>(dlsym(RTLD_NEXT, "sendmsg"));
    return found;
}

/// A socket address as it lies in memory.
struct Destination {
    su_sockaddr_t address{};
    socklen_t size = 0;

    static Destination of(const msghdr& message)
    {
        Destination to;
        to.size = std::min<socklen_t>(message.msg_namelen, sizeof to.address);
        std::memcpy(&to.address, message.msg_name, to.size);
        return to;
    }
    std::string_view octets() const { return {reinterpret_cast<const char*>(&address), size}; }
    bool operator==(const Destination& other) const { return octets() == other.octets(); }
};
struct HashOf {
    std::size_t operator()(const Destination& to) const { return std::hash<std::string_view>()(to.octets()); }
};

struct Datagram {
    int socket = kNoSocket;
    Destination to;
    std::string octets;
    bool isOver = false; ///< sent, or lost
};

/// One thread's.
class Gathering {
public:
    void add(int socket);
    bool hasMore();
    void begin() { m_isOn = true; }
    ssize_t send(int socket, const msghdr& message, int flags);
    std::size_t sendAll();

private:
    bool isOurs(int socket) const { return std::ranges::find(m_sockets, socket) != m_sockets.end(); }
    void keep(int socket, const Destination& to, const msghdr& message);
    void sendAllOf(int socket);

    std::vector<int> m_sockets;
    std::vector<su_wait_t> m_waits; ///< of those
    bool m_isOn = false;
    std::vector<Datagram> m_waiting;
    std::size_t m_count = 0; ///< of those; the others keep their memory for the next ones
    std::unordered_set<Destination, HashOf> m_known;
};

void Gathering::add(int socket)
{
    m_sockets.push_back(socket);
    m_waits.emplace_back();
    su_wait_create(&m_waits.back(), socket, SU_WAIT_IN);
}

bool Gathering::hasMore()
{
    return su_wait(m_waits.data(), static_cast<unsigned>(m_waits.size()), 0) >= 0;
}

std::size_t octetsOf(const msghdr& message)
{
    std::size_t octets = 0;
    for (std::size_t i = 0; i < message.msg_iovlen; ++i)
        octets += message.msg_iov[i].iov_len;
    return octets;
}

ssize_t Gathering::send(int socket, const msghdr& message, int flags)
{
    if (!m_isOn || !isOurs(socket) || message.msg_namelen == 0)
        return theirs()(socket, &message, flags);
    const Destination to = Destination::of(message);
    const bool mayWait = octetsOf(message) <= kMostOctets && message.msg_control == nullptr;
    const bool isKnown = m_known.contains(to);
    if (!mayWait || !isKnown || m_count == kMostWaiting) { // nothing overtakes what waits
        const bool isFull = sendAll() == kMostWaiting;
        m_isOn = true;
        if (mayWait && isKnown && isFull) {
            errno = EAGAIN;
            return -1;
        }
    }
    if (mayWait && isKnown) {
        keep(socket, to, message);
        return static_cast<ssize_t>(m_waiting[m_count - 1].octets.size());
    }
    const ssize_t sent = theirs()(socket, &message, flags);
    if (m_known.size() >= kMostKnown)
        m_known.clear();
    if (sent >= 0)
        m_known.insert(to);
    return sent;
}

void Gathering::keep(int socket, const Destination& to, const msghdr& message)
{
    if (m_count == m_waiting.size())
        m_waiting.emplace_back();
    Datagram& datagram = m_waiting[m_count++];
    datagram.socket = socket;
    datagram.to = to;
    datagram.isOver = false;
    datagram.octets.clear();
    for (std::size_t i = 0; i < message.msg_iovlen; ++i)
        datagram.octets.append(static_cast<const char*>(message.msg_iov[i].iov_base),
                               message.msg_iov[i].iov_len);
}

/// The first error may be of a datagram long gone, which the system tells with the next one (ip(7),
/// IP_RECVERR).
void Gathering::sendAllOf(int socket)
{
    std::array<mmsghdr, kMostWaiting> headers{};
    std::array<iovec, kMostWaiting> parts{};
    std::array<Datagram*, kMostWaiting> all{};
    unsigned count = 0;
    for (Datagram& one : std::span(m_waiting).first(m_count)) {
        if (one.socket != socket)
            continue;
        parts[count] = {one.octets.data(), one.octets.size()};
        headers[count].msg_hdr.msg_name = &one.to.address;
        headers[count].msg_hdr.msg_namelen = one.to.size;
        headers[count].msg_hdr.msg_iov = &parts[count];
        headers[count].msg_hdr.msg_iovlen = 1;
        all[count++] = &one;
    }
    for (unsigned first = 0, failures = 0; first < count;) {
        const int sent = sendmmsg(socket, headers.data() + first, count - first, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent <= 0 && (errno == EAGAIN || errno == ENOBUFS))
            return;
        if (sent <= 0 && ++failures < 2)
            continue;
        if (sent <= 0)
            m_known.erase(all[first]->to);
        failures = 0;
        for (int i = 0; i < std::max(sent, 1); ++i)
            all[first++]->isOver = true;
    }
}

std::size_t Gathering::sendAll()
{
    m_isOn = false;
    if (m_count == 0)
        return 0;
    for (const int socket : m_sockets)
        sendAllOf(socket);
    const auto end = m_waiting.begin() + static_cast<std::ptrdiff_t>(m_count);
    const auto over =
        std::stable_partition(m_waiting.begin(), end, [](const Datagram& one) { return !one.isOver; });
    return m_count = static_cast<std::size_t>(over - m_waiting.begin());
}

thread_local Gathering* t_gathering = nullptr;

} // namespace

bool mayGather(int socket)
{
    if (socket == kNoSocket || theirs() == nullptr)
        return false;
    if (t_gathering == nullptr)
        t_gathering = new Gathering; // until endGathering()
    t_gathering->add(socket);
    return true;
}

void gather()
{
    if (t_gathering != nullptr)
        t_gathering->begin();
}

bool hasMore()
{
    return t_gathering != nullptr && t_gathering->hasMore();
}

std::size_t sendGathered()
{
    return t_gathering != nullptr ? t_gathering->sendAll() : 0;
}

void endGathering()
{
    (void)sendGathered();
    delete t_gathering;
    t_gathering = nullptr;
}

} // namespace sr::sip

extern "C" __attribute__((visibility("default"))) ssize_t sendmsg(int socket, const msghdr* message,
                                                                  int flags)
{
    if (sr::sip::t_gathering != nullptr)
        return sr::sip::t_gathering->send(socket, *message, flags);
    const auto send = sr::sip::theirs();
    if (send != nullptr)
        return send(socket, message, flags);
    errno = ENOSYS;
    return -1;
}
