// SPDX-License-Identifier: GPL-3.0-or-later
// One interface that is captured: a seam, so that tests can be the network.
#pragma once

#include "core/capture/capture_error.h"
#include "core/capture/packet_batch.h"

#include <functional>
#include <memory>
#include <string>

namespace sr::capture {

struct DeviceOptions {
    std::string interface; ///< name or description as listed; `any` is all of them (Linux)
    std::string filter;    ///< pcap-filter(7); empty: every packet
    std::uint32_t ringBytes = 64U * 1024 * 1024; ///< of the kernel; 200 calls fill it in 14 s
    bool promiscuous = true;                     ///< also what is for other machines (mirror ports)
};

/// Of the kernel, since the device was opened.
struct DeviceStats {
    std::uint64_t dropped = 0;            ///< the ring was full
    std::uint64_t droppedByInterface = 0; ///< before the kernel saw them; some drivers count other things too
};

/// Used by one thread but for wake().
class PacketDevice {
public:
    virtual ~PacketDevice() = default;
    /// Waits for packets and adds those that are there; returns without any after wake(), and otherwise when
    /// it likes. Error: Gone, or Library.
    virtual Status read(PacketBatch& batch) = 0;
    /// What came until now, whatever wake() said; waits only as long as the kernel holds packets back.
    virtual Status drain(PacketBatch& batch) = 0;
    /// Error: as read().
    virtual Result<DeviceStats> stats() = 0;
    /// Any thread: a read() that waits, or the next one, returns.
    virtual void wake() = 0;
};

using DeviceOpener = std::function<Result<std::unique_ptr<PacketDevice>>(const DeviceOptions&)>;

/// The machine's own interface. Needs CAP_NET_RAW and nothing more (Linux); Npcap (Windows). Errors: all of
/// CaptureErrc.
Result<std::unique_ptr<PacketDevice>> openPacketDevice(const DeviceOptions& options);

struct DeviceInfo {
    std::string name;        ///< for DeviceOptions
    std::string description; ///< for people; may be empty
    bool up = false;
};
/// What may be captured, in the system's order. Errors: NoLibrary, Library.
Result<std::vector<DeviceInfo>> listPacketDevices();

} // namespace sr::capture
