// SPDX-License-Identifier: GPL-3.0-or-later
// REC/<instance>: the work folder of one living program, and those of programs that died.
#pragma once

#include "core/base/file.h"

namespace sr::archive {

/// Owns a folder under REC and its lock. The folder goes with the object unless work is left in it.
class Instance {
public:
    static Result<std::unique_ptr<Instance>> create(const Path& recDir);
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    const Path& dir() const { return m_dir; }
    const std::string& id() const { return m_id; }
    /// Tells whoever adopts the folder which journal this program wrote.
    Status noteWriter(const std::string& writer);
    /// That journal and its twin are complete: nobody need look after it.
    void writerIsDone() { m_writerNoted = false; }

private:
    Instance() = default;
    Path m_dir;
    std::string m_id;
    bool m_writerNoted = false;
    std::unique_ptr<File> m_lock;
};

/// A folder whose program died; held until the object goes.
struct DeadInstance {
    std::string id;
    Path dir;
    std::string writer; ///< empty if it never wrote
    std::unique_ptr<File> lock;
};
Result<std::vector<DeadInstance>> findDeadInstances(const Path& recDir);

/// Folders of all instances, living and dead.
Result<std::vector<Path>> instanceDirs(const Path& recDir);
bool isInstanceId(std::string_view name);

constexpr std::string_view kJobExtension = ".job";

} // namespace sr::archive
