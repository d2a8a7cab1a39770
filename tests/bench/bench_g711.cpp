// SPDX-License-Identifier: GPL-3.0-or-later
// G.711: samples per CPU second of our tables against a plain bit-by-bit decoder of the same law.
// Run: bench_g711   (anchors.md: bit code 0.62, table 1.83 Gsample/s)
#include "core/codec/g711.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <vector>

using namespace sr;

namespace {

/// As the ITU's own software does it: segment and mantissa, sample by sample.
void decodeByBits(ByteView octets, std::span<std::int16_t> samples)
{
    for (std::size_t i = 0; i < octets.size(); ++i) {
        const int code = std::to_integer<int>(octets[i]) ^ 0x55;
        const int exponent = (code >> 4) & 7;
        int value = (code & 15) << 4 | 8;
        if (exponent > 0)
            value = (value + 256) << (exponent - 1);
        samples[i] = static_cast<std::int16_t>((code & 0x80) != 0 ? value : -value);
    }
}

/// Best of five runs. [samples / CPU s]
double rate(std::size_t samples, const std::function<void()>& work)
{
    constexpr int kTimes = 40;
    double best = 1e9;
    for (int round = 0; round < 5; ++round) {
        const std::clock_t begin = std::clock();
        for (int i = 0; i < kTimes; ++i)
            work();
        best = std::min(best, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
    }
    return static_cast<double>(samples) * kTimes / best;
}

} // namespace

int main()
{
    constexpr std::size_t kSamples = 1U << 20;
    Bytes octets(kSamples);
    for (std::size_t i = 0; i < kSamples; ++i)
        octets[i] = static_cast<std::byte>(i * 2654435761U >> 13);
    std::vector<std::int16_t> samples(kSamples);
    std::vector<std::int16_t> check(kSamples);
    const double bits = rate(kSamples, [&] { decodeByBits(octets, check); });
    const double decode = rate(kSamples, [&] { codec::decodeG711(codec::Law::A, octets, samples); });
    if (samples != check) {
        std::fprintf(stderr, "bench_g711: table and bits differ\n");
        return 1;
    }
    const double encode = rate(kSamples, [&] { codec::encodeG711(codec::Law::A, samples, octets); });
    std::printf("A-law decode: bits %.2f, table %.2f Gsample/s, ratio %.1f; encode %.2f Gsample/s\n",
                bits / 1e9, decode / 1e9, decode / bits, encode / 1e9);
    return 0;
}
