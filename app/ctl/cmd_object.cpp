// SPDX-License-Identifier: GPL-3.0-or-later
// `user` and `object`, each add|list|show|modify|remove: passwords come in on standard input, and nothing of
// them goes out.
#include "app/ctl/cmd_object.h"

#include "app/ctl/json_rows.h"
#include "core/base/console.h"
#include "core/base/file.h"
#include "core/crypto/errors.h"
#include "core/crypto/wipe.h"
#include "core/pbx/call_records.h"
#include "core/pbx/directory_store.h"
#include "core/pbx/object_settings.h"
#include "core/pbx/object_xml.h"
#include "core/pbx/record_target.h"

#include <algorithm>

namespace sr::ctl {
namespace {

using pbx::DirectoryStore;
using pbx::Kind;
using pbx::Membership;
using pbx::Object;
using pbx::PbxErrc;

/// Which words and options an action takes; any other is wrong use, never ignored.
struct Action {
    const char* name;
    int words; ///< behind the action
    const char* usage;
    std::vector<const char*> options;
};

/// What both `add` and `modify` take.
constexpr const char* kFacts[] = {
    "number", "name",   "long-name", "group", "active-group", "record", "dynamic-in",     "dynamic-out",
    "node",   "device", "cfu",       "cfb",   "cfnr",         "set",    "password-stdin", "device-record-to"};
constexpr const char* kRepeated[] = {"group",  "active-group",     "dynamic-in", "dynamic-out",
                                     "device", "device-record-to", "set"};

std::vector<const char*> withFacts(std::vector<const char*> more)
{
    std::vector<const char*> all(std::begin(kFacts), std::end(kFacts));
    std::ranges::copy(more, std::back_inserter(all));
    return all;
}

constexpr const char* kFactsUsage = "[--long-name S] [--group G]... [--active-group G]... [--node NODE] "
                                    "[--record MODE] [--cfu N] [--cfb N] [--cfnr N] [--set KEY=VALUE]...";

const std::vector<Action>& actions()
{
    static const std::vector<Action> all{
        {"add", 0, "add --number N --name NAME --password-stdin, or with object --kind KIND.",
         withFacts({"kind"})},
        {"list", 0, "list [--json].", {"json"}},
        {"show", 1, "show NAME [--json|--xml].", {"json", "xml"}},
        {"modify", 1, "modify NAME [--name N] [--number N] [--no-groups] [--password-stdin].",
         withFacts({"no-groups"})},
        {"remove", 1, "remove NAME.", {}},
        {"order", 1, "order FILE, with an order in XML in it.", {}},
    };
    return all;
}

std::string usageOf(const Action& action)
{
    const std::string name = action.name;
    return "user|object " + std::string(action.usage) +
           (name == "add" || name == "modify" ? " Both take " + std::string(kFactsUsage) : std::string());
}

/// Text as the rules want it: whether a letter and its accent were typed as one or as two makes no
/// difference.
std::string composed(const std::string& typed)
{
    return qstr(typed).normalized(QString::NormalizationForm_C).toStdString();
}

/// Nothing if none is given, or none that there is.
std::optional<pbx::RecordMode> recordModeOf(const Options& options)
{
    const std::string given = options.value("record");
    return given == "on" ? pbx::RecordMode::Transparent : pbx::recordModeNamed(given);
}

std::vector<Membership> groupsOf(const Options& options)
{
    std::vector<Membership> groups;
    const auto add = [&](const char* option, bool active, Membership::Dynamic dynamic) {
        for (const std::string& group : options.values(option)) {
            Membership& one = groups.emplace_back(composed(group));
            one.active = active;
            one.dynamic = dynamic;
            one.joined = dynamic != Membership::Dynamic::Out;
        }
    };
    add("group", false, Membership::Dynamic::No);
    add("active-group", true, Membership::Dynamic::No);
    add("dynamic-in", false, Membership::Dynamic::In);
    add("dynamic-out", false, Membership::Dynamic::Out);
    return groups;
}

bool namesGroups(const Options& options)
{
    return options.has("group") || options.has("active-group") || options.has("dynamic-in") ||
           options.has("dynamic-out");
}

std::vector<pbx::Device> devicesOf(const Options& options)
{
    std::vector<pbx::Device> devices;
    for (const std::string& device : options.values("device")) {
        const auto equals = device.find('=');
        devices.push_back({device.substr(0, equals),
                           equals == std::string::npos ? std::string() : device.substr(equals + 1)});
    }
    return devices;
}

/// False: one is named that is none of them.
bool addRecordTargets(const Options& options, std::vector<pbx::Device>& devices)
{
    for (const std::string& one : options.values("device-record-to")) {
        const auto equals = one.find('=');
        const auto device = std::ranges::find(devices, one.substr(0, equals), &pbx::Device::hardware);
        if (device == devices.end()) {
            say("switchroomctl: there is no device `" + one.substr(0, equals) + "`.");
            return false;
        }
        device->recordTo = equals == std::string::npos ? std::string() : one.substr(equals + 1);
    }
    return true;
}

std::map<std::string, std::string> settingsOf(const Options& options)
{
    std::map<std::string, std::string> settings;
    for (const std::string& one : options.values("set")) {
        const auto equals = one.find('=');
        settings[one.substr(0, equals)] =
            equals == std::string::npos ? std::string() : one.substr(equals + 1);
    }
    return settings;
}

int failWithObjects(const Error& error, const Path& configDir)
{
    const int code = failWith(error);
    if (error.code == PbxErrc::OtherMachine)
        say("Put `keys/secrets` of that machine into " + utf8Of(configDir) +
            ", or move exchange.sqlite away and add the users anew.");
    return code;
}

/// Words about users whose secret was tampered with; the exit code for them.
int sayRefused(const std::vector<std::string>& names)
{
    for (const std::string& name : names)
        say("switchroomctl: what is kept of the password of `" + name +
            "` was altered or is that of another user; nobody can register with it. Set it anew: "
            "`switchroomctl user modify " +
            name + " --password-stdin`.");
    return names.empty() ? Ok : IntegrityViolated;
}

QJsonArray namesOf(const std::vector<std::string>& names)
{
    QJsonArray all;
    for (const std::string& name : names)
        all.append(qstr(name));
    return all;
}

std::string shown(const std::string& number)
{
    return number.empty() ? "none" : number;
}

QJsonArray toJson(const std::vector<Membership>& groups)
{
    static constexpr const char* kDynamic[] = {"", "in", "out"};
    QJsonArray all;
    for (const Membership& one : groups)
        all.append(
            QJsonObject{{QStringLiteral("group"), qstr(one.group)},
                        {QStringLiteral("active"), one.active},
                        {QStringLiteral("dynamic"), QLatin1String(kDynamic[static_cast<int>(one.dynamic)])},
                        {QStringLiteral("joined"), one.joined}});
    return all;
}

std::vector<std::string> groupNames(const Object& object)
{
    std::vector<std::string> names;
    for (const Membership& one : object.groups)
        names.push_back(one.group);
    return names;
}

std::string shownSetting(const std::string& key, const std::string& value)
{
    return key == pbx::kRecordTo ? pbx::shownRecordTarget(value) : value;
}

QJsonObject toJson(const Object& object)
{
    const pbx::Forwards forwards = pbx::plainForwards(object);
    QJsonObject settings;
    for (const auto& [key, value] : object.settings)
        settings.insert(qstr(key), qstr(shownSetting(key, value)));
    QJsonArray devices;
    for (const pbx::Device& device : object.devices)
        devices.append(
            QJsonObject{{QStringLiteral("hardware"), qstr(device.hardware)},
                        {QStringLiteral("text"), qstr(device.text)},
                        {QStringLiteral("recordTo"), qstr(pbx::shownRecordTarget(device.recordTo))}});
    return {{QStringLiteral("kind"), qstr(std::string(pbx::nameOf(object.kind)))},
            {QStringLiteral("number"), qstr(object.number)},
            {QStringLiteral("node"), qstr(object.node)},
            {QStringLiteral("name"), qstr(object.name)},
            {QStringLiteral("longName"), qstr(object.longName)},
            {QStringLiteral("groups"), namesOf(groupNames(object))},
            {QStringLiteral("memberships"), toJson(object.groups)},
            {QStringLiteral("devices"), devices},
            {QStringLiteral("settings"), settings},
            {QStringLiteral("record"), qstr(std::string(pbx::nameOf(object.record)))},
            {QStringLiteral("forwards"), QJsonObject{{QStringLiteral("cfu"), qstr(forwards.always)},
                                                     {QStringLiteral("cfb"), qstr(forwards.busy)},
                                                     {QStringLiteral("cfnr"), qstr(forwards.noAnswer)}}}};
}

/// Columns as wide as their longest text; the last is open.
std::string tableOf(const std::vector<const Object*>& objects, bool usersOnly)
{
    std::vector<QStringList> rows;
    std::array<qsizetype, 4> widths{};
    for (const Object* object : objects) {
        QStringList groups;
        for (const Membership& one : object->groups)
            groups << qstr(one.group);
        rows.push_back({object->number.empty() ? QStringLiteral("-") : qstr(object->number),
                        qstr(object->name), qstr(object->longName),
                        usersOnly ? QString() : qstr(std::string(pbx::nameOf(object->kind))),
                        groups.join(QStringLiteral(", "))});
        for (std::size_t i = 0; i < widths.size(); ++i)
            widths[i] = std::max(widths[i], rows.back().at(static_cast<qsizetype>(i)).size());
    }
    QString table;
    for (const QStringList& row : rows) {
        QString line;
        for (std::size_t i = 0; i < widths.size(); ++i)
            if (widths[i] > 0)
                line += row.at(static_cast<qsizetype>(i)).leftJustified(widths[i] + 2);
        line += row.constLast();
        while (line.endsWith(QLatin1Char(' ')))
            line.chop(1);
        table += line + QLatin1Char('\n');
    }
    return table.toStdString();
}

int list(const DirectoryStore& store, const Options& options, bool usersOnly)
{
    const auto directory = store.read();
    if (!directory)
        return failWith(directory.error());
    std::vector<const Object*> objects;
    for (const Object& object : (*directory)->objects())
        if (!usersOnly || object.kind == Kind::User)
            objects.push_back(&object);
    if (options.json()) {
        QJsonArray rows;
        for (const Object* object : objects)
            rows.append(toJson(*object));
        print(compact({{usersOnly ? QStringLiteral("users") : QStringLiteral("objects"), rows},
                       {QStringLiteral("refused"), namesOf((*directory)->refused())}}));
    } else if (objects.empty() && (*directory)->refused().empty()) {
        say("There are no users yet. Add one: `switchroomctl user add --number N --name NAME "
            "--password-stdin`.");
    } else {
        print(tableOf(objects, usersOnly));
    }
    return sayRefused((*directory)->refused());
}

/// A line for each thing that the object has.
std::string wordsOf(const Object& object)
{
    const pbx::Forwards forwards = pbx::plainForwards(object);
    std::string groups;
    for (const Membership& one : object.groups)
        groups += (groups.empty() ? "" : ", ") + one.group + (one.active ? " (active)" : "");
    std::string words = "name:      " + object.name + "\nnumber:    " + object.number +
                        "\nlong name: " + object.longName + "\ngroups:    " + groups +
                        "\nrecorded:  " + std::string(pbx::nameOf(object.record)) + "\nforwards:  always " +
                        shown(forwards.always) + ", busy " + shown(forwards.busy) + ", no answer " +
                        shown(forwards.noAnswer);
    const auto conditional = object.diversions.size() - static_cast<std::size_t>(!forwards.always.empty()) -
                             static_cast<std::size_t>(!forwards.busy.empty()) -
                             static_cast<std::size_t>(!forwards.noAnswer.empty());
    if (conditional > 0)
        words += ", and " + std::to_string(conditional) + " with conditions (--xml shows them)";
    if (object.kind != Kind::User)
        words += "\nkind:      " + std::string(pbx::nameOf(object.kind));
    if (!object.node.empty())
        words += "\nnode:      " + object.node;
    for (const pbx::Device& device : object.devices)
        words += "\ndevice:    " + device.hardware + (device.text.empty() ? "" : " (" + device.text + ")") +
                 (device.recordTo.empty() ? "" : ", record to " + pbx::shownRecordTarget(device.recordTo));
    for (const auto& [key, value] : object.settings)
        words += "\n" + key + ": " + shownSetting(key, value);
    return words;
}

int show(DirectoryStore& store, const Options& options, const std::string& name)
{
    const auto directory = store.read();
    if (!directory)
        return failWith(directory.error());
    const Object* object = (*directory)->byName(name);
    if (object == nullptr && std::ranges::binary_search((*directory)->refused(), name))
        return sayRefused({name});
    if (object == nullptr)
        return failWith(fail(PbxErrc::NotFound, name));
    if (options.has("xml")) {
        const auto shown =
            pbx::administer(store, "<show><user guid=\"" + pbx::objectGuid(object->name) + "\"/></show>");
        if (!shown)
            return failWith(shown.error());
        print(*shown);
    } else {
        print(options.json() ? compact(toJson(*object)) : wordsOf(*object));
    }
    return Ok;
}

/// What the file orders, and the answer on standard output.
int order(DirectoryStore& store, const std::string& file)
{
    auto text = readFile(pathOf(file), pbx::kMaxAdminBytes);
    if (!text)
        return failWith(text.error());
    const crypto::WipeLater wiped(*text); // there may be passwords in it
    const auto answer = pbx::administer(store, textOf(*text));
    if (!answer)
        return failWith(answer.error());
    print(*answer);
    return Ok;
}

int add(DirectoryStore& store, const Options& options, Kind kind)
{
    Object object;
    object.kind = kind;
    object.name = composed(options.value("name"));
    object.number = options.value("number");
    object.longName = composed(options.value("long-name"));
    object.groups = groupsOf(options);
    object.record = recordModeOf(options).value_or(object.record);
    object.node = composed(options.value("node"));
    object.devices = devicesOf(options);
    if (!addRecordTargets(options, object.devices))
        return WrongUse;
    object.settings = settingsOf(options);
    using Type = pbx::Diversion::Type;
    pbx::setPlainDiversion(object, Type::Always, options.value("cfu"));
    pbx::setPlainDiversion(object, Type::Busy, options.value("cfb"));
    pbx::setPlainDiversion(object, Type::NoAnswer, options.value("cfnr"));
    if (options.has("password-stdin")) {
        std::string password = readSecretLine("Password of " + object.name + ": ");
        const crypto::WipeLater wiped(password);
        if (kind == Kind::Trunk)
            object.login = password;
        else
            object.secret = store.secretFor(object.name, password);
    }
    const auto added = store.add(object);
    crypto::wipe(object.login);
    if (!added)
        return failWith(added.error());
    say((kind == Kind::User ? "User `" : "Object `") + object.name + "` is there" +
        (object.number.empty() ? ", without a number." : ", with the number " + object.number + "."));
    return Ok;
}

int modify(DirectoryStore& store, const Options& options, const std::string& name)
{
    pbx::ObjectChange change;
    if (options.has("name"))
        change.name = composed(options.value("name"));
    if (options.has("number"))
        change.number = options.value("number");
    if (options.has("long-name"))
        change.longName = composed(options.value("long-name"));
    if (namesGroups(options) || options.has("no-groups"))
        change.groups = groupsOf(options);
    if (options.has("node"))
        change.node = composed(options.value("node"));
    if (options.has("device"))
        change.devices = devicesOf(options);
    if (options.has("device-record-to")) {
        const auto directory = store.read();
        if (!directory)
            return failWith(directory.error());
        const Object* const before = (*directory)->byName(name);
        if (!change.devices)
            change.devices = before == nullptr ? std::vector<pbx::Device>() : before->devices;
        if (!addRecordTargets(options, *change.devices))
            return WrongUse;
    }
    change.settings = settingsOf(options);
    const auto given = [&](const char* option) {
        return options.has(option) ? std::optional(options.value(option)) : std::nullopt;
    };
    change.forwardAlways = given("cfu");
    change.forwardBusy = given("cfb");
    change.forwardNoAnswer = given("cfnr");
    change.record = recordModeOf(options);
    std::string password;
    const crypto::WipeLater wiped(password);
    if (options.has("password-stdin")) {
        password = readSecretLine("Password of " + change.name.value_or(name) + ": ");
        change.password = password;
    }
    const auto done = store.modify(name, change);
    if (change.password)
        crypto::wipe(*change.password);
    if (!done)
        return failWith(done.error());
    say("`" + change.name.value_or(name) + "` is changed.");
    return Ok;
}

int remove(DirectoryStore& store, const std::string& name)
{
    const auto removed = store.remove(name);
    if (!removed)
        return failWith(removed.error());
    say("`" + name + "` is removed.");
    return Ok;
}

std::optional<int> checkRecord(const Options& options)
{
    if (options.has("record") && !recordModeOf(options))
        return wrongUse("--record is on, off, manual or optional, not `" + options.value("record") + "`.");
    return std::nullopt;
}

std::optional<int> checkAdd(const Options& options, Kind kind)
{
    for (const char* needed : {"number", "name"})
        if (!options.has(needed))
            return wrongUse(std::string("add needs --") + needed +
                            "; an object that nobody dials has --number ''.");
    if (kind == Kind::User && !options.has("password-stdin"))
        return wrongUse("user add needs --password-stdin: a user without password could not register, and a "
                        "password on the command line would stand in the list of processes.");
    return checkRecord(options);
}

std::optional<int> checkModify(const Options& options, const Action& action, bool usersOnly)
{
    const bool renames = options.has("name") && composed(options.value("name")) !=
                                                    composed(options.positional().at(1).toStdString());
    if (usersOnly && renames && !options.has("password-stdin"))
        return wrongUse("a new name needs --password-stdin: what is kept of the password covers the name.");
    if (std::ranges::none_of(action.options, [&](const char* option) { return options.has(option); }))
        return wrongUse("nothing to change. " + usageOf(action));
    if (namesGroups(options) && options.has("no-groups"))
        return wrongUse("--group names the groups from now on, --no-groups says that there are none.");
    return checkRecord(options);
}

/// The exit code when words or options do not fit the action.
std::optional<int> checkUse(const Options& options, const Action& action, Kind kind, bool usersOnly)
{
    if (options.positional().size() != action.words + 1)
        return wrongUse(usageOf(action));
    std::vector<const char*> all = withFacts({"kind", "no-groups", "json", "xml"});
    for (const char* option : all) {
        const auto same = [&](const char* one) { return std::string_view(one) == option; };
        if (options.has(option) && std::ranges::none_of(action.options, same))
            return wrongUse("--" + std::string(option) + " does not belong there. " + usageOf(action));
        if (std::ranges::none_of(kRepeated, same) && options.values(option).size() > 1)
            return wrongUse("--" + std::string(option) + " is given twice.");
    }
    if (std::string_view(action.name) == "add")
        return checkAdd(options, kind);
    if (std::string_view(action.name) == "modify")
        return checkModify(options, action, usersOnly);
    return std::nullopt;
}

/// Every setting with its kind, for the help.
QString settingsHelp()
{
    QString text = QStringLiteral("add, modify: a setting of its kind; KEY= takes it away. All have text and "
                                  "loc, for administrators. There are");
    for (const pbx::SettingRule& rule : pbx::settingRules())
        text += QStringLiteral(" %1 %2 (%3);")
                    .arg(qstr(std::string(pbx::nameOf(rule.kind))), qstr(std::string(rule.key)),
                         qstr(std::string(rule.help)));
    text.chop(1);
    return text + QLatin1Char('.');
}

void describe(Options& options)
{
    options.add("number", "add, modify: what is dialled, of 0 to 9, * and #; '' for none.", "N");
    options.add("name", "add, modify: the name to register with; a new one needs the password too.", "NAME");
    options.add("long-name", "add, modify: the name for people; the other name if it is not given.", "S");
    options.add(
        "kind",
        "object add: executive, trunk, gw, waiting, broadcast, bc_conf, bool, vm, park, map, node or user.",
        "KIND");
    options.add("group",
                "add, modify: one of its groups; may be repeated. All groups given replace those before.",
                "G");
    options.add("active-group", "add, modify: a group for which it acts: whose calls it sees, whom it rings.",
                "G");
    options.add("dynamic-in", "add, modify: a group that the member may leave and join again.", "G");
    options.add("dynamic-out", "add, modify: the same, and it has not joined yet.", "G");
    options.add("no-groups", "modify: it is in no group any more.");
    options.add("node", "add, modify: the node whose numbers it shares; '' for the root.", "NODE");
    options.add("device", "add, modify: a telephone of it; may be repeated, and replaces those before.",
                "HW[=TEXT]");
    options.add("device-record-to",
                "add, modify: folder or URL that calls of that telephone are written to; HW= for none.",
                "HW=TARGET");
    static const QByteArray settings = settingsHelp().toUtf8(); // options keep no text
    options.add("set", settings.constData(), "KEY=VALUE");
    options.add("xml", "show: in the XML that `order` takes.");
    options.add("record",
                "add, modify: whether calls are archived: on, off, or as the user says: manual, optional.",
                "MODE");
    options.add("cfu", "add, modify: where all calls go instead; '' for none, - for not at all.", "N");
    options.add("cfb", "add, modify: where calls go while the user is busy or rejects them.", "N");
    options.add("cfnr", "add, modify: where calls go that nobody answers in time.", "N");
    options.add("password-stdin", "add, modify: the password comes on standard input.");
    options.addPositional("action", "add, list, show NAME, modify NAME, remove NAME, order FILE.",
                          "ACTION [NAME]", 2);
}

int run(const QStringList& arguments, bool usersOnly)
{
    Options options(usersOnly
                        ? "Users of the exchange. A running exchange follows every change by itself."
                        : "Objects of the exchange: users, groups, gateways and what else has a number. A "
                          "running exchange follows every change by itself.",
                    Options::Json);
    describe(options);
    if (const auto done = options.process(arguments))
        return *done;
    const std::string chosen = options.positional().value(0).toStdString();
    const auto action =
        std::ranges::find_if(actions(), [&](const Action& one) { return one.name == chosen; });
    if (action == actions().end())
        return wrongUse("add | list | show NAME | modify NAME | remove NAME | order FILE.");
    const auto kind = options.has("kind") ? pbx::kindNamed(options.value("kind")) : Kind::User;
    if (!kind || (usersOnly && kind != Kind::User))
        return wrongUse("there is no kind `" + options.value("kind") + "` here.");
    if (const auto wrong = checkUse(options, *action, *kind, usersOnly))
        return *wrong;
    const auto secrets = crypto::loadOrCreateSecrets(options.configDir(), systemClock());
    if (!secrets)
        return failWith(secrets.error());
    const auto store = DirectoryStore::open(options.configDir(), *secrets);
    if (!store)
        return failWithObjects(store.error(), options.configDir());
    const std::string name = composed(options.positional().value(1).toStdString());
    if (chosen == "add")
        return add(**store, options, *kind);
    if (chosen == "modify")
        return modify(**store, options, name);
    if (chosen == "remove")
        return remove(**store, name);
    if (chosen == "order")
        return order(**store, options.positional().value(1).toStdString());
    return chosen == "show" ? show(**store, options, name) : list(**store, options, usersOnly);
}

} // namespace

int runUser(const QStringList& arguments)
{
    return run(arguments, true);
}

int runObject(const QStringList& arguments)
{
    return run(arguments, false);
}

} // namespace sr::ctl
