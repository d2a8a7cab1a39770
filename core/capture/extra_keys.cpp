// SPDX-License-Identifier: GPL-3.0-or-later
// A key is the right one when a packet authenticates under it.
#include "core/capture/extra_keys.h"

#include "core/capture/encrypted_looks.h"
#include "core/rtp/srtp.h"

#include <algorithm>
#include <iterator>
#include <span>

namespace sr::capture {
namespace {

constexpr std::size_t kTried = 16;  ///< packets; some may be damaged or of another profile
constexpr std::size_t kLooked = 64; ///< packets

bool opens(const rtp::SrtpKey& key, std::span<const Bytes> packets)
{
    const auto receiver = rtp::SrtpReceiver::open(key);
    return receiver && std::any_of(packets.begin(), packets.end(), [&](const Bytes& packet) {
               return static_cast<bool>((*receiver)->unprotect(packet));
           });
}

} // namespace

void addExtraKeys(rtp::RtpStream& stream, const std::vector<rtp::SrtpKey>& keys, bool suspect)
{
    const auto isClear = [](const rtp::MediaEpoch& epoch) {
        return epoch.srtpKeys.empty() && epoch.protection != rtp::Protection::Required;
    };
    const bool allClear = std::all_of(stream.epochs.begin(), stream.epochs.end(), isClear);
    if (stream.source == nullptr || (keys.empty() && !(suspect && allClear)))
        return;
    std::vector<Bytes> packets;
    const Status read = stream.source->visitRange(0, kLooked, [&](UtcTime, ByteView datagram) {
        packets.emplace_back(datagram.begin(), datagram.end());
    });
    if (!read)
        return; // whoever decodes it meets the same error and can tell
    std::vector<rtp::SrtpKey> right;
    const auto tried = std::span(packets).first(std::min(packets.size(), kTried));
    std::copy_if(keys.begin(), keys.end(), std::back_inserter(right),
                 [&](const rtp::SrtpKey& key) { return opens(key, tried); });
    for (rtp::MediaEpoch& epoch : stream.epochs) {
        for (const rtp::SrtpKey& key : right) {
            if (std::find(epoch.srtpKeys.begin(), epoch.srtpKeys.end(), key) == epoch.srtpKeys.end())
                epoch.srtpKeys.push_back(key);
        }
        if (!right.empty() && epoch.protection == rtp::Protection::Optional)
            epoch.protection = rtp::Protection::ByKeys; // they fit, so it is not clear
    }
    if (right.empty() && suspect && allClear && !stream.epochs.empty() &&
        looksEncrypted(packets, stream.epochs.front().formats)) {
        for (rtp::MediaEpoch& epoch : stream.epochs)
            epoch.protection = rtp::Protection::Required;
    }
}

} // namespace sr::capture
