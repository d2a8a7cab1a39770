// SPDX-License-Identifier: GPL-3.0-or-later
// DPAPI: the secret is not in what is stored, and what was changed does not open.
#include "core/base/secret_box.h"

#include <QTest>

using namespace sr;

class SecretBoxWin32Test : public QObject {
    Q_OBJECT
private slots:
    void theSecretCannotBeSeen()
    {
        const auto sealed = protectForMachine(bytesOf("kmcen-fdmap-karam"));
        QVERIFY(sealed);
        QVERIFY(textOf(*sealed).starts_with("SRDPAPI1"));
        QVERIFY(textOf(*sealed).find("kmcen") == std::string_view::npos);
    }
    void aCutOneIsRefused()
    {
        const Bytes sealed = protectForMachine(bytesOf("secret")).value();
        for (const std::size_t length : {std::size_t{8}, sealed.size() / 2, sealed.size() - 1}) {
            const auto opened = unprotectForMachine(ByteView(sealed).first(length));
            QVERIFY(!opened && opened.error().code == BaseErrc::Denied);
        }
    }
};

QTEST_GUILESS_MAIN(SecretBoxWin32Test)
#include "tst_secret_box_win32.moc"
