// SPDX-License-Identifier: GPL-3.0-or-later
// Layout of the window.
#include "player/ui/main_page.h"

#include <QEvent>
#include <QFrame>
#include <QHBoxLayout>

#include <algorithm>

namespace sr::player {

using namespace Qt::StringLiterals;

namespace {

constexpr int kSoundWidth = 270;

QFrame* hairline(Qt::Orientation direction, QWidget* parent)
{
    auto* line = new QFrame(parent);
    line->setProperty("hairline", true);
    if (direction == Qt::Horizontal)
        line->setFixedHeight(1);
    else
        line->setFixedWidth(1);
    return line;
}

} // namespace

MainPage::MainPage(const Parts& parts, QWidget* parent)
    : QWidget(parent)
    , m_parts(parts)
{
    setObjectName(u"page"_s);
    for (QWidget* card : {parts.top, parts.deck, parts.sound, parts.status}) {
        card->setProperty("surface", u"card"_s);
        card->setAttribute(Qt::WA_StyledBackground);
    }
    parts.sound->setFixedWidth(kSoundWidth);
    auto* middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(parts.filters);
    middle->addWidget(hairline(Qt::Vertical, this));
    middle->addWidget(parts.list, 1);
    middle->addWidget(hairline(Qt::Vertical, this));
    middle->addWidget(parts.details);
    auto* bottom = new QHBoxLayout;
    bottom->setSpacing(0);
    bottom->addWidget(parts.deck, 1);
    bottom->addWidget(hairline(Qt::Vertical, this));
    bottom->addWidget(parts.sound);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(parts.top);
    column->addWidget(hairline(Qt::Horizontal, this));
    column->addLayout(middle, 1);
    column->addWidget(hairline(Qt::Horizontal, this));
    column->addLayout(bottom);
    column->addWidget(hairline(Qt::Horizontal, this));
    column->addWidget(parts.status);
}

void MainPage::fitSides()
{
    // From 1024 px, where the list needs the rest, to 1240 px, where all read well.
    const int filters = std::clamp(width() / 5, 236, 248);
    const int details = std::clamp(width() / 5 + 52, 256, 300);
    m_parts.filters->setFixedWidth(std::max(filters, m_parts.filters->minimumSizeHint().width()));
    m_parts.details->setFixedWidth(details);
}

void MainPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fitSides();
}

bool MainPage::event(QEvent* event)
{
    if (event->type() == QEvent::LayoutRequest) // longer words, larger letters
        fitSides();
    return QWidget::event(event);
}

} // namespace sr::player
