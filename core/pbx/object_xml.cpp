// SPDX-License-Identifier: GPL-3.0-or-later
// One function for each element, the same names both ways.
#include "core/pbx/object_xml.h"

#include "core/pbx/call_records.h"
#include "core/pbx/object_settings.h"
#include "core/pbx/record_target.h"

#include <QXmlStreamReader>
#include <QXmlStreamWriter>

#include <algorithm>
#include <array>

namespace sr::pbx {
namespace {

using Text = std::pair<const char*, std::string>;

constexpr std::array<std::string_view, 3> kTypes{"cfu", "cfb", "cfnr"}; // in the order of Diversion::Type
constexpr std::array<std::string_view, 3> kExternal{"", "tel", "sip"};  // of ProfileContact::External
constexpr std::string_view kUnchanged = "********";                  // what is shown in place of a password
constexpr std::array<std::string_view, 3> kDynamic{"", "in", "out"}; // in the order of Membership::Dynamic

QString qtext(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// Attributes that have a value.
void write(QXmlStreamWriter& xml, std::initializer_list<Text> attributes)
{
    for (const auto& [name, value] : attributes)
        if (!value.empty())
            xml.writeAttribute(QLatin1String(name), qtext(value));
}

void writeDiversion(QXmlStreamWriter& xml, const Diversion& one)
{
    const bool isNumber = one.to == "-" || checkNumber(one.to);
    xml.writeStartElement(QStringLiteral("cd"));
    write(xml, {{"type", std::string(kTypes.at(static_cast<std::size_t>(one.type)))},
                {one.unless ? "bool-not" : "bool", one.boolean}});
    xml.writeStartElement(QStringLiteral("ep"));
    write(xml, {{isNumber ? "e164" : "h323", one.to}});
    xml.writeEndElement();
    if (one.filter != Diversion::Filter::Everybody) {
        xml.writeStartElement(QStringLiteral("src"));
        write(xml, {{"type", one.filter == Diversion::Filter::Only ? "do" : "dont"}});
        for (const CallerPattern& caller : one.callers) {
            xml.writeStartElement(QStringLiteral("ep"));
            write(xml, {{"ext", caller.external ? "true" : ""},
                        {"fwd", caller.forwarded ? "true" : ""},
                        {"e164", caller.number},
                        {"h323", caller.name}});
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }
    xml.writeEndElement();
}

void writeProfile(QXmlStreamWriter& xml, const Profile& one)
{
    xml.writeStartElement(QStringLiteral("profile"));
    write(xml, {{"name", one.name}});
    for (const ProfileContact& contact : one.contacts) {
        xml.writeEmptyElement(QStringLiteral("contact"));
        write(xml, {{"name", contact.name},
                    {"no", contact.number},
                    {"display", contact.display},
                    {"extern", std::string(kExternal.at(static_cast<std::size_t>(contact.external)))},
                    {"presence", contact.presence ? "true" : ""},
                    {"dialog", contact.dialog ? "true" : ""}});
    }
    xml.writeEndElement();
}

/// Attributes of the element at hand: taken one by one, so that those nobody takes are found.
class Attributes {
public:
    explicit Attributes(QXmlStreamReader& xml)
        : m_xml(xml)
        , m_left(xml.attributes())
    {}
    std::string take(const char* name)
    {
        const auto found = std::ranges::find_if(
            m_left, [&](const QXmlStreamAttribute& one) { return one.name() == QLatin1String(name); });
        if (found == m_left.end())
            return {};
        std::string value = found->value().toUtf8().toStdString();
        m_left.erase(found);
        return value;
    }
    std::map<std::string, std::string> takeAll()
    {
        std::map<std::string, std::string> all;
        for (const QXmlStreamAttribute& one : m_left)
            all[one.name().toUtf8().toStdString()] = one.value().toUtf8().toStdString();
        m_left.clear();
        return all;
    }
    /// Complains of what is left.
    ~Attributes()
    {
        if (!m_left.isEmpty())
            m_xml.raiseError(QStringLiteral("unknown attribute `%1`").arg(m_left.front().name()));
    }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;

private:
    QXmlStreamReader& m_xml;
    QXmlStreamAttributes m_left;
};

/// The place of a word among those that are possible.
template <typename Enum>
Enum wordOf(QXmlStreamReader& xml, const std::array<std::string_view, 3>& words, const std::string& word)
{
    const auto found = std::ranges::find(words, word);
    if (found == words.end())
        xml.raiseError(QStringLiteral("unknown word `%1`").arg(qtext(word)));
    return static_cast<Enum>(found == words.end() ? 0 : found - words.begin());
}

Membership readGroup(QXmlStreamReader& xml)
{
    Membership out;
    {
        Attributes attributes(xml);
        out.group = attributes.take("name");
        out.active = attributes.take("mode") == "active";
        out.dynamic = wordOf<Membership::Dynamic>(xml, kDynamic, attributes.take("dyn"));
        out.joined = out.dynamic != Membership::Dynamic::Out;
    }
    xml.skipCurrentElement();
    return out;
}

void readCallers(QXmlStreamReader& xml, Diversion& out)
{
    {
        Attributes attributes(xml);
        const std::string type = attributes.take("type");
        if (type != "do" && type != "dont")
            xml.raiseError(QStringLiteral("a filter is `do` or `dont`"));
        out.filter = type == "dont" ? Diversion::Filter::OnlyNot : Diversion::Filter::Only;
    }
    while (xml.readNextStartElement()) {
        {
            Attributes attributes(xml);
            CallerPattern caller;
            caller.external = attributes.take("ext") == "true";
            caller.forwarded = attributes.take("fwd") == "true";
            caller.number = attributes.take("e164");
            caller.name = attributes.take("h323");
            out.callers.push_back(std::move(caller));
        }
        if (out.callers.size() > kMaxCallers)
            xml.raiseError(QStringLiteral("too many callers"));
        xml.skipCurrentElement();
    }
}

Diversion readDiversion(QXmlStreamReader& xml)
{
    Diversion out;
    {
        Attributes attributes(xml);
        out.type = wordOf<Diversion::Type>(xml, kTypes, attributes.take("type"));
        out.boolean = attributes.take("bool");
        if (std::string unless = attributes.take("bool-not"); !unless.empty()) {
            out.boolean = std::move(unless);
            out.unless = true;
        }
    }
    while (xml.readNextStartElement()) {
        if (xml.name() == QLatin1String("src")) {
            readCallers(xml, out);
            continue;
        }
        if (xml.name() != QLatin1String("ep"))
            xml.raiseError(QStringLiteral("unknown element `%1`").arg(xml.name()));
        {
            Attributes attributes(xml);
            out.to = attributes.take("e164");
            if (std::string name = attributes.take("h323"); !name.empty())
                out.to = std::move(name);
        }
        xml.skipCurrentElement();
    }
    return out;
}

void readPseudo(QXmlStreamReader& xml, Object& out)
{
    {
        Attributes attributes(xml);
        const std::string type = attributes.take("type");
        if (const auto kind = kindNamed(type))
            out.kind = *kind;
        else
            xml.raiseError(QStringLiteral("unknown kind of object `%1`").arg(qtext(type)));
        for (auto& [key, value] : attributes.takeAll())
            out.settings.insert_or_assign(key, std::move(value));
    }
    xml.skipCurrentElement();
}

Profile readProfile(QXmlStreamReader& xml)
{
    Profile out;
    {
        Attributes attributes(xml);
        out.name = attributes.take("name");
    }
    while (xml.readNextStartElement()) {
        if (xml.name() != QLatin1String("contact"))
            xml.raiseError(QStringLiteral("unknown element `%1`").arg(xml.name()));
        {
            Attributes attributes(xml);
            ProfileContact contact{attributes.take("name"), attributes.take("no"),
                                   attributes.take("display")};
            contact.external = wordOf<ProfileContact::External>(xml, kExternal, attributes.take("extern"));
            contact.presence = attributes.take("presence") == "true";
            contact.dialog = attributes.take("dialog") == "true";
            out.contacts.push_back(std::move(contact));
        }
        if (out.contacts.size() > kMaxContacts)
            xml.raiseError(QStringLiteral("too many contacts"));
        xml.skipCurrentElement();
    }
    return out;
}

/// `c`, the contact that it is for, does not count: a user has one presence here.
void readPresence(QXmlStreamReader& xml, Object& out)
{
    {
        Attributes attributes(xml);
        (void)attributes.take("c");
        out.settings[kPresence] = attributes.take("a");
        out.settings[kPresenceNote] = attributes.take("n");
    }
    xml.skipCurrentElement();
}

/// Of `<rec>` the mode counts alone: nothing else of it is a matter of an exchange that records itself.
void readPhone(QXmlStreamReader& xml, ObjectText& out)
{
    while (!xml.hasError() && xml.readNextStartElement()) {
        if (xml.name() != QLatin1String("rec"))
            return xml.raiseError(QStringLiteral("unknown element `%1`").arg(xml.name()));
        Attributes attributes(xml);
        const std::string mode = attributes.take("mode");
        for (const char* other : {"recv", "fkey", "ac", "e164"})
            (void)attributes.take(other);
        const auto known = recordModeNamed(mode);
        if (!known)
            return xml.raiseError(QStringLiteral("unknown mode `%1` of recording").arg(qtext(mode)));
        out.hasRecord = true;
        out.object.record = *known;
        xml.skipCurrentElement();
    }
}

void readChild(QXmlStreamReader& xml, ObjectText& out)
{
    if (xml.name() == QLatin1String("grp")) {
        out.hasGroups = true;
        out.object.groups.push_back(readGroup(xml));
    } else if (xml.name() == QLatin1String("cd")) {
        out.hasDiversions = true;
        out.object.diversions.push_back(readDiversion(xml));
    } else if (xml.name() == QLatin1String("device")) {
        out.hasDevices = true;
        Attributes attributes(xml);
        out.object.devices.push_back(
            {attributes.take("hw"), attributes.take("text"), attributes.take("record-to")});
        xml.skipCurrentElement();
    } else if (xml.name() == QLatin1String("phone")) {
        readPhone(xml, out);
    } else if (xml.name() == QLatin1String("pseudo")) {
        readPseudo(xml, out.object);
    } else if (xml.name() == QLatin1String("profile")) {
        out.hasProfiles = true;
        out.object.profiles.push_back(readProfile(xml));
    } else if (xml.name() == QLatin1String("presence")) {
        readPresence(xml, out.object);
    } else {
        xml.raiseError(QStringLiteral("unknown element `%1`").arg(xml.name()));
    }
    const Object& object = out.object;
    if (object.groups.size() > kMaxGroups || object.diversions.size() > kMaxDiversions ||
        object.devices.size() > kMaxDevices || object.profiles.size() > kMaxProfiles)
        xml.raiseError(QStringLiteral("too many `%1`").arg(xml.name()));
}

Error badXml(const QXmlStreamReader& xml)
{
    return fail(PbxErrc::BadXml,
                "line " + std::to_string(xml.lineNumber()) + ": " + xml.errorString().toStdString());
}

/// The object that the order means.
Result<const Object*> meantBy(const Directory& directory, const ObjectText& text)
{
    const auto& all = directory.objects();
    const auto found = std::ranges::find_if(all, [&](const Object& one) {
        if (!text.guid.empty())
            return objectGuid(one.name) == text.guid;
        return text.object.longName.empty() ? one.name == text.object.name
                                            : one.longName == text.object.longName;
    });
    if (found == all.end())
        return fail(PbxErrc::NotFound,
                    text.object.longName.empty() ? text.object.name : text.object.longName);
    return &*found;
}

ObjectChange changeOf(const ObjectText& text)
{
    ObjectChange change;
    const Object& object = text.object;
    const auto given = [](const std::string& value) {
        return value.empty() ? std::nullopt : std::optional(value);
    };
    change.name = given(object.name);
    change.number = given(object.number);
    change.longName = given(object.longName);
    change.node = given(object.node);
    change.password = given(text.password);
    if (text.hasRecord)
        change.record = object.record;
    if (text.hasGroups)
        change.groups = object.groups;
    if (text.hasDiversions)
        change.diversions = object.diversions;
    if (text.hasDevices)
        change.devices = object.devices;
    if (text.hasProfiles)
        change.profiles = object.profiles;
    change.settings = object.settings;
    return change;
}

/// Groups and forwards of the object after an `<add-attrib>` or `<del-attrib>`.
ObjectChange attributesOf(const Object& before, const ObjectText& text, bool adds)
{
    ObjectChange change;
    std::vector<Membership> groups = before.groups;
    for (const Membership& one : text.object.groups)
        std::erase_if(groups, [&](const Membership& old) { return old.group == one.group; });
    std::vector<Diversion> diversions = before.diversions;
    for (const Diversion& one : text.object.diversions)
        std::erase(diversions, one);
    if (adds) {
        std::ranges::copy(text.object.groups, std::back_inserter(groups));
        std::ranges::copy(text.object.diversions, std::back_inserter(diversions));
    }
    change.groups = std::move(groups);
    change.diversions = std::move(diversions);
    return change;
}

std::string shown(const Object& object)
{
    QByteArray out;
    QXmlStreamWriter xml(&out);
    xml.writeStartElement(QStringLiteral("show"));
    writeObjectXml(xml, object);
    xml.writeEndElement();
    return out.toStdString();
}

Status obey(DirectoryStore& store, const QString& verb, const ObjectText& text)
{
    if (verb == QLatin1String("add")) {
        Object object = text.object;
        std::erase_if(object.settings, [](const auto& one) { return one.second.empty(); });
        if (object.kind == Kind::Trunk)
            object.login = text.password;
        else
            object.secret = store.secretFor(object.name, text.password);
        return store.add(std::move(object));
    }
    const auto directory = store.read();
    if (!directory)
        return directory.error();
    const auto object = meantBy(**directory, text);
    if (!object)
        return object.error();
    const std::string& name = (*object)->name;
    if (verb == QLatin1String("modify"))
        return store.modify(name, changeOf(text));
    if (verb == QLatin1String("delete"))
        return store.remove(name);
    if (verb == QLatin1String("add-attrib") || verb == QLatin1String("del-attrib"))
        return store.modify(name, attributesOf(**object, text, verb == QLatin1String("add-attrib")));
    return fail(PbxErrc::BadXml, "unknown order `" + verb.toStdString() + "`");
}

} // namespace

void writeObjectXml(QXmlStreamWriter& xml, const Object& object)
{
    xml.writeStartElement(QStringLiteral("user"));
    write(xml, {{"guid", objectGuid(object.name)},
                {"cn", object.longName},
                {"h323", object.name},
                {"e164", object.number},
                {"node", object.node},
                {kText, textSetting(object, kText)},
                {kLocation, textSetting(object, kLocation)}});
    xml.writeStartElement(QStringLiteral("phone"));
    xml.writeEmptyElement(QStringLiteral("rec"));
    write(xml, {{"mode", std::string(nameOf(object.record))}});
    xml.writeEndElement();
    std::map<std::string, std::string> settings = object.settings;
    for (const char* elsewhere : {kText, kLocation, kPresence, kPresenceNote})
        settings.erase(elsewhere);
    if (object.kind != Kind::User || !settings.empty()) {
        xml.writeStartElement(QStringLiteral("pseudo"));
        write(xml, {{"type", std::string(nameOf(object.kind))}});
        for (const auto& [key, value] : settings)
            xml.writeAttribute(qtext(key), qtext(key == kRecordTo ? shownRecordTarget(value) : value));
        xml.writeEndElement();
    }
    if (!textSetting(object, kPresence).empty() || !textSetting(object, kPresenceNote).empty()) {
        xml.writeEmptyElement(QStringLiteral("presence"));
        write(xml, {{"a", textSetting(object, kPresence)}, {"n", textSetting(object, kPresenceNote)}});
    }
    for (const Device& device : object.devices) {
        xml.writeStartElement(QStringLiteral("device"));
        write(xml, {{"hw", device.hardware},
                    {"text", device.text},
                    {"record-to", shownRecordTarget(device.recordTo)}});
        xml.writeEndElement();
    }
    for (const Membership& one : object.groups) {
        xml.writeStartElement(QStringLiteral("grp"));
        write(xml, {{"name", one.group},
                    {"mode", one.active ? "active" : ""},
                    {"dyn", std::string(kDynamic.at(static_cast<std::size_t>(one.dynamic)))}});
        xml.writeEndElement();
    }
    for (const Diversion& one : object.diversions)
        writeDiversion(xml, one);
    for (const Profile& one : object.profiles)
        writeProfile(xml, one);
    xml.writeEndElement();
}

Result<ObjectText> readObjectXml(QXmlStreamReader& xml)
{
    ObjectText out;
    {
        Attributes attributes(xml);
        out.guid = attributes.take("guid");
        out.object.longName = attributes.take("cn");
        out.object.name = attributes.take("h323");
        out.object.number = attributes.take("e164");
        out.object.node = attributes.take("node");
        if (out.object.node == "root")
            out.object.node.clear();
        out.password = attributes.take("pwd");
        if (!attributes.take("pwdx").empty())
            xml.raiseError(QStringLiteral("a password comes in clear as `pwd`, not as `pwdx`"));
        if (out.password == kUnchanged)
            out.password.clear();
        for (const char* key : {kText, kLocation})
            if (std::string value = attributes.take(key); !value.empty())
                out.object.settings[key] = std::move(value);
        (void)attributes.take("config"); // of `show`: there are no templates that it would leave out
    }
    while (!xml.hasError() && xml.readNextStartElement())
        readChild(xml, out);
    if (xml.hasError())
        return badXml(xml);
    return out;
}

Result<std::string> administer(DirectoryStore& store, std::string_view order)
{
    if (order.size() > kMaxAdminBytes)
        return fail(PbxErrc::BadXml, "it is longer than " + std::to_string(kMaxAdminBytes) + " octets");
    QXmlStreamReader xml(QByteArray(order.data(), static_cast<qsizetype>(order.size())));
    while (!xml.isStartElement() && !xml.atEnd())
        if (xml.readNext() == QXmlStreamReader::DTD) // its entities would grow
            xml.raiseError(QStringLiteral("a document type is not taken"));
    if (xml.hasError())
        return badXml(xml);
    const QString verb = xml.name().toString();
    if (!xml.readNextStartElement() || xml.name() != QLatin1String("user"))
        return xml.hasError() ? badXml(xml)
                              : fail(PbxErrc::BadXml, "there is no `user` in `" + verb.toStdString() + "`");
    const auto text = readObjectXml(xml);
    if (!text)
        return text.error();
    if (verb == QLatin1String("show")) {
        const auto directory = store.read();
        if (!directory)
            return directory.error();
        const auto object = meantBy(**directory, *text);
        return object ? Result<std::string>(shown(**object)) : object.error();
    }
    if (auto done = obey(store, verb, *text); !done)
        return done.error();
    return std::string("<ok/>");
}

} // namespace sr::pbx
