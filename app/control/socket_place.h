// SPDX-License-Identifier: GPL-3.0-or-later
// Where the control socket of a `--config` is, so that none but its user (and root) comes near.
#pragma once

#include "core/base/file.h"

#include <QString>

#include <memory>

namespace sr::control {

/// POSIX: `<config>/run/<name>`, in a folder of mode 0700. Windows: a pipe of that name.
class SocketPlace {
public:
    /// For the service, which holds the lock of `configDir`: the folder is made and closed to others.
    /// Errors: as makeDirs() and makePrivate().
    static Result<std::unique_ptr<SocketPlace>> make(const Path& configDir);
    /// For those who ask it. BaseErrc::NotFound: no service ever ran there; Denied: not for this user.
    static Result<std::unique_ptr<SocketPlace>> find(const Path& configDir);
    ~SocketPlace();
    SocketPlace(const SocketPlace&) = delete;
    SocketPlace& operator=(const SocketPlace&) = delete;

    /// For QLocalServer and QLocalSocket, as long as this lives.
    const QString& address() const { return m_address; }

private:
    SocketPlace(QString address, int folder);
    static Result<std::unique_ptr<SocketPlace>> at(const Path& folder, const std::string& name);
    QString m_address;
    int m_folder; ///< file descriptor that the address leads through, else -1
};

} // namespace sr::control
