// SPDX-License-Identifier: GPL-3.0-or-later
// The wire's thread only puts records on a list; one thread writes all files.
#include "recorder/record_to/record_to.h"

#include "core/capture/pcap_writer.h"
#include "recorder/record_to/record_to_error.h"

#include <algorithm>
#include <utility>

namespace sr::recorder {
namespace {

constexpr std::size_t kSignallingMost = std::size_t{1} << 20U; ///< of one dialog [octets]; chosen
constexpr std::size_t kDialogsMost = 100'000;                  ///< chosen
const std::string kExtension = ".pcap";
const std::string kAboutMemory; ///< of troubles: no target is empty

Bytes recordOf(UtcTime time, ByteView frame)
{
    MemorySink sink;
    auto writer = capture::PcapWriter::append(sink);
    (void)writer.addFrame(time, frame); // memory takes it
    return sink.take();
}

/// A full shelf says so itself.
Error unwritten(const Error& why)
{
    return why.code == RecordToErrc::Full ? why : fail(RecordToErrc::Unwritten, why.text());
}

Bytes fileHeader()
{
    MemorySink sink;
    (void)capture::PcapWriter::create(sink);
    return sink.take();
}

} // namespace

RecordTo::RecordTo(RecordToOptions options)
    : m_options(std::move(options))
{
    m_shelf.dir = m_options.dir;
    m_shelf.bytesMost = m_options.bytesMost;
    m_shelf.write = m_options.write;
    if (!m_shelf.write)
        m_shelf.write = [](File& file, std::uint64_t at, ByteView bytes) { return file.writeAt(at, bytes); };
    m_shelf.folderFails = [this](const std::string& folder, const Error& error) { trouble(folder, error); };
}

Result<std::unique_ptr<RecordTo>> RecordTo::start(RecordToOptions options)
{
    if (auto made = makeDirs(options.dir); !made)
        return made.error();
    std::unique_ptr<RecordTo> room(new RecordTo(std::move(options)));
    UploadOptions uploads = room->m_options.uploads;
    uploads.delivered = [&room = *room](const Upload& upload) { room.onDelivered(upload); };
    uploads.problem = [&room = *room](const Upload& upload, const Error& error) {
        room.trouble(upload.to, error);
    };
    auto started = Uploads::start(std::move(uploads));
    if (!started)
        return started.error();
    room->m_uploads = std::move(*started);
    room->recover();
    room->m_thread = std::thread([&room = *room] { room.run(); });
    return room;
}

RecordTo::~RecordTo()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stop = true;
    }
    m_wake.notify_all();
    if (m_thread.joinable())
        m_thread.join();
    m_uploads.reset();
}

/// A note is written before its file: a file without one was delivered, or is half a copy of another.
void RecordTo::recover()
{
    const auto entries = listDir(m_options.dir);
    if (!entries)
        return trouble(utf8Of(m_options.dir), entries.error());
    const auto hasNote = [&](const std::string& name) {
        return std::ranges::any_of(
            *entries, [&](const DirEntry& one) { return one.name == name + std::string(kNoteSuffix); });
    };
    for (const DirEntry& entry : *entries) {
        if (entry.name.ends_with(kNoteSuffix))
            recoverNote(entry.name);
        else if (entry.name.ends_with(kExtension) &&
                 !hasNote(entry.name.substr(0, entry.name.size() - kExtension.size())))
            (void)removeFile(m_options.dir / pathOf(entry.name));
    }
}

void RecordTo::recoverNote(const std::string& file)
{
    const std::string name = file.substr(0, file.size() - kNoteSuffix.size());
    auto note = readNote(m_options.dir / pathOf(file));
    if (!note)
        return trouble(file, note.error());
    if (!fileExists(note->at)) { // it has got its name, or was never made
        (void)removeNote(m_options.dir, name);
        return;
    }
    const auto bytes = mendPcap(note->at);
    if (!bytes)
        return trouble(note->to, bytes.error());
    if (*bytes == 0) {
        (void)removeFile(note->at);
        (void)removeNote(m_options.dir, name);
        return;
    }
    m_over.push_back(std::make_unique<RecordFile>(m_shelf, name, std::move(*note), *bytes));
}

// -- the wire's thread

void RecordTo::begins(const relay::TapDialog& dialog)
{
    tell({.what = News::What::Begins, .dialog = dialog.id, .guid = dialog.guid});
}

void RecordTo::wanted(std::uint64_t dialog, const std::vector<relay::TapTarget>& by)
{
    tell({.what = News::What::Wanted, .dialog = dialog, .by = by});
}

void RecordTo::packet(std::uint64_t dialog, UtcTime time, Content content, ByteView frame)
{
    tell({.what = News::What::Packet, .dialog = dialog, .content = content, .record = recordOf(time, frame)});
}

void RecordTo::ends(std::uint64_t dialog)
{
    tell({.what = News::What::Ends, .dialog = dialog});
}

void RecordTo::tell(News news)
{
    bool lost = false;
    {
        const std::scoped_lock lock(m_mutex);
        lost = !news.record.empty() && m_newsBytes + m_filesBytes + news.record.size() > m_options.memoryMost;
        if (lost) {
            ++m_state.lostPackets;
        } else {
            m_newsBytes += news.record.size();
            m_news.push_back(std::move(news));
        }
    }
    if (lost)
        trouble(kAboutMemory, fail(RecordToErrc::Lost, utf8Of(m_options.dir)));
}

