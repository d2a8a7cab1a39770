// SPDX-License-Identifier: GPL-3.0-or-later
// Writes what ports hear into files, on a thread of its own, so that no disk holds up the beat.
#pragma once

#include "core/base/file.h"
#include "core/media/media_error.h"
#include "core/relay/mailbox.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace sr::media {

/// What shall be recorded.
struct RecordPlan {
    enum class Form : std::uint8_t {
        Wav,  ///< 16 bits, mono
        ALaw, ///< headerless, always 8000 Hz
    };
    Path file;                                ///< must not exist, unless it is `output`
    std::uint32_t rate = 8000;                ///< [Hz] of the file, 8000 or 16000
    std::chrono::milliseconds limit{180'000}; ///< then it ends by itself
    Form form = Form::Wav;
    /// Ends it as well, and is cut off its end then, as is a shorter silence where it ends otherwise; so a
    /// recording without a sound is empty. 0: silence is sound.
    std::chrono::milliseconds silence{0};
    std::shared_ptr<File> output = {}; ///< `file`, new and empty; null: it is made
};

/// How a recording ended.
struct Recorded {
    Path file;
    std::chrono::milliseconds length{0};
    Status status; ///< MediaErrc::TooSlow or why the file was not written; what is in it stays
};

/// One recording, shared by the port that hears and the thread that writes.
struct Recording {
    RecordPlan plan;
    std::function<void(Recorded)> ended; ///< on the writer's thread
    std::atomic<bool> failed{false};     ///< no more is wanted
    std::atomic<unsigned> waiting{0};    ///< blocks that are not written yet

    // The writer's
    std::shared_ptr<File> output;
    std::uint64_t frames = 0;
    Status status;
    bool over = false;
};

/// Any thread may put blocks; those of one recording come from one.
class RecordingWriter {
public:
    struct Block {
        Block* next = nullptr;
        std::shared_ptr<Recording> recording;
        std::vector<std::int16_t> samples;
        bool last = false;
        std::uint64_t silent = 0; ///< of the last one: samples at the end of the recording to be cut off
        Status status{};          ///< of the last one
    };
    enum class Running : std::uint8_t {
        OwnThread,
        Stepped, ///< who calls step() writes
    };
    explicit RecordingWriter(Running running);
    /// Writes what waits.
    ~RecordingWriter();
    RecordingWriter(const RecordingWriter&) = delete;
    RecordingWriter& operator=(const RecordingWriter&) = delete;

    /// Does not wait.
    void put(std::unique_ptr<Block> block);
    void step();

private:
    void run();

    relay::Mailbox<Block> m_blocks;
    std::atomic<unsigned> m_puts{0};
    std::atomic<bool> m_stops{false};
    std::thread m_thread;
};

} // namespace sr::media
