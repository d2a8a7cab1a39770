// SPDX-License-Identifier: GPL-3.0-or-later
// Headline and its menu; every entry takes effect at once.
#include "player/ui/top_bar.h"

#include "app/widgets/icon.h"

#include <QActionGroup>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>

namespace sr::player {

using namespace Qt::StringLiterals;
using widgets::ThemeMode;

TopBar::TopBar(widgets::Theme& theme, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_actual(new QPushButton(this))
    , m_archive(new QLabel(this))
    , m_view(new QToolButton(this))
    , m_menu(new QMenu(this))
    , m_themes(new QActionGroup(this))
    , m_languages(new QActionGroup(this))
{
    m_actual->setCheckable(true);
    m_actual->setChecked(true);
    m_actual->setObjectName(u"actual"_s);
    m_archive->setProperty("tone", u"muted"_s);
    m_archive->setTextFormat(Qt::PlainText); // a folder may be called anything
    m_view->setPopupMode(QToolButton::InstantPopup);
    m_view->setFocusPolicy(Qt::StrongFocus);
    m_view->setMenu(m_menu);
    m_view->setIconSize({18, 18});
    m_view->setObjectName(u"view"_s);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 8, 12, 8);
    row->setSpacing(8);
    row->addWidget(m_actual);
    row->addStretch();
    row->addWidget(m_archive);
    row->addWidget(m_view);
    buildMenu();
    connect(m_actual, &QPushButton::toggled, this, &TopBar::liveChanged);
    connect(&theme, &widgets::Theme::changed, this, &TopBar::paintIcon);
    paintIcon();
    retranslate();
}

void TopBar::buildMenu()
{
    m_oldestFirst = m_menu->addAction(QString());
    m_oldestFirst->setCheckable(true);
    connect(m_oldestFirst, &QAction::triggered, this, &TopBar::orderChosen);
    m_menu->addSeparator();
    m_themeMenu = m_menu->addMenu(QString());
    for (const ThemeMode mode :
         {ThemeMode::System, ThemeMode::Light, ThemeMode::Dark, ThemeMode::HighContrast}) {
        QAction* action = m_themeMenu->addAction(QString());
        action->setCheckable(true);
        action->setData(widgets::nameOf(mode));
        m_themes->addAction(action);
        connect(action, &QAction::triggered, this, [this, mode] { m_theme.setMode(mode); });
    }
    connect(m_themeMenu, &QMenu::aboutToShow, this, [this] {
        for (QAction* action : m_themes->actions())
            action->setChecked(action->data().toString() == widgets::nameOf(m_theme.mode()));
    });
    m_languageMenu = m_menu->addMenu(QString());
    // A language is always named in itself, so that everybody finds the way back.
    const std::pair<QString, QString> languages[] = {{u"de"_s, u"Deutsch"_s}, {u"en"_s, u"English"_s}};
    for (const auto& [code, name] : languages) {
        QAction* action = m_languageMenu->addAction(name);
        action->setCheckable(true);
        action->setData(code);
        m_languages->addAction(action);
        connect(action, &QAction::triggered, this, [this, code = code] { emit languageChosen(code); });
    }
}

void TopBar::setArchiveName(const QString& name)
{
    m_archive->setText(name);
}

void TopBar::setOldestFirst(bool oldestFirst)
{
    m_oldestFirst->setChecked(oldestFirst);
}

void TopBar::setLanguage(const QString& code)
{
    for (QAction* action : m_languages->actions())
        action->setChecked(action->data().toString() == code);
}

bool TopBar::live() const
{
    return m_actual->isChecked();
}

void TopBar::setLive(bool live)
{
    m_actual->setChecked(live);
}

void TopBar::paintIcon()
{
    m_view->setIcon(widgets::tintedIcon(u"gear"_s, m_theme.tokens().muted, m_theme.tokens().line));
}

void TopBar::retranslate()
{
    m_actual->setText(tr("Actual"));
    m_actual->setToolTip(
        tr("On: new recordings and changed filters show at once. Off: the list stands still."));
    m_view->setToolTip(tr("View: order, theme, language"));
    m_view->setAccessibleName(tr("View"));
    m_oldestFirst->setText(tr("Oldest first"));
    m_themeMenu->setTitle(tr("Theme"));
    m_languageMenu->setTitle(tr("Language"));
    const QStringList names{tr("Like the system"), tr("Light"), tr("Dark"), tr("High contrast")};
    for (qsizetype i = 0; i < names.size(); ++i)
        m_themes->actions()[i]->setText(names[i]);
}

void TopBar::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange)
        retranslate();
}

} // namespace sr::player
