// SPDX-License-Identifier: GPL-3.0-or-later
// Several threads add records and say which calls run while another delivers; each record comes out once, and
// those of each thread in order.
#include "core/cdr/outbox.h"

#include <atomic>
#include <cstdio>
#include <random>

namespace {

constexpr int kThreads = 3;
constexpr int kRecords = 1500; // of each

sr::cdr::SharedRecord recordOf(int thread, int number)
{
    auto record = std::make_shared<sr::cdr::CallDataRecord>();
    record->id = std::to_string(thread) + "-" + std::to_string(number);
    record->utc = number;
    record->local = thread;
    return record;
}

} // namespace

int main()
{
    const sr::Path dir =
        std::filesystem::temp_directory_path() / ("race-outbox-" + std::to_string(std::random_device()()));
    const sr::SystemClock clock;
    sr::cdr::OutboxOptions options;
    options.segmentBytes = 20'000;
    auto box = sr::cdr::Outbox::open(dir, clock, options);
    if (!box) {
        std::fprintf(stderr, "%s\n", box.error().text().c_str());
        return 1;
    }
    std::atomic<int> stored{0};
    std::atomic<int> told{0};
    (*box)->reader().setAvailable([&] { ++told; });
    std::vector<std::thread> adders;
    for (int thread = 0; thread < kThreads; ++thread)
        adders.emplace_back([&, thread] {
            for (int i = 0; i < kRecords; ++i) {
                const auto record = recordOf(thread, i);
                (*box)->keepOpen({record, recordOf(thread, -1)});
                (*box)->add(record, [&](const sr::Status& status) { stored += status ? 1 : 0; });
                if (i % 500 == 0)
                    (*box)->flush();
            }
        });
    int got = 0;
    bool ordered = true;
    std::vector<std::int64_t> next(kThreads, 0);
    while (got < kThreads * kRecords) {
        const auto item = (*box)->reader().next();
        if (!item) {
            std::this_thread::yield();
            continue;
        }
        const auto record = sr::cdr::parse(item->xml);
        ordered = ordered && record && record->utc == next[static_cast<std::size_t>(record->local)]++;
        (*box)->reader().delivered(*item);
        ++got;
    }
    for (auto& adder : adders)
        adder.join();
    (*box)->reader().setAvailable({});
    (*box)->flush();
    const bool good = ordered && !(*box)->reader().next() && stored == kThreads * kRecords && told > 0;
    (*box).reset();
    (void)sr::removeTree(dir);
    std::printf("%d records, %d batches told, %s\n", got, told.load(), good ? "good" : "BAD");
    return good ? 0 : 1;
}
