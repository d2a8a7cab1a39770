// SPDX-License-Identifier: GPL-3.0-or-later
// The scripts that come along, each played through whole calls: what happens, what the script does about it.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/base/file.h"
#include "tests/unit/script/fake_host.h"

#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using namespace sr::script;
using sr::test::FakeHost;

namespace {

using Steps = std::vector<std::pair<std::string, std::string>>; ///< what happens, what is asked for then

std::string textOfFile(const std::string& name)
{
    const auto bytes = readFile(pathOf(SR_SCRIPTS) / pathOf(name), 1 << 20).value();
    return std::string(textOf(bytes));
}

/// `[x]` becomes `prompts/en/x`.
std::string spelled(const std::string& text)
{
    std::string all;
    for (const char c : text)
        if (c == '[')
            all += "prompts/en/";
        else if (c != ']')
            all += c;
    return all;
}

struct Played {
    std::string script;
    std::string query;
    Steps steps;
    std::map<std::string, std::string> files;   ///< before
    std::map<std::string, std::string> after{}; ///< afterwards; looked at if not empty
    std::function<void(FakeHost&)> set{};
};

/// Both ways of answering must play the same call.
void play(const Played& call)
{
    for (const auto answers : {FakeHost::Answers::AtOnce, FakeHost::Answers::Later}) {
        FakeHost host(answers);
        host.files = call.files;
        if (call.set)
            call.set(host);
        host.load(textOfFile(call.script), call.query);
        QVERIFY2(host.notes.empty(), host.notes.c_str());
        for (const auto& [what, asked] : call.steps) {
            const std::string got = host.act(what);
            QVERIFY2(got == spelled(asked),
                     ("after " + what + "\n  got:      " + got + "\n  expected: " + spelled(asked)).c_str());
        }
        if (host.end)
            QCOMPARE(*host.end, std::string());
        if (!call.after.empty())
            QCOMPARE(host.files, call.after);
    }
}

std::map<std::string, std::string> fullBox()
{
    std::map<std::string, std::string> files;
    for (int i = 1; i <= 50; ++i)
        files["200/" + std::to_string(i) + ".g711a"] = "sound";
    return files;
}

void divert(FakeHost& host)
{
    host.call.cgpn = "100";
    host.call.leg2 = "200";
}

void own(FakeHost& host)
{
    host.call.cgpn = "200";
}

} // namespace

Q_DECLARE_METATYPE(Played)

class TestShippedScripts : public QObject {
    Q_OBJECT
private slots:
    void calls_data();
    void calls();
    void hangUpAtEveryStep_data() { calls_data(); }
    void hangUpAtEveryStep();
    void twoMessagesAtOnceOnTheDisk();
    void promptsAreListed();
    void promptsAreSpoken();

private:
    static void row(const char* title, Played call) { QTest::newRow(title) << std::move(call); }
    static void leaveRows();
    static void ownerRows();
    static void otherRows();
};

void TestShippedScripts::calls_data()
{
    QTest::addColumn<Played>("call");
    leaveRows();
    ownerRows();
    otherRows();
}

