// SPDX-License-Identifier: GPL-3.0-or-later
// Media waiting for its call's end: chunks that records are appended to and visited in where they stand.
//
//   new chunk: on the heap while the budget lasts, then a piece of the mapped spool file
//
// The lock guards the file and the budget; append() takes it only for a new chunk. Chunks never move, so
// visiting needs no lock.
#include "core/capture/spool.h"

#include "core/base/mutex.h"
#include "core/capture/spool_file.h"

#include <algorithm>
#include <atomic>
#include <bit>

namespace sr::capture {
namespace {

constexpr std::size_t kMinChunk = 1024;
constexpr std::size_t kMaxChunk = 64 * 1024;
constexpr std::size_t kFirstChunk = 4 * 1024; // many streams are short
// Chosen: what the chunks that streams are filling take of the file at most. Long chunks read back in order.
constexpr std::uint64_t kFilling = 256 * 1024 * 1024;
// Without a folder the budget cannot overflow anywhere; a single recording of some hours still fits.
constexpr std::uint64_t kMemoryOnlyBytes = std::uint64_t{1024} * 1024 * 1024;

struct Chunk {
    SpoolPiece piece;
    bool onHeap = false;
    std::size_t used = 0;             ///< of the last chunk: see Stream::visitChunk()
    std::uint64_t first = 0;          ///< number of its first packet
    const std::byte* begin = nullptr; ///< places of its records count from here
    UtcTime time{};                   ///< and times from here
};

/// What streams and spool share.
struct Core {
    Mutex mutex;
    std::unique_ptr<SpoolFile> file SR_GUARDED_BY(mutex); ///< null: memory only
    std::uint64_t budget = 0;
    std::atomic<std::uint64_t> memory{0}; ///< of chunks on the heap [octets]
    std::uint64_t streams SR_GUARDED_BY(mutex) = 0;
    StandingCapture standing;            ///< of the capture thread
    Status failure SR_GUARDED_BY(mutex); ///< first error of the disk; appending is over then

    Result<Chunk> newChunk(std::size_t need, std::size_t wanted);
    void free(const std::vector<Chunk>& chunks);
    Status readable();
};

Result<Chunk> Core::newChunk(std::size_t need, std::size_t wanted)
{
    const MutexLock lock(mutex);
    if (!failure)
        return failure.error();
    const auto share = [sharers = streams + 1, need, wanted](std::uint64_t of) {
        const std::size_t fair = std::bit_floor(static_cast<std::size_t>(of / sharers) | 1);
        return std::max(std::clamp(std::min(fair, wanted), kMinChunk, kMaxChunk), need);
    };
    const std::size_t bytes = share(budget / 2);
    const std::uint64_t limit = file == nullptr ? std::max(budget, kMemoryOnlyBytes) : budget;
    Chunk chunk;
    if (memory.load(std::memory_order_relaxed) + bytes <= limit) {
        chunk.onHeap = true;
        chunk.piece.data = std::make_unique_for_overwrite<std::byte[]>(bytes).release();
        chunk.piece.bytes = static_cast<std::uint32_t>(bytes);
        memory.fetch_add(bytes, std::memory_order_relaxed);
        return chunk;
    }
    if (file == nullptr) {
        failure = fail(BaseErrc::TooLarge, "media beyond the memory budget and no spool folder");
        return failure.error();
    }
    auto piece = file->take(share(kFilling));
    if (!piece) {
        failure = piece.error();
        return piece.error();
    }
    chunk.piece = *piece;
    return chunk;
}

void Core::free(const std::vector<Chunk>& chunks)
{
    const MutexLock lock(mutex);
    --streams;
    for (const Chunk& chunk : chunks) {
        if (chunk.onHeap) {
            const std::unique_ptr<std::byte[]> gone(chunk.piece.data);
            memory.fetch_sub(chunk.piece.bytes, std::memory_order_relaxed);
        } else {
            file->free(chunk.piece);
        }
    }
}

Status Core::readable()
{
    const MutexLock lock(mutex);
    return file != nullptr ? file->status() : Status{};
}

class alignas(64) Stream final : public SpoolStream {
public:
    explicit Stream(std::shared_ptr<Core> core)
        : SpoolStream(core->standing)
        , m_core(std::move(core))
    {
        const MutexLock lock(m_core->mutex);
        ++m_core->streams;
    }
    ~Stream() override { m_core->free(m_chunks); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    Status visit(const Visitor& visitor) const override { return visitRange(0, m_packets, visitor); }
    Status visitRange(std::uint64_t first, std::uint64_t count, const Visitor& visitor) const override;
    Status visitHeads(const HeadVisitor& visitor) const override;

private:
    static_assert(kRecordHeader + UINT16_MAX <= SpoolFile::kMaxPiece);
    Status grow(UtcTime time, ByteView datagram) override;
    Status readable() const;
    std::size_t usedOf(const Chunk& chunk) const
    {
        return &chunk == &m_chunks.back() ? static_cast<std::size_t>(m_at - chunk.piece.data) : chunk.used;
    }

    std::vector<Chunk> m_chunks;
    std::vector<std::shared_ptr<const MappedSource>> m_sources; ///< that records point into
    std::shared_ptr<Core> m_core;
};

Status Stream::grow(UtcTime time, ByteView datagram)
{
    if (datagram.size() > UINT16_MAX)
        return fail(BaseErrc::TooLarge, "datagram of " + std::to_string(datagram.size()) + " octets");
    // One that ended early may do so again and again: then little is lost each time.
    const std::size_t need = recordBytes(datagram, mayStand(datagram));
    const bool full = static_cast<std::size_t>(m_end - m_at) < need;
    auto chunk = m_core->newChunk(need, m_chunks.empty() ? kFirstChunk : full ? kMaxChunk : kMinChunk);
    if (!chunk)
        return chunk.error();
    if (m_source != m_standing->source.get()) {
        m_source = m_standing->source.get();
        if (m_source != nullptr)
            m_sources.push_back(m_standing->source);
    }
    // Places count from the capture's beginning while that fits.
    m_begin = m_standing->begin;
    if (m_standing->holds(datagram.data()) && !placeFits(datagram.data()))
        m_begin = datagram.data();
    chunk->begin = m_begin;
    chunk->time = m_time = time;
    if (!m_chunks.empty())
        m_chunks.back().used = usedOf(m_chunks.back());
    chunk->first = m_packets;
    m_chunks.push_back(*chunk);
    m_at = chunk->piece.data;
    m_end = m_at + chunk->piece.bytes;
    return {};
}

/// Walks the records of a chunk.
class Records {
public:
    Records(const Chunk& chunk, std::size_t used)
        : m_at(chunk.piece.data)
        , m_end(m_at + used)
        , m_begin(chunk.begin)
        , m_time(chunk.time)
    {}
    bool more() const { return m_at < m_end; }
    UtcTime time() const { return m_time + microseconds(field<std::int32_t>(0)); }
    const std::byte* head() const { return m_at + kHeader; }
    ByteView datagram() const
    {
        return {stands() ? m_begin + field<std::uint32_t>(kHeader + SpoolStream::kHead) : head(), length()};
    }
    void next() { m_at += stands() ? SpoolStream::kPointerRecord : kHeader + length(); }

private:
    static constexpr std::size_t kHeader = SpoolStream::kRecordHeader;
    template <typename T>
    T field(std::size_t at) const
    {
        T value;
        std::memcpy(&value, m_at + at, sizeof value);
        return value;
    }
    std::size_t length() const { return field<std::uint16_t>(4); }
    bool stands() const { return field<bool>(6); }

