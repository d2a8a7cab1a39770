// SPDX-License-Identifier: GPL-3.0-or-later
// Changes the sample rate of a whole sound without moving it: output starts with the input and has exactly
// its length.
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace sr::codec {

/// libswresample behind a face of our own. One thread at a time.
class Resampler {
public:
    /// Rates 1000 to 384000 [Hz], 1 to 8 channels. CodecErrc::Unsupported, Library.
    static Result<std::unique_ptr<Resampler>> open(std::uint32_t inRate, std::uint32_t outRate,
                                                   std::uint8_t channels);
    ~Resampler();

    /// Appends what is ready; the filter holds back some milliseconds.
    Status process(std::span<const std::int16_t> interleaved, std::vector<std::int16_t>& out);
    /// Appends the rest: all output together is ceil(input frames * outRate / inRate) frames.
    Status finish(std::vector<std::int16_t>& out);

private:
    struct Impl;
    explicit Resampler(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace sr::codec
