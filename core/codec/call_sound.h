// SPDX-License-Identifier: GPL-3.0-or-later
// The one implementation behind CallAudio and openCallReader(). For the .cpp files of this folder.
#pragma once

#include "core/codec/call_render.h"

namespace sr::codec {

class CallSound final : public CallAudio {
public:
    explicit CallSound(CallAudioInput input);
    Status plan(); ///< once, before anything else

    const CallAudioInfo& info() const override { return m_info; }
    Result<std::size_t> readCoded(std::span<std::byte> out) override;
    Result<std::size_t> readPcm(std::span<std::int16_t> interleaved) override;
    Status rewind() override { return seek(0); }
    Status seek(std::uint64_t frame);

private:
    Result<std::size_t> advance(std::size_t wanted); ///< frames that can be read at m_at now, 0 at the end
    Status renderHere();
    void fillNoise();
    rtp::ComfortNoise noiseOf(const rtp::Gap& gap) const;

    CallAudioInput m_input;
    SoundFormats m_formats;
    CallAudioInfo m_info;
    RenderPlan m_plan;
    bool m_decodes = false;
    std::unique_ptr<SoundWindow> m_window;
    std::vector<std::unique_ptr<StreamRender>> m_streams;
    bool m_rendering = false;  // the window holds something
    std::uint64_t m_at = 0;    // next frame to be read
    std::uint64_t m_ready = 0; // frame after the last finished one
    Bytes m_coded;
};

} // namespace sr::codec
