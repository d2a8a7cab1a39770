// SPDX-License-Identifier: GPL-3.0-or-later
// Placement and wiring of the player's window.
#include "player/ui/main_window.h"

#include "app/widgets/empty_state.h"
#include "app/widgets/icon.h"
#include "app/widgets/theme.h"
#include "player/model/format_text.h"
#include "player/ui/deck.h"
#include "player/ui/details_panel.h"
#include "player/ui/fault_text.h"
#include "player/ui/filter_panel.h"
#include "player/ui/main_page.h"
#include "player/ui/play_controller.h"
#include "player/ui/recording_list_view.h"
#include "player/ui/sound_panel.h"
#include "player/ui/status_line.h"
#include "player/ui/top_bar.h"
#include "player/ui/transport_bar.h"

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QEvent>
#include <QKeyEvent>
#include <QScreen>
#include <QShortcut>
#include <QStackedWidget>

namespace sr::player {

using namespace Qt::StringLiterals;

namespace {

constexpr int kRefreshEvery = 3000; // [ms] chosen: others' recordings show within a breath
constexpr QSize kWindow{1240, 740};
constexpr QSize kFrame{16, 48}; // chosen: more than title bar and borders take

} // namespace

MainWindow::MainWindow(widgets::Theme& theme, AudioOutputFactory output, QWidget* parent)
    : QMainWindow(parent)
    , m_theme(theme)
    , m_player(std::move(output))
    , m_controller(new PlayController(m_player, m_list, m_inspector, this))
{
    build();
    wireList();
    wireDeck();
    m_refresh.setInterval(kRefreshEvery);
    connect(&m_refresh, &QTimer::timeout, this, [this] {
        if (m_top->live())
            m_list.refresh();
    });
    qApp->installEventFilter(this);
    retranslate();
    resize(kWindow.boundedTo(screen()->availableSize() - kFrame));
    showListState();
}

MainWindow::~MainWindow()
{
    qApp->removeEventFilter(this);
    setArchive(nullptr, {});
}

void MainWindow::build()
{
    m_top = new TopBar(m_theme, this);
    m_filters = new FilterPanel(m_filter, this);
    m_view = new RecordingListView(m_list, m_theme, this);
    m_empty = new widgets::EmptyState(m_theme, this);
    m_details = new DetailsPanel(m_theme, this);
    m_deck = new Deck(m_player, m_theme, this);
    m_sound = new SoundPanel(m_player, m_theme, this);
    m_status = new StatusLine(m_theme, this);
    m_stack = new QStackedWidget(this);
    m_stack->addWidget(m_view);
    m_stack->addWidget(m_empty);
    setCentralWidget(new MainPage({m_top, m_filters, m_stack, m_details, m_deck, m_sound, m_status}, this));
    setWindowIcon(widgets::tintedIcon(u"app"_s, m_theme.tokens().accent, m_theme.tokens().muted));
}

void MainWindow::wireList()
{
    connect(&m_filter, &FilterState::changed, this, [this] {
        m_top->setOldestFirst(m_filter.filter().oldestFirst);
        if (m_top->live()) // else all together when "Actual" is on again (reference, Source)
            applyFilter();
    });
    connect(m_filters, &FilterPanel::cleared, this, &MainWindow::applyFilter); // even then: else a dead end
    connect(&m_list, &RecordingListModel::stateChanged, this, &MainWindow::showListState);
    connect(&m_list, &RecordingListModel::monthsChanged, this,
            [this] { m_filters->setMonths(m_list.months()); });
    const auto counts = [this] {
        if (!m_list.countKnown())
            return;
        m_filters->setCounts(static_cast<quint64>(m_list.rowCount()), m_list.total());
    };
    connect(&m_list, &RecordingListModel::totalChanged, this, counts);
    connect(&m_list, &QAbstractItemModel::modelReset, this, counts);
    connect(&m_list, &QAbstractItemModel::rowsInserted, this, [this, counts] {
        counts();
        if (m_stack->currentWidget() != m_view)
            showListState();
    });
    connect(m_view, &RecordingListView::currentRecordingChanged, this, &MainWindow::showSelected);
    connect(m_view, &RecordingListView::playRequested, this, [this](const std::string& uid) {
        if (const archive::RecordingRow* row = m_list.rowAt(m_list.rowOf(uid)))
            m_controller->load(archive::RecordingRow(*row), true);
    });
    connect(m_view, &RecordingListView::orderToggled, this,
            [this] { m_filter.setOldestFirst(!m_filter.filter().oldestFirst); });
    connect(m_top, &TopBar::orderChosen, &m_filter, &FilterState::setOldestFirst);
    connect(m_top, &TopBar::languageChosen, this, &MainWindow::languageChosen);
    connect(m_top, &TopBar::liveChanged, this, [this](bool live) {
        if (live) {
            applyFilter();
            m_list.refresh();
        }
        showStatus();
    });
    connect(&m_inspector, &Inspector::detailsReady, this, [this](const archive::Recording& recording) {
        m_detailsPending = false;
        m_details->showDetails(recording);
    });
    connect(&m_inspector, &Inspector::detailsFailed, this, [this](const std::string&, const Error& error) {
        m_detailsPending = false;
        m_details->showFault(error);
    });
    connect(&m_inspector, &Inspector::integrityKnown, this,
            [this](const std::string& uid, archive::Integrity integrity) {
                m_list.setIntegrity(uid, integrity);
                if (uid == m_selectedUid)
                    m_details->setIntegrity(integrity);
            });
    connect(&m_inspector, &Inspector::formatsKnown, m_filters, &FilterPanel::setFormats);
    connect(&m_inspector, &Inspector::spaceKnown, this, [this](quint64 bytes) {
        m_freeBytes = bytes;
        m_status->setArchive(m_archiveName, m_freeBytes);
    });
    connect(m_empty, &widgets::EmptyState::actionTriggered, this, [this] {
        if (m_openFault)
            emit retryRequested();
        else if (m_list.state() == ListState::Failed)
            m_list.refresh();
        else
            m_filters->clearAll();
    });
}

void MainWindow::wireDeck()
{
    connect(m_controller, &PlayController::rowChanged, this, [this] {
        m_deck->setRecording(m_controller->row());
        m_sound->setRecording(m_controller->row());
    });
    connect(m_controller, &PlayController::neighboursChanged, this, [this] {
        m_deck->transport().setNeighbours(m_controller->hasPrevious(), m_controller->hasNext());
    });
    connect(m_controller, &PlayController::integrityChanged, m_deck, &Deck::setIntegrity);
    connect(m_controller, &PlayController::peaksChanged, m_deck, &Deck::setPeaks);
    connect(m_controller, &PlayController::stepped, m_view, &RecordingListView::selectRow);
    connect(&m_deck->transport(), &TransportBar::previousRequested, m_controller, &PlayController::previous);
    connect(&m_deck->transport(), &TransportBar::nextRequested, m_controller, &PlayController::next);
    connect(&m_player, &Player::failed, m_deck, [this](const Error& error) { m_deck->setFault(error); });
    connect(&m_player, &Player::loaded, this, &MainWindow::playable);
    auto* find = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_F), this);
    connect(find, &QShortcut::activated, m_filters, &FilterPanel::focusFirst);
}

