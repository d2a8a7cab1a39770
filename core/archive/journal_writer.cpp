// SPDX-License-Identifier: GPL-3.0-or-later
// Group commit: whoever comes first writes for all who wait.
#include "core/archive/journal_writer.h"

#include "core/archive/iso_time.h"

namespace sr::archive {
namespace {

constexpr unsigned kSlots = 256;
constexpr std::size_t kTail = 64U << 10U;

} // namespace

/// Records that reach the disk together.
struct JournalWriter::Group {
    std::string lines;
    std::string twin;
    std::uint64_t lastSeq = 0;
    ChainValue head{};
    std::optional<Status> result;
};

JournalWriter::~JournalWriter()
{
    (void)close();
}

bool JournalWriter::close()
{
    if (m_twinOwed && m_file)
        m_twinOwed = !completeTwin(m_root, m_id, *m_file);
    if (m_twin)
        (void)m_twin->sync();
    return !m_twinOwed;
}

std::uint64_t JournalWriter::end() const
{
    const std::lock_guard guard(m_mutex);
    return m_end;
}

Result<std::unique_ptr<JournalWriter>> JournalWriter::open(const Path& root, const JournalIdentity& identity,
                                                           const crypto::KeyRing& ring, const Path& staging,
                                                           const Clock& clock, const Chosen& chosen)
{
    const auto* key = ring.active(crypto::KeyPurpose::Integrity);
    if (key == nullptr)
        return fail(crypto::CryptoErrc::UnknownKey, "the ring has no integrity key");
    const Path folder = root / pathOf(kJournalFolder);
    if (auto made = makeDirs(folder); !made)
        return made.error();
    const auto signer = std::make_shared<const crypto::SigningKey>(identity.seed);
    for (unsigned slot = 0; slot < kSlots; ++slot) {
        std::unique_ptr<JournalWriter> writer(new JournalWriter);
        writer->m_clock = &clock;
        writer->m_signer = signer;
        writer->m_id = writerIdOf(signer->publicKey(), slot);
        writer->m_root = root;
        writer->m_twinPath = root / pathOf(kTwinFile);
        auto lock = File::open(folder / (writer->m_id + ".lock"), OpenMode::ReadWrite);
        if (!lock)
            return lock.error();
        if (auto held = (*lock)->lock(); !held) {
            if (held.error().code == BaseErrc::Locked)
                continue;
            return held.error();
        }
        writer->m_lock = std::move(*lock);
        if (auto noted = chosen(writer->m_id); !noted)
            return noted.error();
        if (!fileExists(folder / writer->m_id))
            if (auto made = writer->create(root, identity, *key, staging); !made)
                return made.error();
        auto file = File::open(folder / writer->m_id, OpenMode::ReadWrite);
        if (!file)
            return file.error();
        writer->m_file = std::move(*file);
        // A journal that is not sound to its end stays as it is, for verify to report; the next slot serves.
        if (writer->resume(ring, identity.archiveId))
            return writer;
    }
    return fail(BaseErrc::Locked, "all journals of this machine are in use");
}

Status JournalWriter::create(const Path& root, const JournalIdentity& identity, const crypto::Key& key,
                             const Path& staging)
{
    JournalRecord first;
    first.seq = 1;
    first.timeMs = millisecondsOf(m_clock->utcNow());
    first.kind = JournalKind::Open;
    first.extra = renderHeader(
        {m_id, m_signer->publicKey(), identity.archiveId, identity.zone, identity.xmlSha256, key.id});
    auto line = renderRecord(first);
    if (!line)
        return line.error();
    const auto head = chained(key.secret, ChainValue{}, *line);
    const auto text = *line + " " + toHex(head) + "\n" + signatureLine(*m_signer, m_id, 1, head);
    const Path staged = staging / ("journal-" + m_id);
    if (auto written = writeFileAtomic(staged, bytesOf(text)); !written)
        return written;
    const Path target = root / pathOf(kJournalFolder) / m_id;
    if (auto moved = renameNew(staged, target); !moved)
        return moved;
    if (auto synced = syncDir(target.parent_path()); !synced)
        return synced;
    endTwinLine();
    writeTwin(twinLine(m_id, first, toHex(head)));
    return {};
}

Status JournalWriter::resume(const crypto::KeyRing& ring, const std::string& archiveId)
{
    const auto unsound = fail(BaseErrc::Malformed, "journal " + m_id);
    const std::uint64_t size = m_file->size();
    // Who writes, and under which key: the first line.
    std::optional<JournalHeader> header;
    auto first = followJournal(*m_file, 0, [&](const JournalRecord& record, std::uint64_t) {
        if (auto read = parseHeader(record.extra))
            header = *read;
        return false;
    });
    if (!first)
        return first.error();
    if (!header || header->writer != m_id || header->archiveId != archiveId ||
        header->publicKey != m_signer->publicKey())
        return unsound;
    const auto* key = ring.find(header->keyId);
    if (key == nullptr)
        return unsound;
    // Where it stands: the last two lines.
    const std::uint64_t from = size > kTail ? size - kTail : 0;
    Bytes tail(static_cast<std::size_t>(size - from));
    auto got = m_file->readAt(from, tail);
    if (!got)
        return got.error();
    std::string_view text = textOf(tail);
    if (*got != tail.size() || text.empty() || text.back() != '\n')
        return unsound;
    text.remove_suffix(1);
    const auto lastStart = text.rfind('\n');
    if (lastStart == std::string_view::npos)
        return unsound;
    const auto signature = text.substr(lastStart + 1);
    text = text.substr(0, lastStart);
    const auto parsed = parseRecord(text.substr(text.rfind('\n') + 1)); // npos + 1 is the start
    if (!parsed)
        return unsound;
    const auto mac = fromHex(parsed->mac);
    if (!mac || mac->size() != m_head.size())
        return unsound;
    std::copy(mac->begin(), mac->end(), m_head.begin());
    if (!checkSignatureLine(signature, header->publicKey, m_id, parsed->record.seq, m_head))
        return unsound;
    m_key = key->secret;
    m_seq = m_durableSeq = parsed->record.seq;
    m_durableHead = m_head;
    m_begin = m_end = size;
    return {};
}

Result<JournalWriter::Appended> JournalWriter::append(JournalRecord record)
{
    std::unique_lock lock(m_mutex);
    record.seq = m_seq + 1;
    record.timeMs = millisecondsOf(m_clock->utcNow());
    auto line = renderRecord(record);
    if (!line)
        return line.error();
    m_head = chained(m_key, m_head, *line);
    m_seq = record.seq;
    const auto mac = toHex(m_head);
    if (!m_group)
        m_group = std::make_shared<Group>();
    const auto group = m_group;
    group->lines += *line + " " + mac + "\n";
    group->twin += twinLine(m_id, record, mac);
    group->lastSeq = m_seq;
    group->head = m_head;
    // The first of a group writes for it, as soon as the group before is on the disk.
    m_flushed.wait(lock, [&] { return group->result.has_value() || !m_busy; });
    if (!group->result) {
        m_busy = true;
        m_group.reset();
        lock.unlock();
        auto status = flush(*group);
        lock.lock();
        m_busy = false;
        group->result = std::move(status);
        m_flushed.notify_all();
    }
    if (!*group->result)
        return group->result->error();
    return Appended{{m_id, record.seq, mac}, record.timeMs};
}

Status JournalWriter::flush(Group& group)
{
    group.lines += signatureLine(*m_signer, m_id, group.lastSeq, group.head);
    const std::uint64_t at = m_end; // only the writing thread changes it
    auto status = m_file->writeAt(at, bytesOf(group.lines));
    if (status)
        status = m_file->sync();
    if (!status) {
        // Nobody was told of these records: take them back, with all that chained to them meanwhile.
        (void)m_file->truncate(at);
        const std::lock_guard guard(m_mutex);
        m_seq = m_durableSeq;
        m_head = m_durableHead;
        if (m_group) {
            m_group->result = status;
            m_group.reset();
        }
        return status;
    }
    writeTwin(group.twin);
    const std::lock_guard guard(m_mutex);
    m_end = at + group.lines.size();
    m_durableSeq = group.lastSeq;
    m_durableHead = group.head;
    return {};
}

/// The original's log, which may end without a line end, goes on in a line of its own.
void JournalWriter::endTwinLine()
{
    auto twin = File::open(m_twinPath, OpenMode::Read);
    Bytes last(1);
    if (!twin || (*twin)->size() == 0 || !(*twin)->readAt((*twin)->size() - 1, last) ||
        last[0] == std::byte{'\n'})
        return;
    if (auto log = File::open(m_twinPath, OpenMode::Append))
        (void)(*log)->write(bytesOf("\n")); // else the next line is found to be missing and written again
}

void JournalWriter::writeTwin(const std::string& lines)
{
    if (m_twinOwed) {
        m_twinOwed = !completeTwin(m_root, m_id, *m_file);
        return;
    }
    if (!m_twin) {
        auto opened = File::open(m_twinPath, OpenMode::Append);
        if (opened)
            m_twin = std::move(*opened);
    }
    // The journal is what counts; a twin that could not follow is completed with the next record.
    m_twinOwed = !m_twin || !m_twin->write(bytesOf(lines));
}

} // namespace sr::archive
