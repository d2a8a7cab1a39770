// SPDX-License-Identifier: GPL-3.0-or-later
// One thread appends to many streams while others visit those that ended, over a memory budget that makes the
// spool spill.
#include "core/capture/spool.h"

#include <atomic>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <mutex>
#include <random>
#include <thread>

namespace {

constexpr int kStreams = 200;
constexpr int kPackets = 300;

sr::Bytes packetOf(int stream, int number)
{
    sr::Bytes bytes(172);
    sr::storeBe(bytes.data(), static_cast<std::uint32_t>(stream));
    sr::storeBe(bytes.data() + 4, static_cast<std::uint32_t>(number));
    return bytes;
}

bool intact(const sr::capture::SpoolStream& stream, int number)
{
    int expected = 0;
    bool same = true;
    const auto visited = stream.visit([&](sr::UtcTime, sr::ByteView bytes) {
        same = same && sr::loadBe<std::uint32_t>(bytes.data()) == static_cast<std::uint32_t>(number) &&
               sr::loadBe<std::uint32_t>(bytes.data() + 4) == static_cast<std::uint32_t>(expected);
        ++expected;
    });
    return visited && same && expected == kPackets;
}

} // namespace

int main()
{
    const auto dir =
        std::filesystem::temp_directory_path() / ("sr-race-spool-" + std::to_string(std::random_device()()));
    std::filesystem::create_directories(dir);
    std::atomic<int> good{0};
    {
        auto spool = sr::capture::Spool::create(dir, 256 * 1024);
        if (!spool)
            return 2;
        std::mutex mutex;
        std::deque<std::pair<int, std::shared_ptr<sr::capture::SpoolStream>>> ended;
        std::atomic<bool> over{false};
        std::vector<std::jthread> readers;
        for (int i = 0; i < 2; ++i)
            readers.emplace_back([&] {
                for (;;) {
                    std::pair<int, std::shared_ptr<sr::capture::SpoolStream>> job;
                    {
                        const std::scoped_lock lock(mutex);
                        if (!ended.empty()) {
                            job = std::move(ended.front());
                            ended.pop_front();
                        } else if (over) {
                            return;
                        }
                    }
                    if (job.second && intact(*job.second, job.first))
                        ++good;
                }
            });
        for (int group = 0; group < kStreams; group += 20) {
            std::vector<std::shared_ptr<sr::capture::SpoolStream>> streams;
            for (int i = 0; i < 20; ++i)
                streams.push_back((*spool)->newStream());
            for (int n = 0; n < kPackets; ++n)
                for (int i = 0; i < 20; ++i)
                    if (!streams[static_cast<std::size_t>(i)]->append(sr::UtcTime(sr::microseconds(n)),
                                                                      packetOf(group + i, n)))
                        return 3;
            const std::scoped_lock lock(mutex);
            for (int i = 0; i < 20; ++i)
                ended.emplace_back(group + i, std::move(streams[static_cast<std::size_t>(i)]));
        }
        over = true;
    }
    std::filesystem::remove_all(dir);
    std::printf("%d of %d streams intact\n", good.load(), kStreams);
    return good == kStreams ? 0 : 1;
}
