// SPDX-License-Identifier: GPL-3.0-or-later
// Packets first, then news: whatever was copied was announced before, so each packet finds its call.
#include "recorder/pipeline/exchange_wire.h"

#include "core/capture/udp_frame.h"
#include "core/rtp/packet.h"

#include <algorithm>

namespace sr::recorder {
namespace {

constexpr milliseconds kCollectEvery{25}; ///< so a crash loses no more; 40 writes a second whatever the calls
constexpr milliseconds kLookEvery{200};   ///< while there is no call, whose keys may have to be heard

} // namespace

class ExchangeWire::Device final : public capture::PacketDevice {
public:
    explicit Device(ExchangeWire& wire)
        : m_wire(wire)
    {}
    Status read(capture::PacketBatch& batch) override
    {
        m_wire.waitForNews();
        m_wire.collect(batch);
        return {};
    }
    Status drain(capture::PacketBatch& batch) override
    {
        m_wire.collect(batch);
        return {};
    }
    Result<capture::DeviceStats> stats() override
    {
        return capture::DeviceStats{m_wire.m_relay.tapLost(), 0};
    }
    void wake() override { m_wire.wake(); }

private:
    ExchangeWire& m_wire;
};

capture::DeviceOpener ExchangeWire::opener()
{
    return [this](const capture::DeviceOptions&) -> Result<std::unique_ptr<capture::PacketDevice>> {
        return std::unique_ptr<capture::PacketDevice>(std::make_unique<Device>(*this));
    };
}

void ExchangeWire::message(relay::TapMessage&& message)
{
    tell(std::move(message));
}

void ExchangeWire::media(std::uint64_t tag, const Endpoint& caller, const Endpoint& callee)
{
    tell(Media{tag, caller, callee});
}

void ExchangeWire::closed(std::uint64_t tag)
{
    tell(Closed{tag});
}

void ExchangeWire::begins(const relay::TapDialog& dialog)
{
    tell(dialog);
}

void ExchangeWire::wanted(std::uint64_t dialog, std::uint64_t tag, std::vector<relay::TapTarget> by)
{
    tell(Wanted{dialog, tag, std::move(by)});
}

void ExchangeWire::ends(std::uint64_t dialog)
{
    tell(Ends{dialog});
}

void ExchangeWire::tell(News news)
{
    const std::scoped_lock lock(m_mutex);
    m_news.push_back(std::move(news));
    if (std::exchange(m_isIdle, false))
        m_wake.notify_all();
}

void ExchangeWire::wake()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_woken = true;
    }
    m_wake.notify_all();
}

/// The relay cannot tell: it never waits for anybody.
void ExchangeWire::waitForNews()
{
    const bool isQuiet = m_relay.openBridges() == 0 && m_media.empty() && m_dialogs.empty() &&
                         m_closing.empty() && m_ending.empty();
    std::unique_lock lock(m_mutex);
    m_isIdle = isQuiet && m_news.empty();
    m_wake.wait_for(lock, m_isIdle ? kLookEvery : kCollectEvery,
                    [&, wasIdle = m_isIdle] { return m_woken || (wasIdle && !m_isIdle); });
    m_isIdle = false;
    m_woken = false;
}

void ExchangeWire::add(Item item, ByteView octets)
{
    item.offset = m_octets.size();
    item.size = octets.size();
    m_octets.insert(m_octets.end(), octets.begin(), octets.end());
    m_items.push_back(item);
}

/// What was not copied while the recording paused is missing by intention: numbered through, it is silence in
/// the recording, not loss.
void ExchangeWire::closeUp(std::uint16_t skipped)
{
    const Item& last = m_items.back();
    if (last.size < rtp::kFixedHeaderBytes)
        return;
    std::byte* const number = m_octets.data() + last.offset + 2; // RFC 3550 §5.1
    storeBe(number, static_cast<std::uint16_t>(loadBe<std::uint16_t>(number) - skipped));
}

void ExchangeWire::take(relay::TapMessage& message)
{
    add({message.time, message.from, message.to, 0, relay::Side::Caller, message.dialog},
        bytesOf(message.text));
}

