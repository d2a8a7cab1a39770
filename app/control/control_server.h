// SPDX-License-Identifier: GPL-3.0-or-later
// The control socket of a running service: commands from programs of the same user on the same machine.
//
// Protocol: one JSON object (RFC 8259) a line each way, UTF-8, `\n` behind it. A request names its command in
// `do`; what else it holds is the command's. The answer holds `version` (kProtocolVersion) and what the
// command says, or
//     {"version":1,"error":{"code":"...","message":"..."}}
// with the codes of kErrorCodes; `message` is an English sentence. Answers come in the order of the requests,
// one request at a time: who sends more waits. The asker keeps its end open until the answer is there.
#pragma once

#include "core/base/clock.h"
#include "core/base/file.h"

#include <QJsonObject>

#include <functional>
#include <memory>

namespace sr::control {

inline constexpr int kProtocolVersion = 1;
inline constexpr std::size_t kMostRequest = 64U << 10U; ///< [octets] of a line
inline constexpr std::size_t kMostAnswer = 4U << 20U;   ///< [octets] of a line

// codes of error
inline constexpr const char* kMalformed = "malformed";    ///< no JSON object, or no `do`
inline constexpr const char* kTooLong = "tooLong";        ///< over kMostRequest; the connection ends
inline constexpr const char* kUnknown = "unknownCommand"; ///< the message names those that are known
inline constexpr const char* kBadValue = "badValue";      ///< the command does not take that
inline constexpr const char* kBusy = "busy";              ///< too many connections, or no answer in time
inline constexpr const char* kFailed = "failed";          ///< it was tried

/// Takes the answer of a command: main thread, once. What comes late or twice is dropped.
using Answer = std::function<void(QJsonObject)>;
/// Main thread; must not wait. Answers at once or later.
using Handler = std::function<void(const QJsonObject& request, const Answer& answer)>;

QJsonObject errorAnswer(const char* code, const QString& message);

struct ServerOptions {
    int connections = 32;        ///< at once; more are told so and closed
    milliseconds idle{60'000};   ///< until a connection has brought its next whole request, else it is closed
    milliseconds command{5'000}; ///< until a command has answered, else kBusy
    milliseconds reading{
        10'000}; ///< until the asker has taken an answer, or a refusal and gone; else it is closed
};

/// Main thread, which runs an event loop.
class ControlServer {
public:
    /// The caller holds the service's lock of `configDir`, so whatever socket stands there is a dead
    /// service's, and replaced. Errors: as SocketPlace::make(), ControlErrc::Listen.
    static Result<std::unique_ptr<ControlServer>> start(const Path& configDir, ServerOptions options = {});
    ~ControlServer();
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

    /// `name`: a literal. Whose name stands there already is replaced.
    void add(const char* name, Handler handler);

private:
    class Impl;
    explicit ControlServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace sr::control
