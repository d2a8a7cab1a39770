// SPDX-License-Identifier: GPL-3.0-or-later
// Presence, dialogs and mailboxes as phones read them, and PIDF as phones write it.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/pbx/event_bodies.h"

#include <QTest>
#include <QXmlStreamReader>

using namespace sr;
using namespace sr::pbx;

namespace {

std::string pidf(const std::string& inside)
{
    return "<?xml version=\"1.0\"?><presence xmlns=\"urn:ietf:params:xml:ns:pidf\" "
           "xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" "
           "xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" entity=\"sip:100@x\">" +
           inside + "</presence>";
}

std::string tuple(const std::string& basic)
{
    return "<tuple id=\"t\"><status><basic>" + basic + "</basic></status></tuple>";
}

std::string person(const std::string& activities)
{
    return "<dm:person id=\"p\"><rpid:activities>" + activities + "</rpid:activities></dm:person>";
}

bool isXml(const std::string& document)
{
    QXmlStreamReader reader(QByteArray::fromStdString(document));
    while (!reader.atEnd())
        reader.readNext();
    return !reader.hasError();
}

CallState call(CallRole role, CallStage stage, std::string number, std::string name)
{
    CallState state;
    state.user = "anna";
    state.call = 7;
    state.conference = "00112233445566778899aabbccddeeff";
    state.role = role;
    state.stage = stage;
    state.remoteNumber = std::move(number);
    state.remoteName = std::move(name);
    return state;
}

} // namespace

class EventBodiesTest : public QObject {
    Q_OBJECT
private slots:
    void writesPresence()
    {
        QCOMPARE(writePidf("sip:100@pbx", {true, Activity::Meeting, "back at 3"}),
                 std::string("<?xml version=\"1.0\" encoding=\"UTF-8\"?><presence "
                             "xmlns=\"urn:ietf:params:xml:ns:pidf\" "
                             "xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\" "
                             "xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\" entity=\"sip:100@pbx\">"
                             "<tuple id=\"exchange\"><status><basic>open</basic></status>"
                             "<note>back at 3</note></tuple><dm:person id=\"user\"><rpid:activities>"
                             "<rpid:meeting/></rpid:activities></dm:person></presence>\n"));
    }
    void everyActivityComesBack()
    {
        for (int i = 0; i <= static_cast<int>(Activity::Dnd); ++i) {
            const Presence said{i % 2 == 0, static_cast<Activity>(i), i % 3 == 0 ? "note" : ""};
            QCOMPARE(activityNamed(nameOf(said.activity)), std::optional(said.activity));
            const auto read = parsePidf(writePidf("sip:100@pbx", said));
            QVERIFY(read.has_value());
            QVERIFY2(*read == said, std::string(nameOf(said.activity)).c_str());
        }
        QCOMPARE(activityNamed("juggling"), std::nullopt);
    }
    void textsOfPeopleStayTexts()
    {
        const std::string text = "<b>&\"'\x01\x0b\xff Zo\xc3\xab \xf0\x9f\x98\x80";
        const std::string presence = writePidf("sip:\"<&@x", {true, Activity::None, text});
        QVERIFY(isXml(presence));
        const auto read = parsePidf(presence);
        QVERIFY(read.has_value());
        QCOMPARE(read->note, std::string("<b>&\"'\xef\xbf\xbd Zo\xc3\xab \xf0\x9f\x98\x80"));
        QVERIFY(isXml(writeDialogInfo("sip:\"<&@x", "h<", 0,
                                      {call(CallRole::Initiator, CallStage::Early, "<&\"", text)})));
    }
    void writesDialogs()
    {
        auto one = call(CallRole::Recipient, CallStage::Early, "101", "Otto");
        one.holds = true;
        QCOMPARE(writeDialogInfo("sip:100@pbx", "pbx", 3, {one}),
                 std::string("<?xml version=\"1.0\" encoding=\"UTF-8\"?><dialog-info "
                             "xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"3\" state=\"full\" "
                             "entity=\"sip:100@pbx\"><dialog id=\"7\" "
                             "call-id=\"00112233445566778899aabbccddeeff\" local-tag=\"part7\" "
                             "remote-tag=\"exchange\" direction=\"recipient\">"
                             "<state>early</state><local><identity>sip:100@pbx</identity>"
                             "<target uri=\"sip:100@pbx\"><param pname=\"+sip.rendering\" pval=\"no\"/>"
                             "</target></local><remote><identity display=\"Otto\">sip:101@pbx</identity>"
                             "<target uri=\"sip:101@pbx\"/></remote></dialog></dialog-info>\n"));
        QVERIFY(writeDialogInfo("sip:100@pbx", "pbx", 4, {}).find("<dialog ") == std::string::npos);
    }
    void writesMailbox()
    {
        QCOMPARE(writeMessageSummary("sip:100@pbx", {2, 8}),
                 std::string("Messages-Waiting: yes\r\nMessage-Account: sip:100@pbx\r\n"
                             "Voice-Message: 2/8 (0/0)\r\n"));
        QVERIFY(writeMessageSummary("sip:100@pbx", {0, 8}).starts_with("Messages-Waiting: no\r\n"));
    }

