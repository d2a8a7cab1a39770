// SPDX-License-Identifier: GPL-3.0-or-later
// Two SHA-256 in step with the SHA instructions of x86-64; no library at hand hashes two long texts at once.
#include "core/crypto/sha256_pair.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define SR_SHA_INSTRUCTIONS __attribute__((target("sha,avx")))

#include <cpuid.h>
#include <immintrin.h>

#include <algorithm>
#include <cstring>
#endif

namespace sr::crypto {

#ifdef SR_SHA_INSTRUCTIONS
namespace {

constexpr std::size_t kBlock = 64;    // [octets]
constexpr std::size_t kLengthAt = 56; // in the last block: the length in bits, big-endian

/// FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
alignas(16) constexpr std::array<std::uint32_t, 64> kRound{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

bool hasShaInstructions()
{
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    return __builtin_cpu_supports("avx") && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 &&
           (b & bit_SHA) != 0;
}

/// The eight words of FIPS 180-4 in the order that the instructions want.
struct State {
    __m128i abef, cdgh;
};

SR_SHA_INSTRUCTIONS State initialState()
{
    return {_mm_set_epi32(0x6a09e667, static_cast<int>(0xbb67ae85), 0x510e527f, static_cast<int>(0x9b05688c)),
            _mm_set_epi32(0x3c6ef372, static_cast<int>(0xa54ff53a), 0x1f83d9ab, 0x5be0cd19)};
}

SR_SHA_INSTRUCTIONS __m128i loadWords(const std::byte* at)
{
    const __m128i bigEndian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    return _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), bigEndian);
}

/// `blocks` blocks of each of `Count` texts, in step.
template <std::size_t Count>
SR_SHA_INSTRUCTIONS void compress(std::array<State*, Count> states, std::array<const std::byte*, Count> at,
                                  std::size_t blocks)
{
    std::array<State, Count> s;
    for (std::size_t text = 0; text < Count; ++text)
        s[text] = *states[text];
    for (; blocks > 0; --blocks) {
        const std::array<State, Count> before = s;
        __m128i w[Count][4];
        for (std::size_t text = 0; text < Count; ++text) {
            for (std::size_t i = 0; i < 4; ++i)
                w[text][i] = loadWords(at[text] + 16 * i);
            at[text] += kBlock;
        }
#pragma GCC unroll 16
        for (std::size_t four = 0; four < 16; ++four) {
            const __m128i k = _mm_load_si128(reinterpret_cast<const __m128i*>(kRound.data() + 4 * four));
#pragma GCC unroll 2
            for (std::size_t text = 0; text < Count; ++text) {
                __m128i& now = w[text][four % 4];
                const __m128i& last = w[text][(four + 3) % 4];
                const __m128i sum = _mm_add_epi32(now, k);
                s[text].cdgh = _mm_sha256rnds2_epu32(s[text].cdgh, s[text].abef, sum);
                s[text].abef =
                    _mm_sha256rnds2_epu32(s[text].abef, s[text].cdgh, _mm_shuffle_epi32(sum, 0x0e));
                if (four >= 12)
                    continue; // no words are needed any more
                const __m128i older = _mm_alignr_epi8(last, w[text][(four + 2) % 4], 4);
                now = _mm_add_epi32(_mm_sha256msg1_epu32(now, w[text][(four + 1) % 4]), older);
                now = _mm_sha256msg2_epu32(now, last);
            }
        }
        for (std::size_t text = 0; text < Count; ++text) {
            s[text].abef = _mm_add_epi32(s[text].abef, before[text].abef);
            s[text].cdgh = _mm_add_epi32(s[text].cdgh, before[text].cdgh);
        }
    }
    for (std::size_t text = 0; text < Count; ++text)
        *states[text] = s[text];
}

/// What is left of a text after its whole blocks, with the padding of FIPS 180-4, 5.1.1.
SR_SHA_INSTRUCTIONS void finish(State& state, ByteView text)
{
    std::array<std::byte, 2 * kBlock> end{};
    const std::size_t rest = text.size() % kBlock;
    std::ranges::copy(text.last(rest), end.begin());
    end[rest] = std::byte{0x80};
    const std::size_t blocks = rest < kLengthAt ? 1 : 2;
    storeBe(end.data() + blocks * kBlock - 8, std::uint64_t{text.size()} * 8);
    compress<1>({&state}, {end.data()}, blocks);
}

SR_SHA_INSTRUCTIONS Sha256 digestOf(const State& state)
{
    const __m128i feba = _mm_shuffle_epi32(state.abef, 0x1b);
    const __m128i dchg = _mm_shuffle_epi32(state.cdgh, 0xb1);
    const __m128i dcba = _mm_blend_epi16(feba, dchg, 0xf0);
    const __m128i hgfe = _mm_alignr_epi8(dchg, feba, 8);
    Sha256 digest;
    std::array<std::byte, 32> words;
    std::memcpy(words.data(), &dcba, 16);
    std::memcpy(words.data() + 16, &hgfe, 16);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(digest.data()), loadWords(words.data()));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(digest.data() + 16), loadWords(words.data() + 16));
    return digest;
}

SR_SHA_INSTRUCTIONS std::array<Sha256, 2> pairInStep(const std::array<ByteView, 2>& texts)
{
    // The SHA instructions keep the upper halves of the registers: what others left there makes each wait for
    // the one before, and a third of the speed is gone.
    _mm256_zeroupper();
    std::array<State, 2> states{initialState(), initialState()};
    const std::array<std::size_t, 2> blocks{texts[0].size() / kBlock, texts[1].size() / kBlock};
    const std::size_t common = std::min(blocks[0], blocks[1]);
    compress<2>({&states[0], &states[1]}, {texts[0].data(), texts[1].data()}, common);
    for (std::size_t i = 0; i < 2; ++i) {
        compress<1>({&states[i]}, {texts[i].data() + common * kBlock}, blocks[i] - common);
        finish(states[i], texts[i]);
    }
    return {digestOf(states[0]), digestOf(states[1])};
}

} // namespace
#endif

std::array<Sha256, 2> sha256Pair(const std::array<ByteView, 2>& texts)
{
#ifdef SR_SHA_INSTRUCTIONS
    static const bool inStep = hasShaInstructions();
    if (inStep)
        return pairInStep(texts);
#endif
    return {sha256(texts[0]), sha256(texts[1])};
}

} // namespace sr::crypto
