// SPDX-License-Identifier: GPL-3.0-or-later
// The pool in front of the recorder under the thread sanitizer. Plain main, no Qt, so that its reports mean
// something.
#include "recorder/pipeline/work_queue.h"

#include <atomic>
#include <cstdio>

int main()
{
    constexpr int kJobs = 5000;
    std::atomic<int> done{0};
    std::atomic<int> most{0};
    std::atomic<int> running{0};
    for (int round = 0; round < 4; ++round) {
        sr::recorder::WorkQueue queue(3, 4);
        for (int i = 0; i < kJobs; ++i)
            queue.push([&] {
                const int now = ++running;
                int seen = most.load();
                while (now > seen && !most.compare_exchange_weak(seen, now)) {
                }
                ++done;
                --running;
            });
        queue.drain();
        queue.drain();
    }
    std::printf("%d jobs, at most %d at once\n", done.load(), most.load());
    return done == 4 * kJobs && most <= 3 ? 0 : 1;
}
