// SPDX-License-Identifier: GPL-3.0-or-later
// A service of Windows, made and removed through the service manager.
#include "app/service/service_install.h"
#include "app/service/service_life.h"
#include "core/base/error.h"
#include "core/base/file.h"

#include <windows.h>

#include <memory>

namespace sr::service {
namespace {

struct CloseHandle {
    void operator()(SC_HANDLE handle) const { ::CloseServiceHandle(handle); }
};
using Handle = std::unique_ptr<std::remove_pointer_t<SC_HANDLE>, CloseHandle>;

constexpr const wchar_t* kName = L"switchroomd";
constexpr DWORD kStopPatienceMs = 120'000;

Error lastError(const char* what)
{
    const DWORD code = ::GetLastError();
    const auto kind = code == ERROR_ACCESS_DENIED               ? BaseErrc::Denied
                      : code == ERROR_SERVICE_EXISTS            ? BaseErrc::Exists
                      : code == ERROR_SERVICE_DOES_NOT_EXIST    ? BaseErrc::NotFound
                      : code == ERROR_SERVICE_MARKED_FOR_DELETE ? BaseErrc::Locked
                                                                : BaseErrc::Io;
    return fail(kind, std::string(what) + " (" + std::to_string(code) + ")");
}

/// One word of a command line, as CommandLineToArgvW takes it apart.
std::wstring quoted(const std::wstring& word)
{
    std::wstring out = L"\"";
    std::size_t slashes = 0;
    for (const wchar_t c : word) {
        if (c == L'\\') {
            ++slashes;
            continue;
        }
        out.append(c == L'"' ? 2 * slashes + 1 : slashes, L'\\');
        slashes = 0;
        out += c;
    }
    out.append(2 * slashes, L'\\'); // before the closing quote
    return out + L'"';
}

/// Again 5 s, 30 s and 60 s after it failed; a day without failure starts anew.
void restartWhenItFails(SC_HANDLE service)
{
    SC_ACTION actions[] = {
        {SC_ACTION_RESTART, 5000}, {SC_ACTION_RESTART, 30'000}, {SC_ACTION_RESTART, 60'000}};
    SERVICE_FAILURE_ACTIONSW failure{};
    failure.dwResetPeriod = 24 * 3600;
    failure.cActions = 3;
    failure.lpsaActions = actions;
    (void)::ChangeServiceConfig2W(service, SERVICE_CONFIG_FAILURE_ACTIONS, &failure);
    wchar_t text[] = L"Telephone recorder: captures calls and keeps the archive.";
    SERVICE_DESCRIPTIONW description{text};
    (void)::ChangeServiceConfig2W(service, SERVICE_CONFIG_DESCRIPTION, &description);
}

/// Bounded; the manager's own tools poll as well.
void stopAndWait(SC_HANDLE service)
{
    SERVICE_STATUS status{};
    if (::ControlService(service, SERVICE_CONTROL_STOP, &status) == 0)
        return; // not running
    for (DWORD waited = 0; waited < kStopPatienceMs; waited += 100) {
        if (::QueryServiceStatus(service, &status) == 0 || status.dwCurrentState == SERVICE_STOPPED)
            return;
        ::Sleep(100);
    }
}

} // namespace

Result<std::string> installService(const Installation& installation)
{
    const Handle manager(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CREATE_SERVICE));
    if (!manager)
        return lastError("open the service manager; run this as an administrator");
    std::wstring command = quoted(pathOf(installation.program).wstring());
    for (const std::string& argument : installation.arguments)
        command += L" " + quoted(pathOf(argument).wstring());
    const Handle service(::CreateServiceW(manager.get(), kName, L"Switchroom", SERVICE_ALL_ACCESS,
                                          SERVICE_WIN32_OWN_PROCESS, SERVICE_AUTO_START, SERVICE_ERROR_NORMAL,
                                          command.c_str(), nullptr, nullptr, nullptr, nullptr, nullptr));
    if (!service)
        return lastError("install the service");
    restartWhenItFails(service.get());
    return std::string("Installed as the service switchroomd. Start it with: sc start switchroomd");
}

Result<std::string> uninstallService()
{
    const Handle manager(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT));
    if (!manager)
        return lastError("open the service manager");
    const Handle service(::OpenServiceW(manager.get(), kName, SERVICE_STOP | SERVICE_QUERY_STATUS | DELETE));
    if (!service)
        return lastError("open the service; run this as an administrator");
    stopAndWait(service.get());
    if (::DeleteService(service.get()) == 0)
        return lastError("remove the service");
    return std::string("Removed the service switchroomd. Archive and keys stay.");
}

} // namespace sr::service
