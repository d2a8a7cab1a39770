// SPDX-License-Identifier: GPL-3.0-or-later
// Objects in the XML of the reference's administration (pbx-interfaces.md 1.7), and orders in it.
#pragma once

#include "core/pbx/directory_store.h"

#include <string>
#include <string_view>

class QXmlStreamReader;
class QXmlStreamWriter;

namespace sr::pbx {

/// `<user cn= h323= e164= node= record=>` with `<device>`, `<grp>`, `<cd>` and `<pseudo type=>`, whose other
/// attributes are the settings. Never a password.
void writeObjectXml(QXmlStreamWriter& xml, const Object& object);

/// An object as XML says it, and which of it the XML names at all.
struct ObjectText {
    Object object;
    std::string guid;     ///< objectGuid() of the name, empty: not given
    std::string password; ///< clear; the caller wipes it
    bool hasGroups = false;
    bool hasDiversions = false;
    bool hasProfiles = false;
    bool hasDevices = false;
    bool hasRecord = false;
};
/// The reader stands at the start of `<user>` and stands at its end behind it. Unknown attributes and
/// elements are refused: what is not understood would be lost. BadXml with the line.
Result<ObjectText> readObjectXml(QXmlStreamReader& xml);

inline constexpr std::size_t kMaxAdminBytes = 1 << 20; ///< [octets] of one order

/// Does one order: `<show>`, `<add>`, `<modify>`, `<delete>`, `<add-attrib>`, `<del-attrib>`, each around one
/// `<user>`. Gives `<show>` with the object, or `<ok/>`. In `<modify>` the object is named by its guid, its
/// long name or its name, in this order, and what the XML does not name stays; `<add-attrib>` and
/// `<del-attrib>` add and take away call forwards and groups. On the store's threads. BadXml, and the
/// store's.
Result<std::string> administer(DirectoryStore& store, std::string_view order);

} // namespace sr::pbx
