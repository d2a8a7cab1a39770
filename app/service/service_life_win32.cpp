// SPDX-License-Identifier: GPL-3.0-or-later
// Console and service manager of Windows. The manager calls us on threads of its own; main() stays the
// program's.
#include "app/service/service_life.h"
#include "core/base/console.h"
#include "core/base/error.h"
#include "core/base/file.h"

#include <windows.h>

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

namespace sr::service {
namespace {

class ConsoleLife final : public ServiceLife {
public:
    explicit ConsoleLife(std::function<void()> stop)
        : m_signal(std::move(stop))
    {}
    void ready(const std::string& line) override
    {
        std::fputs((line + "\n").c_str(), stdout);
        std::fflush(stdout);
    }
    void stopping() override {}
    void say(const std::string& text) override
    {
        std::fputs((std::string(kServiceName) + ": " + text + "\n").c_str(), stderr);
    }
    void setExitCode(int) override {}

private:
    StopSignal m_signal;
};

/// Under the service manager. Its callbacks have no argument that is ours, hence the one instance.
class ManagedLife final : public ServiceLife {
public:
    explicit ManagedLife(std::function<void()> stop)
        : m_stop(std::move(stop))
    {
        instance = this;
        m_dispatcher = std::thread([this] {
            wchar_t name[] = L"switchroomd";
            SERVICE_TABLE_ENTRYW table[] = {{name, &ManagedLife::main}, {nullptr, nullptr}};
            if (::StartServiceCtrlDispatcherW(table) == 0)
                become(State::Refused);
        });
    }
    ~ManagedLife() override
    {
        become(State::Over); // lets main() on the manager's thread go, which ends the dispatcher
        m_dispatcher.join();
        instance = nullptr;
    }
    ManagedLife(const ManagedLife&) = delete;
    ManagedLife& operator=(const ManagedLife&) = delete;

    /// False: the manager did not start this program.
    bool waitForManager()
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_state != State::Unknown; });
        return m_state != State::Refused;
    }
    void ready(const std::string&) override { report(SERVICE_RUNNING, 0); }
    void stopping() override { report(SERVICE_STOP_PENDING, kPatienceMs); }
    void say(const std::string& text) override
    {
        const HANDLE log = ::RegisterEventSourceW(nullptr, L"switchroomd");
        if (log == nullptr)
            return;
        const std::wstring wide = pathOf(text).wstring();
        const wchar_t* lines[] = {wide.c_str()};
        ::ReportEventW(log, EVENTLOG_WARNING_TYPE, 0, 1, nullptr, 1, 0, lines, nullptr);
        ::DeregisterEventSource(log);
    }
    void setExitCode(int code) override
    {
        const std::scoped_lock lock(m_mutex);
        m_exitCode = code;
    }

private:
    enum class State { Unknown, Refused, Started, Over };
    static constexpr DWORD kPatienceMs = 120'000; ///< calls are recorded at the end

    void become(State state)
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_state = state;
        }
        m_changed.notify_all();
    }
    static void WINAPI main(DWORD, LPWSTR*) { instance->runManaged(); }
    static DWORD WINAPI control(DWORD what, DWORD, LPVOID, LPVOID self)
    {
        if (what == SERVICE_CONTROL_STOP || what == SERVICE_CONTROL_SHUTDOWN)
            static_cast<ManagedLife*>(self)->m_stop();
        return NO_ERROR;
    }
    void runManaged()
    {
        const SERVICE_STATUS_HANDLE handle =
            ::RegisterServiceCtrlHandlerExW(L"switchroomd", &ManagedLife::control, this);
        {
            const std::scoped_lock lock(m_mutex);
            m_handle = handle;
        }
        report(SERVICE_START_PENDING, kPatienceMs);
        become(State::Started);
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_state == State::Over; });
        lock.unlock();
        report(SERVICE_STOPPED, 0);
    }
    void report(DWORD state, DWORD patience)
    {
        const std::scoped_lock lock(m_mutex);
        if (m_handle == nullptr)
            return;
        SERVICE_STATUS status{};
        status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
        status.dwCurrentState = state;
        status.dwControlsAccepted =
            state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN : 0;
        status.dwWaitHint = patience;
        status.dwCheckPoint = patience == 0 ? 0 : ++m_checkPoint;
        if (state == SERVICE_STOPPED && m_exitCode != 0) {
            status.dwWin32ExitCode = ERROR_SERVICE_SPECIFIC_ERROR;
            status.dwServiceSpecificExitCode = static_cast<DWORD>(m_exitCode);
        }
        ::SetServiceStatus(m_handle, &status);
    }

    static inline ManagedLife* instance = nullptr;
    std::function<void()> m_stop;
    std::mutex m_mutex; // guards what follows
    std::condition_variable m_changed;
    State m_state = State::Unknown;
    SERVICE_STATUS_HANDLE m_handle = nullptr;
    DWORD m_checkPoint = 0;
    int m_exitCode = 0;
    std::thread m_dispatcher;
};

} // namespace

Result<std::unique_ptr<ServiceLife>> ServiceLife::begin(bool managed, std::function<void()> stop)
{
    if (!managed)
        return std::unique_ptr<ServiceLife>(std::make_unique<ConsoleLife>(std::move(stop)));
    auto life = std::make_unique<ManagedLife>(std::move(stop));
    if (!life->waitForManager())
        return fail(BaseErrc::Denied,
                    "--service is for the service manager, which did not start this program");
    return std::unique_ptr<ServiceLife>(std::move(life));
}

} // namespace sr::service
