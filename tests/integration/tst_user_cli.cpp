// SPDX-License-Identifier: GPL-3.0-or-later
// Users as an administrator or a script meets them on the command line.
#include "core/pbx/directory_watch.h"
#include "tests/support/ctl_process.h"
#include "tests/unit/pbx/exchange_fixture.h"

#include <QDirIterator>
#include <QFile>
#include <QJsonArray>
#include <QSemaphore>
#include <QTest>

using namespace sr;
using sr::test::CtlFixture;
using sr::test::CtlResult;

class UserCliTest : public QObject {
    Q_OBJECT
    std::unique_ptr<CtlFixture> m_fixture;
    QByteArray m_said; ///< everything that any run put out

    /// `line` is split at blanks; `_` stands for a blank and `''` for an empty word.
    CtlResult user(const QString& line, const QByteArray& input = {})
    {
        QStringList arguments{QStringLiteral("user")};
        for (QString word : line.split(QLatin1Char(' '), Qt::SkipEmptyParts))
            arguments << (word == QLatin1String("''") ? QString()
                                                      : word.replace(QLatin1Char('_'), QLatin1Char(' ')));
        const CtlResult result = m_fixture->run(arguments, input);
        m_said += result.out + result.err;
        return result;
    }
    CtlResult addAnna(const QByteArray& password = "Kuckucksuhr\n")
    {
        return user(
            QStringLiteral("add --number 12 --name anna --group Sales_EU --group Büro --password-stdin"),
            password);
    }
    QJsonArray users()
    {
        return user(QStringLiteral("list --json")).json().value(QStringLiteral("users")).toArray();
    }
    QJsonObject anna() { return user(QStringLiteral("show anna --json")).json(); }

private slots:
    void init()
    {
        m_fixture = std::make_unique<CtlFixture>();
        m_said.clear();
    }

    void addListShowModifyRemove()
    {
        const CtlResult none = user(QStringLiteral("list"));
        QVERIFY(none.exitCode == 0 && none.out.isEmpty() && none.err.contains("no users yet"));
        const CtlResult added = addAnna();
        QVERIFY2(added.exitCode == 0, added.err.constData());
        QVERIFY(added.out.isEmpty());
        const auto member = [](const char* group) {
            return QJsonObject{{QStringLiteral("group"), QString::fromUtf8(group)},
                               {QStringLiteral("active"), false},
                               {QStringLiteral("dynamic"), QString()},
                               {QStringLiteral("joined"), true}};
        };
        const QJsonObject expected{
            {QStringLiteral("kind"), QStringLiteral("user")},
            {QStringLiteral("node"), QString()},
            {QStringLiteral("memberships"), QJsonArray{member("Büro"), member("Sales EU")}},
            {QStringLiteral("devices"), QJsonArray()},
            {QStringLiteral("settings"), QJsonObject()},
            {QStringLiteral("number"), QStringLiteral("12")},
            {QStringLiteral("name"), QStringLiteral("anna")},
            {QStringLiteral("longName"), QStringLiteral("anna")},
            {QStringLiteral("groups"), QJsonArray{QStringLiteral("Büro"), QStringLiteral("Sales EU")}},
            {QStringLiteral("record"), QStringLiteral("transparent")},
            {QStringLiteral("forwards"), QJsonObject{{QStringLiteral("cfu"), QString()},
                                                     {QStringLiteral("cfb"), QString()},
                                                     {QStringLiteral("cfnr"), QString()}}}};
        QCOMPARE(users(), QJsonArray{expected});
        QCOMPARE(anna(), expected);
        QCOMPARE(user(QStringLiteral("list")).out, QByteArray("12  anna  anna  Büro, Sales EU\n"));
        QVERIFY(user(QStringLiteral("show anna")).out.contains("number:    12\n"));

        QCOMPARE(user(QStringLiteral("modify anna --number *7# --long-name Anna_Groß --no-groups")).exitCode,
                 0);
        QCOMPARE(anna().value(QStringLiteral("number")).toString(), QStringLiteral("*7#"));
        QCOMPARE(anna().value(QStringLiteral("longName")).toString(), QStringLiteral("Anna Groß"));
        QVERIFY(anna().value(QStringLiteral("groups")).toArray().isEmpty());
        QCOMPARE(user(QStringLiteral("modify anna --record off")).exitCode, 0);
        QCOMPARE(anna().value(QStringLiteral("record")).toString(), QStringLiteral("off"));
        QVERIFY(user(QStringLiteral("show anna")).out.contains("recorded:  off\n"));
        QCOMPARE(user(QStringLiteral("modify anna --record maybe")).exitCode, 2);
        QCOMPARE(user(QStringLiteral("modify anna --cfu 12 --cfnr -")).exitCode, 0);
        QCOMPARE(anna().value(QStringLiteral("forwards")).toObject().value(QStringLiteral("cfu")).toString(),
                 QStringLiteral("12"));
        QVERIFY(user(QStringLiteral("show anna")).out.contains("always 12, busy none, no answer -\n"));
        QCOMPARE(user(QStringLiteral("modify anna --cfb +12")).exitCode, 1);
        QCOMPARE(user(QStringLiteral("modify anna --name maria --password-stdin"), "x\n").exitCode, 0);
        QCOMPARE(users().first().toObject().value(QStringLiteral("name")).toString(),
                 QStringLiteral("maria"));

        QCOMPARE(user(QStringLiteral("remove maria")).exitCode, 0);
        QVERIFY(users().isEmpty());
    }

