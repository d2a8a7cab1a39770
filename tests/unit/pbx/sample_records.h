// SPDX-License-Identifier: GPL-3.0-or-later
// The call data records that the documentation of the original publishes.
#pragma once

#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QStringList>
#include <QTest>

namespace sr::test {

/// Empty: the test is skipped, or has failed.
inline QString samples()
{
    QFile file(QStringLiteral(SR_FIXTURES "/cdr/samples.xml"));
    if (file.open(QIODevice::ReadOnly))
        return QString::fromUtf8(file.readAll());
    if (qEnvironmentVariable("CI") == QLatin1String("true") &&
        QFileInfo::exists(QStringLiteral(SR_FIXTURES "/..")))
        QTest::qFail("the samples of records are missing", __FILE__, __LINE__);
    else
        QTest::qSkip("no fixtures on this machine", __FILE__, __LINE__);
    return {};
}

/// Records of the scenario as published, without the blanks between elements.
inline QStringList sampleRecords(const QString& xml, const QString& scenario)
{
    static const QRegularExpression sample(
        QStringLiteral("<sample n=\"\\d+\" scenario=\"([^\"]*)\">(.*?)</sample>"),
        QRegularExpression::DotMatchesEverythingOption);
    static const QRegularExpression record(QStringLiteral("<cdr .*?</cdr>"),
                                           QRegularExpression::DotMatchesEverythingOption);
    static const QRegularExpression blank(QStringLiteral(">\\s+<"));
    QStringList result;
    for (auto one = sample.globalMatch(xml); one.hasNext();) {
        const auto match = one.next();
        if (match.captured(1) != scenario)
            continue;
        for (auto each = record.globalMatch(match.captured(2)); each.hasNext();)
            result << each.next().captured().replace(blank, QStringLiteral("><"));
    }
    return result;
}

} // namespace sr::test
