// SPDX-License-Identifier: GPL-3.0-or-later
// Loading and tinting; PNG because the Windows build has no Qt SVG.
#include "app/widgets/icon.h"

#include <QPainter>

static void initIcons()
{
    Q_INIT_RESOURCE(sr_icons); // the resource sits in a static library
}

namespace sr::widgets {

using namespace Qt::StringLiterals;

namespace {

QPixmap loadTinted(const QString& name, int scale, const QColor& color)
{
    initIcons();
    QPixmap shape(u":/icons/%1@%2x.png"_s.arg(name).arg(scale));
    if (shape.isNull())
        return shape;
    QPainter painter(&shape);
    painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
    painter.fillRect(shape.rect(), color);
    painter.end();
    shape.setDevicePixelRatio(scale);
    return shape;
}

} // namespace

QIcon tintedIcon(const QString& name, const QColor& color, const QColor& disabled)
{
    QIcon icon;
    for (int scale = 1; scale <= 3; ++scale) {
        icon.addPixmap(loadTinted(name, scale, color), QIcon::Normal);
        icon.addPixmap(loadTinted(name, scale, disabled), QIcon::Disabled);
    }
    return icon;
}

QPixmap tintedPixmap(const QString& name, const QColor& color, int size, qreal ratio)
{
    const QPixmap large = loadTinted(name, 3, color);
    if (large.isNull())
        return large;
    QPixmap fitted = large.scaled(QSize(size, size) * ratio, Qt::KeepAspectRatio, Qt::SmoothTransformation);
    fitted.setDevicePixelRatio(ratio);
    return fitted;
}

} // namespace sr::widgets
