// SPDX-License-Identifier: GPL-3.0-or-later
// Keys of this machine: list, add by passphrase or file, rotate, export, import, recovery (design.md, Keys).
#include "app/ctl/cmd_key.h"

#include "app/ctl/cmd_settings.h"
#include "app/ctl/json_rows.h"
#include "app/ctl/terminal_progress.h"
#include "core/base/console.h"

namespace sr::ctl {
namespace {

using crypto::Key;
using crypto::KeyPurpose;

constexpr std::uint64_t kMostKeyFile = 1 << 20;
constexpr std::uint64_t kMostRing = 1 << 20;

const char* nameOf(KeyPurpose purpose)
{
    return purpose == KeyPurpose::Archive ? "archive" : "integrity";
}

const char* nameOf(crypto::KeyOrigin origin)
{
    switch (origin) {
    case crypto::KeyOrigin::Default:
        return "default";
    case crypto::KeyOrigin::Passphrase:
        return "passphrase";
    case crypto::KeyOrigin::KeyFile:
        return "file";
    case crypto::KeyOrigin::Rotation:
        return "rotation";
    case crypto::KeyOrigin::Imported:
        return "imported";
    }
    return "";
}

int list(const Options& options)
{
    const auto secrets = crypto::loadOrCreateSecrets(options.configDir(), systemClock());
    if (!secrets)
        return failWith(secrets.error());
    QJsonArray keys;
    for (const Key& key : secrets->ring.keys()) {
        keys.append(QJsonObject{{QStringLiteral("id"), qstr(toHex(key.id))},
                                {QStringLiteral("purpose"), QString::fromLatin1(nameOf(key.purpose))},
                                {QStringLiteral("origin"), QString::fromLatin1(nameOf(key.origin))},
                                {QStringLiteral("active"), key.active},
                                {QStringLiteral("created"), isoTime(key.created, 0)}});
        if (!options.json())
            print(toHex(key.id) + "  " + nameOf(key.purpose) + "  " + (key.active ? "active" : "former") +
                  "  " + nameOf(key.origin) + "  " + isoTime(key.created, 0).toStdString());
    }
    if (options.json())
        print(compact({{QStringLiteral("keys"), keys}}));
    return Ok;
}

Result<crypto::Secret> customerSecret(const Options& options, engine::Engine& engine)
{
    if (!options.has("file"))
        return crypto::keyFromPassphrase(readSecretLine("Passphrase of the customer key: "),
                                         engine.archive().id());
    const auto contents = readFile(pathOf(options.value("file")), kMostKeyFile);
    if (!contents)
        return contents.error();
    return crypto::keyFromFileBytes(*contents);
}

int add(const Options& options)
{
    if (!options.has("file") && !options.has("passphrase-stdin"))
        return wrongUse("key add --file FILE, or --passphrase-stdin; with --archive DIR.");
    if (!options.has("archive"))
        return wrongUse("key add needs --archive DIR: the key's sealed copy is kept there.");
    const auto engine = options.openEngine(false);
    if (!engine)
        return Failed;
    const auto secret = customerSecret(options, *engine);
    if (!secret)
        return failWith(secret.error());
    const auto added =
        engine->addKey(options.has("file") ? crypto::KeyOrigin::KeyFile : crypto::KeyOrigin::Passphrase,
                       *secret, systemClock());
    if (!added)
        return failWith(added.error());
    say("Key " + toHex(*added) +
        " is active now. Files sealed before keep their keys; `switchroomctl key rotate` moves them over.");
    return Ok;
}

int rotate(const Options& options)
{
    if (!options.has("archive"))
        return wrongUse("key rotate needs --archive DIR.");
    const auto engine = options.openEngine(false);
    if (!engine)
        return Failed;
    if (!options.has("resume") && !options.has("keep")) {
        const auto fresh = crypto::Secret::random();
        if (!fresh)
            return failWith(fresh.error());
        const auto added = engine->addKey(crypto::KeyOrigin::Rotation, *fresh, systemClock());
        if (!added)
            return failWith(added.error());
    }
    const Result<std::uint64_t> changed = [&] {
        TerminalProgress progress("rotating", Unit::Recordings, systemClock());
        const StopSignal stop([&progress] { progress.cancel(); });
        return engine->archive().rotateKeys(progress);
    }();
    if (!changed)
        return failWith(changed.error());
    if (options.json())
        print(compact({{QStringLiteral("changed"), static_cast<qint64>(*changed)}}));
    else
        say(std::to_string(*changed) + " files now have the active key");
    return Ok;
}

int exportKeys(const Options& options)
{
    const auto secrets = crypto::loadOrCreateSecrets(options.configDir(), systemClock());
    if (!secrets)
        return failWith(secrets.error());
    if (const auto wrong = askSetupPassword(options.configDir(), *secrets))
        return *wrong;
    const std::string text = secrets->ring.exportText();
    if (!options.has("o")) {
        print(text);
        return Ok;
    }
    const auto written = writeFileAtomic(pathOf(options.value("o")), bytesOf(text), true);
    return written ? Ok : failWith(written.error());
}

Result<Bytes> sealedRingOf(const Options& options)
{
    const Path file = pathOf(options.value("archive")) / "TMP" / "keyring.sealed";
    auto sealed = readFile(file, kMostRing);
    if (!sealed && sealed.error().code == BaseErrc::NotFound)
        return fail(archive::ArchiveErrc::NotAnArchive, "no sealed key ring in " + utf8Of(file));
    return sealed;
}

/// Of this machine; of an archive, if one is named, the one that opens it.
int recovery(const Options& options)
{
    const auto secrets = crypto::loadOrCreateSecrets(options.configDir(), systemClock());
    if (!secrets)
        return failWith(secrets.error());
    if (const auto wrong = askSetupPassword(options.configDir(), *secrets))
        return *wrong;
    if (!options.has("archive")) {
        print(secrets->recoveryPassphrase);
        return Ok;
    }
    const auto sealed = sealedRingOf(options);
    if (!sealed)
        return failWith(sealed.error());
    const auto opened = crypto::openSealedRing(*sealed, *secrets);
    if (!opened)
        return failWith(opened.error());
    print(opened->passphrase);
    return Ok;
}

/// From the archive itself; its passphrase becomes one of this machine's.
Result<crypto::KeyRing> ringFromRecovery(const Options& options, crypto::MachineSecrets& secrets)
{
    const auto sealed = sealedRingOf(options);
    if (!sealed)
        return sealed.error();
    const std::string words = readSecretLine("Recovery passphrase: ");
    if (words.empty())
        return fail(BaseErrc::Malformed, "no recovery passphrase came on standard input");
    auto ring = crypto::openSealedRing(*sealed, words);
    if (ring)
        crypto::adoptPassphrase(secrets, words);
    return ring;
}

Result<crypto::KeyRing> ringFromFile(const QString& file)
{
    const auto text = readFile(pathOf(file.toStdString()), kMostRing);
    if (!text)
        return text.error();
    auto ring = crypto::KeyRing::parseExport(textOf(*text));
    if (ring && ring->keys().empty())
        return fail(BaseErrc::Malformed, "there is no key in " + file.toStdString());
    return ring;
}

/// What this machine knew by its file name only, for want of the key, it can read now.
int rereadArchive(const Options& options)
{
    const auto engine = options.openEngine(false);
    if (!engine)
        return Failed;
    TerminalProgress progress("reading the archive", Unit::Recordings, systemClock());
    const StopSignal stop([&progress] { progress.cancel(); });
    const auto found = engine->archive().reindex(progress);
    return found ? int{Ok} : failWith(found.error());
}

int importKeys(const Options& options, const QString& file)
{
    const bool fromArchive = options.has("recovery");
    if (fromArchive == !file.isEmpty())
        return wrongUse("key import FILE, or key import --recovery --archive DIR.");
    if (fromArchive && !options.has("archive"))
        return wrongUse("key import --recovery needs --archive DIR.");
    auto secrets = crypto::loadOrCreateSecrets(options.configDir(), systemClock());
    if (!secrets)
        return failWith(secrets.error());
    // Whoever knows the recovery passphrase needs no setup password on an empty machine.
    if (!fromArchive) {
        if (const auto wrong = askSetupPassword(options.configDir(), *secrets))
            return *wrong;
    }
    auto ring = fromArchive ? ringFromRecovery(options, *secrets) : ringFromFile(file);
    if (!ring)
        return failWith(ring.error());
    const std::size_t before = secrets->ring.keys().size();
    secrets->ring.merge(*ring);
    for (const KeyPurpose purpose : {KeyPurpose::Archive, KeyPurpose::Integrity}) {
        // The imported archive goes on under its own keys.
        if (const Key* active = ring->active(purpose))
            secrets->ring.add(purpose, active->origin, active->secret, active->created);
    }
    if (auto saved = crypto::saveSecrets(options.configDir(), *secrets); !saved)
        return failWith(saved.error());
    const std::size_t added = secrets->ring.keys().size() - before;
    say(std::to_string(added) + " keys are new on this machine");
    if (!fromArchive) {
        say("An archive that was listed without them is read anew by switchroomctl reindex --archive DIR.");
        return Ok;
    }
    say("What this machine writes into the archive stays under the same recovery passphrase.");
    return added > 0 ? rereadArchive(options) : int{Ok};
}

} // namespace

int runKey(const QStringList& arguments)
{
    Options options("Keys of this machine: list, add, rotate, export, import, recovery.", Options::Json);
    options.add("archive", "The archive's folder; with recovery, the passphrase that opens this one.", "DIR");
    options.add("file", "add: any file of at least 16 octets is the key.", "FILE");
    options.add("passphrase-stdin", "add: the key is made from a passphrase on standard input.");
    options.add("keep", "rotate: to the active key, without making a new one.");
    options.add("resume", "rotate: go on with a rotation that was stopped.");
    options.add("recovery", "import: from the archive itself, by its recovery passphrase.");
    options.add("o", "export: into this file instead of standard output.", "FILE");
    options.addPositional("action", "What to do.", "list|add|rotate|export|import|recovery", 2);
    if (const auto done = options.process(arguments))
        return *done;
    const QStringList words = options.positional();
    const std::string action = words.isEmpty() ? "list" : words.constFirst().toStdString();
    if (words.size() > 1 && action != "import")
        return wrongUse("key " + action + " takes options only; `" + words.at(1).toStdString() +
                        "` is none.");
    if (action == "list")
        return list(options);
    if (action == "add")
        return add(options);
    if (action == "rotate")
        return rotate(options);
    if (action == "export")
        return exportKeys(options);
    if (action == "recovery")
        return recovery(options);
    if (action == "import")
        return importKeys(options, words.value(1));
    return wrongUse("key list|add|rotate|export|import|recovery.");
}

} // namespace sr::ctl
