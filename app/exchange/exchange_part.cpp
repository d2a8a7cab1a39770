// SPDX-License-Identifier: GPL-3.0-or-later
// Puts watch, exchange and stack together.
#include "app/exchange/exchange_part.h"

#include "app/exchange/script_parts.h"
#include "app/exchange/trunk_parts.h"
#include "core/engine/engine.h"

#include <QCoreApplication>
#include <QNetworkInterface>

namespace sr::exchange {
namespace {

constexpr milliseconds kLinger{100}; ///< nothing of a call of ours comes behind its end but the last packets

std::string wordsOn(const pbx::Directory& directory)
{
    std::string words;
    for (const std::string& name : directory.refused())
        words += (words.empty() ? "" : ", ") + name;
    return words.empty()
               ? words
               : "What is kept of the password of " + words +
                     " was altered; give a new one: switchroomctl user modify NAME --password-stdin";
}

std::string wordsOn(const sip::TlsIdentity& identity)
{
    std::string names = identity.facts.commonName;
    for (const IpAddress& address : identity.facts.names.addresses)
        names += ", " + address.toString();
    return "New certificate for TLS in " + utf8Of(identity.sofiaFolder) + ", for " + names +
           ". Phones that ask whether to trust it show this SHA-256 fingerprint:\n    " +
           identity.facts.fingerprint;
}

std::string wordsOf(std::chrono::seconds length)
{
    using std::chrono::hours;
    using std::chrono::minutes;
    if (length < hours(1))
        return std::to_string(std::chrono::ceil<minutes>(length).count()) + " minutes";
    const auto count = std::chrono::floor<hours>(length).count();
    return count == 1 ? "an hour" : std::to_string(count) + " hours";
}

/// Who guesses chooses the name, so only one that a user could have is repeated.
std::string wordsOn(const sip::GuessGuard::Block& block, std::chrono::seconds length)
{
    const std::string source = block.source.toString() + (block.source.isV4() ? "" : "/64");
    const std::string tried =
        pbx::checkName(block.lastUser) ? "'" + block.lastUser + "'" : "no possible name";
    return "Alarm: " + source + " sent too many wrong passwords, the last one for " + tried +
           ", and is blocked for " + wordsOf(length) +
           ". Users who logged in from there within a day go on. If it is a phone of yours, correct its name "
           "and "
           "password; if not, keep that address out at the firewall.";
}

/// Of the first interface that has one; else one of nobody (RFC 7042 2.1, locally administered).
std::string machineMac()
{
    constexpr qsizetype kDigits = 12;
    for (const QNetworkInterface& one : QNetworkInterface::allInterfaces()) {
        const QString digits = one.hardwareAddress().remove(u':').toLower();
        const bool real = digits.size() == kDigits && digits.count(u'0') != kDigits;
        if (real && !one.flags().testFlag(QNetworkInterface::IsLoopBack))
            return digits.toStdString();
    }
    return "020000000000";
}

} // namespace

/// They wait in `<config>/cdr` until each receiver has them; without any the newest stay.
Status ExchangePart::startRecords(const Setup& setup, const Clock& clock)
{
    cdr::OutboxOptions options;
    options.bytesMost = setup.cdrBytes;
    std::vector<unsigned> interfaces;
    for (unsigned interface = 0; interface < cdr::kInterfaces; ++interface)
        if (const auto& to = setup.cdrReceivers[interface]) {
            if (auto good = cdr::Delivery::check(*to); !good)
                return good;
            interfaces.push_back(interface);
        }
    options.keepNewest = interfaces.empty();
    if (!interfaces.empty())
        options.interfaces = interfaces;
    options.problem = [this](const Error& error) { m_say(error.text()); };
    auto outbox = cdr::Outbox::open(setup.configDir / "cdr", clock, std::move(options));
    if (!outbox)
        return outbox.error();
    m_outbox = std::move(*outbox);
    auto identity = identityOf(setup.names);
    if (!identity)
        return identity.error();
    m_utcOffset = identity->utcOffset;
    m_records = std::make_unique<pbx::CallRecords>(
        [this](const pbx::CallRecords::Record& record) { m_outbox->add(record); }, std::move(*identity),
        clock);
    for (const unsigned interface : interfaces) {
        cdr::DeliveryOptions delivery;
        delivery.problem = [this, interface](const Error& error) {
            m_say("CDR" + std::to_string(interface) + ": " + error.text());
        };
        m_deliveries.push_back(std::make_unique<cdr::Delivery>(
            m_outbox->reader(interface), *setup.cdrReceivers[interface], clock, std::move(delivery)));
    }
    return {};
}

/// Calls that somebody wants beside the archive.
Status ExchangePart::startRecordTo(const Setup& setup)
{
    recorder::RecordToOptions options;
    options.dir = setup.configDir / "record-to";
    options.mac = machineMac();
    options.bytesMost = setup.recordToBytes;
    options.uploads.caFile = setup.recordToRoots;
    options.problem = [this](const Error& error) { m_say("Alarm: " + error.text()); };
    auto room = recorder::RecordTo::start(std::move(options));
    if (!room)
        return room.error();
    m_recordTo = std::move(*room);
    return {};
}

Status ExchangePart::startRecorder(const Setup& setup, archive::Archive& archive, const Clock& clock)
{
    recorder::CaptureOptions options;
    options.devices.push_back({.interface = recorder::ExchangeWire::kName, .filter = {}});
    options.record = setup.record;
    options.logDir = setup.logDir;
    options.linger = kLinger;
    options.isExchange = true;
    recorder::CaptureEvents events;
    events.failed = [this](const Error& error) { m_say(error.text()); };
    auto job = recorder::CaptureJob::start(archive, std::move(options), m_wire->opener(), clock, events);
    if (!job)
        return job.error();
    m_recorder = std::move(*job);
    return {};
}

/// What the exchange plays, and who writes what telephones change.
void ExchangePart::startServices(const Setup& setup, const crypto::MachineSecrets& secrets)
{
    m_sounds = std::make_unique<pbx::SoundLibrary>(setup.configDir / "sounds");
    for (const Error& problem : m_sounds->problems())
        m_say(problem.text());
    m_writer = std::make_unique<pbx::DirectoryWriter>(setup.configDir, secrets);
    m_media = std::make_unique<media::MediaServer>();
}

Result<std::unique_ptr<ExchangePart>> ExchangePart::start(const Setup& setup,
                                                          const crypto::MachineSecrets& secrets,
                                                          archive::Archive& archive, const Clock& clock,
                                                          Say say)
{
    const auto nonceKey = crypto::Secret::random();
    if (!nonceKey)
        return nonceKey.error();
    std::unique_ptr<ExchangePart> part(
        new ExchangePart(std::move(say), setup.configDir / engine::kLogFolder, clock));
    auto watch = pbx::DirectoryWatch::start(
        setup.configDir, secrets,
        [&part = *part](const std::shared_ptr<const pbx::Directory>&) { part.bringDirectory(); },
        [&part = *part](const Error& error) { part.m_say(error.text()); });
    if (!watch)
        return watch.error();
    part->m_watch = std::move(*watch);
    const auto first = part->m_watch->latest();
    if (const std::string words = wordsOn(*first); !words.empty())
        part->m_say(words);
    pbx::ExchangeOptions options = setup.exchange;
    options.onBlock = [say = part->sayLater()](const sip::GuessGuard::Block& block,
                                               std::chrono::seconds length) { say(wordsOn(block, length)); };
    options.onUnreadable = [say = part->sayLater()](const IpAddress& last, std::uint64_t count) {
        say("Messages at the ports of SIP that could not be read, since the start: " + std::to_string(count) +
            ", the last one from " + last.toString() + ".");
    };
    auto relay = relay::Relay::start(setup.relay);
    if (!relay)
        return relay.error();
    part->m_relay = std::move(*relay);
    part->m_ice = std::make_unique<relay::IceThread>(setup.ice);
    if (const Status recordTo = part->startRecordTo(setup); !recordTo)
        return recordTo.error();
    part->m_wire = std::make_unique<recorder::ExchangeWire>(
        *part->m_relay, part->m_recordTo.get(), [&part = *part](std::uint64_t tag, relay::Side by, char key) {
            part.post([&part, tag, by, key] { part.m_exchange->onKey(tag, by, key); });
        });
    if (const Status recording = part->startRecorder(setup, archive, clock); !recording)
        return recording.error();
    if (const Status records = part->startRecords(setup, clock); !records)
        return records.error();
    part->startServices(setup, secrets);
    part->m_exchange = std::make_unique<pbx::Exchange>(first, *nonceKey, std::move(options), clock);
    sip::StackOptions stackOptions{
        setup.listen.clear, setup.listen.tls, {}, std::string("Switchroom/") + SR_VERSION};
    if (!setup.listen.tls.empty()) {
        const auto identity = sip::prepareTls(setup.listen.identity, clock);
        if (!identity)
            return identity.error();
        if (identity->isNew)
            part->m_say(wordsOn(*identity));
        stackOptions.tlsFolder = utf8Of(identity->sofiaFolder);
    }
    auto stack = sip::SipStack::start(stackOptions, *part->m_exchange);
    if (!stack)
        return stack.error();
    part->m_stack = std::move(*stack);
    {
        const std::scoped_lock lock(part->m_mutex);
        part->m_running = true;
    }
    pbx::ScriptParts scripts = scriptParts(setup.configDir, archive, part->m_say);
    scripts.utcOffset = part->m_utcOffset;
    scripts.markRecorded = [&part = *part, &archive](const pbx::ScriptParts::Mark& mark,
                                                     std::function<void(const Status&)> done) {
        part.markRecorded(archive, mark, std::move(done));
    };
    part->m_stack->post([&part = *part, scripts = std::move(scripts),
                         trunks = trunkParts(*part->m_stack, *part->m_stack, secrets, part->m_say),
                         bindings = part->bindingParts(setup, secrets), demo = setup.demo] {
        const media::Executor post = [&part](std::function<void()> work) { part.post(std::move(work)); };
        const pbx::ServiceParts services{
            *part.m_media, post, [&part](const std::string& name) { return part.m_sounds->find(name); },
            *part.m_writer, scripts};
        part.m_exchange->startCalls({*part.m_stack, *part.m_relay, *part.m_wire, *part.m_records, services,
                                     [&part] { part.m_outbox->keepOpen(part.m_records->openRecords()); },
                                     part.m_stack.get(), trunks, part.iceParts(), bindings});
        if (demo && !part.m_exchange->startDemo())
            part.m_say("There is nobody for the demonstration: it needs two users with numbers "
                       "(switchroomctl user add).");
    });
    part->bringDirectory(); // what came between
    return part;
}

ExchangePart::~ExchangePart()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_running = false;
    }
    m_stack.reset();
}