    void readsWhatPhonesWrite_data()
    {
        QTest::addColumn<QString>("inside");
        QTest::addColumn<bool>("open");
        QTest::addColumn<QString>("activity");
        QTest::addColumn<QString>("note");
        const auto row = [](const char* name, const std::string& inside, bool open, const char* activity,
                            const char* note) {
            QTest::newRow(name) << QString::fromStdString(inside) << open << QString::fromUtf8(activity)
                                << QString::fromUtf8(note);
        };
        row("open", tuple("open"), true, "", "");
        row("closed", tuple("closed"), false, "", "");
        row("one of two devices is open", tuple("closed") + tuple("open"), true, "", "");
        row("nothing is said", "", true, "", "");
        row("the person stands first", person("<rpid:away/>") + tuple("open"), true, "away", "");
        row("no activity", person("") + tuple("open"), true, "", "");
        row("the first activity that is known", person("<rpid:x/><rpid:lunch/><rpid:tv/>"), true, "lunch",
            "");
        row("an own activity", person("<rpid:other>juggling</rpid:other>"), true, "other", "");
        row("dnd beside busy", person("<rpid:busy/><rpid:other>dnd</rpid:other>"), true, "dnd", "");
        row("a note within activities",
            person("<rpid:note>Zur\xc3\xbc"
                   "ck um 3</rpid:note><rpid:meal/>"),
            true, "meal", "Zurück um 3");
        row("a note with lines", "<note>\n  one\n  two </note>", true, "", "one two");
        row("elements of strangers", "<x:y xmlns:x=\"urn:x\"><x:z/></x:y>" + tuple("closed"), false, "", "");
    }
    void readsWhatPhonesWrite()
    {
        QFETCH(QString, inside);
        const auto read = parsePidf(pidf(inside.toStdString()));
        QVERIFY(read.has_value());
        QTEST(read->open, "open");
        QTEST(QString::fromUtf8(nameOf(read->activity).data()), "activity");
        QTEST(QString::fromStdString(read->note), "note");
    }

    void refusesWhatIsNoPresence_data()
    {
        QTest::addColumn<QByteArray>("document");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("words") << QByteArray("hello");
        QTest::newRow("another root") << QByteArray("<presence/>");
        QTest::newRow("cut off") << QByteArray::fromStdString(pidf(tuple("open"))).chopped(20);
        QTest::newRow("a document type") << "<!DOCTYPE presence [<!ENTITY a \"aaaa\">]>" +
                                                QByteArray::fromStdString(pidf("<note>&a;</note>")).mid(21);
        QTest::newRow("an entity that nobody knows") << QByteArray::fromStdString(pidf("<note>&a;</note>"));
        QTest::newRow("too deep") << QByteArray::fromStdString(pidf(
            QString(QStringLiteral("<a>").repeated(40) + QStringLiteral("</a>").repeated(40)).toStdString()));
        QTest::newRow("too long") << QByteArray::fromStdString(
            pidf("<note>" + std::string(17'000, 'x') + "</note>"));
    }
    void refusesWhatIsNoPresence()
    {
        QFETCH(QByteArray, document);
        QVERIFY(!parsePidf(document.toStdString()));
    }
    void aLongNoteIsCutBetweenCharacters()
    {
        std::string note = "x";
        for (int i = 0; i < 200; ++i)
            note += "\xc3\xab";
        const auto read = parsePidf(pidf("<note>" + note + "</note>"));
        QVERIFY(read.has_value());
        QCOMPARE(read->note, note.substr(0, kMaxPresenceNote));
    }
};

QTEST_GUILESS_MAIN(EventBodiesTest)
#include "tst_event_bodies.moc"
