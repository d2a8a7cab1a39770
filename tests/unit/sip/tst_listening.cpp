// SPDX-License-Identifier: GPL-3.0-or-later
// A stack that cannot listen says so, and leaves nothing behind.
#include "core/sip/sip_error.h"
#include "tests/support/idle_handler.h"

#include <QDir>
#include <QTest>

using namespace sr;
using namespace sr::sip;

namespace {

StackOptions at(const Endpoint& endpoint)
{
    StackOptions options;
    options.listen = {endpoint};
    options.product = "Test";
    return options;
}

/// 0 where the system does not tell.
qsizetype openFiles()
{
    return QDir(QStringLiteral("/proc/self/fd")).entryList(QDir::AllEntries | QDir::System).size();
}

} // namespace

class ListeningTest : public QObject {
    Q_OBJECT

private slots:
    void aTakenPortIsSaidAndCostsNothing()
    {
        sr::test::IdleHandler handler;
        auto first = SipStack::start(at(*Endpoint::parse("127.0.0.1:0")), handler);
        QVERIFY(bool(first));
        const Endpoint taken = (*first)->listeners().at(0);
        QVERIFY(!SipStack::start(at(taken), handler)); // what is opened once for all is open
        const qsizetype before = openFiles();
        for (int i = 0; i < 3; ++i) {
            const auto second = SipStack::start(at(taken), handler);
            QVERIFY(!second && second.error().code == SipErrc::Listen);
            QVERIFY2(second.error().text().find(taken.toString()) != std::string::npos,
                     second.error().text().c_str());
        }
        QCOMPARE(openFiles(), before);
        first->reset();
        QVERIFY(bool(SipStack::start(at(taken), handler)));
    }
};

QTEST_APPLESS_MAIN(ListeningTest)
#include "tst_listening.moc"
