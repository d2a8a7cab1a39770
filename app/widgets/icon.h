// SPDX-License-Identifier: GPL-3.0-or-later
// Our own line icons, drawn once in black and tinted in the theme's colours when loaded.
#pragma once

#include <QColor>
#include <QIcon>
#include <QPixmap>
#include <QString>

namespace sr::widgets {

/// Icon `name` of resources/icons in 1x, 2x and 3x, 24 px; disabled: the second colour. Empty if unknown.
QIcon tintedIcon(const QString& name, const QColor& color, const QColor& disabled);
/// The same as one pixmap of `size` device-independent pixels for a screen of this ratio.
QPixmap tintedPixmap(const QString& name, const QColor& color, int size, qreal ratio);

} // namespace sr::widgets
