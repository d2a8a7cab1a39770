// SPDX-License-Identifier: GPL-3.0-or-later
// Token values, the palette made of them, and what the system prefers.
#include "app/widgets/theme.h"

#include <QApplication>
#include <QPalette>
#include <QSettings>
#include <QStyleFactory>

#include <array>

namespace sr::widgets {

using namespace Qt::StringLiterals;

namespace {

struct NamedMode {
    ThemeMode mode;
    QLatin1StringView name;
};
constexpr std::array kModes{NamedMode{ThemeMode::System, "system"_L1},
                            NamedMode{ThemeMode::Light, "light"_L1}, NamedMode{ThemeMode::Dark, "dark"_L1},
                            NamedMode{ThemeMode::HighContrast, "high-contrast"_L1}};

QPalette paletteOf(const Tokens& t)
{
    QPalette palette;
    palette.setColor(QPalette::Window, t.background);
    palette.setColor(QPalette::Base, t.card);
    palette.setColor(QPalette::AlternateBase, t.background);
    palette.setColor(QPalette::Button, t.card);
    palette.setColor(QPalette::ToolTipBase, t.card);
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText,
                                           QPalette::ToolTipText, QPalette::BrightText})
        palette.setColor(role, t.ink);
    palette.setColor(QPalette::PlaceholderText, t.muted);
    palette.setColor(QPalette::Highlight, t.accent);
    palette.setColor(QPalette::HighlightedText, t.onAccent);
    palette.setColor(QPalette::Link, t.accent);
    palette.setColor(QPalette::Light, t.card);
    palette.setColor(QPalette::Midlight, t.line);
    palette.setColor(QPalette::Mid, t.line);
    palette.setColor(QPalette::Dark, t.line);
    palette.setColor(QPalette::Shadow, t.line);
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, t.muted);
    return palette;
}

} // namespace

std::optional<ThemeMode> themeModeOf(const QString& name)
{
    for (const NamedMode& known : kModes) {
        if (name == known.name)
            return known.mode;
    }
    return {};
}

QString nameOf(ThemeMode mode)
{
    for (const NamedMode& known : kModes) {
        if (known.mode == mode)
            return known.name;
    }
    return {};
}

Tokens tokensOf(ThemeMode mode)
{
    switch (mode) {
    case ThemeMode::Dark:
        return {0x14181dU, 0x1c2229U, 0x2d3641U, 0xe6ebf1U, 0x93a1b1U, 0x5aa9ffU, 0x0c1116U,
                0x1d3550U, 0x3ccf97U, 0xb98cf0U, 0xff7a70U, 0xe0a100U, 0x5aa9ffU, 0xffab4aU};
    case ThemeMode::HighContrast:
        return {0x000000U, 0x000000U, 0xffffffU, 0xffffffU, 0xffffffU, 0xffff00U, 0x000000U,
                0x003f7fU, 0x00ff7fU, 0xe0b0ffU, 0xff9090U, 0xffd000U, 0x00e5ffU, 0xffb000U};
    case ThemeMode::System:
    case ThemeMode::Light:
        break;
    }
    return {0xf6f7f9U, 0xffffffU, 0xdfe3e8U, 0x1b232dU, 0x667282U, 0x0b6bcbU, 0xffffffU,
            0xe3effbU, 0x0f8a5fU, 0x8a4fd0U, 0xb3261eU, 0xe0a100U, 0x0b6bcbU, 0xe07b00U};
}

Theme::Theme(QApplication& application, QObject* parent)
    : QObject(parent)
    , m_application(application)
    , m_startedDark(QApplication::palette().color(QPalette::Window).lightness() < 128)
{
    apply();
    // Qt 6.4 does not tell of a change of the system's scheme: look again whenever the person comes back.
    connect(&application, &QApplication::applicationStateChanged, this, [this](Qt::ApplicationState state) {
        if (state == Qt::ApplicationActive && m_mode == ThemeMode::System && systemMode() != m_shown)
            apply();
    });
}

ThemeMode Theme::systemMode() const
{
#ifdef Q_OS_WIN
    const QSettings contrast(u"HKEY_CURRENT_USER\\Control Panel\\Accessibility\\HighContrast"_s,
                             QSettings::NativeFormat);
    if ((contrast.value("Flags"_L1).toInt() & 1) != 0) // HCF_HIGHCONTRASTON
        return ThemeMode::HighContrast;
    const QSettings scheme(
        u"HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Themes\\Personalize"_s,
        QSettings::NativeFormat);
    return scheme.value("AppsUseLightTheme"_L1, 1).toInt() == 0 ? ThemeMode::Dark : ThemeMode::Light;
#else
    return m_startedDark ? ThemeMode::Dark : ThemeMode::Light;
#endif
}

void Theme::setMode(ThemeMode mode)
{
    if (mode == m_mode)
        return;
    m_mode = mode;
    apply();
}

void Theme::apply()
{
    m_shown = m_mode == ThemeMode::System ? systemMode() : m_mode;
    m_tokens = tokensOf(m_shown);
    if (QStyle* fusion = QStyleFactory::create(u"Fusion"_s))
        QApplication::setStyle(fusion);
    QApplication::setPalette(paletteOf(m_tokens));
    m_application.setStyleSheet(styleSheetOf(m_tokens));
    emit changed();
}

} // namespace sr::widgets
