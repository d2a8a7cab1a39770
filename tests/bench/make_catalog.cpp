// SPDX-License-Identifier: GPL-3.0-or-later
// Fills the catalog of an existing archive with synthetic rows, so that lists and filters can be looked at
// with a million recordings without a million files: make_catalog CONFIGDIR ARCHIVEID|ARCHIVEDIR [ROWS]. The
// rows have no files, so `reindex` brings the truth back.
#include "core/archive/catalog.h"
#include "tests/bench/synthetic_calls.h"

#include <QCoreApplication>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

using namespace sr;

namespace {

constexpr std::uint64_t kBatch = 5000;

/// The id from `<root>/TMP/archive.xml`, or the argument itself if it is no folder.
Result<std::string> archiveIdOf(const std::string& argument)
{
    const Path xml = pathOf(argument) / "TMP" / "archive.xml";
    if (!fileExists(xml))
        return argument;
    const auto bytes = readFile(xml, 1 << 20);
    if (!bytes)
        return bytes.error();
    std::string text(bytes->size(), '\0');
    std::transform(bytes->begin(), bytes->end(), text.begin(),
                   [](std::byte b) { return static_cast<char>(b); });
    const auto isHex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    for (std::size_t at = 0, run = 0; at < text.size(); ++at) {
        run = isHex(text[at]) ? run + 1 : 0;
        if (run == 32 && (at + 1 == text.size() || !isHex(text[at + 1])))
            return text.substr(at - 31, 32);
    }
    return fail(BaseErrc::Malformed, utf8Of(xml) + ": no archive id");
}

Status fill(const std::string& configDir, const std::string& archiveId, std::uint64_t rows)
{
    auto catalog = archive::Catalog::open(pathOf(configDir), archiveId);
    if (!catalog)
        return catalog.error();
    test::SyntheticCalls calls(1, rows, SystemClock().utcNow());
    for (std::uint64_t done = 0; done < rows;) {
        archive::Catalog::Batch batch;
        for (; batch.upserts.size() < kBatch && done < rows; ++done)
            batch.upserts.push_back(calls.next());
        batch.complete = done == rows;
        if (const auto applied = (*catalog)->apply(batch); !applied)
            return applied.error();
        std::fprintf(stderr, "\r%llu rows", static_cast<unsigned long long>(done));
    }
    std::fputs("\n", stderr);
    return {};
}

} // namespace

int main(int argc, char** argv)
{
    const QCoreApplication application(argc, argv);
    const std::uint64_t rows = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1'000'000;
    if (argc < 3 || argc > 4 || rows == 0) {
        std::fputs("usage: make_catalog CONFIGDIR ARCHIVEID|ARCHIVEDIR [ROWS]\n", stderr);
        return 2;
    }
    const auto id = archiveIdOf(argv[2]);
    const auto done = id ? fill(argv[1], *id, rows) : Status(id.error());
    if (!done)
        std::fprintf(stderr, "make_catalog: %s\n", done.error().text().c_str());
    return done ? 0 : 1;
}
