// SPDX-License-Identifier: GPL-3.0-or-later
// Reading on the caller's thread, recording on a pool; the report keeps the order in which the calls ended.
#include "recorder/pipeline/import_job.h"

#include "recorder/pipeline/call_recorder.h"
#include "recorder/pipeline/work_queue.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <thread>
#include <utility>

namespace sr::recorder {
namespace {

constexpr std::array<std::pair<std::string_view, OutputFormat>, 6> kFormats{{
    {"wav", OutputFormat::Wav},
    {"mp3", OutputFormat::Mp3},
    {"mp3-mono", OutputFormat::Mp3Mono},
    {"mp3-internal", OutputFormat::Mp3Internal},
    {"mp3-external", OutputFormat::Mp3External},
    {"pcap", OutputFormat::Pcap},
}};

unsigned workersOf(const ImportOptions& options)
{
    return options.workers != 0 ? options.workers : std::clamp(std::thread::hardware_concurrency(), 1U, 8U);
}

/// A call on its way to the workers, with its place in the report.
struct NumberedCall {
    std::uint64_t order = 0;
    capture::CapturedCall call;
};
/// Two calls are recorded in less time than one and one; the last of an import may be alone.
using Pair = std::vector<NumberedCall>;

/// What the workers hand back. Any thread.
class Results {
public:
    void add(std::uint64_t order, Result<CallOutcome> outcome, Progress& progress)
    {
        const std::scoped_lock lock(m_mutex);
        if (outcome) {
            m_outcomes.emplace(order, std::move(*outcome));
            return;
        }
        if (!m_stopped)
            m_stopped = outcome.error();
        progress.cancel(); // a full disk or a broken archive ends the whole import; what is done stays
    }

    ImportOutcome take(ImportReport report)
    {
        for (auto& [order, outcome] : m_outcomes) {
            std::ranges::move(outcome.recordings, std::back_inserter(report.recordings));
            std::ranges::move(outcome.unanswered, std::back_inserter(report.unanswered));
            std::ranges::move(outcome.duplicates, std::back_inserter(report.duplicates));
            report.earlyPackets += outcome.earlyPackets;
            if (outcome.undecoded)
                report.undecoded.push_back(std::move(*outcome.undecoded));
        }
        return {std::move(report), std::move(m_stopped)};
    }

    void stop(const Error& error)
    {
        if (!m_stopped)
            m_stopped = error;
    }

private:
    std::mutex m_mutex;
    std::map<std::uint64_t, CallOutcome> m_outcomes;
    std::optional<Error> m_stopped;
};

} // namespace

std::optional<OutputFormat> parseOutputFormat(std::string_view name)
{
    const auto* found = std::ranges::find(kFormats, name, &std::pair<std::string_view, OutputFormat>::first);
    if (found == kFormats.end())
        return std::nullopt;
    return found->second;
}

ImportOutcome importCaptures(archive::Archive& archive, const std::vector<Path>& files,
                             const ImportOptions& options, Progress& progress)
{
    ImportReport report;
    Results results;
    capture::ReadOptions readOptions;
    readOptions.spoolDir = archive.spoolDir();
    readOptions.extraKeys = options.srtpKeys;
    readOptions.maxCalls = options.maxCalls;
    readOptions.maxStreams = options.maxStreams;
    {
        const unsigned workers = workersOf(options);
        WorkQueue queue(workers, workers);
        const auto record = [&](Pair& pair) {
            if (progress.cancelled())
                return;
            if (pair.size() == 1) {
                results.add(pair[0].order, recordCall(archive, pair[0].call, options, progress), progress);
                return;
            }
            auto outcomes = recordTwoCalls(archive, {&pair[0].call, &pair[1].call}, options, progress);
            for (std::size_t i = 0; i < outcomes.size(); ++i)
                results.add(pair[i].order, std::move(outcomes[i]), progress);
        };
        std::uint64_t order = 0;
        Pair gathered;
        const auto pass = [&] {
            queue.push([&, pair = std::make_shared<Pair>(std::exchange(gathered, {}))] { record(*pair); });
        };
        const auto sink = [&](capture::CapturedCall&& call) {
            gathered.push_back({order++, std::move(call)});
            if (gathered.size() == 2)
                pass();
        };
        auto stats = capture::readCaptures(files, readOptions, progress, sink, report.errors);
        if (!gathered.empty())
            pass();
        queue.drain();
        if (stats)
            report.stats = *stats;
        else
            results.stop(stats.error());
    }
    return results.take(std::move(report));
}

} // namespace sr::recorder
