// SPDX-License-Identifier: GPL-3.0-or-later
// What this machine seals it opens, and what nobody sealed stays as it is.
#include "core/base/secret_box.h"

#include <QTest>

using namespace sr;

class SecretBoxTest : public QObject {
    Q_OBJECT
private slots:
    void opensWhatItSealed()
    {
        Bytes secret(5000);
        for (std::size_t i = 0; i < secret.size(); ++i)
            secret[i] = static_cast<std::byte>(i * 7);
        const auto sealed = protectForMachine(secret);
        QVERIFY(sealed);
        const auto opened = unprotectForMachine(*sealed);
        QVERIFY(opened);
        QCOMPARE(*opened, secret);
    }
    void takesWhatNobodySealed()
    {
        for (const char* text : {"", "SR", "SRKEYF2\nrest"}) {
            const auto opened = unprotectForMachine(bytesOf(text));
            QVERIFY(opened);
            QCOMPARE(textOf(*opened), std::string_view(text));
        }
    }
};

QTEST_GUILESS_MAIN(SecretBoxTest)
#include "tst_secret_box.moc"
