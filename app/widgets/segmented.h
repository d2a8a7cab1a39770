// SPDX-License-Identifier: GPL-3.0-or-later
// One choice of a few, side by side: In, Out, Both.
#pragma once

#include <QStringList>
#include <QWidget>

#include <vector>

class QButtonGroup;
class QPushButton;

namespace sr::widgets {

class Segmented final : public QWidget {
    Q_OBJECT
public:
    explicit Segmented(int choices, QWidget* parent = nullptr);
    void setTexts(const QStringList& texts);
    int current() const;
    void setCurrent(int choice); ///< does not signal

signals:
    void chosen(int choice); ///< by the person

private:
    QButtonGroup* m_group;
    std::vector<QPushButton*> m_buttons;
};

} // namespace sr::widgets
