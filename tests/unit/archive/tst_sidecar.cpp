// SPDX-License-Identifier: GPL-3.0-or-later
// Sidecars: all fields come back, foreign elements survive, every octet is authenticated, hostile XML is
// refused.
#include "core/archive/xml_text.h"
#include "tests/unit/archive/archive_fixture.h"

using namespace sr;
using namespace sr::archive;
using namespace sr::archive::test;

namespace {

Sidecar sample()
{
    Sidecar sidecar;
    auto& r = sidecar.recording;
    r = callOf("75c1", UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 10 / 25)) +
                           std::chrono::minutes(30) + milliseconds(7));
    r.utcOffsetMinutes = 120;
    r.formerNames = {"a", "b <&> \"c\""};
    r.tan = "123456";
    r.finalStatus = 487;
    r.sealed = true;
    r.clearBytes = 1234;
    r.sha256 = std::string(64, 'e');
    r.layout = ChannelLayout::ExternalOnly;
    r.name.year = 2026;
    r.name.month = 10;
    r.name.day = 25;
    r.name.hour = 2;
    r.name.minute = 30;
    r.name.internal = "39";
    r.name.external = "0800102";
    r.name.direction = CallDirection::Out;
    r.name.answerSeconds = 7;
    r.name.uid = r.uid;
    r.name.tan = r.tan;
    sidecar.journal = {"0123456789abcdef-0", 42, std::string(64, 'f')};
    sidecar.revision = 3;
    sidecar.parts = {partOf(r)};
    return sidecar;
}

std::string rewritten(std::string document, const std::string& from, const std::string& to,
                      const crypto::Key& key)
{
    const auto at = document.find(from);
    document.replace(at, from.size(), to);
    const auto start = document.rfind("<hmac key=");
    const auto tail = document.substr(document.rfind("</hmac>") + 7);
    return authenticated(document.substr(0, start), tail, key);
}

} // namespace

class TestSidecar : public QObject {
    Q_OBJECT
    HandClock m_clock;
    crypto::KeyRing m_ring = *crypto::KeyRing::generate(m_clock);
    const crypto::Key& key() const { return *m_ring.active(crypto::KeyPurpose::Integrity); }

private slots:
    void everythingComesBack()
    {
        const auto written = sample();
        const auto document = writeSidecar(written, key());
        const auto read = readSidecar(document, m_ring);
        QVERIFY2(read, read ? "" : read.error().text().c_str());
        // The same document again means that no field was lost.
        QCOMPARE(QByteArray::fromStdString(writeSidecar(*read, key())), QByteArray::fromStdString(document));
        const auto& a = written.recording;
        const auto& b = read->recording;
        QCOMPARE(b.internalName, a.internalName);
        QCOMPARE(b.start, a.start);
        QCOMPARE(b.utcOffsetMinutes, 120);
        QVERIFY(document.find("2026-10-25T02:30:00.007+02:00") != std::string::npos);
        QVERIFY(b.name == a.name);
        QVERIFY(b.formerNames == a.formerNames);
        QVERIFY(b.layout == a.layout);
        QVERIFY(read->parts == written.parts);
        QVERIFY(read->journal == written.journal);
        QCOMPARE(read->revision, 3U);
        QCOMPARE(b.digits.size(), a.digits.size());
        QCOMPARE(b.digits[0].symbol, '1');
        QCOMPARE(b.lostPackets[1], std::uint64_t{3});
        QVERIFY(b.undecodablePackets == a.undecodablePackets);
        QVERIFY(b.lockedPackets == a.lockedPackets);
    }

    void documentsWithoutNewerCountsAreRead()
    {
        auto document = writeSidecar(sample(), key());
        for (const char* gone :
             {" undecodable=\"70\"", " undecodable=\"50\"", " locked=\"20\"", " locked=\"50\""})
            document = rewritten(document, gone, "", key());
        const auto read = readSidecar(document, m_ring);
        QVERIFY2(read, read ? "" : read.error().text().c_str());
        QVERIFY(read->recording.lostPackets == sample().recording.lostPackets);
        QCOMPARE(read->recording.undecodablePackets[0] + read->recording.undecodablePackets[1],
                 std::uint64_t{0});
        QCOMPARE(read->recording.lockedPackets[0] + read->recording.lockedPackets[1], std::uint64_t{0});
    }

    void hostileWordsComeBackHarmless()
    {
        auto sidecar = sample();
        sidecar.recording.callId = "line\nline\ttab \x01 \xff \xed\xa0\x80 ]]> \xf0\x9f\x98\x80";
        sidecar.recording.internalName = "\"/><evil a='&#0;'>";
        const auto read = readSidecar(writeSidecar(sidecar, key()), m_ring);
        QVERIFY2(read, read ? "" : read.error().text().c_str());
        QCOMPARE(read->recording.internalName, sidecar.recording.internalName);
        QCOMPARE(
            read->recording.callId,
            std::string("line\nline\ttab \xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd ]]> "
                        "\xf0\x9f\x98\x80"));
    }

