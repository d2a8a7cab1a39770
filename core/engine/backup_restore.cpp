// SPDX-License-Identifier: GPL-3.0-or-later
// Bringing a configuration back: all of it beside first, then in its place.
#include "core/crypto/key_store.h"
#include "core/crypto/wipe.h"
#include "core/engine/backup_file.h"
#include "core/engine/backup_layout.h"
#include "core/engine/config_backup.h"
#include "core/engine/engine.h"
#include "core/settings/settings.h"

#include <QDateTime>
#include <QXmlStreamReader>

#include <algorithm>

namespace sr::engine {
namespace {

constexpr const char* kStaging = ".restoring"; ///< the folder under way
constexpr const char* kRestored = "restored";  ///< folder in `<config>` for files that stood outside

bool isLock(const std::string& name)
{
    return name == "lock" || name.ends_with(".lock");
}

/// Held while it lives. Nothing where there is no folder.
Result<std::unique_ptr<File>> lockService(const Path& configDir)
{
    if (!isFolder(configDir))
        return std::unique_ptr<File>();
    auto file = File::open(configDir / kServiceLockName, OpenMode::ReadWrite);
    if (!file)
        return file.error();
    auto locked = (*file)->lock();
    if (!locked && locked.error().code == BaseErrc::Locked)
        return fail(BackupErrc::Running, utf8Of(configDir));
    if (!locked)
        return locked.error();
    return file;
}

/// `<path><suffix>` also where `path` ends with a separator.
Path besideOf(const Path& path, const std::string& suffix)
{
    Path beside = path.has_filename() ? path : path.parent_path();
    beside += suffix;
    return beside;
}

Result<RestoreReport> readManifest(const Bytes& xml)
{
    const std::string_view text = textOf(xml);
    QXmlStreamReader reader(QByteArray(text.data(), static_cast<qsizetype>(text.size())));
    if (!reader.readNextStartElement() || reader.name() != u"backup")
        return fail(BackupErrc::NoBackup, "no manifest");
    const auto attributes = reader.attributes();
    if (attributes.value(QLatin1String("version")).toInt() > kBackupVersion)
        return fail(BackupErrc::NewerVersion,
                    "Switchroom " + attributes.value(QLatin1String("program")).toString().toStdString());
    RestoreReport report;
    report.made = attributes.value(QLatin1String("made")).toString().toStdString();
    report.machine = attributes.value(QLatin1String("machine")).toString().toStdString();
    return report;
}

/// A file that stood outside.
struct Outside {
    std::string setting;
    Bytes content;
};

/// Builds the folder.
class Restorer {
public:
    Restorer(BackupReader& reader, Path staging, Path configDir)
        : m_reader(reader)
        , m_staging(std::move(staging))
        , m_configDir(std::move(configDir))
    {}

    Result<RestoreReport> run()
    {
        auto first = m_reader.next();
        if (!first)
            return first.error();
        if (!*first || (*first)->name != kManifest)
            return fail(BackupErrc::NoBackup, "no manifest");
        const auto xml = m_reader.read(kSmallMost);
        if (!xml)
            return xml.error();
        auto report = readManifest(*xml);
        if (!report)
            return report;
        if (auto done = entries(); !done)
            return done.error();
        if (auto done = placeOutside(*report); !done)
            return done.error();
        return report;
    }

private:
    Status entries()
    {
        for (;;) {
            const auto entry = m_reader.next();
            if (!entry)
                return entry.error();
            if (!*entry)
                return m_secrets ? Status() : Status(fail(BackupErrc::NoBackup, "no secrets"));
            if (auto done = place((*entry)->name); !done)
                return done;
        }
    }

    Status place(const std::string& name)
    {
        if (name == kSecrets)
            return placeSecrets();
        if (name.starts_with(kInside))
            return placeFile(m_staging / pathOf(name.substr(kInside.size())));
        if (!name.starts_with(kOutside))
            return {}; // of a later program that did not raise the version: it can do without
        auto content = m_reader.read(kSmallMost);
        if (!content)
            return content.error();
        m_outside.push_back({name.substr(kOutside.size()), std::move(*content)});
        return {};
    }

    Status placeSecrets()
    {
        auto clear = m_reader.read(kSmallMost);
        if (!clear)
            return clear.error();
        const crypto::WipeLater wiped(*clear);
        auto secrets = crypto::parseSecrets(*clear);
        if (!secrets && secrets.error().code == crypto::CryptoErrc::NewerVersion)
            return fail(BackupErrc::NewerVersion, "");
        if (!secrets)
            return secrets.error();
        if (auto saved = crypto::saveSecrets(m_staging, *secrets); !saved)
            return saved;
        m_secrets = std::move(*secrets);
        return {};
    }

    Status placeFile(const Path& path)
    {
        if (auto made = makeDirs(path.parent_path()); !made)
            return made;
        auto file = File::open(path, OpenMode::CreateNew);
        if (!file)
            return file.error();
        auto done = makePrivate(path);
        if (done)
            done = m_reader.copyTo(**file);
        return done ? (*file)->sync() : done;
    }

