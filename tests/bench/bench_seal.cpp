// SPDX-License-Identifier: GPL-3.0-or-later
// Sealing file to file against a bare loop (read, AES-256-GCM, write) in the same run, reading back, and
// random seeks in two hours. Usage: bench_seal [DIR, best on tmpfs] [MiB] [ROUNDS]
#include "core/base/file.h"
#include "core/crypto/sealed.h"

#include <openssl/evp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>

using namespace sr;
using namespace sr::crypto;

namespace {

constexpr std::size_t kBlock = 256 * 1024; // the size of our own writes, so both sides have the same I/O

struct Cost {
    double wall = 1e9; ///< [s]
    double cpu = 1e9;  ///< [s]
};

[[noreturn]] void stop(const std::string& why)
{
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

template <typename T>
T must(Result<T> result)
{
    if (!result)
        stop(result.error().text());
    return std::move(result).value();
}
void must(const Status& status)
{
    if (!status)
        stop(status.error().text());
}

double cpuNow()
{
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

template <typename Work>
Cost measure(Work&& work)
{
    const auto start = std::chrono::steady_clock::now();
    const double cpu = cpuNow();
    work();
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), cpuNow() - cpu};
}

void best(Cost& held, const Cost& now)
{
    held.wall = std::min(held.wall, now.wall);
    held.cpu = std::min(held.cpu, now.cpu);
}

/// What the figure is held against: one cipher context, one buffer each way, nothing else.
void bareLoop(const Path& from, const Path& to, bool encrypt)
{
    must(removeFile(to));
    auto in = must(File::open(from, OpenMode::Read));
    auto out = must(File::open(to, OpenMode::CreateNew));
    std::array<unsigned char, 32> key{};
    std::array<unsigned char, 16> nonce{};
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nullptr, key.data(), nonce.data(), encrypt ? 1 : 0);
    std::vector<unsigned char> clear(kBlock);
    std::vector<unsigned char> sealed(kBlock);
    std::uint64_t at = 0;
    for (;;) {
        const std::size_t got = must(in->readAt(at, std::as_writable_bytes(std::span(clear))));
        if (got == 0)
            break;
        int length = 0;
        EVP_CipherUpdate(context, sealed.data(), &length, clear.data(), static_cast<int>(got));
        must(out->write(std::as_bytes(std::span(sealed).first(got))));
        at += got;
    }
    EVP_CIPHER_CTX_free(context);
    must(out->sync());
}

void sealFile(const Path& from, const Path& to, const Key& key)
{
    must(removeFile(to));
    auto in = must(File::open(from, OpenMode::Read));
    auto out = must(File::open(to, OpenMode::CreateNew));
    auto sink = must(SealingSink::create(*out, key, ContentType::Audio, "0123456789abcdef0123456789abcdef"));
    Bytes block(kBlock);
    std::uint64_t at = 0;
    for (;;) {
        const std::size_t got = must(in->readAt(at, block));
        if (got == 0)
            break;
        must(sink->write(ByteView(block).first(got)));
        at += got;
    }
    must(sink->finish());
    must(out->sync());
}

void unsealFile(const Path& from, const Path& to, const KeyRing& ring)
{
    must(removeFile(to));
    auto source = must(UnsealingSource::open(must(File::open(from, OpenMode::Read)), ring));
    auto out = must(File::open(to, OpenMode::CreateNew));
    Bytes block(kBlock);
    std::uint64_t at = 0;
    for (;;) {
        const std::size_t got = must(source->readAt(at, block));
        if (got == 0)
            break;
        must(out->write(ByteView(block).first(got)));
        at += got;
    }
    must(out->sync());
}

void makeClear(const Path& path, std::uint64_t bytes)
{
    must(removeFile(path));
    auto file = must(File::open(path, OpenMode::CreateNew));
    std::mt19937_64 random(1);
    std::vector<std::uint64_t> words(kBlock / sizeof(std::uint64_t));
    for (std::uint64_t done = 0; done < bytes; done += kBlock) {
        std::generate(words.begin(), words.end(), std::ref(random));
        const std::uint64_t count = std::min<std::uint64_t>(kBlock, bytes - done);
        must(file->write(std::as_bytes(std::span(words)).first(static_cast<std::size_t>(count))));
    }
}

