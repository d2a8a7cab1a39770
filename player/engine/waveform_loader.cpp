// SPDX-License-Identifier: GPL-3.0-or-later
// One background pass per recording, abandoned when the next is loaded.
#include "player/engine/waveform_loader.h"

namespace sr::player {

namespace {
constexpr std::size_t kSlices = 4096; // chosen: a wide screen has fewer pixels
} // namespace

WaveformLoader::WaveformLoader(QObject* parent)
    : QObject(parent)
    , m_worker(QStringLiteral("waveform"))
{
    qRegisterMetaType<PeaksPtr>();
}

WaveformLoader::~WaveformLoader()
{
    abandon();
}

void WaveformLoader::abandon()
{
    if (m_cancelled)
        m_cancelled->store(true);
}

void WaveformLoader::load(const std::string& uid, AudioOpener opener)
{
    clear();
    auto cancelled = std::make_shared<std::atomic<bool>>(false);
    m_cancelled = cancelled;
    // Partial waveforms arrive here as queued calls; an abandoned pass is told apart by its own flag.
    auto publish = [this, cancelled](const PeaksPtr& peaks) {
        QMetaObject::invokeMethod(
            this,
            [this, cancelled, peaks] {
                if (!cancelled->load())
                    emit peaksChanged(peaks);
            },
            Qt::QueuedConnection);
    };
    m_worker.run(
        this,
        [uid, opener = std::move(opener), cancelled, publish]() -> Status {
            if (cancelled->load())
                return {};
            Result<RecordingAudio> audio = opener(uid);
            if (!audio)
                return audio.error();
            return computePeaks(*audio->reader, audio->layout, kSlices, *cancelled, publish);
        },
        [](const Status&) {
            // The player opens the same file and reports the same fault where the action was.
        });
}

void WaveformLoader::clear()
{
    abandon();
    m_cancelled.reset();
    emit peaksChanged(std::make_shared<const Peaks>());
}

} // namespace sr::player
