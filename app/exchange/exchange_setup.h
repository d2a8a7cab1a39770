// SPDX-License-Identifier: GPL-3.0-or-later
// How the exchange is to be, by the settings.
#pragma once

#include "app/exchange/exchange_part.h"
#include "core/settings/settings.h"

#include <QStringList>

namespace sr::exchange {

/// What decides beside the settings.
struct SetupOptions {
    Path configDir;
    std::vector<Endpoint> sip;  ///< empty: what the settings say
    std::vector<Endpoint> sips; ///< likewise
    bool demo = false;          ///< calls of its own
};

/// Without a listener in it there shall be no exchange. Reads certificates from the disk; main thread.
/// BaseErrc::Malformed names the setting or the word that is wrong; errors of trustedRoots().
Result<ExchangePart::Setup> setupOf(const SetupOptions& options, const settings::Settings& settings,
                                    const std::string& archiveId);

/// Addresses of words as `ADDR:PORT`; BaseErrc::Malformed names the one that is none.
Result<std::vector<Endpoint>> endpointsOf(const QStringList& words);

} // namespace sr::exchange
