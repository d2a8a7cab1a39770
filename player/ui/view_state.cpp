// SPDX-License-Identifier: GPL-3.0-or-later
// Reading and writing of the view state.
#include "player/ui/view_state.h"

#include "player/ui/language.h"

#include <QSettings>

#include <algorithm>

namespace sr::player {

using namespace Qt::StringLiterals;

namespace {
const std::array kVolumeKeys{"volume/internal"_L1, "volume/external"_L1, "volume/overall"_L1};
}

ViewState ViewState::load(const QString& file)
{
    const QSettings stored(file, QSettings::IniFormat);
    ViewState state;
    state.geometry = stored.value("window/geometry"_L1).toByteArray();
    const QString language = stored.value("view/language"_L1).toString();
    if (Language::codes().contains(language))
        state.language = language;
    state.theme = widgets::themeModeOf(stored.value("view/theme"_L1).toString()).value_or(state.theme);
    for (std::size_t i = 0; i < kVolumeKeys.size(); ++i)
        state.volumes[i] = std::clamp(stored.value(kVolumeKeys[i], 100).toInt(), 0, 100);
    return state;
}

void ViewState::save(const QString& file) const
{
    QSettings stored(file, QSettings::IniFormat);
    stored.setValue("window/geometry"_L1, geometry);
    stored.setValue("view/language"_L1, language);
    stored.setValue("view/theme"_L1, widgets::nameOf(theme));
    for (std::size_t i = 0; i < kVolumeKeys.size(); ++i)
        stored.setValue(kVolumeKeys[i], volumes[i]);
}

} // namespace sr::player
