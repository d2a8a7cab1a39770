// SPDX-License-Identifier: GPL-3.0-or-later
// What the exchange's trunks get of the machine: who sends and asks for them, a key, and a voice.
#pragma once

#include "core/crypto/key_store.h"
#include "core/pbx/trunk_service.h"

namespace sr::exchange {

/// `sender` and `asker` outlive the exchange. What it says comes by the main thread's loop.
pbx::TrunkParts trunkParts(sip::RegisterSender& sender, sip::OptionsSender& asker,
                           const crypto::MachineSecrets& secrets,
                           std::function<void(const std::string&)> say);

} // namespace sr::exchange
