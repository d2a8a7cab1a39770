// SPDX-License-Identifier: GPL-3.0-or-later
// Pipes have names of their own, beside all folders.
#include "app/control/socket_name.h"
#include "app/control/socket_place.h"

namespace sr::control {

SocketPlace::SocketPlace(QString address, int folder)
    : m_address(std::move(address))
    , m_folder(folder)
{}

SocketPlace::~SocketPlace() = default;

Result<std::unique_ptr<SocketPlace>> SocketPlace::at(const Path& /*folder*/, const std::string& name)
{
    return std::unique_ptr<SocketPlace>(
        new SocketPlace(QStringLiteral("switchroom-") + QString::fromStdString(name), -1));
}

Result<std::unique_ptr<SocketPlace>> SocketPlace::make(const Path& configDir)
{
    return at(configDir, socketNameOf(configDir));
}

Result<std::unique_ptr<SocketPlace>> SocketPlace::find(const Path& configDir)
{
    return at(configDir, socketNameOf(configDir));
}

} // namespace sr::control