void TestShippedScripts::leaveRows()
{
    row("leaving the first message", {"voicemail.xml",
                                      "",
                                      {{"start", "play [vm-greeting]"},
                                       {"done", "play [vm-beep]"},
                                       {"done", "record 200/1.g711a 180s"},
                                       {"recorded 12", "play [vm-thanks]"},
                                       {"done", "disconnect 16; lamp 200 1/0; ended"}},
                                      {},
                                      {{"200/1.g711a", "sound"}, {"200/next", "2"}},
                                      divert});
    row("hanging up ends the message", {"voicemail.xml",
                                        "$sec=60&$lang=en",
                                        {{"start", "play [vm-greeting]"},
                                         {"dial 5", "play [vm-beep]"},
                                         {"done", "record 200/3.g711a 60s"},
                                         {"hangup 9", "lamp 200 2/1; ended"}},
                                        {{"200/next", "3"},
                                         {"200/1.g711a", "x"},
                                         {"200/2.g711a", "x"},
                                         {"200/1.heard", "1"},
                                         {"200/3.heard", "1"}},
                                        {{"200/next", "4"},
                                         {"200/1.g711a", "x"},
                                         {"200/2.g711a", "x"},
                                         {"200/1.heard", "1"},
                                         {"200/3.g711a", "sound"}},
                                        divert});
    row("a message without a word is none", {"voicemail.xml",
                                             "",
                                             {{"start", "play [vm-greeting]"},
                                              {"done", "play [vm-beep]"},
                                              {"done", "record 200/1.g711a 180s"},
                                              {"hangup", "ended"}},
                                             {{"200/x", "keeps the table from being empty"}},
                                             {{"200/x", "keeps the table from being empty"}},
                                             divert});
    row("hanging up during the greeting",
        {"voicemail.xml", "", {{"start", "play [vm-greeting]"}, {"hangup", "ended"}}, {}, {}, divert});
    row("a key ends the message", {"voicemail.xml",
                                   "",
                                   {{"start", "play [vm-greeting]"},
                                    {"done", "play [vm-beep]"},
                                    {"done", "record 200/1.g711a 180s"},
                                    {"dial #", "stop recording; play [vm-thanks]"},
                                    {"done", "disconnect 16; lamp 200 1/0; ended"}},
                                   {},
                                   {},
                                   divert});
    row("the own greeting is played, the last place is followed by the first",
        {"voicemail.xml",
         "",
         {{"start", "play 200/greeting.g711a"},
          {"done", "play [vm-beep]"},
          {"done", "record 200/50.g711a 180s"},
          {"recorded 3", "play [vm-thanks]"},
          {"done", "disconnect 16; lamp 200 1/0; ended"}},
         {{"200/greeting.g711a", "x"}, {"200/next", "50"}},
         {{"200/greeting.g711a", "x"}, {"200/next", "1"}, {"200/50.g711a", "sound"}},
         divert});
    row("taken places are passed over", {"voicemail.xml",
                                         "",
                                         {{"start", "play [vm-greeting]"},
                                          {"done", "play [vm-beep]"},
                                          {"done", "record 200/2.g711a 180s"},
                                          {"hangup", "ended"}},
                                         {{"200/50.g711a", "x"}, {"200/1.g711a", "x"}, {"200/next", "50"}},
                                         {},
                                         divert});
    row("a full mailbox",
        {"voicemail.xml",
         "",
         {{"start", "play [vm-greeting]"}, {"done", "play [vm-full]"}, {"done", "disconnect 16; ended"}},
         fullBox(),
         fullBox(),
         divert});
    row("a recording that cannot be made", {"voicemail.xml",
                                            "",
                                            {{"start", "play [vm-greeting]"},
                                             {"done", "play [vm-beep]"},
                                             {"done", "record 200/1.g711a 180s"},
                                             {"refuse", "play [vm-not-saved]"},
                                             {"done", "disconnect 16; ended"}},
                                            {},
                                            {},
                                            divert});
    row("nobody has this mailbox", {"voicemail.xml",
                                    "",
                                    {{"start", "play [vm-no-mailbox]"}, {"done", "disconnect 16; ended"}},
                                    {},
                                    {},
                                    [](FakeHost& host) { host.call.leg2 = "999"; }});
    row("an unknown caller has no mailbox",
        {"voicemail.xml", "", {{"start", "play [vm-no-mailbox]"}, {"done", "disconnect 16; ended"}}, {}});
    row("German prompts", {"voicemail.xml",
                           "$lang=de",
                           {{"start", "play prompts/de/vm-greeting"}, {"hangup", "ended"}},
                           {},
                           {},
                           divert});
}

