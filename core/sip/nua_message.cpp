// SPDX-License-Identifier: GPL-3.0-or-later
// Each message has a handle of its own, and no dialog (RFC 3428 4).
#include "core/sip/nua_message.h"

#include "core/sip/name_address.h"
#include "core/sip/nua_answer.h"

#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_tag.h>

#include <utility>

namespace sr::sip {

NuaIncomingMessage::NuaIncomingMessage(nua_t* agent, nua_handle_t* handle)
    : m_handle(handle)
{
    nua_handle_bind(handle, magicOf(this));
    nua_save_event(agent, m_request);
}

NuaIncomingMessage::~NuaIncomingMessage()
{
    if (!m_answered)
        answer({.status = 500, .reason = "Server Internal Error"});
    nua_handle_bind(m_handle, nullptr);
    nua_handle_destroy(m_handle);
}

void NuaIncomingMessage::answer(const Refusal& answer)
{
    if (!std::exchange(m_answered, true))
        respondTo(m_handle, m_request, answer, "text/plain");
}

class NuaOutgoingMessages::One final : public NuaOwner {
public:
    One(NuaOutgoingMessages& all, nua_handle_t* handle, std::function<void(int)> done)
        : m_all(all)
        , m_handle(handle)
        , m_done(std::move(done))
    {
        nua_handle_bind(handle, magicOf(this));
    }
    ~One() override
    {
        nua_handle_bind(m_handle, nullptr);
        nua_handle_destroy(m_handle);
    }
    One(const One&) = delete;
    One& operator=(const One&) = delete;

private:
    void onEvent(nua_event_t event, int status, const sip_t*, tagi_t*) override
    {
        if (event != nua_r_message || status < 200)
            return;
        const auto self = m_all.m_messages.extract(this); // gone when this returns
        m_done(status);
    }

    NuaOutgoingMessages& m_all;
    nua_handle_t* m_handle;
    std::function<void(int)> m_done;
};

NuaOutgoingMessages::NuaOutgoingMessages() = default;
NuaOutgoingMessages::~NuaOutgoingMessages() = default;

void NuaOutgoingMessages::dropAll()
{
    m_messages.clear();
}

bool NuaOutgoingMessages::send(nua_t* agent, const OutgoingMessage& message, std::function<void(int)> done)
{
    const std::string from = addressText(message.from);
    const std::string to = addressText(message.to);
    nua_handle_t* const handle =
        nua_handle(agent, nullptr, NUTAG_URL(message.uri.c_str()), SIPTAG_FROM_STR(from.c_str()),
                   SIPTAG_TO_STR(to.c_str()), TAG_END());
    if (handle == nullptr)
        return false;
    nua_set_hparams(handle, NUTAG_PROXY(wayText(message.way).c_str()), TAG_END());
    auto one = std::make_unique<One>(*this, handle, std::move(done));
    nua_message(handle, SIPTAG_CONTENT_TYPE_STR("text/plain;charset=UTF-8"),
                SIPTAG_PAYLOAD_STR(message.text.c_str()), TAG_END());
    const One* const key = one.get();
    m_messages.emplace(key, std::move(one));
    return true;
}

} // namespace sr::sip
