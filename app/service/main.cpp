// SPDX-License-Identifier: GPL-3.0-or-later
// switchroomd: the core without windows, in the foreground, under systemd or as a service of Windows, until
// it is told to stop.
#include "app/exchange/exchange_setup.h"
#include "app/record_settings.h"
#include "app/service/archive_part.h"
#include "app/service/capture_part.h"
#include "app/service/control_part.h"
#include "app/service/heap.h"
#include "app/service/service_install.h"
#include "app/service/service_life.h"
#include "app/setting_words.h"
#include "core/base/console.h"
#include "core/base/crash_note.h"
#include "core/base/open_files.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QDir>

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

/// The parts of the service, in the order in which they start; they stop in the other one.
struct Parts {
    std::unique_ptr<File> lock;
    std::unique_ptr<engine::Engine> engine;
    std::unique_ptr<service::ArchivePart> archive;
    std::unique_ptr<service::CapturePart> capture;
    std::unique_ptr<exchange::ExchangePart> exchange;
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
    auto setup = exchange::setupOf({options.configDir, options.sip, options.sips, options.demo}, **settings,
                                   parts.engine->archive().id());
    if (!setup)
        return setup.error();
    if (!setup->listen.clear.empty() || !setup->listen.tls.empty()) {
        auto exchange = exchange::ExchangePart::start(*setup, parts.engine->secrets(),
                                                      parts.engine->archive(), clock, say);
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
    const auto sip = exchange::endpointsOf(parser.values(QStringLiteral("sip")));
    if (!sip) {
        sayFailed(sip.error().text());
        return 2;
    }
    const auto sips = exchange::endpointsOf(parser.values(QStringLiteral("sips")));
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
