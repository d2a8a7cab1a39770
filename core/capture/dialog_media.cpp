// SPDX-License-Identifier: GPL-3.0-or-later
// What SIP messages say of media: offers and answers (RFC 3264), hold, and who awaits RTP where.
#include "core/capture/dialog_follower.h"
#include "core/capture/dialog_step.h"

namespace sr::capture {
namespace {

bool sameMedia(const Announcement& a, const Announcement& b)
{
    return a.rtp == b.rtp && a.audio == b.audio && a.formats == b.formats && a.keys == b.keys &&
           a.secure == b.secure;
}

} // namespace

void DialogFollower::media(TrackedCall& call, const Step& step, bool offer)
{
    const std::string_view text = step.message.sdp();
    if (text.empty())
        return;
    const auto description = sdp::parse(text);
    if (!description)
        return; // kept as signalling; a later one may be readable
    if (offer && step.first)
        holdOrRetrieve(call, step, *description);
    std::vector<Announcement> fresh;
    for (const sdp::Media& one : description->media) {
        // c=0.0.0.0, hold of old, changes nothing: music may still come from where the party was.
        const bool rtp = one.type == "audio" || one.protocol.find("RTP/") != std::string::npos;
        if (rtp && one.rtp.port != 0 && !one.rtp.address.isUnspecified())
            fresh.push_back(announcement(step, one));
    }
    if (!fresh.empty())
        announce(call, std::move(fresh));
}

/// Hold: a=sendonly or inactive (RFC 3264 §8.4), or c=0.0.0.0 as RFC 2543 had it.
void DialogFollower::holdOrRetrieve(TrackedCall& call, const Step& step, const sdp::SessionDescription& offer)
{
    const sdp::Media* audio = offer.audio();
    if (audio == nullptr || (!call.out.answered && call.inviteSeen))
        return;
    const bool hold = audio->direction == sdp::Direction::SendOnly ||
                      audio->direction == sdp::Direction::Inactive || audio->rtp.address.isUnspecified();
    bool& held = call.held[static_cast<std::size_t>(step.by)];
    if (hold != held)
        call.event(step.time(), hold ? FlowKind::Hold : FlowKind::Retrieve, step.by, {});
    held = hold;
}

Announcement DialogFollower::announcement(const Step& step, const sdp::Media& media)
{
    Announcement one;
    one.since = step.time();
    one.side = step.by;
    one.rtp = media.rtp;
    one.behindNat = {step.datagram.from.address, media.rtp.port};
    one.hop = Hop::of(step.datagram.from, step.datagram.to);
    one.audio = media.type == "audio";
    one.formats = media.formats;
    one.keys = media.keys;
    one.secure = media.protocol.find("SAVP") != std::string::npos;
    one.cseq = step.message.cseq();
    one.tag = std::string(step.message.isRequest() ? step.message.fromTag() : step.message.toTag());
    return one;
}

/// One message's sections replace those that the party had on the same hop, unless they say the same again.
void DialogFollower::announce(TrackedCall& call, std::vector<Announcement> fresh)
{
    const auto current = [&](const Announcement& known) {
        return known.side == fresh.front().side && known.hop == fresh.front().hop &&
               known.tag == fresh.front().tag && known.until == UtcTime::max();
    };
    std::size_t same = 0;
    std::size_t open = 0;
    for (const Announcement& known : call.announcements) {
        if (!current(known))
            continue;
        ++open;
        same +=
            std::any_of(fresh.begin(), fresh.end(), [&](const auto& one) { return sameMedia(one, known); });
    }
    if (same == fresh.size() && open == same)
        return;
    for (Announcement& known : call.announcements) {
        if (current(known))
            known.until = fresh.front().since;
    }
    for (Announcement& one : fresh) {
        if (call.announcements.size() >= TrackedCall::kMaxAnnouncements)
            return;
        call.announcements.push_back(std::move(one));
        m_announced(call, call.announcements.back());
    }
}

/// A refused re-INVITE or UPDATE leaves the media as it was (RFC 3261 §14.1).
void DialogFollower::withdraw(TrackedCall& call, Party side, std::uint32_t cseq)
{
    for (std::size_t i = call.announcements.size(); i-- > 0;) {
        const Announcement gone = call.announcements[i];
        if (gone.side != side || gone.cseq != cseq)
            continue;
        call.announcements.erase(call.announcements.begin() + static_cast<std::ptrdiff_t>(i));
        for (Announcement& one : call.announcements) {
            if (one.side == gone.side && one.hop == gone.hop && one.tag == gone.tag &&
                one.until == gone.since)
                one.until = UtcTime::max();
        }
    }
}

} // namespace sr::capture
