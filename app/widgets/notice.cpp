// SPDX-License-Identifier: GPL-3.0-or-later
// Icon at the first line, words that wrap.
#include "app/widgets/notice.h"

#include "app/widgets/icon.h"
#include "app/widgets/theme.h"
#include "app/widgets/whole_options.h"

#include <QHBoxLayout>
#include <QLabel>

namespace sr::widgets {

namespace {
constexpr int kIconSize = 16;
constexpr int kGap = 6;
} // namespace

Notice::Notice(const Theme& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_icon(new QLabel(this))
    , m_text(new QLabel(this))
{
    m_text->setProperty("tone", QStringLiteral("alarm"));
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kGap);
    row->addWidget(m_icon, 0, Qt::AlignTop);
    row->addWidget(m_text, 1, Qt::AlignTop);
    connect(&theme, &Theme::changed, this, &Notice::paintIcon);
    paintIcon();
    setText({});
}

void Notice::setText(const QString& text)
{
    m_text->setText(wholeOptions(text));
    m_icon->setVisible(!text.isEmpty());
    m_text->setVisible(!text.isEmpty());
}

void Notice::paintIcon()
{
    m_icon->setPixmap(
        tintedPixmap(QStringLiteral("warning"), m_theme.tokens().alarm, kIconSize, devicePixelRatioF()));
}

} // namespace sr::widgets
