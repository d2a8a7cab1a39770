// SPDX-License-Identifier: GPL-3.0-or-later
// Files on their way to servers by HTTP PUT (RFC 9110 9.3.4), one after the other for each server.
#pragma once

#include "core/base/clock.h"
#include "core/base/file.h"

#include <functional>
#include <memory>

namespace sr::recorder {

struct Upload {
    std::string to; ///< URL that the name is put behind; a user and password in it are for who asks for them
    std::string name; ///< with extension
    Path file;
    std::uint64_t bytes = 0;
};

struct UploadOptions {
    milliseconds timeout{30'000}; ///< without any progress
    Path caFile = {};             ///< PEM: roots that are trusted beside those of the machine
    std::function<void(const Upload&)> delivered = {};
    /// RecordToErrc::Unreachable, each time; never with a password.
    std::function<void(const Upload&, const Error&)> problem = {};
    /// Calls back after that time, on the thread that asks for it. A timer, unless a test knows better.
    std::function<void(milliseconds, std::function<void()>)> after = {};
};

/// A file is delivered when the answer is 2xx. Whatever else comes makes the files for that server wait: 1 s,
/// 2 s, up to 5 minutes; the one that was refused goes behind the others. Redirections are followed, five at
/// most, never from https to http, and credentials stay with the host of the URL. Certificates are verified.
///
/// Has a thread of its own, on which it tells; needs a QCoreApplication.
class Uploads {
public:
    /// Errors of reading `caFile`.
    static Result<std::unique_ptr<Uploads>> start(UploadOptions options);
    ~Uploads(); ///< what is under way is given up
    Uploads(const Uploads&) = delete;
    Uploads& operator=(const Uploads&) = delete;
    void add(Upload upload); ///< any thread

private:
    struct Impl;
    explicit Uploads(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace sr::recorder
