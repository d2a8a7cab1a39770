// SPDX-License-Identifier: GPL-3.0-or-later
// Layout of the deck and the arithmetic of its counters.
#include "player/ui/deck.h"

#include "app/widgets/notice.h"
#include "app/widgets/tabular_text.h"
#include "player/model/format_text.h"
#include "player/ui/transport_bar.h"
#include "player/ui/waveform_view.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>

#include <algorithm>

namespace sr::player {

using namespace Qt::StringLiterals;
using widgets::CounterLabel;

namespace {

std::int64_t millisecondsOf(std::uint64_t frames, std::uint32_t rate)
{
    return rate == 0 ? 0 : static_cast<std::int64_t>(frames * 1000 / rate);
}

QLabel* mutedLabel(QWidget* parent)
{
    auto* label = new QLabel(parent);
    label->setProperty("tone", u"muted"_s);
    return label;
}

} // namespace

Deck::Deck(Player& player, const widgets::Theme& theme, QWidget* parent)
    : QWidget(parent)
    , m_player(player)
    , m_clock(new CounterLabel(22.0 / 13.0, QFont::DemiBold, this))
    , m_elapsed(new CounterLabel(16.0 / 13.0, QFont::DemiBold, this))
    , m_left(new CounterLabel(16.0 / 13.0, QFont::DemiBold, this))
    , m_clockName(mutedLabel(this))
    , m_elapsedName(mutedLabel(this))
    , m_leftName(mutedLabel(this))
    , m_span(mutedLabel(this))
    , m_waveform(new WaveformView(theme, this))
    , m_transport(new TransportBar(theme, this))
    , m_notice(new widgets::Notice(theme, this))
{
    auto* counters = new QHBoxLayout;
    counters->setSpacing(12);
    for (QWidget* part : {static_cast<QWidget*>(m_clock), static_cast<QWidget*>(m_clockName),
                          static_cast<QWidget*>(m_elapsed), static_cast<QWidget*>(m_elapsedName),
                          static_cast<QWidget*>(m_left), static_cast<QWidget*>(m_leftName)})
        counters->addWidget(part, 0, Qt::AlignBottom);
    counters->addStretch();
    counters->addWidget(m_span, 0, Qt::AlignBottom);

    m_notice->label().setObjectName(u"deckNotice"_s);
    auto* keys = new QHBoxLayout;
    keys->setSpacing(16);
    keys->addWidget(m_transport);
    keys->addWidget(m_notice, 1, Qt::AlignVCenter);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 12, 12, 12);
    column->setSpacing(8);
    column->addLayout(counters);
    column->addWidget(m_waveform, 1);
    column->addLayout(keys);

    connect(&player, &Player::snapshotChanged, this, &Deck::take);
    connect(&player, &Player::deviceChanged, this, [this] {
        showNotice();
        m_transport->setState(m_player.snapshot().state, m_player.hasDevice());
    });
    connect(m_waveform, &WaveformView::seekRequested, this, [this](qint64 ms) {
        m_player.seek(static_cast<std::uint64_t>(ms) * m_player.snapshot().sampleRate / 1000);
    });
    connect(m_transport, &TransportBar::playToggled, &player, &Player::togglePlay);
    connect(m_transport, &TransportBar::stopped, &player, &Player::stop);
    connect(m_transport, &TransportBar::skipped, &player,
            [this](int ms) { m_player.skip(milliseconds(ms)); });
    retranslate();
}

void Deck::setRecording(const std::optional<archive::RecordingRow>& row)
{
    m_row = row;
    m_fault.reset();
    m_integrity.reset();
    showCounters();
    showNotice();
}

void Deck::setPeaks(const PeaksPtr& peaks)
{
    m_complete = peaks && peaks->complete;
    m_waveform->setPeaks(peaks);
}

void Deck::setFault(const std::optional<Error>& error)
{
    m_fault = error;
    m_faultMoment =
        m_player.snapshot().state == PlayState::Empty ? FaultMoment::Opening : FaultMoment::Playing;
    showNotice();
}

void Deck::setIntegrity(std::optional<archive::Integrity> integrity)
{
    m_integrity = integrity;
    showNotice();
}

void Deck::take(const PlaySnapshot& snapshot)
{
    m_transport->setState(snapshot.state, m_player.hasDevice());
    m_waveform->setDuration(millisecondsOf(snapshot.frames, snapshot.sampleRate));
    m_waveform->setPosition(millisecondsOf(snapshot.frame, snapshot.sampleRate));
    if (m_fault && snapshot.state == PlayState::Playing && m_shown != PlayState::Playing)
        setFault({}); // played again, not merely played on
    m_shown = snapshot.state;
    showCounters();
}

void Deck::showCounters()
{
    const PlaySnapshot& now = m_player.snapshot();
    const std::int64_t at = millisecondsOf(now.frame, now.sampleRate);
    const std::int64_t length = now.frames > 0 ? millisecondsOf(now.frames, now.sampleRate)
                                               : static_cast<std::int64_t>(m_row ? m_row->durationMs : 0);
    const bool known = m_row.has_value();
    m_clock->setText(known ? clockText(m_row->start + milliseconds(at), m_row->utcOffsetMinutes) : u"–"_s);
    m_elapsed->setText(tenthsText(at));
    m_left->setText(tenthsText(-std::max<std::int64_t>(0, length - at)));
    if (!known) {
        m_span->clear();
        return;
    }
    const QDateTime start = archiveTime(m_row->start, m_row->utcOffsetMinutes);
    const QDateTime end = start.addMSecs(length);
    m_span->setText(u"%1  %2 – %3"_s.arg(dateText(start.date(), locale()),
                                         start.time().toString("HH:mm:ss"_L1),
                                         end.time().toString("HH:mm:ss"_L1)));
}

void Deck::showNotice()
{
    QStringList lines;
    if (m_integrity == archive::Integrity::Manipulated && !(m_fault && tellsOfChange(*m_fault)))
        lines << tr("This recording was changed after it was made. What you hear need not be what was said.");
    std::optional<Error> fault = m_fault;
    if (!fault && !m_player.hasDevice())
        fault = fail(PlayErrc::NoDevice, {});
    if (fault) {
        const FaultText words = faultText(*fault, m_faultMoment);
        lines << words.title + u' ' + words.advice;
    }
    m_notice->setText(lines.join(u'\n'));
}

void Deck::retranslate()
{
    m_clockName->setText(tr("time of day"));
    m_elapsedName->setText(tr("elapsed"));
    m_leftName->setText(tr("left"));
    m_waveform->setAccessibleName(tr("Position in the recording"));
    m_waveform->setHint(tr("Double-click a recording, or press Enter on it, to play it."));
    m_waveform->setToolTip(tr("Click or drag to go there (arrow keys: 5 seconds)"));
    showCounters();
    showNotice();
}

void Deck::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange || event->type() == QEvent::LocaleChange)
        retranslate();
}

} // namespace sr::player
