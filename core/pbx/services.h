// SPDX-License-Identifier: GPL-3.0-or-later
// All that the exchange answers itself, behind one dialer.
#pragma once

#include "core/pbx/announcement.h"
#include "core/pbx/completion_service.h"
#include "core/pbx/conference_service.h"
#include "core/pbx/directory.h"
#include "core/pbx/echo.h"
#include "core/pbx/feature_service.h"
#include "core/pbx/local_dialer.h"
#include "core/pbx/park_service.h"
#include "core/pbx/queue_service.h"
#include "core/pbx/script_service.h"

namespace sr::pbx {

/// Outlive the services.
struct ServiceParts {
    media::MediaServer& media;
    media::Executor post; ///< onto the control thread
    SoundFinder sounds;   ///< `music` is what callers hear who wait
    DirectoryWriter& writer;
    ScriptParts scripts = {};
    ControlRecording controlRecording = {};
};

/// Control thread.
class Services {
public:
    Services(sip::Dialer& network, const ServiceParts& parts);
    LocalDialer& dialer() { return m_dialer; }
    QueueService& queues() { return m_queues; }
    CompletionService& completion() { return m_completion; }
    void setDirectory(std::shared_ptr<const Directory> directory);
    void onSecond()
    {
        m_queues.onSecond();
        m_completion.onSecond();
    }

private:
    ParkPlace placeOf(const ServiceUri& service) const;
    std::vector<std::string> membersOf(const std::string& object, const std::string& caller) const;

    std::shared_ptr<const Directory> m_directory;
    Announcement m_announcement;
    Echo m_echo;
    FeatureService m_features;
    ParkService m_park;
    LocalDialer m_dialer; // behind what it serves
    ConferenceService m_conference;
    ScriptService m_scripts;
    QueueService m_queues;
    CompletionService m_completion;
};

/// The contact of the service that answers for an object, and of a feature code; empty: nothing does.
/// `digits`: dialled behind the object's number. `caller`: name of who calls, empty from outside. `place`:
/// what the number in the code reaches.
std::string serviceOf(const Object& object, std::string_view digits, const std::string& caller);
std::string serviceOf(const FeatureCode& code, const std::string& dialled, const std::string& caller,
                      const Reached& place = {});

} // namespace sr::pbx
