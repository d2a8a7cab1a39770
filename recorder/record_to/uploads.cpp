// SPDX-License-Identifier: GPL-3.0-or-later
// QNetworkAccessManager; a line of files for each server.
#include "recorder/record_to/uploads.h"

#include "recorder/record_to/record_to_error.h"

#include <QAuthenticator>
#include <QFile>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslSocket>
#include <QThread>
#include <QTimer>
#include <QUrl>

#include <deque>
#include <map>

namespace sr::recorder {
namespace {

constexpr auto kFirstPause = seconds(1);
constexpr auto kLongestPause = std::chrono::minutes(5);
constexpr int kRedirectionsMost = 5;
constexpr qint64 kAnswerBytesMost = 64 * 1024; ///< nobody reads it
constexpr std::uint64_t kRootsBytesMost = 4U << 20U;

int portOf(const QUrl& url)
{
    return url.port(url.scheme() == u"https" ? 443 : 80);
}

bool sameHost(const QUrl& a, const QUrl& b)
{
    return a.scheme() == b.scheme() && a.host() == b.host() && portOf(a) == portOf(b);
}

bool isHttp(const QUrl& url)
{
    return url.isValid() && !url.host().isEmpty() && (url.scheme() == u"http" || url.scheme() == u"https");
}

bool isRedirection(int status)
{
    return status == 301 || status == 302 || status == 307 || status == 308;
}

QUrl urlOf(const Upload& upload)
{
    QUrl url(QString::fromStdString(upload.to), QUrl::StrictMode);
    const QByteArray name = QUrl::toPercentEncoding(QString::fromStdString(upload.name));
    url.setPath(url.path(QUrl::FullyEncoded) + QString::fromLatin1(name), QUrl::StrictMode);
    url.setUserInfo({});
    return url;
}

/// The files for one server.
struct Line {
    std::deque<Upload> files;
    QNetworkReply* reply = nullptr; ///< of the first one
    int redirections = 0;
    bool asked = false;   ///< for credentials, in this request
    bool waiting = false; ///< it takes nothing
    milliseconds pause = kFirstPause;
};

class UploadWorker final : public QObject {
public:
    UploadWorker(UploadOptions options, QList<QSslCertificate> roots)
        : m_options(std::move(options))
        , m_roots(std::move(roots))
        , m_network(this)
    {
        connect(&m_network, &QNetworkAccessManager::authenticationRequired, this,
                [this](QNetworkReply* reply, QAuthenticator* with) { authenticate(*reply, *with); });
    }
    void add(Upload upload)
    {
        const QUrl url = urlOf(upload);
        Line& line = m_lines[url.host().toStdString() + ":" + std::to_string(portOf(url))];
        line.files.push_back(std::move(upload));
        pump(line);
    }

private:
    void pump(Line& line);
    void send(Line& line, const QUrl& url);
    void authenticate(const QNetworkReply& reply, QAuthenticator& with);
    void onFinished(Line& line);
    bool redirect(Line& line, const QNetworkReply& reply);
    void wait(Line& line, const std::string& why);

