// SPDX-License-Identifier: GPL-3.0-or-later
// Shows the player's window on invented recordings, to look at it or to photograph it; never run by ctest.
//   player_showcase THEME LANGUAGE FILE.png [ROWS] [SECONDS PLAYED]
#include "app/widgets/theme.h"
#include "player/engine/qt_audio_output.h"
#include "player/ui/language.h"
#include "player/ui/main_window.h"
#include "tests/gui/fake_archive.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTimer>

#include <cstdio>

using namespace sr;

int main(int argc, char* argv[])
{
    QElapsedTimer sinceStart;
    sinceStart.start();
    QApplication application(argc, argv);
    const QStringList words = QApplication::arguments();
    if (words.size() < 4) {
        std::fprintf(stderr, "player_showcase THEME LANGUAGE FILE.png [ROWS] [SECONDS PLAYED]\n");
        return 2;
    }
    const std::uint64_t rows = words.size() > 4 ? words[4].toULongLong() : 1'003'881;
    const double played = words.size() > 5 ? words[5].toDouble() : 0;

    test::FakeArchive archive(rows);
    archive.setAudioSeconds(0);
    if (rows > 5) {
        archive.setTan(rows - 3, "118204");
        archive.setIntegrity(archive.rowNumber(rows - 5).uid, archive::Integrity::Manipulated);
    }
    player::Language language(QStringLiteral(SR_BINARY_DIR "/translations"));
    language.use(words[2]);
    widgets::Theme theme(application);
    theme.setMode(widgets::themeModeOf(words[1]).value_or(widgets::ThemeMode::Light));
    player::MainWindow window(theme, [] { return player::makeQtAudioOutput({}); });
    window.setLanguage(words[2]);
    if (rows > 0 && played > 0)
        window.playAtStart(archive.rowNumber(rows - 1).uid);
    window.setArchive(&archive, QStringLiteral("Control room"));
    window.show();
    QCoreApplication::processEvents();
    std::printf("window painted after %lld ms\n", static_cast<long long>(sinceStart.elapsed()));
    qint64 ready = 0;
    qint64 longest = 0; // the main thread's longest stall from here on
    QElapsedTimer beat;
    beat.start();
    QTimer heart;
    QObject::connect(&heart, &QTimer::timeout, &window, [&] { longest = std::max(longest, beat.restart()); });
    heart.start(1);
    QTimer poll;
    QObject::connect(&poll, &QTimer::timeout, &window, [&] {
        const player::PlaySnapshot& now = window.player().snapshot();
        if (ready == 0 && window.settled())
            ready = sinceStart.elapsed();
        const bool heard = played <= 0 || now.state != player::PlayState::Playing ||
                           static_cast<double>(now.frame) >= played * now.sampleRate;
        if (ready == 0 || !heard || sinceStart.elapsed() < ready + 500)
            return;
        poll.stop();
        std::printf("settled after %lld ms, %d rows\n", static_cast<long long>(ready),
                    window.list().rowCount());
        QApplication::exit(window.grab().save(words[3]) ? 0 : 1);
    });
    poll.start(10);
    window.probeSound();
    return QApplication::exec();
}