// -- the writer's

void RecordTo::run()
{
    for (;;) {
        std::vector<News> news;
        bool last = false;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait_for(lock, std::min(m_options.flushEvery, m_options.retryEvery),
                            [this] { return m_stop; });
            news.swap(m_news);
            m_filesBytes += std::exchange(m_newsBytes, 0);
            last = m_stop;
        }
        for (News& one : news)
            take(one);
        if (last) // calls that run end here
            for (auto& [id, dialog] : m_dialogs)
                finish(dialog);
        flush();
        if (last || Steady::now() - m_retried >= m_options.retryEvery)
            retry();
        if (last)
            return;
    }
}

void RecordTo::take(News& news)
{
    if (news.what == News::What::Begins) {
        if (m_dialogs.size() < kDialogsMost)
            m_dialogs[news.dialog].guid = std::move(news.guid);
        return;
    }
    const auto found = m_dialogs.find(news.dialog);
    if (found == m_dialogs.end())
        return;
    Dialog& dialog = found->second;
    if (news.what == News::What::Wanted)
        return open(dialog, news.by);
    if (news.what == News::What::Ends) {
        finish(dialog);
        m_dialogs.erase(found);
        return;
    }
    const bool fits = dialog.signalling.size() + news.record.size() <= kSignallingMost;
    if (news.content == Content::Signalling && fits)
        dialog.signalling.insert(dialog.signalling.end(), news.record.begin(), news.record.end());
    for (const auto& file : dialog.files)
        file->add(news.record);
}

/// One for each place, with the signalling so far.
void RecordTo::open(Dialog& dialog, const std::vector<relay::TapTarget>& by)
{
    for (const relay::TapTarget& target : by) {
        if (std::ranges::any_of(dialog.files, [&](const auto& file) { return file->to() == target.to; }))
            continue;
        std::string name = dialog.guid + "-" + m_options.mac + "-" + std::to_string(++m_serial);
        if (!target.name.empty())
            name += "-" + target.name;
        Bytes begin = fileHeader();
        begin.insert(begin.end(), dialog.signalling.begin(), dialog.signalling.end());
        dialog.files.push_back(
            std::make_unique<RecordFile>(m_shelf, std::move(name), target.to, std::move(begin)));
    }
}

void RecordTo::finish(Dialog& dialog)
{
    for (auto& file : dialog.files)
        if (!deliver(*file))
            m_over.push_back(std::move(file));
    dialog.files.clear();
}

void RecordTo::flush()
{
    std::size_t left = 0;
    Status status;
    const auto flushOne = [&](RecordFile& file) {
        if (auto flushed = file.flush(); !flushed)
            status = flushed;
        left += file.pending();
    };
    for (auto& [id, dialog] : m_dialogs)
        for (auto& file : dialog.files)
            flushOne(*file);
    for (auto& file : m_over)
        flushOne(*file);
    {
        const std::scoped_lock lock(m_mutex);
        m_filesBytes = left;
    }
    if (status)
        relief(kAboutMemory);
    else
        trouble(kAboutMemory, unwritten(status.error()));
}

/// Of a folder that fails the others wait, too.
void RecordTo::retry()
{
    m_retried = Steady::now();
    std::set<std::string> failing;
    std::erase_if(m_over, [&](const auto& file) {
        if (failing.contains(file->to()))
            return false;
        const bool done = deliver(*file);
        if (!done)
            failing.insert(file->to());
        return done;
    });
}

/// Of a call that is over. False: it is to be tried again.
bool RecordTo::deliver(RecordFile& file)
{
    if (auto closed = file.close(); !closed) {
        trouble(kAboutMemory, unwritten(closed.error()));
        return false;
    }
    if (isServer(file.to())) {
        m_uploads->add({file.to(), file.name() + kExtension, file.path(), file.bytes()});
        return true;
    }
    if (auto settled = file.settle(); !settled) {
        trouble(file.to(), settled.error());
        return false;
    }
    relief(file.to());
    const std::scoped_lock lock(m_mutex);
    ++m_state.written;
    return true;
}

// -- any thread

void RecordTo::onDelivered(const Upload& upload)
{
    (void)removeFile(upload.file); // else it is sent once more at the next start, under the same name
    (void)removeNote(m_options.dir, upload.name.substr(0, upload.name.size() - kExtension.size()));
    m_shelf.bytes -= std::min<std::uint64_t>(upload.bytes, m_shelf.bytes);
    relief(upload.to);
    const std::scoped_lock lock(m_mutex);
    ++m_state.written;
}

void RecordTo::trouble(const std::string& about, const Error& error)
{
    {
        const std::scoped_lock lock(m_mutex);
        if (!m_troubles.insert({about, error.code}).second)
            return;
    }
    if (m_options.problem)
        m_options.problem(error);
}

void RecordTo::relief(const std::string& about)
{
    const std::scoped_lock lock(m_mutex);
    std::erase_if(m_troubles, [&](const auto& one) { return one.first == about; });
}

RecordTo::State RecordTo::state() const
{
    const std::scoped_lock lock(m_mutex);
    State state = m_state;
    state.troubled = !m_troubles.empty();
    return state;
}

} // namespace sr::recorder
