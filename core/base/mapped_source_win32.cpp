// SPDX-License-Identifier: GPL-3.0-or-later
// Captures are not mapped on Win32: a page that cannot be read is an exception there which no handler can put
// zeros in place of, and a mapped file can be neither cut nor replaced. They are read in blocks instead.
#include "core/base/mapped_source.h"

namespace sr {

MappedSource::MappedSource(Path path, ByteView bytes)
    : m_path(std::move(path))
    , m_bytes(bytes)
    , m_guard(bytes.data(), bytes.size(), m_damaged)
{}

MappedSource::~MappedSource() = default;

Result<std::shared_ptr<MappedSource>> MappedSource::open(const Path& path)
{
    if (!isFolder(path))
        if (auto file = File::open(path, OpenMode::Read); !file)
            return file.error();
    return fail(BaseErrc::Malformed, utf8Of(path) + " is not mapped on this system");
}

Result<std::size_t> MappedSource::readAt(std::uint64_t offset, std::span<std::byte> out)
{
    return MemorySource(m_bytes).readAt(offset, out);
}

void MappedSource::expect(std::uint64_t offset, std::uint64_t bytes) const
{
    ByteSource::expect(offset, bytes);
}

Status MappedSource::status() const
{
    return {};
}

} // namespace sr
