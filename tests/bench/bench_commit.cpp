// SPDX-License-Identifier: GPL-3.0-or-later
// What a commit costs: drafts of 1 kB from two threads into one archive; beside it the bare files it writes.
// Usage: bench_commit [COUNT] [FOLDER], default 1000 /dev/shm
#include "core/archive/archive.h"
#include "core/crypto/digest.h"

#include <QCoreApplication>
#include <QTemporaryDir>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>

namespace {

using namespace sr;

double cpuSeconds()
{
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void must(const Status& status)
{
    if (!status) {
        std::fprintf(stderr, "%s\n", status.error().text().c_str());
        std::exit(1);
    }
}

template <typename Value>
Value must(Result<Value> result)
{
    must(result ? Status{} : Status{result.error()});
    return std::move(*result);
}

archive::Recording callOf(int number)
{
    archive::Recording r;
    r.uid = toHex(crypto::sha256(bytesOf(std::to_string(number)))).substr(0, 32);
    r.fingerprint = toHex(crypto::sha256(bytesOf(r.uid)));
    r.internal = std::to_string(20 + number % 80);
    r.external = "07031730" + std::to_string(number % 100);
    r.owner = r.internal;
    r.start = SystemClock().utcNow() - std::chrono::minutes(number);
    r.durationMs = 60'000;
    r.coding = "pcma";
    r.sampleRate = 8000;
    r.flow = {{r.start, "invite", "internal", "INVITE"}, {r.start, "answer", "external", "200"}};
    return r;
}

template <typename Work>
double inTwoThreads(int count, const Work& work)
{
    const double before = cpuSeconds();
    std::thread other([&] {
        for (int i = 1; i < count; i += 2)
            work(i);
    });
    for (int i = 0; i < count; i += 2)
        work(i);
    other.join();
    return cpuSeconds() - before;
}

} // namespace

int main(int argc, char** argv)
{
    const QCoreApplication application(argc, argv);
    const int count = argc > 1 ? std::atoi(argv[1]) : 1000;
    const QTemporaryDir dir(QString::fromLocal8Bit(argc > 2 ? argv[2] : "/dev/shm") +
                            QStringLiteral("/bench-commit-XXXXXX"));
    const Path root = pathOf(dir.path().toStdString());
    const SystemClock clock;
    const auto secrets = must(crypto::loadOrCreateSecrets(root / "config", clock));
    const Bytes audio(1000, std::byte{0x55});

    const double bare = inTwoThreads(count, [&](int i) { // sidecar and audio: written, synced, renamed
        for (const char* extension : {".xml", ".wav"}) {
            const Path file = root / (std::to_string(i) + extension);
            must(writeFileAtomic(file, audio));
        }
    });
    for (const bool seal : {true, false}) {
        archive::ArchiveOptions options;
        options.configDir = root / (seal ? "config" : "config2");
        options.create = true;
        options.timeZone = "Europe/Rome";
        const auto archive =
            must(archive::Archive::open(root / (seal ? "sealed" : "clear"), options, secrets, clock));
        const double ours = inTwoThreads(count, [&](int i) {
            const auto call = callOf(i);
            auto draft = must(archive->draft(call.uid, archive::MediaFormat::Wav, seal));
            must(draft->audio().write(audio));
            (void)must(draft->commit(call));
        });
        std::printf("%d %s commits: %.3f CPU ms each; two bare atomic files %.3f CPU ms, ratio %.1f\n", count,
                    seal ? "sealed" : "clear", 1000 * ours / count, 1000 * bare / count, ours / bare);
    }
    return 0;
}
