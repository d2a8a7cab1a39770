// SPDX-License-Identifier: GPL-3.0-or-later
// Letters between two threads as a linked list swapped in one atomic step: no lock, no allocation.
#pragma once

#include <atomic>

namespace sr::relay {

/// T has a member `T* next`. The letters belong to whoever took them last.
template <typename T>
class Mailbox {
public:
    /// Any thread, lock-free. True: it was empty, so whoever reads may have to be woken.
    bool put(T* letter) noexcept
    {
        T* head = m_head.load(std::memory_order_relaxed);
        do
            letter->next = head;
        while (!m_head.compare_exchange_weak(head, letter, std::memory_order_release,
                                             std::memory_order_relaxed));
        return head == nullptr;
    }
    bool hasAny() const noexcept { return m_head.load(std::memory_order_relaxed) != nullptr; }
    /// Any thread, wait-free but for the length. All of them, the oldest first; nullptr: none.
    T* takeAll() noexcept
    {
        T* newest = m_head.exchange(nullptr, std::memory_order_acquire);
        T* oldest = nullptr;
        while (newest != nullptr) {
            T* const before = newest->next;
            newest->next = oldest;
            oldest = newest;
            newest = before;
        }
        return oldest;
    }

private:
    std::atomic<T*> m_head{nullptr};
};

} // namespace sr::relay
