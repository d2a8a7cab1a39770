// SPDX-License-Identifier: GPL-3.0-or-later
// An interface captured by libpcap.
#include "core/capture/link_layer.h"
#include "core/capture/packet_device.h"
#include "core/capture/pcap_functions.h"

#include <array>
#include <thread>

namespace sr::capture {
namespace {

constexpr int kSnapshotBytes = 262144; // whole packets, also those that the network card joined
constexpr milliseconds kIdle(5);
constexpr int kMostAtOnce = 256; // not -1, which is no packet at all for some libraries
constexpr int kBlockMs = 50;     // the kernel hands packets over at most so late

/// LINKTYPE_ of a DLT_: the same number but for raw IP, which differs by platform.
std::uint16_t linkTypeOf(int dataLink)
{
    return dataLink == DLT_RAW ? static_cast<std::uint16_t>(LinkType::Raw)
                               : static_cast<std::uint16_t>(dataLink);
}

CaptureErrc codeOf(int status)
{
    switch (status) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
        return CaptureErrc::NoInterface;
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
        return CaptureErrc::NoRight;
    case PCAP_ERROR_IFACE_NOT_UP:
        return CaptureErrc::Down;
    default:
        return CaptureErrc::Library;
    }
}

class PcapDevice final : public PacketDevice {
public:
    PcapDevice(const PcapFunctions& pcap, pcap_t* handle, std::string name)
        : m_pcap(pcap)
        , m_handle(handle)
        , m_name(std::move(name))
    {}
    ~PcapDevice() override { m_pcap.close(m_handle); }
    PcapDevice(const PcapDevice&) = delete;
    PcapDevice& operator=(const PcapDevice&) = delete;

    Status start(const DeviceOptions& options);
    Status read(PacketBatch& batch) override;
    Status drain(PacketBatch& batch) override;
    Result<DeviceStats> stats() override;
    void wake() override { m_pcap.breakLoop(m_handle); }

private:
    Error error(CaptureErrc code) const { return fail(code, m_name + ": " + m_pcap.error(m_handle)); }
    Status setFilter(const std::string& expression);
    int dispatch(PacketBatch& batch);
    /// Whatever ends a capture that ran, the interface is not to be had any more.
    Status ended(int got) const
    {
        return got >= 0 || got == PCAP_ERROR_BREAK ? Status{} : error(CaptureErrc::Gone);
    }
    static void take(u_char* self, const pcap_pkthdr* header, const u_char* bytes);

