// SPDX-License-Identifier: GPL-3.0-or-later
// What stands where nothing is: what is the matter, what to do next, and perhaps a button that does it.
#pragma once

#include <QString>
#include <QWidget>

class QLabel;
class QPushButton;

namespace sr::widgets {

class Theme;

class EmptyState final : public QWidget {
    Q_OBJECT
public:
    explicit EmptyState(const Theme& theme, QWidget* parent = nullptr);
    /// `action` empty: no button. `icon`: a name in resources/icons.
    void present(const QString& icon, const QString& title, const QString& advice,
                 const QString& action = {});

signals:
    void actionTriggered();

private:
    void paintIcon();

    const Theme& m_theme;
    QString m_iconName;
    QLabel* m_icon;
    QLabel* m_title;
    QLabel* m_advice;
    QPushButton* m_action;
};

} // namespace sr::widgets
