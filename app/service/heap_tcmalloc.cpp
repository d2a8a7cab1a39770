// SPDX-License-Identifier: GPL-3.0-or-later
// tcmalloc, by its own interface.
#include "app/service/heap.h"

#include <gperftools/malloc_extension.h>
#include <sys/mman.h>

#include <cstddef>
#include <new>

namespace sr::service {
namespace {

/// Takes memory of the system a piece at a time (1 MiB), and has it there at once: pages that come one by
/// one, when they are first touched, take a twentieth of what a short call costs. Called under tcmalloc's
/// lock, so without allocating.
class Pieces final : public SysAllocator {
public:
    explicit Pieces(SysAllocator& system)
        : m_system(system)
    {}
    void* Alloc(std::size_t size, std::size_t* actual, std::size_t alignment) override
    {
        void* const piece = m_system.Alloc(size, actual, alignment);
        if (piece != nullptr) // Linux before 5.14 does not know it, and pages come as they are touched
            (void)madvise(piece, actual != nullptr ? *actual : size, MADV_POPULATE_WRITE);
        return piece;
    }

private:
    SysAllocator& m_system;
};

} // namespace

void settleHeap()
{
    constexpr std::size_t kCaches = std::size_t{4} << 20;
    MallocExtension& heap = *MallocExtension::instance();
    (void)heap.SetNumericProperty("tcmalloc.max_total_thread_cache_bytes", kCaches);
    if (SysAllocator* const system = heap.GetSystemAllocator(); system != nullptr) {
        alignas(Pieces) static std::byte place[sizeof(Pieces)]; // it outlives everything
        heap.SetSystemAllocator(new (place) Pieces(*system));
    }
}

} // namespace sr::service
