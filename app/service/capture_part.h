// SPDX-License-Identifier: GPL-3.0-or-later
// Live capture as a part of the service: interfaces that are not there are waited for, trouble is told once.
#pragma once

#include "recorder/pipeline/capture_job.h"

#include <atomic>

namespace sr::service {

/// Starts by start(), stops on destruction, after the calls that run were recorded. Words go to `say`, from
/// threads of the part.
class CapturePart {
public:
    using Say = std::function<void(const std::string&)>;
    /// `archive` outlives it. Errors: as recorder::CaptureJob::start().
    static Result<std::unique_ptr<CapturePart>>
    start(archive::Archive& archive, recorder::CaptureOptions options, const Clock& clock, Say say);
    ~CapturePart();
    CapturePart(const CapturePart&) = delete;
    CapturePart& operator=(const CapturePart&) = delete;

    recorder::CaptureState state() const { return m_job->state(); }
    /// A call could not be written, and none has been since. Any thread.
    bool archiveRefuses() const { return *m_refused; }

private:
    using Flag = std::shared_ptr<std::atomic<bool>>;
    CapturePart(std::unique_ptr<recorder::CaptureJob> job, Say say, Flag refused);
    std::unique_ptr<recorder::CaptureJob> m_job;
    Say m_say;
    Flag m_refused;
};

} // namespace sr::service
