// SPDX-License-Identifier: GPL-3.0-or-later
// Media waiting for its call's end: chunks in memory, and extents of the spool file for what overflowed.
//
//   append -> current chunk -> full chunks --(budget exceeded: stream after stream in turn)--> extents
//   visit  <- extents, then chunks
//
// The lock guards what spilling and visiting share: lists of chunks and extents, and the file. append() takes
// it only for a new chunk; only the capture thread appends and spills, so the write position needs none.
#include "core/capture/spool.h"

#include "core/base/mutex.h"
#include "core/capture/spool_file.h"

#include <algorithm>
#include <atomic>
#include <bit>

namespace sr::capture {
namespace {

constexpr std::size_t kRecordHeader = 10; ///< time [us] as int64, length as uint16, both in host order
constexpr std::size_t kMinChunk = 1024;
constexpr std::size_t kMaxChunk = 64 * 1024;
constexpr std::size_t kFirstChunk = 4 * 1024; // many streams are short
constexpr std::size_t kMaxExtent = 128 * 1024;
constexpr std::size_t kExtentsKept = 64; ///< by stream in memory; more go to an index block in the file
constexpr std::size_t kIndexEntry = 12;
// Without a folder the budget cannot overflow anywhere; a single recording of some hours still fits.
constexpr std::uint64_t kMemoryOnlyBytes = std::uint64_t{1024} * 1024 * 1024;
static_assert(kMaxExtent <= SpoolFile::kBufferBytes);

struct Chunk {
    Chunk(std::size_t bytes, std::atomic<std::uint64_t>& total)
        : data(std::make_unique_for_overwrite<std::byte[]>(bytes))
        , capacity(bytes)
        , memory(&total)
    {
        memory->fetch_add(capacity, std::memory_order_relaxed);
    }
    ~Chunk() { memory->fetch_sub(capacity, std::memory_order_relaxed); }
    Chunk(const Chunk&) = delete;
    Chunk& operator=(const Chunk&) = delete;

    std::unique_ptr<std::byte[]> data;
    std::size_t capacity;
    std::size_t used = 0;
    std::atomic<std::uint64_t>* memory; ///< of the core, which outlives every chunk
};

class Stream;

/// What streams and spool share.
struct Core {
    Mutex mutex;
    std::unique_ptr<SpoolFile> file; ///< null: memory only
    std::uint64_t budget = 0;
    std::atomic<std::uint64_t> memory{0}; ///< [octets]
    std::vector<Stream*> streams SR_GUARDED_BY(mutex);
    std::size_t turn SR_GUARDED_BY(mutex) = 0; ///< who spills next
    Status failure SR_GUARDED_BY(mutex);       ///< first error of the disk; appending is over then

    Status makeRoom() SR_THREAD_ATTR(requires_capability(mutex));
    std::size_t chunkBytes() SR_THREAD_ATTR(requires_capability(mutex));
};

/// A move from memory to the file that counts once the file has it.
struct Spilled {
    Stream* stream = nullptr;
    SpoolExtent extent;
    std::size_t chunks = 0; ///< 0: an index block
};

class Stream final : public SpoolStream {
public:
    explicit Stream(std::shared_ptr<Core> core);
    ~Stream() override;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    Status append(UtcTime time, ByteView datagram) override;
    std::uint64_t packets() const override { return m_packets; }
    Status visit(const Visitor& visitor) const override;

    // For the core, under its lock.
    std::uint64_t heldBytes() const;
    Status spill(SpoolFile& file, std::vector<Spilled>& moves);
    void commit(const Spilled& move);
    std::size_t place = 0; ///< in Core::streams

private:
    Status grow(std::size_t need);
    void noteUsed() const;
    Status visitFile(const std::vector<SpoolExtent>& extents, const Visitor& visitor) const;
    Result<std::vector<SpoolExtent>> allExtents(SpoolExtent index, std::vector<SpoolExtent> last,
                                                bool indexToo) const;

