// SPDX-License-Identifier: GPL-3.0-or-later
// Where the script of an object is, and where it finds and keeps its files.
#pragma once

#include "core/pbx/script_worker.h"
#include "core/script/folder_storage.h"

namespace sr::pbx {

/// A URL of a script or fragment, taken apart.
struct ScriptPlace {
    std::string url;   ///< by HTTP; empty: `name`
    std::string name;  ///< below the folder of scripts, as script::storagePath() gives it
    std::string query; ///< what presets variables
    bool operator==(const ScriptPlace&) const = default;
};

/// A path, or an http or https URL; `http://127.0.0.1/DRIVE/CF0/vm/vm.xml` is `vm/vm.xml`, as in the
/// reference. Errors: script::ScriptErrc::BadName.
Result<ScriptPlace> scriptPlace(std::string_view text);

/// Where a script keeps its files. A script that stands in no folder of its own (`voicemail.xml`) has one of
/// its name (`voicemail`); one by HTTP that of its object.
Path folderOfScript(const Path& scripts, const ScriptPlace& place, const std::string& object);

/// The files that a script can play: its own, then those that come along. Worker.
class ScriptSounds {
public:
    ScriptSounds(Path own, Path shared)
        : m_own(std::move(own))
        , m_shared(std::move(shared))
    {}
    /// Without an ending the one of `codec` (`PCMA`) counts first, then any other. Null: there is none, or it
    /// cannot be read.
    media::SoundPtr find(ScriptFiles& files, const std::string& name, std::string_view codec) const;

private:
    script::FolderStorage m_own;
    script::FolderStorage m_shared;
};

} // namespace sr::pbx
