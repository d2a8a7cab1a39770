// SPDX-License-Identifier: GPL-3.0-or-later
// Folders by their spelling, URLs by QUrl.
#include "core/pbx/record_target.h"

#include "core/base/file.h"
#include "core/pbx/object_settings.h"
#include "core/pbx/pbx_error.h"

#include <QUrl>

#include <algorithm>

namespace sr::pbx {
namespace {

constexpr std::string_view kHidden = "***";

QUrl urlOf(std::string_view text)
{
    return QUrl(QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())), QUrl::StrictMode);
}

bool isUrl(std::string_view target)
{
    return target.find("://") != target.npos;
}

Status refuse(std::string_view why)
{
    return fail(PbxErrc::BadSetting, std::string(why));
}

Status checkUrl(const QUrl& url)
{
    if (!url.isValid() || url.host().isEmpty() || url.port() == 0 ||
        (url.scheme() != u"http" && url.scheme() != u"https"))
        return refuse("it is no URL of http or https");
    if (url.hasQuery() || url.hasFragment())
        return refuse("names of files cannot follow a query or fragment");
    if (url.password() == QLatin1String(kHidden.data()))
        return refuse("*** stands for a password that is not shown; give it again");
    return {};
}

/// In lower case, and where words begin in it.
struct Letters {
    std::string text;
    std::vector<bool> begins;
};

Letters lettersOf(std::string_view text)
{
    Letters out;
    bool begins = true;
    for (const char c : text) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool counts = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
        if (counts) {
            out.text += upper ? static_cast<char>(c - 'A' + 'a') : c;
            out.begins.push_back(begins);
        }
        begins = !counts;
    }
    return out;
}

/// One word or several of it, whatever parts them.
bool hasWords(const Letters& text, const std::string& words)
{
    for (auto at = text.text.find(words); at != std::string::npos; at = text.text.find(words, at + 1)) {
        const std::size_t end = at + words.size();
        if (text.begins[at] && (end == text.text.size() || text.begins[end]))
            return true;
    }
    return false;
}

std::string_view userOf(std::string_view uri)
{
    const auto colon = uri.find(':');
    const auto at = uri.find('@');
    return colon == uri.npos || at == uri.npos || at < colon ? std::string_view()
                                                             : uri.substr(colon + 1, at - colon - 1);
}

} // namespace

Status checkRecordTarget(std::string_view target)
{
    if (std::ranges::any_of(target, [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
        return refuse("it has control characters");
    if (isUrl(target))
        return checkUrl(urlOf(target));
    return pathOf(target).is_absolute() ? Status() : refuse("it is neither an absolute folder nor a URL");
}

std::string normalRecordTarget(std::string_view target)
{
    if (!isUrl(target)) {
        Path folder = pathOf(target).lexically_normal();
        if (!folder.has_filename() && folder.has_relative_path())
            folder = folder.parent_path();
        return utf8Of(folder);
    }
    QUrl url = urlOf(target).adjusted(QUrl::NormalizePathSegments);
    if (url.port() == (url.scheme() == u"https" ? 443 : 80))
        url.setPort(-1);
    if (!url.path().endsWith(u'/'))
        url.setPath(url.path() + u'/');
    return url.toEncoded().toStdString();
}

std::string shownRecordTarget(const std::string& target)
{
    if (!isUrl(target))
        return target;
    QUrl url = urlOf(target);
    if (url.password().isEmpty())
        return target;
    url.setPassword(QLatin1String(kHidden.data()));
    return url.toEncoded().toStdString();
}

bool isHardware(const Device& device, const Binding& binding)
{
    const std::string name = lettersOf(device.hardware).text;
    return !name.empty() && (lettersOf(userOf(binding.contact.uri)).text == name ||
                             hasWords(lettersOf(binding.contact.instance), name) ||
                             hasWords(lettersOf(binding.userAgent), name));
}

std::vector<relay::TapTarget> recordTargetsOf(const Object& object, const std::vector<Binding>& bindings,
                                              const sip::Source& at)
{
    std::vector<relay::TapTarget> targets;
    const auto add = [&](const std::string& target) {
        if (!target.empty())
            targets.push_back({normalRecordTarget(target), object.name});
    };
    add(textSetting(object, std::string(kRecordTo)));
    const auto binding = std::ranges::find(bindings, at, &Binding::source);
    if (binding == bindings.end())
        return targets;
    for (const Device& device : object.devices)
        if (!device.recordTo.empty() && isHardware(device, *binding))
            add(device.recordTo);
    return targets;
}

} // namespace sr::pbx
