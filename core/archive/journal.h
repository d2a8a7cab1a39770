// SPDX-License-Identifier: GPL-3.0-or-later
// The journal: one append-only file a writer, each line chained by HMAC, each group signed. What was
// committed, changed or deleted, by whom and in which order.
//
// A record:     `<seq> <ms> <kind> <uid> <stem> <ext> <s|c> <octets> <sha256> <revision> <extra> <mac>\n`
// A signature:  `# <seq> <signature>\n`, over "switchroom journal\n" + writer id + seq + mac of that record.
// mac = HMAC-SHA-256(integrity key, previous mac (32 octets, zeros at first) + the line up to the mac).
// Empty fields are `-`. Records after the last signature were never acknowledged to anyone.
#pragma once

#include "core/archive/sidecar.h"
#include "core/base/io.h"
#include "core/crypto/digest.h"

#include <functional>

namespace sr::archive {

enum class JournalKind : std::uint8_t {
    Open,    ///< first record: who writes, in which archive
    Commit,  ///< a recording
    Call,    ///< a call record without audio
    Rename,  ///< new stem
    Delete,  ///< gone on purpose
    Tan,     ///< new TAN, hence new stem
    Hold,    ///< legal hold set or lifted
    Note,    ///< note written; sha256 and octets are those of the note
    Convert, ///< audio in another format
    Rotate,  ///< key rotation; extra: new key id
    Ring,    ///< keyring.sealed written; sha256 and octets are those of the file
    Mark,    ///< somebody wants it to be kept
};

struct JournalRecord {
    std::uint64_t seq = 0;
    std::int64_t timeMs = 0;
    JournalKind kind = JournalKind::Commit;
    std::string uid;  ///< empty where no recording is meant
    std::string stem; ///< name without folder
    MediaFormat format = MediaFormat::None;
    bool sealed = false;
    std::uint64_t bytes = 0; ///< of the clear audio
    std::string sha256;
    std::uint32_t revision = 0; ///< of the sidecar
    std::string extra;
    bool operator==(const JournalRecord&) const = default;
};

using ChainValue = crypto::Sha256;

constexpr std::size_t kJournalLineMax = 4096;
constexpr std::string_view kJournalFolder = "TMP/journal";
constexpr std::string_view kTwinFile = "TMP/iREC_Player_log.txt";

std::string_view wordOf(JournalKind kind);

/// The line without mac and line end. BaseErrc::Malformed if a field cannot stand there.
Result<std::string> renderRecord(const JournalRecord& record);
/// Reads one line (without its end) with its mac. BaseErrc::Malformed.
struct ParsedRecord {
    JournalRecord record;
    std::string_view covered; ///< what the mac covers
    std::string_view mac;     ///< 64 hex digits
};
Result<ParsedRecord> parseRecord(std::string_view line);

ChainValue chained(const crypto::Secret& key, const ChainValue& previous, std::string_view covered);

/// The readable twin of a record in iREC_Player_log.txt, with line end.
std::string twinLine(const std::string& writer, const JournalRecord& record, std::string_view mac);

/// What the first record says.
struct JournalHeader {
    std::string writer;
    crypto::PublicKey publicKey{};
    std::string archiveId, zone, xmlSha256;
    crypto::KeyId keyId{};
};
std::string renderHeader(const JournalHeader& header);
Result<JournalHeader> parseHeader(std::string_view extra);
std::string writerIdOf(const crypto::PublicKey& key, unsigned slot);

std::string signatureLine(const crypto::SigningKey& key, const std::string& writer, std::uint64_t seq,
                          const ChainValue& head);
bool checkSignatureLine(std::string_view line, const crypto::PublicKey& key, const std::string& writer,
                        std::uint64_t seq, const ChainValue& head);

struct JournalProblem {
    std::string kind; ///< of VerifyFinding: changed, unknownKey, extra
    std::string detail;
};
struct JournalScan {
    JournalHeader header;
    std::uint64_t lastSeq = 0; ///< signed
    ChainValue head{};
    std::uint64_t goodBytes = 0; ///< up to and with the last good signature
    std::uint64_t totalBytes = 0;
    std::optional<JournalProblem> problem; ///< reading stopped there
    bool unsignedTail = false;             ///< ends in records never acknowledged, or half a line
};
using RecordSink = std::function<void(const JournalRecord&, const ChainValue& mac)>;
/// Reads and checks the whole journal; `sink` gets every signed record. Errors are those of the device only.
Result<JournalScan> scanJournal(ByteSource& journal, const std::string& writer, const crypto::KeyRing& ring,
                                const RecordSink& sink);

/// The first record alone, authenticated. CryptoErrc::UnknownKey, Altered; BaseErrc::Malformed.
Result<JournalHeader> readJournalHeader(ByteSource& journal, const crypto::KeyRing& ring);

/// Records from `from` on, unchecked, for the catalog. The sink returns false to stop before that record.
/// Returns how far it came [octets].
using UncheckedSink = std::function<bool(const JournalRecord&, std::uint64_t start)>;
Result<std::uint64_t> followJournal(ByteSource& journal, std::uint64_t from, const UncheckedSink& sink);

} // namespace sr::archive
