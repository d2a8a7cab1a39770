// SPDX-License-Identifier: GPL-3.0-or-later
// Recorded calls where other recorders drift, clip, garble or lose audio: one test for each.
#include "core/codec/call_audio.h"
#include "core/codec/wav.h"
#include "core/rtp/srtp.h"
#include "tests/unit/codec/g722_encoder.h"
#include "tests/unit/codec/recorded_call.h"

#include <QTest>

using namespace sr;
using namespace sr::codec;
using namespace sr::test;

namespace {

constexpr std::int64_t kSecond = 1000000;

rtp::RtpStream randomLeg(SimulatedSender& sender, std::uint8_t type, std::uint32_t ssrc = 1)
{
    return makeStream(sender.packets(), type, ssrc, randomOctets);
}

rtp::RtpStream burstLeg(const SimulatedSender& sender, std::uint8_t type, std::uint32_t ssrc = 1)
{
    const Law law = type == 0 ? Law::U : Law::A;
    return makeStream(sender.packets(), type, ssrc,
                      [&](const SentPacket& packet) { return burstsG711(sender, law, packet); });
}

std::unique_ptr<CallAudio> openCall(CallAudioInput input)
{
    auto audio = CallAudio::open(std::move(input));
    return audio ? std::move(*audio) : nullptr;
}

SimulatedSender talker(std::uint32_t seed, double seconds)
{
    SimulatedSender sender(seed);
    sender.talk(seconds);
    return sender;
}

/// Largest distance of bursts of both channels that were spoken at one time; -1 if their number differs. [ms]
double burstDistance(const std::vector<std::int16_t>& pcm, std::uint32_t rate, std::size_t* count = nullptr)
{
    const auto left = burstsIn(pcm, 0);
    const auto right = burstsIn(pcm, 1);
    if (count != nullptr)
        *count = std::min(left.size(), right.size());
    if (left.size() != right.size())
        return -1;
    double worst = 0;
    for (std::size_t i = 0; i < left.size(); ++i)
        worst = std::max(worst, static_cast<double>(std::abs(left[i] - right[i])) * 1000.0 / rate);
    return worst;
}

/// Every payload octet once and in order, insertions between, and nothing else.
bool bitExact(const Bytes& channel, const CallAudioInfo& info, std::size_t party, const Bytes& payload)
{
    Bytes rest;
    std::uint64_t at = 0;
    for (const Insertion& insertion : info.insertions) {
        if (insertion.party != party)
            continue;
        if (insertion.frame < at || insertion.frame + insertion.frames > channel.size())
            return false;
        rest.insert(rest.end(), channel.begin() + static_cast<std::ptrdiff_t>(at),
                    channel.begin() + static_cast<std::ptrdiff_t>(insertion.frame));
        at = insertion.frame + insertion.frames;
    }
    rest.insert(rest.end(), channel.begin() + static_cast<std::ptrdiff_t>(at), channel.end());
    return rest == payload;
}

Bytes payloadInOrder(std::vector<SentPacket> packets)
{
    std::stable_sort(packets.begin(), packets.end(),
                     [](const SentPacket& a, const SentPacket& b) { return a.sample < b.sample; });
    Bytes all;
    for (const SentPacket& packet : packets) {
        if (packet.captured < 0)
            continue;
        const Bytes octets = randomOctets(packet);
        all.insert(all.end(), octets.begin(), octets.end());
    }
    return all;
}

} // namespace

