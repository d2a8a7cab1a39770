// SPDX-License-Identifier: GPL-3.0-or-later
// A warning beside what it is about: a triangle and words in the colour of alarms, both or nothing.
#pragma once

#include <QWidget>

class QLabel;

namespace sr::widgets {

class Theme;

class Notice final : public QWidget {
    Q_OBJECT
public:
    explicit Notice(const Theme& theme, QWidget* parent = nullptr);
    void setText(const QString& text); ///< empty: nothing is shown
    QLabel& label() { return *m_text; }

private:
    void paintIcon();

    const Theme& m_theme;
    QLabel* m_icon;
    QLabel* m_text;
};

} // namespace sr::widgets
