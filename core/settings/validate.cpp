// SPDX-License-Identifier: GPL-3.0-or-later
// What a value must be, and the sentence when it is not.
#include "core/settings/definitions.h"

#include <QStringList>
#include <QTimeZone>

namespace sr::settings {
namespace {

constexpr qsizetype kMaxChars = 4096; // chosen: longer than any path

/// XML cannot carry these, and no setting has more than one line.
bool isPlainLine(const QString& value)
{
    for (qsizetype i = 0; i < value.size(); ++i) {
        const QChar c = value[i];
        if (c.isHighSurrogate() && i + 1 < value.size() && value[i + 1].isLowSurrogate()) {
            ++i;
            continue;
        }
        if (c < u' ' || c == QChar(0x7f) || c.isSurrogate() || c == QChar(0xfffe) || c == QChar(0xffff))
            return false;
    }
    return true;
}

Error bad(const Definition& definition, const QString& why)
{
    return fail(SettingsErrc::BadValue, std::string(definition.key) + ": " + why.toStdString());
}

Result<QString> validatedSwitch(const Definition& definition, const QString& value)
{
    for (const char* yes : {"true", "yes", "on", "1"}) {
        if (value.compare(QLatin1String(yes), Qt::CaseInsensitive) == 0)
            return QStringLiteral("true");
    }
    for (const char* no : {"false", "no", "off", "0"}) {
        if (value.compare(QLatin1String(no), Qt::CaseInsensitive) == 0)
            return QStringLiteral("false");
    }
    return bad(definition, QStringLiteral("true or false is expected, not \"%1\"").arg(value));
}

Result<QString> validatedNumber(const Definition& definition, const QString& value)
{
    QString digits = value;
    const auto unit = QLatin1String(definition.unit);
    if (!unit.isEmpty() && digits.endsWith(unit))
        digits = digits.chopped(unit.size()).trimmed();
    bool good = false;
    const int number = digits.toInt(&good);
    if (!good || number < definition.least || number > definition.most)
        return bad(definition,
                   QStringLiteral("a whole number from %1 to %2 is expected%3, not \"%4\"")
                       .arg(QString::number(definition.least), QString::number(definition.most),
                            unit.isEmpty() ? QString() : QStringLiteral(" in %1").arg(unit), value));
    return QString::number(number);
}

Result<QString> validatedChoice(const Definition& definition, const QString& value)
{
    QStringList names;
    for (const char* choice : definition.choices) {
        names.append(QLatin1String(choice));
        if (value.compare(names.last(), Qt::CaseInsensitive) == 0)
            return names.last();
    }
    return bad(
        definition,
        QStringLiteral("one of %1 is expected, not \"%2\"").arg(names.join(QStringLiteral(", ")), value));
}

} // namespace

Result<QString> validated(const Definition& definition, const QString& value)
{
    if (value.size() > kMaxChars)
        return bad(definition, QStringLiteral("more than %1 characters").arg(kMaxChars));
    if (definition.type == SettingType::Password) {
        if (value.isEmpty())
            return bad(definition, QStringLiteral("the password is empty"));
        return value; // control characters are the person's own affair: only its hash is kept
    }
    if (!isPlainLine(value))
        return bad(definition, QStringLiteral("control characters are not allowed"));
    const QString trimmed = value.trimmed();
    switch (definition.type) {
    case SettingType::Switch:
        return validatedSwitch(definition, trimmed);
    case SettingType::Number:
        return validatedNumber(definition, trimmed);
    case SettingType::Choice:
        return validatedChoice(definition, trimmed);
    case SettingType::TimeZone:
        if (!trimmed.isEmpty() && !QTimeZone::isTimeZoneIdAvailable(trimmed.toUtf8()))
            return bad(
                definition,
                QStringLiteral("\"%1\" is no time zone; Europe/Rome is an example of one").arg(trimmed));
        return trimmed;
    case SettingType::Secret:
    case SettingType::Path:
        return value; // a name may begin or end with a blank
    case SettingType::Text:
    case SettingType::Password:
        break;
    }
    return trimmed;
}

} // namespace sr::settings
