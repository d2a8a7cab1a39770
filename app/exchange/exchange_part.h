// SPDX-License-Identifier: GPL-3.0-or-later
// The exchange as a part of the service: users of the database, phones on the network, their calls in the
// archive.
#pragma once

#include "app/exchange/record_identity.h"
#include "core/cdr/delivery.h"
#include "core/cdr/outbox.h"
#include "core/media/media_server.h"
#include "core/pbx/call_records.h"
#include "core/pbx/directory_watch.h"
#include "core/pbx/directory_writer.h"
#include "core/pbx/exchange.h"
#include "core/pbx/sound_library.h"
#include "core/sip/tls_identity.h"
#include "core/sip/trace_file.h"
#include "recorder/pipeline/capture_job.h"
#include "recorder/pipeline/exchange_wire.h"
#include "recorder/record_to/record_to.h"

#include <QThreadPool>

#include <array>
#include <functional>
#include <memory>
#include <mutex>

namespace sr::exchange {

/// Serves from start() to its destruction. Users that another program adds or changes are known within a
/// second.
class ExchangePart {
public:
    struct Listen {
        std::vector<Endpoint> clear; ///< UDP and TCP
        std::vector<Endpoint> tls;
        sip::TlsOptions identity; ///< where there is any `tls`
    };
    struct Setup {
        Path configDir;
        Listen listen;
        pbx::ExchangeOptions exchange;
        relay::RelayOptions relay;
        relay::IceOptions ice;
        recorder::ImportOptions record; ///< what to keep of calls
        Path logDir;                    ///< where calls are kept until they are archived
        RecordNames names;              ///< in call data records
        /// Of call data records, at CDR0 and CDR1; without any they stay here.
        std::array<std::optional<cdr::Destination>, cdr::kInterfaces> cdrReceivers;
        std::uint64_t cdrBytes = cdr::OutboxOptions{}.bytesMost; ///< that they may take here
        std::uint64_t recordToBytes =
            recorder::RecordToOptions{}.bytesMost; ///< that may wait for their place
        Path recordToRoots = {};                   ///< as recorder::UploadOptions::caFile
        bool demo = false;                         ///< two phones of the exchange's own call each other
    };
    using Say = std::function<void(const std::string&)>;
    /// `archive`, `clock` outlive it. Words go to `say`, from threads of the part or the loop of
    /// the application. Errors: as DirectoryWatch::start(), prepareTls(), Relay::start(), CaptureJob::start()
    /// and SipStack::start().
    static Result<std::unique_ptr<ExchangePart>> start(const Setup& setup,
                                                       const crypto::MachineSecrets& secrets,
                                                       archive::Archive& archive, const Clock& clock,
                                                       Say say);
    ~ExchangePart();
    ExchangePart(const ExchangePart&) = delete;
    ExchangePart& operator=(const ExchangePart&) = delete;
    const std::vector<Endpoint>& listeners() const { return m_stack->listeners(); }
    const std::vector<Endpoint>& tlsListeners() const { return m_stack->tlsListeners(); }
    /// As pbx::Exchange::registrationList(). `done` is called on the control thread, soon; never if the
    /// exchange ends first. Any thread.
    void registrations(std::string of, std::size_t most, std::function<void(pbx::Registrations)> done);
    void calls(std::function<void(std::vector<pbx::CallRow>)> done); ///< those that run; the same way
    /// As pbx::Exchange::controlRecording(); `done` the same way.
    void controlRecording(std::uint64_t call, pbx::RecordingAction action,
                          std::function<void(pbx::Exchange::Controlled)> done);
    void queues(std::function<void(std::vector<pbx::QueueRow>)> done);
    struct Trace {
        bool on = false;
        Path file = {};
        sip::TraceFile::State written = {}; ///< since the service started
    };
    /// SIP messages go to `<config>/log`, or no longer. Off at the start. Main thread.
    void setTrace(bool on);
    Trace trace() const;                                                         ///< main thread
    std::uint64_t unreadable() const { return m_exchange->unreadable(); }        ///< any thread
    recorder::CaptureState recorded() const { return m_recorder->state(); }      ///< any thread
    recorder::RecordTo::State recordedTo() const { return m_recordTo->state(); } ///< any thread

private:
    ExchangePart(Say say, Path logDir, const Clock& clock)
        : m_say(std::move(say))
        , m_logDir(std::move(logDir))
        , m_clock(clock)
    {
        m_marking.setMaxThreadCount(1);
    }
    Status startRecords(const Setup& setup, const Clock& clock);
    Status startRecordTo(const Setup& setup);
    Status startRecorder(const Setup& setup, archive::Archive& archive, const Clock& clock);
    void startServices(const Setup& setup, const crypto::MachineSecrets& secrets);
    pbx::IceParts iceParts();
    Say sayLater() const;
    pbx::BindingParts bindingParts(const Setup& setup, const crypto::MachineSecrets& secrets) const;
    void post(std::function<void()> work);
    void markRecorded(archive::Archive& archive, const pbx::ScriptParts::Mark& mark,
                      std::function<void(const Status&)> done);
    void bringDirectory();

    Say m_say;
    const Path m_logDir; ///< `<config>/log`
    const Clock& m_clock;
    std::unique_ptr<sip::TraceFile> m_trace; // longer than the stack, which fills it; null: it was never on
    bool m_tracing = false;
    std::unique_ptr<pbx::DirectoryWatch> m_watch; // there before the stack, and longer
    std::unique_ptr<relay::Relay> m_relay;
    std::unique_ptr<recorder::RecordTo> m_recordTo; // longer than the wire, which fills it
    std::unique_ptr<relay::IceThread> m_ice;        // without an agent it is no thread
    std::unique_ptr<recorder::ExchangeWire> m_wire;
    std::unique_ptr<recorder::CaptureJob> m_recorder; // reads the wire; ends before it
    std::unique_ptr<cdr::Outbox> m_outbox;
    pbx::UtcOffset m_utcOffset;
    std::vector<std::unique_ptr<cdr::Delivery>> m_deliveries;
    std::unique_ptr<pbx::CallRecords> m_records;
    std::unique_ptr<pbx::SoundLibrary> m_sounds;
    std::unique_ptr<pbx::DirectoryWriter> m_writer;
    std::unique_ptr<media::MediaServer> m_media;
    std::unique_ptr<pbx::Exchange> m_exchange;
    std::mutex m_mutex;
    bool m_running = false; // under m_mutex: there is a stack to post to
    std::unique_ptr<sip::SipStack> m_stack;
    QThreadPool m_marking; ///< one thread; first to end
};

} // namespace sr::exchange
