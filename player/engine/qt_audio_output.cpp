// SPDX-License-Identifier: GPL-3.0-or-later
// QAudioSink in pull mode. A device that does not take the recording's rate gets 48 kHz by our own resampler.
#include "player/engine/qt_audio_output.h"

#include "player/engine/resampler.h"

#include <QAudioDevice>
#include <QAudioFormat>
#include <QAudioSink>
#include <QIODevice>
#include <QMediaDevices>

#include <algorithm>
#include <optional>
#include <vector>

namespace sr::player {

namespace {

constexpr int kBufferMs = 200;               // chosen: no gap on a machine at full load; pausing drops it
constexpr std::uint32_t kCommonRate = 48000; // every device takes it [Hz]

/// What the sink reads from: never ends by itself, the player decides when all was heard.
class PullDevice final : public QIODevice {
public:
    PullDevice(AudioOutput::Pull pull, std::uint32_t from, std::uint32_t to)
        : m_pull(std::move(pull))
    {
        if (from != to)
            m_resampler.emplace(from, to);
        open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    }
    bool isSequential() const override { return true; }
    qint64 bytesAvailable() const override { return kBlockBytes + QIODevice::bytesAvailable(); }

protected:
    qint64 readData(char* data, qint64 maxBytes) override
    {
        const std::size_t frames = static_cast<std::size_t>(std::max<qint64>(0, maxBytes)) / kFrameBytes;
        m_block.resize(frames * 2);
        if (m_resampler)
            m_resampler->pull(m_block, m_pull);
        else
            m_pull(m_block);
        const QByteArrayView bytes(reinterpret_cast<const char*>(m_block.data()),
                                   static_cast<qsizetype>(frames * kFrameBytes));
        std::copy(bytes.begin(), bytes.end(), data);
        return bytes.size();
    }
    qint64 writeData(const char* /*data*/, qint64 /*bytes*/) override { return -1; }

private:
    static constexpr std::size_t kFrameBytes = 4;
    static constexpr qint64 kBlockBytes = 65536;

    AudioOutput::Pull m_pull;
    std::optional<Resampler> m_resampler;
    std::vector<std::int16_t> m_block;
};

class QtAudioOutput final : public AudioOutput {
public:
    explicit QtAudioOutput(QByteArray deviceId)
        : m_deviceId(std::move(deviceId))
    {}
    ~QtAudioOutput() override { QtAudioOutput::stop(); }

    Status probe() override
    {
        if (device().isNull())
            return fail(PlayErrc::NoDevice, "probe");
        return {};
    }

    Status start(std::uint32_t sampleRate, Pull pull) override
    {
        stop();
        const QAudioDevice target = device();
        if (target.isNull())
            return fail(PlayErrc::NoDevice, "start");
        QAudioFormat format;
        format.setChannelCount(2);
        format.setSampleFormat(QAudioFormat::Int16);
        format.setSampleRate(static_cast<int>(sampleRate));
        m_recordRate = sampleRate;
        m_deviceRate = sampleRate;
        if (!target.isFormatSupported(format)) {
            m_deviceRate = kCommonRate;
            format.setSampleRate(static_cast<int>(kCommonRate));
        }
        m_source = std::make_unique<PullDevice>(std::move(pull), sampleRate, m_deviceRate);
        m_sink = std::make_unique<QAudioSink>(target, format);
        m_sink->setBufferSize(format.bytesForDuration(kBufferMs * 1000));
        m_sink->start(m_source.get());
        if (m_sink->error() != QAudio::NoError) {
            const std::string name = target.description().toStdString();
            stop();
            return fail(PlayErrc::DeviceFailed, name);
        }
        return {};
    }

    void stop() override
    {
        if (m_sink)
            m_sink->reset();
        m_sink.reset();
        m_source.reset();
    }

    std::uint64_t waitingFrames() const override
    {
        if (!m_sink)
            return 0;
        const qsizetype bytes = std::max<qsizetype>(0, m_sink->bufferSize() - m_sink->bytesFree());
        return static_cast<std::uint64_t>(bytes) / 4 * m_recordRate / m_deviceRate;
    }

private:
    QAudioDevice device() const
    {
        if (!m_deviceId.isEmpty()) {
            const QList<QAudioDevice> all = QMediaDevices::audioOutputs();
            for (const QAudioDevice& candidate : all) {
                if (candidate.id() == m_deviceId)
                    return candidate;
            }
        }
        return QMediaDevices::defaultAudioOutput();
    }

    QByteArray m_deviceId;
    std::uint32_t m_recordRate = 1;
    std::uint32_t m_deviceRate = 1;
    std::unique_ptr<PullDevice> m_source;
    std::unique_ptr<QAudioSink> m_sink;
};

} // namespace

std::unique_ptr<AudioOutput> makeQtAudioOutput(const QByteArray& deviceId)
{
    return std::make_unique<QtAudioOutput>(deviceId);
}

} // namespace sr::player
