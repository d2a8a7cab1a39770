// SPDX-License-Identifier: GPL-3.0-or-later
// STUN messages: the vectors of RFC 5769, what we write, and what is refused.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/relay/connectivity_check.h"

#include <QCryptographicHash>
#include <QMessageAuthenticationCode>
#include <QTest>

using namespace sr;
using namespace sr::relay;
using stun::Class;
using stun::Message;
using stun::StunError;
using stun::Writer;

namespace {

const std::string kPassword = "VOkJxbRl1RmTxUk/WvJxBt";
const char* const kHead = "2112a442b7e7a701bc34d686fa87dfae";

/// RFC 5769 §2.1.
Bytes sampleRequest()
{
    return *fromHex(std::string("00010058") + kHead + "802200105354554e207465737420636c69656e74" +
                    "002400046e0001ff" + "80290008932ff9b151263b36" + "000600096576746a3a68367659202020" +
                    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2" + "80280004e57a3bcf");
}

/// RFC 5769 §2.2 and §2.3.
Bytes sampleAnswer(bool v6)
{
    const std::string software = "8022000b7465737420766563746f7220";
    if (!v6)
        return *fromHex(std::string("0101003c") + kHead + software + "002000080001a147e112a643" +
                        "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7" + "80280004c07d4c96");
    return *fromHex(std::string("01010048") + kHead + software +
                    "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9" +
                    "00080014a382954e4be67bf11784c97c8292c275bfe3ed41" + "80280004c8fb0b4c");
}

Bytes copyOf(const Writer& writer)
{
    return {writer.datagram().begin(), writer.datagram().end()};
}

stun::Transaction transaction(unsigned char seed)
{
    stun::Transaction out;
    out.fill(std::byte{seed});
    return out;
}

const IceCredentials kOurs{"ours", "0123456789012345678901"};

/// A check as a full agent sends it.
Writer check(std::string_view userName = "ours:theirs")
{
    Writer writer(Class::Request, transaction(7));
    writer.userName(userName);
    writer.priority(1);
    writer.controlling(2);
    return writer;
}

} // namespace

class StunMessageTest : public QObject {
    Q_OBJECT

private slots:
    void theRequestOfTheStandard()
    {
        const Bytes datagram = sampleRequest();
        const auto message = stun::parse(datagram);
        QVERIFY(bool(message));
        QVERIFY(message->kind == Class::Request && message->method == stun::kBinding);
        QVERIFY(message->userName == "evtj:h6vY");
        QVERIFY(message->priority == 0x6e0001ffU);
        QVERIFY(message->controlled == 0x932ff9b151263b36U);
        QVERIFY(!message->controlling && !message->useCandidate);
        QVERIFY(message->hasFingerprint);
        QVERIFY(stun::isSealedBy(*message, kPassword));
        QVERIFY(!stun::isSealedBy(*message, kPassword + 'x'));
    }

    void theAnswersOfTheStandard()
    {
        for (const bool v6 : {false, true}) {
            const Bytes datagram = sampleAnswer(v6);
            const auto message = stun::parse(datagram);
            QVERIFY(bool(message));
            QVERIFY(message->kind == Class::Success && message->hasFingerprint);
            const auto* const expected =
                v6 ? "[2001:db8:1234:5678:11:2233:4455:6677]:32853" : "192.0.2.1:32853";
            QCOMPARE(QString::fromStdString(message->mapped->toString()), QString::fromLatin1(expected));
            QVERIFY(stun::isSealedBy(*message, kPassword));
        }
    }

    /// RFC 5769 §2.4: long-term credentials, whose key is a digest.
    void theLongTermRequestOfTheStandard()
    {
        const Bytes datagram = *fromHex("000100602112a44278ad3433c6ad72c029da412e"
                                        "00060012e3839ee38388e383aae38383e382afe382b90000"
                                        "0015001c662f2f3439396b3935346436"
                                        "4f4c33346f4c394653547679"
                                        "36347341"
                                        "0014000b6578616d706c652e6f726700"
                                        "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666");
        const auto message = stun::parse(datagram);
        QVERIFY(bool(message));
        QVERIFY(!message->hasFingerprint);
        QCOMPARE(message->unknownCount, std::size_t{2}); // realm and nonce are not ours to understand
        const QByteArray key = QCryptographicHash::hash(
            QByteArray::fromHex("e3839ee38388e383aae38383e382afe382b9") + ":example.org:TheMatrIX",
            QCryptographicHash::Md5);
        QVERIFY(stun::isSealedBy(*message, {key.constData(), static_cast<std::size_t>(key.size())}));
    }

