// SPDX-License-Identifier: GPL-3.0-or-later
// How the program was started and is told to end: by a person in a terminal, by systemd, or by the service
// manager of Windows.
#pragma once

#include "core/base/result.h"

#include <functional>
#include <memory>
#include <string>

namespace sr::service {

inline constexpr const char* kServiceName = "switchroomd";

/// One per program, in main(). Tells the starter that the program has ended when it dies.
class ServiceLife {
public:
    /// `managed`: started by the service manager of Windows (--service). `stop` is called once, from another
    /// thread, when the program shall end. Error: the manager does not know us.
    static Result<std::unique_ptr<ServiceLife>> begin(bool managed, std::function<void()> stop);
    virtual ~ServiceLife() = default;

    /// Everything is up; `line` goes to standard output where there is one.
    virtual void ready(const std::string& line) = 0;
    /// The end has begun and may take its time: calls are being recorded.
    virtual void stopping() = 0;
    /// For the administrator: standard error, which systemd keeps, or the event log. Any thread.
    virtual void say(const std::string& text) = 0;
    /// What the starter shall be told at the end: 0 is well.
    virtual void setExitCode(int code) = 0;
};

} // namespace sr::service
