// SPDX-License-Identifier: GPL-3.0-or-later
// switchroom-player: options, language, theme, archive, window. Nothing else.
#include "app/widgets/theme.h"
#include "core/base/console.h"
#include "player/engine/qt_audio_output.h"
#include "player/ui/archive_session.h"
#include "player/ui/language.h"
#include "player/ui/main_window.h"
#include "player/ui/view_state.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QMediaDevices>
#include <QTimer>

#include <algorithm>
#include <cstdio>
#include <span>

namespace {

using namespace sr;
using namespace Qt::StringLiterals;

constexpr int kUsage = 2; // exit code of a wrong command line

struct Options {
    engine::EngineOptions engine;
    QString language;
    std::optional<widgets::ThemeMode> theme;
    QString screenshot;
    QString play;
};

void addOptions(QCommandLineParser& parser)
{
    parser.setApplicationDescription(u"Finds and plays the recordings of an archive."_s);
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addOptions({
        {u"archive"_s, u"Folder of the archive."_s, u"DIR"_s},
        {u"config"_s, u"Folder with keys and catalog (default: the user's own)."_s, u"DIR"_s},
        {u"lang"_s, u"Language: de or en (default: as last time, else the system's)."_s, u"LANG"_s},
        {u"theme"_s, u"light, dark, high-contrast or system."_s, u"THEME"_s},
        {u"play"_s, u"Play this recording at once."_s, u"UID"_s},
        {u"screenshot"_s, u"Save a picture of the window once everything is shown, then end."_s,
         u"FILE.png"_s},
    });
}

/// Nothing and a message on stderr if an option makes no sense.
std::optional<Options> readOptions(const QCommandLineParser& parser)
{
    Options options;
    options.engine.archiveRoot = pathOf(parser.value(u"archive"_s).toStdString());
    options.engine.configDir = pathOf(parser.value(u"config"_s).toStdString());
    if (options.engine.configDir.empty())
        options.engine.configDir = engine::defaultConfigDir();
    options.language = parser.value(u"lang"_s);
    options.screenshot = parser.value(u"screenshot"_s);
    options.play = parser.value(u"play"_s);
    const auto complain = [](const QString& what) {
        std::fprintf(stderr, "switchroom-player: %s\n", qPrintable(what));
        return std::nullopt;
    };
    if (!parser.positionalArguments().isEmpty())
        return complain(u"unexpected argument “%1”; see --help"_s.arg(parser.positionalArguments().front()));
    if (!options.language.isEmpty() && !player::Language::codes().contains(options.language))
        return complain(u"--lang knows de and en, not “%1”"_s.arg(options.language));
    if (parser.isSet(u"theme"_s)) {
        options.theme = widgets::themeModeOf(parser.value(u"theme"_s));
        if (!options.theme)
            return complain(u"--theme knows light, dark, high-contrast and system"_s);
    }
    return options;
}

/// Saves the picture when the window has everything (at most 30 s), then ends the program.
void takeScreenshot(player::MainWindow& window, const QString& file, bool playing)
{
    constexpr int kEvery = 50;        // [ms]
    constexpr int kPatience = 30'000; // [ms]
    constexpr std::uint64_t kHeardMs = 1200;
    auto* timer = new QTimer(&window);
    auto waited = std::make_shared<int>(0);
    QObject::connect(timer, &QTimer::timeout, &window, [&window, file, playing, timer, waited] {
        *waited += kEvery;
        const player::PlaySnapshot& now = window.player().snapshot();
        const bool sounding = !playing || now.state != player::PlayState::Playing ||
                              now.frame * 1000 >= kHeardMs * now.sampleRate;
        if (*waited < kPatience && !(window.settled() && sounding && *waited >= 10 * kEvery))
            return;
        timer->stop();
        const bool saved = window.grab().save(file);
        if (!saved)
            std::fprintf(stderr, "switchroom-player: cannot write %s\n", qPrintable(file));
        QCoreApplication::exit(saved && *waited < kPatience ? 0 : 1);
    });
    timer->start(kEvery);
}

/// --help and --version work on a machine without a display.
bool wantsTextOnly(std::span<char*> arguments)
{
    return std::any_of(arguments.begin(), arguments.end(), [](const char* argument) {
        const std::string_view word(argument);
        return word == "--help" || word == "-h" || word == "--version" || word == "-v" ||
               word == "--help-all";
    });
}

int run(int argc, char* argv[])
{
    QCoreApplication::setApplicationName(u"switchroom-player"_s);
    QCoreApplication::setApplicationVersion(QStringLiteral(SR_VERSION));
    QCommandLineParser parser;
    addOptions(parser);
    if (wantsTextOnly(std::span(argv, static_cast<std::size_t>(argc)))) {
        const QCoreApplication console(argc, argv);
        parser.process(console); // prints and ends
    }
    QApplication application(argc, argv);
    if (!parser.parse(QCoreApplication::arguments())) {
        std::fprintf(stderr, "switchroom-player: %s\n", qPrintable(parser.errorText()));
        return kUsage;
    }
    const std::optional<Options> options = readOptions(parser);
    if (!options)
        return kUsage;

    const QString stateFile = QString::fromStdString(utf8Of(options->engine.configDir / "player.ini"));
    player::ViewState state = player::ViewState::load(stateFile);
    player::Language language(u":/i18n"_s);
    const QString remembered = state.language.isEmpty() ? player::Language::ofSystem() : state.language;
    language.use(options->language.isEmpty() ? remembered : options->language);
    widgets::Theme theme(application);
    theme.setMode(options->theme.value_or(state.theme));

    player::ArchiveSession session(options->engine); // outlives the window, which reads its archive
    player::MainWindow window(theme, [] { return player::makeQtAudioOutput({}); });
    window.setLanguage(language.code());
    window.setVolumes(state.volumes);
    window.playAtStart(options->play.toStdString());
    if (options->screenshot.isEmpty())
        window.restoreGeometry(state.geometry);
    QObject::connect(&window, &player::MainWindow::languageChosen, &window, [&](const QString& code) {
        language.use(code);
        window.setLanguage(code);
    });
    const auto open = [&] {
        window.showOpening(session.name());
        session.open();
    };
    QObject::connect(&session, &player::ArchiveSession::opened, &window,
                     [&](archive::Archive* archive) { window.setArchive(archive, session.name()); });
    QObject::connect(&session, &player::ArchiveSession::failed, &window, &player::MainWindow::showOpenFault);
    QObject::connect(&window, &player::MainWindow::retryRequested, &window, open);
    if (!options->engine.archiveRoot.empty())
        open();
    window.show();

    // The sound system is asked once the window stands; a headset plugged in later enables Play by itself.
    std::unique_ptr<QMediaDevices> devices;
    QTimer::singleShot(0, &window, [&] {
        window.probeSound();
        devices = std::make_unique<QMediaDevices>();
        QObject::connect(devices.get(), &QMediaDevices::audioOutputsChanged, &window,
                         [&window] { window.probeSound(); });
    });
    if (!options->screenshot.isEmpty())
        takeScreenshot(window, options->screenshot, !options->play.isEmpty());
    const int code = QApplication::exec();
    if (options->screenshot.isEmpty()) {
        state.geometry = window.saveGeometry();
        state.language = language.code();
        state.theme = theme.mode();
        state.volumes = window.volumes();
        state.save(stateFile);
    }
    return code;
}

} // namespace

int main(int argc, char* argv[])
{
    return endProgram(run(argc, argv));
}
