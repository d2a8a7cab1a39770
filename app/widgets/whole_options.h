// SPDX-License-Identifier: GPL-3.0-or-later
// Command line options in running text.
#pragma once

#include <QString>

namespace sr::widgets {

/// The same words, but no line ends within `--config DIR`.
QString wholeOptions(const QString& text);

} // namespace sr::widgets