    void unicodeIsKept()
    {
        const CtlResult added = user(
            QStringLiteral("add --number '' --name Zoë --long-name 東京_☎_Zoë --password-stdin"), "パス\n");
        QVERIFY2(added.exitCode == 0, added.err.constData());
        const CtlResult shown = user(QStringLiteral("show Zoe\u0308 --json")); // typed as two characters
        QCOMPARE(shown.json().value(QStringLiteral("longName")).toString(), QStringLiteral("東京 ☎ Zoë"));
        QVERIFY(shown.json().value(QStringLiteral("number")).toString().isEmpty());
    }

    void wrongUse_data()
    {
        QTest::addColumn<QString>("line");
        for (const char* line : {"",
                                 "frob",
                                 "add",
                                 "add anna --number 1 --name anna --password-stdin",
                                 "add --number 1 --password-stdin",
                                 "add --name anna --password-stdin",
                                 "add --number 1 --name anna",
                                 "add --number 1 --name a --no-groups --password-stdin",
                                 "add --number 1 --name a --name b --password-stdin",
                                 "add --number 1 --name a --password-stdin --json",
                                 "list anna",
                                 "list --number 1",
                                 "show",
                                 "show anna otto",
                                 "show anna --group x",
                                 "modify",
                                 "modify anna",
                                 "modify anna --json",
                                 "modify anna --group a --no-groups",
                                 "modify anna --name otto",
                                 "remove",
                                 "remove anna otto",
                                 "remove anna --password-stdin",
                                 "list --frob",
                                 "add --password secret"})
            QTest::newRow(*line == '\0' ? "no action" : line) << QString::fromLatin1(line);
    }
    void wrongUse()
    {
        QFETCH(QString, line);
        const CtlResult result = user(line, "secret\n");
        QCOMPARE(result.exitCode, 2);
        QVERIFY(result.out.isEmpty() && !result.err.isEmpty());
        QVERIFY(!QFile::exists(m_fixture->config())); // refused before anything was made
    }

