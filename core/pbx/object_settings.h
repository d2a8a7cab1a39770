// SPDX-License-Identifier: GPL-3.0-or-later
// What objects of a kind can be told beside what all of them have.
#pragma once

#include "core/pbx/object.h"

#include <span>

namespace sr::pbx {

struct SettingRule {
    Kind kind;
    std::string_view key;
    Status (*check)(std::string_view value); ///< BadSetting, with a sentence that names the rule
    std::string_view help;                   ///< for people, English
};

/// Of all kinds, those of one kind together.
std::span<const SettingRule> settingRules();
/// Null: objects of this kind have no such setting.
const SettingRule* settingRule(Kind kind, std::string_view key);
/// BadSetting.
Status checkSettings(Kind kind, const std::map<std::string, std::string>& settings);

// Of objects of every kind, and of users.
inline constexpr const char* kText = "text";         ///< for administrators
inline constexpr const char* kLocation = "loc";      ///< likewise: the original has one exchange at each
inline constexpr const char* kPresence = "presence"; ///< an Activity
inline constexpr const char* kPresenceNote = "presence-note";

// How values are read; of nothing where the setting is missing or empty.
const std::string& textSetting(const Object& object, const std::string& key);
std::optional<unsigned> numberSetting(const Object& object, const std::string& key);
bool flagSetting(const Object& object, const std::string& key); ///< `on`
std::vector<std::string_view> wordsIn(std::string_view value);  ///< what blanks part

} // namespace sr::pbx
