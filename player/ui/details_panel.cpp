// SPDX-License-Identifier: GPL-3.0-or-later
// Flow and facts in a column that scrolls when they are long.
#include "player/ui/details_panel.h"

#include "app/widgets/fact_label.h"
#include "app/widgets/notice.h"
#include "app/widgets/section_head.h"
#include "player/model/format_text.h"
#include "player/ui/fault_text.h"
#include "player/ui/flow_text.h"
#include "player/ui/flow_view.h"

#include <QEvent>
#include <QLabel>
#include <QLocale>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

namespace sr::player {

using namespace Qt::StringLiterals;

namespace {
constexpr int kMargin = 12;
constexpr int kScrollBar = 10; // as wide as the style sheet makes it; it stands in the margin
} // namespace

DetailsPanel::DetailsPanel(const widgets::Theme& theme, QWidget* parent)
    : QWidget(parent)
    , m_content(new QWidget)
{
    m_callHead = new widgets::SectionHead(m_content);
    m_flow = new FlowView(theme, m_content);
    m_hint = new QLabel(m_content);
    m_factsHead = new widgets::SectionHead(m_content);
    m_alarm = new widgets::Notice(theme, m_content);
    m_facts = new widgets::FactLabel(m_content);
    m_hint->setProperty("tone", u"muted"_s);
    m_hint->setWordWrap(true);
    m_hint->setTextFormat(Qt::PlainText);
    m_facts->setProperty("tone", u"muted"_s);
    auto* column = new QVBoxLayout(m_content);
    column->setContentsMargins(kMargin, kMargin, kMargin, kMargin);
    column->setSpacing(6);
    column->addWidget(m_callHead);
    column->addWidget(m_flow);
    column->addWidget(m_hint);
    column->addSpacing(8);
    column->addWidget(m_factsHead);
    column->addWidget(m_alarm);
    column->addWidget(m_facts);
    column->addStretch();

    auto* scroll = new QScrollArea(this);
    scroll->setObjectName(u"details"_s);
    scroll->setWidget(m_content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    connect(scroll->verticalScrollBar(), &QScrollBar::rangeChanged, this, [column](int, int last) {
        column->setContentsMargins(kMargin, kMargin, last > 0 ? kMargin - kScrollBar : kMargin, kMargin);
    });
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(scroll);
    refresh();
}

void DetailsPanel::showNothing()
{
    m_row.reset();
    m_recording.reset();
    m_fault.reset();
    m_integrity.reset();
    refresh();
}

void DetailsPanel::showRow(const archive::RecordingRow& row)
{
    showNothing();
    m_row = row;
    refresh();
}

void DetailsPanel::showDetails(const archive::Recording& recording)
{
    if (!m_row || m_row->uid != recording.uid)
        return;
    m_recording = recording;
    refresh();
}

void DetailsPanel::showFault(const Error& error)
{
    m_fault = error;
    refresh();
}

void DetailsPanel::setIntegrity(std::optional<archive::Integrity> integrity)
{
    m_integrity = integrity;
    refresh();
}

QString DetailsPanel::facts() const
{
    const QLocale words = locale();
    const QChar mayBreak(0x200b); // a zero-width space; the label copies without it
    const QString uid = text(m_row->uid);
    const QString halves = uid.left(uid.size() / 2) + mayBreak + uid.mid(uid.size() / 2);
    QStringList lines{halves};
    QStringList form{QString::fromUtf8(archive::extensionOf(m_row->format)).toUpper()};
    form << (m_row->sealed ? tr("sealed") : tr("not sealed"));
    form << bytesText(m_row->fileBytes, words);
    lines << form.join(u", "_s);
    const QString none = tr("no audio", "codec of a party that was silent");
    const auto codec = [&](std::size_t party) {
        return m_row->codecs[party].empty() ? none : text(m_row->codecs[party]);
    };
    using archive::ChannelLayout;
    const ChannelLayout layout = m_recording ? m_recording->layout : ChannelLayout::Stereo;
    if (layout == ChannelLayout::InternalOnly)
        lines << tr("Codec %1, internal party only").arg(codec(0));
    else if (layout == ChannelLayout::ExternalOnly)
        lines << tr("Codec %1, external party only").arg(codec(1));
    else
        lines << tr("Codec %1 internal, %2 external").arg(codec(0), codec(1));
    if (layout == ChannelLayout::Mono)
        lines << tr("Both parties mixed into one channel");
    lines << tr("Lost packets %1 internal, %2 external")
                 .arg(words.toString(static_cast<qulonglong>(m_row->lostPackets[0])),
                      words.toString(static_cast<qulonglong>(m_row->lostPackets[1])));
    if (m_recording && m_recording->droppedPackets.value_or(0) > 0)
        lines << tr("Packets of any call lost while capturing: %1")
                     .arg(words.toString(static_cast<qulonglong>(*m_recording->droppedPackets)));
    if (!m_row->dtmf.empty())
        lines << tr("Digits dialled %1").arg(text(m_row->dtmf));
    if (!m_row->owner.empty())
        lines << tr("Owner %1").arg(text(m_row->owner));
    if (m_recording && !m_recording->source.empty())
        lines << tr("Source %1").arg(text(m_recording->source));
    if (m_integrity) {
        switch (*m_integrity) {
        case archive::Integrity::Original:
            lines << tr("Checked: this is the original recording");
            break;
        case archive::Integrity::Manipulated:
            break; // said above, as an alarm
        case archive::Integrity::Unknown:
            lines << tr("Nothing proves whether this is the original");
            break;
        }
    }
    QString file = text(m_row->file);
    for (const QChar end : {u'_', u'/'})
        file.replace(end, QString(end) + mayBreak);
    lines << file.replace(uid, halves);
    return lines.join(u'\n');
}

void DetailsPanel::refresh()
{
    m_callHead->setText(tr("Call"));
    m_factsHead->setText(tr("Recording"));
    std::vector<FlowLine> lines;
    if (m_recording) {
        for (const archive::FlowStep& step : m_recording->flow) {
            const QString words = flowText(step, *m_recording);
            if (!words.isEmpty())
                lines.push_back(
                    {archiveTime(step.time, m_recording->utcOffsetMinutes).time().toString("HH:mm:ss"_L1),
                     words});
        }
    }
    m_flow->setLines(lines);
    m_flow->setVisible(!lines.empty());
    QString hint;
    if (!m_row)
        hint = tr("Select a recording to see its call.");
    else if (m_fault)
        hint = faultText(*m_fault).title + u' ' + faultText(*m_fault).advice;
    else if (!m_row->hasSidecar)
        hint = tr("This file has no data beside it: only its name is known.");
    else if (m_recording && lines.empty())
        hint = tr("The steps of this call were not captured.");
    m_hint->setText(hint);
    m_hint->setVisible(!hint.isEmpty());
    m_factsHead->setVisible(m_row.has_value());
    const bool manipulated = m_row && m_integrity == archive::Integrity::Manipulated;
    m_alarm->setText(manipulated ? tr("Checked: this recording was changed after it was made") : QString());
    m_alarm->setVisible(manipulated);
    m_facts->setText(m_row ? facts() : QString());
}

void DetailsPanel::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange || event->type() == QEvent::LocaleChange)
        refresh();
}

} // namespace sr::player