class CallAudioTest : public QObject {
    Q_OBJECT

private slots:
    void g711OfBothLegsIsUntouched_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("coding");
        QTest::newRow("A-law") << 8 << static_cast<int>(SampleCoding::ALaw);
        QTest::newRow("mu-law") << 0 << static_cast<int>(SampleCoding::ULaw);
    }
    void g711OfBothLegsIsUntouched()
    {
        QFETCH(int, type);
        QFETCH(int, coding);
        for (std::uint32_t seed = 1; seed <= 12; ++seed) {
            CallAudioInput input;
            std::array<Bytes, 2> payload;
            for (std::size_t party = 0; party < 2; ++party) {
                SimulatedSender sender(seed * 2 + static_cast<std::uint32_t>(party));
                sender.sequence = 65500;
                sender.timestamp = 0xfffff000U;
                sender.jitter = seed * 8000;
                sender.loss = seed % 4 * 0.07;
                sender.skewPpm = party == 0 ? 300 : -300;
                sender.start = party == 0 ? -2 * kSecond : 0;
                sender.talk(10);
                sender.pause(2);
                sender.talk(30);
                payload[party] = payloadInOrder(sender.packets());
                input.party[party].push_back(randomLeg(sender, static_cast<std::uint8_t>(type)));
            }
            input.end = UtcTime(seconds(45));
            const auto audio = openCall(input);
            QVERIFY(audio != nullptr);
            QCOMPARE(static_cast<int>(audio->info().format.coding), coding);
            QVERIFY(audio->info().frames >= 45U * 8000U);
            const Bytes sound = readAllCoded(*audio);
            QCOMPARE(sound.size(), static_cast<std::size_t>(2 * audio->info().frames));
            QVERIFY(bitExact(channelOf(sound, 0), audio->info(), 0, payload[0]));
            QVERIFY(bitExact(channelOf(sound, 1), audio->info(), 1, payload[1]));
            QVERIFY(audio->rewind());
            QVERIFY(readAllCoded(*audio, 64000) == sound);
        }
    }

    void anHourOfBurstsStaysInStep()
    {
        CallAudioInput input;
        SimulatedSender a(1);
        SimulatedSender b(2);
        a.skewPpm = 300;
        b.skewPpm = -300;
        a.jitter = b.jitter = 80000;
        for (SimulatedSender* one : {&a, &b}) {
            one->talk(1500);
            one->pause(40); // hold
            one->talk(2060);
        }
        input.party[kInternal].push_back(burstLeg(a, 8));
        input.party[kExternal].push_back(burstLeg(b, 8));
        const auto audio = openCall(input);
        QVERIFY(audio != nullptr);
        const auto pcm = readAllPcm(*audio, 65536);
        // Bursts of one party fall into its own packets, so both have one a second but for the hold.
        const auto left = burstsIn(pcm, 0);
        const auto right = burstsIn(pcm, 1);
        QVERIFY(left.size() > 3540 && right.size() > 3540);
        double worst = 0;
        double last = 0;
        std::size_t pairs = 0;
        for (const std::int64_t frame : left) {
            const auto near = std::lower_bound(right.begin(), right.end(), frame - 4000);
            if (near == right.end() || *near > frame + 4000)
                continue;
            last = static_cast<double>(std::abs(*near - frame)) / 8.0;
            worst = std::max(worst, last);
            ++pairs;
        }
        qInfo("%zu bursts in an hour, at most %.1f ms apart, at the end %.1f ms", pairs, worst, last);
        QVERIFY(pairs > 3540);
        QVERIFY2(worst < 20, qPrintable(QString::number(worst)));
    }

    void aLawOnOneLegG722OnTheOther()
    {
        CallAudioInput input;
        SimulatedSender a = talker(1, 20);
        SimulatedSender b = talker(2, 20); // G.722 counts 8000 ticks a second, one octet each
        input.party[kInternal].push_back(burstLeg(a, 8));
        G722Encoder encoder;
        QVERIFY(encoder.isOpen());
        input.party[kExternal].push_back(makeStream(b.packets(), 9, 2, [&](const SentPacket& packet) {
            std::vector<std::int16_t> wide(2 * packet.samples);
            for (std::size_t i = 0; i < wide.size(); ++i)
                wide[i] = burstAt(b.timeOf(packet.sample) + static_cast<std::int64_t>(i) * 125 / 2);
            return encoder.encode(wide);
        }));
        CallAudioInput g711 = input;
        g711.alwaysG711 = true;

        const auto audio = openCall(input);
        QVERIFY(audio != nullptr);
        QCOMPARE(audio->info().format, (AudioFormat{SampleCoding::Pcm16, 16000, 2}));
        QCOMPARE(audio->info().codecs[0], std::string("PCMA"));
        QCOMPARE(audio->info().codecs[1], std::string("G722"));
        const auto pcm = readAllPcm(*audio);
        QCOMPARE(pcm.size(), static_cast<std::size_t>(2 * audio->info().frames));
        std::size_t count = 0;
        const double apart = burstDistance(pcm, 16000, &count);
        QVERIFY(count >= 19);
        QVERIFY2(apart >= 0 && apart < 6, qPrintable(QString::number(apart)));
        checkLevels(pcm);
        QVERIFY(audio->rewind());
        const Bytes coded = readAllCoded(*audio, 999);
        QCOMPARE(coded.size(), pcm.size() * 2);
        for (std::size_t i = 0; i < pcm.size(); ++i)
            QCOMPARE(static_cast<std::int16_t>(loadLe<std::uint16_t>(coded.data() + 2 * i)), pcm[i]);

        const auto narrow = openCall(g711);
        QVERIFY(narrow != nullptr);
        QCOMPARE(narrow->info().format, (AudioFormat{SampleCoding::ALaw, 8000, 2}));
        const auto narrowPcm = readAllPcm(*narrow);
        QVERIFY(burstDistance(narrowPcm, 8000) >= 0 && burstDistance(narrowPcm, 8000) < 6);
        checkLevels(narrowPcm);
    }

    void bothLawsBecomeALaw()
    {
        CallAudioInput input;
        SimulatedSender a = talker(1, 10);
        SimulatedSender b = talker(2, 10);
        input.party[kInternal].push_back(burstLeg(a, 8));
        input.party[kExternal].push_back(burstLeg(b, 0));
        const auto audio = openCall(input);
        QVERIFY(audio != nullptr);
        QCOMPARE(audio->info().format, (AudioFormat{SampleCoding::ALaw, 8000, 2}));
        const auto pcm = readAllPcm(*audio);
        QCOMPARE(burstDistance(pcm, 8000), 0.0);
        checkLevels(pcm);
    }

    void aCodecChangeWithinTheCall()
    {
        CallAudioInput input;
        SimulatedSender a(1);
        a.talk(10);
        const std::size_t change = a.sent().size();
        a.talk(10);
        const std::uint16_t switched = a.sent()[change].sequence;
        rtp::RtpStream stream = burstLeg(a, 8);
        auto mixed = std::make_shared<StoredPackets>();
        for (const SentPacket& one : a.packets()) {
            const bool late = static_cast<std::int16_t>(one.sequence - switched) >= 0;
            mixed->packets.push_back({one.captured, rtpDatagram(late ? 0 : 8, one.sequence, one.timestamp, 1,
                                                                burstsG711(a, late ? Law::U : Law::A, one))});
        }
        stream.source = mixed;
        SimulatedSender b = talker(2, 20);
        input.party[kInternal].push_back(stream);
        input.party[kExternal].push_back(burstLeg(b, 8));
        const auto audio = openCall(input);
        QVERIFY(audio != nullptr);
        QCOMPARE(audio->info().codecs[0], std::string("PCMA+PCMU"));
        const auto pcm = readAllPcm(*audio);
        QCOMPARE(burstDistance(pcm, 8000), 0.0);
        checkLevels(pcm);
    }

    void silenceIsWritten_data()
    {
        QTest::addColumn<double>("pause");
        QTest::addColumn<bool>("advances");
        QTest::newRow("a word's pause") << 0.4 << true;
        QTest::newRow("a long pause, RTP time stands still") << 5.0 << false;
        QTest::newRow("hold of 16 s") << 16.0 << true;
        QTest::newRow("hold of 95 s, RTP time stands still") << 95.0 << false;
    }
    void silenceIsWritten()
    {
        QFETCH(double, pause);
        QFETCH(bool, advances);
        CallAudioInput input;
        SimulatedSender a(1);
        for (int i = 0; i < 4; ++i) {
            a.talk(3.5);
            a.pause(pause, advances);
        }
        a.talk(3);
        SimulatedSender b = talker(2, 17 + 4 * pause);
        input.party[kInternal].push_back(burstLeg(a, 8));
        input.party[kExternal].push_back(burstLeg(b, 8));
        const auto audio = openCall(input);
        QVERIFY(audio != nullptr);
        const auto pcm = readAllPcm(*audio);
        const auto left = burstsIn(pcm, 0);
        const auto right = burstsIn(pcm, 1);
        QVERIFY(left.size() >= 13);
        for (const std::int64_t frame :
             left) { // cut bursts begin later, but never far from the other party's
            const auto near = std::lower_bound(right.begin(), right.end(), frame - 400);
            QVERIFY(near != right.end() && std::abs(*near - frame) <= 160);
        }
    }

    void changeOfSourceNeitherLosesNorShifts()
    {
        CallAudioInput input;
        SimulatedSender a = talker(1, 10);
        SimulatedSender a2(3);
        a2.start = 10 * kSecond;
        a2.sequence = 9;
        a2.timestamp = 5;
        a2.talk(10);
        SimulatedSender b = talker(2, 20);
        Bytes payload = payloadInOrder(a.packets());
        const Bytes more = payloadInOrder(a2.packets());
        payload.insert(payload.end(), more.begin(), more.end());
        input.party[kInternal] = {randomLeg(a, 8, 1), randomLeg(a2, 8, 2)};
        input.party[kExternal].push_back(randomLeg(b, 8));
        const auto audio = openCall(input);
        QVERIFY(audio != nullptr);
        const Bytes sound = readAllCoded(*audio);
        QVERIFY(bitExact(channelOf(sound, 0), audio->info(), 0, payload));
        QVERIFY(audio->info().frames <= 160000U + 400U);
    }

    void sourcesThatSoundTogetherAreMixed()
    {
        CallAudioInput input;
        const auto tone = [](double hertz) {
            return [hertz](const SentPacket& packet) {
                Bytes octets(packet.samples);
                for (std::size_t i = 0; i < octets.size(); ++i) {
                    const double t = static_cast<double>(packet.sample + i) / 8000.0;
                    octets[i] = encodeG711(
                        Law::A, static_cast<std::int16_t>(6000 * std::sin(6.283185307 * hertz * t)));
                }
                return octets;
            };
        };
        SimulatedSender a = talker(1, 10);
        SimulatedSender fork = talker(2, 10);
        input.party[kInternal] = {makeStream(a.packets(), 8, 1, tone(500)),
                                  makeStream(fork.packets(), 8, 2, tone(1500))};
        const auto audio = openCall(input);
        QVERIFY(audio != nullptr);
        const auto pcm = readAllPcm(*audio);
        const auto power = [&pcm](double hertz) {
            double re = 0;
            double im = 0;
            for (std::size_t i = 8000; i < 16000; ++i) {
                re += pcm[2 * i] * std::cos(6.283185307 * hertz * static_cast<double>(i) / 8000);
                im += pcm[2 * i] * std::sin(6.283185307 * hertz * static_cast<double>(i) / 8000);
            }
            return 2 * std::hypot(re, im) / 8000;
        };
        QVERIFY(std::abs(power(500) - 6000) < 300);
        QVERIFY(std::abs(power(1500) - 6000) < 300);
        QVERIFY(power(2500) < 200);
    }

    void mirrorPortLosesAndDoubles()
    {
        CallAudioInput input;
        SimulatedSender a(1);
        a.loss = 0.1;
        a.jitter = 40000;
        a.talk(30);
        std::vector<SentPacket> doubled;
        for (const SentPacket& one : a.packets()) {
            doubled.push_back(one);
            doubled.push_back(one);
        }
        input.party[kInternal].push_back(makeStream(doubled, 8, 1, randomOctets));
        SimulatedSender b = talker(2, 30);
        input.party[kExternal].push_back(randomLeg(b, 8));
        const auto audio = openCall(input);
        QVERIFY(audio != nullptr);
        QCOMPARE(audio->info().duplicates[0], static_cast<std::uint64_t>(a.sent().size()));
        QVERIFY(audio->info().lost[0] + 3 >= a.lost() && audio->info().lost[0] <= a.lost());
        const Bytes sound = readAllCoded(*audio);
        QVERIFY(bitExact(channelOf(sound, 0), audio->info(), 0, payloadInOrder(a.packets())));
        QVERIFY(std::ranges::any_of(audio->info().insertions,
                                    [](const Insertion& one) { return one.kind == InsertionKind::Loss; }));
    }

    void packetsOf20And30And40MsPairUp()
    {
        for (const std::uint32_t samples : {160U, 240U, 320U}) {
            CallAudioInput input;
            SimulatedSender a = talker(1, 30);
            SimulatedSender b(2);
            b.packetSamples = samples;
            b.talk(30);
            input.party[kInternal].push_back(burstLeg(a, 8));
            input.party[kExternal].push_back(burstLeg(b, 8));
            const auto audio = openCall(input);
            QVERIFY(audio != nullptr);
            const auto pcm = readAllPcm(*audio);
            const double apart = burstDistance(pcm, 8000);
            // A packet leaves when its last sample is spoken: the longer one stands later by the difference.
            QVERIFY2(apart >= 0 && apart <= 20, qPrintable(QString::number(apart)));
            // Nothing is sped up or slowed down: every second is a second.
            for (const std::size_t channel : {kInternal, kExternal}) {
                const auto bursts = burstsIn(pcm, channel);
                for (std::size_t i = 1; i < bursts.size(); ++i)
                    QCOMPARE(bursts[i] - bursts[i - 1], std::int64_t{8000});
            }
        }
    }

    void onePartyOnlyAndNobodyAtAll()
    {
        CallAudioInput input;
        input.end = UtcTime(seconds(12));
        SimulatedSender b = talker(2, 10);
        input.party[kExternal].push_back(burstLeg(b, 0));
        const auto one = openCall(input);
        QVERIFY(one != nullptr);
        QCOMPARE(one->info().format.coding, SampleCoding::ULaw);
        QCOMPARE(one->info().frames, std::uint64_t{96000});
        QCOMPARE(one->info().codecs[0], std::string());
        for (const std::byte octet : channelOf(readAllCoded(*one), 0))
            QCOMPARE(octet, kULawSilence);
        input.party[kExternal].clear();
        const auto nobody = openCall(input);
        QVERIFY(nobody != nullptr);
        QCOMPARE(nobody->info().frames, std::uint64_t{96000});
        QCOMPARE(nobody->info().insertions.size(), std::size_t{2});
        QCOMPARE(readAllCoded(*nobody).size(), std::size_t{192000});
    }

    void digitsStandWhereTheyWerePressed()
    {
        CallAudioInput input;
        SimulatedSender a(1);
        a.talk(3);
        const std::uint32_t pressed = a.timestamp;
        const std::uint16_t number = a.sequence;
        const std::int64_t time = a.now();
        a.pause(0.2);
        a.sequence = static_cast<std::uint16_t>(a.sequence + 12);
        a.talk(3);
        rtp::PayloadMap formats{{8, {"PCMA", 8000, 1, {}}}, {101, {"TELEPHONE-EVENT", 8000, 1, "0-16"}}};
        rtp::RtpStream stream = makeStream(a.packets(), 8, 1, randomOctets, formats);
        auto source = std::make_shared<StoredPackets>();
        *source = dynamic_cast<const StoredPackets&>(*stream.source);
        for (std::uint16_t i = 0; i < 12; ++i) {
            const bool end = i >= 9; // the end goes out three times
            const std::uint32_t duration = end ? 1600U : (i + 1U) * 160U;
            const Bytes event{std::byte{5}, end ? std::byte{0x8a} : std::byte{0x0a},
                              static_cast<std::byte>(duration >> 8), static_cast<std::byte>(duration & 255)};
            source->packets.push_back(
                {time + 25000 + i * 17000,
                 rtpDatagram(101, static_cast<std::uint16_t>(number + i), pressed, 1, event)});
        }
        std::stable_sort(source->packets.begin(), source->packets.end(),
                         [](const auto& x, const auto& y) { return x.captured < y.captured; });
        stream.source = source;
        input.party[kInternal].push_back(stream);
        const auto audio = openCall(input);
        QVERIFY(audio != nullptr);
        QCOMPARE(audio->info().digits.size(), std::size_t{1});
        QCOMPARE(audio->info().digits[0].symbol, '5');
        QCOMPARE(audio->info().digits[0].durationMs, 200U);
        QCOMPARE(audio->info().digits[0].frame, std::uint64_t{200 + 24000});
        QCOMPARE(audio->info().lost[0], std::uint64_t{0});
        QCOMPARE(audio->info().undecodable[0], std::uint64_t{0});
        QVERIFY(bitExact(channelOf(readAllCoded(*audio), 0), audio->info(), 0, payloadInOrder(a.packets())));
    }

    void comfortNoiseIsHeardInThePause()
    {
        CallAudioInput input;
        SimulatedSender a(1);
        a.talk(2);
        const std::uint32_t timestamp = a.timestamp;
        const std::uint16_t number = a.sequence;
        const std::int64_t time = a.now();
        a.pause(3);
        ++a.sequence;
        a.talk(2);
        rtp::RtpStream stream = burstLeg(a, 8);
        auto source = std::make_shared<StoredPackets>();
        *source = dynamic_cast<const StoredPackets&>(*stream.source);
        const Bytes level{std::byte{40}}; // -40 dBov
        source->packets.insert(source->packets.begin() + 100,
                               {time + 5000, rtpDatagram(13, number, timestamp, 1, level)});
        stream.source = source;
        input.party[kInternal].push_back(stream);
        const auto audio = openCall(input);
        QVERIFY(audio != nullptr);
        const auto noise = std::ranges::find_if(audio->info().insertions, [](const Insertion& one) {
            return one.kind == InsertionKind::ComfortNoise;
        });
        QVERIFY(noise != audio->info().insertions.end());
        QVERIFY(noise->frames >= 23700 && noise->frames <= 24300);
        const auto pcm = readAllPcm(*audio);
        double energy = 0;
        for (std::uint64_t i = noise->frame; i < noise->frame + noise->frames; ++i)
            energy += static_cast<double>(pcm[2 * i]) * pcm[2 * i];
        const double decibel = 10 * std::log10(energy / static_cast<double>(noise->frames) / 1073741824.0);
        QVERIFY2(std::abs(decibel + 40) < 3, qPrintable(QString::number(decibel)));
    }

    void unknownFormatsAndWrongKeysAreSilence()
    {
        CallAudioInput input;
        SimulatedSender a = talker(1, 4);
        input.party[kInternal].push_back(makeStream(a.packets(), 97, 1, randomOctets));
        rtp::RtpStream locked = makeStream(a.packets(), 8, 2, randomOctets);
        rtp::MediaEpoch epoch;
        epoch.srtpKeys.push_back({"AES_CM_128_HMAC_SHA1_80", std::string(30, 'k')});
        locked.epochs.push_back(epoch);
        input.party[kExternal].push_back(locked);
        const auto audio = openCall(input);
        QVERIFY(audio != nullptr);
        QCOMPARE(audio->info().undecodable[0], std::uint64_t{200});
        QCOMPARE(audio->info().undecodable[1], std::uint64_t{200});
        QCOMPARE(audio->info().locked[0], std::uint64_t{0});
        QCOMPARE(audio->info().locked[1], std::uint64_t{200});
        QCOMPARE(audio->info().lost[1], std::uint64_t{0});
        for (const std::int16_t sample : readAllPcm(*audio))
            QVERIFY(std::abs(int{sample}) <= 8); // what A-law has for zero
    }

    void theReaderSeeksToAnyFrame()
    {
        CallAudioInput input;
        SimulatedSender a = talker(1, 120);
        SimulatedSender b = talker(2, 120);
        input.party[kInternal].push_back(burstLeg(a, 8));
        G722Encoder encoder;
        QVERIFY(encoder.isOpen());
        input.party[kExternal].push_back(makeStream(b.packets(), 9, 2, [&](const SentPacket& packet) {
            std::vector<std::int16_t> wide(2 * packet.samples);
            for (std::size_t i = 0; i < wide.size(); ++i)
                wide[i] = burstAt(b.timeOf(packet.sample) + static_cast<std::int64_t>(i) * 125 / 2);
            return encoder.encode(wide);
        }));
        const auto audio = openCall(input);
        const auto whole = readAllPcm(*audio, 20000);
        auto reader = openCallReader(input);
        QVERIFY(static_cast<bool>(reader));
        QCOMPARE((*reader)->frames(), audio->info().frames);
        QCOMPARE(whole.size(), static_cast<std::size_t>(2 * audio->info().frames)); // four windows
        for (const std::uint64_t frame : {1500000ULL, 0ULL, 800001ULL, 100ULL, 1919000ULL}) {
            QVERIFY((*reader)->seek(frame));
            std::vector<std::int16_t> some(2 * 32000);
            const auto got = (*reader)->read(some);
            QVERIFY(got && *got > 0);
            double error = 0;
            double energy = 1;
            for (std::size_t i = 0; i < 2 * *got; ++i) {
                const double difference = some[i] - whole[2 * frame + i];
                error += difference * difference;
                energy += static_cast<double>(whole[2 * frame + i]) * whole[2 * frame + i];
            }
            QVERIFY2(error < 0.001 * energy + 1e6, qPrintable(QString::number(error / energy)));
        }
    }

    void aSourceThatFailsIsAnError()
    {
        class Failing final : public rtp::PacketSource {
        public:
            Status visit(const Visitor&) const override { return fail(BaseErrc::Io, "spool"); }
        };
        CallAudioInput input;
        rtp::RtpStream stream;
        stream.source = std::make_shared<Failing>();
        input.party[kInternal].push_back(stream);
        const auto audio = CallAudio::open(input);
        QVERIFY(!audio);
        QCOMPARE(audio.error().code, make_error_code(BaseErrc::Io));
    }

private:
    /// Bursts keep their level in both channels (no clipping, no garbling; G.722 overshoots where one begins)
    /// and the pauses are quiet.
    static void checkLevels(const std::vector<std::int16_t>& pcm)
    {
        for (std::size_t channel = 0; channel < 2; ++channel) {
            int peak = 0;
            double quiet = 0;
            std::size_t count = 0;
            for (std::size_t i = channel; i < pcm.size(); i += 2) {
                peak = std::max(peak, std::abs(int{pcm[i]}));
                if (std::abs(int{pcm[i]}) < 1000) {
                    quiet += static_cast<double>(pcm[i]) * pcm[i];
                    ++count;
                }
            }
            QVERIFY2(peak > 10500 && peak < 16000, qPrintable(QString::number(peak)));
            QVERIFY(std::sqrt(quiet / static_cast<double>(count)) < 100);
        }
    }
};

QTEST_GUILESS_MAIN(CallAudioTest)
#include "tst_call_audio.moc"
