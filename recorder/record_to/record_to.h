// SPDX-License-Identifier: GPL-3.0-or-later
// "Record to" of the reference (pbx-interfaces.md 3.1): calls of the exchange as one pcap file each, in the
// clear, in a folder or on a server, whatever the archive keeps. Names are those of the reference's phones
// and gateways: `<guid>-<mac>-<serial>-<registration name>.pcap`.
//
//   ExchangeWire --frames--> list in memory --writer--> <folder>/.<name>.pcap.part --> <folder>/<name>.pcap
//                                               \-----> <dir>/<name>.pcap ----PUT----> server
//                                                              \---------------------> the folder, once it
//                                                              takes it
#pragma once

#include "recorder/pipeline/exchange_wire.h"
#include "recorder/record_to/record_file.h"
#include "recorder/record_to/uploads.h"

#include <map>
#include <set>
#include <thread>

namespace sr::recorder {

struct RecordToOptions {
    Path dir;        ///< `<config>/record-to`: notes, and files that wait for their place
    std::string mac; ///< of this machine: 12 hex digits
    std::uint64_t bytesMost = std::uint64_t{10} << 30U; ///< of files that wait there
    std::size_t memoryMost = std::size_t{64} << 20U;    ///< of packets that wait for a disk
    milliseconds flushEvery{1000};
    milliseconds retryEvery{10'000}; ///< a folder that takes nothing, or a full disk
    UploadOptions uploads = {};      ///< `delivered` and `problem` are set here
    /// What goes wrong, once until it goes well again: RecordToErrc. On any thread.
    std::function<void(const Error&)> problem = {};
    /// How files are written; File::writeAt() unless a test knows better.
    std::function<Status(File&, std::uint64_t, ByteView)> write = {};
};

/// Each place gets one file of a call, whoever asked for it. A call that nobody answers makes none. Packets
/// wait in memory for a second, so a crash loses no more of a file; the rest reaches its place at the next
/// start. What a folder or server does not take waits in `dir` and is tried again, also after a restart; only
/// where `dir` cannot be written either, packets over `memoryMost` are lost, and that is told.
class RecordTo final : public WireListener {
public:
    /// Makes the folder, private to the user, and goes on with what the last run left. Errors of the disk,
    /// and of Uploads::start().
    static Result<std::unique_ptr<RecordTo>> start(RecordToOptions options);
    /// Calls that run end here; what could not be delivered stays for the next start.
    ~RecordTo() override;
    RecordTo(const RecordTo&) = delete;
    RecordTo& operator=(const RecordTo&) = delete;

    // One thread, without waiting for the disk
    void begins(const relay::TapDialog& dialog) override;
    void wanted(std::uint64_t dialog, const std::vector<relay::TapTarget>& by) override;
    void packet(std::uint64_t dialog, UtcTime time, Content content, ByteView frame) override;
    void ends(std::uint64_t dialog) override;

    struct State {
        std::uint64_t written = 0;     ///< files that have reached their place
        std::uint64_t lostPackets = 0; ///< that found no room in memory
        bool troubled = false;         ///< some of what is told as a problem holds now
    };
    State state() const; ///< since it started. Any thread

private:
    struct News {
        enum class What : std::uint8_t { Begins, Wanted, Packet, Ends };
        What what = What::Begins;
        std::uint64_t dialog = 0;
        std::string guid = {};
        std::vector<relay::TapTarget> by = {};
        Content content = Content::Signalling;
        Bytes record = {};
    };
    struct Dialog {
        std::string guid;
        Bytes signalling; ///< for files that begin later
        std::vector<std::unique_ptr<RecordFile>> files;
    };
    using Steady = std::chrono::steady_clock;

    explicit RecordTo(RecordToOptions options);
    void recover();
    void recoverNote(const std::string& file);
    void tell(News news);
    void run();
    void take(News& news);
    void open(Dialog& dialog, const std::vector<relay::TapTarget>& by);
    void finish(Dialog& dialog);
    void flush();
    void retry();
    bool deliver(RecordFile& file);
    void onDelivered(const Upload& upload);
    void trouble(const std::string& about, const Error& error);
    void relief(const std::string& about);

    RecordToOptions m_options;
    RecordShelf m_shelf;
    std::unique_ptr<Uploads> m_uploads;

    // the writer's
    std::map<std::uint64_t, Dialog> m_dialogs;
    std::vector<std::unique_ptr<RecordFile>> m_over; ///< calls that are over, and not delivered
    std::uint64_t m_serial = 0;
    Steady::time_point m_flushed{};
    Steady::time_point m_retried{};

    mutable std::mutex m_mutex; // guards what follows
    std::condition_variable m_wake;
    std::vector<News> m_news;
    std::size_t m_newsBytes = 0;
    std::size_t m_filesBytes = 0;                                 ///< that the writer has and could not write yet
    std::set<std::pair<std::string, std::error_code>> m_troubles; ///< that were told: what they are about
    State m_state;
    bool m_stop = false;

    std::thread m_thread;
};

} // namespace sr::recorder
