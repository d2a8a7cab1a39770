// SPDX-License-Identifier: GPL-3.0-or-later
// An outbox and its deliveries, whose pauses take no time. First include of core/base/bytes.h is the test's.
#pragma once

#include "core/cdr/delivery.h"
#include "tests/support/fake_clock.h"

#include <QStringList>
#include <QTemporaryDir>

namespace sr::cdr::test {

struct DeliveryScene {
    explicit DeliveryScene(std::vector<unsigned> which = {0})
        : interfaces(std::move(which))
    {}
    void open()
    {
        OutboxOptions options;
        options.interfaces = interfaces;
        auto opened = Outbox::open(pathOf(dir.path().toStdString()), clock, options);
        if (!opened)
            qFatal("%s", opened.error().text().c_str());
        box = std::move(*opened);
    }
    std::unique_ptr<Delivery> start(Destination to, unsigned interface = 0)
    {
        if (!box)
            open();
        if (auto good = Delivery::check(to); !good)
            qFatal("%s", good.error().text().c_str());
        DeliveryOptions options;
        options.timeout = timeout;
        options.problem = [this](const Error& error) {
            const std::scoped_lock lock(mutex);
            problems.push_back(error);
        };
        if (noPauses)
            options.after = [this](milliseconds, const std::function<void()>& again) {
                if (!stayWaiting)
                    again();
            };
        return std::make_unique<Delivery>(box->reader(interface), std::move(to), clock, options);
    }
    void add(int first, int last, std::size_t octets = 1)
    {
        for (int i = first; i <= last; ++i) {
            auto record = std::make_shared<CallDataRecord>();
            record->id = std::to_string(i);
            record->cn = "Ä & <B>\r\n€";
            for (std::size_t left = octets; left > kTextBytesMost; left -= kTextBytesMost)
                record->groups.push_back({std::string(kTextBytesMost, 'x')});
            box->add(record);
        }
    }
    static QStringList ids(int first, int last)
    {
        QStringList result;
        for (int i = first; i <= last; ++i)
            result << QString::number(i);
        return result;
    }
    static QString idOf(const QByteArray& xml)
    {
        const auto record = parse(xml.toStdString());
        return record && record->cn == "Ä & <B>\r\n€" ? QString::fromStdString(record->id)
                                                      : QStringLiteral("unreadable");
    }
    std::size_t told(CdrErrc code)
    {
        const std::scoped_lock lock(mutex);
        return static_cast<std::size_t>(
            std::ranges::count_if(problems, [&](const Error& one) { return one.code == code; }));
    }

    QTemporaryDir dir = {};
    sr::test::FakeClock clock = sr::test::FakeClock();
    std::vector<unsigned> interfaces;
    milliseconds timeout{10'000};
    bool noPauses = true;
    std::atomic<bool> stayWaiting = false;
    std::mutex mutex = {};
    std::vector<Error> problems = {};
    std::unique_ptr<Outbox> box = {};
};

} // namespace sr::cdr::test
