// SPDX-License-Identifier: GPL-3.0-or-later
// Headers of syslog by their two standards.
#include "core/cdr/syslog_message.h"

#include <QDateTime>
#include <QLocale>

#include <algorithm>

namespace sr::cdr {
namespace {

constexpr int kInformational = 6;            ///< RFC 5424 6.2.1
constexpr std::size_t kHostOctetsMost = 255; ///< RFC 5424 6
constexpr const char* kApplication = "switchroom";

std::string asciiOf(std::string_view xml)
{
    if (std::ranges::all_of(xml, [](char c) { return static_cast<unsigned char>(c) < 0x80U; }))
        return std::string(xml);
    std::string out;
    const auto codes = QString::fromUtf8(xml.data(), static_cast<qsizetype>(xml.size())).toUcs4();
    for (const uint code : codes)
        if (code < 0x80)
            out += static_cast<char>(code);
        else
            out += "&#" + std::to_string(code) + ";";
    return out;
}

/// PRINTUSASCII without blanks.
std::string hostOf(const std::string& name, bool domain)
{
    std::string host = domain ? name : name.substr(0, name.find('.'));
    std::erase_if(host, [](char c) { return c <= ' ' || c > '~'; });
    host.resize(std::min(host.size(), kHostOctetsMost));
    return host.empty() ? "-" : host;
}

} // namespace

std::string syslogMessage(const Destination& to, UtcTime now, std::string_view xml)
{
    const auto count = std::chrono::floor<milliseconds>(now).time_since_epoch().count();
    const QDateTime time = QDateTime::fromMSecsSinceEpoch(count, Qt::UTC);
    const std::string priority = "<" + std::to_string(8 * to.syslogFacility + kInformational) + ">";
    if (to.syslogForm == SyslogForm::Rfc5424) // HEADER, MSGID, no structured data
        return priority + "1 " + time.toString(Qt::ISODateWithMs).toStdString() + " " +
               hostOf(to.from, true) + " " + kApplication + " - cdr - " + asciiOf(xml);
    // 4.1.2: local time, the day padded by a blank, no domain.
    const QDateTime local = time.toLocalTime();
    const std::string day = std::to_string(local.date().day());
    return priority + QLocale::c().toString(local, QStringLiteral("MMM ")).toStdString() +
           (day.size() < 2 ? " " : "") + day + local.toString(QStringLiteral(" HH:mm:ss ")).toStdString() +
           hostOf(to.from, false) + " " + kApplication + ": " + asciiOf(xml);
}

} // namespace sr::cdr
