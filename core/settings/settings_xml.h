// SPDX-License-Identifier: GPL-3.0-or-later
// The XML form of settings: `<settings version="1"><set key="archive.path">/srv/calls</set></settings>`.
#pragma once

#include "core/base/error.h"

#include <QByteArray>
#include <QString>

#include <map>

namespace sr::settings {

using Values = std::map<QString, QString>; ///< by key

inline constexpr int kFormatVersion = 1;

/// Keys known and unknown, values not validated. Limits: 1 MiB, 4096 settings. SettingsErrc::Malformed with
/// line and offset, crypto::CryptoErrc::NewerVersion, BaseErrc::TooLarge. Entities and DTDs are refused.
Result<Values> parseXml(const QByteArray& xml);
/// `values` hold no control characters (validated()).
QByteArray writeXml(const Values& values);

} // namespace sr::settings
