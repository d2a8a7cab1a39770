// SPDX-License-Identifier: GPL-3.0-or-later
// The only way to an archive's bytes. The folder is the first storage; WebDAV and object stores follow behind
// the same face.
#pragma once

#include "core/base/file.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sr::archive {

struct StoreEntry {
    std::string name; ///< relative to the root, with `/`
    bool isFolder = false;
    std::uint64_t bytes = 0;
};

/// Names are relative to the root, with `/`, UTF-8; `..`, absolute names and empty parts are refused
/// (BaseErrc::Malformed). Any thread.
class Store {
public:
    virtual ~Store() = default;
    enum class IfThere { Refuse, Replace };
    /// Moves a finished, synced local file to `name`: it appears whole or not at all, durable on return.
    virtual Status putAtomic(const Path& staged, const std::string& name, IfThere ifThere) = 0;
    virtual Status putBytes(ByteView bytes, const std::string& name, IfThere ifThere) = 0;
    virtual Result<std::unique_ptr<ByteSource>> openRange(const std::string& name) = 0;
    virtual Result<std::vector<StoreEntry>>
    list(const std::string& folder) = 0;                                       ///< one level, sorted by name
    virtual Status rename(const std::string& from, const std::string& to) = 0; ///< refuses an existing `to`
    virtual Status replaceHead(const std::string& name, std::uint64_t offset,
                               ByteView bytes) = 0; ///< key rotation only
    virtual Status remove(const std::string& name) = 0;
    /// A local folder on the same volume where a file to put may be written.
    virtual Path stagingDir() const = 0;
};

/// An archive in a folder, local or on a share.
Result<std::unique_ptr<Store>> openFolderStore(const Path& root, const Path& stagingDir);

} // namespace sr::archive