    void unknownElementsSurviveAndAreAuthenticated()
    {
        const auto document =
            rewritten(writeSidecar(sample(), key()), " <journal",
                      " <x:later when=\"1 &lt; 2\"><deep>a &amp; b</deep><!-- gone --></x:later>\n"
                      " <journal",
                      key());
        const auto read = readSidecar(document, m_ring);
        QVERIFY2(read, read ? "" : read.error().text().c_str());
        QCOMPARE(QByteArray::fromStdString(read->recording.unknownXml),
                 QByteArray(" <x:later when=\"1 &lt; 2\"><deep>a &amp; b</deep></x:later>\n"));
        const auto again = writeSidecar(*read, key());
        const auto twice = readSidecar(again, m_ring);
        QVERIFY(twice);
        QCOMPARE(twice->recording.unknownXml, read->recording.unknownXml);
        auto changed = again;
        changed[again.find("deep") + 5] ^= 1;
        QVERIFY(!readSidecar(changed, m_ring));
    }

    void everyChangedOctetIsFound()
    {
        const auto document = writeSidecar(sample(), key());
        for (std::size_t at = 0; at < document.size(); ++at) {
            auto changed = document;
            changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
            const auto read = readSidecar(changed, m_ring);
            QVERIFY2(!read, std::to_string(at).c_str());
        }
        QVERIFY(!readSidecar(document + " ", m_ring));
        QVERIFY(!readSidecar(document.substr(0, document.size() - 1), m_ring));
        QVERIFY(!readSidecar("", m_ring));
    }

    void keyOfOldSidecarsStaysTheirs()
    {
        const auto document = writeSidecar(sample(), key());
        m_ring.add(crypto::KeyPurpose::Integrity, crypto::KeyOrigin::Rotation, *crypto::Secret::random(),
                   m_clock.now);
        QVERIFY(readSidecar(document, m_ring));
        const auto stranger = *crypto::KeyRing::generate(m_clock);
        const auto read = readSidecar(document, stranger);
        QVERIFY(!read && read.error().code == crypto::CryptoErrc::UnknownKey);
    }

    void badDocumentsAreRefused_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::newRow("document type") << "<recording"
                                       << "<!DOCTYPE r [<!ENTITY a \"b\">]><recording";
        QTest::newRow("entity") << "<source>"
                                << "<source>&boom;";
        QTest::newRow("a count that is none") << "undecodable=\"70\""
                                              << "undecodable=\"7O\"";
        QTest::newRow("negative number") << "revision=\"3\""
                                         << "revision=\"-3\"";
        QTest::newRow("two names") << "<name>2026_10"
                                   << "<name>2026_11";
        QTest::newRow("another uid") << "version=\"1\" uid=\"75c1\""
                                     << "version=\"1\" uid=\"75c2\"";
        QTest::newRow("no start") << "start=\"2026"
                                  << "start=\"abcd";
        QTest::newRow("sum without part") << "<audio file=\""
                                          << "<audio file=\"x";
        QTest::newRow("unknown format") << "format=\"wav\""
                                        << "format=\"exe\"";
        QTest::newRow("broken XML") << "<dtmf"
                                    << "<dtmf <";
        QTest::newRow("long digit") << "symbol=\"1\""
                                    << "symbol=\"11\"";
        QTest::newRow("other root") << "<recording "
                                    << "<recorder ";
    }
    void badDocumentsAreRefused()
    {
        QFETCH(QString, from);
        QFETCH(QString, to);
        const auto document = writeSidecar(sample(), key());
        QVERIFY(document.find(from.toStdString()) != std::string::npos);
        const auto read =
            readSidecar(rewritten(document, from.toStdString(), to.toStdString(), key()), m_ring);
        QVERIFY(!read);
        QVERIFY2(read.error().code == ArchiveErrc::BadSidecar, read.error().text().c_str());
        QVERIFY(read.error().text().find("character") != std::string::npos);
    }

    void newerVersionIsRefused()
    {
        const auto document = writeSidecar(sample(), key());
        const auto read =
            readSidecar(rewritten(document, "version=\"1\" uid", "version=\"2\" uid", key()), m_ring);
        QVERIFY(!read && read.error().code == ArchiveErrc::NewerVersion);
    }

    void longListsAreCutAndSaySo()
    {
        auto sidecar = sample();
        sidecar.recording.insertions.assign(kInsertionsListed + 5, {"internal", "silence", 1, 2});
        const auto document = writeSidecar(sidecar, key());
        QVERIFY(document.size() < kSidecarMax);
        QVERIFY(document.find("<insertions total=\"20005\">") != std::string::npos);
        const auto read = readSidecar(document, m_ring);
        QVERIFY(read);
        QCOMPARE(read->recording.insertions.size(), kInsertionsListed);
    }
};

QTEST_GUILESS_MAIN(TestSidecar)
#include "tst_sidecar.moc"
