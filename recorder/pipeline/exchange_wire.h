// SPDX-License-Identifier: GPL-3.0-or-later
// The recorded calls of our own exchange as an interface that is captured: so spool, crash recovery,
// recording and retries are those of every other capture.
#pragma once

#include "core/capture/packet_device.h"
#include "core/relay/call_tap.h"
#include "core/relay/key_ears.h"
#include "core/relay/relay.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <variant>
#include <vector>

namespace sr::recorder {

/// Wants calls beside the archive, as frames of Ethernet. On the wire's reading thread; none of it may wait.
class WireListener {
public:
    virtual ~WireListener() = default;
    virtual void begins(const relay::TapDialog& dialog) = 0;
    /// It is answered, and these want all of it. May come again.
    virtual void wanted(std::uint64_t dialog, const std::vector<relay::TapTarget>& by) = 0;
    enum class Content : std::uint8_t { Signalling, Media };
    virtual void packet(std::uint64_t dialog, UtcTime time, Content content, ByteView frame) = 0;
    virtual void ends(std::uint64_t dialog) = 0;
};

/// Written to on the control thread, read by one thread of a capture.
class ExchangeWire final : public relay::CallTap {
public:
    static constexpr const char* kName = "exchange"; ///< of the interface

    /// `relay` and `listener` outlive it; null: nobody wants calls but the archive. `keys` hears those of all
    /// calls, recorded at the moment or paused, on the reading thread; it may not wait, and be empty.
    explicit ExchangeWire(relay::Relay& relay, WireListener* listener = nullptr,
                          relay::KeyEars::Heard keys = {})
        : m_relay(relay)
        , m_listener(listener)
        , m_keys(std::move(keys))
    {}
    void message(relay::TapMessage&& message) override;
    void media(std::uint64_t tag, const Endpoint& caller, const Endpoint& callee) override;
    void closed(std::uint64_t tag) override;
    void begins(const relay::TapDialog& dialog) override;
    void wanted(std::uint64_t dialog, std::uint64_t tag, std::vector<relay::TapTarget> by) override;
    void ends(std::uint64_t dialog) override;

    /// For one capture at a time, which it outlives.
    capture::DeviceOpener opener();

private:
    class Device;
    struct Media {
        std::uint64_t tag = 0;
        Endpoint caller;
        Endpoint callee;
    };
    struct Closed {
        std::uint64_t tag = 0;
    };
    struct Wanted {
        std::uint64_t dialog = 0;
        std::uint64_t tag = 0;
        std::vector<relay::TapTarget> by;
    };
    struct Ends {
        std::uint64_t dialog = 0;
    };
    using News = std::variant<relay::TapMessage, Media, Closed, relay::TapDialog, Wanted, Ends>;
    /// Something on its way into a batch; its octets stand in m_octets.
    struct Item {
        UtcTime time{};
        Endpoint from;
        Endpoint to;
        std::uint64_t tag = 0; ///< of a packet whose addresses are to be found
        relay::Side speaker = relay::Side::Caller;
        std::uint64_t dialog = 0; ///< of a message
        std::size_t offset = 0;
        std::size_t size = 0;
    };

    void tell(News news);
    void waitForNews();
    void wake();
    void collect(capture::PacketBatch& batch);
    void take(relay::TapMessage& message);
    void take(Media& media);
    void take(Closed& closed);
    void take(relay::TapDialog& dialog);
    void take(Wanted& wanted);
    void take(Ends& ends);
    void forgetTags(const std::vector<std::uint64_t>& tags);
    void forgetDialogs(const std::vector<std::uint64_t>& dialogs);
    std::uint64_t dialogOf(const Item& item) const;
    void handOut(const Item& item, capture::PacketBatch& batch);
    bool address(Item& item) const;
    void add(Item item, ByteView octets);
    void closeUp(std::uint16_t skipped);

    relay::Relay& m_relay;
    WireListener* const m_listener;

    std::mutex m_mutex; // guards what follows
    std::condition_variable m_wake;
    std::vector<News> m_news;
    bool m_woken = false;
    bool m_isIdle = false; ///< the reading thread waits for the first news

    // the reading thread's
    relay::KeyEars m_keys;
    std::unordered_map<std::uint64_t, Media> m_media;
    std::vector<std::uint64_t> m_closing;                          ///< packets of them may come once more
    std::unordered_map<std::uint64_t, relay::TapDialog> m_dialogs; ///< that others may want
    std::unordered_map<std::uint64_t, std::uint64_t> m_dialogOfTag;
    std::vector<std::uint64_t> m_ending; ///< dialogs, as m_closing
    std::vector<Item> m_items;
    Bytes m_octets;
    Bytes m_frame;
};

} // namespace sr::recorder