    void whatCannotBeDoneIsSaid_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("name is taken")
            << "add --number 13 --name anna --password-stdin" << QByteArray("name");
        QTest::newRow("number is taken")
            << "add --number 12 --name otto --password-stdin" << QByteArray("12: another object");
        QTest::newRow("long name is taken")
            << "add --number 13 --name otto --long-name anna --password-stdin" << QByteArray("long name");
        QTest::newRow("bad name") << "add --number 13 --name ot@to --password-stdin"
                                  << QByteArray("`ot@to` has more than letters");
        QTest::newRow("bad number") << "add --number +13 --name otto --password-stdin"
                                    << QByteArray("`+13` has more than the digits");
        QTest::newRow("bad group") << "add --number 13 --name otto --group '' --password-stdin"
                                   << QByteArray("groups");
        QTest::newRow("modify nobody") << "modify otto --number 1" << QByteArray("otto: there is no object");
        QTest::newRow("show nobody") << "show otto" << QByteArray("otto: there is no object");
        QTest::newRow("remove nobody") << "remove otto" << QByteArray("otto: there is no object");
        QTest::newRow("a name that is too long")
            << QStringLiteral("add --number 13 --password-stdin --name ") + QString(64, u'x')
            << QByteArray("63 octets");
    }
    void whatCannotBeDoneIsSaid()
    {
        QFETCH(QString, line);
        QFETCH(QByteArray, words);
        QCOMPARE(addAnna().exitCode, 0);
        const CtlResult result = user(line, "secret\n");
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.out.isEmpty() && result.err.contains(words), result.err.constData());
        QCOMPARE(users().size(), 1);
        QVERIFY(!m_said.contains("secret"));
    }

    void aUserWithoutPasswordIsRefused()
    {
        for (const QByteArray& input : {QByteArray(), QByteArray("\n")}) {
            const CtlResult result = addAnna(input);
            QVERIFY2(result.exitCode == 1 && result.err.contains("password"), result.err.constData());
        }
        QVERIFY(users().isEmpty());
    }

    void nothingOfThePasswordIsKeptOrSaid()
    {
        QCOMPARE(addAnna("Kuckucksuhr\n").exitCode, 0);
        QCOMPARE(user(QStringLiteral("modify anna --password-stdin"), "Sanduhr").exitCode, 0);
        (void)user(QStringLiteral("list"));
        (void)users();
        (void)anna();
        for (const char* password : {"Kuckucksuhr", "Sanduhr"}) {
            const auto secret = sip::digestSecret("anna", "switchroom", password);
            const QByteArray md5 = QByteArray::fromStdString(secret.md5);
            const QByteArray sha256 = QByteArray::fromStdString(secret.sha256);
            const QList<QByteArray> hidden{password, md5, sha256, QByteArray::fromHex(md5),
                                           QByteArray::fromHex(sha256)};
            for (const QByteArray& text : hidden)
                QVERIFY(!m_said.contains(text));
            QDirIterator files(m_fixture->config(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
            QVERIFY(files.hasNext());
            while (files.hasNext()) {
                QFile file(files.next());
                QVERIFY(file.open(QIODevice::ReadOnly));
                const QByteArray bytes = file.readAll();
                for (const QByteArray& text : hidden)
                    QVERIFY2(!bytes.contains(text), qPrintable(file.fileName()));
            }
        }
    }

    /// The programs know nothing of each other.
    void aRunningExchangeSeesChanges()
    {
        const Path config = pathOf(m_fixture->config().toStdString());
        const auto secrets = crypto::loadOrCreateSecrets(config, SystemClock());
        QVERIFY(secrets);
        QSemaphore changes;
        const auto watch = pbx::DirectoryWatch::start(
            config, *secrets, [&](const auto&) { changes.release(); }, [](const Error&) {});
        QVERIFY(watch);
        QCOMPARE(addAnna().exitCode, 0);
        QVERIFY(changes.tryAcquire(1, 20'000));
        const auto directory = (*watch)->latest();
        QVERIFY(directory->byNumber("12") != nullptr);
        QVERIFY(directory->byName("anna")->secret == sip::digestSecret("anna", "switchroom", "Kuckucksuhr"));
    }

    void swappedSecretsAreNamed()
    {
        QCOMPARE(addAnna().exitCode, 0);
        QCOMPARE(user(QStringLiteral("add --number 13 --name otto --password-stdin"), "x\n").exitCode, 0);
        QVERIFY(
            test::tamper(pathOf((m_fixture->config() + QStringLiteral("/exchange.sqlite")).toStdString()),
                         "UPDATE credentials SET sealed=(SELECT sealed FROM credentials WHERE object=1)"));
        const CtlResult listed = user(QStringLiteral("list --json"));
        QCOMPARE(listed.exitCode, 3);
        QVERIFY2(listed.err.contains("`otto`"), listed.err.constData());
        QCOMPARE(listed.json().value(QStringLiteral("refused")).toArray(),
                 QJsonArray{QStringLiteral("otto")});
        QCOMPARE(users().size(), 1);
        QCOMPARE(user(QStringLiteral("show otto")).exitCode, 3);
        QCOMPARE(user(QStringLiteral("show anna")).exitCode, 0);
        QCOMPARE(user(QStringLiteral("modify otto --password-stdin"), "y\n").exitCode, 0);
        QCOMPARE(user(QStringLiteral("list")).exitCode, 0);
    }

    void anotherMachinesKeyIsExplained()
    {
        QCOMPARE(addAnna().exitCode, 0);
        QVERIFY(QDir(m_fixture->config() + QStringLiteral("/keys")).removeRecursively());
        const CtlResult result = user(QStringLiteral("list"));
        QCOMPARE(result.exitCode, 1);
        QVERIFY2(result.err.contains("settings key of another machine") &&
                     result.err.contains("keys/secrets"),
                 result.err.constData());
    }
};

QTEST_GUILESS_MAIN(UserCliTest)
#include "tst_user_cli.moc"