    std::byte* m_at = nullptr; ///< where the next record goes, in the last chunk
    std::byte* m_end = nullptr;
    std::uint64_t m_packets = 0;
    std::shared_ptr<Core> m_core;
    std::vector<std::shared_ptr<Chunk>> m_chunks;
    std::vector<SpoolExtent> m_extents; ///< after those of m_index
    SpoolExtent m_index;                ///< last index block, 0 octets: none
};

void visitRecords(ByteView records, const rtp::PacketSource::Visitor& visitor)
{
    while (records.size() >= kRecordHeader) {
        std::int64_t time = 0;
        std::uint16_t length = 0;
        std::memcpy(&time, records.data(), sizeof time);
        std::memcpy(&length, records.data() + sizeof time, sizeof length);
        visitor(UtcTime(microseconds(time)), records.subspan(kRecordHeader, length));
        records = records.subspan(kRecordHeader + length);
    }
}

Stream::Stream(std::shared_ptr<Core> core)
    : m_core(std::move(core))
{
    const MutexLock lock(m_core->mutex);
    place = m_core->streams.size();
    m_core->streams.push_back(this);
}

Stream::~Stream()
{
    {
        const MutexLock lock(m_core->mutex);
        m_core->streams[place] = m_core->streams.back();
        m_core->streams[place]->place = place;
        m_core->streams.pop_back();
    }
    if (m_extents.empty() && m_index.bytes == 0)
        return;
    // An index that cannot be read costs file space until the spool ends, nothing else.
    const auto extents = allExtents(m_index, m_extents, true);
    const MutexLock lock(m_core->mutex);
    for (const SpoolExtent& extent : extents ? *extents : m_extents)
        m_core->file->free(extent);
}

Status Stream::append(UtcTime time, ByteView datagram)
{
    const std::size_t need = kRecordHeader + datagram.size();
    if (static_cast<std::size_t>(m_end - m_at) < need) {
        if (auto grown = grow(need); !grown)
            return grown;
    }
    const std::int64_t stamp = time.time_since_epoch().count();
    const auto length = static_cast<std::uint16_t>(datagram.size());
    std::memcpy(m_at, &stamp, sizeof stamp);
    std::memcpy(m_at + sizeof stamp, &length, sizeof length);
    if (!datagram.empty())
        std::memcpy(m_at + kRecordHeader, datagram.data(), datagram.size());
    m_at += need;
    ++m_packets;
    return {};
}

Status Stream::grow(std::size_t need)
{
    if (need > kRecordHeader + UINT16_MAX)
        return fail(BaseErrc::TooLarge, "datagram of " + std::to_string(need - kRecordHeader) + " octets");
    const MutexLock lock(m_core->mutex);
    if (!m_core->failure)
        return m_core->failure;
    std::size_t bytes = m_core->chunkBytes();
    if (m_packets == 0)
        bytes = std::min(bytes, kFirstChunk);
    bytes = std::max(bytes, need);
    if (m_core->memory.load(std::memory_order_relaxed) + bytes > m_core->budget) {
        if (auto room = m_core->makeRoom(); !room)
            return room;
    }
    noteUsed();
    m_chunks.push_back(std::make_shared<Chunk>(bytes, m_core->memory));
    m_at = m_chunks.back()->data.get();
    m_end = m_at + bytes;
    return {};
}

std::uint64_t Stream::heldBytes() const
{
    std::uint64_t bytes = 0;
    for (const auto& chunk : m_chunks)
        bytes += chunk->capacity;
    return bytes;
}

void Stream::noteUsed() const
{
    if (!m_chunks.empty() && m_at != nullptr)
        m_chunks.back()->used = static_cast<std::size_t>(m_at - m_chunks.back()->data.get());
}

/// Puts everything of this stream into the file; it counts with commit().
Status Stream::spill(SpoolFile& file, std::vector<Spilled>& moves)
{
    noteUsed();
    if (m_extents.size() >= kExtentsKept) {
        Bytes block((m_extents.size() + 1) * kIndexEntry);
        std::size_t at = 0;
        const auto put = [&](const SpoolExtent& extent) {
            std::memcpy(block.data() + at, &extent.offset, 8);
            std::memcpy(block.data() + at + 8, &extent.bytes, 4);
            at += kIndexEntry;
        };
        put(m_index); // the one before
        for (const SpoolExtent& extent : m_extents)
            put(extent);
        const ByteView view = block;
        const auto extent = file.add({&view, 1});
        if (!extent)
            return extent.error();
        moves.push_back({this, *extent, 0});
    }
    std::vector<ByteView> parts;
    for (std::size_t i = 0; i < m_chunks.size();) {
        std::size_t bytes = 0;
        parts.clear();
        for (; i < m_chunks.size() && (parts.empty() || bytes + m_chunks[i]->used <= kMaxExtent); ++i) {
            parts.emplace_back(m_chunks[i]->data.get(), m_chunks[i]->used);
            bytes += m_chunks[i]->used;
        }
        const auto extent = file.add(parts);
        if (!extent)
            return extent.error();
        moves.push_back({this, *extent, parts.size()});
    }
    return {};
}

void Stream::commit(const Spilled& move)
{
    if (move.chunks == 0) {
        m_index = move.extent;
        m_extents.clear();
        return;
    }
    m_extents.push_back(move.extent);
    m_chunks.erase(m_chunks.begin(), m_chunks.begin() + static_cast<std::ptrdiff_t>(move.chunks));
    if (m_chunks.empty()) {
        m_at = nullptr;
        m_end = nullptr;
    }
}

/// Index blocks point backwards; the result runs forwards. `indexToo`: the blocks themselves as well, for
/// freeing.
Result<std::vector<SpoolExtent>> Stream::allExtents(SpoolExtent index, std::vector<SpoolExtent> last,
                                                    bool indexToo) const
{
    std::vector<std::vector<SpoolExtent>> blocks;
    blocks.push_back(std::move(last));
    std::vector<SpoolExtent> all;
    while (index.bytes != 0) {
        if (indexToo)
            all.push_back(index);
        Bytes raw(index.bytes);
        const auto got = m_core->file->readAt(index.offset, raw);
        if (!got)
            return got.error();
        if (*got != raw.size())
            return fail(BaseErrc::Truncated, "spool file, index at octet " + std::to_string(index.offset));
        std::vector<SpoolExtent> block(raw.size() / kIndexEntry);
        for (std::size_t i = 0; i < block.size(); ++i) {
            std::memcpy(&block[i].offset, raw.data() + i * kIndexEntry, 8);
            std::memcpy(&block[i].bytes, raw.data() + i * kIndexEntry + 8, 4);
        }
        index = block.front();
        block.erase(block.begin());
        blocks.push_back(std::move(block));
    }
    for (auto block = blocks.rbegin(); block != blocks.rend(); ++block)
        all.insert(all.end(), block->begin(), block->end());
    return all;
}

Status Stream::visit(const Visitor& visitor) const
{
    std::vector<std::shared_ptr<Chunk>> chunks; // stay alive even if they are spilled meanwhile
    std::vector<SpoolExtent> extents;
    SpoolExtent index;
    {
        const MutexLock lock(m_core->mutex);
        noteUsed();
        chunks = m_chunks;
        extents = m_extents;
        index = m_index;
    }
    const auto all = allExtents(index, std::move(extents), false);
    if (!all)
        return all.error();
    if (auto visited = visitFile(*all, visitor); !visited)
        return visited;
    for (const auto& chunk : chunks)
        visitRecords({chunk->data.get(), chunk->used}, visitor);
    return {};
}

Status Stream::visitFile(const std::vector<SpoolExtent>& extents, const Visitor& visitor) const
{
    Bytes buffer;
    for (const SpoolExtent& extent : extents) {
        if (buffer.size() < extent.bytes)
            buffer.resize(extent.bytes);
        const auto got = m_core->file->readAt(extent.offset, {buffer.data(), extent.bytes});
        if (!got)
            return got.error();
        if (*got != extent.bytes)
            return fail(BaseErrc::Truncated, "spool file, octet " + std::to_string(extent.offset));
        visitRecords({buffer.data(), extent.bytes}, visitor);
    }
    return {};
}

/// Half of the budget for the chunks that streams are filling; the other half are full ones, which make long
/// extents.
std::size_t Core::chunkBytes()
{
    return std::clamp(std::bit_floor(static_cast<std::size_t>(budget) / 2 / (streams.size() + 1) | 1),
                      kMinChunk, kMaxChunk);
}

/// Spills stream after stream until an eighth of the budget is free, one round at most (visitors may hold on
/// to chunks). All of it counts, or nothing and the failure stays.
Status Core::makeRoom()
{
    if (file == nullptr) {
        if (memory.load(std::memory_order_relaxed) < std::max(budget, kMemoryOnlyBytes))
            return {};
        return failure = fail(BaseErrc::TooLarge, "media beyond the memory budget and no spool folder");
    }
    const std::uint64_t target = budget - budget / 8;
    std::vector<Spilled> moves;
    std::uint64_t freed = 0;
    const std::uint64_t held = memory.load(std::memory_order_relaxed);
    for (std::size_t round = streams.size(); round > 0 && held > target + freed; --round) {
        turn = turn + 1 < streams.size() ? turn + 1 : 0;
        const std::uint64_t bytes = streams[turn]->heldBytes();
        if (bytes == 0)
            continue;
        freed += bytes;
        failure = streams[turn]->spill(*file, moves);
        if (!failure)
            break;
    }
    if (failure)
        failure = file->flush();
    for (const Spilled& move : moves) {
        if (failure)
            move.stream->commit(move);
        else
            file->free(move.extent);
    }
    return failure;
}

class SpoolImpl final : public Spool {
public:
    SpoolImpl(std::unique_ptr<SpoolFile> file, std::uint64_t budget)
        : m_core(std::make_shared<Core>())
    {
        m_core->file = std::move(file);
        m_core->budget = budget;
    }
    std::shared_ptr<SpoolStream> newStream() override { return std::make_shared<Stream>(m_core); }
    std::uint64_t memoryBytes() const override { return m_core->memory.load(std::memory_order_relaxed); }

private:
    std::shared_ptr<Core> m_core;
};

} // namespace

Result<std::unique_ptr<Spool>> Spool::create(const Path& dir, std::uint64_t memoryBudget)
{
    std::unique_ptr<SpoolFile> file;
    if (!dir.empty()) {
        auto created = SpoolFile::create(dir);
        if (!created)
            return created.error();
        file = std::move(created).value();
    }
    return std::unique_ptr<Spool>(std::make_unique<SpoolImpl>(std::move(file), memoryBudget));
}

} // namespace sr::capture
