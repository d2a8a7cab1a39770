// SPDX-License-Identifier: GPL-3.0-or-later
// A trace is switched off: what comes then, credentials and all, stands neither in its file nor in the words
// of the service (standard error), as Sofia's log would have it.
#include "core/base/file.h"
#include "core/sip/trace_file.h"
#include "tests/support/fake_clock.h"
#include "tests/support/idle_handler.h"
#include "tests/support/stack_port.h"

#include <QTcpSocket>
#include <QTemporaryDir>

#include <fcntl.h>
#include <unistd.h>

#include <future>

using namespace sr;
using namespace sr::sip;

namespace {

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Standard error of the whole program goes to a file.
class ErrorsTo {
public:
    explicit ErrorsTo(const QString& path)
    {
        const int file =
            ::open(path.toLocal8Bit().constData(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        ::dup2(file, STDERR_FILENO);
        ::close(file);
    }
    ~ErrorsTo()
    {
        ::dup2(m_kept, STDERR_FILENO);
        ::close(m_kept);
    }
    ErrorsTo(const ErrorsTo&) = delete;
    ErrorsTo& operator=(const ErrorsTo&) = delete;

private:
    int m_kept = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
};

/// A stack whose trace can be switched, and somebody who sends it requests.
struct Scene {
    void trace(bool on)
    {
        at.stack->trace(on ? MessageTap([this](TappedMessage message) { file.add(std::move(message)); })
                           : MessageTap());
        std::promise<void> isSwitched; // the stack's part; Sofia's agents are told a moment later
        at.stack->post([&] { isSwitched.set_value(); });
        isSwitched.get_future().wait();
    }
    /// With what must stay secret, and `more` headers. Whether there was an answer.
    bool ask(const QByteArray& callId, const QByteArray& method, const QByteArray& more)
    {
        const QByteArray n = QByteArray::number(++asked);
        const QByteArray request =
            method + " sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/" + (isStream ? "TCP" : "UDP") +
            " 192.0.2.1:4;branch=z9hG4bK" + n +
            ";rport\r\nFrom: <sip:anna@example.com>;tag=1\r\nTo: <sip:anna@example.com>\r\nCall-ID: " +
            callId + "\r\nCSeq: " + n + ' ' + method + "\r\nMax-Forwards: 70\r\n" + more +
            "Authorization: Digest username=\"anna\", realm=\"x\", nonce=\"n\", uri=\"sip:127.0.0.1\", "
            "response=\"confidential\"\r\nContent-Length: 0\r\n\r\n";
        if (!isStream) {
            at.send(request);
            return at.next().startsWith("SIP/2.0 ");
        }
        QTcpSocket stream; // one each: what cannot be read ends its stream
        stream.connectToHost(QHostAddress(QHostAddress::LocalHost), at.port);
        (void)stream.waitForConnected(10'000);
        stream.write(request);
        (void)QTest::qWaitFor([&] { return stream.bytesAvailable() > 0; }, 10'000);
        return stream.readAll().startsWith("SIP/2.0 ");
    }
    QByteArray traced() const { return contentOf(dir.filePath(QString::fromLatin1(kTraceName))); }
    QByteArray errors() const { return contentOf(dir.filePath(QStringLiteral("errors"))); }

    QTemporaryDir dir;
    ErrorsTo errorsTo{dir.filePath(QStringLiteral("errors"))};
    test::FakeClock clock;
    TraceFile file{pathOf(dir.path().toStdString()), clock};
    test::IdleHandler handler;
    test::StackPort at{handler};
    bool isStream = false; ///< the requests come by TCP
    int asked = 0;
};

} // namespace

class TraceOffTest : public QObject {
    Q_OBJECT

private slots:
    void nothingIsToldAnyMore_data()
    {
        QTest::addColumn<bool>("isStream");
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("more");
        const QByteArray tooLong = "X-Long: " + QByteArray(3000, 'x') + "\r\n"; // Sofia's log cuts it
        for (const bool isStream : {false, true}) {
            const char* const way = isStream ? "stream" : "datagram";
            for (const QByteArray& method : {QByteArray("REGISTER"), QByteArray("MESSAGE")}) {
                QTest::addRow("%s by %s", method.constData(), way) << isStream << method << QByteArray();
                QTest::addRow("long %s by %s", method.constData(), way) << isStream << method << tooLong;
            }
            QTest::addRow("unreadable by %s", way)
                << isStream << QByteArray("REGISTER sip:a b") << QByteArray();
        }
    }
    void nothingIsToldAnyMore()
    {
        QFETCH(bool, isStream);
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, more);
        Scene scene;
        scene.isStream = isStream;
        const auto isTraced = [&](const QByteArray& callId) { // until Sofia's agents know
            return QTest::qWaitFor(
                [&] {
                    return scene.ask(callId, method, more) && scene.traced().contains("Call-ID: " + callId);
                },
                10'000);
        };
        scene.trace(true);
        QVERIFY(isTraced("before"));
        scene.trace(false);
        for (int i = 0; i < 20; ++i)
            QVERIFY(scene.ask("meanwhile", method, more));
        std::fputs("another word\n", stderr);
        scene.trace(true);
        QVERIFY(isTraced("again")); // so that of before would be there by now
        scene.trace(false);

        QVERIFY2(!scene.traced().contains("meanwhile"), scene.traced().constData());
        QVERIFY(!scene.traced().contains("confidential"));
        QCOMPARE(scene.errors(), QByteArray("another word\n"));
    }
};

QTEST_GUILESS_MAIN(TraceOffTest)
#include "tst_trace_off_posix.moc"
