// SPDX-License-Identifier: GPL-3.0-or-later
// The player's figures on a real archive: window, filters, scrolling, first sound, waveform, load while
// playing. `bench_player CONFIGDIR ARCHIVEDIR UID [LONG_UID]`; make_catalog gives an archive a million rows.
#include "app/widgets/theme.h"
#include "player/engine/qt_audio_output.h"
#include "player/ui/archive_session.h"
#include "player/ui/main_window.h"
#include "player/ui/play_controller.h"
#include "player/ui/recording_list_view.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QScrollBar>
#include <QTest>
#include <QTimer>

#include <atomic>
#include <cstdio>
#include <ctime>

using namespace sr;
using namespace Qt::StringLiterals;

namespace {

constexpr int kPatience = 60'000; // [ms]

/// When the device was first given sound since reset(), on the clock of the bench.
struct FirstSound {
    QElapsedTimer clock;
    std::atomic<qint64> at{-1};
};

/// The machine's device, or a timer that takes 20 ms each 20 ms where there is none; notes the first samples.
class NotedOutput final : public player::AudioOutput {
public:
    explicit NotedOutput(FirstSound& first)
        : m_first(first)
        , m_device(player::makeQtAudioOutput({}))
    {}
    Status probe() override { return {}; }
    Status start(std::uint32_t rate, Pull pull) override
    {
        const Pull noted = [this, pull = std::move(pull)](std::span<std::int16_t> out) {
            pull(out);
            if (m_first.at < 0)
                m_first.at = m_first.clock.elapsed();
        };
        if (m_device->probe())
            return m_device->start(rate, noted);
        m_timer = std::make_unique<QTimer>();
        QObject::connect(m_timer.get(), &QTimer::timeout, [noted, rate] {
            std::vector<std::int16_t> block(rate / 50 * 2);
            noted(block);
        });
        m_timer->start(20);
        return {};
    }
    void stop() override
    {
        m_timer.reset();
        m_device->stop();
    }
    std::uint64_t waitingFrames() const override { return m_device->waitingFrames(); }

private:
    FirstSound& m_first;
    std::unique_ptr<player::AudioOutput> m_device;
    std::unique_ptr<QTimer> m_timer;
};

double cpuSeconds()
{
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// Resident memory [MB], 0 where the system does not tell.
double residentMegabytes()
{
    QFile status(u"/proc/self/status"_s);
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray& line : status.readAll().split('\n')) {
        if (line.startsWith("VmRSS:"))
            return line.mid(6).trimmed().split(' ').front().toDouble() / 1024;
    }
    return 0;
}

void print(const char* what, double value, const char* unit, double limit)
{
    std::printf("%-52s %9.1f %-4s of %6.1f %s\n", what, value, unit, limit, value <= limit ? "" : "MISSED");
}

struct Bench {
    FirstSound& first;
    player::MainWindow& window;
    player::RecordingListView& view;

    void filter(const char* what, double limit, const std::function<void(player::FilterState&)>& change)
    {
        QElapsedTimer clock;
        clock.start();
        qint64 rowsAt = -1;
        const auto link = QObject::connect(&window.list(), &player::RecordingListModel::pageLoaded, &window,
                                           [&] { rowsAt = rowsAt < 0 ? clock.elapsed() : rowsAt; });
        change(window.filter());
        if (!QTest::qWaitFor([&] { return rowsAt >= 0; }, kPatience))
            std::printf("%s: no rows came\n", what);
        QObject::disconnect(link);
        view.viewport()->repaint();
        const double shown = static_cast<double>(clock.elapsed());
        print(what, shown, "ms", limit);
    }

    void scroll(const char* what, int step, int times)
    {
        QElapsedTimer beat;
        qint64 longest = 0;
        qint64 longestFrame = 0;
        QTimer heart;
        QObject::connect(&heart, &QTimer::timeout, &window,
                         [&] { longest = std::max(longest, beat.restart()); });
        heart.start(0);
        QScrollBar* bar = view.verticalScrollBar();
        beat.start();
        for (int i = 0; i < times; ++i) {
            QElapsedTimer frame;
            frame.start();
            bar->setValue((bar->value() + step) % std::max(1, bar->maximum()));
            view.viewport()->repaint();
            longestFrame = std::max(longestFrame, frame.elapsed());
            QTest::qWait(16);
        }
        heart.stop();
        print((std::string(what) + ": longest frame").c_str(), static_cast<double>(longestFrame), "ms", 16.7);
        print((std::string(what) + ": longest stall of the main thread").c_str(),
              static_cast<double>(longest), "ms", 50);
    }

