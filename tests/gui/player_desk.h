// SPDX-License-Identifier: GPL-3.0-or-later
// The player's window on an invented archive, with a sound device that only counts.
#pragma once

#include "app/widgets/theme.h"
#include "player/ui/main_window.h"
#include "player/ui/recording_list_view.h"
#include "tests/gui/fake_archive.h"

#include <QTimer>
#include <QToolButton>
#include <QtTest>

namespace sr::test {

/// What a device would have heard. Pulls 20 ms each 2 ms: ten times as fast as real ears.
struct Heard {
    std::atomic<std::uint64_t> frames{0};
    std::atomic<int> loudest{0};
    std::atomic<bool> device{true};
};

class FakeOutput final : public player::AudioOutput {
public:
    explicit FakeOutput(Heard& heard)
        : m_heard(heard)
    {
        m_timer.setInterval(2);
        QObject::connect(&m_timer, &QTimer::timeout, [this] {
            std::vector<std::int16_t> block(m_rate / 50 * 2);
            m_pull(block);
            m_heard.frames += block.size() / 2;
            for (const std::int16_t sample : block)
                m_heard.loudest = std::max(m_heard.loudest.load(), std::abs(int{sample}));
        });
    }
    Status probe() override { return m_heard.device ? Status() : fail(player::PlayErrc::NoDevice, "fake"); }
    Status start(std::uint32_t rate, Pull pull) override
    {
        if (!m_heard.device)
            return fail(player::PlayErrc::NoDevice, "fake");
        m_rate = rate;
        m_pull = std::move(pull);
        m_timer.start();
        return {};
    }
    void stop() override { m_timer.stop(); }
    std::uint64_t waitingFrames() const override { return 0; }

private:
    Heard& m_heard;
    std::uint32_t m_rate = 8000;
    Pull m_pull;
    QTimer m_timer;
};

/// A window on a fake archive, shown and loaded.
struct Desk {
    explicit Desk(widgets::Theme& theme, std::uint64_t rows = 1000)
        : archive(rows)
        , window(theme, [this]() -> std::unique_ptr<player::AudioOutput> {
            return std::make_unique<FakeOutput>(heard);
        })
    {
        window.setArchive(&archive, QStringLiteral("Control room"));
        window.show();
        window.activateWindow();
    }
    ~Desk() { window.setArchive(nullptr, {}); }
    bool ready()
    {
        return QTest::qWaitForWindowActive(&window, 20'000) &&
               QTest::qWaitFor([this] { return window.settled(); }, 20'000);
    }
    player::RecordingListView& view() { return *window.findChild<player::RecordingListView*>(); }
    QToolButton& playButton() { return *window.findChild<QToolButton*>(QStringLiteral("play")); }
    Heard heard;
    FakeArchive archive;
    player::MainWindow window;
};

inline QPoint middleOf(player::RecordingListView& view, int row)
{
    return view.visualRect(view.model()->index(row, 1)).center();
}

inline QString nameOf(const QWidget& widget)
{
    return QString::fromLatin1(widget.metaObject()->className()) + u' ' + widget.objectName() + u' ' +
           widget.accessibleName();
}

} // namespace sr::test
