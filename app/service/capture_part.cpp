// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the capture part.
#include "app/service/capture_part.h"

namespace sr::service {
namespace {

bool isOfTheDisk(const Error& error)
{
    return error.code == BaseErrc::DiskFull || error.code == BaseErrc::Io || error.code == BaseErrc::Denied ||
           error.code == BaseErrc::NotFound;
}

recorder::CaptureEvents eventsTo(const CapturePart::Say& say,
                                 const std::shared_ptr<std::atomic<bool>>& refused)
{
    recorder::CaptureEvents events;
    events.interfaceChanged = [say](const capture::InterfaceState& state) {
        say(state.up ? state.name + " is captured"
                     : state.name + " is lost and waited for" +
                           (state.trouble ? ": " + state.trouble->text() : std::string()));
    };
    events.failed = [say, refused](const Error& error) {
        *refused = *refused || isOfTheDisk(error);
        say(error.text());
    };
    events.recorded = [refused](const recorder::CallOutcome&) { *refused = false; };
    return events;
}

} // namespace

Result<std::unique_ptr<CapturePart>>
CapturePart::start(archive::Archive& archive, recorder::CaptureOptions options, const Clock& clock, Say say)
{
    options.waitForInterfaces = true;
    auto refused = std::make_shared<std::atomic<bool>>(false);
    auto job = recorder::CaptureJob::start(archive, std::move(options), &capture::openPacketDevice, clock,
                                           eventsTo(say, refused));
    if (!job)
        return job.error();
    return std::unique_ptr<CapturePart>(new CapturePart(std::move(*job), std::move(say), std::move(refused)));
}

CapturePart::CapturePart(std::unique_ptr<recorder::CaptureJob> job, Say say, Flag refused)
    : m_job(std::move(job))
    , m_say(std::move(say))
    , m_refused(std::move(refused))
{}

CapturePart::~CapturePart()
{
    m_job->stop();
    const recorder::CaptureState state = m_job->state();
    for (const capture::InterfaceState& one : state.interfaces)
        m_say(one.name + ": " + std::to_string(one.packets) + " packets, " + std::to_string(one.dropped) +
              " dropped");
    m_say(std::to_string(state.recorded) + " calls recorded" +
          (state.unrecorded > 0 ? ", " + std::to_string(state.unrecorded) + " could not be" : std::string()));
}

} // namespace sr::service
