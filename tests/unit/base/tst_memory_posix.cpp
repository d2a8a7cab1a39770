// SPDX-License-Identifier: GPL-3.0-or-later
// One heap for all threads: what another thread allocates lies where the program's first heap is.
#include "core/base/memory.h"

#include <QTest>

#include <unistd.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

class MemoryTest : public QObject {
    Q_OBJECT

private slots:
    void otherThreadsAllocateFromTheFirstHeap()
    {
        constexpr std::size_t kCount = 64;
        constexpr std::size_t kOctets =
            4096; // more than a thread keeps for itself, less than the system maps
        std::vector<std::unique_ptr<std::byte[]>> all;
        sr::useOneHeap();
        std::thread([&] {
            for (std::size_t i = 0; i < kCount; ++i)
                all.push_back(std::make_unique<std::byte[]>(kOctets));
        }).join();
        const auto* const end = static_cast<const std::byte*>(::sbrk(0));
        for (const auto& one : all)
            QVERIFY(std::less<>()(one.get(), end));
    }
};

QTEST_APPLESS_MAIN(MemoryTest)
#include "tst_memory_posix.moc"
