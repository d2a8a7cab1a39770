// SPDX-License-Identifier: GPL-3.0-or-later
// A TLS server for tests, by OpenSSL over a Qt socket: no key goes through the key store of the system.
#pragma once

#include "tests/support/test_ca.h"

#include <QTcpServer>
#include <QTcpSocket>

#include <openssl/ssl.h>

#include <array>
#include <functional>
#include <memory>

namespace sr::test {

/// One answer to what a client sends in one piece. On the thread that made it, which runs an event loop.
class TlsServer {
public:
    using Answer = std::function<QByteArray(const QByteArray& request)>;

    TlsServer(const Issued& identity, Answer answer)
        : m_context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free)
        , m_answer(std::move(answer))
    {
        use(identity);
        QObject::connect(&m_server, &QTcpServer::newConnection, [this] {
            while (QTcpSocket* const socket = m_server.nextPendingConnection())
                serve(*socket);
        });
        if (!m_server.listen(QHostAddress::LocalHost))
            qFatal("no port");
    }
    /// For the connections that come from now on.
    void use(const Issued& identity)
    {
        const std::unique_ptr<X509, decltype(&X509_free)> certificate(
            PEM_read_bio_X509(bioOf(identity.certificate).get(), nullptr, nullptr, nullptr), &X509_free);
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
            PEM_read_bio_PrivateKey(bioOf(identity.key).get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
        if (SSL_CTX_use_certificate(m_context.get(), certificate.get()) != 1 ||
            SSL_CTX_use_PrivateKey(m_context.get(), key.get()) != 1)
            qFatal("no certificate");
    }
    quint16 port() const { return m_server.serverPort(); }

private:
    static std::unique_ptr<BIO, decltype(&BIO_free)> bioOf(const std::string& text)
    {
        return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
    }

    void serve(QTcpSocket& socket)
    {
        const std::shared_ptr<SSL> tls(SSL_new(m_context.get()), &SSL_free);
        SSL_set_bio(tls.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_accept_state(tls.get());
        QObject::connect(&socket, &QTcpSocket::readyRead, [this, &socket, tls] { onData(socket, *tls); });
        QObject::connect(&socket, &QTcpSocket::disconnected, &socket, &QObject::deleteLater);
    }
    void onData(QTcpSocket& socket, SSL& tls) const
    {
        const QByteArray cipher = socket.readAll();
        BIO_write(SSL_get_rbio(&tls), cipher.data(), static_cast<int>(cipher.size()));
        QByteArray request;
        std::array<char, 16'384> part{};
        int got = 0;
        while ((got = SSL_read(&tls, part.data(), static_cast<int>(part.size()))) > 0)
            request.append(part.data(), got);
        const bool failed = SSL_get_error(&tls, got) != SSL_ERROR_WANT_READ;
        if (!request.isEmpty()) {
            const QByteArray answer = m_answer(request);
            SSL_write(&tls, answer.data(), static_cast<int>(answer.size()));
        }
        while ((got = BIO_read(SSL_get_wbio(&tls), part.data(), static_cast<int>(part.size()))) > 0)
            socket.write(part.data(), got);
        if (failed)
            socket.disconnectFromHost();
    }

    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> m_context;
    const Answer m_answer;
    QTcpServer m_server;
};

} // namespace sr::test
