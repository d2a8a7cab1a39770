// SPDX-License-Identifier: GPL-3.0-or-later
// The thread of a delivery, and what its ways share.
#include "core/cdr/delivery.h"

#include "core/cdr/call_data_record.h"
#include "core/cdr/delivery_worker.h"

#include <QSslSocket>
#include <QThread>
#include <QTimer>

#include <algorithm>

namespace sr::cdr {
namespace {

constexpr auto kFirstPause = seconds(1);
constexpr auto kLongestPause = std::chrono::minutes(5);
constexpr std::uint64_t kRootsBytesMost = 4U << 20U;
constexpr int kFacilities = 24;

struct Way {
    const char* scheme;
    bool port; ///< must be named
    WorkerMaker make;
};

constexpr Way kWays[] = {
    {"http", false, &makeHttpWorker},  {"https", false, &makeHttpWorker},     {"tcp", true, &makeTcpWorker},
    {"syslog", false, &makeUdpWorker}, {"syslog+tcp", false, &makeTcpWorker},
};

const Way* wayOf(const QUrl& url)
{
    const auto way = std::ranges::find_if(
        kWays, [&](const Way& one) { return url.scheme() == QLatin1String(one.scheme); });
    return way == std::end(kWays) ? nullptr : way;
}

} // namespace

QUrl urlOf(const std::string& text)
{
    return QUrl(QString::fromStdString(text), QUrl::StrictMode);
}

Result<QList<QSslCertificate>> rootsOf(const Path& file)
{
    const auto bytes = readFile(file, kRootsBytesMost);
    if (!bytes)
        return bytes.error();
    const std::string_view text = textOf(*bytes);
    auto roots = QSslCertificate::fromData(QByteArray(text.data(), static_cast<qsizetype>(text.size())));
    if (roots.isEmpty())
        return fail(CdrErrc::Malformed, "no certificate in PEM in " + utf8Of(file));
    return roots;
}

DeliveryWorker::DeliveryWorker(RecordSource& source, Destination to, const Clock& clock,
                               DeliveryOptions options)
    : m_source(source)
    , m_to(std::move(to))
    , m_clock(clock)
    , m_options(std::move(options))
    , m_url(urlOf(m_to.url))
    , m_pause(kFirstPause)
{}

UtcTime DeliveryWorker::momentOf(const Item& item) const
{
    const UtcTime now = m_clock.utcNow();
    const auto record = parse(item.xml);
    if (!record || record->utc == 0)
        return now;
    const seconds length(record->events.empty() ? 0 : record->events.back().time);
    return std::min(now, UtcTime(seconds(item.base != 0 ? item.base : record->utc) + length));
}

void DeliveryWorker::onDelivered(const Item& item)
{
    m_source.delivered(item);
    ++delivered;
    m_pause = kFirstPause;
    m_told = false;
}

bool DeliveryWorker::onRefused(const Item& item, const std::string& why)
{
    if (auto kept = m_source.setAside(item); !kept) {
        wait(kept.error().text());
        return false;
    }
    ++refused;
    if (m_options.problem)
        m_options.problem(fail(CdrErrc::Refused, why));
    m_pause = kFirstPause;
    return true;
}

void DeliveryWorker::wait(const std::string& why)
{
    waiting = true;
    if (!std::exchange(m_told, true) && m_options.problem)
        m_options.problem(fail(CdrErrc::Unreachable, why));
    const milliseconds pause = m_pause;
    m_pause = std::min<milliseconds>(2 * m_pause, kLongestPause);
    after(pause, [this] {
        waiting = false;
        pump();
    });
}

void DeliveryWorker::after(milliseconds pause, const std::function<void()>& then)
{
    if (m_options.after)
        m_options.after(pause, then);
    else
        QTimer::singleShot(pause, this, then);
}

struct Delivery::Impl {
    RecordSource& source;
    QThread thread{nullptr};
    DeliveryWorker* worker = nullptr; ///< goes with the thread
};

Status Delivery::check(const Destination& to)
{
    const QUrl url = urlOf(to.url);
    const Way* const way = wayOf(url);
    if (!url.isValid() || way == nullptr || url.host().isEmpty())
        return fail(CdrErrc::Malformed, "no URL of http, https, tcp, syslog or syslog+tcp");
    if (url.hasFragment() || !url.userInfo().isEmpty())
        return fail(CdrErrc::Malformed, "a URL with a user or fragment");
    const bool http = url.scheme().startsWith(u"http");
    if (!http && (url.hasQuery() || (!url.path().isEmpty() && url.path() != u"/")))
        return fail(CdrErrc::Malformed, "a path, which only http and https have");
    if (url.port() == 0 || (way->port && url.port() < 0))
        return fail(CdrErrc::Malformed, "a URL without its port");
    if (to.syslogFacility < 0 || to.syslogFacility >= kFacilities)
        return fail(CdrErrc::Malformed, "a facility of syslog is 0 to 23");
    if (to.caFile.empty())
        return {};
    const auto roots = rootsOf(to.caFile);
    return roots ? Status() : Status(roots.error());
}

Delivery::Delivery(RecordSource& source, Destination to, const Clock& clock, DeliveryOptions options)
    : m_impl(new Impl{source})
{
    // Qt looks for its TLS here and not on the thread of the delivery: with MinGW a thread that was the first
    // to load a plugin can keep the program from ending.
    QSslSocket::supportsSsl();
    const Way* const way = wayOf(urlOf(to.url));
    DeliveryWorker* const worker = way->make(source, std::move(to), clock, std::move(options));
    m_impl->worker = worker;
    worker->moveToThread(&m_impl->thread);
    QObject::connect(&m_impl->thread, &QThread::finished, worker, &QObject::deleteLater);
    m_impl->thread.setObjectName(QStringLiteral("call data records"));
    m_impl->thread.start();
    const auto pump = [worker] {
        QMetaObject::invokeMethod(
            worker, [worker] { worker->pump(); }, Qt::QueuedConnection);
    };
    source.setAvailable(pump);
    pump();
}

Delivery::~Delivery()
{
    m_impl->source.setAvailable({});
    m_impl->thread.quit();
    m_impl->thread.wait();
}

Delivery::Counts Delivery::counts() const
{
    return {m_impl->worker->delivered, m_impl->worker->refused, m_impl->worker->waiting};
}

} // namespace sr::cdr
