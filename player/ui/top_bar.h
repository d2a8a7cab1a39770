// SPDX-License-Identifier: GPL-3.0-or-later
// The headline: the source of the list, whose archive it is, and the view menu.
#pragma once

#include "app/widgets/theme.h"

#include <QWidget>

class QAction;
class QActionGroup;
class QLabel;
class QMenu;
class QPushButton;
class QToolButton;

namespace sr::player {

class TopBar final : public QWidget {
    Q_OBJECT
public:
    explicit TopBar(widgets::Theme& theme, QWidget* parent = nullptr);
    void setArchiveName(const QString& name);
    void setOldestFirst(bool oldestFirst);
    void setLanguage(const QString& code); ///< `de` or `en`
    bool live() const;
    void setLive(bool live);

signals:
    void liveChanged(bool live);
    void orderChosen(bool oldestFirst);
    void languageChosen(const QString& code);

protected:
    void changeEvent(QEvent* event) override;

private:
    void buildMenu();
    void paintIcon();
    void retranslate();

    widgets::Theme& m_theme;
    QPushButton* m_actual;
    QLabel* m_archive;
    QToolButton* m_view;
    QMenu* m_menu;
    QAction* m_oldestFirst;
    QMenu* m_themeMenu;
    QMenu* m_languageMenu;
    QActionGroup* m_themes;
    QActionGroup* m_languages;
};

} // namespace sr::player
