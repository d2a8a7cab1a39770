// SPDX-License-Identifier: GPL-3.0-or-later
// Feature codes that change an object or a call that runs: they answer, and a tone says how it went.
#pragma once

#include "core/pbx/directory_writer.h"
#include "core/pbx/feature_codes.h"
#include "core/pbx/local_call.h"
#include "core/pbx/recording_action.h"

#include <list>

namespace sr::pbx {

/// Orders a change; `done` is called later, on the control thread.
using OrderChange = std::function<void(DirectoryWriter::Change, DirectoryWriter::Done)>;

/// Of the call that somebody is in; false: there is none, or it is not up to that user.
using ControlRecording = std::function<bool(const std::string& user, RecordingAction action)>;

/// Calls back `user`, or does not any more.
using CompleteCall = std::function<Status(const std::string& user, bool wanted)>;

/// `service:feature?by=NAME&code=DIGITS` does what the code says for that object;
/// `service:feature?boolean=NAME&state=on|off|auto` switches a boolean. One beep: done; the tone of
/// congestion: refused.
///
/// Control thread.
class FeatureService final : public LocalApplication {
public:
    explicit FeatureService(OrderChange order, ControlRecording recording = {}, CompleteCall complete = {})
        : m_order(std::move(order))
        , m_recording(std::move(recording))
        , m_complete(std::move(complete))
        , m_alive(std::make_shared<bool>(true))
    {}
    void onCall(std::unique_ptr<LocalCall> call) override;

private:
    using Calls = std::list<std::unique_ptr<LocalCall>>;
    std::optional<Status> doAtOnce(const ServiceUri& service);
    const LocalCall* answer(std::unique_ptr<LocalCall> call);
    void say(const LocalCall* call, const Status& how);

    OrderChange m_order;
    ControlRecording m_recording;  ///< may be empty
    CompleteCall m_complete;       ///< may be empty
    std::shared_ptr<bool> m_alive; ///< what comes later asks whether the service is still there
    Calls m_calls;
};

} // namespace sr::pbx
