// SPDX-License-Identifier: GPL-3.0-or-later
// Names of scripts and of what they play.
#include "core/pbx/script_place.h"

#include <algorithm>
#include <array>

namespace sr::pbx {
namespace {

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kDrive = "/DRIVE/CF0/";
constexpr std::array<std::string_view, 7> kEndings{".g711a", ".g711u", ".wav", ".g722",
                                                   ".g729",  ".mp3",   ".ogg"};

bool isUrl(std::string_view text)
{
    return text.starts_with(kHttp) || text.starts_with("https://");
}

/// What the reference keeps on its card; empty: another URL.
std::string_view withoutDrive(std::string_view url)
{
    for (const std::string_view host : {"127.0.0.1", "localhost"}) {
        std::string_view rest = url;
        rest.remove_prefix(std::min(kHttp.size(), rest.size()));
        if (!url.starts_with(kHttp) || !rest.starts_with(host))
            continue;
        rest.remove_prefix(host.size());
        if (rest.starts_with(kDrive))
            return rest.substr(kDrive.size());
    }
    return {};
}

std::string_view endingOf(std::string_view codec)
{
    return codec == "PCMU" ? ".g711u" : codec == "G722" ? ".g722" : codec == "G729" ? ".g729" : ".g711a";
}

} // namespace

Result<ScriptPlace> scriptPlace(std::string_view text)
{
    ScriptPlace place;
    const std::size_t mark = text.find('?');
    std::string_view name = text.substr(0, mark);
    if (mark != std::string_view::npos)
        place.query = std::string(text.substr(mark + 1));
    const std::string_view local = withoutDrive(name);
    if (isUrl(name) && local.empty()) {
        place.url = std::string(text);
        return place;
    }
    auto path = script::storagePath({}, local.empty() ? name : local);
    if (!path)
        return path.error();
    place.name = std::move(*path);
    return place;
}

Path folderOfScript(const Path& scripts, const ScriptPlace& place, const std::string& object)
{
    std::string name = place.name;
    const std::size_t slash = name.rfind('/');
    if (!place.url.empty())
        name = object;
    else if (slash != std::string::npos)
        name.resize(slash);
    else if (name.ends_with(".xml") && name.size() > 4)
        name.resize(name.size() - 4);
    else
        name += ".files"; // where the script itself stands there can be no folder
    Path folder = scripts;
    if (const auto parts = script::diskParts(name); parts)
        for (const std::string& part : *parts)
            folder /= pathOf(part);
    return folder;
}

media::SoundPtr ScriptSounds::find(ScriptFiles& files, const std::string& name, std::string_view codec) const
{
    std::vector<std::string> names;
    if (std::ranges::any_of(kEndings, [&](std::string_view ending) { return name.ends_with(ending); })) {
        names.push_back(name);
    } else {
        names.push_back(name + std::string(endingOf(codec)));
        for (const std::string_view ending : kEndings)
            names.push_back(name + std::string(ending));
    }
    for (const script::FolderStorage* folder : {&m_own, &m_shared})
        for (const std::string& one : names)
            if (const auto path = folder->find(one); path)
                if (auto sound = files.sound(*path); sound)
                    return *sound;
    return nullptr;
}

} // namespace sr::pbx
