// SPDX-License-Identifier: GPL-3.0-or-later
// The file is made with its first block and gets its length with the last.
#include "core/media/recording_writer.h"

#include "core/codec/g711.h"
#include "core/codec/wav.h"

namespace sr::media {
namespace {

bool isRaw(const Recording& recording)
{
    return recording.plan.form == RecordPlan::Form::ALaw;
}

codec::AudioFormat formatOf(const Recording& recording)
{
    return {codec::SampleCoding::Pcm16, recording.plan.rate, 1};
}

Status create(Recording& recording)
{
    recording.output = std::move(recording.plan.output);
    if (!recording.output) {
        auto file = File::open(recording.plan.file, OpenMode::CreateNew);
        if (!file)
            return file.error();
        recording.output = std::move(*file);
        if (Status status = makePrivate(recording.plan.file); !status) // it is what people say
            return status;
    }
    if (isRaw(recording))
        return {};
    const auto header = codec::wavHeader(formatOf(recording), 0);
    return header ? recording.output->write(*header) : Status(header.error());
}

Bytes octetsOf(const Recording& recording, const std::vector<std::int16_t>& samples)
{
    if (isRaw(recording)) {
        Bytes octets(samples.size());
        codec::encodeG711(codec::Law::A, samples, octets);
        return octets;
    }
    Bytes octets(2 * samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i)
        storeLe<std::uint16_t>(&octets[2 * i], static_cast<std::uint16_t>(samples[i]));
    return octets;
}

Status append(Recording& recording, const std::vector<std::int16_t>& samples)
{
    const Bytes octets = octetsOf(recording, samples);
    Status status = recording.output->write(octets);
    if (status)
        recording.frames += samples.size();
    return status;
}

/// Without so many samples at its end.
Status cut(Recording& recording, std::uint64_t silent)
{
    silent = std::min(silent, recording.frames);
    if (silent == 0)
        return {};
    recording.frames -= silent;
    return recording.output->truncate(recording.output->size() - silent * (isRaw(recording) ? 1 : 2));
}

Status complete(Recording& recording)
{
    if (isRaw(recording))
        return {};
    const auto header = codec::wavHeader(formatOf(recording), recording.frames);
    return header ? recording.output->writeAt(0, *header) : Status(header.error());
}

void finish(Recording& recording, const Status& status, std::uint64_t silent)
{
    if (recording.output) {
        Status completed = cut(recording, silent);
        if (completed)
            completed = complete(recording);
        if (recording.status)
            recording.status = completed;
    }
    recording.output.reset();
    recording.over = true;
    const std::chrono::milliseconds length(recording.frames * 1000 / recording.plan.rate);
    recording.ended({recording.plan.file, length, recording.status ? status : recording.status});
}

void write(const RecordingWriter::Block& block)
{
    Recording& recording = *block.recording;
    recording.waiting.fetch_sub(1, std::memory_order_relaxed);
    if (recording.over)
        return;
    if (recording.status && !recording.output)
        recording.status = create(recording);
    if (recording.status && recording.output)
        recording.status = append(recording, block.samples);
    if (!recording.status)
        recording.failed = true;
    if (block.last)
        finish(recording, block.status, block.silent);
}

} // namespace

RecordingWriter::RecordingWriter(Running running)
{
    if (running == Running::OwnThread)
        m_thread = std::thread([this] { run(); });
}

RecordingWriter::~RecordingWriter()
{
    m_stops = true;
    m_puts.fetch_add(1);
    m_puts.notify_one();
    if (m_thread.joinable())
        m_thread.join();
    step();
}

void RecordingWriter::put(std::unique_ptr<Block> block)
{
    block->recording->waiting.fetch_add(1, std::memory_order_relaxed);
    m_blocks.put(block.release());
    m_puts.fetch_add(1, std::memory_order_release);
    m_puts.notify_one();
}

void RecordingWriter::step()
{
    Block* block = m_blocks.takeAll();
    while (block != nullptr) {
        const std::unique_ptr<Block> owned(block);
        block = block->next;
        write(*owned);
    }
}

void RecordingWriter::run()
{
    while (!m_stops) {
        const unsigned seen = m_puts.load(std::memory_order_acquire);
        step();
        m_puts.wait(seen);
    }
}

} // namespace sr::media
