// SPDX-License-Identifier: GPL-3.0-or-later
// Small framed states such as `original` or `manipulated`: by shape and colour, never by colour alone.
#pragma once

#include <QFont>
#include <QRectF>
#include <QString>

class QPainter;

namespace sr::widgets {

class Theme;

enum class ChipTone { Quiet, Good, Alarm };
enum class ChipGround { Plain, Selected }; ///< what lies under it: a selected row asks for stronger colours

/// Draws a chip with its left edge at rect.left(), vertically centred; an Alarm chip has a triangle before
/// its text. Returns its width; draws nothing and returns 0 if it does not fit into rect.
qreal drawChip(QPainter& painter, const QRectF& rect, const QString& text, ChipTone tone, const Theme& theme,
               const QFont& base, ChipGround ground = ChipGround::Plain);
qreal chipWidth(const QString& text, ChipTone tone, const QFont& base);

} // namespace sr::widgets
