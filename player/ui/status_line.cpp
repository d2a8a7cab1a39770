// SPDX-License-Identifier: GPL-3.0-or-later
// Words and dot of the status line.
#include "player/ui/status_line.h"

#include "app/widgets/theme.h"
#include "player/model/format_text.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>

namespace sr::player {

using namespace Qt::StringLiterals;

namespace {
constexpr int kDot = 9;
}

StatusLine::StatusLine(const widgets::Theme& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_dot(new QLabel(this))
    , m_text(new QLabel(this))
    , m_archive(new QLabel(this))
{
    m_text->setProperty("tone", u"muted"_s);
    m_archive->setProperty("tone", u"muted"_s);
    m_archive->setTextFormat(Qt::PlainText);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 5, 12, 5);
    row->setSpacing(6);
    row->addWidget(m_dot);
    row->addWidget(m_text);
    row->addStretch();
    row->addWidget(m_archive);
    connect(&theme, &widgets::Theme::changed, this, &StatusLine::paintDot);
    refresh();
}

void StatusLine::setDoing(Doing doing)
{
    m_doing = doing;
    refresh();
}

void StatusLine::setArchive(const QString& name, std::optional<quint64> freeBytes)
{
    m_name = name;
    m_free = freeBytes;
    refresh();
}

void StatusLine::paintDot()
{
    const widgets::Tokens& colors = m_theme.tokens();
    QColor color = colors.attention;
    if (m_doing == Doing::Live)
        color = colors.incoming;
    else if (m_doing == Doing::Failed)
        color = colors.alarm;
    else if (m_doing == Doing::Still || m_doing == Doing::NoArchive)
        color = colors.muted;
    QPixmap dot(QSize(kDot, kDot) * devicePixelRatioF());
    dot.setDevicePixelRatio(devicePixelRatioF());
    dot.fill(Qt::transparent);
    QPainter painter(&dot);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(QRectF(0, 0, kDot, kDot));
    painter.end();
    m_dot->setPixmap(dot);
}

void StatusLine::refresh()
{
    switch (m_doing) {
    case Doing::Opening:
        m_text->setText(tr("Opening the archive …"));
        break;
    case Doing::Loading:
        m_text->setText(tr("Reading the list …"));
        break;
    case Doing::Live:
        m_text->setText(tr("Live: new recordings appear by themselves"));
        break;
    case Doing::Still:
        m_text->setText(tr("The list stands still until “Actual” is on"));
        break;
    case Doing::Failed:
        m_text->setText(tr("The archive cannot be read"));
        break;
    case Doing::NoArchive:
        m_text->setText(tr("No archive is open"));
        break;
    }
    if (m_name.isEmpty())
        m_archive->clear();
    else if (m_free)
        m_archive->setText(tr("Archive: %1, %2 free").arg(m_name, bytesText(*m_free, locale())));
    else
        m_archive->setText(tr("Archive: %1").arg(m_name));
    paintDot();
}

void StatusLine::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange || event->type() == QEvent::LocaleChange)
        refresh();
}

} // namespace sr::player
