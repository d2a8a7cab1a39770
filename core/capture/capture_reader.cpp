// SPDX-License-Identifier: GPL-3.0-or-later
// Composes reader, layers and tracker into one pass over any number of capture files.
#include "core/capture/capture_reader.h"

#include "core/base/memory.h"
#include "core/capture/call_tracker.h"
#include "core/capture/packet_decoder.h"
#include "core/capture/packet_reader.h"

#include <algorithm>

namespace sr::capture {

CaptureStats& operator+=(CaptureStats& sum, const CaptureStats& more)
{
    for (const auto count : {&CaptureStats::packets, &CaptureStats::sipMessages, &CaptureStats::rtpPackets,
                             &CaptureStats::rtcpPackets, &CaptureStats::ignored, &CaptureStats::refusedCalls,
                             &CaptureStats::refusedStreams, &CaptureStats::otherMedia, &CaptureStats::lateRtp,
                             &CaptureStats::strayRtp, &CaptureStats::misdated, &CaptureStats::cut})
        sum.*count += more.*count;
    return sum;
}

namespace {

/// Progress and cancellation are looked at this often: some thousand times a second at full speed.
constexpr std::uint64_t kReportBytes = 512 * 1024;
/// Read one after the other before the first is looked at, because main memory is fastest in one go.
constexpr std::size_t kPackets = 1024;

struct Input {
    std::string name;
    Path path; ///< empty: the caller's source
    std::uint64_t bytes = 0;
    UtcTime first{};
};

/// One pass; files may come one after the other.
class Pass {
public:
    Pass(Spool& spool, const ReadOptions& options, Progress& progress, const CallSink& sink,
         std::vector<FileError>& errors)
        : m_spool(&spool)
        , m_tracker(spool, options, sink)
        , m_decoder(m_tracker)
        , m_progress(&progress)
        , m_errors(&errors)
    {}

    /// Error: cancelled, or the spool's. What is wrong with the input itself goes to the errors.
    Status read(const Input& input, ByteSource& source);
    /// Packets are not copied.
    Status read(const Input& input, std::shared_ptr<MappedSource> source);
    Result<CaptureStats> finish();
    void setTotal(std::uint64_t bytes) { m_total = bytes; }

private:
    Status check(std::uint64_t done);

