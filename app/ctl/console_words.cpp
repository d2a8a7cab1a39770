// SPDX-License-Identifier: GPL-3.0-or-later
// Levenshtein's distance, and tables.
#include "app/ctl/console_words.h"

#include <algorithm>
#include <numeric>

namespace sr::ctl {
namespace {

constexpr qsizetype kLongest = 64; ///< what is longer was no slip of the finger

qsizetype distance(const QString& a, const QString& b)
{
    std::vector<qsizetype> row(static_cast<std::size_t>(b.size()) + 1);
    std::iota(row.begin(), row.end(), 0);
    for (qsizetype i = 0; i < a.size(); ++i) {
        qsizetype diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 1; j < row.size(); ++j) {
            const qsizetype changed = diagonal + (a[i] == b[static_cast<qsizetype>(j) - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

QString harmless(QString text)
{
    for (QChar& c : text)
        if (c.category() == QChar::Other_Control || c.category() == QChar::Other_Format)
            c = QLatin1Char('?');
    return text;
}

} // namespace

QString nearest(const QString& typed, const QStringList& known)
{
    QString best;
    qsizetype fewest = std::max<qsizetype>(2, typed.size() / 3) + 1;
    if (typed.size() > kLongest)
        return best;
    for (const QString& one : known) {
        const qsizetype changes = distance(typed, one);
        if (changes < fewest) {
            fewest = changes;
            best = one;
        }
    }
    return best;
}

std::string columns(const std::vector<QStringList>& rows)
{
    std::vector<qsizetype> widths;
    for (const QStringList& row : rows) {
        widths.resize(std::max(widths.size(), static_cast<std::size_t>(row.size())));
        for (qsizetype i = 0; i < row.size(); ++i)
            widths[static_cast<std::size_t>(i)] =
                std::max(widths[static_cast<std::size_t>(i)], row.at(i).size());
    }
    QString table;
    for (const QStringList& row : rows) {
        QString line;
        for (qsizetype i = 0; i < row.size(); ++i)
            line += harmless(row.at(i)).leftJustified(widths[static_cast<std::size_t>(i)] + 2);
        while (line.endsWith(QLatin1Char(' ')))
            line.chop(1);
        table += line + QLatin1Char('\n');
    }
    return table.toStdString();
}

} // namespace sr::ctl
