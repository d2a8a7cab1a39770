// SPDX-License-Identifier: GPL-3.0-or-later
// Settings: every key of the tables is kept, the file is sealed and private, foreign content survives.
#include "core/crypto/sealed.h"
#include "core/settings/settings.h"
#include "tests/support/access.h"

#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using namespace sr::settings;

namespace {

/// A value that fits and is not the default.
QString otherValue(const Definition& definition)
{
    const QString usual = QString::fromUtf8(definition.defaultValue);
    switch (definition.type) {
    case SettingType::Text:
        return QStringLiteral("ä *0703?730* <&>");
    case SettingType::Path:
        return QStringLiteral("/srv/Büro 1/東京");
    case SettingType::TimeZone:
        return QStringLiteral("Europe/Rome");
    case SettingType::Number:
        return QString::number(usual.toInt() == definition.least ? definition.most : definition.least);
    case SettingType::Switch:
        return usual == u"true" ? QStringLiteral("false") : QStringLiteral("true");
    case SettingType::Choice:
        return QString::fromUtf8(definition.choices.back());
    case SettingType::Secret:
        return QStringLiteral(" leise <&> ");
    case SettingType::Password:
        return QStringLiteral("geheim %1");
    }
    return {};
}

QString keyOf(const Definition& definition)
{
    return QString::fromUtf8(definition.key);
}

} // namespace

class TestSettings : public QObject {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> m_dir;
    crypto::MachineSecrets m_secrets;

