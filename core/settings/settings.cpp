// SPDX-License-Identifier: GPL-3.0-or-later
// Typed settings over a sealed file.
#include "core/settings/settings.h"

#include "core/crypto/digest.h"
#include "core/crypto/file_lock.h"
#include "core/crypto/sealed.h"
#include "core/crypto/wipe.h"

namespace sr::settings {
namespace {

constexpr std::uint64_t kMaxFileBytes = 2 * 1024 * 1024;
constexpr std::string_view kUid = "settings";

QString keyOf(const Definition& definition)
{
    return QLatin1String(definition.key);
}

QString defaultOf(const Definition& definition)
{
    return QString::fromUtf8(definition.defaultValue);
}

Error unknownKey(const QString& key)
{
    return fail(SettingsErrc::UnknownKey, key.left(200).toStdString());
}

/// Of a typed key; a test checks that each stands in a table.
const Definition& definitionOf(const char* key)
{
    return *findDefinition(QString::fromLatin1(key));
}

/// As it is kept in the file: a password becomes its hash.
Result<QString> keptForm(const Definition& definition, const QString& value)
{
    auto good = validated(definition, value);
    if (!good || definition.type != SettingType::Password)
        return good;
    std::string clear = good->toStdString();
    const crypto::WipeLater wiped(clear);
    const auto hash = crypto::hashPassword(clear);
    if (!hash)
        return hash.error();
    return QString::fromStdString(*hash);
}

} // namespace

Settings::Settings(Path path, Path lockPath, const crypto::Secret& key)
    : m_path(std::move(path))
    , m_lockPath(std::move(lockPath))
{
    m_ring.add(crypto::KeyPurpose::Archive, crypto::KeyOrigin::Default, key, {});
}
Settings::~Settings() = default;

Result<std::unique_ptr<Settings>> Settings::open(const Path& configDir, const crypto::MachineSecrets& secrets)
{
    std::unique_ptr<Settings> settings(
        new Settings(configDir / "settings.xml", configDir / "settings.lock", secrets.settingsKey));
    auto values = settings->load();
    if (!values)
        return values.error();
    settings->m_values = std::move(*values);
    return settings;
}

Result<Values> Settings::load() const
{
    const auto sealed = readFile(m_path, kMaxFileBytes);
    if (!sealed && sealed.error().code == BaseErrc::NotFound)
        return Values{};
    if (!sealed)
        return sealed.error();
    const auto named = [this](const Error& error) {
        return Error{error.code, utf8Of(m_path) + ": " + error.context};
    };
    const auto clear = crypto::unseal(*sealed, m_ring, crypto::ContentType::Settings, kUid);
    if (!clear)
        return named(clear.error());
    const std::string_view xml = textOf(*clear);
    auto values = parseXml(QByteArray(xml.data(), static_cast<qsizetype>(xml.size())));
    if (!values)
        return named(values.error());
    adoptOldNames(*values, definitions());
    return values;
}

Status Settings::save()
{
    if (m_changes.empty())
        return {};
    if (auto made = makeDirs(m_path.parent_path()); !made)
        return made;
    const auto lock = crypto::waitForLock(m_lockPath);
    if (!lock)
        return lock.error();
    auto values = load(); // another program may have written meanwhile
    if (!values)
        return values.error();
    for (const auto& [key, value] : m_changes) {
        if (value)
            (*values)[key] = *value;
        else
            values->erase(key);
    }
    const QByteArray xml = writeXml(*values);
    const auto* active = m_ring.active(crypto::KeyPurpose::Archive);
    const auto sealed =
        crypto::seal(bytesOf(std::string_view(xml.constData(), static_cast<std::size_t>(xml.size()))),
                     *active, crypto::ContentType::Settings, kUid);
    if (!sealed)
        return sealed.error();
    if (auto written = writeFileAtomic(m_path, *sealed, true); !written)
        return written;
    m_values = std::move(*values);
    m_changes.clear();
    return {};
}

void Settings::change(const Definition& definition, std::optional<QString> value)
{
    const QString key = keyOf(definition);
    if (value)
        m_values[key] = *value;
    else
        m_values.erase(key);
    m_changes[key] = std::move(value);
}

/// The value in force, of a password its hash.
QString Settings::stored(const Definition& definition) const
{
    const auto at = m_values.find(keyOf(definition));
    if (at == m_values.end())
        return defaultOf(definition);
    auto good = validated(definition, at->second);
    return good ? *good : defaultOf(definition);
}

bool Settings::get(Setting<bool> setting) const
{
    return stored(definitionOf(setting.key)) == u"true";
}

int Settings::get(Setting<int> setting) const
{
    return stored(definitionOf(setting.key)).toInt();
}

QString Settings::get(Setting<QString> setting) const
{
    return stored(definitionOf(setting.key));
}

Status Settings::set(Setting<bool> setting, bool value)
{
    return setText(QLatin1String(setting.key), value ? QStringLiteral("true") : QStringLiteral("false"));
}

Status Settings::set(Setting<int> setting, int value)
{
    return setText(QLatin1String(setting.key), QString::number(value));
}

Status Settings::set(Setting<QString> setting, const QString& value)
{
    return setText(QLatin1String(setting.key), value);
}

Result<QString> Settings::text(const QString& key) const
{
    const Definition* definition = findDefinition(key);
    if (definition == nullptr)
        return unknownKey(key);
    if (definition->secret)
        return m_values.contains(keyOf(*definition)) ? QStringLiteral("(set)") : QString();
    return stored(*definition);
}

Status Settings::setText(const QString& key, const QString& value)
{
    const Definition* definition = findDefinition(key);
    if (definition == nullptr)
        return unknownKey(key);
    auto kept = keptForm(*definition, value);
    if (!kept)
        return kept.error();
    change(*definition, std::move(*kept));
    return {};
}

Status Settings::reset(const QString& key)
{
    const Definition* definition = findDefinition(key);
    if (definition == nullptr)
        return unknownKey(key);
    change(*definition, std::nullopt);
    return {};
}

bool Settings::isDefault(const QString& key) const
{
    const Definition* definition = findDefinition(key);
    if (definition == nullptr)
        return false;
    if (definition->secret)
        return !m_values.contains(keyOf(*definition));
    return stored(*definition) == defaultOf(*definition);
}

QByteArray Settings::exportXml() const
{
    Values open;
    for (const Definition& definition : definitions()) {
        if (!definition.secret && stored(definition) != defaultOf(definition))
            open.emplace(keyOf(definition), stored(definition));
    }
    return writeXml(open);
}

Status Settings::importXml(const QByteArray& xml)
{
    auto values = parseXml(xml);
    if (!values)
        return values.error();
    adoptOldNames(*values, definitions());
    std::vector<std::pair<const Definition*, QString>> good;
    for (const auto& [key, value] : *values) {
        const Definition* definition = findDefinition(key);
        if (definition == nullptr)
            return unknownKey(key);
        auto kept = keptForm(*definition, value);
        if (!kept)
            return kept.error();
        good.emplace_back(definition, std::move(*kept));
    }
    for (auto& [definition, value] : good)
        change(*definition, std::move(value));
    return {};
}

bool Settings::hasSetupPassword() const
{
    return m_values.contains(QLatin1String(kSetupPassword));
}

bool Settings::checkSetupPassword(std::string_view password) const
{
    const auto at = m_values.find(QLatin1String(kSetupPassword));
    return at != m_values.end() && crypto::checkPassword(password, at->second.toStdString());
}

Status Settings::setSetupPassword(std::string_view password)
{
    if (password.empty())
        return fail(SettingsErrc::BadValue, std::string(kSetupPassword) + ": the password is empty");
    const auto hash =
        crypto::hashPassword(password); // the octets as typed, as checkSetupPassword() compares them
    if (!hash)
        return hash.error();
    change(definitionOf(kSetupPassword), QString::fromStdString(*hash));
    return {};
}

} // namespace sr::settings
