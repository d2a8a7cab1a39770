// SPDX-License-Identifier: GPL-3.0-or-later
// The player's window as a person uses it: typing, double click, keys alone, languages, faults.
#include "app/widgets/empty_state.h"
#include "app/widgets/fact_label.h"
#include "player/ui/details_panel.h"
#include "player/ui/language.h"
#include "player/ui/waveform_view.h"
#include "tests/gui/player_desk.h"

#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QTextDocument>

using namespace sr;
using namespace sr::player;
using namespace Qt::StringLiterals;
using test::Desk;
using test::middleOf;
using test::nameOf;

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

    void factsAreCopiedAsTheyAre()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        auto* facts = desk.window.findChild<DetailsPanel*>()->findChild<widgets::FactLabel*>();
        const QString uid = QString::fromStdString(desk.archive.rowNumber(999).uid);
        facts->setFocus();
        facts->setSelection(0, int(uid.size()) + 1);
        QTest::keyClick(facts, Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), uid);
    }

    void adviceIsCopiedAsItIsTyped()
    {
        widgets::EmptyState empty(*m_theme);
        const QString advice = u"Start it with --config DIR"_s;
        empty.present(u"search"_s, u"Nothing here"_s, advice, {});
        auto* label = empty.findChild<widgets::FactLabel*>();
        QVERIFY(label->text() != advice); // whole in a line
        label->setSelection(0, int(label->text().size()));
        label->copy();
        QCOMPARE(QGuiApplication::clipboard()->text(), advice);
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

private:
    static bool shows(MainWindow& window, const QString& text)
    {
        const QList<QLabel*> labels = window.findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(),
                           [&](const QLabel* label) { return label->isVisible() && label->text() == text; });
    }
    std::unique_ptr<widgets::Theme> m_theme;
    std::unique_ptr<Language> m_language;
};

QTEST_MAIN(TestPlayerWindow)
#include "tst_player_window.moc"
