// SPDX-License-Identifier: GPL-3.0-or-later
// Ports that come, play, record, meet and go while the beat and the writer run; for the thread sanitizer.
#include "core/media/media_server.h"

#include <cstdio>
#include <filesystem>
#include <mutex>
#include <random>

using namespace sr;
using namespace sr::media;

namespace {

/// What a control thread is: others post, it runs.
class Control {
public:
    Executor executor()
    {
        return [this](std::function<void()> what) {
            const std::scoped_lock lock(m_mutex);
            m_posted.push_back(std::move(what));
        };
    }
    void run()
    {
        std::vector<std::function<void()>> now;
        {
            const std::scoped_lock lock(m_mutex);
            now.swap(m_posted);
        }
        for (const auto& one : now)
            one();
    }

private:
    std::mutex m_mutex;
    std::vector<std::function<void()>> m_posted;
};

} // namespace

int main()
{
    const std::filesystem::path dir =
        std::filesystem::temp_directory_path() / ("race_media" + std::to_string(std::random_device()()));
    if (!makeDirs(dir))
        return 2;
    const IpAddress address = *IpAddress::parse("127.0.0.1");
    const SoundPtr sound = Sound::tone(Tone::congestion());
    Control control;
    unsigned played = 0;
    unsigned recorded = 0;
    {
        MediaServer server({40000, 49999, 64});
        for (int round = 0; round < 12; ++round) {
            Conference conference;
            std::vector<std::unique_ptr<Port>> ports;
            for (int i = 0; i < 6; ++i) {
                PortEvents events;
                events.played = [&](PlayEnd) { ++played; };
                events.recorded = [&](const Recorded&) { ++recorded; };
                auto port = server.open(address, control.executor(), std::move(events));
                if (!port)
                    return 3;
                ports.push_back(std::move(*port));
            }
            for (std::size_t i = 0; i < ports.size(); ++i) {
                PortPeer peer;
                peer.rtp = ports[i ^ 1U]->local(); // by twos they talk to each other
                if (i >= 4) {
                    peer.payloadType = 9;
                    peer.format = {"G722", 8000, 1, {}};
                }
                if (!ports[i]->setPeer(peer) || !ports[i]->play(sound, 0) || !ports[i]->join(conference))
                    return 4;
                const std::string name = std::to_string(round) + '-' + std::to_string(i) + ".wav";
                ports[i]->record({dir / name, 8000, std::chrono::milliseconds(60)});
            }
            for (int i = 0; i < 10; ++i) {
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
                control.run();
                ports[static_cast<std::size_t>(i) % ports.size()]->leave();
            }
        }
    }
    control.run();
    std::error_code ignored;
    std::filesystem::remove_all(dir, ignored);
    std::printf("%u recordings told\n", recorded);
    return recorded > 0 && played == 0 ? 0 : 1; // sound that goes on has no end
}
