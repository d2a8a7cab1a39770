// SPDX-License-Identifier: GPL-3.0-or-later
// Job records: three lines of words, then the content.
#include "core/archive/job.h"

#include "core/archive/instance.h"
#include "core/crypto/sealed.h"

namespace sr::archive {
namespace {

constexpr std::string_view kMagic = "switchroom-job 1\n";
constexpr std::uint64_t kJobMax = kSidecarMax + (2ULL << 20);
constexpr std::string_view kRingJob = "_ring";

std::string_view wordOf(JobKind kind)
{
    switch (kind) {
    case JobKind::Commit:
        return "commit";
    case JobKind::Convert:
        return "convert";
    case JobKind::Revise:
        return "revise";
    case JobKind::Ring:
        return "ring";
    }
    return "commit";
}

} // namespace

std::string jobFile(const std::string& uid)
{
    return (uid.empty() ? std::string(kRingJob) : uid) + std::string(kJobExtension);
}

Status writeJob(const Path& instanceDir, const Job& job)
{
    std::string text(kMagic);
    text += std::string(wordOf(job.kind)) + "\n" + job.uid + "\n" + job.staged + "\n";
    text += textOf(job.content);
    return writeFileAtomic(instanceDir / pathOf(jobFile(job.uid)), bytesOf(text));
}

Result<Job> readJob(const Path& file)
{
    auto bytes = readFile(file, kJobMax);
    if (!bytes)
        return bytes.error();
    std::string_view text = textOf(*bytes);
    const auto malformed = fail(BaseErrc::Malformed, "job " + utf8Of(file));
    if (!text.starts_with(kMagic))
        return malformed;
    text.remove_prefix(kMagic.size());
    const auto line = [&]() -> std::optional<std::string> {
        const auto end = text.find('\n');
        if (end == std::string_view::npos)
            return std::nullopt;
        std::string out(text.substr(0, end));
        text.remove_prefix(end + 1);
        return out;
    };
    const auto kind = line();
    const auto uid = line();
    const auto staged = line();
    if (!kind || !uid || !staged || staged->find('/') != std::string::npos)
        return malformed;
    Job job;
    bool known = false;
    for (const auto each : {JobKind::Commit, JobKind::Convert, JobKind::Revise, JobKind::Ring})
        if (*kind == wordOf(each)) {
            job.kind = each;
            known = true;
        }
    if (!known)
        return malformed;
    job.uid = *uid;
    job.staged = *staged;
    const auto rest = bytesOf(text);
    job.content.assign(rest.begin(), rest.end());
    return job;
}

std::set<std::string> openJobs(const Path& recDir)
{
    std::set<std::string> uids;
    const auto dirs = instanceDirs(recDir);
    if (!dirs)
        return uids;
    for (const auto& dir : *dirs)
        if (const auto entries = listDir(dir))
            for (const auto& entry : *entries)
                if (entry.name.ends_with(kJobExtension))
                    uids.insert(entry.name.substr(0, entry.name.size() - kJobExtension.size()));
    return uids;
}

} // namespace sr::archive