    const UploadOptions m_options;
    const QList<QSslCertificate> m_roots;
    QNetworkAccessManager m_network;
    std::map<std::string, Line> m_lines; ///< by host and port
};

void UploadWorker::pump(Line& line)
{
    if (line.reply != nullptr || line.waiting || line.files.empty())
        return;
    line.redirections = 0;
    send(line, urlOf(line.files.front()));
}

void UploadWorker::send(Line& line, const QUrl& url)
{
    const Upload& upload = line.files.front();
    auto file = std::make_unique<QFile>(QString::fromStdString(utf8Of(upload.file)));
    if (!file->open(QIODevice::ReadOnly))
        return wait(line, utf8Of(upload.file) + ": " + file->errorString().toStdString());
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    request.setHeader(QNetworkRequest::UserAgentHeader, QStringLiteral("Switchroom/" SR_VERSION));
    request.setHeader(QNetworkRequest::ContentTypeHeader, QStringLiteral("application/vnd.tcpdump.pcap"));
    request.setHeader(QNetworkRequest::ContentLengthHeader, file->size());
    request.setTransferTimeout(static_cast<int>(m_options.timeout.count()));
    if (!m_roots.isEmpty()) {
        QSslConfiguration tls = request.sslConfiguration();
        tls.addCaCertificates(m_roots);
        request.setSslConfiguration(tls);
    }
    line.asked = false;
    line.reply = m_network.put(request, file.get());
    file.release()->setParent(line.reply);
    connect(line.reply, &QNetworkReply::readyRead, line.reply,
            [reply = line.reply, read = qint64{0}]() mutable {
                read += reply->readAll().size();
                if (read > kAnswerBytesMost)
                    reply->abort();
            });
    connect(line.reply, &QNetworkReply::finished, this, [this, &line] { onFinished(line); });
}

/// Once in a request: who refuses them once does so for ever.
void UploadWorker::authenticate(const QNetworkReply& reply, QAuthenticator& with)
{
    for (auto& [server, line] : m_lines) {
        if (line.reply != &reply || std::exchange(line.asked, true))
            continue;
        const QUrl url(QString::fromStdString(line.files.front().to), QUrl::StrictMode);
        if (url.userName().isEmpty() || !sameHost(reply.url(), url))
            return;
        with.setUser(url.userName(QUrl::FullyDecoded));
        with.setPassword(url.password(QUrl::FullyDecoded));
    }
}

void UploadWorker::onFinished(Line& line)
{
    QNetworkReply& reply = *std::exchange(line.reply, nullptr);
    reply.deleteLater();
    reply.findChild<QFile*>()->close(); // or it stays on a Windows disk when it is removed
    const int status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (status / 100 == 2 && reply.error() == QNetworkReply::NoError) {
        const Upload done = std::move(line.files.front());
        line.files.pop_front();
        line.pause = kFirstPause;
        if (m_options.delivered)
            m_options.delivered(done);
        return pump(line);
    }
    if (isRedirection(status) && redirect(line, reply))
        return;
    const std::string host = reply.url().host().toStdString();
    wait(line, status != 0 && status / 100 != 2 ? host + ": HTTP " + std::to_string(status)
                                                : host + ": " + reply.errorString().toStdString());
}

bool UploadWorker::redirect(Line& line, const QNetworkReply& reply)
{
    const QUrl from = reply.url();
    const QByteArray location = reply.rawHeader("Location");
    QUrl to = from.resolved(QUrl::fromEncoded(location));
    to.setUserInfo({});
    const bool safe = from.scheme() == u"http" || to.scheme() == u"https";
    if (location.isEmpty() || !isHttp(to) || !safe || ++line.redirections > kRedirectionsMost)
        return false;
    send(line, to);
    return true;
}

void UploadWorker::wait(Line& line, const std::string& why)
{
    line.waiting = true;
    if (m_options.problem)
        m_options.problem(line.files.front(), fail(RecordToErrc::Unreachable, why));
    line.files.push_back(std::move(line.files.front())); // it may be this file alone that is refused
    line.files.pop_front();
    const milliseconds pause = line.pause;
    line.pause = std::min<milliseconds>(2 * line.pause, kLongestPause);
    const auto again = [this, &line] {
        line.waiting = false;
        pump(line);
    };
    if (m_options.after)
        m_options.after(pause, again);
    else
        QTimer::singleShot(pause, this, again);
}

Result<QList<QSslCertificate>> rootsOf(const Path& file)
{
    if (file.empty())
        return QList<QSslCertificate>();
    const auto bytes = readFile(file, kRootsBytesMost);
    if (!bytes)
        return bytes.error();
    const std::string_view text = textOf(*bytes);
    auto roots = QSslCertificate::fromData(QByteArray(text.data(), static_cast<qsizetype>(text.size())));
    if (roots.isEmpty())
        return fail(BaseErrc::Malformed, "no certificate in PEM in " + utf8Of(file));
    return roots;
}

} // namespace

struct Uploads::Impl {
    QThread thread{nullptr};
    UploadWorker* worker = nullptr; ///< goes with the thread
};

Result<std::unique_ptr<Uploads>> Uploads::start(UploadOptions options)
{
    auto roots = rootsOf(options.caFile);
    if (!roots)
        return roots.error();
    QSslSocket::supportsSsl(); // here and not on its thread, as cdr::Delivery does
    auto impl = std::make_unique<Impl>();
    impl->worker = new UploadWorker(std::move(options), std::move(*roots));
    impl->worker->moveToThread(&impl->thread);
    QObject::connect(&impl->thread, &QThread::finished, impl->worker, &QObject::deleteLater);
    impl->thread.setObjectName(QStringLiteral("record to"));
    impl->thread.start();
    return std::unique_ptr<Uploads>(new Uploads(std::move(impl)));
}

Uploads::Uploads(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

Uploads::~Uploads()
{
    m_impl->thread.quit();
    m_impl->thread.wait();
}

void Uploads::add(Upload upload)
{
    QMetaObject::invokeMethod(
        m_impl->worker, [worker = m_impl->worker, upload = std::move(upload)] { worker->add(upload); },
        Qt::QueuedConnection);
}

} // namespace sr::recorder