void MainWindow::showOpening(const QString& name)
{
    m_archiveName = name;
    m_opening = true;
    m_openFault.reset();
    m_top->setArchiveName(name);
    showListState();
}

void MainWindow::showOpenFault(const Error& error)
{
    m_opening = false;
    m_openFault = error;
    showListState();
}

void MainWindow::setArchive(archive::Archive* archive, const QString& name)
{
    m_refresh.stop();
    m_controller->setArchive(nullptr);
    m_inspector.setArchive(nullptr);
    m_list.setArchive(nullptr);
    m_player.unload();
    m_archive = archive;
    m_archiveName = name;
    m_opening = false;
    m_openFault.reset();
    m_top->setArchiveName(name);
    if (m_archive) {
        m_inspector.setArchive(m_archive);
        m_controller->setArchive(m_archive);
        m_list.setFilter(m_filter.filter());
        m_list.setArchive(m_archive);
        m_inspector.measureSpace();
        m_inspector.countFormats(m_filter.filter().year, m_filter.filter().month);
        m_refresh.start();
        if (!m_startUid.empty())
            playFromOutside(m_startUid);
    }
    m_status->setArchive(m_archiveName, {});
    showListState();
}

void MainWindow::applyFilter()
{
    m_list.setFilter(m_filter.filter());
    m_inspector.countFormats(m_filter.filter().year, m_filter.filter().month);
}

