// SPDX-License-Identifier: GPL-3.0-or-later
// Qt knows where each system keeps them.
#include "app/exchange/trusted_roots.h"

#include "core/cdr/delivery_worker.h"

#include <QSslCertificate>
#include <QSslConfiguration>

namespace sr::exchange {

Result<std::string> trustedRoots(const Path& more)
{
    QList<QSslCertificate> roots = QSslConfiguration::systemCaCertificates();
    if (!more.empty()) {
        const auto given = cdr::rootsOf(more);
        if (!given)
            return given.error();
        roots += *given;
    }
    QByteArray text;
    for (const QSslCertificate& root : roots)
        text += root.toPem();
    return text.toStdString();
}

} // namespace sr::exchange
