// SPDX-License-Identifier: GPL-3.0-or-later
// What every subcommand of switchroomctl shares: options, exit codes, opening the archive, words for the
// person.
#pragma once

#include "core/base/clock.h"
#include "core/engine/engine.h"

#include <QCommandLineParser>
#include <QString>
#include <QStringList>

#include <memory>
#include <optional>

namespace sr::ctl {

enum ExitCode : int {
    Ok = 0,
    Failed = 1,
    WrongUse = 2,
    IntegrityViolated = 3
}; // design.md, Command contract

/// A subcommand: `switchroomctl NAME ...`.
struct Command {
    const char* name;
    const char* summary;
    int (*run)(const QStringList& arguments); ///< arguments[0] is `switchroomctl NAME`
};

const std::vector<Command>& commands();

/// Options of one subcommand; --config, --archive, --json, --help come by themselves.
class Options {
public:
    enum Part : unsigned { Json = 1, Archive = 2 };
    Options(const char* description, unsigned parts);

    void add(const char* name, const char* text, const char* value = nullptr);
    /// `most`: so many at most; more are wrong use, never ignored.
    void addPositional(const char* name, const char* text, const char* syntax, int most = 1);
    /// The exit code when there is nothing more to do: --help, or a mistake that has been explained.
    std::optional<int> process(const QStringList& arguments);

    bool has(const char* name) const;
    std::string value(const char* name) const;
    std::vector<std::string> values(const char* name) const;
    QStringList positional() const;
    bool json() const { return has("json"); }

    /// The archive that --archive names; says in words why not, and greets a new one with its recovery
    /// passphrase.
    std::unique_ptr<engine::Engine> openEngine(bool create) const;
    Path configDir() const;

private:
    QCommandLineParser m_parser;
    unsigned m_parts;
    int m_mostPositional = 0;
};

const Clock& systemClock();

/// Words to standard error, UTF-8.
void say(const std::string& text);
/// JSON or plain lines to standard output.
void print(const std::string& text);
/// 3 if integrity is violated, else 1.
int exitCodeOf(const Error& error);
/// Says what failed and returns the exit code for it: 3 if integrity is violated, else 1.
int failWith(const Error& error);
/// Says how to use the command right and returns 2.
int wrongUse(const std::string& text);

} // namespace sr::ctl