void ExchangeWire::take(Media& media)
{
    m_media.insert_or_assign(media.tag, media);
}

void ExchangeWire::take(Closed& closed)
{
    m_closing.push_back(closed.tag);
}

void ExchangeWire::take(relay::TapDialog& dialog)
{
    m_dialogs.insert_or_assign(dialog.id, dialog);
    if (m_listener != nullptr)
        m_listener->begins(dialog);
}

void ExchangeWire::take(Wanted& wanted)
{
    m_dialogOfTag.insert_or_assign(wanted.tag, wanted.dialog);
    if (m_listener != nullptr)
        m_listener->wanted(wanted.dialog, wanted.by);
}

void ExchangeWire::take(Ends& ends)
{
    m_ending.push_back(ends.dialog);
}

void ExchangeWire::forgetTags(const std::vector<std::uint64_t>& tags)
{
    for (const std::uint64_t tag : tags) {
        m_media.erase(tag);
        m_keys.forget(tag);
        m_dialogOfTag.erase(tag);
    }
}

void ExchangeWire::forgetDialogs(const std::vector<std::uint64_t>& dialogs)
{
    for (const std::uint64_t dialog : dialogs) {
        m_dialogs.erase(dialog);
        if (m_listener != nullptr)
            m_listener->ends(dialog);
    }
}

/// Packets seem to go from relay port to relay port: no two calls have the same.
bool ExchangeWire::address(Item& item) const
{
    if (item.tag == 0)
        return true;
    const auto media = m_media.find(item.tag);
    if (media == m_media.end())
        return false;
    const bool caller = item.speaker == relay::Side::Caller;
    item.from = caller ? media->second.caller : media->second.callee;
    item.to = caller ? media->second.callee : media->second.caller;
    return true;
}

/// 0: only the archive's.
std::uint64_t ExchangeWire::dialogOf(const Item& item) const
{
    if (item.tag == 0)
        return item.dialog;
    const auto dialog = m_dialogOfTag.find(item.tag);
    return dialog == m_dialogOfTag.end() ? 0 : dialog->second;
}

/// m_frame to whom it is for.
void ExchangeWire::handOut(const Item& item, capture::PacketBatch& batch)
{
    const std::uint64_t id = dialogOf(item);
    const auto dialog = m_dialogs.find(id);
    const bool known = id != 0 && dialog != m_dialogs.end();
    if (known && m_listener != nullptr)
        m_listener->packet(id, item.time,
                           item.tag == 0 ? WireListener::Content::Signalling : WireListener::Content::Media,
                           m_frame);
    if (!known || dialog->second.archived)
        batch.add(item.time, m_frame, static_cast<std::uint32_t>(m_frame.size()), capture::kEthernetLink);
}

void ExchangeWire::collect(capture::PacketBatch& batch)
{
    const std::vector<std::uint64_t> closing = std::exchange(m_closing, {});
    const std::vector<std::uint64_t> ending = std::exchange(m_ending, {});
    m_relay.drainTap([this](const relay::TapPacket& packet) {
        m_keys.add(packet);
        if (!packet.tapped)
            return;
        add({packet.time, {}, {}, packet.tag, packet.from}, packet.datagram);
        closeUp(packet.skipped);
    });
    std::vector<News> news;
    {
        const std::scoped_lock lock(m_mutex);
        news.swap(m_news);
    }
    for (News& one : news)
        std::visit([this](auto& of) { take(of); }, one);
    std::ranges::stable_sort(m_items, {}, &Item::time);
    for (Item& item : m_items) {
        const ByteView octets = ByteView(m_octets).subspan(item.offset, item.size);
        if (octets.size() > capture::kMaxUdpPayload || !address(item))
            continue;
        m_frame.clear();
        capture::appendUdpFrame(m_frame, item.from, item.to, octets);
        handOut(item, batch);
    }
    forgetTags(closing);
    forgetDialogs(ending);
    m_items.clear();
    m_octets.clear();
}

} // namespace sr::recorder
