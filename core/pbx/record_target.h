// SPDX-License-Identifier: GPL-3.0-or-later
// "Record to" of the reference (pbx-interfaces.md 3.1): where calls of an object, or of one of its
// telephones, are written beside the archive. An absolute folder, or a URL of http or https that files are
// PUT behind.
#pragma once

#include "core/pbx/object.h"
#include "core/pbx/registrar.h"
#include "core/relay/call_tap.h"

namespace sr::pbx {

inline constexpr std::string_view kRecordTo = "record-to"; ///< the setting, and the attribute of a device

// Any thread; none asks the disk.

/// BadSetting. A URL may have a user and password, but neither query nor fragment.
Status checkRecordTarget(std::string_view target);
/// The same place in one spelling; of what is good.
std::string normalRecordTarget(std::string_view target);
/// For people: three asterisks in place of a password. checkRecordTarget() refuses these.
std::string shownRecordTarget(const std::string& target);

/// Whether it is that telephone: its name is what stands before the `@` of its Contact, or one or more whole
/// words of `+sip.instance` or User-Agent. Only letters and digits count, so that a MAC may be
/// spelt in any way.
bool isHardware(const Device& device, const Binding& binding);
/// Of the object, and of the telephone that is registered from there.
std::vector<relay::TapTarget> recordTargetsOf(const Object& object, const std::vector<Binding>& bindings,
                                              const sip::Source& at);

} // namespace sr::pbx
