// SPDX-License-Identifier: GPL-3.0-or-later
// Requests over QNetworkAccessManager, several at once.
#include "core/pbx/script_fetch.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QSslSocket>
#include <QThread>
#include <QTimer>
#include <QUrl>

namespace sr::pbx {
namespace {

QUrl urlOf(const std::string& text)
{
    return QUrl(QString::fromStdString(text), QUrl::StrictMode);
}

/// `host`, or `host:port` where the port is another one than the scheme's.
QString placeOf(const QUrl& url)
{
    const int own = url.scheme() == u"https" ? 443 : 80;
    const QString host = url.host();
    const QString name = host.contains(u':') ? u'[' + host + u']' : host;
    return url.port(own) == own ? name : name + u':' + QString::number(url.port());
}

} // namespace

/// Lives on the thread of the fetch.
class FetchWorker final : public QObject {
public:
    FetchWorker(milliseconds timeout, std::size_t bytes)
        : m_timeout(timeout)
        , m_bytes(static_cast<qint64>(bytes))
        , m_network(this)
    {}
    void get(const QUrl& url, ScriptFetch::Done done);

private:
    static Result<std::string> resultOf(QNetworkReply& reply, const QByteArray& body, bool late, qint64 most);

    milliseconds m_timeout;
    qint64 m_bytes;
    QNetworkAccessManager m_network;
    std::size_t m_running = 0;
};

void FetchWorker::get(const QUrl& url, ScriptFetch::Done done)
{
    if (m_running >= ScriptFetch::kMost)
        return done(fail(BaseErrc::Io, "too many requests of scripts at once"));
    ++m_running;
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    request.setHeader(QNetworkRequest::UserAgentHeader, QStringLiteral("Switchroom/" SR_VERSION));
    QNetworkReply* const reply = m_network.get(request);
    auto* const deadline = new QTimer(reply);
    const auto body = std::make_shared<QByteArray>();
    connect(reply, &QNetworkReply::readyRead, reply, [this, reply, body] {
        body->append(reply->readAll());
        if (body->size() > m_bytes)
            reply->abort();
    });
    connect(reply, &QNetworkReply::finished, this, [this, reply, deadline, body, done = std::move(done)] {
        --m_running;
        body->append(reply->bytesAvailable() > 0 ? reply->readAll() : QByteArray());
        done(resultOf(*reply, *body, !deadline->isActive(), m_bytes));
        reply->deleteLater();
    });
    deadline->setSingleShot(true);
    connect(deadline, &QTimer::timeout, reply, [reply] { reply->abort(); });
    deadline->start(m_timeout);
}

Result<std::string> FetchWorker::resultOf(QNetworkReply& reply, const QByteArray& body, bool late,
                                          qint64 most)
{
    const std::string url = reply.url().toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery).toStdString();
    const int status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (body.size() > most)
        return fail(BaseErrc::TooLarge, url);
    if (late)
        return fail(BaseErrc::Io, url + " took too long");
    if (status != 0 && status / 100 != 2)
        return fail(BaseErrc::Io, "HTTP " + std::to_string(status) + " of " + url);
    if (reply.error() != QNetworkReply::NoError)
        return fail(BaseErrc::Io, url + ": " + reply.errorString().toStdString());
    return body.toStdString();
}

struct ScriptFetch::Impl {
    QThread thread{nullptr};
    FetchWorker* worker = nullptr; ///< goes with the thread
};

ScriptFetch::ScriptFetch(milliseconds timeout, std::size_t bytes)
    : m_impl(new Impl)
{
    m_impl->worker = new FetchWorker(timeout, bytes);
    QSslSocket::supportsSsl(); // here, and not on that thread: see cdr::Delivery
    m_impl->worker->moveToThread(&m_impl->thread);
    QObject::connect(&m_impl->thread, &QThread::finished, m_impl->worker, &QObject::deleteLater);
    m_impl->thread.setObjectName(QStringLiteral("scripts by HTTP"));
    m_impl->thread.start();
}

ScriptFetch::~ScriptFetch()
{
    m_impl->thread.quit();
    m_impl->thread.wait();
}

bool ScriptFetch::isAllowed(const std::string& text, std::string_view hosts)
{
    const QUrl url = urlOf(text);
    if (!url.isValid() || url.host().isEmpty() || !url.userInfo().isEmpty() ||
        (url.scheme() != u"http" && url.scheme() != u"https"))
        return false;
    const QString place = placeOf(url);
    const QString all = QString::fromUtf8(hosts.data(), static_cast<qsizetype>(hosts.size()));
    const auto words = all.split(u' ', Qt::SkipEmptyParts);
    for (const QString& word : words)
        for (const QString& one : word.split(u',', Qt::SkipEmptyParts))
            if (one.compare(place, Qt::CaseInsensitive) == 0)
                return true;
    return false;
}

void ScriptFetch::get(const std::string& url, Done done)
{
    QMetaObject::invokeMethod(
        m_impl->worker,
        [worker = m_impl->worker, url = urlOf(url), done = std::move(done)] { worker->get(url, done); },
        Qt::QueuedConnection);
}

} // namespace sr::pbx
