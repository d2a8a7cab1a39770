// SPDX-License-Identifier: GPL-3.0-or-later
// A message class whose parser looks at first lines, and at the headers when they are all there.
#include "core/sip/door.h"

#include "core/sip/first_line.h"
#include "core/sip/from_sofia.h"
#include "core/sip/message_tap.h"
#include "core/sip/own_socket.h"
#include "core/sip/plain_answer.h"
#include "core/sip/sip_stack.h"

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/msg_mclass.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/su_string.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace sr::sip {
namespace {

/// [answers] Chosen: those of kKept at 250 and at 30 a second.
constexpr std::size_t kMostGranted = 8192;
constexpr std::size_t kMostRefused = 1024;
constexpr std::chrono::seconds kKept{32}; ///< timer J (RFC 3261 17.2.2)
constexpr std::size_t kLongest = 4096;    ///< [octets] of what is returned; the rest is left to Sofia

/// Those of this thread: what is known of a message is its class.
thread_local std::vector<Door*> t_doors;
thread_local std::uint64_t t_heard = 0;

Door* doorOf(const msg_t* message)
{
    const auto isIt = [&](const Door* door) { return door->messageClass() == msg_mclass(message); };
    const auto found = std::ranges::find_if(t_doors, isIt);
    return found != t_doors.end() ? *found : nullptr;
}

/// What Sofia cannot read it answers by Via before it has noted where it came from, or not at all if Via is
/// what it cannot read; so Via learns of that here (RFC 3261 18.2.1, RFC 3581 4).
void noteSource(msg_t* message, sip_t& sip)
{
    const Source source = sourceOf(message);
    const Endpoint& from = source.address;
    su_home_t* const home = msg_home(message);
    sip_via_t* const via = sip.sip_via;
    if (via == nullptr) { // streams answer on the connection, whatever it says
        msg_header_insert(message, reinterpret_cast<msg_pub_t*>(&sip),
                          reinterpret_cast<msg_header_t*>(
                              sip_via_format(home, "%s %s", sip_transport_udp, from.toString().c_str())));
        return;
    }
    if (su_casematch(sip.sip_request->rq_version, sip_version_2_0) != 0)
        return;
    if (source.transport == Transport::Udp)
        via->v_protocol = sip_transport_udp; // of SIP/7.0 too, else rport means nothing
    for (const std::string& parameter :
         {"received=" + from.address.toString(), "rport=" + std::to_string(from.port)})
        msg_header_replace_param(home, via->v_common, su_strdup(home, parameter.c_str()));
    msg_fragment_clear_chain(reinterpret_cast<msg_header_t*>(via));
}

/// Requests in a dialog, and those about a request that was let in, pass: the stack drops what belongs to
/// none.
bool isNew(const sip_t& sip)
{
    const sip_method_t method = sip.sip_request->rq_method;
    const bool isInDialog = sip.sip_to != nullptr && sip.sip_to->a_tag != nullptr;
    return !isInDialog && method != sip_method_ack && method != sip_method_cancel;
}

void tellUnreadable(const msg_t* message)
{
    if (Door* const door = doorOf(message); door != nullptr)
        door->noteUnreadable(message);
}

/// Told here, for a message whose first line cannot be read may have no headers either.
issize_t extractRequestLine(su_home_t* home, msg_header_t* header, char* line, isize_t size)
{
    const FirstLine read = readRequestLine(home, header, line, static_cast<std::size_t>(size));
    if (read != FirstLine::Good)
        tellUnreadable(reinterpret_cast<const msg_t*>(home)); // as msg_home() has it
    return read != FirstLine::None ? 0 : -1;
}

issize_t extractStatusLine(su_home_t* home, msg_header_t* header, char* line, isize_t size)
{
    const issize_t read = sip_status_class[0].hc_parse(home, header, line, size);
    if (read < 0)
        tellUnreadable(reinterpret_cast<const msg_t*>(home));
    return read;
}

template <auto kParse>
msg_hclass_t* lineClass(msg_hclass_t& like)
{
    static const msg_hclass_t own = [&like] {
        msg_hclass_s line = like;
        line.hc_parse = kParse;
        return line;
    }();
    return &own;
}

/// What Sofia answers with 400: a first line that stands for one that could not be read, and a body that is
/// longer than its datagram (RFC 3261 18.3).
bool isBad(const sip_t& sip, std::size_t left, bool isEnd)
{
    return isUnread(*sip.sip_request) ||
           (isEnd && sip.sip_content_length != nullptr && sip.sip_content_length->l_length > left);
}

/// Called with the octets behind the headers, more than once for long bodies.
issize_t extractBody(msg_t* message, msg_pub_t* object, char* octets, isize_t size, int isEnd)
{
    auto* const sip = reinterpret_cast<sip_t*>(object);
    const bool isBehindHeaders = (sip->sip_flags & MSG_FLG_BODY) == 0;
    const issize_t taken = sip_extract_body(message, sip, octets, size, isEnd);
    if (!isBehindHeaders || (sip->sip_flags & MSG_FLG_BODY) == 0)
        return taken;
    Door* const door = doorOf(message);
    ++t_heard;
    const auto left = static_cast<std::size_t>(size) - static_cast<std::size_t>(taken);
    if (sip->sip_request != nullptr && isBad(*sip, left, isEnd != 0))
        sip->sip_flags |= MSG_FLG_ERROR;
    if (sip->sip_request == nullptr) {
        if (door != nullptr)
            door->note(*sip);
        return taken;
    }
    if (door != nullptr && !door->passes(message, *sip))
        sip->sip_request = nullptr; // what is neither request nor response is thrown away without a word
    else
        noteSource(message, *sip);
    return taken;
}

} // namespace

std::uint64_t messagesHeard()
{
    return t_heard;
}

void Door::Free::operator()(msg_mclass_s* made) const
{
    std::free(made);
}

/// A REFER outside of a call would have NOTIFYs sent wherever a stranger likes: Sofia sends the first by
/// itself.
bool Door::passes(const msg_t* message, const sip_t& sip)
{
    if (!isNew(sip))
        return true;
    const sip_method_t method = sip.sip_request->rq_method;
    if (method == sip_method_refer || !m_handler.admits(knockOf(sip, message)))
        return false;
    const bool isAnswered = method == sip_method_options || method == sip_method_register;
    return !isAnswered || !answers(message, sip);
}

void Door::note(const sip_t& response) const
{
    const bool isTrying = response.sip_status != nullptr && response.sip_status->st_status == 100;
    if (isTrying && response.sip_call_id != nullptr && m_trying)
        m_trying(response.sip_call_id->i_id);
}

void Door::noteUnreadable(const msg_t* message) const
{
    m_handler.onUnreadable(sourceOf(message));
}

bool Door::answers(const msg_t* message, const sip_t& sip)
{
    const Source source = sourceOf(message);
    if (m_socket == kNoSocket || source.transport != Transport::Udp)
        return false;
    const std::string returned = returnedHeaders(sip, source.address);
    if (returned.empty() || returned.size() > kLongest)
        return false;
    const std::string answer = answerTo(message, sip, returned);
    tapSent(source.address, answer);
    // An error may be that of another datagram (ip(7), IP_RECVERR); after two it is asked again.
    if (!sendFrom(m_socket, source.address, answer))
        (void)sendFrom(m_socket, source.address, answer);
    return true;
}

std::string Door::answerTo(const msg_t* message, const sip_t& sip, const std::string& returned)
{
    if (sip.sip_request->rq_method == sip_method_options)
        return plainAnswer(200, "OK", returned, m_headers);
    const auto now = std::chrono::steady_clock::now();
    for (Table* const table : {&m_granted, &m_refused})
        if (const Said* const said = table->find(returned); said != nullptr && now - said->when < kKept)
            return said->answer;
    const RegisterAnswer answer = m_registers(registerRequestOf(sip, message));
    std::string text =
        plainAnswer(answer.status, answer.reason, returned, registerHeaders(answer) + m_headers);
    if (answer.status == 200 || sip.sip_authorization != nullptr)
        (answer.status == 200 ? m_granted : m_refused).use(returned) = {text, now};
    return text;
}

Door::Door(RequestHandler& handler)
    : m_handler(handler)
    , m_class(msg_mclass_clone(sip_default_mclass(), 0, msg_mclass_copy))
    , m_socket(kNoSocket)
    , m_granted(kMostGranted)
    , m_refused(kMostRefused)
{
    if (m_class == nullptr)
        std::abort(); // out of memory at the start
    m_class->mc_request[0].hr_class = lineClass<extractRequestLine>(sip_request_class[0]);
    m_class->mc_status[0].hr_class = lineClass<extractStatusLine>(sip_status_class[0]);
    m_class->mc_extract_body = extractBody;
    t_doors.push_back(this);
}

Door::~Door()
{
    std::erase(t_doors, this);
}

const msg_mclass_t* Door::messageClass() const
{
    return m_class.get();
}

void Door::answerFrom(const Endpoint& here, std::string headers, Registrar registers)
{
    m_socket = ownUdpSocket(here);
    m_headers = std::move(headers);
    m_registers = std::move(registers);
}

} // namespace sr::sip
