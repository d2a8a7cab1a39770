// SPDX-License-Identifier: GPL-3.0-or-later
// A key is the right one when a packet authenticates under it.
#include "core/capture/extra_keys.h"

#include "core/rtp/srtp.h"

#include <algorithm>

namespace sr::capture {
namespace {

constexpr std::size_t kTried = 16; ///< packets; some may be damaged or of another profile

bool opens(const rtp::SrtpKey& key, const std::vector<Bytes>& packets)
{
    const auto receiver = rtp::SrtpReceiver::open(key);
    return receiver && std::any_of(packets.begin(), packets.end(), [&](const Bytes& packet) {
               return static_cast<bool>((*receiver)->unprotect(packet));
           });
}

} // namespace

void addExtraKeys(rtp::RtpStream& stream, const std::vector<rtp::SrtpKey>& keys)
{
    const bool lacking = std::any_of(stream.epochs.begin(), stream.epochs.end(),
                                     [](const rtp::MediaEpoch& epoch) { return epoch.srtpKeys.empty(); });
    if (keys.empty() || !lacking || stream.source == nullptr)
        return;
    std::vector<Bytes> packets;
    const Status read = stream.source->visit([&](UtcTime, ByteView datagram) {
        if (packets.size() < kTried)
            packets.emplace_back(datagram.begin(), datagram.end());
    });
    if (!read)
        return; // whoever decodes it meets the same error and can tell
    std::vector<rtp::SrtpKey> right;
    std::copy_if(keys.begin(), keys.end(), std::back_inserter(right),
                 [&](const rtp::SrtpKey& key) { return opens(key, packets); });
    for (rtp::MediaEpoch& epoch : stream.epochs) {
        if (!epoch.srtpKeys.empty() || right.empty())
            continue;
        epoch.srtpKeys = right;
        if (epoch.protection == rtp::Protection::Optional)
            epoch.protection = rtp::Protection::ByKeys; // they fit, so it is not clear
    }
}

} // namespace sr::capture
