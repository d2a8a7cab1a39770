// SPDX-License-Identifier: GPL-3.0-or-later
// switchroomd: the core without windows, in the foreground until it is told to stop.
#include "app/service/archive_part.h"
#include "core/base/console.h"

#include <QCommandLineParser>
#include <QCoreApplication>

#include <cstdio>

namespace {

using namespace sr;

int sayFailed(const std::string& text)
{
    std::fputs(("switchroomd: " + text + "\n").c_str(), stderr);
    return 1;
}

/// Held until the process ends: one service per --config.
Result<std::unique_ptr<File>> lockConfig(const Path& configDir)
{
    if (auto made = makeDirs(configDir); !made)
        return made.error();
    auto file = File::open(configDir / "switchroomd.lock", OpenMode::ReadWrite);
    if (!file)
        return file.error();
    if (auto locked = (*file)->lock(); !locked)
        return locked.error();
    return file;
}

int serve(const QCommandLineParser& options)
{
    static const SystemClock clock;
    const Path configDir = options.isSet(QStringLiteral("config"))
                               ? pathOf(options.value(QStringLiteral("config")).toStdString())
                               : engine::defaultConfigDir();
    const auto lock = lockConfig(configDir);
    if (!lock)
        return sayFailed(lock.error().code == BaseErrc::Locked
                             ? "another switchroomd runs on " + utf8Of(configDir) +
                                   "; stop it or give this one its own --config"
                             : lock.error().text());

    const std::string archive = options.value(QStringLiteral("archive")).toStdString();
    auto engine = engine::Engine::open(
        {.configDir = configDir, .archiveRoot = pathOf(archive), .createArchive = true, .timeZone = {}},
        clock);
    if (!engine)
        return sayFailed(engine.error().text());
    if ((*engine)->archive().wasCreated())
        std::fputs(("New archive in " + archive +
                    ". Its recovery passphrase opens it on another machine; keep it on paper:\n    " +
                    (*engine)->secrets().recoveryPassphrase + "\n")
                       .c_str(),
                   stderr);

    const service::ArchivePart part(std::move(*engine), [](const Error& error) { sayFailed(error.text()); });
    const StopSignal stop(
        [] { QMetaObject::invokeMethod(qApp, &QCoreApplication::quit, Qt::QueuedConnection); });
    std::fputs(("ready archive=" + archive + "\n").c_str(), stdout);
    std::fflush(stdout);
    return QCoreApplication::exec();
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("switchroomd"));
    QCoreApplication::setApplicationVersion(QStringLiteral(SR_VERSION));
    QCommandLineParser options;
    options.setApplicationDescription(QStringLiteral("Switchroom without windows."));
    options.addHelpOption();
    options.addVersionOption();
    options.addOptions(
        {{QStringLiteral("foreground"), QStringLiteral("Stay in the foreground (the only way today).")},
         {QStringLiteral("config"), QStringLiteral("Folder of keys, settings and catalog."),
          QStringLiteral("DIR")},
         {QStringLiteral("archive"), QStringLiteral("The archive's folder."), QStringLiteral("DIR")}});
    if (!options.parse(QCoreApplication::arguments())) {
        sayFailed(options.errorText().toStdString());
        return 2;
    }
    if (options.isSet(QStringLiteral("help")) || options.isSet(QStringLiteral("version")))
        options.process(application); // prints and exits
    if (!options.isSet(QStringLiteral("archive"))) {
        sayFailed("--archive DIR is missing.");
        return 2;
    }
    return serve(options);
}
