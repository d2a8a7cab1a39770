// SPDX-License-Identifier: GPL-3.0-or-later
// One request after the other over QNetworkAccessManager.
#include "core/cdr/delivery_worker.h"

#include <QAuthenticator>
#include <QDateTime>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QSslConfiguration>
#include <QTimer>

#include <algorithm>
#include <array>

namespace sr::cdr {
namespace {

constexpr int kRedirectionsMost = 5;
constexpr qint64 kAnswerBytesMost = 64 * 1024; ///< nobody reads it

/// After so many failures of the receiver the record behind is tried, and the oldest once more. If that alone
/// fails, it is the record: a receiver that fails at one for ever would have none that come behind it.
constexpr unsigned kFailures = 12; // chosen: with the pauses between them 18 minutes

/// The receiver, or the way to it, and not this record.
bool isOfAllRecords(int status)
{
    static constexpr std::array kStatuses{401, 403, 404, 405, 407, 408, 421, 425, 429};
    return status < 400 || status >= 500 || std::ranges::find(kStatuses, status) != kStatuses.end();
}

bool isRedirection(int status)
{
    return status == 301 || status == 302 || status == 307 || status == 308;
}

bool isHttp(const QUrl& url)
{
    return url.isValid() && !url.host().isEmpty() && (url.scheme() == u"http" || url.scheme() == u"https");
}

bool sameHost(const QUrl& a, const QUrl& b)
{
    const auto port = [](const QUrl& url) { return url.port(url.scheme() == u"https" ? 443 : 80); };
    return a.scheme() == b.scheme() && a.host() == b.host() && port(a) == port(b);
}

class HttpWorker final : public DeliveryWorker {
public:
    HttpWorker(RecordSource& source, Destination to, const Clock& clock, DeliveryOptions options)
        : DeliveryWorker(source, std::move(to), clock, std::move(options))
        , m_network(this)
        , m_deadline(this)
    {
        m_deadline.setSingleShot(true);
        connect(&m_deadline, &QTimer::timeout, this, [this] {
            if (m_reply != nullptr)
                m_reply->abort();
        });
        connect(&m_network, &QNetworkAccessManager::authenticationRequired, this,
                [this](QNetworkReply* reply, QAuthenticator* with) { authenticate(*reply, *with); });
        if (!m_to.caFile.empty())
            m_roots = rootsOf(m_to.caFile).valueOr({});
    }

    void pump() override;

private:
    QByteArray words() const;
    QUrl urlWith(const QByteArray& query) const;
    void send(const QUrl& url);
    void authenticate(const QNetworkReply& reply, QAuthenticator& with);
    void begin(Item item);
    void onFinished();
    void onTaken();
    void onFailed(int status, const std::string& why);
    void onSettled(bool goesOn);
    bool redirect(const QNetworkReply& reply);