void TestShippedScripts::ownerRows()
{
    const std::map<std::string, std::string> two = {
        {"200/1.g711a", "x"}, {"200/2.g711a", "x"}, {"200/1.heard", "1"}, {"200/next", "3"}};
    row("hearing, repeating and deleting",
        {"voicemail.xml",
         "",
         {{"start", "lamp 200 1/1; play [vm-new]"},
          {"done", "play [vm-main]"},
          {"dial 1", "play [vm-message-old] 200/1.g711a"},
          {"done", "play [vm-keys]"},
          {"dial 1", "play [vm-message-old] 200/1.g711a"},
          {"dial 2", "play [vm-message-new] 200/2.g711a"}, // typed ahead of the keys
          {"done", "play [vm-keys]"},
          {"dial 9", "play [vm-wrong]"},
          {"done", "play [vm-keys]"},
          {"dial 3", "play [vm-deleted]"},
          {"done", "play [vm-end]"},
          {"done", "play [vm-main]"},
          {"dial *", "play [vm-bye]"},
          {"done", "disconnect 16; lamp 200 0/1; ended"}},
         two,
         {{"200/1.g711a", "x"}, {"200/1.heard", "1"}, {"200/next", "3"}},
         own});
    row("a message that was not heard to its end is new", {"voicemail.xml",
                                                           "",
                                                           {{"start", "lamp 200 1/1; play [vm-new]"},
                                                            {"dial 1", "play [vm-message-old] 200/1.g711a"},
                                                            {"dial 2", "play [vm-message-new] 200/2.g711a"},
                                                            {"hangup", "lamp 200 1/1; ended"}},
                                                           two,
                                                           two,
                                                           own});
    row("silence goes on to the next message and then ends",
        {"voicemail.xml",
         "",
         {{"start", "lamp 200 1/1; play [vm-new]"},
          {"dial 1", "play [vm-message-old] 200/1.g711a"},
          {"done", "play [vm-keys]"},
          {"done", ""},
          {"wait 5", "play [vm-message-new] 200/2.g711a"},
          {"done", "play [vm-keys]"},
          {"dial *", "play [vm-end]"},
          {"done", "play [vm-main]"},
          {"done", ""},
          {"wait 5", "play [vm-main]"},
          {"done", ""},
          {"wait 5", "play [vm-main]"},
          {"done", ""},
          {"wait 5", "play [vm-bye]"},
          {"done", "disconnect 16; lamp 200 0/2; ended"}},
         two,
         {},
         own});
    row("no messages, wrong keys", {"voicemail.xml",
                                    "",
                                    {{"start", "lamp 200 0/0; play [vm-no-new]"},
                                     {"done", "play [vm-main]"},
                                     {"dial 1", "play [vm-end]"},
                                     {"done", "play [vm-main]"},
                                     {"dial 7", "play [vm-wrong]"},
                                     {"done", "play [vm-main]"},
                                     {"dial #", "play [vm-wrong]"},
                                     {"done", "play [vm-main]"},
                                     {"dial A", "play [vm-wrong]"},
                                     {"done", "play [vm-bye]"},
                                     {"done", "disconnect 16; lamp 200 0/0; ended"}},
                                    {},
                                    {},
                                    own});
    row("messages come oldest first", {"voicemail.xml",
                                       "",
                                       {{"start", "lamp 200 2/0; play [vm-new]"},
                                        {"dial 1", "play [vm-message-new] 200/50.g711a"},
                                        {"dial 2", "play [vm-message-new] 200/1.g711a"},
                                        {"hangup", "lamp 200 1/1; ended"}},
                                       {{"200/1.g711a", "x"}, {"200/50.g711a", "x"}, {"200/next", "2"}},
                                       {},
                                       own});
    row("an own greeting, and back", {"voicemail.xml",
                                      "",
                                      {{"start", "lamp 200 0/0; play [vm-no-new]"},
                                       {"dial 0", "play [vm-greeting-record] [vm-beep]"},
                                       {"done", "record 200/greeting.g711a 60s"},
                                       {"dial 5", "stop recording; play [vm-greeting-saved]"},
                                       {"done", "play [vm-main]"},
                                       {"dial 0", "play [vm-greeting-record] [vm-beep]"},
                                       {"done", "record 200/greeting.g711a 60s"},
                                       {"recorded 0", "play [vm-greeting-removed]"},
                                       {"done", "play [vm-main]"},
                                       {"hangup", "lamp 200 0/0; ended"}},
                                      {},
                                      {},
                                      own});
    row("a pin is asked for", {"voicemail.xml",
                               "",
                               {{"start", "play [vm-pin]"},
                                {"dial 12", ""},
                                {"dial 35", "play [vm-pin-wrong]"},
                                {"done", "play [vm-pin]"},
                                {"dial 1", ""},
                                {"wait 10", "play [vm-pin-wrong]"},
                                {"done", "play [vm-pin]"},
                                {"dial 1234", "lamp 200 0/0; play [vm-no-new]"},
                                {"hangup", "lamp 200 0/0; ended"}},
                               {{"200/pin", "1234"}},
                               {},
                               own});
    row("three wrong pins", {"voicemail.xml",
                             "",
                             {{"start", "play [vm-pin]"},
                              {"dial 0000", "play [vm-pin-wrong]"},
                              {"dial 0000", ""},
                              {"done", "play [vm-pin-wrong]"},
                              {"dial 0000", ""},
                              {"done", "play [vm-pin-wrong]"},
                              {"done", "play [vm-bye]"},
                              {"done", "disconnect 16; ended"}},
                             {{"200/pin", "1234"}},
                             {},
                             own});
}

