// SPDX-License-Identifier: GPL-3.0-or-later
// An exchange with users and real phones, and what is left of their calls: recordings and call data records.
#pragma once

#include "tests/support/baresip_phone.h"
#include "tests/support/exchange_process.h"
#include "tests/support/measure.h"
#include "tests/support/whole_sound.h"

#include <QJsonArray>
#include <QRegularExpression>
#include <QTest>

#include <memory>

namespace sr::test {

/// Users and objects first, then start() and phones. Every password is `secret`.
struct ExchangeScene {
    void user(const char* name, const char* number, const QStringList& more = {})
    {
        take(addUser(fixture, name, number, "secret", more));
    }
    /// `object add ...` and the like, words parted by blanks.
    void run(const QString& words)
    {
        take(CtlFixture::runRaw(words.split(u' ') +
                                QStringList{QStringLiteral("--config"), fixture.config()}));
    }
    void start() { exchange = std::make_unique<ExchangeProcess>(fixture); }
    std::unique_ptr<BaresipPhone> phone(BaresipOptions options)
    {
        options.password = QStringLiteral("secret");
        auto phone = std::make_unique<BaresipPhone>(fixture.path(options.user), exchange->port4, options);
        ready = ready && phone->isReady();
        return phone;
    }
    std::unique_ptr<BaresipPhone> phone(const char* name, double hz, bool answers = false)
    {
        BaresipOptions options;
        options.user = QString::fromUtf8(name);
        options.toneHz = hz;
        options.answers = answers;
        return phone(std::move(options));
    }
    /// The newest first, once there are so many.
    QJsonArray recordings(int atLeast) const
    {
        QJsonArray all;
        (void)QTest::qWaitFor(
            [&] {
                all = fixture.run({QStringLiteral("list"), QStringLiteral("--json")})
                          .json()[QLatin1String("recordings")]
                          .toArray();
                return all.size() >= atLeast;
            },
            15'000);
        return all;
    }
    WholeSound sound(const QJsonObject& row) const
    {
        return wholeSound(
            pathOf((fixture.archive() + u'/' + row[QLatin1String("file")].toString()).toStdString()));
    }
    /// The whole call data records of an object that wait for their receiver, in the order of their ends.
    QStringList recordsOf(const char* name) const
    {
        QStringList all;
        const QDir folder(fixture.config() + QStringLiteral("/cdr"));
        const QRegularExpression record(
            QStringLiteral("<cdr [^>]* h323=\"%1\"[^>]*>.*?</cdr>").arg(QString::fromUtf8(name)));
        for (const QString& entry :
             folder.entryList({QStringLiteral("out-*.cdr")}, QDir::Files, QDir::Name)) {
            QFile file(folder.filePath(entry));
            if (!file.open(QIODevice::ReadOnly))
                continue;
            auto found = record.globalMatch(QString::fromLatin1(file.readAll()));
            while (found.hasNext())
                all << found.next().captured();
        }
        return all;
    }
    /// Of each: `dir`, then its events.
    QStringList eventsOf(const char* name) const
    {
        static const QRegularExpression direction(QStringLiteral(" dir=\"([^\"]*)\""));
        static const QRegularExpression event(QStringLiteral(" msg=\"([^\"]*)\""));
        QStringList all;
        for (const QString& one : recordsOf(name)) {
            QStringList words{direction.match(one).captured(1)};
            auto events = event.globalMatch(one);
            while (events.hasNext())
                words << events.next().captured(1);
            all << words.join(u' ');
        }
        return all;
    }

    CtlFixture fixture;
    std::unique_ptr<ExchangeProcess> exchange;
    bool ready = true; ///< all of it has worked so far

private:
    void take(const CtlResult& result)
    {
        if (result.exitCode != 0)
            qWarning("%s", result.err.constData());
        ready = ready && result.exitCode == 0;
    }
};

/// How long a tone is heard [s].
inline double lengthOf(const WholeSound& sound, std::size_t channel, double hz)
{
    const auto samples = channelOf(sound.samples, channel, sound.channels);
    const std::size_t block = sound.rate / 100; // 10 ms
    double length = 0;
    for (std::size_t at = 0; block > 0 && at + block <= samples.size(); at += block)
        if (toneLevel(std::span(samples).subspan(at, block), hz, sound.rate) > 0.05)
            length += 0.01;
    return length;
}

inline QString valueOf(const QJsonObject& row, const char* key)
{
    return row[QLatin1String(key)].toString();
}

} // namespace sr::test
