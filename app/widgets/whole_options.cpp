// SPDX-License-Identifier: GPL-3.0-or-later
// Lines may end after a hyphen: a word joiner there forbids it, without a look of its own.
#include "app/widgets/whole_options.h"

#include <QRegularExpression>

namespace sr::widgets {

using namespace Qt::StringLiterals;

QString wholeOptions(const QString& text)
{
    static const QRegularExpression option(u"--[a-z-]+( [A-Z]+\\b)?"_s);
    QString whole = text;
    qsizetype from = 0;
    for (QRegularExpressionMatch match = option.match(whole); match.hasMatch();
         match = option.match(whole, from)) {
        QString words = match.captured();
        words.replace(u'-', u"-\u2060"_s).replace(u' ', QChar::Nbsp);
        whole.replace(match.capturedStart(), match.capturedLength(), words);
        from = match.capturedStart() + words.size();
    }
    return whole;
}

} // namespace sr::widgets
