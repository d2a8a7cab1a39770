// SPDX-License-Identifier: GPL-3.0-or-later
// The program's own sendmsg() comes before the system's, and sendmmsg() sends what it has kept.
#include "core/sip/gathered_datagrams.h"
#include "core/sip/own_socket.h"

#include <dlfcn.h>
#include <sofia-sip/su.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace sr::sip {
namespace {

constexpr std::size_t kMostWaiting = 64;   ///< then they are sent
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
    int flags = 0;
    Destination to;
    std::string octets;
};

/// One thread's.
class Gathering {
public:
    void add(int socket) { m_sockets.push_back(socket); }
    void begin() { m_isOn = true; }
    ssize_t send(int socket, const msghdr& message, int flags);
    std::size_t sendAll();

private:
    bool mayWait(int socket, const msghdr& message) const;
    std::size_t sendSome(std::size_t first);

    std::vector<int> m_sockets;
    bool m_isOn = false;
    std::vector<Datagram> m_waiting;
    std::size_t m_count = 0; ///< of those; the others keep their memory for the next ones
    std::unordered_set<Destination, HashOf> m_known;
};

std::size_t octetsOf(const msghdr& message)
{
    std::size_t octets = 0;
    for (std::size_t i = 0; i < message.msg_iovlen; ++i)
        octets += message.msg_iov[i].iov_len;
    return octets;
}

bool Gathering::mayWait(int socket, const msghdr& message) const
{
    return m_isOn && std::ranges::find(m_sockets, socket) != m_sockets.end() && message.msg_namelen != 0 &&
           message.msg_control == nullptr && octetsOf(message) <= kMostOctets;
}

ssize_t Gathering::send(int socket, const msghdr& message, int flags)
{
    if (!mayWait(socket, message))
        return theirs()(socket, &message, flags);
    const Destination to = Destination::of(message);
    if (!m_known.contains(to)) {
        const ssize_t sent = theirs()(socket, &message, flags);
        if (m_known.size() >= kMostKnown)
            m_known.clear();
        if (sent >= 0)
            m_known.insert(to);
        return sent;
    }
    if (m_count == kMostWaiting) {
        const bool isFull = sendAll() == kMostWaiting;
        m_isOn = true;
        if (isFull) {
            errno = EAGAIN;
            return -1;
        }
    }
    if (m_count == m_waiting.size())
        m_waiting.emplace_back();
    Datagram& datagram = m_waiting[m_count++];
    datagram.socket = socket;
    datagram.flags = flags;
    datagram.to = to;
    datagram.octets.clear();
    for (std::size_t i = 0; i < message.msg_iovlen; ++i)
        datagram.octets.append(static_cast<const char*>(message.msg_iov[i].iov_base),
                               message.msg_iov[i].iov_len);
    return static_cast<ssize_t>(datagram.octets.size());
}

/// Those from `first` on that have its socket and flags. How many were; 0: `first` has failed.
std::size_t Gathering::sendSome(std::size_t first)
{
    std::array<mmsghdr, kMostWaiting> headers{};
    std::array<iovec, kMostWaiting> parts{};
    std::size_t count = 0;
    for (std::size_t at = first; at < m_count; ++at, ++count) {
        Datagram& one = m_waiting[at];
        if (one.socket != m_waiting[first].socket || one.flags != m_waiting[first].flags)
            break;
        parts[count] = {one.octets.data(), one.octets.size()};
        headers[count].msg_hdr.msg_name = &one.to.address;
        headers[count].msg_hdr.msg_namelen = one.to.size;
        headers[count].msg_hdr.msg_iov = &parts[count];
        headers[count].msg_hdr.msg_iovlen = 1;
    }
    const int sent = sendmmsg(m_waiting[first].socket, headers.data(), static_cast<unsigned>(count),
                              m_waiting[first].flags);
    return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

/// The first error may be of a datagram long gone, which the system tells with the next one (ip(7),
/// IP_RECVERR).
std::size_t Gathering::sendAll()
{
    m_isOn = false;
    bool isAgain = false;
    std::size_t first = 0;
    while (first < m_count) {
        const std::size_t sent = sendSome(first);
        if (sent == 0 && (errno == EAGAIN || errno == ENOBUFS))
            break;
        if (sent == 0 && !isAgain) {
            isAgain = true;
            continue;
        }
        if (sent == 0)
            m_known.erase(m_waiting[first].to);
        isAgain = false;
        first += std::max<std::size_t>(sent, 1);
    }
    std::rotate(m_waiting.begin(), m_waiting.begin() + static_cast<std::ptrdiff_t>(first),
                m_waiting.begin() + static_cast<std::ptrdiff_t>(m_count));
    return m_count -= first;
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
