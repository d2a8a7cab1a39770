// SPDX-License-Identifier: GPL-3.0-or-later
// `unseal` and `export`: clear copies for other programs. The archive itself stays as it is.
#include "app/ctl/cmd_archive.h"
#include "app/ctl/command.h"
#include "app/ctl/json_rows.h"
#include "core/crypto/sealed.h"

#include <limits>

namespace sr::ctl {
namespace {

constexpr std::size_t kBlock = 1 << 20;
constexpr int kAnyNumber = std::numeric_limits<int>::max();

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

/// The error with what it is about, once.
Error naming(const Error& error, const std::string& what)
{
    return error.context.find(what) != std::string::npos ? error
                                                         : Error{error.code, what + ", " + error.context};
}

/// A copy of what never was sealed would look like one that was authenticated.
Status isSealedFile(const Path& path)
{
    auto file = File::open(path, OpenMode::Read);
    if (!file)
        return file.error();
    Bytes start(8);
    const auto got = (*file)->readAt(0, start);
    if (!got)
        return got.error();
    return crypto::isSealed(ByteView(start).first(*got))
               ? Status{}
               : fail(crypto::CryptoErrc::NotSealed, utf8Of(path) + " was not copied");
}

/// A recording that is not what was recorded is copied under a name that says so: it may be all that is left.
Path exportName(const Path& file, bool altered)
{
    Path name = file.stem();
    name += altered ? ".altered" : "";
    name += file.extension();
    return name;
}

Status exportOne(engine::Engine& engine, const std::string& uid, const Path& folder)
{
    archive::Archive& archive = engine.archive();
    const auto row = archive.row(uid);
    if (!row)
        return row.error();
    const auto integrity = archive.checkIntegrity(row->uid);
    if (!integrity)
        return integrity.error();
    const bool altered = *integrity == archive::Integrity::Manipulated;
    const Path name = exportName(pathOf(row->file), altered);
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
        if (auto copied = copyTo(**clear, folder / exportName(source, altered)); !copied)
            return copied;
    }
    if (altered)
        return fail(archive::ArchiveErrc::Altered,
                    row->file + " is not what was recorded; its copy is " + utf8Of(folder / name));
    return {};
}

} // namespace

int runUnseal(const QStringList& arguments)
{
    Options options("Writes the clear content of a sealed file. A file that is not sealed is refused.", 0);
    options.add("o", "Where to; must not exist yet.", "OUT");
    options.addPositional("file", "A sealed file of an archive.", "FILE");
    if (const auto done = options.process(arguments))
        return *done;
    if (options.positional().size() != 1 || !options.has("o"))
        return wrongUse("unseal FILE -o OUT.");
    const auto secrets = crypto::loadOrCreateSecrets(options.configDir(), systemClock());
    if (!secrets)
        return failWith(secrets.error());
    const Path file = pathOf(options.positional().constFirst().toStdString());
    if (auto sealed = isSealedFile(file); !sealed)
        return failWith(sealed.error());
    auto clear = archive::openClear(file, secrets->ring);
    if (!clear)
        return failWith(clear.error());
    const auto copied = copyTo(**clear, pathOf(options.value("o")));
    if (!copied && copied.error().code == crypto::CryptoErrc::Altered)
        return failWith(naming(copied.error(), utf8Of(file)));
    return copied ? Ok : failWith(copied.error());
}

int runExport(const QStringList& arguments)
{
    Options options(
        "Copies recordings with their sidecars and notes, decrypted, into a folder. One that is not "
        "what was recorded is copied as NAME.altered, and the exit code is 3.",
        Options::Archive);
    options.add("o", "The folder.", "DIR");
    options.addPositional("uid", "Ids or file names.", "UID...", kAnyNumber);
    if (const auto done = options.process(arguments))
        return *done;
    if (options.positional().isEmpty() || !options.has("o"))
        return wrongUse("export UID... --archive DIR -o DIR.");
    const auto engine = options.openEngine(false);
    if (!engine)
        return Failed;
    const Path folder = pathOf(options.value("o"));
    if (fileExists(folder) && !isFolder(folder))
        return failWith(Error{BaseErrc::Exists, utf8Of(folder) + " is a file; -o names a folder"});
    if (auto made = makeDirs(folder); !made)
        return failWith(made.error());
    int code = Ok;
    for (const QString& uid : options.positional()) {
        const auto exported = exportOne(*engine, uid.toStdString(), folder);
        if (exported)
            continue;
        code = std::max(code, failWith(naming(exported.error(), uid.toStdString())));
    }
    return code;
}

} // namespace sr::ctl
