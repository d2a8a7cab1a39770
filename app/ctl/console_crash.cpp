// SPDX-License-Identifier: GPL-3.0-or-later
// The notes of a crash say addresses; whoever has the program finds the places (addr2line).
#include "app/ctl/console_crash.h"

#include "app/ctl/command.h"
#include "core/base/crash_note.h"
#include "core/engine/engine.h"

namespace sr::ctl {
namespace {

constexpr std::uint64_t kShownMost = 2 * kCrashNotesMost; ///< the last note goes over the limit

} // namespace

int runCrash(const Path& configDir, const QStringList& words)
{
    const Path file = configDir / engine::kLogFolder / engine::kCrashNotesName;
    const QString action = words.value(0, QStringLiteral("show"));
    if (action != QLatin1String("show") && action != QLatin1String("clear"))
        return wrongUse("crash show | clear.");
    if (!fileExists(file)) {
        print("The service has not crashed.");
        return Ok;
    }
    if (action == QLatin1String("clear")) {
        const Status removed = removeFile(file);
        if (!removed)
            return failWith(removed.error());
        print("Forgotten.");
        return Ok;
    }
    const auto notes = readFile(file, kShownMost);
    if (!notes)
        return failWith(notes.error());
    print(std::string(textOf(*notes)));
    return Ok;
}

} // namespace sr::ctl
