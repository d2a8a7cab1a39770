// SPDX-License-Identifier: GPL-3.0-or-later
// What the player remembers of its looks until the next start: `<config>/player.ini`, nothing secret in it.
#pragma once

#include "app/widgets/theme.h"

#include <QByteArray>
#include <QString>

#include <array>
#include <optional>

namespace sr::player {

struct ViewState {
    QByteArray geometry;
    QString language; ///< empty: the system's
    widgets::ThemeMode theme = widgets::ThemeMode::System;
    std::array<int, 3> volumes{100, 100, 100}; ///< [internal, external, overall]

    static ViewState load(const QString& file); ///< what is missing or senseless stays at its default
    void save(const QString& file) const;       ///< a folder that is not there is made
};

} // namespace sr::player
