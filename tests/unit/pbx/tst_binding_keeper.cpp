// SPDX-License-Identifier: GPL-3.0-or-later
// Who is registered is known over a restart; whose user, password or time is gone is not; and odd files are
// empty ones.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/pbx/binding_keeper.h"
#include "tests/support/fake_clock.h"

#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using namespace sr::pbx;
using namespace std::chrono_literals;

namespace {

User userOf(const std::string& name, const std::string& password)
{
    User user;
    user.name = name;
    user.secret = sip::digestSecret(name, "switchroom", password);
    return user;
}

Directory directoryOf(std::vector<User> users)
{
    return Directory("switchroom", std::move(users));
}

const std::vector<Endpoint> kListeners{*Endpoint::parse("192.0.2.1:5060"), *Endpoint::parse("[::1]:5060"),
                                       *Endpoint::parse("192.0.2.2:5060")};

sip::RegisterRequest requestOf(const std::string& host, sip::Transport transport = sip::Transport::Udp)
{
    sip::RegisterRequest request;
    request.callId = "call of " + host;
    request.cseq = 7;
    request.contacts = {{"sip:x@" + host, 600, "<urn:uuid:" + host + ">"}};
    request.userAgent = "Phone 100%\tnew";
    request.domain = "pbx.example";
    request.source = {{*IpAddress::parse(host), 5062}, transport, 2};
    return request;
}

KeptBinding oneOf(const std::string& user)
{
    return {user,
            "00ff",
            "sip:x@10.0.0.1",
            "",
            "A \r\n%\x7f phone",
            "",
            "example.com",
            4294967295U,
            *Endpoint::parse("10.0.0.1:5062"),
            kListeners[1],
            UtcTime(5us)};
}

} // namespace

class TestBindingKeeper : public QObject {
    Q_OBJECT

private slots:
    void aRestart();
    void notMoreThanOnceInAWhile();
    void whatIsNotBoundAnyMore();
    void connectionsAreNotKept();
    void whoRegistersFirstIsNewer();
    void listenersThatChange();
    void writtenAndRead();
    void oddLines_data();
    void oddLines();
    void oddFiles();
    void limits();
    void aFolderThatCannotBe();

private:
    /// A run of the service.
    struct Life {
        explicit Life(const TestBindingKeeper& test, const Directory& directory,
                      const crypto::Secret& key = {}, std::vector<Endpoint> listeners = kListeners)
            : clock(test.m_clock)
            , keeper(
                  {test.file(), BindingKeeper::load(test.file(), said()), std::move(listeners), key, said()},
                  registrar, clock)
        {
            restored = keeper.restore(directory);
        }
        std::function<void(const std::string&)> said()
        {
            return [this](const std::string& line) { words += line; };
        }
        void take(const std::string& user, const sip::RegisterRequest& request)
        {
            QCOMPARE(registrar.take(user, request, clock.steadyNow()).status, 200);
            keeper.changed(user);
        }
        std::vector<Binding> of(const std::string& user) const
        {
            return registrar.bindings(user, clock.steadyNow());
        }
        const Clock& clock;
        std::string words; // longer than the keeper's thread, which says them
        Registrar registrar;
        BindingKeeper keeper;
        std::set<std::string> restored;
    };
    Path file() const
    {
        return pathOf(m_dir.path().toStdString()) / QTest::currentTestFunction() / "registrations";
    }
    test::FakeClock m_clock;
    QTemporaryDir m_dir;
};

