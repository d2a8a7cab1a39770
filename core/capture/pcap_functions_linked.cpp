// SPDX-License-Identifier: GPL-3.0-or-later
// libpcap as the program is linked with it.
#include "core/capture/pcap_functions.h"

namespace sr::capture {

const char* const kNoRightText =
    "capturing needs the right CAP_NET_RAW. Run it as root, give the program that right (setcap "
    "cap_net_raw+ep), or the service (AmbientCapabilities=CAP_NET_RAW)";
const char* const kNoLibraryText = "libpcap is not there";

Result<const PcapFunctions*> pcapFunctions()
{
    static constexpr PcapFunctions functions{
        ::pcap_create,   ::pcap_set_snaplen, ::pcap_set_promisc, ::pcap_set_timeout, ::pcap_set_buffer_size,
        ::pcap_activate, ::pcap_close,       ::pcap_compile,     ::pcap_setfilter,   ::pcap_freecode,
        ::pcap_datalink, ::pcap_dispatch,    ::pcap_breakloop,   ::pcap_setnonblock, ::pcap_stats,
        ::pcap_geterr,   ::pcap_statustostr, ::pcap_findalldevs, ::pcap_freealldevs};
    return &functions;
}

} // namespace sr::capture