    /// A file that is still where the setting says stays; else the setting names its place in `<config>`.
    Status placeOutside(RestoreReport& report)
    {
        if (m_outside.empty())
            return {};
        const auto settings = settings::Settings::open(m_staging, *m_secrets);
        if (!settings)
            return settings.error();
        for (const Outside& one : m_outside) {
            const QString key = QString::fromStdString(one.setting);
            const auto value = (*settings)->text(key);
            if (!value)
                continue; // of a later program
            const auto there = readFile(pathOf(value->toStdString()), kSmallMost);
            if (there && *there == one.content)
                continue;
            const Path name = Path(kRestored) / pathOf(one.setting + ".pem");
            if (auto made = makeDirs(m_staging / kRestored); !made)
                return made;
            if (auto written = writeFileAtomic(m_staging / name, one.content, true); !written)
                return written;
            const std::string path = utf8Of(std::filesystem::absolute(m_configDir) / name);
            if (auto set = (*settings)->setText(key, QString::fromStdString(path)); !set)
                return set;
            report.moved.push_back(one.setting);
        }
        return report.moved.empty() ? Status() : (*settings)->save();
    }

    BackupReader& m_reader;
    const Path m_staging;
    const Path m_configDir;
    std::optional<crypto::MachineSecrets> m_secrets;
    std::vector<Outside> m_outside;
};

/// What has been built into the folder, which is unused.
Status moveInto(const Path& staging, const Path& configDir)
{
    if (auto made = makeDirs(configDir); !made)
        return made;
    const auto entries = listDir(staging);
    if (!entries)
        return entries.error();
    for (const DirEntry& entry : *entries) {
        const Path to = configDir / pathOf(entry.name);
        if (entry.isDirectory && isFolder(to)) // it has nothing but locks
            if (auto removed = removeTree(to); !removed)
                return removed;
        if (auto moved = renameReplace(staging / pathOf(entry.name), to); !moved)
            return moved;
    }
    return syncDir(configDir);
}

} // namespace

bool isUnused(const Path& configDir)
{
    const auto entries = listDir(configDir);
    return !entries || std::ranges::all_of(*entries, [&](const DirEntry& entry) {
        return entry.isDirectory ? isUnused(configDir / pathOf(entry.name)) : isLock(entry.name);
    });
}

Result<Path> putConfigAside(const Path& configDir, const Clock& clock)
{
    {
        const auto lock = lockService(configDir);
        if (!lock)
            return lock.error();
    } // Windows moves no folder with an open file in it
    const auto now = std::chrono::floor<seconds>(clock.utcNow()).time_since_epoch().count();
    const std::string time =
        QDateTime::fromSecsSinceEpoch(now, Qt::UTC).toString(QStringLiteral("yyyyMMdd-HHmmss")).toStdString();
    Path former = besideOf(configDir, ".before-" + time);
    for (int count = 2; fileExists(former) || isFolder(former); ++count)
        former = besideOf(configDir, ".before-" + time + "-" + std::to_string(count));
    if (auto moved = renameNew(configDir, former); !moved)
        return moved.error();
    return former;
}

namespace {

/// If the new one cannot take the place, the former has it again.
Status exchange(const Path& staging, const Path& configDir, const Clock& clock, Path& former)
{
    auto aside = putConfigAside(configDir, clock);
    if (!aside)
        return aside.error();
    auto placed = renameNew(staging, configDir);
    if (!placed)
        (void)renameNew(*aside, configDir);
    else
        former = std::move(*aside);
    return placed;
}

} // namespace

Result<RestoreReport> restoreConfig(const Path& file, const Path& configDir, std::string_view passphrase,
                                    bool replace, const Clock& clock)
{
    (void)removeTree(configDir / kStaging); // of a restore that was killed
    const bool unused = isUnused(configDir);
    if (!unused && !replace)
        return fail(BackupErrc::Used, utf8Of(configDir));
    if (const auto lock = lockService(configDir); !lock)
        return lock.error();
    auto opened = File::open(file, OpenMode::Read);
    if (!opened)
        return opened.error();
    const auto reader = BackupReader::open(std::move(*opened), passphrase);
    if (!reader)
        return reader.error();
    // Who may not write beside the folder can still fill an empty one.
    const Path staging = unused && isFolder(configDir) ? configDir / kStaging : besideOf(configDir, kStaging);
    if (auto removed = removeTree(staging); !removed)
        return removed.error();
    if (auto made = makeDirs(staging); !made)
        return made.error();
    auto report = Restorer(**reader, staging, configDir).run();
    if (report) {
        const Status done =
            unused ? moveInto(staging, configDir) : exchange(staging, configDir, clock, report->former);
        if (!done)
            report = done.error();
    }
    (void)removeTree(staging);
    return report;
}

} // namespace sr::engine
