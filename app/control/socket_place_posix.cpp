// SPDX-License-Identifier: GPL-3.0-or-later
// A socket's path has 107 octets at most (unix(7)), a folder's more: then the way leads through /proc/self/fd
// (proc(5)).
#include "app/control/socket_name.h"
#include "app/control/socket_place.h"
#include "core/base/posix_error.h"

#include <QFile>

#include <fcntl.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

namespace sr::control {
namespace {

constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1; ///< [octets]

Path folderOf(const Path& configDir)
{
    return realPath(configDir) / "run";
}

} // namespace

SocketPlace::SocketPlace(QString address, int folder)
    : m_address(std::move(address))
    , m_folder(folder)
{}

SocketPlace::~SocketPlace()
{
    if (m_folder >= 0)
        ::close(m_folder);
}

Result<std::unique_ptr<SocketPlace>> SocketPlace::at(const Path& folder, const std::string& name)
{
    const std::string path = (folder / name).native();
    const QString text = QString::fromStdString(path);
    if (path.size() <= kLongest && QFile::encodeName(text).toStdString() == path)
        return std::unique_ptr<SocketPlace>(new SocketPlace(text, -1));
    const int fd = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return systemError(errno, "open", folder);
    const std::string through = "/proc/self/fd/" + std::to_string(fd) + "/" + name;
    return std::unique_ptr<SocketPlace>(new SocketPlace(QString::fromStdString(through), fd));
}

Result<std::unique_ptr<SocketPlace>> SocketPlace::make(const Path& configDir)
{
    const Path folder = folderOf(configDir);
    if (auto made = makeDirs(folder); !made)
        return made.error();
    if (auto closed = makePrivate(folder); !closed)
        return closed.error();
    return at(folder, socketNameOf(configDir));
}

Result<std::unique_ptr<SocketPlace>> SocketPlace::find(const Path& configDir)
{
    const Path folder = folderOf(configDir);
    if (::access(folder.c_str(), X_OK) != 0)
        return systemError(errno, "open", folder);
    return at(folder, socketNameOf(configDir));
}

} // namespace sr::control
