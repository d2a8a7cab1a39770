// SPDX-License-Identifier: GPL-3.0-or-later
// A connection reads a request, waits for its command, hands the answer over, and reads again.
#include "app/control/control_server.h"

#include "app/control/control_error.h"
#include "app/control/line_framer.h"
#include "app/control/socket_place.h"

#include <QJsonDocument>
#include <QLocalServer>
#include <QLocalSocket>
#include <QPointer>
#include <QStringList>
#include <QTimer>

#include <algorithm>
#include <map>

namespace sr::control {
namespace {

using Commands = std::map<QString, Handler>;

QByteArray lineOf(QJsonObject answer)
{
    answer.insert(QStringLiteral("version"), kProtocolVersion);
    QByteArray line = QJsonDocument(answer).toJson(QJsonDocument::Compact) + '\n';
    if (static_cast<std::size_t>(line.size()) > kMostAnswer)
        return lineOf(errorAnswer(kFailed, QStringLiteral("The answer is too long; ask for less of it.")));
    return line;
}

QJsonObject unknownCommand(const QString& name, const Commands& commands)
{
    QStringList known;
    for (const auto& [command, handler] : commands)
        known << command;
    return errorAnswer(kUnknown, QStringLiteral("There is no command `%1`; there are: %2.")
                                     .arg(name.left(64), known.join(QStringLiteral(", "))));
}

//             whole line             answered               taken
//   Reading --------------> Asking ------------> Writing ----------> Reading
//      | idle: closed          | late: kBusy        | too slow: closed
//      | refused
//      +-------> Ending: what comes is dropped until the asker, who has the reason by then, closes, or time
//      is
//                up. Closing at once would be an error to an asker that still writes, and hide the reason.
class Connection final : public QObject {
public:
    Connection(QLocalSocket* socket, const Commands& commands, const ServerOptions& options)
        : m_socket(socket)
        , m_commands(commands)
        , m_options(options)
    {
        m_socket->setParent(this);
        m_socket->setReadBufferSize(kMostRequest);
        m_timer.setSingleShot(true);
        connect(&m_timer, &QTimer::timeout, this, [this] { tooLate(); });
        connect(m_socket, &QLocalSocket::readyRead, this, [this] { read(); });
        connect(m_socket, &QLocalSocket::bytesWritten, this, [this] { written(); });
        connect(m_socket, &QLocalSocket::disconnected, this, &QObject::deleteLater);
    }
    void begin()
    {
        enter(State::Reading);
        read(); // what came before we listened
    }
    bool isEnding() const { return m_state == State::Ending; }
    void refuse(const QJsonObject& why) { answer(why, State::Ending); }

private:
    enum class State { Reading, Asking, Writing, Ending };

    void enter(State state)
    {
        m_state = state;
        m_timer.start(state == State::Reading  ? m_options.idle
                      : state == State::Asking ? m_options.command
                                               : m_options.reading);
    }

    void read()
    {
        if (m_state == State::Ending)
            m_socket->readAll();
        while (m_state == State::Reading) {
            if (const auto line = m_framer.next())
                return take(*line);
            if (m_framer.tooLong())
                return answer(
                    errorAnswer(kTooLong,
                                QStringLiteral("A request has %1 octets at most.").arg(kMostRequest)),
                    State::Ending);
            const QByteArray more = m_socket->read(static_cast<qint64>(m_framer.room()));
            if (more.isEmpty())
                return;
            m_framer.add({more.constData(), static_cast<std::size_t>(more.size())});
        }
    }

    void take(const std::string& line)
    {
        const QJsonDocument document =
            QJsonDocument::fromJson(QByteArray(line.data(), static_cast<qsizetype>(line.size())));
        const QJsonValue name = document.object().value(QLatin1String("do"));
        if (!document.isObject() || !name.isString())
            return answer(errorAnswer(
                kMalformed,
                QStringLiteral("A request is a JSON object in one line, like {\"do\":\"status\"}.")));
        const auto command = m_commands.find(name.toString());
        if (command == m_commands.end())
            return answer(unknownCommand(name.toString(), m_commands));
        enter(State::Asking);
        command->second(document.object(),
                        [self = QPointer<Connection>(this), request = ++m_request](QJsonObject said) {
                            if (self && self->m_state == State::Asking && self->m_request == request)
                                self->answer(std::move(said));
                        });
    }

