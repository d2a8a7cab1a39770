// SPDX-License-Identifier: GPL-3.0-or-later
// The functions of libpcap that live capture needs: linked on POSIX, loaded from Npcap at run time on
// Windows. Private to core/capture.
#pragma once

#include "core/base/result.h"

#include <pcap/pcap.h>

namespace sr::capture {

struct PcapFunctions {
    decltype(&::pcap_create) create = nullptr;
    decltype(&::pcap_set_snaplen) setSnapshotLength = nullptr;
    decltype(&::pcap_set_promisc) setPromiscuous = nullptr;
    decltype(&::pcap_set_timeout) setTimeout = nullptr;
    decltype(&::pcap_set_buffer_size) setBufferSize = nullptr;
    decltype(&::pcap_activate) activate = nullptr;
    decltype(&::pcap_close) close = nullptr;
    decltype(&::pcap_compile) compile = nullptr;
    decltype(&::pcap_setfilter) setFilter = nullptr;
    decltype(&::pcap_freecode) freeCode = nullptr;
    decltype(&::pcap_datalink) dataLink = nullptr;
    decltype(&::pcap_dispatch) dispatch = nullptr;
    decltype(&::pcap_breakloop) breakLoop = nullptr;
    decltype(&::pcap_setnonblock) setNonBlock = nullptr;
    decltype(&::pcap_stats) stats = nullptr;
    decltype(&::pcap_geterr) error = nullptr;
    decltype(&::pcap_statustostr) statusText = nullptr;
    decltype(&::pcap_findalldevs) findAllDevices = nullptr;
    decltype(&::pcap_freealldevs) freeAllDevices = nullptr;
};

/// Any thread. NoLibrary where Npcap is not installed.
Result<const PcapFunctions*> pcapFunctions();

extern const char* const kNoRightText;   ///< what to do without the right to capture
extern const char* const kNoLibraryText; ///< and without the library

} // namespace sr::capture
