// SPDX-License-Identifier: GPL-3.0-or-later
// Asks the parts without waiting for them, and puts together what they say.
#include "app/service/control_part.h"

#include "app/service/disk_watch.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QTimer>

#include <algorithm>

namespace sr::service {
namespace {

using control::Answer;
using control::CallRow;
using control::Lamp;

constexpr milliseconds kLetAnswerOut{200};  ///< to who asked for the restart
constexpr milliseconds kLookForCalls{1000}; ///< whether any runs

QString textOf(const std::string& utf8)
{
    return QString::fromStdString(utf8);
}

const char* nameOf(sip::Transport transport)
{
    return transport == sip::Transport::Udp ? "udp" : transport == sip::Transport::Tcp ? "tcp" : "tls";
}

QJsonObject toJson(const pbx::Registration& row)
{
    return {{QStringLiteral("user"), textOf(row.user)},
            {QStringLiteral("number"), textOf(row.number)},
            {QStringLiteral("contact"), textOf(row.contact)},
            {QStringLiteral("source"), textOf(row.source.address.toString())},
            {QStringLiteral("transport"), QString::fromLatin1(nameOf(row.source.transport))},
            {QStringLiteral("userAgent"), textOf(row.userAgent)},
            {QStringLiteral("secondsLeft"), static_cast<qint64>(row.secondsLeft)}};
}

QJsonObject toJson(const pbx::TrunkRow& row)
{
    return {
        {QStringLiteral("trunk"), textOf(row.trunk)},
        {QStringLiteral("account"), textOf(row.aor)},
        {QStringLiteral("registered"), row.status.state == sip::RegistrationState::Registered},
        {QStringLiteral("state"), textOf(pbx::wordsOf(row))},
        {QStringLiteral("failure"), row.keepAlive ? row.keepAlive->failure : row.status.failure},
    };
}

QJsonObject toJson(const pbx::Registrations& list)
{
    QJsonArray rows;
    for (const pbx::Registration& row : list.rows)
        rows.append(toJson(row));
    QJsonArray trunks;
    for (const pbx::TrunkRow& row : list.trunks)
        trunks.append(toJson(row));
    return {{QStringLiteral("registrations"), rows},
            {QStringLiteral("trunks"), trunks},
            {QStringLiteral("total"), static_cast<qint64>(list.total)}};
}

QJsonObject toJson(const pbx::QueueRow& queue)
{
    QJsonArray callers;
    for (const pbx::QueueCaller& caller : queue.callers)
        callers.append(QJsonObject{{QStringLiteral("number"), textOf(caller.who.user)},
                                   {QStringLiteral("name"), textOf(caller.who.display)},
                                   {QStringLiteral("since"), control::isoLocal(caller.since)}});
    qint64 free = 0;
    for (const auto& one : queue.operators)
        free += one.who.presence == pbx::QueueOperator::Presence::Free ? 1 : 0;
    return {{QStringLiteral("queue"), textOf(queue.object)},
            {QStringLiteral("callers"), callers},
            {QStringLiteral("operators"), static_cast<qint64>(queue.operators.size())},
            {QStringLiteral("free"), free},
            {QStringLiteral("offeredTo"), queue.offer ? textOf(queue.offer->to) : QString()},
            {QStringLiteral("delivered"), static_cast<qint64>(queue.delivered)},
            {QStringLiteral("overflowed"), static_cast<qint64>(queue.overflowed)},
            {QStringLiteral("missed"), static_cast<qint64>(queue.missed)}};
}

QJsonObject toJson(const std::vector<pbx::QueueRow>& queues)
{
    QJsonArray rows;
    for (const pbx::QueueRow& queue : queues)
        rows.append(toJson(queue));
    return {{QStringLiteral("queues"), rows}};
}

QJsonObject toJson(const exchange::ExchangePart::Trace& trace)
{
    QJsonObject row{{QStringLiteral("on"), trace.on},
                    {QStringLiteral("file"), textOf(utf8Of(trace.file))},
                    {QStringLiteral("messages"), static_cast<qint64>(trace.written.messages)},
                    {QStringLiteral("lost"), static_cast<qint64>(trace.written.lost)}};
    if (trace.written.error)
        row.insert(QStringLiteral("error"), textOf(trace.written.error->text()));
    return row;
}

std::vector<CallRow> callsOf(const recorder::CaptureState& state)
{
    std::vector<CallRow> rows;
    for (const capture::OpenCall& call : state.calls)
        rows.push_back({call.callId, call.caller, call.callee, call.since, call.answered,
                        call.answered.has_value()}); // what is answered becomes a recording
    return rows;
}

std::vector<CallRow> callsOf(const std::vector<pbx::CallRow>& calls)
{
    std::vector<CallRow> rows;
    for (const pbx::CallRow& call : calls)
        rows.push_back({std::to_string(call.id), call.caller.number, call.callee.number, call.since,
                        call.answered, call.answered && call.recorded, call.paused});
    return rows;
}

/// Any thread: `work` runs on the main thread, later.
template <typename Work>
void onMain(Work work)
{
    QMetaObject::invokeMethod(qApp, std::move(work), Qt::QueuedConnection);
}

} // namespace

class ControlPart::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(Parts parts, const Clock& clock, Say say)
        : m_parts(std::move(parts))
        , m_disk(m_parts.archiveRoot, clock, std::move(say))
    {
        m_restart.setSingleShot(true);
        QObject::connect(&m_restart, &QTimer::timeout, &m_restart, [this] { restart(); });
    }