void TestShippedScripts::otherRows()
{
    const auto marks = [](const char* what) { return [what](FakeHost& host) { host.marks = what; }; };
    row("marking during the call",
        {"threat_call.xml",
         "",
         {{"start", "mark; play [Track2]"}, {"done", ""}, {"wait 2", "disconnect 16; ended"}},
         {},
         {},
         marks("running")});
    row("marking after the call",
        {"threat_call.xml",
         "",
         {{"start", "mark; play [Track1]"}, {"done", ""}, {"wait 2", "disconnect 16; ended"}},
         {},
         {},
         marks("last")});
    row("nothing to mark",
        {"threat_call.xml",
         "",
         {{"start", "mark; play [mark-none]"}, {"done", ""}, {"wait 2", "disconnect 16; ended"}},
         {}});
    row("a missing track is two seconds of silence",
        {"threat_call.xml",
         "",
         {{"start", "mark; play [Track1]"}, {"wait 1", ""}, {"wait 1", "disconnect 16; ended"}},
         {},
         {},
         [](FakeHost& host) {
             host.marks = "last";
             host.broken = {"prompts/en/Track1"};
         }});

    row("an announcement", {"announcement.xml",
                            "$sound=closed",
                            {{"start", "play closed"}, {"done", "disconnect 16; ended"}},
                            {}});
    row("an announcement before somebody answers",
        {"announcement.xml",
         "$sound=closed&$times=2&$to=300",
         {{"start", "play closed x2"}, {"done", "transfer 300"}, {"hangup", "ended"}},
         {}});

    const std::string stored =
        "tan 123456; play [tan-stored] [digit-1] [digit-2] [digit-3] [digit-4] [digit-5] [digit-6]";
    row("a TAN dialled with the number",
        {"tan.xml", "", {{"dial 123456", ""}, {"start", stored}, {"done", "disconnect 16; ended"}}, {}});
    row("a TAN that is typed", {"tan.xml",
                                "",
                                {{"dial 12", ""},
                                 {"start", ""},
                                 {"dial 345", ""},
                                 {"dial 6", stored},
                                 {"done", "disconnect 16; ended"}},
                                {}});
    row("a TAN after its prompt", {"tan.xml",
                                   "",
                                   {{"start", "play [tan-enter]"},
                                    {"done", ""},
                                    {"dial 123456", stored},
                                    {"done", "disconnect 16; ended"}},
                                   {}});
    row("TANs that are none", {"tan.xml",
                               "",
                               {{"dial 1234567", ""}, // too long
                                {"start", "play [tan-wrong]"},
                                {"done", "play [tan-enter]"},
                                {"dial 12345*", "play [tan-wrong]"},
                                {"done", "play [tan-enter]"},
                                {"dial 12", ""},
                                {"wait 10", "play [tan-wrong]"},
                                {"done", "disconnect 16; ended"}},
                               {}});
    row("a TAN without a call",
        {"tan.xml",
         "",
         {{"dial 123456", ""}, {"start", "tan 123456; play [tan-no-call]"}, {"done", "disconnect 16; ended"}},
         {},
         {},
         [](FakeHost& host) { host.tanCode = Answer::Code::Missing; }});
    row("a TAN that is refused", {"tan.xml",
                                  "",
                                  {{"dial 123456", ""},
                                   {"start", "tan 123456; play [tan-wrong]"},
                                   {"dial 654321", "tan 654321; play [tan-wrong]"},
                                   {"hangup", "ended"}},
                                  {},
                                  {},
                                  [](FakeHost& host) { host.tanCode = Answer::Code::Refused; }});

    const auto recorded = [](FakeHost& host) { host.recording = "recording:guid"; };
    row("the last recording without end",
        {"last_call_replay.xml",
         "",
         {{"start", "play recording:guid x0"}, {"dial 5", ""}, {"wait 3600", ""}, {"hangup", "ended"}},
         {},
         {},
         recorded});
    row("no recording yet", {"last_call_replay.xml",
                             "",
                             {{"start", "play [replay-none]"}, {"done", "disconnect 16; ended"}},
                             {}});
    row("a recording that has gone", {"last_call_replay.xml",
                                      "",
                                      {{"start", "play recording:guid x0; disconnect 16; ended"}},
                                      {},
                                      {},
                                      [](FakeHost& host) {
                                          host.recording = "recording:guid";
                                          host.broken = {"recording:guid"};
                                      }});
    row("waiting", {"waiting.xml",
                    "",
                    {{"start", "play [waiting-first]"},
                     {"done", "play MOH x0 30s"},
                     {"wait 30", "play [waiting-again]"},
                     {"done", "play MOH x0 30s"},
                     {"hangup", "ended"}},
                    {}});
    row("waiting with announcements of one's own", {"waiting.xml",
                                                    "$first=a.g711a&$again=b.g711a&$pause=5",
                                                    {{"start", "play a.g711a"},
                                                     {"done", "play MOH x0 5s"},
                                                     {"wait 5", "play b.g711a"},
                                                     {"hangup", "ended"}},
                                                    {}});
}