    void whatIsWrittenIsReadAgain()
    {
        Writer writer(Class::Request, transaction(1));
        writer.software("switchroom");
        writer.userName("abcd:efgh");
        writer.priority(77);
        writer.useCandidate();
        writer.controlling(99);
        writer.seal(kPassword);
        writer.fingerprint();
        const auto message = stun::parse(writer.datagram());
        QVERIFY(bool(message));
        QVERIFY(message->transaction == transaction(1));
        QVERIFY(message->userName == "abcd:efgh" && message->priority == 77U && message->useCandidate);
        QVERIFY(message->controlling == 99U && !message->controlled);
        QVERIFY(message->hasFingerprint && stun::isSealedBy(*message, kPassword));
        for (const char* address : {"192.0.2.1:1", "[2001:db8::1]:65535"}) {
            Writer answer(Class::Success, transaction(2));
            answer.mapped(*Endpoint::parse(address));
            QVERIFY(stun::parse(answer.datagram())->mapped == Endpoint::parse(address));
        }
        for (const auto kind : {Class::Request, Class::Indication, Class::Success, Class::Error}) {
            const Writer plain(kind, transaction(3), 0x0fc);
            const auto read = stun::parse(plain.datagram());
            QVERIFY(read && read->kind == kind && read->method == 0x0fc);
        }
    }

    void aMessageThatFindsNoRoomIsNone()
    {
        Writer writer(Class::Request, transaction(1));
        writer.software(std::string(stun::kMost, 'x'));
        writer.fingerprint();
        QVERIFY(writer.datagram().empty());
    }

    void everyChangedOctetIsNoticed()
    {
        const Bytes good = sampleRequest();
        for (std::size_t at = 0; at < good.size(); ++at) {
            Bytes bad = good;
            bad[at] ^= std::byte{0x10};
            const auto message = stun::parse(bad);
            QVERIFY2(!message || !message->hasFingerprint || !stun::isSealedBy(*message, kPassword),
                     QByteArray::number(static_cast<int>(at)).constData());
        }
        for (std::size_t size = 0; size < good.size(); ++size)
            QVERIFY(!stun::parse(ByteView(good).first(size)));
    }

    void whatIsRefused_data()
    {
        QTest::addColumn<QByteArray>("hex");
        QTest::addColumn<int>("error");
        const auto row = [](const char* name, const std::string& length, const std::string& rest,
                            StunError error) {
            QTest::newRow(name) << QByteArray::fromStdString("0001" + length + kHead + rest)
                                << static_cast<int>(error);
        };
        QTest::newRow("classic STUN")
            << QByteArray("0001000000000000b7e7a701bc34d686fa87dfae") << static_cast<int>(StunError::NotStun);
        row("a length that is no multiple of four", "0001", "00", StunError::BadLength);
        row("a length beyond the end", "0004", "", StunError::BadLength);
        row("an attribute beyond the end", "0004", "00060004", StunError::BadAttribute);
        row("padding beyond the end", "0008", "0006000561626364", StunError::BadAttribute);
        row("an empty user name", "0004", "00060000", StunError::BadAttribute);
        row("a priority of two octets", "0008", "0024000200010000", StunError::BadAttribute);
        row("a nomination with a value", "0008", "0025000400000000", StunError::BadAttribute);
        row("an address of no family", "000c", "002000080003a147e112a643", StunError::BadAttribute);
        row("half an integrity", "0010", "0008000c000000000000000000000000", StunError::BadAttribute);
        row("a wrong fingerprint", "0008", "8028000400000000", StunError::Fingerprint);
        row("two integrities", "0030", "00080014" + std::string(40, '0') + "00080014" + std::string(40, '0'),
            StunError::BadOrder);
    }
    void whatIsRefused()
    {
        QFETCH(QByteArray, hex);
        QFETCH(int, error);
        const auto message = stun::parse(*fromHex(hex.toStdString()));
        QVERIFY(!message);
        QCOMPARE(static_cast<int>(message.error()), error);
    }

