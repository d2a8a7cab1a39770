// SPDX-License-Identifier: GPL-3.0-or-later
// Audio on its way into the archive: hashed, if so asked sealed, and written under REC in large pieces.
#pragma once

#include "core/base/file.h"
#include "core/crypto/digest.h"
#include "core/crypto/sealed.h"

namespace sr::archive {

/// One thread. The file goes with the object unless keep() was called.
class StagedAudio final : public ByteSink {
public:
    /// `key` null: clear.
    static Result<std::unique_ptr<StagedAudio>> create(const Path& file, const crypto::Key* key,
                                                       const std::string& uid);
    ~StagedAudio() override;

    Status write(ByteView clear) override;
    /// Given to short recordings: hashed at the end, beside another one if finishTogether() says so.
    std::span<std::byte> room(std::size_t bytes) override;
    Status finish(); ///< on the disk, hash and size known
    /// finish() of both in less time than each by itself; what failed is told by finish().
    static void finishTogether(StagedAudio& first, StagedAudio& second);
    /// Seals the finished file anew for another uid, which stands in its seal.
    Status reseal(const crypto::KeyRing& ring, const crypto::Key& key, const std::string& uid);
    void keep() { m_keep = true; }

    bool sealed() const { return m_sealing; }
    const std::string& uid() const { return m_uid; }
    const std::string& sha256() const { return m_sha256; }
    std::uint64_t clearBytes() const { return m_clearBytes; }
    std::string name() const { return utf8Of(m_path.filename()); }

private:
    class Buffer;
    StagedAudio() = default;
    void hashKept();
    Status flush();
    void end(const crypto::Sha256& digest);
    Status writeAll(ByteSource& clear, ByteSink& to);

    Path m_path;
    std::string m_uid, m_sha256;
    std::unique_ptr<Buffer> m_out;
    std::unique_ptr<crypto::SealingSink> m_seal;
    crypto::Sha256Hasher m_hasher;
    std::unique_ptr<std::byte[]> m_room;
    bool m_kept = false; // all that was written stands in m_room and is not hashed yet
    std::uint64_t m_clearBytes = 0;
    bool m_sealing = false;
    bool m_finished = false;
    bool m_keep = false;
    std::optional<Error> m_error;
};

} // namespace sr::archive
