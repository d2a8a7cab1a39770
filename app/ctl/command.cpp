// SPDX-License-Identifier: GPL-3.0-or-later
// Options, words and exit codes of switchroomctl.
#include "app/ctl/command.h"

#include "core/crypto/errors.h"

#include <cstdio>

namespace sr::ctl {
namespace {

/// What the person can do about it; empty where the error says enough.
const char* adviceFor(const std::error_code& code)
{
    if (code == archive::ArchiveErrc::NotAnArchive)
        return "Name the folder that holds the archive, or import into it first.";
    if (code == crypto::CryptoErrc::UnknownKey)
        return "The key is not on this machine: bring it with `switchroomctl key import`, or with the "
               "recovery "
               "passphrase by `switchroomctl key import --recovery --archive DIR`.";
    if (code == archive::ArchiveErrc::RingLocked)
        return "What a key of this machine sealed there could not be recovered. Bring the archive's "
               "passphrase "
               "here with `switchroomctl key import --recovery --archive DIR`. If nobody knows it any more, "
               "or "
               "the file is damaged, move TMP/keyring.sealed out of the archive: the next change writes a "
               "new "
               "one under the passphrase of this machine, with the keys that are here.";
    if (code == crypto::CryptoErrc::DamagedSecrets)
        return "Put a copy of the file back. If there is none, move it and settings.xml beside its folder "
               "away and "
               "bring the keys here again: `switchroomctl key import --recovery --archive DIR` with the "
               "recovery "
               "passphrase of each archive, or `switchroomctl key import FILE` with what `key export` wrote.";
    if (code == BaseErrc::DiskFull)
        return "Make room and run the same command again: what is finished stays, the rest is completed.";
    return "";
}

} // namespace

Options::Options(const char* description, unsigned parts)
    : m_parts(parts)
{
    m_parser.setApplicationDescription(QString::fromUtf8(description));
    m_parser.addOption({{QStringLiteral("h"), QStringLiteral("help")}, QStringLiteral("Shows this help.")});
    add("config", "Folder of keys, settings, users and catalog.", "DIR");
    if ((parts & Archive) != 0)
        add("archive", "The archive's folder.", "DIR");
    if ((parts & Json) != 0)
        add("json", "JSON on standard output.");
}

void Options::add(const char* name, const char* text, const char* value)
{
    m_parser.addOption(
        QCommandLineOption(QString::fromUtf8(name), QString::fromUtf8(text), QString::fromUtf8(value)));
}

void Options::addPositional(const char* name, const char* text, const char* syntax, int most)
{
    m_mostPositional = most;
    m_parser.addPositionalArgument(QString::fromUtf8(name), QString::fromUtf8(text),
                                   QString::fromUtf8(syntax));
}

std::optional<int> Options::process(const QStringList& arguments)
{
    if (!m_parser.parse(arguments))
        return wrongUse(m_parser.errorText().toStdString());
    if (has("help")) {
        QString help = m_parser.helpText();
        const QString shell = arguments.constFirst();
        const qsizetype end = help.indexOf(QLatin1Char('['));
        help.replace(0, end, QStringLiteral("Usage: ") + shell + QLatin1Char(' '));
        print(help.toStdString());
        return Ok;
    }
    const QStringList words = positional();
    if (words.size() > m_mostPositional)
        return wrongUse("`" + words.at(m_mostPositional).toStdString() + "` is one argument too many.");
    if ((m_parts & Archive) != 0 && value("archive").empty())
        return wrongUse("--archive DIR is missing.");
    return std::nullopt;
}

bool Options::has(const char* name) const
{
    return m_parser.isSet(QString::fromUtf8(name));
}
std::string Options::value(const char* name) const
{
    return m_parser.value(QString::fromUtf8(name)).toStdString();
}

std::vector<std::string> Options::values(const char* name) const
{
    std::vector<std::string> all;
    for (const QString& one : m_parser.values(QString::fromUtf8(name)))
        all.push_back(one.toStdString());
    return all;
}

QStringList Options::positional() const
{
    return m_parser.positionalArguments();
}

Path Options::configDir() const
{
    return has("config") ? pathOf(value("config")) : engine::defaultConfigDir();
}

std::unique_ptr<engine::Engine> Options::openEngine(bool create) const
{
    auto opened = engine::Engine::open({.configDir = configDir(),
                                        .archiveRoot = pathOf(value("archive")),
                                        .createArchive = create,
                                        .timeZone = {}},
                                       systemClock());
    if (!opened) {
        failWith(opened.error());
        return nullptr;
    }
    if ((*opened)->archive().wasCreated()) {
        say("New archive in " + value("archive") +
            ". Its recovery passphrase opens it on another machine; keep it on paper:");
        say("    " + (*opened)->secrets().recoveryPassphrase);
    }
    return std::move(*opened);
}

const Clock& systemClock()
{
    static const SystemClock clock;
    return clock;
}

void say(const std::string& text)
{
    std::fputs((text + "\n").c_str(), stderr);
}

void print(const std::string& text)
{
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (!text.empty() && text.back() != '\n')
        std::fputc('\n', stdout);
    std::fflush(stdout);
}

int exitCodeOf(const Error& error)
{
    const bool violated =
        error.code == archive::ArchiveErrc::Altered || error.code == crypto::CryptoErrc::Altered;
    return violated ? IntegrityViolated : Failed;
}

int failWith(const Error& error)
{
    say("switchroomctl: " + error.text());
    if (const char* advice = adviceFor(error.code); *advice != '\0')
        say(advice);
    return exitCodeOf(error);
}

int wrongUse(const std::string& text)
{
    say("switchroomctl: " + text);
    say("`switchroomctl help` lists the commands, `switchroomctl COMMAND --help` their options.");
    return WrongUse;
}

} // namespace sr::ctl
