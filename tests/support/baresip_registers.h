// SPDX-License-Identifier: GPL-3.0-or-later
// A baresip that does nothing but register.
#pragma once

#include "tests/support/ctl_process.h"

#include <QDir>
#include <QProcess>
#include <QTest>

namespace sr::test {

/// Whether baresip does, with `transport` behind its URI.
inline bool baresipRegisters(const CtlFixture& fixture, const QString& user, const QString& password,
                             quint16 port, const QString& transport)
{
    QDir(fixture.root()).mkdir(QStringLiteral("phone"));
    const auto put = [&](const char* name, const QString& text) {
        QFile file(fixture.path(QStringLiteral("phone/") + QString::fromUtf8(name)));
        return file.open(QIODevice::WriteOnly) && file.write(text.toUtf8()) > 0;
    };
    if (!put("config",
             QStringLiteral("module_path /usr/lib/baresip/modules\nmodule g711.so\nmodule_app account.so\n"
                            "module_app menu.so\nsip_listen 127.0.0.1:0\n")) ||
        !put("accounts", QStringLiteral("<sip:%1@127.0.0.1:%2%3>;auth_pass=%4;regint=120\n")
                             .arg(user)
                             .arg(port)
                             .arg(transport, password)))
        return false;
    QProcess phone;
    phone.setProcessChannelMode(QProcess::MergedChannels);
    phone.start(QStringLiteral("baresip"), {QStringLiteral("-f"), fixture.path(QStringLiteral("phone"))});
    QByteArray words;
    const bool isRegistered = QTest::qWaitFor(
        [&] {
            words += phone.readAll();
            return words.contains("200 OK");
        },
        20'000);
    phone.terminate();
    phone.waitForFinished(10'000);
    if (!isRegistered)
        qCritical("%s", (words + phone.readAll()).constData());
    return isRegistered;
}

} // namespace sr::test
