// SPDX-License-Identifier: GPL-3.0-or-later
// A message reaches every device, and its sender hears what became of it.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/pbx/message_relay.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/pbx/fake_phones.h"
#include "tests/unit/pbx/fake_watchers.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;

namespace {

struct FakeMessenger final : sip::Messenger {
    struct Sent {
        sip::OutgoingMessage message;
        std::function<void(int)> done;
    };
    bool message(const sip::OutgoingMessage& message, std::function<void(int)> done) override
    {
        if (message.uri == "sip:nowhere")
            return false;
        sent.push_back({message, std::move(done)});
        return true;
    }
    std::vector<Sent> sent;
};

Binding at(const char* uri)
{
    Binding device;
    device.contact.uri = uri;
    return device;
}

sip::MessageRequest text(std::string words)
{
    sip::MessageRequest request;
    request.contentType = "text/plain";
    request.body = std::move(words);
    return request;
}

const User kAnna{"anna", "100", "Anna A.", {}, {}};
const User kOtto{"otto", "", "Otto", {}, {}};
const std::vector<Binding> kTwo{at("sip:desk"), at("sip:mobile")};

} // namespace

class MessageRelayTest : public QObject {
    Q_OBJECT

    test::FakeClock m_clock;
    test::FakeDialer m_dialer;
    FakeMessenger m_out;
    std::vector<int> m_answers;
    std::unique_ptr<MessageRelay> m_relay;

    void send(const sip::MessageRequest& request, const User* to = &kOtto,
              const std::vector<Binding>& devices = kTwo)
    {
        m_relay->take(std::make_unique<test::FakeMessage>(m_answers), request, kAnna, to, devices);
    }

private slots:
    void init()
    {
        m_out.sent.clear();
        m_answers.clear();
        m_relay = std::make_unique<MessageRelay>(m_out, m_dialer, m_clock);
    }

    void everyDeviceGetsIt()
    {
        send(text("Grüße"));
        QCOMPARE(m_out.sent.size(), 2U);
        QCOMPARE(m_out.sent[1].message.uri, std::string("sip:mobile"));
        QCOMPARE(m_out.sent[1].message.text, std::string("Grüße"));
        QCOMPARE(m_out.sent[1].message.from.display, std::string("Anna A."));
        QCOMPARE(m_out.sent[1].message.from.user, std::string("100"));
        QCOMPARE(m_out.sent[1].message.to.user, std::string("otto"));
        m_out.sent[0].done(480);
        QVERIFY(m_answers.empty());
        m_out.sent[1].done(200);
        QCOMPARE(m_answers, std::vector{200});
    }
    void theFirstDeviceDecides()
    {
        send(text("x"));
        m_out.sent[0].done(200);
        QCOMPARE(m_answers, std::vector{200});
        m_out.sent[1].done(404);
        QCOMPARE(m_answers, std::vector{200});
    }
    void nobodyTakesIt()
    {
        send(text("x"));
        m_out.sent[0].done(408);
        m_out.sent[1].done(415);
        QCOMPARE(m_answers, std::vector{480});
    }
    void nobodyAnswersInTime()
    {
        send(text("x"));
        m_clock.advance(seconds(4));
        m_relay->onSecond();
        QVERIFY(m_answers.empty());
        m_clock.advance(seconds(1));
        m_relay->onSecond();
        m_relay->onSecond();
        QCOMPARE(m_answers, std::vector{202});
        m_out.sent[0].done(200);
        m_out.sent[1].done(408);
        QCOMPARE(m_answers, std::vector{202});
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<QByteArray>("charset");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("status");
        const auto row = [](const char* name, const char* type, const char* charset, const QByteArray& body,
                            int status) {
            QTest::newRow(name) << QByteArray(type) << QByteArray(charset) << body << status;
        };
        row("a page", "text/html", "", "x", 415);
        row("no type", "", "", "x", 415);
        row("another charset", "text/plain", "iso-8859-1", "x", 415);
        row("the longest", "text/plain", "utf-8", QByteArray(4096, 'x'), 0);
        row("too long", "text/plain", "utf-8", QByteArray(4097, 'x'), 413);
        row("no UTF-8", "text/plain", "utf-8", "\xc3(", 400);
        row("half a character", "text/plain", "us-ascii", "x\xc3", 400);
        row("nothing", "text/plain", "", "", 400);
        row("a zero", "text/plain", "", QByteArray("a\0b", 3), 400);
    }
    void refuses()
    {
        QFETCH(QByteArray, type);
        QFETCH(QByteArray, charset);
        QFETCH(QByteArray, body);
        QFETCH(int, status);
        auto request = text(body.toStdString());
        request.contentType = type.toStdString();
        request.charset = charset.toStdString();
        send(request);
        QCOMPARE(m_answers, status == 0 ? std::vector<int>{} : std::vector{status});
    }
    void nobodyIsThere()
    {
        send(text("x"), nullptr, {});
        send(text("x"), &kOtto, {});
        send(text("x"), &kOtto, {at("sip:nowhere")});
        QCOMPARE(m_answers, (std::vector{404, 480, 480}));
    }
    void aSenderIsNotServedWithoutEnd()
    {
        for (int i = 0; i < 33; ++i)
            send(text("x"));
        QCOMPARE(m_answers, std::vector{503});
        m_out.sent[0].done(200);
        m_out.sent[1].done(200);
        m_answers.clear();
        send(text("x"));
        QVERIFY(m_answers.empty());
    }
};

QTEST_GUILESS_MAIN(MessageRelayTest)
#include "tst_message_relay.moc"