void ExchangePart::setTrace(bool on)
{
    if (on && !m_trace)
        m_trace = std::make_unique<sip::TraceFile>(m_logDir, m_clock);
    m_tracing = on;
    if (!on)
        return m_stack->trace({});
    m_stack->trace([&trace = *m_trace](sip::TappedMessage message) { trace.add(std::move(message)); });
}

ExchangePart::Trace ExchangePart::trace() const
{
    return {m_tracing, m_logDir / sip::kTraceName, m_trace ? m_trace->state() : sip::TraceFile::State{}};
}

pbx::IceParts ExchangePart::iceParts()
{
    pbx::IceParts parts;
    parts.thread = m_ice.get();
    parts.post = [this](std::function<void()> work) { post(std::move(work)); };
    parts.say = sayLater();
    return parts;
}

/// By the main thread's loop: to say it may take long, and the control thread may not wait.
ExchangePart::Say ExchangePart::sayLater() const
{
    return [say = m_say](const std::string& words) {
        QMetaObject::invokeMethod(
            qApp, [say, words] { say(words); }, Qt::QueuedConnection);
    };
}

/// Waits for the disk, so that whoever calls first reaches the phones from before.
pbx::BindingParts ExchangePart::bindingParts(const Setup& setup, const crypto::MachineSecrets& secrets) const
{
    pbx::BindingParts parts;
    parts.file = setup.configDir / "run" / "registrations";
    parts.kept = pbx::BindingKeeper::load(parts.file, m_say);
    parts.listeners = m_stack->listeners();
    parts.key =
        crypto::Secret(crypto::hmacSha256(secrets.settingsKey, bytesOf(std::string_view("registrations"))));
    parts.say = m_say;
    return parts;
}

