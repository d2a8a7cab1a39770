// SPDX-License-Identifier: GPL-3.0-or-later
// The player's window as a person uses it: typing, double click, keys alone, languages, themes, large scale.
#include "app/widgets/chip.h"
#include "app/widgets/fact_label.h"
#include "app/widgets/segmented.h"
#include "app/widgets/tabular_text.h"
#include "app/widgets/theme.h"
#include "player/ui/language.h"
#include "player/ui/main_window.h"
#include "player/ui/recording_list_view.h"
#include "player/ui/waveform_view.h"
#include "tests/gui/fake_archive.h"

#include <QAbstractButton>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSlider>
#include <QTextDocument>
#include <QTimer>
#include <QToolButton>
#include <QtTest>

using namespace sr;
using namespace sr::player;
using namespace Qt::StringLiterals;
using test::FakeArchive;

namespace {

/// What a device would have heard. Pulls 20 ms each 2 ms: ten times as fast as real ears.
struct Heard {
    std::atomic<std::uint64_t> frames{0};
    std::atomic<int> loudest{0};
    std::atomic<bool> device{true};
};

class FakeOutput final : public AudioOutput {
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
    Status probe() override { return m_heard.device ? Status() : fail(PlayErrc::NoDevice, "fake"); }
    Status start(std::uint32_t rate, Pull pull) override
    {
        if (!m_heard.device)
            return fail(PlayErrc::NoDevice, "fake");
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
        , window(theme,
                 [this]() -> std::unique_ptr<AudioOutput> { return std::make_unique<FakeOutput>(heard); })
    {
        window.setArchive(&archive, u"Control room"_s);
        window.show();
        window.activateWindow();
    }
    ~Desk() { window.setArchive(nullptr, {}); }
    bool ready()
    {
        return QTest::qWaitForWindowActive(&window) && QTest::qWaitFor([this] { return window.settled(); });
    }
    RecordingListView& view() { return *window.findChild<RecordingListView*>(); }
    QToolButton& playButton() { return *window.findChild<QToolButton*>(u"play"_s); }
    Heard heard;
    FakeArchive archive;
    MainWindow window;
};

QPoint middleOf(RecordingListView& view, int row)
{
    return view.visualRect(view.model()->index(row, 1)).center();
}

QString nameOf(const QWidget& widget)
{
    return QString::fromLatin1(widget.metaObject()->className()) + u' ' + widget.objectName() + u' ' +
           widget.accessibleName();
}

} // namespace

class TestPlayerWindow final : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_theme = std::make_unique<widgets::Theme>(*qApp);
        m_language = std::make_unique<Language>(QStringLiteral(SR_BINARY_DIR "/translations"));
        QVERIFY(m_language->use(u"en"_s));
    }
    void cleanup() { m_language->use(u"en"_s); }
    void cleanupTestCase()
    {
        m_language.reset();
        m_theme.reset();
    }

    void typingAFilterChangesTheQuery()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        QTest::keyClick(&desk.window, Qt::Key_F, Qt::ControlModifier);
        auto* internal = desk.window.findChild<QLineEdit*>(u"internal"_s);
        QTRY_VERIFY(internal->hasFocus());
        QTest::keyClicks(internal, u"3?1"_s);
        QTRY_COMPARE(desk.archive.askedFilters().back().internal, std::string("3?1"));
        QTRY_VERIFY(desk.window.settled());
        QVERIFY(desk.window.list().rowCount() > 0);
        for (int row = 0; row < std::min(20, desk.window.list().rowCount()); ++row)
            QCOMPARE(desk.window.list().rowAt(row)->internal, std::string("361"));
    }

    void tanNeedsSixDigitsAndEnter()
    {
        Desk desk(*m_theme);
        desk.archive.setTan(990, "118204");
        QVERIFY(desk.ready());
        auto* tan = desk.window.findChild<QLineEdit*>(u"tan"_s);
        tan->setFocus();
        QTest::keyClicks(tan, u"11a8204"_s); // the letter is not taken
        QCOMPARE(tan->text(), u"118204"_s);
        QVERIFY(desk.window.filter().filter().tan.empty());
        QTest::keyClick(tan, Qt::Key_Return);
        QTRY_COMPARE(desk.window.list().rowCount(), 1);
        QTest::keyClick(tan, Qt::Key_Backspace);
        QTest::keyClick(tan, Qt::Key_Return);
        QTRY_COMPARE(desk.window.list().rowCount(), 1000);
        QVERIFY(tan->text().isEmpty());
    }

    void doubleClickPlaysThatRecording()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        QTest::mouseClick(desk.view().viewport(), Qt::LeftButton, {}, middleOf(desk.view(), 4));
        QTest::mouseDClick(desk.view().viewport(), Qt::LeftButton, {}, middleOf(desk.view(), 4));
        QTRY_COMPARE(desk.window.player().snapshot().state, PlayState::Playing);
        QCOMPARE(desk.window.player().uid(), desk.archive.rowNumber(995).uid);
        QTRY_VERIFY(desk.heard.loudest > 5000);
        QTRY_VERIFY(desk.window.player().snapshot().levels.peakDb[2] > -20.0F);
        QTRY_COMPARE(desk.window.list().integrityOf(desk.archive.rowNumber(995).uid),
                     std::optional(archive::Integrity::Original));
    }

    void aManipulatedRecordingIsAnAlarmWhereverItShows()
    {
        Desk desk(*m_theme);
        const std::string bad = desk.archive.rowNumber(999).uid;
        desk.archive.setIntegrity(bad, archive::Integrity::Manipulated);
        QVERIFY(desk.ready());
        emit desk.view().playRequested(bad);
        auto* notice = desk.window.findChild<QLabel*>(u"deckNotice"_s);
        const auto alarms = [&](const QString& words) {
            const QList<QLabel*> labels = desk.window.findChildren<QLabel*>();
            return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
                return label->isVisible() && label->property("tone") == u"alarm"_s &&
                       label->text().contains(words);
            });
        };
        QTRY_VERIFY(alarms(u"What you hear need not be what was said"_s));
        QTRY_VERIFY(alarms(u"Checked: this recording was changed"_s));
        emit desk.view().playRequested(desk.archive.rowNumber(998).uid); // another one is innocent
        QTRY_VERIFY(notice->text().isEmpty());
    }

    void choosingOthersNeverDropsTheCheckOfThePlayingOne()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        QTRY_VERIFY(desk.window.list().integrityOf(desk.archive.rowNumber(999).uid));
        const std::string bad = desk.archive.rowNumber(998).uid;
        desk.archive.setIntegrity(bad, archive::Integrity::Manipulated);
        desk.archive.setCheckTime(milliseconds(50));
        desk.view().selectRow(5); // its check runs, the others wait
        emit desk.view().playRequested(bad);
        desk.view().selectRow(6);
        desk.view().selectRow(7);
        QTRY_COMPARE(desk.window.list().integrityOf(bad), std::optional(archive::Integrity::Manipulated));
    }

    void namesAreNeverMarkup()
    {
        Desk desk(*m_theme);
        desk.archive.setExternalName("<img src=x><b>Bank</b> & Co");
        QVERIFY(desk.ready());
        emit desk.view().playRequested(desk.archive.rowNumber(999).uid);
        QTRY_COMPARE(desk.window.player().snapshot().state, PlayState::Playing);
        const QModelIndex external = desk.window.list().index(0, RecordingListModel::External);
        QTextDocument tip;
        tip.setHtml(external.data(Qt::ToolTipRole).toString());
        QVERIFY2(tip.toPlainText().endsWith(u"<img src=x><b>Bank</b> & Co"_s), qPrintable(tip.toPlainText()));
        const QList<QWidget*> widgets = desk.window.findChildren<QWidget*>();
        for (const QWidget* widget : widgets) {
            const auto* label = qobject_cast<const QLabel*>(widget);
            QVERIFY2(!label || label->textFormat() == Qt::PlainText || !label->text().contains(u'<'),
                     qPrintable(nameOf(*widget)));
            QVERIFY2(!widget->toolTip().contains(u"<b>"_s), qPrintable(widget->toolTip()));
        }
    }

    void playsToTheEndAndStops()
    {
        Desk desk(*m_theme);
        desk.archive.setAudioSeconds(2);
        QVERIFY(desk.ready());
        QSignalSpy finished(&desk.window.player(), &Player::finished);
        desk.view().setFocus();
        QTest::keyClick(&desk.view(), Qt::Key_Return);
        QTRY_COMPARE(finished.size(), 1);
        QCOMPARE(desk.window.player().snapshot().state, PlayState::Stopped);
        QCOMPARE(desk.window.player().snapshot().frame, std::uint64_t{16000});
    }

    void keysAloneFindPlaySeekAndPause()
    {
        Desk desk(*m_theme);
        desk.archive.setAudioSeconds(600);
        QVERIFY(desk.ready());
        desk.view().setFocus();
        QTest::keyClick(&desk.view(), Qt::Key_Down);
        QTest::keyClick(&desk.view(), Qt::Key_Down);
        QTest::keyClick(&desk.view(), Qt::Key_Return);
        Player& player = desk.window.player();
        QTRY_COMPARE(player.snapshot().state, PlayState::Playing);
        QCOMPARE(player.uid(), desk.archive.rowNumber(997).uid);
        QTest::keyClick(&desk.window, Qt::Key_Space);
        QTRY_COMPARE(player.snapshot().state, PlayState::Paused);
        const std::uint64_t before = player.snapshot().frame;
        QTest::keyClick(&desk.window, Qt::Key_Right, Qt::ControlModifier);
        QTRY_COMPARE(player.snapshot().frame, before + 5 * 8000);
        auto* wave = desk.window.findChild<WaveformView*>();
        wave->setFocus();
        QTest::keyClick(wave, Qt::Key_Home);
        QTRY_COMPARE(player.snapshot().frame, std::uint64_t{0});
        QTest::keyClick(&desk.window, Qt::Key_Down, Qt::ControlModifier);
        QTRY_COMPARE(player.uid(), desk.archive.rowNumber(996).uid);
        QTRY_COMPARE(desk.view().currentUid(), desk.archive.rowNumber(996).uid);
    }

    void tabReachesEveryControlAndEachHasAName()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        desk.view().setFocus();
        QSet<QWidget*> visited;
        for (int i = 0; i < 60; ++i) {
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            visited.insert(QApplication::focusWidget());
        }
        const QList<QWidget*> all = desk.window.findChildren<QWidget*>();
        for (QWidget* widget : all) {
            const bool control = qobject_cast<QAbstractButton*>(widget) || qobject_cast<QLineEdit*>(widget) ||
                                 qobject_cast<QComboBox*>(widget) || qobject_cast<QAbstractSlider*>(widget) ||
                                 qobject_cast<RecordingListView*>(widget);
            if (!control || qobject_cast<QScrollBar*>(widget) || !widget->isVisible())
                continue;
            auto* button = qobject_cast<QAbstractButton*>(widget);
            const bool named = !widget->accessibleName().isEmpty() || (button && !button->text().isEmpty());
            QVERIFY2(named, qPrintable(nameOf(*widget)));
            const bool segment = widget->property("segment").isValid() && button && !button->isChecked();
            if (widget->isEnabled() && !segment) // the arrow keys move inside a segmented choice
                QVERIFY2(visited.contains(widget), qPrintable(nameOf(*widget)));
        }
    }

    void focusIsSeenWhereverItIs()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        QTest::qWait(100); // chips that were on their way
        desk.view().setFocus();
        QSet<QWidget*> visited;
        for (int i = 0; i < 40; ++i) {
            QCoreApplication::processEvents();
            QWidget* from = QApplication::focusWidget();
            const QImage before = desk.window.grab().toImage();
            QTest::keyClick(from, Qt::Key_Tab);
            QCoreApplication::processEvents();
            QWidget* now = QApplication::focusWidget();
            if (now == &desk.view() || visited.contains(now))
                continue; // the list shows it by the bar of its current row
            visited.insert(now);
            const QRect place(now->mapTo(&desk.window, QPoint()) * before.devicePixelRatio(),
                              now->size() * before.devicePixelRatio());
            QVERIFY2(before.copy(place) != desk.window.grab().toImage().copy(place),
                     qPrintable(nameOf(*now)));
        }
        QVERIFY(visited.size() > 10);
    }

    void theSoundIsReachedInItsOrder()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        const QList<QSlider*> sliders = desk.window.findChildren<QSlider*>();
        QCOMPARE(sliders.size(), 3);
        QWidget* next = sliders.back()->nextInFocusChain();
        while (!(next->focusPolicy() & Qt::TabFocus))
            next = next->nextInFocusChain();
        QCOMPARE(qobject_cast<QPushButton*>(next)->text(), u"Full volume"_s);
    }

    void spaceKeepsItsMeaningOnAButton()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        auto* actual = desk.window.findChild<QPushButton*>(u"actual"_s);
        actual->setFocus();
        QTest::keyClick(actual, Qt::Key_Space);
        QVERIFY(!actual->isChecked());
        QCOMPARE(desk.window.player().snapshot().state, PlayState::Empty);
    }

    void aStillListWaitsForActual()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        auto* actual = desk.window.findChild<QPushButton*>(u"actual"_s);
        actual->click();
        desk.window.filter().setInternal(u"31"_s);
        QCOMPARE(desk.window.list().rowCount(), 1000);
        actual->click();
        QTRY_VERIFY(desk.window.list().rowCount() < 1000);
    }

    void theStateShowsInNarrowWindows_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<int>("width");
        for (const int width : {1240, 1100, 1024}) {
            QTest::addRow("English at %d", width) << u"en"_s << width;
            QTest::addRow("German at %d", width) << u"de"_s << width;
        }
    }
    void theStateShowsInNarrowWindows()
    {
        QFETCH(QString, language);
        QFETCH(int, width);
        QVERIFY(m_language->use(language));
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        desk.window.resize(width, 600);
        QTRY_COMPARE(desk.window.size(), QSize(width, 600));
        RecordingListView& view = desk.view();
        const auto right = [&view](int column) {
            return view.columnViewportPosition(column) + view.columnWidth(column);
        };
        QTRY_COMPARE(right(RecordingListModel::State), view.viewport()->width());
        QTRY_VERIFY(!view.horizontalScrollBar()->isVisible());
        QVERIFY(m_language->use(u"en"_s));
    }

    void theWindowFitsSmallScreensAndNeverGrows()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        QVERIFY2(desk.window.minimumSizeHint().height() <= 560, // a 600 px screen less the title bar
                 qPrintable(QString::number(desk.window.minimumSizeHint().height())));
        QVERIFY2(desk.window.minimumSizeHint().width() <= 1024,
                 qPrintable(QString::number(desk.window.minimumSizeHint().width())));
        desk.window.resize(1024, 560);
        QTRY_COMPARE(desk.window.size(), QSize(1024, 560));
        desk.window.filter().setInternal(u"31"_s);
        QTRY_VERIFY(desk.window.settled());
        QCoreApplication::processEvents();
        QCOMPARE(desk.window.size(), QSize(1024, 560));
        const auto* facts = desk.window.findChild<QScrollArea*>(u"details"_s);
        QTRY_VERIFY(!facts->horizontalScrollBar()->isVisible()); // not even the uid is cut
        for (const QLineEdit* edit : desk.window.findChildren<QLineEdit*>())
            QVERIFY(!edit->isVisible() || edit->height() >= edit->sizeHint().height());
        auto* tan =
            desk.window.findChild<QLineEdit*>(u"tan"_s); // the last field comes into view with its focus
        desk.window.findChild<QLineEdit*>(u"external"_s)->setFocus();
        for (int i = 0; i < 4 && !tan->hasFocus(); ++i)
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        QVERIFY(tan->hasFocus());
        QTRY_COMPARE(tan->visibleRegion().boundingRect(), tan->rect());
    }

    void factsAreCopiedAsTheyAre()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        auto* facts = desk.window.findChild<widgets::FactLabel*>();
        const QString uid = QString::fromStdString(desk.archive.rowNumber(999).uid);
        facts->setFocus();
        facts->setSelection(0, int(uid.size()) + 1);
        QTest::keyClick(facts, Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), uid);
    }

    void timesFitWithAndWithoutTheYear()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        const int start = desk.view().columnWidth(RecordingListModel::Start);
        desk.window.filter().setYear(0);
        QVERIFY(desk.view().columnWidth(RecordingListModel::Start) > start); // at once, and after the reset
        QTRY_VERIFY(desk.window.settled());
        const QFont font = desk.view().font();
        QVERIFY(desk.view().columnWidth(RecordingListModel::Start) >=
                int(widgets::tabularWidth(font, u"28/12/2028 00:00:00"_s)) + 16);
        desk.window.filter().setYear(2026);
        desk.window.filter().setMonth(11);
        QTRY_COMPARE(desk.view().columnWidth(RecordingListModel::Start), start);
    }

    void clearingFiltersWorksWhileTheListStandsStill()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        desk.window.filter().setInternal(u"99"_s);
        QTRY_VERIFY(shows(desk.window, u"No recording matches"_s));
        desk.window.findChild<QPushButton*>(u"actual"_s)->click();
        const QList<QPushButton*> buttons = desk.window.findChildren<QPushButton*>();
        for (QPushButton* button : buttons) {
            if (button->isVisible() && button->text() == u"Clear filters"_s) {
                button->click();
                break;
            }
        }
        QTRY_COMPARE(desk.window.list().rowCount(), 1000);
        QTRY_VERIFY(desk.view().isVisible());
    }

    void theFirstArrivalIsSelected()
    {
        Desk desk(*m_theme, 0);
        QVERIFY(desk.ready());
        desk.archive.addNewest();
        desk.window.list().refresh();
        QTRY_COMPARE(desk.view().currentUid(), desk.archive.rowNumber(0).uid);
        QTRY_VERIFY(shows(desk.window, u"1 of 1 recording"_s));
    }

    void aRecordingFromOutsideIsSelectedAndMarked()
    {
        Desk desk(*m_theme, 100'000); // older than the newest month
        const archive::RecordingRow old = desk.archive.rowNumber(20'000);
        desk.window.playAtStart(old.uid);
        desk.window.setArchive(&desk.archive, u"Control room"_s);
        QTRY_COMPARE(desk.window.player().snapshot().state, PlayState::Playing);
        QTRY_COMPARE(desk.view().currentUid(), old.uid);
        const QModelIndex start = desk.view().currentIndex().siblingAtColumn(RecordingListModel::Start);
        QVERIFY(start.row() > 200);
        QVERIFY(start.data(RecordingListModel::LoadedRole).toBool());
        QVERIFY(start.data(Qt::AccessibleTextRole).toString().endsWith(u"in the deck"_s));
        QVERIFY(desk.view().viewport()->rect().intersects(desk.view().visualRect(start)));
    }

    void newRecordingsKeepSelectionAndView()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        desk.view().selectRow(100);
        const std::string chosen = desk.view().currentUid();
        const int top = desk.view().rowAt(0);
        desk.archive.addNewest();
        desk.window.list().refresh();
        QTRY_COMPARE(desk.window.list().rowCount(), 1001);
        QCOMPARE(desk.view().currentUid(), chosen);
        QTRY_COMPARE(desk.view().rowAt(0), top + 1);
    }

    void anOlderCallThatComesLateMovesNobody()
    {
        Desk desk(*m_theme);
        desk.archive.holdBack(3); // far below everything in memory
        QVERIFY(desk.ready());
        desk.view().selectRow(700);
        QTRY_COMPARE(desk.view().currentUid(), desk.archive.rowNumber(299).uid);
        desk.view().verticalScrollBar()->setValue(desk.view().verticalScrollBar()->value() + 45);
        const int top = desk.view().rowAt(0);
        const int above = desk.view().rowViewportPosition(top);
        QSignalSpy chosen(&desk.view(), &RecordingListView::currentRecordingChanged);
        desk.archive.release();
        desk.window.list().refresh();
        QTRY_COMPARE(desk.window.list().rowCount(), 1000);
        QCOMPARE(desk.view().currentUid(), desk.archive.rowNumber(299).uid);
        QCOMPARE(desk.view().rowAt(0), top);
        QCOMPARE(desk.view().rowViewportPosition(top), above);
        QCOMPARE(chosen.size(), 0); // the details stay, too
    }

    void aCallThatComesInAboveKeepsSelectionAndView()
    {
        Desk desk(*m_theme);
        desk.archive.holdBack(500);
        QVERIFY(desk.ready());
        desk.view().selectRow(700);
        QTRY_COMPARE(desk.view().currentUid(), desk.archive.rowNumber(298).uid);
        const int top = desk.view().rowAt(0);
        desk.archive.release();
        desk.window.list().refresh();
        QTRY_COMPARE(desk.window.list().rowCount(), 1000);
        QCOMPARE(desk.view().currentUid(), desk.archive.rowNumber(298).uid);
        QCOMPARE(desk.view().currentIndex().row(), 701);
        QCOMPARE(desk.view().rowAt(0), top + 1);
    }

    void noDeviceIsSaidAndPlayIsOff()
    {
        Desk desk(*m_theme);
        desk.heard.device = false;
        QVERIFY(desk.ready());
        desk.window.probeSound();
        auto* notice = desk.window.findChild<QLabel*>(u"deckNotice"_s);
        QTRY_VERIFY(notice->text().contains(u"no sound output"_s));
        QTest::mouseClick(desk.view().viewport(), Qt::LeftButton, {}, middleOf(desk.view(), 0));
        QTest::mouseDClick(desk.view().viewport(), Qt::LeftButton, {}, middleOf(desk.view(), 0));
        QTRY_COMPARE(desk.window.player().snapshot().state, PlayState::Stopped); // loaded, waveform and all
        QVERIFY(!desk.playButton().isEnabled());
        desk.heard.device = true;
        desk.window.probeSound();
        QTRY_VERIFY(desk.playButton().isEnabled());
        QTest::mouseClick(&desk.playButton(), Qt::LeftButton);
        QTRY_COMPARE(desk.window.player().snapshot().state, PlayState::Playing);
        QTRY_VERIFY(notice->text().isEmpty());
    }

    void faultsAreSaidWhereTheActionWas_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("title");
        QTest::newRow("not an archive") << 0 << u"This folder is not an archive."_s;
        QTest::newRow("wrong key") << 1 << u"The key for these recordings is not on this machine."_s;
        QTest::newRow("no rights") << 2 << u"You have no permission to read this archive."_s;
    }
    void faultsAreSaidWhereTheActionWas()
    {
        QFETCH(int, kind);
        QFETCH(QString, title);
        const Error errors[] = {fail(archive::ArchiveErrc::NotAnArchive, "/x"),
                                fail(crypto::CryptoErrc::UnknownKey, "y"), fail(BaseErrc::Denied, "z")};
        MainWindow window(*m_theme, [] { return std::unique_ptr<AudioOutput>(); });
        window.showOpening(u"x"_s);
        window.showOpenFault(errors[kind]);
        window.show();
        bool said = false;
        bool retry = false;
        QCoreApplication::processEvents();
        for (const QLabel* label : window.findChildren<QLabel*>()) {
            said = said || (label->isVisible() && label->text() == title);
            if (label->isVisible() && label->wordWrap())
                QVERIFY2(label->height() >= label->heightForWidth(label->width()), qPrintable(label->text()));
        }
        for (const QPushButton* button : window.findChildren<QPushButton*>())
            retry = retry || (button->isVisible() && button->text() == u"Try again"_s);
        QVERIFY(said);
        QVERIFY(retry);
    }

    void emptyStatesSayWhatToDo()
    {
        Desk desk(*m_theme, 0);
        QVERIFY(desk.ready());
        QVERIFY(shows(desk.window, u"No recordings yet"_s));
        Desk full(*m_theme, 50);
        QVERIFY(full.ready());
        full.window.filter().setInternal(u"999"_s);
        QTRY_VERIFY(shows(full.window, u"No recording matches"_s));
    }

    void languageSwitchesWhileItRuns()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        QVERIFY(m_language->use(u"de"_s));
        QTRY_VERIFY(shows(desk.window, u"Interne Nummer"_s));
        QCOMPARE(desk.window.list().headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(), u"Intern"_s);
        QCOMPARE(desk.playButton().toolTip(), u"Wiedergabe (Leertaste)"_s); // Qt's words, too
        QVERIFY(m_language->use(u"en"_s));
        QTRY_VERIFY(shows(desk.window, u"Internal number"_s));
    }

    void themesChangeEveryColour()
    {
        Desk desk(*m_theme, 20);
        QVERIFY(desk.ready());
        QSet<QRgb> backgrounds;
        for (const auto mode :
             {widgets::ThemeMode::Light, widgets::ThemeMode::Dark, widgets::ThemeMode::HighContrast}) {
            m_theme->setMode(mode);
            QCoreApplication::processEvents();
            const QImage shot = desk.window.grab().toImage();
            const QRgb inFilters = shot.pixel(4, shot.height() / 2);
            QCOMPARE(QColor(inFilters).name(), m_theme->tokens().background.name());
            backgrounds.insert(inFilters);
        }
        m_theme->setMode(widgets::ThemeMode::Light);
        QCOMPARE(backgrounds.size(), 3);
    }

    void textHasContrast_data()
    {
        QTest::addColumn<int>("mode");
        QTest::newRow("light") << int(widgets::ThemeMode::Light);
        QTest::newRow("dark") << int(widgets::ThemeMode::Dark);
        QTest::newRow("high contrast") << int(widgets::ThemeMode::HighContrast);
    }
    void textHasContrast()
    {
        QFETCH(int, mode);
        const widgets::Tokens t = widgets::tokensOf(static_cast<widgets::ThemeMode>(mode));
        for (const QColor& ground : {t.background, t.card}) {
            for (const QColor& ink : {t.ink, t.muted, t.alarm})
                QVERIFY2(contrast(ink, ground) >= 4.5, qPrintable(ink.name() + u' ' + ground.name()));
        }
        QVERIFY(contrast(t.ink, t.selected) >= 4.5);
        QVERIFY(contrast(t.onAccent, t.accent) >= 4.5);
        for (const auto tone : {widgets::ChipTone::Quiet, widgets::ChipTone::Good, widgets::ChipTone::Alarm})
            QVERIFY(contrast(chipInk(tone, t, static_cast<widgets::ThemeMode>(mode)), t.selected) >= 4.5);
    }

    void hintsAndDisabledFieldsAreDrawnWithContrast_data() { textHasContrast_data(); }
    void hintsAndDisabledFieldsAreDrawnWithContrast()
    {
        QFETCH(int, mode);
        m_theme->setMode(widgets::ThemeMode::Dark); // whatever was before leaves nothing behind
        m_theme->setMode(static_cast<widgets::ThemeMode>(mode));
        {
            Desk desk(*m_theme);
            QVERIFY(desk.ready());
            desk.view().setFocus();
            auto* year = desk.window.findChild<QComboBox*>(u"year"_s);
            year->setCurrentIndex(0); // all: no month, no day
            emit year->activated(0);
            QCoreApplication::processEvents();
            for (const auto& name : {u"internal"_s, u"tan"_s, u"month"_s, u"day"_s}) {
                auto* field = desk.window.findChild<QWidget*>(name);
                const double drawn = strongest(*field);
                QVERIFY2(drawn >= 4.5, qPrintable(name + u' ' + QString::number(drawn)));
            }
            auto* disabled = desk.window.findChild<QComboBox*>(u"day"_s);
            QVERIFY(!disabled->isEnabled());
            QVERIFY(mode == int(widgets::ThemeMode::HighContrast) ||
                    year->grab().toImage().pixel(4, 14) != disabled->grab().toImage().pixel(4, 14));
        }
        m_theme->setMode(widgets::ThemeMode::Light);
    }

    void noTextIsCutAtAnyScale_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<qreal>("fontScale");
        QTest::newRow("English") << u"en"_s << 1.0;
        QTest::newRow("German") << u"de"_s << 1.0;
        QTest::newRow("English with larger letters") << u"en"_s << 1.15;
        QTest::newRow("German with larger letters") << u"de"_s << 1.15;
    }
    void noTextIsCutAtAnyScale()
    {
        QFETCH(QString, language);
        QFETCH(qreal, fontScale);
        const QFont usual = QApplication::font();
        QFont larger = usual;
        larger.setPointSizeF(usual.pointSizeF() * fontScale);
        QApplication::setFont(larger);
        QVERIFY(m_language->use(language));
        {
            Desk desk(*m_theme);
            QVERIFY(desk.ready());
            desk.window.filter().setInternal(u"31"_s); // shows the button that clears
            QTRY_VERIFY(desk.window.settled());
            const QList<QWidget*> widgets = desk.window.findChildren<QWidget*>();
            for (QWidget* widget : widgets) {
                const auto* label = qobject_cast<QLabel*>(widget);
                const auto* button = qobject_cast<QAbstractButton*>(widget);
                if (!widget->isVisible() || (!label && !button) ||
                    widget->objectName() == u"qt_toolbar_ext_button"_s)
                    continue;
                if (label && label->wordWrap())
                    QVERIFY2(widget->height() >= label->heightForWidth(widget->width()),
                             qPrintable(label->text()));
                else if (label && !label->text().endsWith(u'…'))
                    QVERIFY2(widget->width() >= label->sizeHint().width() ||
                                 widget->minimumWidth() == widget->maximumWidth(),
                             qPrintable(label->text()));
                else if (button && button->text().isEmpty()) // icons: the style asks for room for a text, too
                    QVERIFY2(widget->rect()
                                 .adjusted(2, 2, -2, -2)
                                 .contains(QRect(widget->rect().center() -
                                                     button->iconSize().width() / 2 * QPoint(1, 1),
                                                 button->iconSize())),
                             qPrintable(nameOf(*widget)));
                else if (button)
                    QVERIFY2(widget->width() >= widget->sizeHint().width() &&
                                 widget->height() >= widget->sizeHint().height(),
                             qPrintable(nameOf(*widget) + button->text()));
                QVERIFY2(desk.window.rect().contains(
                             QRect(widget->mapTo(&desk.window, QPoint()), widget->size())) ||
                             widget->window() != &desk.window || insideScroll(*widget),
                         qPrintable(nameOf(*widget)));
            }
        }
        QApplication::setFont(usual);
        QVERIFY(m_language->use(u"en"_s));
    }

    void germanIsComplete()
    {
        QFile catalogue(QStringLiteral(SR_SOURCE_DIR "/translations/sr_de.ts"));
        QVERIFY(catalogue.open(QIODevice::ReadOnly));
        const QString words = QString::fromUtf8(catalogue.readAll());
        QVERIFY(words.count(u"<source>"_s) > 100);
        QVERIFY(!words.contains(u"type=\"unfinished\""_s));
        QVERIFY(!words.contains(u"<translation></translation>"_s));
        QVERIFY(!words.contains(u"<numerusform></numerusform>"_s));
    }