    void somethingBehindTheFingerprintIsRefused()
    {
        Writer writer(Class::Request, transaction(1));
        writer.fingerprint();
        writer.priority(1);
        // The length has changed, so that the fingerprint does not fit either: whichever is said, it is
        // refused.
        QVERIFY(!stun::parse(writer.datagram()));
    }

    void whatStandsBehindTheIntegrityIsNotBelieved()
    {
        Writer writer = check();
        writer.seal(kOurs.password);
        writer.useCandidate();
        const auto message = stun::parse(writer.datagram());
        QVERIFY(message && !message->useCandidate);
    }

    void tooManyAttributesAreRefused()
    {
        Writer writer(Class::Request, transaction(1));
        for (std::size_t i = 0; i <= stun::kMostAttributes; ++i)
            writer.priority(1);
        QVERIFY(stun::parse(writer.datagram()).error() == StunError::BadAttribute);
    }

    void answersToChecks_data()
    {
        QTest::addColumn<QByteArray>("kind");
        QTest::addColumn<int>("error");
        QTest::newRow("a right one") << QByteArray("right") << 0;
        QTest::newRow("a nomination") << QByteArray("nominates") << 0;
        QTest::newRow("without integrity") << QByteArray("unsealed") << 400;
        QTest::newRow("without a name") << QByteArray("nameless") << 400;
        QTest::newRow("a wrong password") << QByteArray("password") << 401;
        QTest::newRow("somebody else's name") << QByteArray("name") << 401;
        QTest::newRow("a name that only begins like ours") << QByteArray("longer") << 401;
        QTest::newRow("what we do not understand") << QByteArray("unknown") << 420;
        QTest::newRow("a peer that wants to be controlled") << QByteArray("controlled") << 487;
    }
    void answersToChecks()
    {
        QFETCH(QByteArray, kind);
        QFETCH(int, error);
        Writer request = kind == "name"     ? check("other:theirs")
                         : kind == "longer" ? check("oursandmore:theirs")
                                            : check();
        if (kind == "nameless")
            request = Writer(Class::Request, transaction(7));
        if (kind == "nominates")
            request.useCandidate();
        if (kind == "controlled")
            request.controlled(5);
        if (kind != "unsealed" && kind != "unknown")
            request.seal(kind == "password" ? "another one" : kOurs.password);
        const Bytes datagram = kind == "unknown" ? withUnknown(request) : copyOf(request);
        const auto message = stun::parse(datagram);
        QVERIFY(bool(message));
        const auto answer = answerCheck(*message, kOurs, *Endpoint::parse("192.0.2.9:4000"));
        QVERIFY(bool(answer));
        QCOMPARE(answer->isValid, error == 0);
        QCOMPARE(answer->nominates, kind == "nominates");
        const auto read = stun::parse(answer->message.datagram());
        QVERIFY(read && read->transaction == transaction(7) && read->hasFingerprint);
        QCOMPARE(int{read->errorCode}, error);
        QVERIFY(read->kind == (error == 0 ? Class::Success : Class::Error));
        QCOMPARE(stun::isSealedBy(*read, kOurs.password), error != 400 && error != 401);
        if (error == 0)
            QVERIFY(read->mapped == Endpoint::parse("192.0.2.9:4000"));
    }

    void anotherMethodIsNotAnswered()
    {
        const Writer allocate(Class::Request, transaction(1), 0x003);
        QVERIFY(!answerCheck(*stun::parse(allocate.datagram()), kOurs, {}));
    }

private:
    /// The writer writes nothing unknown: an attribute 0x7abc and the integrity are put behind it by hand.
    static Bytes withUnknown(const Writer& request)
    {
        QByteArray out(reinterpret_cast<const char*>(request.datagram().data()),
                       static_cast<qsizetype>(request.datagram().size()));
        out += QByteArray::fromHex("7abc0000");
        out[3] = static_cast<char>(out.size() - static_cast<qsizetype>(stun::kHeader) + 24);
        out += QByteArray::fromHex("00080014") +
               QMessageAuthenticationCode::hash(out, QByteArray::fromStdString(kOurs.password),
                                                QCryptographicHash::Sha1);
        const ByteView bytes = bytesOf({out.constData(), static_cast<std::size_t>(out.size())});
        return {bytes.begin(), bytes.end()};
    }
};

QTEST_GUILESS_MAIN(StunMessageTest)
#include "tst_stun_message.moc"
