// SPDX-License-Identifier: GPL-3.0-or-later
// Datagrams that Sofia sends in one go of its loop leave together. Internal to core/sip.
#pragma once

#include <cstddef>

namespace sr::sip {

/// To send a datagram costs little, to wake who waits for it much: half of what a call took of the system.
/// Nobody is woken twice by what leaves in one go. All of this thread.
///
/// What is sent by `socket` is gathered when gather() says so. False: not on this system.
bool mayGather(int socket);
bool hasMore(); ///< something waits to be read at one of those sockets
/// From now on datagrams wait for sendGathered(), but for those to where none has got yet: who has no way to
/// there learns it at once. What fails later all the same is lost, as datagrams are, and the next one to
/// there does not wait.
void gather();
/// From now on they leave at once. How many are left, since the system has no room; they are sent the next
/// time.
std::size_t sendGathered();
void endGathering(); ///< before the sockets are closed

} // namespace sr::sip
