// SPDX-License-Identifier: GPL-3.0-or-later
// switchroomd: the core without windows, in the foreground, under systemd or as a service of Windows, until
// it is told to stop.
#include "app/cdr_settings.h"
#include "app/record_settings.h"
#include "app/service/archive_part.h"
#include "app/service/capture_part.h"
#include "app/service/control_part.h"
#include "app/service/exchange_part.h"
#include "app/service/heap.h"
#include "app/service/service_install.h"
#include "app/service/service_life.h"
#include "app/service/trusted_roots.h"
#include "core/base/console.h"
#include "core/base/crash_note.h"
#include "core/base/open_files.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QDir>
#include <QRegularExpression>
#include <QSysInfo>
#include <QUrl>

#include <algorithm>
#include <cstdio>

namespace {

using namespace sr;
using service::ServiceLife;

int sayFailed(const std::string& text)
{
    std::fputs((std::string(service::kServiceName) + ": " + text + "\n").c_str(), stderr);
    return 1;
}

constexpr int kRestart = -1; ///< of the event loop: no exit code that a process could have

struct Options {
    Path configDir;
    std::string archive;
    QStringList interfaces; ///< empty: what the settings say
    std::string filter;
    std::vector<Endpoint> sip;  ///< empty: what the settings say
    std::vector<Endpoint> sips; ///< likewise
    bool managed = false;
    bool demo = false; ///< calls of its own
};

/// Held until the process ends: one service per --config.
Result<std::unique_ptr<File>> lockConfig(const Path& configDir)
{
    if (auto made = makeDirs(configDir); !made)
        return made.error();
    auto file = File::open(configDir / engine::kServiceLockName, OpenMode::ReadWrite);
    if (!file)
        return file.error();
    auto locked = (*file)->lock();
    if (!locked && locked.error().code == BaseErrc::Locked)
        return fail(BaseErrc::Locked, "another switchroomd runs on " + utf8Of(configDir) +
                                          "; stop it or give this one its own --config");
    if (!locked)
        return locked.error();
    return file;
}

QStringList wordsOf(const QString& list)
{
    return list.split(QRegularExpression(QStringLiteral("[,;\\s]+")), Qt::SkipEmptyParts);
}

recorder::CaptureOptions captureOptions(const Options& options, const settings::Settings& settings)
{
    QStringList interfaces = options.interfaces;
    if (interfaces.isEmpty())
        interfaces = wordsOf(settings.get(settings::kCaptureInterfaces));
    interfaces.removeDuplicates();
    recorder::CaptureOptions capture;
    capture.record = recordOptionsOf(settings);
    for (const QString& name : interfaces) {
        capture::DeviceOptions device;
        device.interface = name.toStdString();
        device.filter =
            options.filter.empty() ? settings.get(settings::kCaptureFilter).toStdString() : options.filter;
        capture.devices.push_back(std::move(device));
    }
    return capture;
}

/// Addresses of words as `ADDR:PORT`; BaseErrc::Malformed names the one that is none.
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
                                                    const service::ExchangePart::Listen& listen)
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
                                                 ": nobody "
                                                 "listens at " +
                                                 one.toString());
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
Result<service::ExchangePart::Listen> listenOptions(const Options& options,
                                                    const settings::Settings& settings)
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
    service::ExchangePart::Listen listen{std::move(clear).value(), std::move(tls).value(), {}};
    listen.identity.folder = options.configDir / "tls";
    listen.identity.certificate = pathOf(settings.get(settings::kSipTlsCertificate).toStdString());
    listen.identity.key = pathOf(settings.get(settings::kSipTlsKey).toStdString());
    if (!listen.tls.empty()) {
        auto trusted = service::trustedRoots(pathOf(settings.get(settings::kSipTlsTrusted).toStdString()));
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

/// The parts of the service, in the order in which they start; they stop in the other one.
struct Parts {
    std::unique_ptr<File> lock;
    std::unique_ptr<engine::Engine> engine;
    std::unique_ptr<service::ArchivePart> archive;
    std::unique_ptr<service::CapturePart> capture;
    std::unique_ptr<service::ExchangePart> exchange;
    std::unique_ptr<service::ControlPart> control;
};

Result<Parts> start(const Options& options, ServiceLife& life)
{
    static const SystemClock clock;
    Parts parts;
    auto lock = lockConfig(options.configDir);
    if (!lock)
        return lock.error();
    parts.lock = std::move(*lock);
    auto engine = engine::Engine::open({.configDir = options.configDir,
                                        .archiveRoot = pathOf(options.archive),
                                        .createArchive = true,
                                        .timeZone = {}},
                                       clock);
    if (!engine)
        return engine.error();
    parts.engine = std::move(*engine);
    if (parts.engine->archive().wasCreated())
        life.say("New archive in " + options.archive +
                 ". Its recovery passphrase opens it on another machine; keep it on paper:\n    " +
                 parts.engine->secrets().recoveryPassphrase);
    const auto settings = settings::Settings::open(options.configDir, parts.engine->secrets());
    if (!settings)
        return settings.error();
    parts.archive = std::make_unique<service::ArchivePart>(
        parts.engine->archive(), [&life](const Error& error) { life.say(error.text()); });
    const auto say = [&life](const std::string& text) { life.say(text); };
    if (auto capturing = captureOptions(options, **settings); !capturing.devices.empty()) {
        capturing.logDir = capture::liveLogDir(options.configDir, parts.engine->archive().id());
        auto capture = service::CapturePart::start(parts.engine->archive(), std::move(capturing), clock, say);
        if (!capture)
            return capture.error();
        parts.capture = std::move(*capture);
    }
    const auto listen = listenOptions(options, **settings);
    if (!listen)
        return listen.error();
    if (!listen->clear.empty() || !listen->tls.empty()) {
        service::ExchangePart::Setup setup;
        setup.configDir = options.configDir;
        setup.listen = *listen;
        setup.exchange = exchangeOptions(**settings);
        auto unchecked = uncheckedListeners(**settings, *listen);
        if (!unchecked)
            return unchecked.error();
        setup.exchange.replayUnchecked = std::move(*unchecked);
        setup.demo = options.demo;
        setup.relay.firstPort = mediaPort(**settings, settings::kExchangeFirstMediaPort);
        setup.relay.lastPort = mediaPort(**settings, settings::kExchangeLastMediaPort);
        auto ice = iceOptions(**settings, setup.relay);
        if (!ice)
            return ice.error();
        setup.ice = std::move(*ice);
        setup.record = recordOptionsOf(**settings);
        setup.names = {(*settings)->get(settings::kExchangeSystem).toStdString(),
                       (*settings)->get(settings::kExchangeName).toStdString(),
                       (*settings)->get(settings::kExchangeTimeZone).toStdString()};
        for (unsigned interface = 0; interface < cdr::kInterfaces; ++interface)
            setup.cdrReceivers[interface] = cdrDestinationOf(**settings, interface);
        setup.cdrBytes = static_cast<std::uint64_t>((*settings)->get(settings::kCdrMegabytes)) << 20U;
        setup.recordToBytes = static_cast<std::uint64_t>((*settings)->get(settings::kRecordToMegabytes))
                              << 20U;
        setup.recordToRoots = pathOf((*settings)->get(settings::kRecordToCaFile).toStdString());
        setup.logDir = options.configDir / "spool" / "exchange" / pathOf(parts.engine->archive().id());
        auto exchange =
            service::ExchangePart::start(setup, parts.engine->secrets(), parts.engine->archive(), clock, say);
        if (!exchange)
            return exchange.error();
        parts.exchange = std::move(*exchange);
    }
    auto control =
        service::ControlPart::start(options.configDir,
                                    {parts.engine->archive().root(), parts.capture.get(),
                                     parts.exchange.get(), [] { QCoreApplication::exit(kRestart); }},
                                    clock, say);
    if (control)
        parts.control = std::move(*control);
    else // where a folder can hold no sockets, calls are served all the same
        say("switchroomctl cannot ask this service: " + control.error().text());
    return parts;
}

std::string joined(const std::vector<std::string>& words)
{
    std::string out;
    for (const std::string& word : words)
        out += (out.empty() ? "" : ",") + word;
    return out;
}

/// ` NAME=ADDR:PORT,...`; nothing if there are none.
std::string wordOf(const char* name, const std::vector<Endpoint>& listeners)
{
    std::vector<std::string> words;
    for (const Endpoint& listener : listeners)
        words.push_back(listener.toString());
    return words.empty() ? std::string() : " " + std::string(name) + "=" + joined(words);
}

std::string readyLine(const Options& options, const Parts& parts)
{
    std::string line = "ready";
    std::vector<std::string> names;
    if (parts.exchange) {
        line += wordOf("sip", parts.exchange->listeners());
        line += wordOf("sips", parts.exchange->tlsListeners());
    }
    line += " archive=" + options.archive;
    if (!parts.capture)
        return line;
    names.clear();
    for (const capture::InterfaceState& one : parts.capture->state().interfaces)
        names.push_back(one.name);
    return line + " capture=" + joined(names);
}

/// Until it is told to stop or to start anew; by its return the parts have ended.
int runOnce(const Options& options, ServiceLife& life)
{
    const auto parts = start(options, life);
    if (!parts) {
        life.say(parts.error().text());
        return 1;
    }
    life.ready(readyLine(options, *parts));
    const int code = QCoreApplication::exec();
    if (code != kRestart)
        life.stopping();
    return code;
}

int run(const Options& options, ServiceLife& life)
{
    for (;;) {
        const int code = runOnce(options, life);
        if (code != kRestart)
            return code;
        life.say("Started anew, as the console asked for.");
    }
}

/// A service that cannot is no worse for it.
void watchCrashes(const Path& configDir, ServiceLife& life)
{
    const Path file = configDir / engine::kLogFolder / engine::kCrashNotesName;
    if (fileExists(file))
        life.say(
            "This service has crashed before. `crash show` in the console has what is known of it, `crash "
            "clear` forgets it.");
    Status watched = makeDirs(file.parent_path());
    if (watched)
        watched = noteCrashes(file, std::string(service::kServiceName) + " " + SR_VERSION);
    if (!watched)
        life.say("Crashes leave no note: " + watched.error().text());
}

/// Every call in progress takes sockets; who has few is told before they are gone.
void takeOpenFiles(ServiceLife& life)
{
    constexpr std::uint64_t kFew = 4096; // chosen
    constexpr std::uint64_t kOfACall = 4;
    if (const std::uint64_t files = allowOpenFiles(); files < kFew)
        life.say("The system lets this service open " + std::to_string(files) + " files, enough for about " +
                 std::to_string(files / kOfACall) +
                 " calls at once. `ulimit -Hn` or LimitNOFILE= of the unit raises that.");
}

int serve(const Options& options)
{
    auto life = ServiceLife::begin(options.managed, [] {
        QMetaObject::invokeMethod(qApp, &QCoreApplication::quit, Qt::QueuedConnection);
    });
    if (!life)
        return sayFailed(life.error().text());
    watchCrashes(options.configDir, **life);
    takeOpenFiles(**life);
    const int code = run(options, **life);
    (*life)->setExitCode(code);
    return code;
}

QString absolute(const QString& path)
{
    return QDir::toNativeSeparators(QDir(path).absolutePath());
}

int install(const QCommandLineParser& parser, const Options& options)
{
    service::Installation installation;
    installation.program = QDir::toNativeSeparators(QCoreApplication::applicationFilePath()).toStdString();
    const std::string config = absolute(QString::fromStdString(utf8Of(options.configDir))).toStdString();
    const std::string archive = absolute(QString::fromStdString(options.archive)).toStdString();
    installation.arguments = {"--service", "--config", config, "--archive", archive};
    for (const QString& name : options.interfaces)
        installation.arguments.insert(installation.arguments.end(), {"--capture", name.toStdString()});
    for (const Endpoint& endpoint : options.sips)
        installation.arguments.insert(installation.arguments.end(), {"--sips", endpoint.toString()});
    for (const Endpoint& endpoint : options.sip)
        installation.arguments.insert(installation.arguments.end(), {"--sip", endpoint.toString()});
    if (parser.isSet(QStringLiteral("filter")))
        installation.arguments.insert(installation.arguments.end(), {"--filter", options.filter});
    installation.folders = {config, archive};
    const auto words = service::installService(installation);
    if (!words)
        return sayFailed(words.error().text());
    std::fputs((*words + "\n").c_str(), stdout);
    return 0;
}

int uninstall()
{
    const auto words = service::uninstallService();
    if (!words)
        return sayFailed(words.error().text());
    std::fputs((*words + "\n").c_str(), stdout);
    return 0;
}

int print(const QString& text)
{
    std::fputs(text.toUtf8().constData(), stdout);
    return 0;
}

void addOptions(QCommandLineParser& parser)
{
    parser.setApplicationDescription(QStringLiteral("Switchroom without windows."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addOptions(
        {{QStringLiteral("foreground"),
          QStringLiteral("Stay in the foreground (as always without --service).")},
         {QStringLiteral("config"), QStringLiteral("Folder of keys, settings and catalog."),
          QStringLiteral("DIR")},
         {QStringLiteral("archive"), QStringLiteral("The archive's folder."), QStringLiteral("DIR")},
         {QStringLiteral("capture"),
          QStringLiteral("Interface whose calls are archived; may stand several times. Else as the settings "
                         "say (capture.interfaces)."),
          QStringLiteral("IF")},
         {QStringLiteral("filter"), QStringLiteral("Only these packets (pcap-filter)."),
          QStringLiteral("BPF")},
         {QStringLiteral("sip"),
          QStringLiteral("Where phones register, by UDP and TCP; may stand several times; port 0 takes a "
                         "free one. Else as "
                         "the settings say (sip.listen)."),
          QStringLiteral("ADDR:PORT")},
         {QStringLiteral("sips"),
          QStringLiteral(
              "Where phones register, by TLS, as --sip. Else as the settings say (sip.tlsListen)."),
          QStringLiteral("ADDR:PORT")},
         {QStringLiteral("demo"),
          QStringLiteral(
              "The two users of the lowest numbers call each other, each once, without telephones.")},
         {QStringLiteral("service"), QStringLiteral("Started by systemd or the service manager.")},
         {QStringLiteral("install-service"),
          QStringLiteral("Makes this command a service of the machine, with the other options given.")},
         {QStringLiteral("uninstall-service"), QStringLiteral("Stops and removes that service.")}});
}

} // namespace

int main(int argc, char** argv)
{
    service::settleHeap();
    const ConsoleSetup console;
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QString::fromLatin1(service::kServiceName));
    QCoreApplication::setApplicationVersion(QStringLiteral(SR_VERSION));
    QCommandLineParser parser;
    addOptions(parser);
    if (!parser.parse(QCoreApplication::arguments())) {
        sayFailed(parser.errorText().toStdString());
        return 2;
    }
    // Qt's own way opens a window on Windows where there is no console.
    if (parser.isSet(QStringLiteral("help")))
        return print(parser.helpText());
    if (parser.isSet(QStringLiteral("version")))
        return print(QCoreApplication::applicationName() + u' ' + QCoreApplication::applicationVersion() +
                     u'\n');
    if (parser.isSet(QStringLiteral("uninstall-service")))
        return uninstall();
    if (!parser.isSet(QStringLiteral("archive"))) {
        sayFailed("--archive DIR is missing.");
        return 2;
    }
    const auto sip = endpointsOf(parser.values(QStringLiteral("sip")));
    if (!sip) {
        sayFailed(sip.error().text());
        return 2;
    }
    const auto sips = endpointsOf(parser.values(QStringLiteral("sips")));
    if (!sips) {
        sayFailed(sips.error().text());
        return 2;
    }
    const Options options{parser.isSet(QStringLiteral("config"))
                              ? pathOf(parser.value(QStringLiteral("config")).toStdString())
                              : engine::defaultConfigDir(),
                          parser.value(QStringLiteral("archive")).toStdString(),
                          parser.values(QStringLiteral("capture")),
                          parser.value(QStringLiteral("filter")).toStdString(),
                          *sip,
                          *sips,
                          parser.isSet(QStringLiteral("service")),
                          parser.isSet(QStringLiteral("demo"))};
    return parser.isSet(QStringLiteral("install-service")) ? install(parser, options) : serve(options);
}