    const PcapFunctions& m_pcap;
    pcap_t* m_handle;
    std::string m_name;
    std::uint16_t m_linkType = 0;
    PacketBatch* m_batch = nullptr; ///< during read()
    pcap_stat m_counted{};          ///< the kernel counts in 32 bits, which wrap
    DeviceStats m_stats;
};

Status PcapDevice::start(const DeviceOptions& options)
{
    m_pcap.setSnapshotLength(m_handle, kSnapshotBytes);
    m_pcap.setPromiscuous(m_handle, options.promiscuous ? 1 : 0);
    m_pcap.setTimeout(m_handle, kBlockMs);
    m_pcap.setBufferSize(m_handle, static_cast<int>(options.ringBytes));
    const int activated = m_pcap.activate(m_handle); // above 0: a warning
    if (activated < 0) {
        const CaptureErrc code = codeOf(activated);
        return code == CaptureErrc::Library ? error(code) : fail(code, m_name);
    }
    m_linkType = linkTypeOf(m_pcap.dataLink(m_handle));
    if (!isKnownLink(m_linkType))
        return fail(CaptureErrc::Library, m_name + ": its link type " + std::to_string(m_linkType) +
                                              " is none that calls are found in");
    return options.filter.empty() ? Status{} : setFilter(options.filter);
}

Status PcapDevice::setFilter(const std::string& expression)
{
    bpf_program program{};
    if (m_pcap.compile(m_handle, &program, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
        return fail(CaptureErrc::BadFilter, "\"" + expression + "\": " + m_pcap.error(m_handle));
    const int set = m_pcap.setFilter(m_handle, &program);
    m_pcap.freeCode(&program);
    return set == 0 ? Status{} : error(CaptureErrc::BadFilter);
}

void PcapDevice::take(u_char* self, const pcap_pkthdr* header, const u_char* bytes)
{
    auto& device = *reinterpret_cast<PcapDevice*>(self);
    const UtcTime time(seconds(header->ts.tv_sec) + microseconds(header->ts.tv_usec));
    device.m_batch->add(time, {reinterpret_cast<const std::byte*>(bytes), header->caplen}, header->len,
                        device.m_linkType);
}

int PcapDevice::dispatch(PacketBatch& batch)
{
    m_batch = &batch;
    const int got =
        m_pcap.dispatch(m_handle, kMostAtOnce, &PcapDevice::take, reinterpret_cast<u_char*>(this));
    m_batch = nullptr;
    return got;
}

Status PcapDevice::read(PacketBatch& batch)
{
    const int got = dispatch(batch);
    if (got == 0) // some libraries do not wait as they were told
        std::this_thread::sleep_for(kIdle);
    return ended(got);
}

Status PcapDevice::drain(PacketBatch& batch)
{
    std::array<char, PCAP_ERRBUF_SIZE> text{};
    if (m_pcap.setNonBlock(m_handle, 1, text.data()) != 0)
        return fail(CaptureErrc::Library, m_name + ": " + text.data());
    std::this_thread::sleep_for(milliseconds(2 * kBlockMs)); // the kernel hands its last block over
    int got = PCAP_ERROR_BREAK;                              // of an earlier wake()
    for (int breaks = 0; got > 0 || (got == PCAP_ERROR_BREAK && breaks < 2); breaks += got > 0 ? 0 : 1)
        got = dispatch(batch);
    return ended(got);
}

Result<DeviceStats> PcapDevice::stats()
{
    pcap_stat now{};
    if (m_pcap.stats(m_handle, &now) != 0)
        return error(CaptureErrc::Gone);
    m_stats.dropped += static_cast<std::uint32_t>(now.ps_drop - m_counted.ps_drop);
    m_stats.droppedByInterface += static_cast<std::uint32_t>(now.ps_ifdrop - m_counted.ps_ifdrop);
    m_counted = now;
    return m_stats;
}

/// Windows names interfaces by numbers that nobody types: what people call it serves as well.
std::string nameFor(const std::string& interface)
{
    const auto devices = listPacketDevices();
    if (devices)
        for (const DeviceInfo& device : *devices)
            if (device.description == interface && device.name != interface)
                return device.name;
    return interface;
}

} // namespace

Result<std::unique_ptr<PacketDevice>> openPacketDevice(const DeviceOptions& options)
{
    const auto pcap = pcapFunctions();
    if (!pcap)
        return pcap.error();
    std::array<char, PCAP_ERRBUF_SIZE> text{};
    pcap_t* handle = (*pcap)->create(nameFor(options.interface).c_str(), text.data());
    if (handle == nullptr)
        return fail(CaptureErrc::Library, options.interface + ": " + text.data());
    auto device = std::make_unique<PcapDevice>(**pcap, handle, options.interface);
    if (auto started = device->start(options); !started)
        return started.error();
    return std::unique_ptr<PacketDevice>(std::move(device));
}

Result<std::vector<DeviceInfo>> listPacketDevices()
{
    const auto pcap = pcapFunctions();
    if (!pcap)
        return pcap.error();
    std::array<char, PCAP_ERRBUF_SIZE> text{};
    pcap_if_t* first = nullptr;
    if ((*pcap)->findAllDevices(&first, text.data()) != 0)
        return fail(CaptureErrc::Library, text.data());
    std::vector<DeviceInfo> devices;
    for (const pcap_if_t* one = first; one != nullptr; one = one->next)
        devices.push_back(
            {one->name, one->description == nullptr ? "" : one->description, (one->flags & PCAP_IF_UP) != 0});
    (*pcap)->freeAllDevices(first);
    return devices;
}

} // namespace sr::capture