void TestShippedScripts::calls()
{
    QFETCH(Played, call);
    play(call);
}

/// Whatever the moment, the script ends in time, without an error, and does not ask for sound any more.
void TestShippedScripts::hangUpAtEveryStep()
{
    QFETCH(Played, call);
    for (std::size_t cut = 0; cut < 2 * call.steps.size(); ++cut) {
        FakeHost host(cut % 2 == 0 ? FakeHost::Answers::AtOnce : FakeHost::Answers::Later);
        host.files = call.files;
        if (call.set)
            call.set(host);
        host.load(textOfFile(call.script), call.query);
        for (std::size_t i = 0; i < cut / 2; ++i)
            host.act(call.steps[i].first);
        if (host.script->hasEnded())
            continue;
        std::string after = host.act("hangup 0");
        after += host.act("start");
        QVERIFY2(host.script->hasEnded(), call.steps[cut / 2].first.c_str());
        QCOMPARE(*host.end, std::string());
        QVERIFY2(after.find("play") == std::string::npos && after.find("record ") == std::string::npos,
                 after.c_str());
        for (const auto& [name, text] : host.files) // no empty message stays
            QVERIFY2(text != "sound" || call.files.contains(name) ||
                         name.find("greeting") != std::string::npos || host.files.contains("200/next"),
                     name.c_str());
    }
}

