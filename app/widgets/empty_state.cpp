// SPDX-License-Identifier: GPL-3.0-or-later
// Layout of the empty state: centred, at most as wide as reads well.
#include "app/widgets/empty_state.h"

#include "app/widgets/fact_label.h"
#include "app/widgets/icon.h"
#include "app/widgets/tabular_text.h"
#include "app/widgets/theme.h"
#include "app/widgets/whole_options.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace sr::widgets {

namespace {
constexpr int kIconSize = 40;
constexpr int kTextWidth = 420;
} // namespace

EmptyState::EmptyState(const Theme& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_icon(new QLabel(this))
    , m_title(new QLabel(this))
    , m_advice(new FactLabel(this))
    , m_action(new QPushButton(this))
{
    setObjectName(QStringLiteral("page"));
    setAttribute(Qt::WA_StyledBackground);
    m_title->setFont(scaledFont(font(), 16.0 / 13.0, QFont::DemiBold));
    m_advice->setProperty("tone", QStringLiteral("muted"));
    for (QLabel* label : {m_title, m_advice}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setAlignment(Qt::AlignHCenter);
        label->setFixedWidth(kTextWidth);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setFocusPolicy(Qt::ClickFocus);
    }
    auto* column = new QVBoxLayout(this);
    column->setSpacing(12);
    column->addStretch();
    column->addWidget(m_icon, 0, Qt::AlignHCenter);
    column->addWidget(m_title, 0, Qt::AlignHCenter);
    column->addWidget(m_advice, 0, Qt::AlignHCenter);
    column->addWidget(m_action, 0, Qt::AlignHCenter);
    column->addStretch();
    connect(m_action, &QPushButton::clicked, this, &EmptyState::actionTriggered);
    connect(&theme, &Theme::changed, this, &EmptyState::paintIcon);
}

void EmptyState::present(const QString& icon, const QString& title, const QString& advice,
                         const QString& action)
{
    m_iconName = icon;
    m_title->setText(title);
    m_advice->setText(wholeOptions(advice));
    m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
    for (QLabel* label : {m_title, m_advice}) // a centred layout item does not ask for its height
        label->setMinimumHeight(label->heightForWidth(kTextWidth));
    paintIcon();
}

void EmptyState::paintIcon()
{
    m_icon->setPixmap(tintedPixmap(m_iconName, m_theme.tokens().muted, kIconSize, devicePixelRatioF()));
}

} // namespace sr::widgets
