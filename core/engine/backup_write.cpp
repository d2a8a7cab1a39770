// SPDX-License-Identifier: GPL-3.0-or-later
// Saving a configuration.
#include "core/crypto/key_store.h"
#include "core/crypto/wipe.h"
#include "core/engine/backup_file.h"
#include "core/engine/backup_layout.h"
#include "core/engine/config_backup.h"
#include "core/settings/settings.h"
#include "core/store/snapshot.h"

#include <QDateTime>
#include <QSysInfo>
#include <QXmlStreamWriter>

#include <algorithm>
#include <array>

namespace sr::engine {
namespace {

/// What a machine makes anew, or what is no configuration.
constexpr std::array kLeftOut{"catalog", "cdr", "keys", "log", "record-to", "run", "spool"};
constexpr std::string_view kDatabase = ".sqlite";
constexpr std::array<std::string_view, 5> kPassing{".lock", "-wal", "-shm", "-journal", ".backup"};

bool isLeftOut(const DirEntry& entry, bool top)
{
    if (top && entry.isDirectory && std::ranges::count(kLeftOut, entry.name))
        return true;
    const auto ends = [&](std::string_view end) { return entry.name.ends_with(end); };
    return !entry.isDirectory && (std::ranges::any_of(kPassing, ends) || entry.name == "lock" ||
                                  entry.name.find(".new") != std::string::npos); // of writeFileAtomic()
}

std::string manifestOf(const Clock& clock)
{
    const auto now = std::chrono::floor<seconds>(clock.utcNow()).time_since_epoch().count();
    QByteArray out;
    QXmlStreamWriter xml(&out);
    xml.writeStartElement(QStringLiteral("backup"));
    xml.writeAttribute(QStringLiteral("version"), QString::number(kBackupVersion));
    xml.writeAttribute(QStringLiteral("program"), QStringLiteral(SR_VERSION));
    xml.writeAttribute(QStringLiteral("machine"), QSysInfo::machineHostName());
    xml.writeAttribute(QStringLiteral("made"),
                       QDateTime::fromSecsSinceEpoch(now, Qt::UTC).toString(Qt::ISODate));
    xml.writeEndElement();
    return out.toStdString();
}

class Saver {
public:
    Saver(const Path& configDir, BackupWriter& writer)
        : m_configDir(configDir)
        , m_writer(writer)
    {}

    Status folder(const Path& dir, const std::string& prefix, bool top)
    {
        auto entries = listDir(dir);
        if (!entries)
            return entries.error();
        std::ranges::sort(*entries, {}, &DirEntry::name);
        for (const DirEntry& entry : *entries) {
            if (isLeftOut(entry, top))
                continue;
            const Path path = dir / pathOf(entry.name);
            const std::string name = prefix + entry.name;
            const Status done = entry.isDirectory                 ? folder(path, name + "/", false)
                                : entry.name.ends_with(kDatabase) ? database(path, name)
                                                                  : file(path, name);
            if (!done)
                return done;
        }
        return {};
    }

    /// Files that settings name, wherever they are.
    Status outside(const settings::Settings& settings)
    {
        for (const settings::Definition& definition : settings::definitions()) {
            if (definition.type != settings::SettingType::Path)
                continue;
            const auto value = settings.text(QString::fromLatin1(definition.key));
            if (!value || value->isEmpty() || isFolder(pathOf(value->toStdString())))
                continue;
            const auto bytes = readFile(pathOf(value->toStdString()), kSmallMost);
            if (!bytes) {
                m_report.missing.emplace_back(definition.key);
                continue;
            }
            if (auto added = m_writer.add(std::string(kOutside) + definition.key, *bytes); !added)
                return added;
            ++m_report.files;
        }
        return {};
    }

    BackupReport take() { return std::move(m_report); }

private:
    Status file(const Path& path, const std::string& name)
    {
        auto opened = File::open(path, OpenMode::Read);
        if (!opened && opened.error().code == BaseErrc::NotFound)
            return {}; // it went meanwhile
        if (!opened)
            return opened.error();
        ++m_report.files;
        return m_writer.add(name, **opened);
    }

    Status database(const Path& path, const std::string& name)
    {
        Path copy = path;
        copy += ".backup";
        if (auto removed = removeFile(copy); !removed) // of a backup that was killed
            return removed;
        if (auto made = File::open(copy, OpenMode::CreateNew); !made)
            return made.error();
        auto done = makePrivate(copy);
        if (done)
            done = store::snapshotDatabase(path, copy);
        if (done)
            done = file(copy, name);
        const auto removed = removeFile(copy);
        return done ? removed : done;
    }

    const Path& m_configDir;
    BackupWriter& m_writer;
    BackupReport m_report;
};

Result<BackupReport> save(const Path& configDir, ByteSink& out, std::string_view passphrase,
                          const Clock& clock)
{
    const auto secrets = crypto::loadSecrets(configDir);
    if (!secrets)
        return secrets.error();
    const auto settings = settings::Settings::open(configDir, *secrets);
    if (!settings)
        return settings.error();
    const auto writer = BackupWriter::create(out, passphrase);
    if (!writer)
        return writer.error();
    Bytes clear = crypto::serializeSecrets(*secrets);
    const crypto::WipeLater wiped(clear);
    Saver saver(configDir, **writer);
    auto done = (*writer)->add(kManifest, bytesOf(manifestOf(clock)));
    if (done)
        done = (*writer)->add(kSecrets, clear);
    if (done)
        done = saver.folder(configDir, std::string(kInside), true);
    if (done)
        done = saver.outside(**settings);
    if (done)
        done = (*writer)->finish();
    return done ? Result<BackupReport>(saver.take()) : done.error();
}

} // namespace

Result<BackupReport> backupConfig(const Path& configDir, const Path& file, std::string_view passphrase,
                                  const Clock& clock)
{
    Path beside = file;
    beside += ".new";
    (void)removeFile(beside); // of a backup that was killed
    Result<BackupReport> report = fail(BaseErrc::Io, "");
    {
        auto out = File::open(beside, OpenMode::CreateNew);
        if (!out)
            return out.error();
        report = save(configDir, **out, passphrase, clock);
        if (report)
            if (auto synced = (*out)->sync(); !synced)
                report = synced.error();
    }
    if (report)
        if (auto named = renameReplace(beside, file); !named)
            report = named.error();
    if (report)
        (void)syncDir(file.has_parent_path() ? file.parent_path() : Path("."));
    else
        (void)removeFile(beside);
    return report;
}

} // namespace sr::engine