    void play(const char* what, const std::string& uid)
    {
        window.player().stop();
        QTest::qWait(200);
        auto* controller = window.findChild<player::PlayController*>();
        qint64 drawn = -1;
        qint64 complete = -1;
        first.at = -1;
        first.clock.start();
        const auto link = QObject::connect(controller, &player::PlayController::peaksChanged, &window,
                                           [&](const player::PeaksPtr& peaks) {
                                               if (peaks->slices() == 0)
                                                   return;
                                               if (drawn < 0)
                                                   drawn = first.clock.elapsed();
                                               if (peaks->complete)
                                                   complete = first.clock.elapsed();
                                           });
        emit view.playRequested(uid);
        if (!QTest::qWaitFor([&] { return first.at >= 0 && complete >= 0; }, kPatience))
            std::printf("%s: does not play\n", what);
        QObject::disconnect(link);
        print((std::string(what) + ": double click to sound").c_str(), static_cast<double>(first.at.load()),
              "ms", 150);
        print((std::string(what) + ": waveform first drawn").c_str(), static_cast<double>(drawn), "ms", 200);
        std::printf("%-52s %9.1f ms\n", (std::string(what) + ": waveform complete").c_str(),
                    static_cast<double>(complete));
    }

    void load()
    {
        QTest::qWait(1000);
        const double before = cpuSeconds();
        QElapsedTimer clock;
        clock.start();
        QTest::qWait(8000);
        const double busy = (cpuSeconds() - before) * 1000 / static_cast<double>(clock.elapsed());
        if (window.player().snapshot().state != player::PlayState::Playing)
            std::puts("nothing plays any more: choose a longer recording");
        print("while playing: CPU", busy * 100, "%", 5);
        print("while playing: resident memory", residentMegabytes(), "MB", 150);
    }
};

} // namespace

int main(int argc, char* argv[])
{
    QElapsedTimer sinceStart;
    sinceStart.start();
    QApplication application(argc, argv);
    if (argc < 4) {
        std::fputs("usage: bench_player CONFIGDIR ARCHIVEDIR UID [LONG_UID]\n", stderr);
        return 2;
    }
    engine::EngineOptions options;
    options.configDir = pathOf(argv[1]);
    options.archiveRoot = pathOf(argv[2]);
    widgets::Theme theme(application);
    theme.setMode(widgets::ThemeMode::Dark);
    player::ArchiveSession session(options);
    FirstSound first;
    player::MainWindow window(theme, [&first]() -> std::unique_ptr<player::AudioOutput> {
        return std::make_unique<NotedOutput>(first);
    });
    Bench all{first, window, *window.findChild<player::RecordingListView*>()};
    QObject::connect(&session, &player::ArchiveSession::opened, &window,
                     [&](archive::Archive* archive) { window.setArchive(archive, session.name()); });
    QObject::connect(&session, &player::ArchiveSession::failed, &window, &player::MainWindow::showOpenFault);
    window.showOpening(session.name());
    session.open();
    window.show();
    const bool up = QTest::qWaitForWindowExposed(&window);
    window.repaint();
    print("window up", static_cast<double>(sinceStart.elapsed()), "ms", 700);
    if (!up ||
        !QTest::qWaitFor([&] { return window.list().rowCount() > 0 && window.settled(); }, kPatience)) {
        std::fputs("the archive does not open or is empty\n", stderr);
        return 1;
    }
    std::printf("%-52s %9lld ms\n", "list and details shown", static_cast<long long>(sinceStart.elapsed()));
    window.probeSound();

    all.filter("filter: all years", 100, [](auto& f) { f.setYear(0); });
    std::printf("%d rows\n", window.list().rowCount());
    all.scroll("by three rows", 3 * 28, 200);
    all.scroll("by a screen", 15 * 28, 200);
    all.scroll("by a thirtieth of the list", window.list().rowCount() / 30 * 28, 60);
    all.filter("filter: internal 24", 100, [](auto& f) { f.setInternal(u"24"_s); });
    all.filter("filter: external begins with 07", 100, [](auto& f) {
        f.setInternal({});
        f.setExternal(u"07"_s);
    });
    all.filter("filter: external *73?1*", 120, [](auto& f) { f.setExternal(u"*73?1*"_s); });
    all.filter("filter: oldest first", 100, [](auto& f) {
        f.setExternal({});
        f.setOldestFirst(true);
    });
    all.filter("filter: incoming", 100, [](auto& f) { f.setDirection(archive::CallDirection::In); });
    all.filter("filter: none", 100, [](auto& f) {
        f.clear();
        f.setOldestFirst(false);
    });
    if (argc > 4)
        all.play("long recording", argv[4]);
    all.play("recording", argv[3]);
    all.load();
    window.setArchive(nullptr, {});
    return 0;
}