    QNetworkAccessManager m_network;
    QTimer m_deadline;
    QList<QSslCertificate> m_roots;
    QNetworkReply* m_reply = nullptr; ///< the request under way
    Item m_item;                      ///< of it
    enum class Phase : std::uint8_t { Oldest, Behind, Again };
    Phase m_phase = Phase::Oldest; ///< the oldest is sent, the one behind it, or the oldest once more
    Item m_other;                  ///< Behind: the oldest; Again: the one behind it, which was taken
    unsigned m_failures = 0;       ///< in turn, that the receiver called its own
    int m_redirections = 0;
    bool m_asked = false; ///< for credentials, in this request
};

void HttpWorker::pump()
{
    if (m_reply != nullptr || waiting)
        return;
    auto item = m_source.next();
    if (!item)
        return;
    begin(std::move(*item));
}

void HttpWorker::begin(Item item)
{
    m_item = std::move(item);
    m_redirections = 0;
    send(m_to.post ? m_url : urlWith(words()));
}

QByteArray HttpWorker::words() const
{
    const auto now = std::chrono::floor<seconds>(momentOf(m_item)).time_since_epoch().count();
    const QDateTime date = QDateTime::fromSecsSinceEpoch(now, Qt::UTC);
    return "event=syslog&time=" + QByteArray::number(static_cast<qlonglong>(now)) +
           "&date=" + date.toString(QStringLiteral("yyyyMMdd-HHmmss")).toLatin1() +
           "&from=" + QUrl::toPercentEncoding(QString::fromStdString(m_to.from)) +
           "&msg=" + QUrl::toPercentEncoding(QString::fromStdString(m_item.xml));
}

QUrl HttpWorker::urlWith(const QByteArray& query) const
{
    QUrl url = m_url;
    const QString own = m_url.query(QUrl::FullyEncoded);
    url.setQuery(own.isEmpty() ? QString::fromLatin1(query) : own + u'&' + QString::fromLatin1(query),
                 QUrl::StrictMode);
    return url;
}

void HttpWorker::send(const QUrl& url)
{
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    request.setHeader(QNetworkRequest::UserAgentHeader, QStringLiteral("Switchroom/" SR_VERSION));
    if (!m_roots.isEmpty()) {
        QSslConfiguration tls = request.sslConfiguration();
        tls.addCaCertificates(m_roots);
        request.setSslConfiguration(tls);
    }
    m_asked = false;
    if (m_to.post) {
        request.setHeader(QNetworkRequest::ContentTypeHeader,
                          QStringLiteral("application/x-www-form-urlencoded"));
        m_reply = m_network.post(request, words());
    } else {
        m_reply = m_network.get(request);
    }
    if (!m_to.verifyTls)
        connect(m_reply, &QNetworkReply::sslErrors, m_reply, [reply = m_reply] { reply->ignoreSslErrors(); });
    connect(m_reply, &QNetworkReply::readyRead, m_reply, [reply = m_reply, read = qint64{0}]() mutable {
        read += reply->readAll().size();
        if (read > kAnswerBytesMost)
            reply->abort();
    });
    connect(m_reply, &QNetworkReply::finished, this, &HttpWorker::onFinished);
    m_deadline.start(m_options.timeout);
}

/// Once in a request: who refuses them once does so for ever.
void HttpWorker::authenticate(const QNetworkReply& reply, QAuthenticator& with)
{
    if (std::exchange(m_asked, true) || m_to.user.empty() || !sameHost(reply.url(), m_url))
        return;
    with.setUser(QString::fromStdString(m_to.user));
    with.setPassword(QString::fromStdString(m_to.password));
}

void HttpWorker::onFinished()
{
    QNetworkReply& reply = *std::exchange(m_reply, nullptr);
    m_deadline.stop();
    reply.deleteLater();
    const int status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    const std::string why = status != 0 && status / 100 != 2
                                ? "HTTP " + std::to_string(status) + " of " + m_url.host().toStdString()
                                : reply.errorString().toStdString();
    if (status / 100 == 2 && reply.error() == QNetworkReply::NoError)
        return onTaken();
    if (isRedirection(status) && redirect(reply))
        return;
    if (isOfAllRecords(status) || m_phase == Phase::Behind)
        return onFailed(status, why);
    onSettled(onRefused(m_item, why));
}

void HttpWorker::onTaken()
{
    m_failures = 0;
    if (m_phase == Phase::Behind) { // so it is the oldest one's fault, unless that is taken now
        m_phase = Phase::Again;
        return begin(std::exchange(m_other, std::move(m_item)));
    }
    onDelivered(m_item);
    onSettled(true);
}

void HttpWorker::onFailed(int status, const std::string& why)
{
    if (m_phase == Phase::Again && status >= 500) // anything else is not that record's fault
        return onSettled(onRefused(m_item, why));
    if (m_phase == Phase::Behind)
        m_phase = Phase::Oldest;
    else if (m_phase == Phase::Oldest && status >= 500 && ++m_failures >= kFailures)
        if (auto behind = m_source.next(1)) {
            m_phase = Phase::Behind;
            m_other = std::move(m_item);
            return begin(std::move(*behind));
        }
    wait(why);
}

/// The oldest one is done with, or all wait.
void HttpWorker::onSettled(bool goesOn)
{
    if (!goesOn)
        return;
    if (std::exchange(m_phase, Phase::Oldest) == Phase::Again)
        onDelivered(m_other);
    pump();
}

bool HttpWorker::redirect(const QNetworkReply& reply)
{
    const QUrl from = reply.url();
    const QByteArray location = reply.rawHeader("Location");
    const QUrl to = from.resolved(QUrl::fromEncoded(location));
    const bool safe = from.scheme() == u"http" || to.scheme() == u"https";
    if (location.isEmpty() || !isHttp(to) || !safe || ++m_redirections > kRedirectionsMost)
        return false;
    send(to);
    return true;
}

} // namespace

DeliveryWorker* makeHttpWorker(RecordSource& source, Destination to, const Clock& clock,
                               DeliveryOptions options)
{
    return new HttpWorker(source, std::move(to), clock, std::move(options));
}

} // namespace sr::cdr
