// SPDX-License-Identifier: GPL-3.0-or-later
// One file with many in it, sealed under a passphrase. Numbers are big-endian:
//
//   `SRBACK1` and a line feed (8), salt (32, hex digits)
//   a sealed file (core/crypto/README.md) under scrypt of passphrase and salt, of content settings and uid
//   `backup`; in it the entries: length of the name (2), name, octets (8), content; a name of length 0 is the
//   end
#pragma once

#include "core/crypto/sealed.h"
#include "core/engine/backup_error.h"

#include <optional>

namespace sr::engine {

/// One thread at a time. Blocks on the disk.
class BackupWriter {
public:
    /// `out` outlives it. WeakPassphrase.
    static Result<std::unique_ptr<BackupWriter>> create(ByteSink& out, std::string_view passphrase);
    Status add(std::string_view name, ByteSource& content);
    Status add(std::string_view name, ByteView content);
    Status finish();

private:
    explicit BackupWriter(std::unique_ptr<crypto::SealingSink> sink)
        : m_sink(std::move(sink))
    {}
    std::unique_ptr<crypto::SealingSink> m_sink;
};

/// Entries in their order. One thread at a time. Blocks on the disk. Errors: NoBackup, NewerVersion,
/// WrongPassphrase, Damaged, those of the disk.
class BackupReader {
public:
    struct Entry {
        std::string name; ///< UTF-8, with `/`; never leads out of a folder
        std::uint64_t bytes = 0;
    };
    static Result<std::unique_ptr<BackupReader>> open(std::unique_ptr<ByteSource> file,
                                                      std::string_view passphrase);
    /// The next one; nothing at the end, up to which nothing is altered then.
    Result<std::optional<Entry>> next();
    Status copyTo(ByteSink& out); ///< the content of the entry that next() gave, once
    Result<Bytes> read(std::uint64_t limit);

private:
    explicit BackupReader(std::unique_ptr<crypto::UnsealingSource> source)
        : m_source(std::move(source))
    {}
    Result<Bytes> take(std::uint64_t bytes);

    std::unique_ptr<crypto::UnsealingSource> m_source;
    std::uint64_t m_at = 0;   ///< [octets]
    std::uint64_t m_left = 0; ///< of the entry
};

} // namespace sr::engine