    void answer(QJsonObject said, State then = State::Writing)
    {
        enter(then);
        m_socket->write(lineOf(std::move(said)));
        m_socket->flush();
        written();
    }

    void written()
    {
        if (m_state != State::Writing || m_socket->bytesToWrite() > 0)
            return;
        enter(State::Reading);
        // Who sends many requests at once lets others come between.
        QMetaObject::invokeMethod(
            this, [this] { read(); }, Qt::QueuedConnection);
    }

    void tooLate()
    {
        if (m_state == State::Asking)
            answer(errorAnswer(kBusy, QStringLiteral("The service is busy; try again.")));
        else
            m_socket->abort();
    }

    QLocalSocket* m_socket;
    const Commands& m_commands;
    const ServerOptions& m_options;
    LineFramer m_framer{kMostRequest};
    State m_state = State::Reading;
    quint64 m_request = 0; ///< the one that is answered now
    QTimer m_timer;
};

} // namespace

QJsonObject errorAnswer(const char* code, const QString& message)
{
    return {{QStringLiteral("error"), QJsonObject{{QStringLiteral("code"), QString::fromLatin1(code)},
                                                  {QStringLiteral("message"), message}}}};
}

class ControlServer::Impl {
public:
    Impl(std::unique_ptr<SocketPlace> place, ServerOptions options)
        : m_place(std::move(place))
        , m_options(options)
    {
        QObject::connect(&m_server, &QLocalServer::newConnection, &m_server, [this] { greet(); });
    }

    Status listen()
    {
        QLocalServer::removeServer(m_place->address());
        m_server.setSocketOptions(QLocalServer::UserAccessOption);
        if (m_server.listen(m_place->address()))
            return {};
        return fail(ControlErrc::Listen,
                    (m_place->address() + QStringLiteral(": ") + m_server.errorString()).toStdString());
    }
    void add(const char* name, Handler handler)
    {
        m_commands.insert_or_assign(QString::fromLatin1(name), std::move(handler));
    }

private:
    void greet()
    {
        while (QLocalSocket* socket = m_server.nextPendingConnection()) {
            const qsizetype all = m_owner.children().size();
            auto connection = std::make_unique<Connection>(socket, m_commands, m_options);
            if (served() < m_options.connections)
                connection->begin();
            else if (all < qsizetype{2} * m_options.connections)
                connection->refuse(errorAnswer(
                    kBusy,
                    QStringLiteral("%1 programs are connected; try again.").arg(m_options.connections)));
            else
                continue; // who asks so often needs no reason
            connection.release()->setParent(&m_owner);
        }
    }
    /// Connections that are not only there to read why they were refused.
    qsizetype served() const
    {
        return std::ranges::count_if(m_owner.children(), [](const QObject* child) {
            return !static_cast<const Connection*>(child)->isEnding();
        });
    }

    std::unique_ptr<SocketPlace> m_place;
    ServerOptions m_options;
    Commands m_commands;
    QLocalServer m_server; // goes before its place
    QObject m_owner;       // of the connections, which go first
};

ControlServer::ControlServer(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

ControlServer::~ControlServer() = default;

Result<std::unique_ptr<ControlServer>> ControlServer::start(const Path& configDir, ServerOptions options)
{
    auto place = SocketPlace::make(configDir);
    if (!place)
        return place.error();
    auto impl = std::make_unique<Impl>(std::move(*place), options);
    if (auto listening = impl->listen(); !listening)
        return listening.error();
    return std::unique_ptr<ControlServer>(new ControlServer(std::move(impl)));
}

void ControlServer::add(const char* name, Handler handler)
{
    m_impl->add(name, std::move(handler));
}

} // namespace sr::control