private:
    static bool shows(MainWindow& window, const QString& text)
    {
        const QList<QLabel*> labels = window.findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(),
                           [&](const QLabel* label) { return label->isVisible() && label->text() == text; });
    }
    static bool insideScroll(const QWidget& widget)
    {
        for (const QWidget* up = widget.parentWidget(); up; up = up->parentWidget()) {
            if (up->inherits("QAbstractScrollArea"))
                return true;
        }
        return false;
    }
    /// Contrast of a field's text with its ground as drawn: four times as large, so that strokes are solid.
    static double strongest(QWidget& field)
    {
        QImage image(field.size() * 4, QImage::Format_RGB32);
        image.setDevicePixelRatio(4);
        image.fill(Qt::black);
        field.render(&image);
        const QColor ground = image.pixelColor(6 * 4, 4 * 4);
        double most = 1;
        for (int y = 7 * 4; y < image.height() - 7 * 4; ++y) {
            for (int x = 6 * 4; x < image.width() - 26 * 4; ++x) // neither frame nor arrow
                most = std::max(most, contrast(image.pixelColor(x, y), ground));
        }
        return most;
    }
    /// What the words of a chip on a selected row are drawn with.
    static QColor chipInk(widgets::ChipTone tone, const widgets::Tokens& tokens, widgets::ThemeMode mode)
    {
        widgets::Theme theme(*qApp);
        theme.setMode(mode);
        QImage image(200 * 4, 28 * 4, QImage::Format_RGB32);
        image.setDevicePixelRatio(4);
        image.fill(tokens.selected);
        QPainter painter(&image);
        const qreal width = widgets::drawChip(painter, QRectF(0, 0, 200, 27), u"HHHH"_s, tone, theme,
                                              QApplication::font(), widgets::ChipGround::Selected);
        painter.end();
        QColor most = tokens.selected;
        for (int x = 80; x < int(width) * 4 - 20; ++x) {
            const QColor here = image.pixelColor(x, image.height() / 2);
            if (contrast(here, tokens.selected) > contrast(most, tokens.selected))
                most = here;
        }
        theme.setMode(widgets::ThemeMode::Light);
        return most;
    }
    /// WCAG 2.1 contrast ratio.
    static double contrast(const QColor& a, const QColor& b)
    {
        const auto luminance = [](const QColor& color) {
            const auto linear = [](double c) {
                return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
            };
            return 0.2126 * linear(double(color.redF())) + 0.7152 * linear(double(color.greenF())) +
                   0.0722 * linear(double(color.blueF()));
        };
        const double high = std::max(luminance(a), luminance(b));
        const double low = std::min(luminance(a), luminance(b));
        return (high + 0.05) / (low + 0.05);
    }

    std::unique_ptr<widgets::Theme> m_theme;
    std::unique_ptr<Language> m_language;
};

QTEST_MAIN(TestPlayerWindow)
#include "tst_player_window.moc"
