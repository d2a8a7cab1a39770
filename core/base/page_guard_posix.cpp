// SPDX-License-Identifier: GPL-3.0-or-later
// SIGBUS on POSIX: the page is replaced by an anonymous one and the access is tried again.
#include "core/base/page_guard.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

namespace sr {
namespace {

/// Looked at by the signal handler, so nothing but lock-free atomics.
struct Slot {
    std::atomic<std::uintptr_t> begin{0}; ///< 0: free
    std::atomic<std::uintptr_t> end{0};
    std::atomic<std::atomic<bool>*> damaged{nullptr};
};
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free && std::atomic<bool>::is_always_lock_free &&
              std::atomic<std::atomic<bool>*>::is_always_lock_free);

constexpr std::size_t kSlots = 32768;
constexpr std::size_t kNone = kSlots;

// A signal handler can reach nothing but what is global.
std::array<Slot, kSlots> slots;
std::atomic<std::size_t> used{0}; ///< slots from here on were never taken
std::atomic<std::uintptr_t> pageBytes{0};
struct sigaction before = {};
std::mutex mutex; ///< of taking and giving back

/// Not ours: as if we had never been here.
void passOn(int number, siginfo_t* info, void* context)
{
    if ((before.sa_flags & SA_SIGINFO) != 0 && before.sa_sigaction != nullptr) {
        before.sa_sigaction(number, info, context);
    } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
        before.sa_handler(number);
    } else {
        ::sigaction(number, &before, nullptr); // the access is tried again and ends the program
    }
}

void onBusError(int number, siginfo_t* info, void* context)
{
    const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
    const std::size_t count = used.load();
    for (std::size_t i = 0; i < count; ++i) {
        const std::uintptr_t begin = slots[i].begin.load();
        if (begin == 0 || at < begin || at >= slots[i].end.load())
            continue;
        const std::uintptr_t size = pageBytes.load();
        auto* const page = reinterpret_cast<void*>(at / size * size);
        if (::mmap(page, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
            MAP_FAILED)
            break;
        slots[i].damaged.load()->store(true);
        return;
    }
    passOn(number, info, context);
}

void install()
{
    pageBytes.store(static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE)));
    struct sigaction ours = {};
    ours.sa_sigaction = onBusError;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigemptyset(&ours.sa_mask);
    ::sigaction(SIGBUS, &ours, &before);
}

} // namespace

PageGuard::PageGuard(const void* begin, std::size_t bytes, std::atomic<bool>& damaged)
    : m_slot(kNone)
{
    const std::scoped_lock lock(mutex);
    if (pageBytes.load() == 0)
        install();
    std::size_t slot = 0;
    while (slot < used.load() && slots[slot].begin.load() != 0)
        ++slot;
    if (slot == kSlots || bytes == 0)
        return;
    slots[slot].damaged.store(&damaged);
    slots[slot].end.store(reinterpret_cast<std::uintptr_t>(begin) + bytes);
    slots[slot].begin.store(reinterpret_cast<std::uintptr_t>(begin));
    if (slot == used.load())
        used.store(slot + 1);
    m_slot = slot;
}

PageGuard::~PageGuard()
{
    const std::scoped_lock lock(mutex);
    if (m_slot != kNone)
        slots[m_slot].begin.store(0);
}

} // namespace sr
