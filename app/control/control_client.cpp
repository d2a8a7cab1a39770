// SPDX-License-Identifier: GPL-3.0-or-later
// One connection a question.
#include "app/control/control_client.h"

#include "app/control/control_server.h"
#include "app/control/socket_place.h"

#include <QDeadlineTimer>
#include <QJsonDocument>
#include <QLocalSocket>

namespace sr::control {
namespace {

Error connectError(const QLocalSocket& socket, const Path& configDir)
{
    const std::string folder = utf8Of(configDir);
    switch (socket.error()) {
    case QLocalSocket::SocketAccessError:
        return fail(BaseErrc::Denied, "reach the service on " + folder);
    case QLocalSocket::SocketTimeoutError:
        return fail(ControlErrc::NoAnswer, folder);
    default:
        return fail(ControlErrc::NotRunning, folder);
    }
}

Result<QByteArray> readLine(QLocalSocket& socket, const QDeadlineTimer& deadline)
{
    QByteArray line;
    while (!line.endsWith('\n')) {
        if (socket.bytesAvailable() == 0 &&
            !socket.waitForReadyRead(static_cast<int>(deadline.remainingTime())))
            return fail(ControlErrc::NoAnswer, "");
        line += socket.readLine(static_cast<qint64>(kMostAnswer));
        if (static_cast<std::size_t>(line.size()) > kMostAnswer)
            return fail(ControlErrc::NotProtocol, "");
    }
    return line;
}

Result<QJsonObject> answerOf(const QByteArray& line)
{
    const QJsonDocument document = QJsonDocument::fromJson(line);
    if (!document.isObject() || !document.object().contains(QLatin1String("version")))
        return fail(ControlErrc::NotProtocol, "");
    const QJsonValue error = document.object().value(QLatin1String("error"));
    if (error.isObject())
        return fail(ControlErrc::Refused,
                    error.toObject().value(QLatin1String("message")).toString().toStdString());
    return document.object();
}

} // namespace

Result<QJsonObject> ask(const Path& configDir, const QJsonObject& request, milliseconds patience)
{
    const QDeadlineTimer deadline(patience);
    const auto place = SocketPlace::find(configDir);
    if (!place && place.error().code == BaseErrc::NotFound)
        return fail(ControlErrc::NotRunning, utf8Of(configDir));
    if (!place)
        return place.error();
    QLocalSocket socket;
    socket.connectToServer((*place)->address());
    if (!socket.waitForConnected(static_cast<int>(patience.count())))
        return connectError(socket, configDir);
    socket.write(QJsonDocument(request).toJson(QJsonDocument::Compact) + '\n');
    const auto line = readLine(socket, deadline);
    if (!line)
        return line.error();
    return answerOf(*line);
}

} // namespace sr::control
