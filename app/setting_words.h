// SPDX-License-Identifier: GPL-3.0-or-later
// Settings that are lists.
#pragma once

#include <QRegularExpression>
#include <QStringList>

namespace sr {

/// What stands between commas, semicolons and blanks.
inline QStringList wordsOf(const QString& list)
{
    return list.split(QRegularExpression(QStringLiteral("[,;\\s]+")), Qt::SkipEmptyParts);
}

} // namespace sr