/// Both see the first place free; who comes second takes the next. The owner hears both and deletes one.
void TestShippedScripts::twoMessagesAtOnceOnTheDisk()
{
    const QTemporaryDir dir;
    const FolderStorage disk(pathOf(dir.path().toStdString()) / "vm");
    const auto begin = [&](FakeHost& host) {
        host.disk = &disk;
        host.load(textOfFile("voicemail.xml"));
        return host.act("start");
    };
    FakeHost first;
    FakeHost second;
    for (FakeHost* caller : {&first, &second}) {
        divert(*caller);
        QCOMPARE(begin(*caller), spelled("play [vm-greeting]"));
        QCOMPARE(caller->act("done"), spelled("play [vm-beep]"));
    }
    QCOMPARE(first.act("done"), std::string("record 200/1.g711a 180s"));
    QCOMPARE(second.act("done"), std::string("record 200/1.g711a 180s; record 200/2.g711a 180s"));
    QCOMPARE(second.act("hangup 5"), std::string("lamp 200 2/0; ended"));
    QCOMPARE(first.act("hangup 9"), std::string("lamp 200 2/0; ended"));

    FakeHost owner;
    own(owner);
    QCOMPARE(begin(owner), spelled("lamp 200 2/0; play [vm-new]"));
    QCOMPARE(owner.act("dial 1"), spelled("play [vm-message-new] 200/2.g711a"));
    QCOMPARE(owner.act("done"), spelled("play [vm-keys]"));
    QCOMPARE(owner.act("dial 3"), spelled("play [vm-deleted]"));
    QCOMPARE(owner.act("done"), spelled("play [vm-message-new] 200/1.g711a"));
    QCOMPARE(owner.act("done"), spelled("play [vm-keys]"));
    QCOMPARE(owner.act("hangup"), std::string("lamp 200 0/1; ended"));
    QVERIFY(disk.find("200/1.g711a") && disk.find("200/1.heard"));
    QVERIFY(!disk.find("200/2.g711a") && !disk.find("200/2.heard"));
}

/// Each prompt that a script names has its sentences, and each sentence is used.
void TestShippedScripts::promptsAreListed()
{
    std::set<std::string> listed;
    std::set<std::string> used;
    const std::string table = textOfFile("prompts.tsv");
    for (std::size_t at = table.find('\n') + 1; at < table.size();) {
        const std::string line = table.substr(at, table.find('\n', at) - at);
        at += line.size() + 1;
        QCOMPARE(std::count(line.begin(), line.end(), '\t'), std::ptrdiff_t(2));
        QVERIFY2(listed.insert(line.substr(0, line.find('\t'))).second, line.c_str());
    }
    for (const char* name : {"announcement.xml", "voicemail.xml", "threat_call.xml", "tan.xml",
                             "last_call_replay.xml", "waiting.xml"}) {
        const std::string text = textOfFile(name);
        for (const std::string& before : {std::string("$p/"), std::string("prompts/$lang/")})
            for (std::size_t at = text.find(before); at != std::string::npos;
                 at = text.find(before, at + 1)) {
                const std::size_t start = at + before.size();
                used.insert(text.substr(start, text.find_first_of("\" $", start) - start));
            }
    }
    QVERIFY(used.erase("digit-") == 1);
    for (char digit = '0'; digit <= '9'; ++digit)
        used.insert(std::string("digit-") + digit);
    QCOMPARE(listed, used);
}

/// Those that the build has made: each a sound of some tenths to some tens of seconds.
void TestShippedScripts::promptsAreSpoken()
{
    const Path folder = pathOf(SR_BINARY_DIR) / "resources" / "scripts" / "prompts";
    if (!fileExists(folder / "en.done") || !fileExists(folder / "de.done"))
        QSKIP("this build has no prompts");
    const std::string table = textOfFile("prompts.tsv");
    for (std::size_t at = table.find('\n') + 1; at < table.size(); at = table.find('\n', at) + 1)
        for (const char* language : {"de", "en"}) {
            const std::string name = table.substr(at, table.find('\t', at) - at) + ".g711a";
            const auto sound = readFile(folder / language / pathOf(name), 1 << 20);
            QVERIFY2(sound, name.c_str());
            QVERIFY2(sound->size() >= 2400 && sound->size() < 8000 * 30, name.c_str());
            const auto loud = std::count_if(sound->begin(), sound->end(), [](std::byte octet) {
                return ((octet ^ std::byte{0x55}) & std::byte{0x7F}) >
                       std::byte{0x40}; // G.711: segment 4 and above
            });
            QVERIFY2(loud > 200, name.c_str());
        }
}

QTEST_GUILESS_MAIN(TestShippedScripts)
#include "tst_shipped_scripts.moc"
