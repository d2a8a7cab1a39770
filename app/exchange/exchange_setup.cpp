// SPDX-License-Identifier: GPL-3.0-or-later
// From words to listeners, ports, servers and receivers.
#include "app/exchange/exchange_setup.h"

#include "app/cdr_settings.h"
#include "app/exchange/trusted_roots.h"
#include "app/record_settings.h"
#include "app/setting_words.h"
#include "core/pbx/trunk.h"

#include <QSysInfo>
#include <QUrl>

#include <algorithm>

namespace sr::exchange {

Result<std::vector<Endpoint>> endpointsOf(const QStringList& words)
{
    std::vector<Endpoint> endpoints;
    for (const QString& word : words) {
        const auto endpoint = Endpoint::parse(word.toStdString());
        if (!endpoint)
            return fail(BaseErrc::Malformed, "'" + word.toStdString() +
                                                 "' is no address like 192.0.2.1:5060 or [2001:db8::1]:5060");
        endpoints.push_back(*endpoint);
    }
    return endpoints;
}

namespace {

pbx::ExchangeOptions exchangeOptions(const settings::Settings& settings)
{
    using enum sip::DigestAlgorithm;
    const QString digest = settings.get(settings::kSipDigest);
    pbx::ExchangeOptions options;
    options.algorithms = {digest.startsWith(u"md5") ? Md5 : Sha256};
    if (digest.contains(u'-'))
        options.algorithms.push_back(digest.startsWith(u"md5") ? Sha256 : Md5);
    options.nonces.replayCheck = settings.get(settings::kSipReplayCheck);
    options.guesses.slowAfter = static_cast<unsigned>(settings.get(settings::kSipGuesses));
    options.guesses.blockAfter = 3 * options.guesses.slowAfter;
    options.keys = {settings.get(settings::kExchangePauseKeys).toStdString(),
                    settings.get(settings::kExchangeResumeKeys).toStdString(),
                    settings.get(settings::kExchangeMarkKeys).toStdString(),
                    settings.get(settings::kExchangeRecordKeys).toStdString(),
                    settings.get(settings::kExchangeStopKeys).toStdString()};
    return options;
}

/// Numbers of the listeners that sip.replayUnchecked names.
Result<std::vector<std::size_t>> uncheckedListeners(const settings::Settings& settings,
                                                    const ExchangePart::Listen& listen)
{
    const auto named = endpointsOf(wordsOf(settings.get(settings::kSipReplayUnchecked)));
    if (!named)
        return named.error();
    std::vector<Endpoint> all = listen.clear;
    all.insert(all.end(), listen.tls.begin(), listen.tls.end());
    std::vector<std::size_t> numbers;
    for (const Endpoint& one : *named) {
        const auto found = std::ranges::find(all, one);
        if (found == all.end())
            return fail(BaseErrc::Malformed, std::string(settings::kSipReplayUnchecked.key) +
                                                 ": nobody listens at " + one.toString());
        numbers.push_back(static_cast<std::size_t>(found - all.begin()));
    }
    return numbers;
}

/// `HOST`, `HOST:PORT` or with an IPv6 address in brackets. Errors: as pbx::checkHost().
Result<relay::IceOptions::Server> serverOf(const settings::Settings& settings,
                                           settings::Setting<QString> setting)
{
    const std::string text = settings.get(setting).toStdString();
    relay::IceOptions::Server server;
    if (text.empty())
        return server;
    if (const Status good = pbx::checkHost(text); !good)
        return fail(BaseErrc::Malformed, std::string(setting.key) + ": " + good.error().text());
    if (const auto endpoint = Endpoint::parse(text)) {
        server.host = endpoint->address.toString();
        server.port = endpoint->port;
        return server;
    }
    const std::size_t colon = text.front() == '[' ? std::string::npos : text.find(':');
    server.host = text.substr(0, colon);
    if (text.front() == '[')
        server.host = text.substr(1, text.find(']') - 1);
    else if (colon != std::string::npos)
        server.port = static_cast<std::uint16_t>(std::stoul(text.substr(colon + 1)));
    return server;
}

std::uint16_t mediaPort(const settings::Settings& settings, settings::Setting<int> setting)
{
    return static_cast<std::uint16_t>(settings.get(setting)); // no larger, by its definition
}

Result<relay::IceOptions> iceOptions(const settings::Settings& settings, const relay::RelayOptions& relay)
{
    relay::IceOptions options;
    auto stun = serverOf(settings, settings::kIceStun);
    if (!stun)
        return stun.error();
    auto turn = serverOf(settings, settings::kIceTurn);
    if (!turn)
        return turn.error();
    options.stun = std::move(*stun);
    options.turn = std::move(*turn);
    options.turnUser = settings.get(settings::kIceTurnUser).toStdString();
    options.turnPassword = settings.get(settings::kIceTurnPassword).toStdString();
    options.firstPort = relay.firstPort; // what the firewall lets in
    options.lastPort = relay.lastPort;
    return options;
}

/// The command line decides where it says anything. A certificate of our own is for what is listened on.
Result<ExchangePart::Listen> listenOptions(const SetupOptions& options, const settings::Settings& settings)
{
    const auto chosen = [&](const std::vector<Endpoint>& given, settings::Setting<QString> setting) {
        return given.empty() ? endpointsOf(wordsOf(settings.get(setting)))
                             : Result<std::vector<Endpoint>>(given);
    };
    auto clear = chosen(options.sip, settings::kSipListen);
    if (!clear)
        return clear.error();
    auto tls = chosen(options.sips, settings::kSipTlsListen);
    if (!tls)
        return tls.error();
    ExchangePart::Listen listen{std::move(clear).value(), std::move(tls).value(), {}};
    listen.identity.folder = options.configDir / "tls";
    listen.identity.certificate = pathOf(settings.get(settings::kSipTlsCertificate).toStdString());
    listen.identity.key = pathOf(settings.get(settings::kSipTlsKey).toStdString());
    if (!listen.tls.empty()) {
        auto trusted = trustedRoots(pathOf(settings.get(settings::kSipTlsTrusted).toStdString()));
        if (!trusted)
            return trusted.error();
        listen.identity.trusted = std::move(*trusted);
    }
    const QByteArray host = QUrl::toAce(QSysInfo::machineHostName());
    if (!host.isEmpty())
        listen.identity.names.hosts = {host.toStdString()};
    auto& addresses = listen.identity.names.addresses;
    for (const Endpoint& endpoint : listen.tls)
        if (!endpoint.address.isUnspecified() && !std::ranges::count(addresses, endpoint.address))
            addresses.push_back(endpoint.address);
    return listen;
}

} // namespace

Result<ExchangePart::Setup> setupOf(const SetupOptions& options, const settings::Settings& settings,
                                    const std::string& archiveId)
{
    auto listen = listenOptions(options, settings);
    if (!listen)
        return listen.error();
    ExchangePart::Setup setup;
    setup.configDir = options.configDir;
    setup.listen = std::move(*listen);
    if (setup.listen.clear.empty() && setup.listen.tls.empty())
        return setup;
    setup.exchange = exchangeOptions(settings);
    auto unchecked = uncheckedListeners(settings, setup.listen);
    if (!unchecked)
        return unchecked.error();
    setup.exchange.replayUnchecked = std::move(*unchecked);
    setup.demo = options.demo;
    setup.relay.firstPort = mediaPort(settings, settings::kExchangeFirstMediaPort);
    setup.relay.lastPort = mediaPort(settings, settings::kExchangeLastMediaPort);
    auto ice = iceOptions(settings, setup.relay);
    if (!ice)
        return ice.error();
    setup.ice = std::move(*ice);
    setup.record = recordOptionsOf(settings);
    setup.names = {settings.get(settings::kExchangeSystem).toStdString(),
                   settings.get(settings::kExchangeName).toStdString(),
                   settings.get(settings::kExchangeTimeZone).toStdString()};
    for (unsigned interface = 0; interface < cdr::kInterfaces; ++interface)
        setup.cdrReceivers[interface] = cdrDestinationOf(settings, interface);
    setup.cdrBytes = static_cast<std::uint64_t>(settings.get(settings::kCdrMegabytes)) << 20U;
    setup.recordToBytes = static_cast<std::uint64_t>(settings.get(settings::kRecordToMegabytes)) << 20U;
    setup.recordToRoots = pathOf(settings.get(settings::kRecordToCaFile).toStdString());
    setup.logDir = options.configDir / "spool" / "exchange" / pathOf(archiveId);
    return setup;
}

} // namespace sr::exchange
