// SPDX-License-Identifier: GPL-3.0-or-later
// Journals: the strict and the quick reader, and records that write down as they were read.
// links: sr::core_archive
#include "core/archive/journal.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span(data, size));
    static const sr::crypto::KeyRing ring = [] {
        sr::crypto::KeyRing one;
        one.add(sr::crypto::KeyPurpose::Integrity, sr::crypto::KeyOrigin::Default, sr::crypto::Secret(), {});
        return one;
    }();
    sr::MemorySource source(bytes);
    (void)sr::archive::scanJournal(source, "0000000000000000-0", ring,
                                   [](const sr::archive::JournalRecord&, const sr::archive::ChainValue&) {});
    (void)sr::archive::readJournalHeader(source, ring);
    (void)sr::archive::followJournal(source, 0, [](const sr::archive::JournalRecord& record, std::uint64_t) {
        const auto line = sr::archive::renderRecord(record);
        if (!line)
            return true;
        const auto again = sr::archive::parseRecord(*line + " " + std::string(64, '0'));
        if (!again || again->record != record)
            std::abort();
        return true;
    });
    return 0;
}
