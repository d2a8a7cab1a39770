// SPDX-License-Identifier: GPL-3.0-or-later
// Three strips: mute, whose volume, slider, value, meter below.
#include "player/ui/sound_panel.h"

#include "app/widgets/icon.h"
#include "app/widgets/level_meter.h"
#include "app/widgets/section_head.h"
#include "app/widgets/theme.h"
#include "player/model/format_text.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSlider>
#include <QToolButton>

namespace sr::player {

using namespace Qt::StringLiterals;

namespace {
constexpr int kNameWidth = 92; // eleven digits
}

SoundPanel::SoundPanel(Player& player, const widgets::Theme& theme, QWidget* parent)
    : QWidget(parent)
    , m_player(player)
    , m_theme(theme)
    , m_head(new widgets::SectionHead(this))
    , m_full(new QPushButton(this))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 12, 12, 12);
    column->setSpacing(4);
    auto* top = new QHBoxLayout;
    top->addWidget(m_head);
    top->addStretch();
    column->addLayout(top);
    for (std::size_t i = 0; i < m_strips.size(); ++i)
        buildStrip(i);
    setTabOrder(m_strips.back().volume, m_full); // it was made first, but stands last
    column->addSpacing(4);
    column->addWidget(m_full, 0, Qt::AlignLeft);
    column->addStretch();
    connect(m_full, &QPushButton::clicked, this, [this] {
        setVolumes({kFullVolume, kFullVolume, kFullVolume});
        for (Strip& strip : m_strips)
            strip.mute->setChecked(false);
    });
    connect(&player, &Player::snapshotChanged, this, [this](const PlaySnapshot& snapshot) {
        if (m_layout != snapshot.layout) {
            m_layout = snapshot.layout;
            for (std::size_t i = 0; i < m_strips.size(); ++i)
                applyStrip(i);
            retranslate();
        }
        for (std::size_t i = 0; i < m_strips.size(); ++i)
            m_strips[i].meter->setLevel(snapshot.levels.db[i], snapshot.levels.peakDb[i], kMeterFloorDb);
    });
    connect(&theme, &widgets::Theme::changed, this, &SoundPanel::paintIcons);
    paintIcons();
    retranslate();
}

void SoundPanel::buildStrip(std::size_t index)
{
    Strip& strip = m_strips[index];
    strip.mute = new QToolButton(this);
    strip.mute->setCheckable(true);
    strip.mute->setFocusPolicy(Qt::StrongFocus);
    strip.mute->setIconSize({16, 16});
    strip.name = new QLabel(this);
    strip.name->setFixedWidth(kNameWidth);
    strip.name->setTextFormat(Qt::PlainText);
    strip.volume = new QSlider(Qt::Horizontal, this);
    strip.volume->setRange(0, kFullVolume);
    strip.volume->setPageStep(10);
    strip.volume->setValue(kFullVolume);
    strip.value = new QLabel(this);
    strip.value->setProperty("tone", u"muted"_s);
    strip.value->setMinimumWidth(fontMetrics().horizontalAdvance(u"100"_s) + 2);
    strip.value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    strip.meter = new widgets::LevelMeter(m_theme, this);

    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(strip.mute);
    row->addWidget(strip.name);
    row->addWidget(strip.volume, 1);
    row->addWidget(strip.value);
    auto* column = qobject_cast<QVBoxLayout*>(layout());
    column->addLayout(row);
    column->addWidget(strip.meter);
    column->addSpacing(4);
    connect(strip.volume, &QSlider::valueChanged, this, [this, index] { applyStrip(index); });
    connect(strip.mute, &QToolButton::toggled, this, [this, index] {
        applyStrip(index);
        paintIcons();
    });
    applyStrip(index);
}

void SoundPanel::applyStrip(std::size_t index)
{
    const Strip& strip = m_strips[index];
    strip.value->setText(QString::number(strip.volume->value()));
    strip.name->setEnabled(isThere(index));
    strip.mute->setEnabled(isThere(index));
    strip.volume->setEnabled(isThere(index) && !strip.mute->isChecked());
    MixControls& controls = m_player.controls();
    if (index == kOverall) {
        controls.setOverall(strip.volume->value());
        controls.setOverallMuted(strip.mute->isChecked());
    } else {
        controls.setVolume(index, strip.volume->value());
        controls.setMuted(index, strip.mute->isChecked());
    }
}

bool SoundPanel::isThere(std::size_t index) const
{
    using archive::ChannelLayout;
    return !(index == 0 && m_layout == ChannelLayout::ExternalOnly) &&
           !(index == 1 && m_layout == ChannelLayout::InternalOnly);
}

std::array<int, 3> SoundPanel::volumes() const
{
    return {m_strips[0].volume->value(), m_strips[1].volume->value(), m_strips[2].volume->value()};
}

void SoundPanel::setVolumes(const std::array<int, 3>& percent)
{
    for (std::size_t i = 0; i < percent.size(); ++i)
        m_strips[i].volume->setValue(percent[i]);
}

void SoundPanel::setRecording(const std::optional<archive::RecordingRow>& row)
{
    m_row = row;
    retranslate();
}

void SoundPanel::paintIcons()
{
    const widgets::Tokens& colors = m_theme.tokens();
    for (const Strip& strip : m_strips) {
        const bool off = strip.mute->isChecked();
        strip.mute->setIcon(widgets::tintedIcon(off ? u"sound-off"_s : u"sound-on"_s,
                                                off ? colors.onAccent : colors.muted, colors.muted));
    }
}

void SoundPanel::retranslate()
{
    m_head->setText(tr("Sound"));
    const std::array<QString, 3> names{m_row ? text(m_row->internal) : tr("Internal"),
                                       m_row ? text(m_row->external) : tr("External"), tr("All")};
    for (std::size_t i = 0; i < names.size(); ++i) {
        const Strip& strip = m_strips[i];
        strip.name->setText(fontMetrics().elidedText(names[i], Qt::ElideRight, kNameWidth));
        const QString absent = tr("%1 is not in this recording").arg(names[i]);
        strip.name->setToolTip(plainTip(isThere(i) ? names[i] : absent));
        strip.volume->setToolTip(isThere(i) ? QString() : plainTip(absent));
        strip.volume->setAccessibleName(tr("Volume of %1").arg(names[i]));
        strip.mute->setAccessibleName(tr("Mute %1").arg(names[i]));
        strip.mute->setToolTip(plainTip(tr("Mute %1").arg(names[i])));
        strip.meter->setAccessibleName(tr("Level of %1").arg(names[i]));
    }
    m_full->setText(tr("Full volume"));
    m_full->setToolTip(tr("All volumes to 100, nothing muted"));
}

void SoundPanel::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

} // namespace sr::player