void TestBindingKeeper::aRestart()
{
    const Directory all = directoryOf({userOf("anna", "a"), userOf("bert", "b")});
    {
        Life first(*this, all);
        QVERIFY(first.restored.empty());
        first.take("anna", requestOf("10.0.0.1"));
        first.take("anna", requestOf("10.0.0.2"));
        first.take("bert", requestOf("10.0.0.3"));
        first.keeper.flush(all);
    }
    m_clock.advance(100s);
    Life second(*this, all);
    QCOMPARE(second.restored, (std::set<std::string>{"anna", "bert"}));
    const auto devices = second.of("anna");
    QCOMPARE(devices.size(), std::size_t{2});
    const auto asked = requestOf("10.0.0.1");
    QCOMPARE(devices[0].contact.uri, asked.contacts[0].uri);
    QCOMPARE(devices[0].contact.instance, asked.contacts[0].instance);
    QVERIFY(devices[0].source == asked.source);
    QCOMPARE(devices[0].userAgent, asked.userAgent);
    QCOMPARE(devices[0].callId, asked.callId);
    QCOMPARE(devices[0].domain, asked.domain);
    QCOMPARE(devices[0].cseq, asked.cseq);
    QCOMPARE(devices[0].ends, m_clock.steadyNow() + 500s);
    QVERIFY(second.words.empty());
#ifndef Q_OS_WIN
    QCOMPARE(std::filesystem::status(file()).permissions(),
             std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
#endif
}

void TestBindingKeeper::notMoreThanOnceInAWhile()
{
    const Directory all = directoryOf({userOf("anna", "a"), userOf("bert", "b")});
    {
        Life life(*this, all);
        life.take("anna", requestOf("10.0.0.1"));
        m_clock.advance(4s);
        life.keeper.onSecond(all);
    }
    QVERIFY(!fileExists(file()));
    {
        Life life(*this, all);
        life.take("anna", requestOf("10.0.0.1"));
        m_clock.advance(5s);
        life.keeper.onSecond(all);
        life.take("bert", requestOf("10.0.0.2"));
        m_clock.advance(4s);
        life.keeper.onSecond(all);
    }
    QCOMPARE(Life(*this, all).restored, std::set<std::string>{"anna"});
}

void TestBindingKeeper::whatIsNotBoundAnyMore()
{
    std::vector<User> users;
    for (const char* name : {"anna", "bert", "carl", "dora", "emil"})
        users.push_back(userOf(name, "password"));
    {
        const Directory all = directoryOf(users);
        Life first(*this, all);
        for (const User& user : users)
            first.take(user.name, requestOf("10.0.0.1"));
        first.keeper.flush(all);
        auto leaves = requestOf("10.0.0.1");
        leaves.cseq = 8;
        leaves.contacts[0].expires = 0;
        first.take("dora", leaves);
        leaves.contacts[0].expires = 60;
        first.take("emil", leaves);
        first.keeper.flush(all);
    }
    m_clock.advance(60s);
    users[1] = userOf("bert", "another");
    users.erase(users.begin() + 2); // carl
    const Directory now = directoryOf(users);
    {
        Life other(*this, now, crypto::Secret::random().value()); // of another machine
        QVERIFY(other.restored.empty());
    }
    {
        Life second(*this, now);
        QCOMPARE(second.restored, std::set<std::string>{"anna"});
        second.keeper.flush(now);
    }
    const auto bytes = readFile(file(), kBindingFileMost);
    QVERIFY(bytes);
    QCOMPARE(parseBindings(textOf(*bytes))->all.size(), std::size_t{1});
}

void TestBindingKeeper::connectionsAreNotKept()
{
    const Directory all = directoryOf({userOf("anna", "a")});
    {
        Life first(*this, all);
        first.take("anna", requestOf("10.0.0.1", sip::Transport::Tcp));
        first.take("anna", requestOf("10.0.0.2", sip::Transport::Tls));
        first.take("anna", requestOf("10.0.0.3"));
        auto own = requestOf("10.0.0.4");
        own.contacts = {{"service:echo", 600, {}}};
        first.take("anna", own);
        first.keeper.flush(all);
    }
    const auto devices = Life(*this, all).of("anna");
    QCOMPARE(devices.size(), std::size_t{1});
    QCOMPARE(devices[0].contact.uri, std::string("sip:x@10.0.0.3"));
}

void TestBindingKeeper::whoRegistersFirstIsNewer()
{
    const Directory all = directoryOf({userOf("anna", "a")});
    {
        Life first(*this, all);
        first.take("anna", requestOf("10.0.0.1"));
        first.keeper.flush(all);
    }
    Registrar registrar;
    auto newer = requestOf("10.0.0.1");
    newer.callId = "new";
    newer.contacts[0].uri = "sip:x@10.0.0.9";
    (void)registrar.take("anna", newer, m_clock.steadyNow());
    BindingKeeper keeper({file(), BindingKeeper::load(file(), {}), kListeners, {}, {}}, registrar, m_clock);
    QVERIFY(keeper.restore(all).empty());
    QCOMPARE(registrar.bindings("anna", m_clock.steadyNow()).at(0).contact.uri, newer.contacts[0].uri);
}

void TestBindingKeeper::listenersThatChange()
{
    const Directory all = directoryOf({userOf("anna", "a")});
    {
        Life first(*this, all);
        first.take("anna", requestOf("10.0.0.1"));
        first.keeper.flush(all);
    }
    QCOMPARE(Life(*this, all, {}, {kListeners[1], kListeners[2]}).of("anna").at(0).source.listener,
             std::size_t{1});
    QCOMPARE(Life(*this, all, {}, {kListeners[1], *Endpoint::parse("0.0.0.0:5070")})
                 .of("anna")
                 .at(0)
                 .source.listener,
             std::size_t{1});
    QVERIFY(Life(*this, all, {}, {kListeners[1]}).of("anna").empty()); // no way there
}

void TestBindingKeeper::writtenAndRead()
{
    const std::vector<KeptBinding> all{oneOf("anna"), oneOf("Bärbel"), oneOf("anna")};
    const auto read = parseBindings(writeBindings(all));
    QVERIFY(read);
    QVERIFY(read->all == all);
    QCOMPARE(read->unread, std::size_t{0});
}

void TestBindingKeeper::oddLines_data()
{
    QTest::addColumn<std::string>("line");
    const auto row = [](const char* name, const char* line) { QTest::newRow(name) << std::string(line); };
    row("nothing", "");
    row("too few words", "anna p sip:x i ua c d 1 10.0.0.1:1 10.0.0.2:2");
    row("too many words", "anna p sip:x i ua c d 1 10.0.0.1:1 10.0.0.2:2 5 6");
    row("nobody", " p sip:x i ua c d 1 10.0.0.1:1 10.0.0.2:2 5");
    row("no contact", "anna p  i ua c d 1 10.0.0.1:1 10.0.0.2:2 5");
    row("a contact of two lines", "anna p sip:x%0d%0aTo: i ua c d 1 10.0.0.1:1 10.0.0.2:2 5");
    row("no number", "anna p sip:x i ua c d x 10.0.0.1:1 10.0.0.2:2 5");
    row("a large number", "anna p sip:x i ua c d 4294967296 10.0.0.1:1 10.0.0.2:2 5");
    row("no address", "anna p sip:x i ua c d 1 10.0.0.256:1 10.0.0.2:2 5");
    row("no listener", "anna p sip:x i ua c d 1 10.0.0.1:1 here 5");
    row("a time before all times", "anna p sip:x i ua c d 1 10.0.0.1:1 10.0.0.2:2 -9223372036854775808");
    row("a time behind all times", "anna p sip:x i ua c d 1 10.0.0.1:1 10.0.0.2:2 9223372036854775807");
    row("half an escape", "anna p sip:x i ua%2 c d 1 10.0.0.1:1 10.0.0.2:2 5");
    row("no escape", "anna p sip:x i ua%-1 c d 1 10.0.0.1:1 10.0.0.2:2 5");
    row("a control", "anna p sip:x i ua\x01 c d 1 10.0.0.1:1 10.0.0.2:2 5");
}

void TestBindingKeeper::oddLines()
{
    QFETCH(std::string, line);
    const std::string good = writeBindings({oneOf("anna")});
    const auto read = parseBindings(good + line + "\n" + good.substr(good.find('\n') + 1));
    QVERIFY(read);
    QCOMPARE(read->all.size(), std::size_t{2});
    QCOMPARE(read->unread, std::size_t{1});
}

void TestBindingKeeper::oddFiles()
{
    std::string words;
    const auto say = [&](const std::string& line) { words = line; };
    QVERIFY(BindingKeeper::load(file(), say).empty());
    QVERIFY(words.empty()); // the first start
    QVERIFY(makeDirs(file().parent_path()));
    const std::string good = writeBindings({oneOf("anna")});
    for (const std::string& text : {std::string(), std::string("\n"), std::string(100, '\0'), "x" + good,
                                    std::string(kBindingFileMost + 1, '\n')}) {
        words.clear();
        QVERIFY(writeFileAtomic(file(), bytesOf(text)));
        QVERIFY(BindingKeeper::load(file(), say).empty());
        QVERIFY(words.starts_with("Phones may have to register anew"));
    }
    QVERIFY(writeFileAtomic(file(), bytesOf(good + "half a li")));
    QCOMPARE(BindingKeeper::load(file(), say).size(), std::size_t{1});
    QVERIFY(words.ends_with("has 1 damaged lines"));
}

void TestBindingKeeper::limits()
{
    KeptBinding wordy = oneOf("bert");
    wordy.userAgent = std::string(kBindingLineMost, 'x');
    const auto read = parseBindings(writeBindings({oneOf("anna"), wordy, oneOf("carl")}));
    QCOMPARE(read->all.size(), std::size_t{2});
    wordy.userAgent.resize(kBindingLineMost - 200);
    const std::string many = writeBindings(std::vector<KeptBinding>(kBindingFileMost / 1000, wordy));
    QVERIFY(many.size() <= kBindingFileMost && many.size() > kBindingFileMost - kBindingLineMost);
    QCOMPARE(parseBindings(many)->unread, std::size_t{0});
}

void TestBindingKeeper::aFolderThatCannotBe()
{
    const Directory all = directoryOf({userOf("anna", "a")});
    QVERIFY(writeFileAtomic(file().parent_path(), bytesOf("a file")));
    std::string words;
    {
        Registrar registrar;
        BindingKeeper keeper({file(), {}, kListeners, {}, [&](const std::string& line) { words += line; }},
                             registrar, m_clock);
        (void)registrar.take("anna", requestOf("10.0.0.1"), m_clock.steadyNow());
        (void)keeper.restore(all);
        keeper.flush(all);
    }
    QVERIFY2(words.starts_with("Registrations are not kept"), words.c_str());
}

QTEST_GUILESS_MAIN(TestBindingKeeper)
#include "tst_binding_keeper.moc"
