// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences of the errors about backups.
#include "core/engine/backup_error.h"

namespace sr::engine {
namespace {

const char* text(BackupErrc e) noexcept
{
    switch (e) {
    case BackupErrc::NoBackup:
        return "this is no backup of a configuration";
    case BackupErrc::NewerVersion:
        return "the backup was made by a newer program; restore it with that one";
    case BackupErrc::WrongPassphrase:
        return "the passphrase does not open the backup";
    case BackupErrc::Damaged:
        return "the backup was altered or cut since it was made";
    case BackupErrc::WeakPassphrase:
        return "the passphrase of a backup has 8 characters at least: it guards every key of this machine";
    case BackupErrc::Used:
        return "there is a configuration already";
    case BackupErrc::Running:
        return "a service runs on this configuration; stop it first";
    }
    return "unknown error about backups";
}

} // namespace

const std::error_category& backupCategory() noexcept
{
    static const EnumCategory<BackupErrc> category("backup", &text);
    return category;
}

} // namespace sr::engine
