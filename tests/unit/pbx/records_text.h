// SPDX-License-Identifier: GPL-3.0-or-later
// Call data records in words that a test can compare.
#pragma once

#include "core/pbx/call_records.h"

#include <QString>
#include <QStringList>

namespace sr::test {

/// Of a user: direction and events of each record, in the order of their ends.
template <typename Records>
QString recordsOf(const Records& finished, const std::string& name)
{
    QStringList all;
    for (const auto& record : finished) {
        if (record->h323 != name)
            continue;
        QStringList words{QString::fromStdString(record->dir)};
        for (const cdr::CdrEvent& event : record->events)
            words << QString::fromStdString(event.msg);
        all << words.join(u' ');
    }
    return all.join(QStringLiteral(" | "));
}

} // namespace sr::test
