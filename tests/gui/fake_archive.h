// SPDX-License-Identifier: GPL-3.0-or-later
// An archive of invented recordings in memory: any number of rows, made when asked for, searched by brute
// force.
#pragma once

#include "core/archive/archive.h"
#include "core/base/mutex.h"

#include <atomic>
#include <functional>
#include <map>
#include <set>

namespace sr::test {

/// Row 0 is the newest. Any thread.
class FakeArchive final : public archive::Archive {
public:
    explicit FakeArchive(std::uint64_t rows, UtcTime newest = UtcTime(std::chrono::seconds(1795251327)));

    archive::RecordingRow rowNumber(std::uint64_t number) const; ///< of the oldest = 0
    static bool matches(const archive::RecordingRow& row, const archive::RecordingFilter& filter);
    /// A new newest recording, as another program would commit it: seen after catchUp().
    void addNewest();
    /// The newest goes, as if another program had deleted it: seen after catchUp().
    void removeNewest();
    /// This one was not there from the start: it comes, among older and newer ones, at the catchUp() after
    /// release().
    void holdBack(std::uint64_t number);
    void release();
    void failWith(std::optional<Error> error); ///< every reading from now on
    void setTan(std::uint64_t number, const std::string& tan);
    void setExternalName(const std::string& name);               ///< of every row
    void setCheckTime(milliseconds time) { m_checkTime = time; } ///< a check of the integrity takes this long
    void setAudioSeconds(int seconds) { m_audioSeconds = seconds; }
    void setIntegrity(const std::string& uid, archive::Integrity integrity);
    std::uint64_t pagesRead() const { return m_pagesRead; }
    std::uint64_t rowsRead() const { return m_rowsRead; }
    std::vector<archive::RecordingFilter> askedFilters() const; ///< of page(), in order, without repeats
    std::uint64_t visibleRows() const { return m_visible; }

    const Path& root() const override { return m_root; }
    const std::string& id() const override { return m_id; }
    const std::string& timeZone() const override { return m_zone; }
    bool wasCreated() const override { return false; }
    void stampLocal(UtcTime time, archive::RecordingName& name, int& utcOffsetMinutes) const override;
    Result<std::unique_ptr<archive::Draft>> draft(const std::string& uid, archive::MediaFormat format,
                                                  bool seal) override;
    Result<archive::RecordingRow> commitCall(archive::Recording unanswered) override;
    Result<std::optional<archive::RecordingRow>> findDuplicate(const std::string& uid,
                                                               const std::string& fingerprint) override;
    Result<archive::RecordingRow> convert(const std::string& uid, archive::MediaFormat to, bool seal,
                                          const Filler& fill) override;
    Result<archive::RecordingRow> mark(const std::string& uid, const archive::CallMark& mark) override;
    Path spoolDir() const override { return m_root; }
    Result<std::vector<archive::RecordingRow>> page(const archive::RecordingFilter& filter,
                                                    std::uint64_t offset, std::uint64_t limit) override;
    Result<std::uint64_t> count(const archive::RecordingFilter& filter) override;
    Result<std::vector<std::pair<int, int>>> months() override;
    Result<archive::RecordingRow> row(const std::string& uidOrName) override;
    Result<archive::Recording> recording(const std::string& uid) override;
    Result<std::unique_ptr<ByteSource>> openAudio(const std::string& uid) override;
    Result<archive::Integrity> checkIntegrity(const std::string& uid) override;
    Result<archive::VerifyReport> verify(Progress& progress) override;
    Result<std::uint64_t> reindex(Progress& progress) override;
    Status catchUp() override;
    Result<std::uint64_t> rotateKeys(Progress& progress) override;
    Status saveSealedRing(const crypto::KeyRing&) override { return {}; }

private:
    std::vector<std::uint64_t> search(const archive::RecordingFilter& filter) const; ///< newest first
    std::optional<Error> fault() const;
    bool gaps() const; ///< is any held back?

    Path m_root;
    std::string m_id = "0123456789abcdef0123456789abcdef";
    std::string m_zone = "Europe/Rome";
    UtcTime m_newest;
    std::uint64_t m_first; ///< rows at the start: number 0 to m_first - 1
    std::atomic<std::uint64_t> m_visible;
    std::atomic<std::uint64_t> m_committed;
    std::atomic<std::uint64_t> m_pagesRead{0};
    std::atomic<std::uint64_t> m_rowsRead{0};
    std::atomic<int> m_audioSeconds{20};
    std::atomic<milliseconds> m_checkTime{milliseconds{0}};
    mutable Mutex m_mutex;
    std::map<std::uint64_t, std::string> m_tans SR_GUARDED_BY(m_mutex);
    std::map<std::string, archive::Integrity> m_integrity SR_GUARDED_BY(m_mutex);
    std::optional<Error> m_fault SR_GUARDED_BY(m_mutex);
    std::vector<archive::RecordingFilter> m_asked SR_GUARDED_BY(m_mutex);
    std::set<std::uint64_t> m_heldBack SR_GUARDED_BY(m_mutex);
    std::optional<std::string> m_externalName SR_GUARDED_BY(m_mutex);
    bool m_released SR_GUARDED_BY(m_mutex) = false;
    mutable archive::RecordingFilter m_searched SR_GUARDED_BY(m_mutex);
    mutable std::uint64_t m_searchedRows SR_GUARDED_BY(m_mutex) = ~std::uint64_t{0};
    mutable std::vector<std::uint64_t> m_found SR_GUARDED_BY(m_mutex);
};

/// 8 kHz stereo A-law of `seconds`: 440 Hz left and 880 Hz right, talking in turns if `turns`.
Bytes twoPartyWav(int seconds, bool turns);

} // namespace sr::test
