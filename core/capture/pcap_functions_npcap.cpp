// SPDX-License-Identifier: GPL-3.0-or-later
// Npcap's wpcap.dll, looked for where Npcap installs it.
#include "core/base/shared_library.h"
#include "core/capture/capture_error.h"
#include "core/capture/pcap_functions.h"

#include <optional>

namespace sr::capture {
namespace {

struct Loaded {
    std::unique_ptr<SharedLibrary> library;
    PcapFunctions functions;
};

bool findAll(const SharedLibrary& library, PcapFunctions& f)
{
    return library.find("pcap_create", f.create) && library.find("pcap_set_snaplen", f.setSnapshotLength) &&
           library.find("pcap_set_promisc", f.setPromiscuous) &&
           library.find("pcap_set_timeout", f.setTimeout) &&
           library.find("pcap_set_buffer_size", f.setBufferSize) &&
           library.find("pcap_activate", f.activate) && library.find("pcap_close", f.close) &&
           library.find("pcap_compile", f.compile) && library.find("pcap_setfilter", f.setFilter) &&
           library.find("pcap_freecode", f.freeCode) && library.find("pcap_datalink", f.dataLink) &&
           library.find("pcap_dispatch", f.dispatch) && library.find("pcap_breakloop", f.breakLoop) &&
           library.find("pcap_setnonblock", f.setNonBlock) && library.find("pcap_stats", f.stats) &&
           library.find("pcap_geterr", f.error) && library.find("pcap_statustostr", f.statusText) &&
           library.find("pcap_findalldevs", f.findAllDevices) &&
           library.find("pcap_freealldevs", f.freeAllDevices);
}

/// Npcap's own folder, then the one it shares with WinPcap. WinPcap itself lacks pcap_create.
std::optional<Loaded> load()
{
    for (const Path& folder : {systemFolder() / "Npcap", systemFolder()}) {
        auto library = SharedLibrary::open(folder / "wpcap.dll");
        if (!library)
            continue;
        Loaded loaded{std::move(*library), {}};
        if (findAll(*loaded.library, loaded.functions))
            return loaded;
    }
    return std::nullopt;
}

} // namespace

const char* const kNoRightText =
    "capturing needs an administrator: Npcap was installed so that only they may capture. Run it as one, or "
    "install Npcap anew without that restriction";
const char* const kNoLibraryText =
    "Npcap is not installed. Install it from npcap.com, then capture again; imports work without it";

Result<const PcapFunctions*> pcapFunctions()
{
    static const std::optional<Loaded> loaded = load();
    if (!loaded)
        return fail(CaptureErrc::NoLibrary, "live capture");
    return &loaded->functions;
}

} // namespace sr::capture
