// SPDX-License-Identifier: GPL-3.0-or-later
// The key comes of the machine's own, so that it is the same after a restart and nowhere else.
#include "app/exchange/trunk_parts.h"

#include "core/crypto/digest.h"

#include <QCoreApplication>

namespace sr::exchange {

pbx::TrunkParts trunkParts(sip::RegisterSender& sender, sip::OptionsSender& asker,
                           const crypto::MachineSecrets& secrets, std::function<void(const std::string&)> say)
{
    pbx::TrunkParts parts;
    parts.sender = &sender;
    parts.asker = &asker;
    parts.key =
        crypto::Secret(crypto::hmacSha256(secrets.settingsKey, bytesOf(std::string_view("trunk contacts"))));
    parts.say = [say = std::move(say)](const std::string& words) {
        QMetaObject::invokeMethod(
            qApp, [say, words] { say(words); }, Qt::QueuedConnection);
    };
    return parts;
}

} // namespace sr::exchange