    const std::byte* m_at;
    const std::byte* m_end;
    const std::byte* m_begin;
    UtcTime m_time;
};

/// The packets of one stream lie far apart in the capture: several are on their way from memory at once.
class Fetcher {
public:
    explicit Fetcher(Records ahead)
        : m_ahead(ahead)
    {
        for (int i = 0; i < kAhead; ++i)
            step();
    }
    void step()
    {
        if (!m_ahead.more())
            return;
        const ByteView datagram = m_ahead.datagram();
        const std::size_t bytes = std::min(datagram.size(), kBytes);
        for (std::size_t at = 0; at < bytes; at += 64)
            __builtin_prefetch(datagram.data() + at);
        __builtin_prefetch(datagram.data() + bytes - 1); // it rarely begins with a line of the cache
        m_ahead.next();
    }

private:
    static constexpr int kAhead = 16;
    static constexpr std::size_t kBytes = 512; ///< of a long datagram the processor fetches the rest itself
    Records m_ahead;
};

Status Stream::visitRange(std::uint64_t first, std::uint64_t count, const Visitor& visitor) const
{
    const auto after = std::ranges::upper_bound(m_chunks, first, {}, &Chunk::first);
    if (after == m_chunks.begin())
        return {};
    for (auto chunk = std::prev(after); chunk != m_chunks.end() && count > 0; ++chunk) {
        Records records(*chunk, usedOf(*chunk));
        for (std::uint64_t number = chunk->first; number < first && records.more(); ++number)
            records.next();
        for (Fetcher fetcher(records); count > 0 && records.more(); --count) {
            fetcher.step();
            visitor(records.time(), records.datagram());
            records.next();
        }
    }
    return readable();
}

Status Stream::visitHeads(const HeadVisitor& visitor) const
{
    for (const Chunk& chunk : m_chunks) {
        for (Records records(chunk, usedOf(chunk)); records.more(); records.next())
            visitor({records.time(), records.head(), records.datagram()});
    }
    return readable();
}

Status Stream::readable() const
{
    for (const auto& source : m_sources) {
        if (auto good = source->status(); !good)
            return good;
    }
    return m_core->readable();
}

class SpoolImpl final : public Spool {
public:
    SpoolImpl(std::unique_ptr<SpoolFile> file, std::uint64_t budget)
        : m_core(std::make_shared<Core>())
    {
        const MutexLock lock(m_core->mutex);
        m_core->file = std::move(file);
        m_core->budget = budget;
    }
    std::shared_ptr<SpoolStream> newStream() override { return std::make_shared<Stream>(m_core); }
    void setStanding(std::shared_ptr<const MappedSource> source) override
    {
        const ByteView view = source ? source->view() : ByteView{};
        m_core->standing = {std::move(source), view.data(), view.size()};
    }
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