    Status open(const Path& configDir)
    {
        auto server = control::ControlServer::start(configDir);
        if (!server)
            return server.error();
        m_server = std::move(*server);
        m_server->add("status", [this](const QJsonObject&, const Answer& answer) { tellStatus(answer); });
        m_server->add("calls", [this](const QJsonObject&, const Answer& answer) {
            askCalls(
                [answer](std::vector<CallRow> rows) { answer(control::toJson(std::move(rows), kMostRows)); });
        });
        m_server->add("registrations", [this](const QJsonObject& request, const Answer& answer) {
            const std::string of = request.value(QLatin1String("of")).toString().toStdString();
            askRegistrations(of, kMostRows,
                             [answer](const pbx::Registrations& list) { answer(toJson(list)); });
        });
        m_server->add("resetAlarm", [this](const QJsonObject&, const Answer& answer) {
            m_forgiven = unrecorded();
            answer({{QStringLiteral("reset"), true}});
        });
        if (m_parts.restart)
            m_server->add("reset", [this](const QJsonObject& request, const Answer& answer) {
                const bool idle = request.value(QLatin1String("when")).toString() == u"idle";
                answer({{QStringLiteral("waits"), idle}});
                m_restart.start(idle ? kLookForCalls : kLetAnswerOut);
                m_restartIdle = idle;
            });
        if (m_parts.exchange != nullptr)
            m_server->add("recording", [this](const QJsonObject& request, const Answer& answer) {
                controlRecording(request, answer);
            });
        if (m_parts.exchange != nullptr)
            m_server->add("trace", [this](const QJsonObject& request, const Answer& answer) {
                const QJsonValue on = request.value(QLatin1String("on"));
                if (on.isBool())
                    m_parts.exchange->setTrace(on.toBool());
                answer(toJson(m_parts.exchange->trace()));
            });
        if (m_parts.exchange != nullptr)
            m_server->add("queues", [this](const QJsonObject&, const Answer& answer) {
                m_parts.exchange->queues(
                    [self = weak_from_this(), answer](const std::vector<pbx::QueueRow>& rows) {
                        onMain([self, answer, json = toJson(rows)] {
                            if (!self.expired())
                                answer(json);
                        });
                    });
            });
        if (m_parts.exchange != nullptr)
            addCalls([exchange = m_parts.exchange](auto done) {
                exchange->calls(
                    [done = std::move(done)](const std::vector<pbx::CallRow>& rows) { done(callsOf(rows)); });
            });
        if (m_parts.capture != nullptr)
            addCalls([capture = m_parts.capture](const auto& done) { done(callsOf(capture->state())); });
        return {};
    }
    void addCalls(CallSource source) { m_calls.push_back(std::move(source)); }
    control::ControlServer& server() { return *m_server; }

private:
    /// At once, or when no call runs.
    void restart()
    {
        if (!m_restartIdle)
            return m_parts.restart();
        askCalls([this](const std::vector<CallRow>& calls) {
            m_restartIdle = !calls.empty();
            m_restart.start(calls.empty() ? milliseconds(0) : kLookForCalls);
        });
    }

    std::uint64_t unrecorded() const
    {
        return (m_parts.capture != nullptr ? m_parts.capture->state().unrecorded : 0) +
               (m_parts.exchange != nullptr ? m_parts.exchange->recorded().unrecorded : 0);
    }