void MainWindow::showStatus()
{
    using Doing = StatusLine::Doing;
    if (m_opening)
        m_status->setDoing(Doing::Opening);
    else if (m_openFault || m_list.state() == ListState::Failed)
        m_status->setDoing(Doing::Failed);
    else if (m_list.state() == ListState::NoArchive)
        m_status->setDoing(Doing::NoArchive);
    else if (m_list.state() == ListState::Loading)
        m_status->setDoing(Doing::Loading);
    else
        m_status->setDoing(m_top->live() ? Doing::Live : Doing::Still);
}

void MainWindow::showListState()
{
    showStatus();
    m_filters->setEnabled(m_archive != nullptr);
    QWidget* page = m_empty;
    if (m_opening) {
        m_empty->present(u"list"_s, tr("Opening the archive"),
                         tr("The list appears as soon as the archive is read."));
    } else if (m_openFault) {
        const FaultText words = faultText(*m_openFault);
        m_empty->present(u"warning"_s, words.title, words.advice, tr("Try again"));
    } else if (m_list.state() == ListState::NoArchive) {
        m_empty->present(u"list"_s, tr("No archive is open"),
                         tr("Start the player with a folder: switchroom-player --archive DIR"));
    } else if (m_list.state() == ListState::Failed && m_list.error()) {
        const FaultText words = faultText(*m_list.error());
        m_empty->present(u"warning"_s, words.title, words.advice, tr("Try again"));
    } else if (m_list.state() == ListState::Ready && m_list.rowCount() == 0) {
        if (FilterState::narrowed(m_list.filter()))
            m_empty->present(u"search"_s, tr("No recording matches"),
                             tr("Nothing in this period fits all filters on the left."), tr("Clear filters"));
        else
            m_empty->present(u"list"_s, tr("No recordings yet"),
                             tr("Import a capture with “switchroomctl import”; it appears here by itself."));
    } else {
        page = m_view;
    }
    m_stack->setCurrentWidget(page);
}

void MainWindow::showSelected(const std::string& uid)
{
    m_selectedUid = uid;
    const int row = uid.empty() ? -1 : m_list.rowOf(uid);
    const archive::RecordingRow* found = row < 0 ? nullptr : m_list.rowAt(row);
    if (!found) {
        m_details->showNothing();
        return;
    }
    const archive::RecordingRow copy = *found;
    m_details->showRow(copy);
    if (copy.hasSidecar) {
        m_detailsPending = true;
        m_inspector.showDetails(uid);
    }
    if (const auto known = m_list.integrityOf(uid))
        m_details->setIntegrity(known);
    else
        m_inspector.checkIntegrity(uid, CheckFor::Selected);
}

void MainWindow::playFromOutside(const std::string& uid)
{
    m_inspector.findRow(uid, [this](const Result<archive::RecordingRow>& found) {
        if (!found) {
            m_deck->setFault(found.error());
            return;
        }
        m_controller->load(*found, true);
        const QDate day = archiveTime(found->start, found->utcOffsetMinutes).date();
        m_filters->chooseMonth(day.year(), day.month());
        m_list.seek(*found);
    });
}

bool MainWindow::settled() const
{
    if (m_openFault)
        return true;
    if (m_opening || m_list.state() == ListState::Loading || !m_list.countKnown() || m_list.seeking() ||
        m_detailsPending)
        return false;
    return m_startUid.empty() || m_deck->waveformComplete() || m_deck->hasFault();
}

std::array<int, 3> MainWindow::volumes() const
{
    return m_sound->volumes();
}

void MainWindow::setVolumes(const std::array<int, 3>& percent)
{
    m_sound->setVolumes(percent);
}

void MainWindow::setLanguage(const QString& code)
{
    m_top->setLanguage(code);
    m_list.setLocale(locale());
}

void MainWindow::retranslate()
{
    setWindowTitle(tr("Switchroom Player"));
    m_view->setAccessibleName(tr("Recordings"));
    m_list.setLocale(locale());
    showListState();
}

void MainWindow::changeEvent(QEvent* event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::LanguageChange || event->type() == QEvent::LocaleChange)
        retranslate();
}

bool MainWindow::eventFilter(QObject* watched, QEvent* event)
{
    // Space plays from anywhere, but a button or list box that has the focus keeps its own Space.
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space &&
        (qobject_cast<QAbstractButton*>(watched) || qobject_cast<QComboBox*>(watched)))
        event->accept();
    return QMainWindow::eventFilter(watched, event);
}

} // namespace sr::player
