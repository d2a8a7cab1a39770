// SPDX-License-Identifier: GPL-3.0-or-later
// Two phones whose packets are numbered talk through switchroomd: in the archive is each of them, from the
// first to the last, on its channel, and both sides are in step.
#include "core/codec/g711.h"
#include "tests/support/measure.h"
#include "tests/support/whole_sound.h"
#include "tests/support/wire_scene.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QTest>
#include <QTimer>
#include <QUdpSocket>

using namespace sr;
using namespace sr::test;

namespace {

constexpr std::size_t kPackets = 100;          ///< of each side; there are 128 loudnesses in A-law
constexpr std::chrono::milliseconds kEach{20}; ///< [ms] of a packet
constexpr std::size_t kSamples = 160;

/// All of its packet of that number: louder than silence, which is a number, too.
std::byte octetOf(int number, bool isAnna)
{
    const int loudness = number + 16;
    return static_cast<std::byte>((isAnna ? loudness : loudness | 0x80) ^ 0x55);
}

/// The voice of a phone.
class Voice {
public:
    explicit Voice(bool isAnna)
        : m_isAnna(isAnna)
    {
        m_socket.bind(QHostAddress::LocalHost);
    }
    QByteArray sdp() const
    {
        return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio " +
               QByteArray::number(m_socket.localPort()) + " RTP/AVP 8\r\n";
    }
    /// Where the exchange wants it, by what it has said.
    void speakTo(const QByteArray& described)
    {
        const qsizetype at = described.indexOf("m=audio ") + 8;
        m_to = described.mid(at, described.indexOf(' ', at) - at).toUShort();
    }
    void sendNext()
    {
        if (m_sent == int{kPackets})
            return;
        QByteArray packet(12, '\0'); // RFC 3550 5.1
        packet[0] = '\x80';
        packet[1] = 8;
        packet[3] = static_cast<char>(m_sent);
        const int time = m_sent * static_cast<int>(kSamples);
        packet[6] = static_cast<char>(time >> 8);
        packet[7] = static_cast<char>(time & 0xff);
        packet[11] = m_isAnna ? 1 : 2;
        packet.append(kSamples, static_cast<char>(octetOf(m_sent, m_isAnna)));
        m_socket.writeDatagram(packet, QHostAddress::LocalHost, m_to);
        ++m_sent;
    }
    int sent() const { return m_sent; }

private:
    const bool m_isAnna;
    QUdpSocket m_socket;
    quint16 m_to = 0;
    int m_sent = 0;
};

/// Where each packet is heard, by its number [samples]; -1: not as a whole.
std::vector<std::ptrdiff_t> placesIn(std::span<const std::int16_t> channel, bool isAnna)
{
    std::vector<std::ptrdiff_t> places;
    for (int number = 0; number < int{kPackets}; ++number) {
        const std::vector<std::int16_t> said(kSamples,
                                             codec::decodeG711(codec::Law::A, octetOf(number, isAnna)));
        const auto found = std::ranges::search(channel, said);
        places.push_back(found.empty() ? -1 : found.begin() - channel.begin());
    }
    return places;
}

} // namespace

class InStepTest : public QObject {
    Q_OBJECT

    /// What the recording is compared with.
    struct Talk {
        int ottoAhead = 0;    ///< [packets] of otto before anna's first
        qint64 ottoBegan = 0; ///< [ms] after he had answered
    };
    /// Both say all that they have, a packet each 20 ms; each begins one packet behind his answer or hers.
    static void talk(WireScene& scene, Talk& talk)
    {
        Voice anna(true);
        Voice otto(false);
        bool annaHears = false;
        QElapsedTimer sinceAnswer;
        QTimer pace;
        pace.setTimerType(Qt::PreciseTimer);
        connect(&pace, &QTimer::timeout, [&] {
            if (otto.sent() == 0)
                talk.ottoBegan = sinceAnswer.elapsed();
            if (annaHears && anna.sent() == 0)
                talk.ottoAhead = otto.sent();
            otto.sendNext();
            if (annaHears)
                anna.sendNext();
        });
        scene.dialog = scene.anna->dial("anna", "first", "101", {}, anna.sdp());
        scene.invite = scene.otto->waitFor("INVITE sip:otto");
        otto.speakTo(scene.invite);
        scene.otto->answer(scene.invite, "200 OK", kOttosAnswer, otto.sdp());
        sinceAnswer.start();
        pace.start(kEach);
        scene.answer = scene.anna->waitFor("SIP/2.0 200 OK");
        anna.speakTo(scene.answer);
        WirePhone::learn(scene.dialog, scene.answer);
        (void)scene.anna->request(scene.dialog, "ACK");
        annaHears = true;
        QTRY_COMPARE(anna.sent(), int{kPackets});
        (void)scene.anna->request(scene.dialog, "BYE");
        const QByteArray bye = scene.otto->waitFor("BYE sip:otto");
        QVERIFY(!bye.isEmpty());
        scene.otto->answer(bye, "200 OK");
    }

private slots:
    void everyPacketIsKept()
    {
        WireScene scene;
        QVERIFY(scene.ready);
        Talk said;
        talk(scene, said);
        const auto ahead = static_cast<std::size_t>(said.ottoAhead);
        QVERIFY(ahead < kPackets / 2);
        QJsonArray rows;
        QTRY_VERIFY(!(rows = scene.fixture.run({QStringLiteral("list"), QStringLiteral("--json")})
                                 .json()[QLatin1String("recordings")]
                                 .toArray())
                         .isEmpty());
        const QString file = rows[0][QLatin1String("file")].toString();
        const WholeSound sound = wholeSound(pathOf((scene.fixture.archive() + u'/' + file).toStdString()));
        QCOMPARE(sound.rate, 8000U);
        QCOMPARE(int{sound.channels}, 2);
        const auto otto = placesIn(channelOf(sound.samples, 0, 2), false);
        const auto anna = placesIn(channelOf(sound.samples, 1, 2), true);
        for (const auto* places : {&otto, &anna}) {
            QVERIFY((*places)[0] >= 0);
            for (std::size_t i = 1; i < kPackets; ++i)
                QCOMPARE((*places)[i], (*places)[i - 1] + static_cast<std::ptrdiff_t>(kSamples));
        }
        const auto each = static_cast<std::ptrdiff_t>(kSamples);
        for (const std::size_t number : {std::size_t{0}, kPackets - 1 - ahead}) {
            const auto apart = anna[number] - otto[number + ahead];
            QVERIFY2(std::abs(apart) < each, qPrintable(QString::number(apart)));
        }
        const auto begin = static_cast<std::ptrdiff_t>(said.ottoBegan) * 8 + each;
        QVERIFY2(otto[0] < begin, qPrintable(QString::number(otto[0])));
        const auto rest = static_cast<std::ptrdiff_t>(sound.samples.size() / 2) - anna.back() - each;
        QVERIFY2(rest < 3 * each, qPrintable(QString::number(rest))); // BYE has its way, too
    }
};

QTEST_GUILESS_MAIN(InStepTest)
#include "tst_in_step.moc"
