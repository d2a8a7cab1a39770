// SPDX-License-Identifier: GPL-3.0-or-later
// Copying of facts.
#include "app/widgets/fact_label.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QCoreApplication>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMenu>

namespace sr::widgets {

FactLabel::FactLabel(QWidget* parent)
    : QLabel(parent)
{
    setWordWrap(true);
    setTextFormat(Qt::PlainText);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setProperty("selectable", true); // its focus shows
    setIndent(0);                    // a frame would indent it
}

void FactLabel::copy() const
{
    if (!hasSelectedText())
        return;
    QString text = selectedText().remove(QChar(0x200b)).remove(QChar(0x2060)); // see wholeOptions()
    QGuiApplication::clipboard()->setText(text.replace(QChar(QChar::Nbsp), u' '));
}

void FactLabel::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy))
        copy();
    else
        QLabel::keyPressEvent(event);
}

void FactLabel::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    QAction* action = menu.addAction(QCoreApplication::translate("QWidgetTextControl", "&Copy")); // Qt's word
    action->setEnabled(hasSelectedText());
    connect(action, &QAction::triggered, this, &FactLabel::copy);
    menu.exec(event->globalPos());
}

} // namespace sr::widgets
