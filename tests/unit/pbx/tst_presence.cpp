// SPDX-License-Identifier: GPL-3.0-or-later
// Publications come, are refreshed and run out (RFC 3903 6), and which word about a user counts.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/pbx/event_bodies.h"
#include "core/pbx/presence.h"
#include "tests/support/fake_clock.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;

namespace {

sip::PublishRequest publication(Activity activity, std::optional<std::uint32_t> expires = 600)
{
    sip::PublishRequest request;
    request.event = "presence";
    request.contentType = kPidfType;
    request.body = writePidf("sip:anna@x", {true, activity, ""});
    request.expires = expires;
    return request;
}

sip::PublishRequest again(const std::string& etag, std::optional<std::uint32_t> expires = 600)
{
    sip::PublishRequest request;
    request.event = "presence";
    request.ifMatch = etag;
    request.expires = expires;
    return request;
}

} // namespace

class PresenceTest : public QObject {
    Q_OBJECT

    test::FakeClock m_clock;
    std::unique_ptr<PresenceBook> m_book;

    Activity activity(bool isTalking = false) const { return m_book->of("anna", true, isTalking).activity; }

private slots:
    void init() { m_book = std::make_unique<PresenceBook>(m_clock); }

    void publishesRefreshesAndRemoves()
    {
        const auto first = m_book->publish("anna", publication(Activity::Lunch, 5000));
        QCOMPARE(first.status, 200);
        QCOMPARE(first.expires, 3600U);
        QCOMPARE(activity(), Activity::Lunch);
        const auto second = m_book->publish("anna", again(first.etag));
        QCOMPARE(second.status, 200);
        QVERIFY(second.etag != first.etag);
        QCOMPARE(m_book->publish("anna", again(first.etag)).status, 412);
        auto change = publication(Activity::Travel);
        change.ifMatch = second.etag;
        const auto third = m_book->publish("anna", change);
        QCOMPARE(activity(), Activity::Travel);
        QCOMPARE(m_book->publish("anna", again(third.etag, 0)).status, 200);
        QCOMPARE(activity(), Activity::None);
    }
    void refuses()
    {
        auto other = publication(Activity::Lunch);
        other.event = "dialog";
        QCOMPARE(m_book->publish("anna", other).status, 489);
        const auto brief = m_book->publish("anna", publication(Activity::Lunch, 59));
        QCOMPARE(brief.status, 423);
        QCOMPARE(brief.minExpires, std::optional(60U));
        QCOMPARE(m_book->publish("anna", again("")).status, 400);
        QCOMPARE(m_book->publish("anna", again("unknown")).status, 412);
        auto text = publication(Activity::Lunch);
        text.contentType = "text/plain";
        QCOMPARE(m_book->publish("anna", text).status, 415);
        auto broken = publication(Activity::Lunch);
        broken.body.resize(100);
        QCOMPARE(m_book->publish("anna", broken).status, 400);
        for (int i = 0; i < 8; ++i)
            QCOMPARE(m_book->publish("anna", publication(Activity::Lunch)).status, 200);
        QCOMPARE(m_book->publish("anna", publication(Activity::Lunch)).status, 403);
    }
    void runsOut()
    {
        m_book->publish("anna", publication(Activity::Lunch, 60));
        m_clock.advance(seconds(59));
        QVERIFY(m_book->sweep().empty());
        QCOMPARE(activity(), Activity::Lunch);
        m_clock.advance(seconds(1));
        QCOMPARE(activity(), Activity::None);
        QCOMPARE(m_book->sweep(), std::vector<std::string>{"anna"});
        QVERIFY(m_book->sweep().empty());
    }
    void theNewestWordCounts()
    {
        QVERIFY(m_book->set("anna", {true, Activity::Holiday, "until Monday"}));
        QVERIFY(!m_book->set("anna", {true, Activity::Holiday, "until Monday"}));
        QCOMPARE(m_book->of("anna", true, false).note, std::string("until Monday"));
        const auto desk = m_book->publish("anna", publication(Activity::Working));
        m_book->publish("anna", publication(Activity::Travel));
        QCOMPARE(activity(), Activity::Travel);
        m_book->publish("anna", again(desk.etag)); // a refresh says nothing new
        QCOMPARE(activity(), Activity::Travel);
        QCOMPARE(activity(true), Activity::OnThePhone);
        QVERIFY(m_book->set("anna", {true, Activity::Dnd, ""}));
        QCOMPARE(activity(true), Activity::Dnd);
    }
    void withoutADeviceNobodyIsThere()
    {
        QVERIFY(m_book->of("anna", true, false).open);
        QVERIFY(!m_book->of("anna", false, false).open);
        m_book->set("anna", {false, Activity::None, ""});
        QVERIFY(!m_book->of("anna", true, false).open);
    }
};

QTEST_GUILESS_MAIN(PresenceTest)
#include "tst_presence.moc"
