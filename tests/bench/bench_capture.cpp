// SPDX-License-Identifier: GPL-3.0-or-later
// CPU time per packet of the capture layers against a bare libpcap read loop over the same file.
//
//   bench_capture [file [calls [seconds]]]   makes the file if it is missing: SIP-less G.711 calls,
//   interleaved
#include "core/base/file.h"
#include "core/capture/capture_reader.h"
#include "core/capture/packet_decoder.h"
#include "core/capture/packet_reader.h"
#include "core/capture/pcap_writer.h"
#include "core/capture/spool.h"

#include <pcap/pcap.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <unordered_map>

namespace {

using namespace sr;
using namespace sr::capture;

double cpuSeconds()
{
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void print(const char* what, std::uint64_t packets, double cpu, double reference)
{
    std::printf("%-42s %9llu packets %7.3f s %7.1f ns/packet %6.2f Mpkt/s %5.1f %% of libpcap\n", what,
                static_cast<unsigned long long>(packets), cpu, cpu * 1e9 / static_cast<double>(packets),
                static_cast<double>(packets) / cpu / 1e6, 100 * reference / cpu);
    std::fflush(stdout);
}

/// `calls` two-way G.711 calls at the same time, 20 ms packets, one after the other in each tick.
bool make(const Path& path, unsigned calls, unsigned length)
{
    auto file = File::open(path, OpenMode::CreateNew);
    if (!file)
        return false;
    class Buffered final : public ByteSink {
    public:
        explicit Buffered(File& out)
            : m_out(&out)
        {}
        Status write(ByteView bytes) override
        {
            m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
            return m_bytes.size() < (1U << 20) ? Status{} : flush();
        }
        Status flush()
        {
            auto written = m_out->write(m_bytes);
            m_bytes.clear();
            return written;
        }

    private:
        File* m_out;
        Bytes m_bytes;
    } sink(**file);
    auto writer = PcapWriter::create(sink);
    if (!writer)
        return false;
    Bytes rtp(172, std::byte{0xd5});
    rtp[0] = std::byte{0x80};
    rtp[1] = std::byte{8};
    const UtcTime start{seconds(1'770'000'000)};
    for (std::uint32_t tick = 0; tick < length * 50; ++tick) {
        storeBe(rtp.data() + 2, static_cast<std::uint16_t>(tick));
        storeBe(rtp.data() + 4, tick * 160);
        for (std::uint32_t stream = 0; stream < calls * 2; ++stream) {
            storeBe(rtp.data() + 8, stream + 1);
            const std::uint32_t call = stream / 2;
            Endpoint a{IpAddress::v4(0x0a000000 + call % 4096),
                       static_cast<std::uint16_t>(16384 + call / 4096 * 2)};
            Endpoint b{IpAddress::v4(0x0a800000 + call % 64),
                       static_cast<std::uint16_t>(10000 + call / 64 * 2)};
            if (stream % 2 != 0)
                std::swap(a, b);
            const auto at = start + milliseconds(20) * tick + microseconds(20'000ULL * stream / (calls * 2));
            if (!writer->add(at, a, b, rtp))
                return false;
        }
    }
    return static_cast<bool>(sink.flush());
}

class NullSink final : public DatagramSink {
public:
    void take(const Datagram& datagram) override { octets += datagram.payload.size(); }
    std::uint64_t octets = 0;
};

/// Every UDP payload into the spool, one stream by pair of endpoints.
class SpoolSink final : public DatagramSink {
public:
    explicit SpoolSink(Spool& spool)
        : m_spool(&spool)
    {}
    void take(const Datagram& datagram) override
    {
        auto& stream = m_streams[{datagram.from, datagram.to}];
        if (!stream)
            stream = m_spool->newStream();
        const Status stored = stream->append(datagram.time, datagram.payload);
        if (!stored && ++failures == 1)
            std::fprintf(stderr, "%s\n", stored.error().text().c_str());
    }
    /// Reads back and frees, stream by stream.
    std::uint64_t drain()
    {
        std::uint64_t octets = 0;
        for (auto& [key, stream] : m_streams) {
            if (!stream->visit([&](UtcTime, ByteView datagram) { octets += datagram.size(); }))
                ++failures;
            stream.reset();
        }
        return octets;
    }
    std::uint64_t failures = 0;

private:
    struct Hash {
        std::size_t operator()(const std::pair<Endpoint, Endpoint>& key) const
        {
            return hashOf(key.first) * 31 + hashOf(key.second);
        }
    };
    Spool* m_spool;
    std::unordered_map<std::pair<Endpoint, Endpoint>, std::shared_ptr<SpoolStream>, Hash> m_streams;
};

std::uint64_t readWithLibpcap(const std::string& path, std::uint64_t& octets)
{
    char message[PCAP_ERRBUF_SIZE];
    pcap_t* pcap = pcap_open_offline(path.c_str(), message);
    if (pcap == nullptr) {
        std::fprintf(stderr, "%s\n", message);
        std::exit(1);
    }
    pcap_pkthdr* header = nullptr;
    const unsigned char* data = nullptr;
    std::uint64_t packets = 0;
    while (pcap_next_ex(pcap, &header, &data) == 1) {
        octets += header->caplen;
        ++packets;
    }
    pcap_close(pcap);
    return packets;
}

template <typename Take>
std::uint64_t readWithOurs(const Path& path, const Take& take)
{
    auto file = File::open(path, OpenMode::Read);
    if (!file)
        return 0;
    auto reader = PacketReader::open(**file, utf8Of(path));
    if (!reader)
        return 0;
    CapturedPacket packet;
    std::uint64_t packets = 0;
    while ((*reader)->next(packet)) {
        take(packet);
        ++packets;
    }
    return packets;
}

} // namespace

int main(int argc, char** argv)
{
    const Path temporary = std::filesystem::temp_directory_path();
    const Path path = argc > 1 ? Path(argv[1]) : temporary / "switchroom-bench.pcap";
    const auto number = [&](int index, unsigned fallback) {
        return argc > index ? static_cast<unsigned>(std::strtoul(argv[index], nullptr, 10)) : fallback;
    };
    const unsigned calls = number(2, 1000);
    if (!fileExists(path) && !make(path, calls, number(3, 60))) {
        std::fprintf(stderr, "cannot write %s\n", utf8Of(path).c_str());
        return 1;
    }
    std::uint64_t octets = 0;
    readWithLibpcap(utf8Of(path), octets); // warms the page cache
    octets = 0;
    double begin = cpuSeconds();
    std::uint64_t packets = readWithLibpcap(utf8Of(path), octets);
    const double reference = cpuSeconds() - begin;
    print("a. libpcap next_ex", packets, reference, reference);

    std::uint64_t ours = 0;
    begin = cpuSeconds();
    packets = readWithOurs(path, [&](const CapturedPacket& packet) { ours += packet.bytes.size(); });
    print("b. our reader", packets, cpuSeconds() - begin, reference);
    if (ours != octets) {
        std::fprintf(stderr, "libpcap saw %llu octets, we %llu\n", static_cast<unsigned long long>(octets),
                     static_cast<unsigned long long>(ours));
        return 1;
    }
    NullSink null;
    PacketDecoder toNull(null);
    begin = cpuSeconds();
    packets = readWithOurs(path, [&](const CapturedPacket& packet) { toNull.take(packet); });
    print("c. reader and layers", packets, cpuSeconds() - begin, reference);

    begin = cpuSeconds();
    auto spool = Spool::create(path.parent_path(), number(4, 64) * std::uint64_t{1024} * 1024);
    if (!spool) {
        std::fprintf(stderr, "%s\n", spool.error().text().c_str());
        return 1;
    }
    SpoolSink toSpool(**spool);
    PacketDecoder decoder(toSpool);
    packets = readWithOurs(path, [&](const CapturedPacket& packet) { decoder.take(packet); });
    const double appended = cpuSeconds();
    std::printf("   spool holds %.0f MB in memory\n", static_cast<double>((*spool)->memoryBytes()) / 1e6);
    print("d. reader, layers and spool", packets, appended - begin, reference);
    const std::uint64_t back = toSpool.drain();
    print("   reading the spool back and freeing it", packets, cpuSeconds() - appended, reference);
    print("   d. in sum", packets, cpuSeconds() - begin, reference);

    begin = cpuSeconds();
    ReadOptions options;
    options.spoolDir = path.parent_path();
    Progress progress;
    std::vector<FileError> errors;
    std::uint64_t media = 0;
    const auto stats = readCaptures(
        {path}, options, progress,
        [&](CapturedCall&& call) {
            for (const CallStream& stream : call.streams) {
                if (!stream.rtp.source->visit([&](UtcTime, ByteView) { ++media; }))
                    ++toSpool.failures;
            }
        },
        errors);
    print("e. readCaptures, each call read back", packets, cpuSeconds() - begin, reference);
    const bool complete = stats && stats->packets == packets && media == stats->rtpPackets && errors.empty();
    return complete && toSpool.failures == 0 && back == null.octets ? 0 : 1;
}
