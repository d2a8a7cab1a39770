// SPDX-License-Identifier: GPL-3.0-or-later
// Where there is no libnice: nobody gets full ICE.
#include "core/relay/ice_agent.h"

namespace sr::relay {

class IceLoop {};

bool IceThread::isAvailable()
{
    return false;
}

IceThread::IceThread(IceOptions options)
    : m_options(std::move(options))
{}

IceThread::~IceThread() = default;

Result<std::unique_ptr<IceAgent>> IceThread::open(const IcePlan&, IceEvents)
{
    return fail(RelayErrc::Ice, "this system has no libnice");
}

} // namespace sr::relay
