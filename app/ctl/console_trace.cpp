// SPDX-License-Identifier: GPL-3.0-or-later
// The service writes the trace; its end is read here.
#include "app/ctl/console_trace.h"

#include "app/ctl/cmd_status.h"
#include "app/ctl/command.h"

#include <QJsonObject>

#include <algorithm>

namespace sr::ctl {
namespace {

constexpr std::uint64_t kShownBytes = 64U << 10U; ///< chosen

/// The end of the file, from the first message that is whole there.
Result<std::string> endOf(const Path& path)
{
    const auto file = File::open(path, OpenMode::Read);
    if (!file)
        return file.error();
    const std::uint64_t size = (*file)->size();
    Bytes bytes(static_cast<std::size_t>(std::min(size, kShownBytes)));
    const auto count = (*file)->readAt(size - bytes.size(), bytes);
    if (!count)
        return count.error();
    std::string_view text = textOf(ByteView(bytes).first(*count));
    if (const std::size_t end = text.find("\n\n"); size > kShownBytes && end != std::string_view::npos)
        text.remove_prefix(end + 2);
    while (text.ends_with('\n'))
        text.remove_suffix(1);
    return std::string(text);
}

void tell(const QJsonObject& trace)
{
    const auto number = [&](const char* name) {
        return std::to_string(trace.value(QLatin1String(name)).toInteger());
    };
    print((trace.value(QLatin1String("on")).toBool() ? "SIP messages are traced to "
                                                     : "SIP messages are not traced. Those of before: ") +
          trace.value(QLatin1String("file")).toString().toStdString());
    print(number("messages") + " written since the service started, " + number("lost") + " lost.");
    if (const QString error = trace.value(QLatin1String("error")).toString(); !error.isEmpty())
        say("switchroomctl: the last error: " + error.toStdString());
}

} // namespace

int runTrace(const Path& configDir, const QStringList& words)
{
    const QString action = words.value(0, QStringLiteral("show"));
    QJsonObject request{{QStringLiteral("do"), QStringLiteral("trace")}};
    if (action == QLatin1String("on") || action == QLatin1String("off"))
        request.insert(QStringLiteral("on"), action == QLatin1String("on"));
    else if (action != QLatin1String("show"))
        return wrongUse("trace on | off | show.");
    const auto answer = askService(configDir, request);
    if (!answer)
        return Failed;
    tell(*answer);
    if (action != QLatin1String("show"))
        return Ok;
    const Path path = pathOf(answer->value(QLatin1String("file")).toString().toStdString());
    const auto text = endOf(path);
    if (!text && text.error().code == BaseErrc::NotFound)
        return Ok;
    if (!text)
        return failWith(text.error());
    print("\n" + *text);
    return Ok;
}

} // namespace sr::ctl
