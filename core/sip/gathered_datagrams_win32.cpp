// SPDX-License-Identifier: GPL-3.0-or-later
// Sofia's library calls WinSock by itself, and nothing comes between them.
#include "core/sip/gathered_datagrams.h"

namespace sr::sip {

bool mayGather(int /*socket*/)
{
    return false;
}

bool hasMore()
{
    return false;
}

void gather() {}

std::size_t sendGathered()
{
    return 0;
}

void endGathering() {}

} // namespace sr::sip
