// SPDX-License-Identifier: GPL-3.0-or-later
// Staged audio files.
#include "core/archive/staged_audio.h"

#include "core/crypto/sha256_pair.h"

namespace sr::archive {
namespace {

constexpr std::size_t kPiece = 256U << 10U;
constexpr std::size_t kLarge = 64U << 10U; // chosen: from here on copying costs more than a write of its own
constexpr std::size_t kRoomMost = 4U << 20U; // chosen: four minutes of two parties in G.711

} // namespace

/// Gathers small writes.
class StagedAudio::Buffer final : public ByteSink {
public:
    explicit Buffer(std::unique_ptr<File> file)
        : m_file(std::move(file))
    {}
    Status write(ByteView bytes) override
    {
        const bool large = bytes.size() >= kLarge;
        if (large || m_bytes.size() + bytes.size() > kPiece)
            if (auto flushed = flush(); !flushed)
                return flushed;
        if (large)
            return m_file->write(bytes);
        m_bytes.reserve(kPiece);
        m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
        return {};
    }
    Status sync()
    {
        if (auto flushed = flush(); !flushed)
            return flushed;
        return m_file->sync();
    }

private:
    Status flush()
    {
        auto written = m_file->write(m_bytes);
        m_bytes.clear();
        return written;
    }
    std::unique_ptr<File> m_file;
    Bytes m_bytes;
};

StagedAudio::~StagedAudio()
{
    m_seal.reset();
    m_out.reset();
    if (!m_keep && !m_path.empty())
        (void)removeFile(m_path);
}

Result<std::unique_ptr<StagedAudio>> StagedAudio::create(const Path& path, const crypto::Key* key,
                                                         const std::string& uid)
{
    std::unique_ptr<StagedAudio> audio(new StagedAudio);
    auto file = File::open(path, OpenMode::CreateNew);
    if (!file)
        return file.error();
    audio->m_path = path;
    audio->m_uid = uid;
    audio->m_out = std::make_unique<Buffer>(std::move(*file));
    if (key != nullptr) {
        auto seal = crypto::SealingSink::create(*audio->m_out, *key, crypto::ContentType::Audio, uid);
        if (!seal)
            return seal.error();
        audio->m_seal = std::move(*seal);
        audio->m_sealing = true;
    }
    return audio;
}

std::span<std::byte> StagedAudio::room(std::size_t bytes)
{
    if (m_clearBytes > 0 || bytes > kRoomMost)
        return {};
    m_room = std::make_unique_for_overwrite<std::byte[]>(bytes);
    m_kept = true;
    return {m_room.get(), bytes};
}

/// From here on everything is hashed as it comes.
void StagedAudio::hashKept()
{
    if (m_kept)
        m_hasher.add({m_room.get(), static_cast<std::size_t>(m_clearBytes)});
    m_kept = false;
}

Status StagedAudio::write(ByteView clear)
{
    if (m_error)
        return *m_error;
    if (!m_out)
        return fail(BaseErrc::Io, "audio after its end");
    if (!m_kept || clear.data() != m_room.get() + m_clearBytes) {
        hashKept();
        m_hasher.add(clear);
    }
    m_clearBytes += clear.size();
    auto written = m_seal ? m_seal->write(clear) : m_out->write(clear);
    if (!written)
        m_error = written.error();
    return written;
}

Status StagedAudio::flush()
{
    if (m_error)
        return *m_error;
    if (!m_out)
        return {};
    Status done = m_seal ? m_seal->finish() : Status{};
    if (done)
        done = m_out->sync();
    if (!done)
        m_error = done.error();
    m_seal.reset();
    m_out.reset();
    return done;
}

Status StagedAudio::finish()
{
    auto flushed = flush();
    if (!flushed || m_finished)
        return flushed;
    hashKept();
    end(m_hasher.finish());
    return {};
}

void StagedAudio::end(const crypto::Sha256& digest)
{
    m_sha256 = toHex(digest);
    m_finished = true;
    m_room.reset();
}

void StagedAudio::finishTogether(StagedAudio& first, StagedAudio& second)
{
    const std::array<StagedAudio*, 2> both{&first, &second};
    for (StagedAudio* audio : both)
        if (!audio->flush() || audio->m_finished || !audio->m_kept)
            return; // finish() does what is left
    const auto keptBy = [](const StagedAudio& audio) {
        return ByteView{audio.m_room.get(), static_cast<std::size_t>(audio.m_clearBytes)};
    };
    const auto digests = crypto::sha256Pair({keptBy(first), keptBy(second)});
    for (std::size_t i = 0; i < both.size(); ++i)
        both[i]->end(digests[i]);
}

Status StagedAudio::writeAll(ByteSource& clear, ByteSink& to)
{
    Bytes piece(kPiece);
    for (std::uint64_t at = 0; at < clear.size();) {
        auto got = clear.readAt(at, piece);
        if (!got)
            return got.error();
        if (*got == 0)
            return fail(BaseErrc::Truncated, "staged audio");
        if (auto written = to.write(ByteView(piece).first(*got)); !written)
            return written;
        at += *got;
    }
    return {};
}

Status StagedAudio::reseal(const crypto::KeyRing& ring, const crypto::Key& key, const std::string& uid)
{
    Path beside = m_path;
    beside += ".re";
    auto file = File::open(m_path, OpenMode::Read);
    if (!file)
        return file.error();
    auto clear = crypto::UnsealingSource::open(std::move(*file), ring);
    if (!clear)
        return clear.error();
    const auto work = [&]() -> Status {
        auto out = File::open(beside, OpenMode::CreateNew);
        if (!out)
            return out.error();
        Buffer buffer(std::move(*out));
        auto seal = crypto::SealingSink::create(buffer, key, crypto::ContentType::Audio, uid);
        if (!seal)
            return seal.error();
        if (auto copied = writeAll(**clear, **seal); !copied)
            return copied;
        if (auto done = (*seal)->finish(); !done)
            return done;
        return buffer.sync();
    };
    auto done = work();
    clear->reset();
    if (done)
        done = renameReplace(beside, m_path);
    if (!done)
        (void)removeFile(beside);
    else
        m_uid = uid;
    return done;
}

} // namespace sr::archive
