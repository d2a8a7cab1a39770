// SPDX-License-Identifier: GPL-3.0-or-later
// Background look-ups for the details column and the state chips.
#include "player/model/inspector.h"

#include <array>
#include <atomic>
#include <utility>
#include <vector>

namespace sr::player {

using namespace Qt::StringLiterals;

Inspector::Inspector(QObject* parent)
    : QObject(parent)
    , m_checkNumbers{std::make_shared<Number>(0), std::make_shared<Number>(0)}
{}

Inspector::~Inspector() = default;

void Inspector::setArchive(archive::Archive* archive)
{
    for (const std::shared_ptr<Number>& number : m_checkNumbers)
        number->fetch_add(1);
    m_reader.reset();
    m_checker.reset();
    m_archive = archive;
    m_details.clear();
    if (m_archive) {
        m_reader = std::make_unique<Worker>(u"details"_s);
        m_checker = std::make_unique<Worker>(u"integrity"_s);
    }
}

void Inspector::showDetails(const std::string& uid)
{
    m_details = uid;
    if (!m_archive)
        return;
    m_reader->run(
        this, [archive = m_archive, uid] { return archive->recording(uid); },
        [this, uid](Result<archive::Recording> recording) {
            if (uid != m_details)
                return;
            if (recording)
                emit detailsReady(*recording);
            else
                emit detailsFailed(uid, recording.error());
        });
}

void Inspector::tellIntegrity(const std::string& uid, archive::Integrity integrity)
{
    emit integrityKnown(uid, integrity);
}

void Inspector::checkIntegrity(const std::string& uid, CheckFor wish)
{
    if (!m_archive)
        return;
    const std::shared_ptr<Number>& newest = m_checkNumbers.at(static_cast<std::size_t>(wish));
    const quint64 number = newest->fetch_add(1) + 1;
    m_checker->run(
        this,
        [archive = m_archive, uid, number, newest]() -> std::optional<archive::Integrity> {
            if (newest->load() != number)
                return {}; // the person has moved on
            const Result<archive::Integrity> found = archive->checkIntegrity(uid);
            return found ? *found : archive::Integrity::Unknown;
        },
        [this, uid](std::optional<archive::Integrity> integrity) {
            if (integrity)
                emit integrityKnown(uid, *integrity);
        });
}

void Inspector::countFormats(int year, int month)
{
    if (!m_archive)
        return;
    const quint64 number = ++m_formatsNumber;
    m_reader->run(
        this,
        [archive = m_archive, year, month] {
            std::vector<archive::MediaFormat> present;
            for (const archive::MediaFormat format : std::array{
                     archive::MediaFormat::Wav, archive::MediaFormat::Mp3, archive::MediaFormat::Pcap}) {
                archive::RecordingFilter filter;
                filter.year = year;
                filter.month = month;
                filter.format = format;
                const Result<std::uint64_t> count = archive->count(filter);
                if (count && *count > 0)
                    present.push_back(format);
            }
            return present;
        },
        [this, number](const std::vector<archive::MediaFormat>& formats) {
            if (number == m_formatsNumber)
                emit formatsKnown(formats);
        });
}

void Inspector::measureSpace()
{
    if (!m_archive)
        return;
    m_reader->run(
        this, [root = m_archive->root()] { return freeBytes(root); },
        [this](const Result<std::uint64_t>& free) {
            if (free)
                emit spaceKnown(*free);
        });
}

void Inspector::findRow(const std::string& uid,
                        std::function<void(const Result<archive::RecordingRow>&)> found)
{
    if (m_archive)
        m_reader->run(
            this, [archive = m_archive, uid] { return archive->row(uid); }, std::move(found));
}

} // namespace sr::player
