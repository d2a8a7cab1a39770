// SPDX-License-Identifier: GPL-3.0-or-later
// Colours of the whole program as named tokens, in light, dark and high contrast, following the system.
#pragma once

#include <QColor>
#include <QObject>
#include <QString>

#include <optional>

class QApplication;

namespace sr::widgets {

enum class ThemeMode { System, Light, Dark, HighContrast };
std::optional<ThemeMode> themeModeOf(const QString& name); ///< `light`, `dark`, `high-contrast`, `system`
QString nameOf(ThemeMode mode);

/// What a colour is for; never named by its look.
struct Tokens {
    QColor background, card, line;
    QColor ink, muted;
    QColor accent, onAccent, selected;
    QColor incoming, outgoing, alarm, attention;
    QColor internalParty, externalParty;
};

Tokens tokensOf(ThemeMode mode); ///< System counts as Light

/// Main thread. Applies itself to the application (Fusion, palette, style sheet); custom-painted widgets keep
/// a reference and repaint on changed().
class Theme final : public QObject {
    Q_OBJECT
public:
    /// Learns the system's look from the palette the application has now: construct before applying any.
    explicit Theme(QApplication& application, QObject* parent = nullptr);

    ThemeMode mode() const { return m_mode; }   ///< what was asked for
    ThemeMode shown() const { return m_shown; } ///< never System
    const Tokens& tokens() const { return m_tokens; }
    void setMode(ThemeMode mode);

signals:
    void changed();

private:
    ThemeMode systemMode() const;
    void apply();

    QApplication& m_application;
    bool m_startedDark;
    ThemeMode m_mode = ThemeMode::System;
    ThemeMode m_shown = ThemeMode::Light;
    Tokens m_tokens;
};

/// The style sheet of these tokens; lengths in device-independent pixels.
QString styleSheetOf(const Tokens& tokens);

} // namespace sr::widgets
