// SPDX-License-Identifier: GPL-3.0-or-later
// A sink whose disk is full after a number of octets, to prove that errors surface.
#pragma once

#include "core/base/io.h"

namespace sr::test {

class FailSink final : public ByteSink {
public:
    explicit FailSink(std::uint64_t room)
        : m_room(room)
    {}
    Status write(ByteView bytes) override
    {
        if (bytes.size() > m_room)
            return fail(BaseErrc::DiskFull, "test sink");
        m_room -= bytes.size();
        return m_memory.write(bytes);
    }
    const Bytes& bytes() const { return m_memory.bytes(); }

private:
    std::uint64_t m_room;
    MemorySink m_memory;
};

} // namespace sr::test
