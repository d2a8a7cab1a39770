// SPDX-License-Identifier: GPL-3.0-or-later
// Phones watch each other: baresip and SIPp subscribe, publish and write messages at switchroomd, and at an
// exchange of this program where something is to be set that switchroomd has no command for.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/pbx/exchange.h"
#include "tests/support/baresip_phone.h"
#include "tests/support/exchange_process.h"
#include "tests/support/raw_phone.h"

#include <QRegularExpression>
#include <QStandardPaths>
#include <QTest>

#include <future>

using namespace sr;
using sr::test::BaresipOptions;
using sr::test::BaresipPhone;
using sr::test::CtlFixture;
using sr::test::ExchangeProcess;
using sr::test::RawPhone;

namespace {

const QString kPassword = QStringLiteral("secret");

/// Exchange and stack without a service around them.
class OwnExchange {
public:
    OwnExchange()
        : exchange(directory(), crypto::Secret::random().value(), {}, m_clock)
    {
        sip::StackOptions options;
        options.listen = {*Endpoint::parse("127.0.0.1:0")};
        options.product = "Switchroom/test";
        m_stack = sip::SipStack::start(options, exchange).value();
    }
    ~OwnExchange() { m_stack.reset(); }
    quint16 port() const { return m_stack->listeners().front().port; }
    /// On the control thread.
    template <typename Work>
    auto run(Work work)
    {
        std::promise<decltype(work(exchange))> done;
        m_stack->post([&] { done.set_value(work(exchange)); });
        return done.get_future().get();
    }
    std::size_t watches()
    {
        return run([](pbx::Exchange& e) { return e.subscriptions().count(); });
    }
    bool setMessages(pbx::MessageCounts counts)
    {
        return run([&](pbx::Exchange& e) {
            e.subscriptions().setMessages("otto", counts);
            return true;
        });
    }
    bool setPresence(pbx::Activity activity, bool open = true)
    {
        return run([&](pbx::Exchange& e) {
            e.subscriptions().setPresence("anna", {open, activity, "a note"});
            return true;
        });
    }

private:
    static std::shared_ptr<const pbx::Directory> directory()
    {
        std::vector<pbx::User> users;
        for (const auto& [name, number] : {std::pair{"anna", "100"}, std::pair{"otto", "101"}})
            users.push_back(
                {name, number, name, {"sales"}, sip::digestSecret(name, "realm", kPassword.toStdString())});
        return std::make_shared<pbx::Directory>("realm", std::move(users));
    }