    /// `done` on the main thread, when all sources have answered.
    void askCalls(std::function<void(std::vector<CallRow>)> done)
    {
        struct Gathering {
            std::size_t left;
            std::vector<CallRow> rows;
            std::function<void(std::vector<CallRow>)> done;
        };
        auto all = std::make_shared<Gathering>(Gathering{m_calls.size(), {}, std::move(done)});
        if (m_calls.empty())
            return all->done({});
        for (const CallSource& source : m_calls)
            source([self = weak_from_this(), all](std::vector<CallRow> rows) {
                onMain([self, all, rows = std::move(rows)] {
                    if (self.expired())
                        return;
                    all->rows.insert(all->rows.end(), rows.begin(), rows.end());
                    if (--all->left == 0)
                        all->done(std::move(all->rows));
                });
            });
    }

    void askRegistrations(const std::string& of, std::size_t most,
                          std::function<void(const pbx::Registrations&)> done)
    {
        if (m_parts.exchange == nullptr)
            return done({});
        m_parts.exchange->registrations(
            of, most, [self = weak_from_this(), done = std::move(done)](pbx::Registrations list) {
                onMain([self, done, list = std::move(list)] {
                    if (!self.expired())
                        done(list);
                });
            });
    }

    void controlRecording(const QJsonObject& request, const Answer& answer)
    {
        using Controlled = pbx::Exchange::Controlled;
        const auto action =
            pbx::recordingActionNamed(request.value(QLatin1String("action")).toString().toStdString());
        const auto tell = [self = weak_from_this(), answer](Controlled how) {
            onMain([self, answer, how] {
                if (!self.expired())
                    answer({{QStringLiteral("done"), how == Controlled::Done ? QStringLiteral("yes")
                                                     : how == Controlled::NoCall
                                                         ? QStringLiteral("no-call")
                                                         : QStringLiteral("not-possible")}});
            });
        };
        if (!action)
            return tell(Controlled::NotPossible);
        m_parts.exchange->controlRecording(request.value(QLatin1String("call")).toString().toULongLong(),
                                           *action, tell);
    }

    void tellStatus(const Answer& answer)
    {
        askRegistrations("", 0, [this, answer](const pbx::Registrations& list) {
            askCalls([this, answer, registrations = list.total](const std::vector<CallRow>& calls) {
                control::ServiceStatus status = ownStatus();
                status.registrations = registrations;
                status.calls = calls.size();
                status.recording =
                    static_cast<std::uint64_t>(std::ranges::count_if(calls, &CallRow::recording));
                answer(control::toJson(status));
            });
        });
    }

    control::ServiceStatus ownStatus() const
    {
        control::ServiceStatus status;
        status.lamps.pbx = m_parts.exchange != nullptr ? Lamp::Green : Lamp::Grey;
        bool refused = false;
        if (m_parts.capture != nullptr) {
            const recorder::CaptureState state = m_parts.capture->state();
            status.filesRecorded = state.recorded;
            status.filesToProcess = state.waiting;
            status.lamps.pcap =
                std::ranges::all_of(state.interfaces, &capture::InterfaceState::up) ? Lamp::Green : Lamp::Red;
            refused = m_parts.capture->archiveRefuses();
        }
        if (m_parts.exchange != nullptr) {
            const recorder::CaptureState state = m_parts.exchange->recorded();
            status.filesRecorded += state.recorded;
            status.filesToProcess += state.waiting;
            refused = refused || m_parts.exchange->recordedTo().troubled;
            status.unreadable = m_parts.exchange->unreadable();
        }
        if (m_parts.capture != nullptr || m_parts.exchange != nullptr)
            status.lamps.software = unrecorded() > m_forgiven ? Lamp::Red : Lamp::Green;
        status.lamps.disk = m_disk.good() && !refused ? Lamp::Green : Lamp::Red;
        return status;
    }

    Parts m_parts;
    DiskWatch m_disk;
    std::vector<CallSource> m_calls;
    std::uint64_t m_forgiven = 0; ///< calls lost before the alarm was reset
    QTimer m_restart;
    bool m_restartIdle = false;
    std::unique_ptr<control::ControlServer> m_server;
};

ControlPart::ControlPart(std::shared_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

ControlPart::~ControlPart() = default;

Result<std::unique_ptr<ControlPart>> ControlPart::start(const Path& configDir, Parts parts,
                                                        const Clock& clock, Say say)
{
    auto impl = std::make_shared<Impl>(std::move(parts), clock, std::move(say));
    if (auto opened = impl->open(configDir); !opened)
        return opened.error();
    return std::unique_ptr<ControlPart>(new ControlPart(std::move(impl)));
}

void ControlPart::addCalls(CallSource source)
{
    m_impl->addCalls(std::move(source));
}

control::ControlServer& ControlPart::server()
{
    return m_impl->server();
}

} // namespace sr::service