    Path config() const { return pathOf(m_dir->filePath(QStringLiteral("Büro/config")).toStdString()); }
    Path file() const { return config() / "settings.xml"; }
    std::unique_ptr<Settings> open() const
    {
        auto settings = Settings::open(config(), m_secrets);
        if (!settings)
            qFatal("%s", settings.error().text().c_str());
        return std::move(settings).value();
    }
    crypto::KeyRing ring() const
    {
        crypto::KeyRing ring;
        ring.add(crypto::KeyPurpose::Archive, crypto::KeyOrigin::Default, m_secrets.settingsKey, {});
        return ring;
    }
    /// Puts a sealed file there as another program version would.
    void writeSealed(const QByteArray& xml) const
    {
        const auto sealed = crypto::seal(bytesOf(xml.toStdString()), ring().keys().front(),
                                         crypto::ContentType::Settings, "settings");
        QVERIFY(makeDirs(config()));
        QVERIFY(sealed && writeFileAtomic(file(), *sealed));
    }
    QByteArray clearXml() const
    {
        const auto sealed = readFile(file(), 1 << 20);
        const auto clear = crypto::unseal(*sealed, ring(), crypto::ContentType::Settings, "settings");
        return clear ? QByteArray::fromStdString(std::string(textOf(*clear))) : QByteArray();
    }

private slots:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_secrets.settingsKey = crypto::Secret::random().value();
    }

    void tablesAreSound()
    {
        QSet<QString> seen;
        for (const Definition& d : definitions()) {
            static const QRegularExpression kShape(QStringLiteral("^[a-z]+[0-9]?\\.[a-zA-Z0-9]+$"));
            QVERIFY2(kShape.match(keyOf(d)).hasMatch(), d.key);
            QVERIFY2(!seen.contains(keyOf(d)), d.key);
            seen.insert(keyOf(d));
            QVERIFY2(QString::fromUtf8(d.help).endsWith(u'.'), d.key);
            QVERIFY2(d.secret == (d.type == SettingType::Password || d.type == SettingType::Secret), d.key);
            if (d.type != SettingType::Password) {
                const auto usual = validated(d, QString::fromUtf8(d.defaultValue));
                QVERIFY2(usual && *usual == QString::fromUtf8(d.defaultValue), d.key);
            }
            QCOMPARE(findDefinition(keyOf(d)), &d);
        }
        QCOMPARE(findDefinition(QStringLiteral("no.such")), nullptr);
    }
    void typedKeysStandInTheTables()
    {
        for (const char* key : {kArchivePath.key,
                                kArchiveTimeZone.key,
                                kImportFormat.key,
                                kImportSeal.key,
                                kImportInternalPattern.key,
                                kImportAlwaysG711.key,
                                kUiLanguage.key,
                                kUiTheme.key,
                                kExchangeSystem.key,
                                kExchangeName.key,
                                kExchangePauseKeys.key,
                                kExchangeResumeKeys.key,
                                kExchangeRecordKeys.key,
                                kExchangeStopKeys.key,
                                kExchangeMarkKeys.key,
                                kExchangeTimeZone.key,
                                kExchangeFirstMediaPort.key,
                                kExchangeLastMediaPort.key,
                                kCdrMegabytes.key,
                                kPlayerVolumeInternal.key,
                                kPlayerVolumeExternal.key,
                                kPlayerVolumeAll.key,
                                kSetupPassword})
            QVERIFY2(findDefinition(QString::fromUtf8(key)) != nullptr, key);
        for (const CdrKeys& keys : kCdrInterfaces)
            for (const char* key :
                 {keys.url.key, keys.method.key, keys.user.key, keys.password.key, keys.verifyTls.key,
                  keys.caFile.key, keys.syslogForm.key, keys.syslogClass.key})
                QVERIFY2(findDefinition(QString::fromUtf8(key)) != nullptr, key);
    }

    void everyKeyIsWrittenAndReadBack_data()
    {
        QTest::addColumn<int>("row");
        for (std::size_t i = 0; i < definitions().size(); ++i)
            QTest::newRow(definitions()[i].key) << static_cast<int>(i);
    }
    void everyKeyIsWrittenAndReadBack()
    {
        QFETCH(int, row);
        const Definition& d = definitions()[static_cast<std::size_t>(row)];
        const auto settings = open();
        QVERIFY(settings->isDefault(keyOf(d)));
        const QString value = otherValue(d);
        QVERIFY(settings->setText(keyOf(d), value));
        QVERIFY(settings->save());

        const auto again = open();
        QVERIFY(!again->isDefault(keyOf(d)));
        QCOMPARE(again->text(keyOf(d)).value(), d.secret ? QStringLiteral("(set)") : value);
        for (const Definition& other : definitions())
            QVERIFY(&other == &d || again->isDefault(keyOf(other)));

        QVERIFY(again->reset(keyOf(d)));
        QVERIFY(again->save());
        QVERIFY(open()->isDefault(keyOf(d)));
    }

    void typedAccess()
    {
        const auto settings = open();
        QCOMPARE(settings->get(kImportSeal), false);
        QCOMPARE(settings->get(kPlayerVolumeAll), 100);
        QCOMPARE(settings->get(kImportFormat), QStringLiteral("wav"));
        QVERIFY(settings->set(kImportSeal, true));
        QVERIFY(settings->set(kPlayerVolumeAll, 0));
        QVERIFY(settings->set(kImportFormat, QStringLiteral("MP3-Mono")));
        QVERIFY(settings->save());
        const auto again = open();
        QCOMPARE(again->get(kImportSeal), true);
        QCOMPARE(again->get(kPlayerVolumeAll), 0);
        QCOMPARE(again->get(kImportFormat), QStringLiteral("mp3-mono"));
    }

    void badValuesAreRefusedInWords_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("words");
        const auto row = [](const char* name, const char* key, const QString& value, const char* words) {
            QTest::newRow(name) << QString::fromUtf8(key) << value << QString::fromUtf8(words);
        };
        row("a volume above the range", "player.volumeAll", QStringLiteral("101"),
            "from 0 to 100 is expected in %");
        row("a volume below the range", "player.volumeAll", QStringLiteral("-1"), "from 0 to 100");
        row("a volume that is no number", "player.volumeAll", QStringLiteral("loud"), "not \"loud\"");
        row("a volume with a fraction", "player.volumeAll", QStringLiteral("1.5"), "whole number");
        row("a number beyond all bounds", "player.volumeAll", QStringLiteral("99999999999999999999"),
            "0 to 100");
        row("a format that is none", "import.format", QStringLiteral("ogg"),
            "wav, mp3, mp3-mono, mp3-internal");
        row("a switch that is none", "import.seal", QStringLiteral("perhaps"), "true or false");
        row("a place that is no zone", "archive.timeZone", QStringLiteral("Europe/Atlantis"), "Europe/Rome");
        row("a path of two lines", "archive.path", QStringLiteral("/srv\n/x"), "control characters");
        row("half a character", "archive.path", QString(QChar(0xd800)), "control characters");
        row("a text without end", "import.internalPattern", QString(4097, u'x'), "4096");
        row("an empty password", "setup.password", QString(), "empty");
    }
    void badValuesAreRefusedInWords()
    {
        QFETCH(QString, key);
        QFETCH(QString, value);
        QFETCH(QString, words);
        const auto settings = open();
        const auto done = settings->setText(key, value);
        QVERIFY(!done);
        QCOMPARE(done.error().code, make_error_code(SettingsErrc::BadValue));
        const QString said = QString::fromStdString(done.error().text());
        QVERIFY2(said.startsWith(key + u':') && said.contains(words), qPrintable(said));
        QVERIFY(settings->isDefault(key));
    }
    void friendlySpellingsAreUnderstood()
    {
        const auto settings = open();
        for (const char* yes : {"true", "YES", " on ", "1"}) {
            QVERIFY(settings->setText(QStringLiteral("import.seal"), QString::fromUtf8(yes)));
            QVERIFY(settings->get(kImportSeal));
            QVERIFY(settings->setText(QStringLiteral("import.seal"), QStringLiteral("Off")));
            QVERIFY(!settings->get(kImportSeal));
        }
        QVERIFY(settings->setText(QStringLiteral("player.volumeAll"), QStringLiteral(" 40 % ")));
        QCOMPARE(settings->get(kPlayerVolumeAll), 40);
    }
    void unknownKeyIsNamed()
    {
        const auto settings = open();
        for (const auto& done : {settings->setText(QStringLiteral("no.such"), QString()),
                                 settings->reset(QStringLiteral("no.such"))}) {
            QVERIFY(!done);
            QCOMPARE(done.error().code, make_error_code(SettingsErrc::UnknownKey));
            QVERIFY(done.error().context == "no.such");
        }
        QVERIFY(!settings->text(QStringLiteral("no.such")));
    }

    void fileIsSealedAndPrivate()
    {
        const auto settings = open();
        QVERIFY(settings->set(kArchivePath, QStringLiteral("/srv/visible-or-not")));
        QVERIFY(settings->save());
        const Bytes bytes = readFile(file(), 1 << 20).value();
        QVERIFY(crypto::isSealed(bytes));
        QVERIFY(textOf(bytes).find("visible-or-not") == std::string_view::npos);
        QVERIFY(test::isPrivate(file()));
    }
    void savingNothingWritesNothing()
    {
        QVERIFY(open()->save());
        QVERIFY(!fileExists(file()));
    }
    void unknownKeysSurvive()
    {
        writeSealed("<settings version='1'><set key='future.thing'>7 &lt; 8</set>"
                    "<set key='ui.theme'>dark</set></settings>");
        const auto settings = open();
        QCOMPARE(settings->get(kUiTheme), QStringLiteral("dark"));
        QVERIFY(settings->set(kUiTheme, QStringLiteral("light")));
        QVERIFY(settings->save());
        QVERIFY(clearXml().contains("<set key=\"future.thing\">7 &lt; 8</set>"));
        QVERIFY(clearXml().contains("<set key=\"ui.theme\">light</set>"));
    }
    void aStoredValueThatNoLongerFitsReadsAsTheDefault()
    {
        writeSealed("<settings version='1'><set key='player.volumeAll'>900</set></settings>");
        QCOMPARE(open()->get(kPlayerVolumeAll), 100);
    }
    void twoProgramsKeepEachOthersChanges()
    {
        const auto one = open();
        const auto two = open();
        QVERIFY(one->set(kUiTheme, QStringLiteral("dark")) && two->set(kUiLanguage, QStringLiteral("de")));
        QVERIFY(one->save() && two->save());
        const auto now = open();
        QCOMPARE(now->get(kUiTheme), QStringLiteral("dark"));
        QCOMPARE(now->get(kUiLanguage), QStringLiteral("de"));
        QCOMPARE(two->get(kUiTheme), QStringLiteral("dark")); // it read what it merged
    }

    void unreadableFilesAreNamedAndStay_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<std::error_code>("code");
        using crypto::CryptoErrc;
        QTest::newRow("a newer version")
            << QStringLiteral("newer") << make_error_code(CryptoErrc::NewerVersion);
        QTest::newRow("clear XML") << QStringLiteral("clear") << make_error_code(CryptoErrc::NotSealed);
        QTest::newRow("another machine's")
            << QStringLiteral("foreign") << make_error_code(CryptoErrc::UnknownKey);
        QTest::newRow("altered") << QStringLiteral("altered") << make_error_code(CryptoErrc::Altered);
        QTest::newRow("no settings within")
            << QStringLiteral("junk") << make_error_code(SettingsErrc::Malformed);
    }
    void unreadableFilesAreNamedAndStay()
    {
        QFETCH(QString, kind);
        QFETCH(std::error_code, code);
        const auto before = open(); // has the file open in mind as it was
        QVERIFY(before->set(kUiTheme, QStringLiteral("dark")));
        writeSealed(kind == u"newer"  ? "<settings version='2'/>"
                    : kind == u"junk" ? "<html/>"
                                      : "<settings version='1'/>");
        if (kind == u"clear")
            QVERIFY(writeFileAtomic(file(), bytesOf("<settings version='1'/>")));
        if (kind == u"altered") {
            Bytes one = {readFile(file(), 1 << 20).value().at(150)};
            one[0] ^= std::byte(1);
            QVERIFY(File::open(file(), OpenMode::ReadWrite).value()->writeAt(150, one));
        }
        if (kind == u"foreign")
            m_secrets.settingsKey = crypto::Secret::random().value();
        const Bytes bytes = readFile(file(), 1 << 20).value();
        const auto settings = Settings::open(config(), m_secrets);
        QVERIFY(!settings);
        QCOMPARE(settings.error().code, code);
        QVERIFY(settings.error().context.find("settings.xml") != std::string::npos);
        // Who had opened before does not overwrite it either.
        if (kind != u"foreign")
            QVERIFY(!before->save());
        QCOMPARE(readFile(file(), 1 << 20).value(), bytes);
    }

    void exportAndImport()
    {
        const auto settings = open();
        for (const Definition& d : definitions())
            QVERIFY(settings->setText(keyOf(d), otherValue(d)));
        const QByteArray xml = settings->exportXml();

        crypto::MachineSecrets other;
        other.settingsKey = crypto::Secret::random().value();
        const auto elsewhere = Settings::open(config() / "other", other);
        QVERIFY(elsewhere);
        QVERIFY((*elsewhere)->importXml(xml));
        for (const Definition& d : definitions()) {
            if (!d.secret)
                QCOMPARE((*elsewhere)->text(keyOf(d)).value(), otherValue(d));
        }
        QVERIFY(!(*elsewhere)->hasSetupPassword());
    }
    void secretsAreNeverExportedOrShown()
    {
        writeSealed("<settings version='1'><set key='future.secret'>hush</set></settings>");
        const auto settings = open();
        QVERIFY(settings->setSetupPassword("geheim"));
        QVERIFY(settings->set(kCdrInterfaces[0].password, QStringLiteral("leise")));
        QCOMPARE(settings->get(kCdrInterfaces[0].password), QStringLiteral("leise"));
        for (const QByteArray& shown :
             {settings->exportXml(), settings->text(QStringLiteral("cdr.password")).value().toUtf8(),
              settings->text(QStringLiteral("setup.password")).value().toUtf8()}) {
            for (const char* secret : {"geheim", "scrypt", "hush", "future", "leise"})
                QVERIFY2(!shown.contains(secret), shown.constData());
        }
    }
    void importIsAllOrNothing()
    {
        const auto settings = open();
        const auto bad = settings->importXml("<settings version='1'><set key='ui.theme'>dark</set>"
                                             "<set key='zz.typo'>1</set></settings>");
        QVERIFY(!bad);
        QCOMPARE(bad.error().code, make_error_code(SettingsErrc::UnknownKey));
        const auto worse = settings->importXml("<settings version='1'><set key='ui.language'>de</set>"
                                               "<set key='ui.theme'>pink</set></settings>");
        QVERIFY(!worse);
        QCOMPARE(worse.error().code, make_error_code(SettingsErrc::BadValue));
        QVERIFY(settings->isDefault(QStringLiteral("ui.theme")) &&
                settings->isDefault(QStringLiteral("ui.language")));
        QVERIFY(settings->save());
        QVERIFY(!fileExists(file()));
    }
    void importTakesAPasswordInClear()
    {
        const auto settings = open();
        QVERIFY(
            settings->importXml("<settings version='1'><set key='setup.password'>geheim</set></settings>"));
        QVERIFY(settings->checkSetupPassword("geheim"));
    }

    void setupPassword()
    {
        const auto settings = open();
        QVERIFY(!settings->hasSetupPassword());
        QVERIFY(!settings->checkSetupPassword(""));
        QVERIFY(!settings->setSetupPassword(""));
        QVERIFY(settings->setSetupPassword("Grüße"));
        QVERIFY(settings->save());
        const auto again = open();
        QVERIFY(again->hasSetupPassword());
        QVERIFY(again->checkSetupPassword("Grüße"));
        QVERIFY(!again->checkSetupPassword("Grüsse"));
        QVERIFY(!again->checkSetupPassword(""));
        QVERIFY(clearXml().contains("scrypt$"));
        QVERIFY(!clearXml().contains("Grü"));
    }
};

QTEST_GUILESS_MAIN(TestSettings)
#include "tst_settings.moc"
