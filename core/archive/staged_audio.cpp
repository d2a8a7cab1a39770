// SPDX-License-Identifier: GPL-3.0-or-later
// Staged audio files.
#include "core/archive/staged_audio.h"

namespace sr::archive {
namespace {

constexpr std::size_t kPiece = 256U << 10U;

} // namespace

/// Gathers small writes.
class StagedAudio::Buffer final : public ByteSink {
public:
    explicit Buffer(std::unique_ptr<File> file)
        : m_file(std::move(file))
    {
        m_bytes.reserve(kPiece);
    }
    Status write(ByteView bytes) override
    {
        if (m_bytes.size() + bytes.size() > kPiece)
            if (auto flushed = flush(); !flushed)
                return flushed;
        if (bytes.size() >= kPiece)
            return m_file->write(bytes);
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

Status StagedAudio::write(ByteView clear)
{
    if (m_error)
        return *m_error;
    if (m_finished)
        return fail(BaseErrc::Io, "audio after its end");
    m_hasher.add(clear);
    m_clearBytes += clear.size();
    auto written = m_seal ? m_seal->write(clear) : m_out->write(clear);
    if (!written)
        m_error = written.error();
    return written;
}

Status StagedAudio::finish()
{
    if (m_error)
        return *m_error;
    if (m_finished)
        return {};
    if (m_seal)
        if (auto done = m_seal->finish(); !done)
            return done;
    if (auto synced = m_out->sync(); !synced)
        return synced;
    m_seal.reset();
    m_out.reset();
    m_sha256 = toHex(m_hasher.finish());
    m_finished = true;
    return {};
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
