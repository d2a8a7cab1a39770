// SPDX-License-Identifier: GPL-3.0-or-later
// Six buttons; holding back or forward keeps winding.
#include "player/ui/transport_bar.h"

#include "app/widgets/icon.h"
#include "app/widgets/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QShortcut>
#include <QToolButton>

namespace sr::player {

using namespace Qt::StringLiterals;

namespace {
constexpr int kSkip = 5000;        // [ms]
constexpr int kWindInterval = 250; // [ms] while held: twenty times the speed of the call
} // namespace

TransportBar::TransportBar(const widgets::Theme& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    for (QToolButton*& button : m_buttons) {
        button = new QToolButton(this);
        button->setFocusPolicy(Qt::StrongFocus);
        button->setIconSize({18, 18});
        row->addWidget(button);
    }
    m_buttons[Play]->setObjectName(u"play"_s);
    m_buttons[Play]->setIconSize({22, 22});
    for (const Button winding : {Back, Forward}) {
        m_buttons[winding]->setAutoRepeat(true);
        m_buttons[winding]->setAutoRepeatInterval(kWindInterval);
    }
    addKey(Previous, Qt::CTRL | Qt::Key_Up);
    addKey(Back, Qt::CTRL | Qt::Key_Left);
    addKey(Play, Qt::Key_Space);
    addKey(Forward, Qt::CTRL | Qt::Key_Right);
    addKey(Next, Qt::CTRL | Qt::Key_Down);
    addKey(Stop, Qt::CTRL | Qt::Key_Period);
    connect(m_buttons[Previous], &QToolButton::clicked, this, &TransportBar::previousRequested);
    connect(m_buttons[Back], &QToolButton::clicked, this, [this] { emit skipped(-kSkip); });
    connect(m_buttons[Play], &QToolButton::clicked, this, &TransportBar::playToggled);
    connect(m_buttons[Forward], &QToolButton::clicked, this, [this] { emit skipped(kSkip); });
    connect(m_buttons[Next], &QToolButton::clicked, this, &TransportBar::nextRequested);
    connect(m_buttons[Stop], &QToolButton::clicked, this, &TransportBar::stopped);
    connect(&theme, &widgets::Theme::changed, this, &TransportBar::paintIcons);
    paintIcons();
    retranslate();
    setState(PlayState::Empty, true);
    setNeighbours(false, false);
}

void TransportBar::addKey(Button button, const QKeySequence& key)
{
    m_keys[button] = new QShortcut(key, this);
    m_keys[button]->setContext(Qt::WindowShortcut);
    connect(m_keys[button], &QShortcut::activated, this, [this, button] {
        if (m_buttons[button]->isEnabled())
            emit m_buttons[button]->clicked();
    });
}

void TransportBar::setState(PlayState state, bool hasDevice)
{
    const bool wasPlaying = m_state == PlayState::Playing;
    m_state = state;
    const bool loaded = state != PlayState::Empty && state != PlayState::Loading;
    m_buttons[Play]->setEnabled(loaded && hasDevice);
    m_buttons[Back]->setEnabled(loaded);
    m_buttons[Forward]->setEnabled(loaded);
    m_buttons[Stop]->setEnabled(loaded);
    if (wasPlaying != (state == PlayState::Playing)) {
        paintIcons();
        retranslate();
    }
}

void TransportBar::setNeighbours(bool previous, bool next)
{
    m_buttons[Previous]->setEnabled(previous);
    m_buttons[Next]->setEnabled(next);
}

void TransportBar::paintIcons()
{
    const widgets::Tokens& colors = m_theme.tokens();
    const auto set = [&](Button button, const QString& name, const QColor& color, const QColor& disabled) {
        m_buttons[button]->setIcon(widgets::tintedIcon(name, color, disabled));
    };
    QColor off = colors.muted;
    off.setAlphaF(0.45F);
    set(Previous, u"previous"_s, colors.ink, off);
    set(Back, u"back"_s, colors.ink, off);
    set(Play, m_state == PlayState::Playing ? u"pause"_s : u"play"_s, colors.onAccent, colors.muted);
    set(Forward, u"forward"_s, colors.ink, off);
    set(Next, u"next"_s, colors.ink, off);
    set(Stop, u"stop"_s, colors.ink, off);
}

void TransportBar::retranslate()
{
    const std::array<QString, ButtonCount> names{tr("Previous recording"),
                                                 tr("Back 5 seconds"),
                                                 m_state == PlayState::Playing ? tr("Pause") : tr("Play"),
                                                 tr("Forward 5 seconds"),
                                                 tr("Next recording"),
                                                 tr("Stop")};
    for (std::size_t i = 0; i < names.size(); ++i) {
        m_buttons[i]->setAccessibleName(names[i]);
        m_buttons[i]->setToolTip(
            u"%1 (%2)"_s.arg(names[i], m_keys[i]->key().toString(QKeySequence::NativeText)));
    }
}

void TransportBar::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

} // namespace sr::player
