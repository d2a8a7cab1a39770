// SPDX-License-Identifier: GPL-3.0-or-later
// The thread of one captured interface: reads, counts losses, and waits for an interface that went away.
#pragma once

#include "core/base/clock.h"
#include "core/capture/drop_log.h"
#include "core/capture/packet_device.h"
#include "core/capture/packet_inbox.h"

#include <thread>

namespace sr::capture {

/// How an interface does.
struct InterfaceState {
    std::string name;
    bool up = false;
    std::uint64_t packets = 0;
    std::uint64_t dropped = 0;            ///< lost because we were too slow: by the kernel or here
    std::uint64_t droppedByInterface = 0; ///< lost before the kernel saw them
    std::optional<Error> trouble;         ///< why it is not up
};

/// Starts on construction, ends on destruction. Any thread.
class DeviceReader {
public:
    /// Told from the reading thread when the interface comes or goes.
    using Changed = std::function<void(const InterfaceState&)>;
    struct Environment {
        PacketInbox* inbox = nullptr; ///< outlives the reader
        const Clock* clock = nullptr; ///< outlives the reader
        DeviceOpener open;
        milliseconds retryEvery{1000};
        Changed changed;
    };

    /// `device` may be null: then it is waited for.
    DeviceReader(std::size_t number, DeviceOptions options, std::unique_ptr<PacketDevice> device,
                 Environment environment);
    ~DeviceReader();
    DeviceReader(const DeviceReader&) = delete;
    DeviceReader& operator=(const DeviceReader&) = delete;

    InterfaceState state() const;
    std::uint64_t droppedBetween(UtcTime from, UtcTime until) const;
    /// Returns once everything that the kernel had is in the inbox.
    void stop();

private:
    void run();
    void readUntilGone(PacketDevice& device);
    void deliver(PacketBatch&& batch);
    void count(PacketDevice& device, UtcTime now);
    void setDevice(std::unique_ptr<PacketDevice> device, std::optional<Error> trouble);
    bool waitToRetry();

    const std::size_t m_number;
    const DeviceOptions m_options;
    const Environment m_environment;

    mutable std::mutex m_mutex; // guards what follows
    std::condition_variable m_wake;
    bool m_stopping = false;
    InterfaceState m_state;
    DropLog m_drops;
    UtcTime m_counted{};                    ///< until then losses are in the log
    DeviceStats m_stats;                    ///< of the open device, as last counted
    std::shared_ptr<PacketDevice> m_device; ///< set by the thread; others only wake it

    std::thread m_thread; // last: everything it uses stands above
};

} // namespace sr::capture
