// SPDX-License-Identifier: GPL-3.0-or-later
// Verify of the whole archive, also while other programs write into it.
#include "core/archive/verify.h"

#include "core/archive/folder_archive.h"

namespace sr::archive {
namespace {

constexpr int kPasses = 3; ///< a finding must outlive changes by other programs

Status sumUp(VerifyContext& context, std::vector<std::string>& months)
{
    auto top = context.store.list("");
    if (!top)
        return top.error();
    for (const auto& entry : *top)
        if (entry.isFolder && (isMonthFolder(entry.name) || entry.name == "TMP")) {
            if (entry.name != "TMP")
                months.push_back(entry.name);
            auto entries = context.store.list(entry.name);
            if (!entries)
                return entries.error();
            for (const auto& file : *entries)
                context.total += file.isFolder ? 0 : file.bytes;
        }
    if (auto journals = context.store.list(std::string(kJournalFolder)))
        for (const auto& file : *journals)
            context.total += file.bytes;
    return {};
}

Result<VerifyReport> onePass(VerifyContext& context)
{
    VerifyReport report;
    std::vector<std::string> months;
    if (auto summed = sumUp(context, months); !summed)
        return summed.error();
    auto knowledge = readJournals(context, report);
    if (!knowledge)
        return knowledge.error();
    if (auto checked = checkTwin(context, *knowledge, report); !checked)
        return checked.error();
    if (auto checked = checkSurroundings(context, *knowledge, report); !checked)
        return checked.error();
    TreeCheck tree(context, *knowledge);
    for (const auto& month : months)
        if (auto checked = tree.checkMonth(month); !checked)
            return checked.error();
    tree.conclude();
    report.checked += tree.checked();
    for (auto& finding : tree.takeFindings())
        report.findings.push_back(std::move(finding));
    return report;
}

} // namespace

std::uint64_t journalOctets(Store& store)
{
    std::uint64_t sum = 0;
    if (auto journals = store.list(std::string(kJournalFolder)))
        for (const auto& file : *journals)
            sum += file.bytes;
    return sum;
}

Result<VerifyReport> FolderArchive::verify(Progress& progress)
{
    if (auto flushed = flushRows(); !flushed)
        return flushed.error();
    std::optional<VerifyReport> last;
    for (int pass = 0; pass < kPasses; ++pass) {
        VerifyContext context{m_root, *m_store, m_secrets.ring, m_id, progress, m_foreign};
        const auto before = journalOctets(*m_store);
        const auto jobs = openJobs(recDir());
        auto report = onePass(context);
        if (!report)
            return report;
        const auto after = openJobs(recDir());
        const bool quiet = jobs.empty() && after.empty() && journalOctets(*m_store) == before;
        // Work under way is no manipulation: what a job still has to do is looked at by the next verify.
        std::erase_if(report->findings, [&](const VerifyFinding& finding) {
            return !finding.uid.empty() && (jobs.contains(finding.uid) || after.contains(finding.uid));
        });
        if (quiet || report->findings.empty())
            return report;
        if (last) { // findings that outlived other programs' work
            std::erase_if(report->findings, [&](const VerifyFinding& finding) {
                return std::none_of(last->findings.begin(), last->findings.end(),
                                    [&](const VerifyFinding& old) {
                                        return old.file == finding.file && old.kind == finding.kind;
                                    });
            });
            if (report->findings.empty() || pass + 1 == kPasses)
                return report;
        }
        last = std::move(*report);
    }
    return std::move(*last);
}

} // namespace sr::archive