    SystemClock m_clock;

public:
    pbx::Exchange exchange;

private:
    std::unique_ptr<sip::SipStack> m_stack;
};

/// A SIPp that watches one user, and goes on when it has seen each of `words` in this order.
QString watchingScenario(const QString& event, const QString& watched, const QStringList& words)
{
    const auto subscribe = [&](int cseq, const QString& more) {
        return QStringLiteral("<send retrans=\"500\"><![CDATA[\nSUBSCRIBE sip:%1@[remote_ip]:[remote_port] "
                              "SIP/2.0\nVia: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\n"
                              "From: <sip:[service]@[remote_ip]>;tag=[call_number]\n"
                              "To: <sip:%1@[remote_ip]>\nCall-ID: [call_id]\nCSeq: %2 SUBSCRIBE\n"
                              "Contact: <sip:[service]@[local_ip]:[local_port]>\nMax-Forwards: 70\n"
                              "Event: %4\nExpires: 600\n%3"
                              "Content-Length: 0\n\n]]></send>")
            .arg(watched)
            .arg(cseq)
            .arg(more, event);
    };
    QString steps = subscribe(1, {}) + QStringLiteral("<recv response=\"401\" auth=\"true\"/>") +
                    subscribe(2, QStringLiteral("[authentication]\n")) +
                    QStringLiteral("<recv response=\"200\"/>");
    const auto reply = [](const QString& next) {
        return QStringLiteral("<send%1><![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n"
                              "[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n]]></send>")
            .arg(next);
    };
    for (int i = 0; i < words.size(); ++i) { // no <nop>: SIPp waits there, and the next NOTIFY is too early
        const QString again = QString::number(2 * i + 1);
        const QString seen = QString::number(2 * i + 2);
        steps += QStringLiteral("<label id=\"%1\"/><recv request=\"NOTIFY\" next=\"%2\" test=\"seen%2\">"
                                "<action><ereg regexp=\"%3\" search_in=\"body\" assign_to=\"seen%2\"/>"
                                "</action></recv>")
                     .arg(again, seen, words[i]) +
                 reply(QStringLiteral(" next=\"%1\"").arg(again)) +
                 QStringLiteral("<label id=\"%1\"/>").arg(seen) + reply({});
    }
    return QStringLiteral("<?xml version=\"1.0\"?><scenario name=\"lamp\">") + steps +
           QStringLiteral("</scenario>");
}

void startSipp(QProcess& process, const CtlFixture& fixture, quint16 port, const QString& user,
               const QString& password, const QString& scenario)
{
    QFile file(fixture.path(QStringLiteral("lamp.xml")));
    if (file.open(QIODevice::WriteOnly))
        file.write(scenario.toUtf8());
    file.close();
    const auto word = [](const char* text) { return QString::fromUtf8(text); };
    process.setWorkingDirectory(fixture.root());
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(word("sipp"), {QStringLiteral("127.0.0.1:%1").arg(port),
                                 word("-i"),
                                 word("127.0.0.1"),
                                 word("-sf"),
                                 file.fileName(),
                                 word("-s"),
                                 user,
                                 word("-au"),
                                 user,
                                 word("-ap"),
                                 password,
                                 word("-m"),
                                 word("1"),
                                 word("-nostdin"),
                                 word("-recv_timeout"),
                                 word("20000"),
                                 word("-trace_err"),
                                 word("-trace_msg"),
                                 word("-message_file"),
                                 word("messages.log"),
                                 word("-error_file"),
                                 word("errors.log")});
}

QByteArray contents(const CtlFixture& fixture, const char* name)
{
    QFile file(fixture.path(QString::fromUtf8(name)));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class PresenceTest : public QObject {
    Q_OBJECT

    static std::unique_ptr<BaresipPhone> phone(const CtlFixture& fixture, const char* folder,
                                               const char* user, quint16 port,
                                               const QStringList& modules = {}, const char* contact = nullptr)
    {
        BaresipOptions options;
        options.user = QString::fromUtf8(user);
        options.password = kPassword;
        options.modules = modules;
        if (contact != nullptr)
            options.contact = QStringLiteral("sip:%1@127.0.0.1:%2").arg(QString::fromUtf8(contact)).arg(port);
        return std::make_unique<BaresipPhone>(fixture.path(QString::fromUtf8(folder)), port, options);
    }
    static void addUsers(const CtlFixture& fixture)
    {
        for (const auto& [name, number] :
             {std::pair{"anna", "100"}, std::pair{"otto", "101"}, std::pair{"eve", "102"}})
            QCOMPARE(test::addUser(fixture, name, number, kPassword.toUtf8(),
                                   {QStringLiteral("--group"), QStringLiteral("sales")})
                         .exitCode,
                     0);
    }

private slots:
    void initTestCase()
    {
        for (const char* program : {"baresip", "sipp"})
            QVERIFY2(!QStandardPaths::findExecutable(QString::fromUtf8(program)).isEmpty(), program);
    }

    void aLampFollowsARealCall()
    {
        const CtlFixture fixture;
        addUsers(fixture);
        ExchangeProcess exchange(fixture);
        const auto otto = phone(fixture, "otto", "otto", exchange.port4);
        const auto anna = phone(fixture, "anna", "anna", exchange.port4);
        QVERIFY(otto->isReady() && anna->isReady());
        QProcess lamp;
        startSipp(
            lamp, fixture, exchange.port4, QStringLiteral("eve"), kPassword,
            watchingScenario(QStringLiteral("dialog"), QStringLiteral("101"),
                             {QStringLiteral("state=.full."), QStringLiteral("&gt;early&lt;"),
                              QStringLiteral("&gt;confirmed&lt;"), QStringLiteral("pval=.no."),
                              QStringLiteral("pval=.yes."), QStringLiteral("sip:101@127.0.0.1./&gt;")}));
        QTRY_VERIFY_WITH_TIMEOUT(contents(fixture, "messages.log").contains("state=\"full\""), 20'000);
        anna->dial(QStringLiteral("101"));
        QTRY_VERIFY_WITH_TIMEOUT(contents(fixture, "messages.log").contains(">early<"), 20'000);
        QVERIFY2(otto->waitFor("Incoming call"), otto->said().constData());
        otto->accept();
        QTRY_VERIFY_WITH_TIMEOUT(contents(fixture, "messages.log").contains(">confirmed<"), 20'000);
        otto->hold();
        QTRY_VERIFY_WITH_TIMEOUT(contents(fixture, "messages.log").contains("pval=\"no\""), 20'000);
        otto->resume();
        const auto isBack = [&] {
            const QByteArray seen = contents(fixture, "messages.log");
            return seen.mid(seen.lastIndexOf("pval=\"no\"")).contains("pval=\"yes\"");
        };
        QTRY_VERIFY_WITH_TIMEOUT(isBack(), 20'000);
        anna->hangUp();
        QVERIFY(lamp.waitForFinished(30'000));
        const QByteArray seen = contents(fixture, "messages.log");
        QVERIFY2(lamp.exitCode() == 0, (contents(fixture, "errors.log") + seen.right(3000)).constData());
        QVERIFY(seen.contains("direction=\"recipient\""));
        QVERIFY(seen.contains("<identity display=\"anna\">sip:100@127.0.0.1</identity>"));
    }
    void wrongCredentialsAreChallengedAgain()
    {
        const CtlFixture fixture;
        addUsers(fixture);
        ExchangeProcess exchange(fixture);
        QProcess lamp;
        startSipp(lamp, fixture, exchange.port4, QStringLiteral("eve"), QStringLiteral("wrong"),
                  watchingScenario(QStringLiteral("dialog"), QStringLiteral("101"),
                                   {QStringLiteral("state=.full.")}));
        QVERIFY(lamp.waitForFinished(30'000));
        QVERIFY(lamp.exitCode() != 0);
        const QByteArray seen = contents(fixture, "messages.log");
        QVERIFY(seen.count("SIP/2.0 401 Unauthorized") >= 2 && !seen.contains("SIP/2.0 200"));
        QVERIFY(!seen.contains("\nNOTIFY "));
    }

    void aMessageReachesBothDevices()
    {
        const CtlFixture fixture;
        addUsers(fixture);
        ExchangeProcess exchange(fixture);
        const auto desk = phone(fixture, "desk", "otto", exchange.port4);
        const auto mobile = phone(fixture, "mobile", "otto", exchange.port4);
        const auto anna = phone(fixture, "anna", "anna", exchange.port4, {QStringLiteral("contact")}, "otto");
        QVERIFY(desk->isReady() && mobile->isReady() && anna->isReady());
        anna->say(QStringLiteral("Kommst du zum Essen?"));
        QVERIFY2(desk->waitFor("Kommst du zum Essen?"), anna->said().constData());
        QVERIFY(mobile->waitFor("Kommst du zum Essen?"));
        QVERIFY(desk->said().contains("sip:100@"));
        RawPhone eve("eve", kPassword, exchange.port4);
        const QByteArray text = "Content-Type: text/plain;charset=utf-8\r\n";
        QVERIFY(eve.ask("MESSAGE", "101", text, "Grüße").startsWith("SIP/2.0 200"));
        QVERIFY(mobile->waitFor("Grüße"));
        QVERIFY(eve.ask("MESSAGE", "102", text, "x").startsWith("SIP/2.0 480"));
        QVERIFY(eve.ask("MESSAGE", "999", text, "x").startsWith("SIP/2.0 404"));
        const QByteArray page = eve.ask("MESSAGE", "101", "Content-Type: text/html\r\n", "<p>");
        QVERIFY(page.startsWith("SIP/2.0 415"));
        QCOMPARE(RawPhone::header(page, "Accept"), QByteArray("text/plain"));
    }

    /// Not baresip: its module for it asks for ever where a registrar answers within a millisecond.
    void aPhoneShowsItsMailbox()
    {
        const CtlFixture fixture;
        OwnExchange own;
        QVERIFY(own.setMessages({0, 2}));
        QProcess phone;
        startSipp(phone, fixture, own.port(), QStringLiteral("otto"), kPassword,
                  watchingScenario(
                      QStringLiteral("message-summary"), QStringLiteral("101"),
                      {QStringLiteral("Messages-Waiting: no"), QStringLiteral("Messages-Waiting: yes")}));
        QTRY_VERIFY_WITH_TIMEOUT(contents(fixture, "messages.log").contains("Voice-Message: 0/2"), 20'000);
        QVERIFY(own.setMessages({3, 2}));
        QVERIFY(phone.waitForFinished(30'000));
        QVERIFY2(phone.exitCode() == 0, contents(fixture, "errors.log").constData());
        QVERIFY(contents(fixture, "messages.log").contains("Voice-Message: 3/2"));
    }

    void aPhoneShowsPresence()
    {
        const CtlFixture fixture;
        OwnExchange own;
        const auto otto = phone(fixture, "otto", "otto", own.port(),
                                {QStringLiteral("contact"), QStringLiteral("presence")}, "anna");
        QVERIFY(otto->isReady());
        const auto shows = [&](const QByteArray& status) {
            return QTest::qWaitFor(
                [&] {
                    otto->press('C');
                    QTest::qWait(50);
                    const QByteArray said = otto->said();
                    return said.mid(said.lastIndexOf("--- Contacts")).contains(status);
                },
                20'000);
        };
        QVERIFY2(shows("Offline"), otto->said().constData());
        const auto anna = phone(fixture, "anna", "anna", own.port());
        QVERIFY(anna->isReady());
        QVERIFY2(shows("Online"), otto->said().constData());
        QVERIFY(own.setPresence(pbx::Activity::Dnd));
        QVERIFY2(shows("Busy"), otto->said().constData());
    }

    void aDevicePublishes()
    {
        OwnExchange own;
        RawPhone otto("otto", kPassword, own.port());
        QVERIFY(
            otto.ask("SUBSCRIBE", "100", "Event: presence\r\nExpires: 600\r\n").startsWith("SIP/2.0 200"));
        QVERIFY(otto.request().contains("<basic>closed</basic>"));
        RawPhone anna("anna", kPassword, own.port());
        const QByteArray document = QByteArray::fromStdString(
            pbx::writePidf("sip:anna@127.0.0.1", {true, pbx::Activity::Travel, "on a train"}));
        const QByteArray publish =
            "Event: presence\r\nExpires: 600\r\nContent-Type: application/pidf+xml\r\n";
        QVERIFY(anna.ask("REGISTER", "anna", "Expires: 600\r\n").startsWith("SIP/2.0 200"));
        QVERIFY(otto.request().contains("<basic>open</basic>"));
        const QByteArray first = anna.ask("PUBLISH", "anna", publish, document);
        QVERIFY2(first.startsWith("SIP/2.0 200"), first.constData());
        const QByteArray tag = RawPhone::header(first, "SIP-ETag");
        QVERIFY(otto.request().contains("<note>on a train</note>"));
        const QByteArray gone =
            anna.ask("PUBLISH", "anna", "Event: presence\r\nExpires: 0\r\nSIP-If-Match: " + tag + "\r\n");
        QVERIFY2(gone.startsWith("SIP/2.0 200"), gone.constData());
        QVERIFY(!otto.request().contains("train"));
        QVERIFY(anna.ask("PUBLISH", "anna", "Event: presence\r\nSIP-If-Match: " + tag + "\r\n")
                    .startsWith("SIP/2.0 412"));
        QVERIFY(otto.ask("PUBLISH", "anna", publish, document).startsWith("SIP/2.0 403"));
        const QByteArray bad = otto.ask("SUBSCRIBE", "100", "Event: weather\r\n");
        QVERIFY(bad.startsWith("SIP/2.0 489"));
        QVERIFY(RawPhone::header(bad, "Allow-Events").contains("message-summary"));
    }

    void aWatcherUnsubscribes()
    {
        OwnExchange own;
        RawPhone otto("otto", kPassword, own.port());
        const QByteArray event = "Event: dialog\r\n";
        QVERIFY(otto.ask("SUBSCRIBE", "100", event + "Expires: 600\r\n").startsWith("SIP/2.0 200"));
        QVERIFY(RawPhone::header(otto.request(), "Subscription-State").startsWith("active"));
        QVERIFY(otto.askAgain("SUBSCRIBE", "100", event + "Expires: 300\r\n").startsWith("SIP/2.0 200"));
        const QByteArray state = RawPhone::header(otto.request(), "Subscription-State");
        const int left = state.mid(state.lastIndexOf('=') + 1).toInt(); // whole seconds; one may be over
        QVERIFY2(state.startsWith("active;expires=") && left > 270 && left <= 300, state.constData());
        QCOMPARE(own.watches(), 1U);
        QVERIFY(otto.askAgain("SUBSCRIBE", "100", event + "Expires: 0\r\n").startsWith("SIP/2.0 200"));
        QVERIFY(RawPhone::header(otto.request(), "Subscription-State").startsWith("terminated"));
        QTRY_COMPARE(own.watches(), 0U);
    }

    void aWatcherThatVanishesIsDropped_data()
    {
        QTest::addColumn<QByteArray>("status");
        QTest::newRow("it has been restarted") << QByteArray("481 Subscription Does Not Exist");
        QTest::newRow("its port is closed") << QByteArray("closed");
        QTest::newRow("it says nothing, for 32 s") << QByteArray();
    }
    void aWatcherThatVanishesIsDropped()
    {
        QFETCH(QByteArray, status);
        OwnExchange own;
        RawPhone otto("otto", kPassword, own.port());
        QVERIFY(
            otto.ask("SUBSCRIBE", "100", "Event: presence\r\nExpires: 600\r\n").startsWith("SIP/2.0 200"));
        QVERIFY(!otto.request().isEmpty());
        QCOMPARE(own.watches(), 1U);
        otto.status = status;
        if (status == "closed")
            otto.close();
        RawPhone anna("anna", kPassword, own.port());
        QVERIFY(anna.ask("REGISTER", "anna", "Expires: 600\r\n").startsWith("SIP/2.0 200"));
        if (!status.isEmpty() && status != "closed")
            QVERIFY(!otto.request().isEmpty());
        QTRY_COMPARE_WITH_TIMEOUT(own.watches(), 0U, 60'000);
    }
};

QTEST_GUILESS_MAIN(PresenceTest)
#include "tst_presence.moc"
