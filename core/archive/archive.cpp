// SPDX-License-Identifier: GPL-3.0-or-later
// Opening and making archives.
#include "core/archive/archive_xml.h"
#include "core/archive/folder_archive.h"
#include "core/archive/original.h"
#include "core/archive/verify.h"

namespace sr::archive {
namespace {

const char* textOfError(ArchiveErrc code) noexcept
{
    switch (code) {
    case ArchiveErrc::NotAnArchive:
        return "this folder is no archive";
    case ArchiveErrc::NewerVersion:
        return "written by a newer version of this program and left untouched";
    case ArchiveErrc::Duplicate:
        return "this call is already in the archive";
    case ArchiveErrc::NotFound:
        return "no such recording";
    case ArchiveErrc::Altered:
        return "integrity is violated";
    case ArchiveErrc::BadSidecar:
        return "the sidecar is not readable";
    case ArchiveErrc::BadArchiveXml:
        return "archive.xml is not readable";
    case ArchiveErrc::RingLocked:
        return "the archive's sealed key ring does not open with a recovery passphrase of this machine; "
               "nothing "
               "was changed";
    }
    return "unknown error of the archive";
}

std::string withoutPath(const Path& path)
{
    return utf8Of(path.filename());
}

} // namespace

const std::error_category& archiveCategory() noexcept
{
    static const EnumCategory<ArchiveErrc> category("archive", textOfError);
    return category;
}

Result<std::unique_ptr<Archive>> Archive::open(const Path& root, const ArchiveOptions& options,
                                               const crypto::MachineSecrets& secrets, const Clock& clock)
{
    return openArchive(root, options, secrets, clock, {});
}

Result<std::unique_ptr<Archive>> openArchive(const Path& root, const ArchiveOptions& options,
                                             const crypto::MachineSecrets& secrets, const Clock& clock,
                                             ArchiveSeams seams)
{
    auto opened = FolderArchive::open(root, options, secrets, clock, std::move(seams));
    if (!opened)
        return opened.error();
    return std::unique_ptr<Archive>(std::move(*opened));
}

FolderArchive::FolderArchive(Path root, const crypto::MachineSecrets& secrets, const Clock& clock,
                             ArchiveSeams seams)
    : m_root(std::move(root))
    , m_secrets(secrets)
    , m_clock(clock)
    , m_seams(std::move(seams))
{}

FolderArchive::~FolderArchive()
{
    if (m_catalog)
        (void)flushRows(); // what fails here comes back from the journals
    if (m_writer && m_writer->close())
        m_instance->writerIsDone();
}

Result<std::unique_ptr<FolderArchive>> FolderArchive::open(const Path& root, const ArchiveOptions& options,
                                                           const crypto::MachineSecrets& secrets,
                                                           const Clock& clock, ArchiveSeams seams)
{
    std::error_code code;
    const Path whole = std::filesystem::absolute(root, code);
    std::unique_ptr<FolderArchive> archive(
        new FolderArchive(code ? root : whole, secrets, clock, std::move(seams)));
    if (auto loaded = archive->loadXml(options); !loaded)
        return loaded.error();
    auto catalog = Catalog::open(options.configDir, archive->m_id);
    if (!catalog)
        return catalog.error();
    archive->m_catalog = std::move(*catalog);
    auto positions = archive->m_catalog->positions();
    if (!positions)
        return positions.error();
    archive->m_positions = std::move(*positions);
    if (auto ready = archive->makeReady(); !ready)
        return ready.error();
    return archive;
}

Status FolderArchive::makeReady()
{
    // What cannot be completed now must not keep anybody from reading; it is tried again before the next
    // change here and by every program that opens the archive.
    if (m_instance)
        (void)adoptDead();
    if (m_catalog->mustRebuild() || (m_foreign && treeHasChanged())) {
        Progress silent;
        if (auto rebuilt = reindex(silent); !rebuilt)
            return rebuilt.error();
    } else if (auto caught = catchUp(); !caught && caught.error().code != BaseErrc::DiskFull) {
        return caught;
    }
    // The passphrase that a new archive shows must open it, even if nothing ever follows.
    auto sealed = m_created ? saveSealedRing(m_secrets.ring) : Status{};
    return !sealed && sealed.error().code == BaseErrc::DiskFull ? Status{} : sealed;
}

bool FolderArchive::treeHasChanged() const
{
    const auto known = m_positions.find(std::string(kTreeMark));
    const auto mark = markOfTree(m_root);
    return known == m_positions.end() || !mark || *mark != known->second;
}

Status FolderArchive::startInstance()
{
    if (m_instance)
        return {};
    auto instance = Instance::create(recDir());
    if (instance)
        m_instance = std::move(*instance);
    else if (instance.error().code != BaseErrc::Denied && instance.error().code != BaseErrc::DiskFull)
        return instance.error();
    else // who may not or cannot write may still read
        m_noInstance = instance.error();
    auto store = openFolderStore(m_root, m_instance ? m_instance->dir() : m_root);
    if (!store)
        return store.error();
    m_store = std::move(*store);
    return {};
}

Status FolderArchive::loadXml(const ArchiveOptions& options)
{
    if (!fileExists(m_root)) {
        if (!options.create)
            return fail(ArchiveErrc::NotAnArchive, utf8Of(m_root));
        if (auto made = makeDirs(m_root); !made)
            return made;
    }
    const auto document = readFile(m_root / pathOf(kArchiveXmlFile), kArchiveXmlMax);
    if (!document && document.error().code != BaseErrc::NotFound &&
        document.error().code != BaseErrc::TooLarge)
        return document.error();
    const auto xml = document ? readArchiveXml(textOf(*document), m_secrets.ring)
                              : Result<ArchiveXml>(fail(ArchiveErrc::NotAnArchive, utf8Of(m_root)));
    std::string zone;
    if (xml) {
        m_id = xml->id;
        zone = xml->zone;
        m_xmlSha256 = toHex(crypto::sha256(*document));
    } else {
        if (xml.error().code == ArchiveErrc::NewerVersion)
            return xml.error();
        // A changed or lost archive.xml must not stop the recorder: the journals know the same, verify tells.
        const auto header = headerFromJournals();
        if (!header) {
            const bool none = !document && header.error().code == BaseErrc::NotFound;
            if (none && options.create)
                return createXml(options);
            return none && looksLikeOriginal(m_root) ? openOriginal(options) : xml.error();
        }
        m_id = header->archiveId;
        zone = header->zone;
        m_xmlSha256 = header->xmlSha256;
    }
    auto known = Zone::of(zone);
    if (!known)
        return known.error();
    m_zone = std::make_unique<Zone>(std::move(*known));
    return startInstance();
}

Status FolderArchive::openOriginal(const ArchiveOptions& options)
{
    auto zone = Zone::of(options.timeZone.empty() ? Zone::machineId() : options.timeZone);
    if (!zone)
        return zone.error();
    m_foreign = true;
    m_id = idOfOriginal(m_root);
    m_zone = std::make_unique<Zone>(std::move(*zone));
    m_noInstance =
        Error{BaseErrc::Denied, "the archive of another recorder, which an import into it takes over"};
    auto store = openFolderStore(m_root, m_root);
    if (!store)
        return store.error();
    m_store = std::move(*store);
    return {};
}

Status FolderArchive::createXml(const ArchiveOptions& options)
{
    auto zone = Zone::of(options.timeZone.empty() ? Zone::machineId() : options.timeZone);
    if (!zone)
        return zone.error();
    const auto* key = m_secrets.ring.active(crypto::KeyPurpose::Integrity);
    if (key == nullptr)
        return fail(crypto::CryptoErrc::UnknownKey, "the ring has no integrity key");
    std::array<std::byte, 16> id{};
    if (auto random = crypto::randomBytes(id); !random)
        return random;
    if (auto started = startInstance(); !started)
        return started;
    if (auto may = needInstance(); !may)
        return may;
    const auto document = writeArchiveXml({toHex(id), zone->id()}, *key);
    auto put = m_store->putBytes(bytesOf(document), std::string(kArchiveXmlFile), Store::IfThere::Refuse);
    if (!put && put.error().code == BaseErrc::Exists) { // another program was quicker
        ArchiveOptions existing = options;
        existing.create = false;
        return loadXml(existing);
    }
    if (!put)
        return put;
    m_id = toHex(id);
    m_xmlSha256 = toHex(crypto::sha256(bytesOf(document)));
    m_zone = std::make_unique<Zone>(std::move(*zone));
    m_created = true;
    return {};
}

Result<JournalHeader> FolderArchive::headerFromJournals()
{
    const Path folder = m_root / pathOf(kJournalFolder);
    const auto entries = listDir(folder);
    if (!entries)
        return entries.error();
    auto last = fail(BaseErrc::NotFound, "journals in " + utf8Of(folder));
    for (const auto& entry : *entries) {
        if (entry.isDirectory || entry.name.ends_with(".lock"))
            continue;
        auto file = File::open(folder / pathOf(entry.name), OpenMode::Read);
        if (!file)
            continue;
        auto header = readJournalHeader(**file, m_secrets.ring);
        if (header)
            return header;
        last = header.error();
    }
    return last;
}

Status FolderArchive::step(std::string_view name) const
{
    return m_seams.onStep ? m_seams.onStep(name) : Status{};
}

Status FolderArchive::needInstance() const
{
    if (m_instance)
        return {};
    const Error why = m_noInstance ? *m_noInstance : Error{BaseErrc::Denied, {}};
    return Error{why.code, "write into archive " + withoutPath(m_root) + ": " + why.context};
}

Result<JournalWriter*> FolderArchive::writer()
{
    if (auto may = needInstance(); !may)
        return may.error();
    const std::lock_guard guard(m_writerMutex);
    if (!m_writer) {
        const JournalIdentity identity{m_secrets.writerSeed, m_id, m_zone->id(), m_xmlSha256};
        // Noted before the first record: whoever adopts this folder repairs that journal.
        auto opened =
            JournalWriter::open(m_root, identity, m_secrets.ring, m_instance->dir(), m_clock,
                                [this](const std::string& id) { return m_instance->noteWriter(id); });
        if (!opened)
            return opened.error();
        m_writer = std::move(*opened);
        if (m_adoptionOwed)
            m_writer->oweTwin();
    }
    return m_writer.get();
}

void FolderArchive::stampLocal(UtcTime time, RecordingName& name, int& utcOffsetMinutes) const
{
    utcOffsetMinutes = m_zone->stamp(time, name);
}

Path FolderArchive::spoolDir() const
{
    return m_instance ? m_instance->dir() : Path();
}

} // namespace sr::archive