    Spool* m_spool;
    CallTracker m_tracker;
    PacketDecoder m_decoder;
    Progress* m_progress;
    std::vector<FileError>* m_errors;
    std::uint64_t m_done = 0; ///< octets of the inputs before
    std::uint64_t m_total = 0;
};

Status Pass::check(std::uint64_t done)
{
    m_progress->report(std::min(m_done + done, m_total), m_total);
    if (m_progress->cancelled())
        return fail(BaseErrc::Cancelled, "reading captures");
    return m_tracker.status();
}

Status Pass::read(const Input& input, ByteSource& source)
{
    auto reader = PacketReader::open(source, input.name);
    if (!reader) {
        m_errors->push_back({input.name, 0, reader.error()});
        m_done += input.bytes;
        return check(0);
    }
    m_tracker.beginFile(input.name);
    std::vector<CapturedPacket> packets(kPackets);
    std::uint64_t reportAt = kReportBytes;
    source.expect(0, 2 * kReportBytes);
    while (const std::size_t count = (*reader)->nextSome(packets)) {
        m_decoder.takeAll(std::span(packets).first(count));
        const std::uint64_t offset = packets[count - 1].offset;
        if (offset < reportAt)
            continue;
        source.expect(reportAt + kReportBytes, offset + kReportBytes - reportAt);
        reportAt = offset + kReportBytes;
        if (auto checked = check(offset); !checked)
            return checked;
    }
    for (const ForeignLink& link : m_decoder.takeForeign())
        m_errors->push_back({input.name, link.offset,
                             fail(BaseErrc::Malformed, "link type " + std::to_string(link.type) +
                                                           " is not supported; its packets were left out: " +
                                                           std::to_string(link.packets))});
    if ((*reader)->error())
        m_errors->push_back({input.name, (*reader)->offset(), *(*reader)->error()});
    m_done += input.bytes;
    return check(0);
}

Status Pass::read(const Input& input, std::shared_ptr<MappedSource> source)
{
    m_spool->setStanding(source);
    Status done = read(input, *source);
    m_spool->setStanding(nullptr);
    if (auto good = source->status(); !good)
        m_errors->push_back({input.name, source->size(), good.error()});
    return done;
}

Result<CaptureStats> Pass::finish()
{
    m_decoder.finish();
    if (auto finished = m_tracker.finish(); !finished)
        return finished.error();
    CaptureStats stats = m_tracker.stats();
    stats.ignored += m_decoder.dropped();
    stats.packets = m_decoder.frames();
    stats.cut = m_decoder.cut();
    return stats;
}

/// Name, size and first packet of a file; nothing if it holds no packet, and then the error is noted.
std::optional<Input> lookAt(const Path& path, std::vector<FileError>& errors)
{
    Input input;
    input.name = utf8Of(path);
    input.path = path;
    auto file = File::open(path, OpenMode::Read);
    if (!file) {
        errors.push_back({input.name, 0, file.error()});
        return std::nullopt;
    }
    input.bytes = (*file)->size();
    auto reader = PacketReader::open(**file, input.name);
    if (!reader) {
        errors.push_back({input.name, 0, reader.error()});
        return std::nullopt;
    }
    CapturedPacket packet;
    if ((*reader)->next(packet)) {
        input.first = packet.time;
        return input;
    }
    if ((*reader)->error())
        errors.push_back({input.name, (*reader)->offset(), *(*reader)->error()});
    return std::nullopt;
}

/// A mapped capture stays in memory until its last call is recorded; one that would fill the memory is read
/// in blocks, and its media goes through the spool.
Status readFile(Pass& pass, const Input& input, std::vector<FileError>& errors)
{
    if (input.bytes <= physicalMemory() / 2) {
        if (auto mapped = MappedSource::open(input.path))
            return pass.read(input, std::move(*mapped));
    }
    auto file = File::open(input.path, OpenMode::Read);
    if (file)
        return pass.read(input, **file);
    errors.push_back({input.name, 0, file.error()});
    return {};
}

} // namespace

Result<CaptureStats> readCaptures(const std::vector<Path>& files, const ReadOptions& options,
                                  Progress& progress, const CallSink& sink, std::vector<FileError>& errors)
{
    std::vector<Input> inputs;
    std::uint64_t total = 0;
    for (const Path& path : files) {
        if (progress.cancelled())
            return fail(BaseErrc::Cancelled, "reading captures");
        if (auto input = lookAt(path, errors)) {
            total += input->bytes;
            inputs.push_back(std::move(*input));
        }
    }
    std::stable_sort(inputs.begin(), inputs.end(),
                     [](const Input& a, const Input& b) { return a.first < b.first; });
    auto spool = Spool::create(options.spoolDir, options.spoolMemory);
    if (!spool)
        return spool.error();
    Pass pass(**spool, options, progress, sink, errors);
    pass.setTotal(total);
    for (const Input& input : inputs) {
        if (auto read = readFile(pass, input, errors); !read)
            return read.error();
    }
    return pass.finish();
}

Result<CaptureStats> readCapture(ByteSource& source, const std::string& name, const ReadOptions& options,
                                 Progress& progress, const CallSink& sink, std::vector<FileError>& errors)
{
    auto spool = Spool::create(options.spoolDir, options.spoolMemory);
    if (!spool)
        return spool.error();
    Pass pass(**spool, options, progress, sink, errors);
    const Input input{name, {}, source.size(), {}};
    pass.setTotal(input.bytes);
    if (auto read = pass.read(input, source); !read)
        return read.error();
    return pass.finish();
}

} // namespace sr::capture
