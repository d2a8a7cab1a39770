// SPDX-License-Identifier: GPL-3.0-or-later
// Font of the heads: 11 of 13, half bold, capitals.
#include "app/widgets/section_head.h"

#include "app/widgets/tabular_text.h"

namespace sr::widgets {

SectionHead::SectionHead(QWidget* parent)
    : QLabel(parent)
{
    QFont head = scaledFont(font(), 11.0 / 13.0, QFont::DemiBold);
    head.setCapitalization(QFont::AllUppercase);
    head.setLetterSpacing(QFont::PercentageSpacing, 104);
    setFont(head);
    setProperty("tone", QStringLiteral("muted"));
}

} // namespace sr::widgets