/// Any thread; lost if the exchange ends first.
void ExchangePart::post(std::function<void()> work)
{
    const std::scoped_lock lock(m_mutex);
    if (m_running)
        m_stack->post(std::move(work));
}

/// On a thread that may wait for the archive.
void ExchangePart::markRecorded(archive::Archive& archive, const pbx::ScriptParts::Mark& mark,
                                std::function<void(const Status&)> done)
{
    const auto goesOn = [this] {
        const std::scoped_lock lock(m_mutex);
        return m_running;
    };
    m_marking.start([this, &archive, mark, goesOn, done = std::move(done)] {
        const Status marked = markRecording(archive, mark, goesOn);
        if (!marked)
            m_say("A call could not be marked: " + marked.error().text());
        post([done, marked] { done(marked); });
    });
}

void ExchangePart::registrations(std::string of, std::size_t most,
                                 std::function<void(pbx::Registrations)> done)
{
    post([this, of = std::move(of), most, done = std::move(done)] {
        done(m_exchange->registrationList(of, most));
    });
}

void ExchangePart::calls(std::function<void(std::vector<pbx::CallRow>)> done)
{
    post([this, done = std::move(done)] { done(m_exchange->calls()); });
}

void ExchangePart::controlRecording(std::uint64_t call, pbx::RecordingAction action,
                                    std::function<void(pbx::Exchange::Controlled)> done)
{
    post([this, call, action, done = std::move(done)] { done(m_exchange->controlRecording(call, action)); });
}

void ExchangePart::queues(std::function<void(std::vector<pbx::QueueRow>)> done)
{
    post([this, done = std::move(done)] { done(m_exchange->queues()); });
}

/// The newest one when the control thread comes to it, so that none overtakes another.
void ExchangePart::bringDirectory()
{
    post([this] { m_exchange->setDirectory(m_watch->latest()); });
}

} // namespace sr::exchange
