// SPDX-License-Identifier: GPL-3.0-or-later
// A small archive in a temporary folder, with keys of its own and a clock turned by hand.
#pragma once

#include "core/archive/folder_archive.h"

#include <QDir>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

namespace sr::archive::test {

class HandClock final : public Clock {
public:
    UtcTime utcNow() const override { return now; }
    std::chrono::steady_clock::time_point steadyNow() const override { return {}; }
    UtcTime now = UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 5)) + std::chrono::hours(9);
};

/// Secrets as loadOrCreateSecrets() makes them, without the disk.
inline crypto::MachineSecrets newSecrets(const Clock& clock)
{
    crypto::MachineSecrets secrets;
    secrets.ring = *crypto::KeyRing::generate(clock);
    secrets.recoveryPassphrase = "abcde-fghij-klmno-pqrst-uvwxy-abcde-fghij-klmno";
    secrets.writerSeed = *crypto::Secret::random();
    secrets.settingsKey = *crypto::Secret::random();
    return secrets;
}

inline Bytes tone(std::size_t bytes, unsigned seed)
{
    Bytes out(bytes);
    for (std::size_t i = 0; i < bytes; ++i)
        out[i] = static_cast<std::byte>((i * 7 + seed * 31 + i / 256) & 0xffU);
    return out;
}

inline Recording callOf(const std::string& uid, UtcTime start)
{
    Recording r;
    r.uid = uid;
    r.fingerprint = toHex(crypto::sha256(bytesOf("call " + uid)));
    r.internal = "39";
    r.external = "0800102";
    r.internalName = "Zoë & <Co>";
    r.direction = CallDirection::Out;
    r.start = start;
    r.answerSeconds = 7;
    r.durationMs = 1500;
    r.owner = "39";
    r.source = "trunk.pcap";
    r.callId = uid + "@host";
    r.flow = {{start, "invite", "internal", "INVITE"}, {start + seconds(7), "answer", "external", "200"}};
    r.coding = "pcma";
    r.sampleRate = 8000;
    r.frames = 12000;
    r.codecs = {"PCMA", "G722"};
    r.lostPackets = {0, 3};
    r.undecodablePackets = {70, 50};
    r.lockedPackets = {20, 50};
    r.digits = {{"external", '1', 800, 90}, {"internal", '#', 400, 80}};
    r.insertions = {{"external", "silence", 160, 320}};
    r.pauses = {{800, 1600}};
    return r;
}

/// In memory where there is such a place: what a sync costs on a shared disk says nothing here.
inline QString placeTemplate()
{
    const QString memory = QStringLiteral("/dev/shm");
    return (QFileInfo(memory).isWritable() ? memory : QDir::tempPath()) +
           QStringLiteral("/sr-archive-XXXXXX");
}

struct Place {
    QTemporaryDir dir{placeTemplate()};
    HandClock clock;
    crypto::MachineSecrets secrets = newSecrets(clock);
    int machines = 0;

    Path root() const { return pathOf(dir.path().toStdString()) / "archive"; }
    Path config(int machine = 0) const
    {
        return pathOf(dir.path().toStdString()) / ("config" + std::to_string(machine));
    }
    Result<std::unique_ptr<Archive>> tryOpen(int machine = 0, ArchiveSeams seams = {}) const
    {
        ArchiveOptions options;
        options.configDir = config(machine);
        options.create = true;
        options.timeZone = "Europe/Rome";
        return openArchive(root(), options, secrets, clock, std::move(seams));
    }
    std::unique_ptr<Archive> open(int machine = 0, ArchiveSeams seams = {}) const
    {
        auto archive = tryOpen(machine, std::move(seams));
        if (!archive)
            qFatal("open: %s", archive.error().text().c_str());
        return std::move(*archive);
    }
};

inline Result<RecordingRow> put(Archive& archive, Recording recording, bool seal = true,
                                MediaFormat format = MediaFormat::Wav, std::size_t bytes = 300,
                                unsigned seed = 1)
{
    auto draft = archive.draft(recording.uid, format, seal);
    if (!draft)
        return draft.error();
    if (auto written = (*draft)->audio().write(tone(bytes, seed)); !written)
        return written.error();
    return (*draft)->commit(std::move(recording));
}

inline std::vector<VerifyFinding> findingsOf(Archive& archive)
{
    Progress silent;
    auto report = archive.verify(silent);
    if (!report)
        return {{"", "", "error", report.error().text()}};
    return report->findings;
}

/// Findings as words for a failed QVERIFY2.
struct Told {
    std::string text;
    operator const char*() const { return text.c_str(); }
};
inline Told told(const std::vector<VerifyFinding>& findings)
{
    Told out;
    for (const auto& f : findings)
        out.text += f.kind + " " + f.file + " (" + f.detail + ")\n";
    return out;
}

/// All files under a folder, relative.
inline std::vector<std::string> filesUnder(const Path& root)
{
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
        if (entry.is_regular_file()) {
            const auto name = entry.path().lexically_relative(root).generic_u8string(); // always slashes
            out.emplace_back(name.begin(), name.end());
        }
    std::sort(out.begin(), out.end());
    return out;
}

} // namespace sr::archive::test
