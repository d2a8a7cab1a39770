// SPDX-License-Identifier: GPL-3.0-or-later
// What every way of delivery does: counts, tells once, and waits ever longer. Internal to core/cdr.
#pragma once

#include "core/cdr/delivery.h"

#include <QObject>
#include <QSslCertificate>
#include <QUrl>

namespace sr::cdr {

/// Lives on the delivery's thread; the counts are for any.
class DeliveryWorker : public QObject {
public:
    DeliveryWorker(RecordSource& source, Destination to, const Clock& clock, DeliveryOptions options);
    /// There may be something to send.
    virtual void pump() = 0;

    std::atomic<std::uint64_t> delivered = 0;
    std::atomic<std::uint64_t> refused = 0;
    std::atomic<bool> waiting = false;

protected:
    using Item = RecordSource::Item;
    /// When the call was over, which may be long ago; now if the record does not say it.
    UtcTime momentOf(const Item& item) const;
    /// The oldest one.
    void onDelivered(const Item& item);
    /// The oldest one, too; false: it could not be kept aside, and all wait.
    bool onRefused(const Item& item, const std::string& why);
    /// pump() follows, later.
    void wait(const std::string& why);
    void after(milliseconds pause, const std::function<void()>& then);

    RecordSource& m_source;
    const Destination m_to;
    const Clock& m_clock;
    const DeliveryOptions m_options;
    const QUrl m_url;

private:
    bool m_told = false; ///< that it takes nothing
    milliseconds m_pause;
};

QUrl urlOf(const std::string& text);
/// Roots of a PEM file; the same errors as Delivery::check().
Result<QList<QSslCertificate>> rootsOf(const Path& file);

using WorkerMaker = DeliveryWorker* (*)(RecordSource&, Destination, const Clock&, DeliveryOptions);
DeliveryWorker* makeHttpWorker(RecordSource& source, Destination to, const Clock& clock,
                               DeliveryOptions options);
DeliveryWorker* makeTcpWorker(RecordSource& source, Destination to, const Clock& clock,
                              DeliveryOptions options);
DeliveryWorker* makeUdpWorker(RecordSource& source, Destination to, const Clock& clock,
                              DeliveryOptions options);

} // namespace sr::cdr
