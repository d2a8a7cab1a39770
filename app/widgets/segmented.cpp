// SPDX-License-Identifier: GPL-3.0-or-later
// Exclusive push buttons with shared borders; arrow keys move between them.
#include "app/widgets/segmented.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPushButton>

namespace sr::widgets {

using namespace Qt::StringLiterals;

Segmented::Segmented(int choices, QWidget* parent)
    : QWidget(parent)
    , m_group(new QButtonGroup(this))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    for (int choice = 0; choice < choices; ++choice) {
        auto* button = new QPushButton(this);
        button->setCheckable(true);
        button->setProperty("segment", choice == 0             ? u"first"_s
                                       : choice == choices - 1 ? u"last"_s
                                                               : u"middle"_s);
        m_group->addButton(button, choice);
        m_buttons.push_back(button);
        row->addWidget(button);
    }
    row->addStretch();
    m_buttons.front()->setChecked(true);
    setFocusProxy(m_buttons.front());
    connect(m_group, &QButtonGroup::idClicked, this, &Segmented::chosen);
}

void Segmented::setTexts(const QStringList& texts)
{
    for (std::size_t i = 0; i < m_buttons.size() && static_cast<qsizetype>(i) < texts.size(); ++i)
        m_buttons[i]->setText(texts[static_cast<qsizetype>(i)]);
}

int Segmented::current() const
{
    return m_group->checkedId();
}

void Segmented::setCurrent(int choice)
{
    if (QAbstractButton* button = m_group->button(choice))
        button->setChecked(true);
}

} // namespace sr::widgets
