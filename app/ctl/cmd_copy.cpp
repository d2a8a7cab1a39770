// SPDX-License-Identifier: GPL-3.0-or-later
// `unseal` and `export`: clear copies for other programs. The archive itself stays as it is.
#include "app/ctl/cmd_archive.h"
#include "app/ctl/command.h"
#include "app/ctl/json_rows.h"

#include <filesystem>

namespace sr::ctl {
namespace {

constexpr std::size_t kBlock = 1 << 20;

/// A copy that is only there when it is whole. An existing file is refused.
Status copyTo(ByteSource& source, const Path& target)
{
    auto file = File::open(target, OpenMode::CreateNew);
    if (!file)
        return file.error();
    Bytes block(kBlock);
    const auto copy = [&]() -> Status {
        for (std::uint64_t at = 0; at < source.size();) {
            const auto got = source.readAt(at, block);
            if (!got)
                return got.error();
            if (*got == 0)
                return fail(BaseErrc::Truncated, utf8Of(target));
            if (auto written = (*file)->write(ByteView(block).first(*got)); !written)
                return written;
            at += *got;
        }
        return (*file)->sync();
    };
    auto copied = copy();
    if (!copied) {
        file->reset();
        (void)removeFile(target); // never a torn or unauthenticated copy
    }
    return copied;
}

Status exportOne(engine::Engine& engine, const std::string& uid, const Path& folder)
{
    archive::Archive& archive = engine.archive();
    const auto row = archive.row(uid);
    if (!row)
        return row.error();
    const Path name = pathOf(row->file).filename();
    if (row->format != archive::MediaFormat::None) {
        auto audio = archive.openAudio(row->uid);
        if (!audio)
            return audio.error();
        if (auto copied = copyTo(**audio, folder / name); !copied)
            return copied;
    }
    for (const char* companion : {".xml", ".txt"}) {
        Path source = archive.root() / pathOf(row->file);
        source.replace_extension(companion);
        if (!fileExists(source))
            continue;
        auto clear = archive::openClear(source, engine.secrets().ring);
        if (!clear)
            return clear.error();
        if (auto copied = copyTo(**clear, folder / source.filename()); !copied)
            return copied;
    }
    return {};
}

} // namespace

int runUnseal(const QStringList& arguments)
{
    Options options("Writes the clear content of a sealed file.", 0);
    options.add("o", "Where to; must not exist yet.", "OUT");
    options.addPositional("file", "A sealed file of an archive.", "FILE");
    if (const auto done = options.process(arguments))
        return *done;
    if (options.positional().size() != 1 || !options.has("o"))
        return wrongUse("unseal FILE -o OUT.");
    const auto secrets = crypto::loadOrCreateSecrets(options.configDir(), systemClock());
    if (!secrets)
        return failWith(secrets.error());
    auto clear = archive::openClear(pathOf(options.positional().constFirst().toStdString()), secrets->ring);
    if (!clear)
        return failWith(clear.error());
    const auto copied = copyTo(**clear, pathOf(options.value("o")));
    return copied ? Ok : failWith(copied.error());
}

int runExport(const QStringList& arguments)
{
    Options options("Copies recordings with their sidecars and notes, decrypted, into a folder.",
                    Options::Archive);
    options.add("o", "The folder.", "DIR");
    options.addPositional("uid", "Ids or file names.", "UID...");
    if (const auto done = options.process(arguments))
        return *done;
    if (options.positional().isEmpty() || !options.has("o"))
        return wrongUse("export UID... --archive DIR -o DIR.");
    const auto engine = options.openEngine(false);
    if (!engine)
        return Failed;
    const Path folder = pathOf(options.value("o"));
    if (auto made = makeDirs(folder); !made)
        return failWith(made.error());
    int code = Ok;
    for (const QString& uid : options.positional()) {
        const auto exported = exportOne(*engine, uid.toStdString(), folder);
        if (exported)
            continue;
        const bool named = exported.error().context.find(uid.toStdString()) != std::string::npos;
        code = std::max(code, failWith(named ? exported.error()
                                             : Error{exported.error().code,
                                                     uid.toStdString() + ", " + exported.error().context}));
    }
    return code;
}

} // namespace sr::ctl