void print(const char* what, const Cost& cost, std::uint64_t bytes)
{
    const double mega = static_cast<double>(bytes) / 1e6;
    std::printf("%-28s %8.0f MB/s  %7.3f s wall  %7.3f s CPU\n", what, mega / cost.wall, cost.wall, cost.cpu);
}

/// Open, seek, first 4 KiB: what a player does after a double click or a move of its slider.
void seeks(const Path& dir, const KeyRing& ring)
{
    constexpr std::uint64_t kTwoHours = 2ULL * 3600 * 8000 * 2; // stereo G.711
    const Path clear = dir / "bench-2h.clear";
    const Path sealed = dir / "bench-2h.sealed";
    makeClear(clear, kTwoHours);
    sealFile(clear, sealed, *ring.active(KeyPurpose::Archive));
    std::mt19937_64 random(2);
    std::vector<double> opened;
    std::vector<double> moved;
    Bytes first(4096);
    for (int i = 0; i < 500; ++i) {
        std::unique_ptr<UnsealingSource> source;
        opened.push_back(measure([&] {
                             source =
                                 must(UnsealingSource::open(must(File::open(sealed, OpenMode::Read)), ring));
                             must(source->readAt(random() % kTwoHours, first));
                         }).wall);
        moved.push_back(measure([&] { must(source->readAt(random() % kTwoHours, first)); }).wall);
    }
    std::sort(opened.begin(), opened.end());
    std::sort(moved.begin(), moved.end());
    std::printf(
        "seek in 2 h sealed: %.3f ms median, %.3f ms worst; with opening %.3f ms median, %.3f ms worst "
        "(limit 20 ms)\n",
        moved[250] * 1e3, moved.back() * 1e3, opened[250] * 1e3, opened.back() * 1e3);
    must(removeFile(clear));
    must(removeFile(sealed));
}

} // namespace

int main(int argc, char** argv)
{
    const Path dir = argc > 1 ? pathOf(argv[1]) : std::filesystem::temp_directory_path();
    const std::uint64_t bytes = (argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1024) * 1024 * 1024;
    const int rounds = argc > 3 ? std::atoi(argv[3]) : 5;
    const Path clear = dir / "bench.clear";
    const Path bare = dir / "bench.bare";
    const Path sealed = dir / "bench.sealed";
    const Path back = dir / "bench.back";
    const KeyRing ring = must(KeyRing::generate(SystemClock()));
    makeClear(clear, bytes);

    Cost bareSeal, ourSeal, bareOpen, ourOpen;
    for (int round = 0; round < rounds; ++round) { // in turn, so that both meet the same weather
        best(bareSeal, measure([&] { bareLoop(clear, bare, true); }));
        best(ourSeal, measure([&] { sealFile(clear, sealed, *ring.active(KeyPurpose::Archive)); }));
        best(bareOpen, measure([&] { bareLoop(bare, back, false); }));
        best(ourOpen, measure([&] { unsealFile(sealed, back, ring); }));
    }
    const std::uint64_t sealedBytes = must(File::open(sealed, OpenMode::Read))->size();
    std::printf("%llu octets in %s, best of %d\n", static_cast<unsigned long long>(bytes),
                utf8Of(dir).c_str(), rounds);
    print("bare read, encrypt, write", bareSeal, bytes);
    print("seal", ourSeal, bytes);
    print("bare read, decrypt, write", bareOpen, bytes);
    print("unseal", ourOpen, bytes);
    std::printf("seal / bare: %.1f %% wall, %.1f %% CPU (limit 90 %%)\n", 100 * bareSeal.wall / ourSeal.wall,
                100 * bareSeal.cpu / ourSeal.cpu);
    std::printf("unseal / bare: %.1f %% wall, %.1f %% CPU\n", 100 * bareOpen.wall / ourOpen.wall,
                100 * bareOpen.cpu / ourOpen.cpu);
    std::printf("growth: %llu octets, %.4f %% (limit 0.1 %% + 256 octets)\n",
                static_cast<unsigned long long>(sealedBytes - bytes),
                100.0 * static_cast<double>(sealedBytes - bytes) / static_cast<double>(bytes));
    for (const Path& path : {clear, bare, sealed, back})
        must(removeFile(path));
    seeks(dir, ring);
    return 0;
}
