// SPDX-License-Identifier: GPL-3.0-or-later
// The player on a real archive that switchroomctl made: every format is heard, damage and missing keys are
// said in words.
#include "app/widgets/empty_state.h"
#include "app/widgets/theme.h"
#include "player/engine/player.h"
#include "player/ui/archive_session.h"
#include "player/ui/language.h"
#include "player/ui/main_window.h"
#include "player/ui/recording_list_view.h"
#include "player/ui/waveform_view.h"
#include "tests/support/capture_builder.h"
#include "tests/support/ctl_process.h"
#include "tests/support/measure.h"

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QSlider>
#include <QTimer>
#include <QtTest>

using namespace sr;
using namespace sr::player;
using namespace Qt::StringLiterals;

namespace {

/// What was played, pulled far faster than by ears.
struct Heard {
    std::uint32_t rate = 0;
    std::vector<std::int16_t> stereo;
};

class EarOutput final : public AudioOutput {
public:
    explicit EarOutput(Heard& heard)
        : m_heard(heard)
    {
        m_timer.setInterval(1);
        QObject::connect(&m_timer, &QTimer::timeout, [this] {
            std::vector<std::int16_t> block(m_heard.rate / 5 * 2);
            m_pull(block);
            m_heard.stereo.insert(m_heard.stereo.end(), block.begin(), block.end());
        });
    }
    Status probe() override { return {}; }
    Status start(std::uint32_t rate, Pull pull) override
    {
        m_heard = {rate, {}};
        m_pull = std::move(pull);
        m_timer.start();
        return {};
    }
    void stop() override { m_timer.stop(); }
    std::uint64_t waitingFrames() const override { return 0; }

private:
    Heard& m_heard;
    Pull m_pull;
    QTimer m_timer;
};

/// One call into the archive: the internal party is 440 Hz, the external 880 Hz.
bool importCall(const test::CtlFixture& ctl, const QString& number, const QStringList& options,
                int seconds = 3)
{
    test::CaptureBuilder builder;
    test::CallPlan plan = test::usualCall();
    plan.callId = number.toStdString() + "@archive.test";
    plan.start += std::chrono::minutes(number.toInt() % 1000);
    plan.callee.number = number.toStdString();
    plan.talkSeconds = seconds;
    builder.addCall(plan);
    const QString file = ctl.path(number + u".pcap"_s);
    builder.save(pathOf(file.toStdString()));
    const test::CtlResult made = ctl.run(QStringList{u"import"_s, file} + options);
    if (made.exitCode != 0)
        qWarning("%s", made.err.constData());
    return made.exitCode == 0;
}

bool flipMiddleByte(const QString& name)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadWrite) || !file.seek(file.size() / 2))
        return false;
    char byte = 0;
    return file.getChar(&byte) && file.seek(file.size() / 2) && file.putChar(static_cast<char>(byte ^ 0x40));
}

/// The program without its main(): session and window.
struct Desk {
    Desk(widgets::Theme& theme, const QString& archive, const QString& config)
        : session({pathOf(config.toStdString()), pathOf(archive.toStdString()), false, {}})
        , window(theme,
                 [this]() -> std::unique_ptr<AudioOutput> { return std::make_unique<EarOutput>(heard); })
    {
        QObject::connect(&session, &ArchiveSession::opened, &window,
                         [this](archive::Archive* opened) { window.setArchive(opened, session.name()); });
        QObject::connect(&session, &ArchiveSession::failed, &window, &MainWindow::showOpenFault);
        window.showOpening(session.name());
        session.open();
        window.show();
    }
    ~Desk() { window.setArchive(nullptr, {}); }
    bool ready()
    {
        return QTest::qWaitFor([this] { return window.settled(); }, 20'000);
    }
    /// The row of the call with that external number, nullptr if it is not listed.
    const archive::RecordingRow* row(const QString& number)
    {
        for (int i = 0; i < window.list().rowCount(); ++i) {
            const archive::RecordingRow* found = window.list().rowAt(i);
            if (found && found->external == number.toStdString())
                return found;
        }
        return nullptr;
    }
    void play(const std::string& uid) { emit window.findChild<RecordingListView*>()->playRequested(uid); }
    QString notice() const { return window.findChild<QLabel*>(u"deckNotice"_s)->text(); }
    WaveformView& wave() const { return *window.findChild<WaveformView*>(); }
    bool says(const QString& words) const
    {
        const QList<QLabel*> labels = window.findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
            return label->isVisible() && label->text().contains(words);
        });
    }
    /// All words of the page that stands in place of the list.
    QString pageWords() const
    {
        QStringList words;
        for (const QLabel* label : window.findChild<widgets::EmptyState*>()->findChildren<QLabel*>())
            words << label->text();
        return words.join(u' ').remove(u'\u2060').replace(QChar::Nbsp, u' ');
    }
    Heard heard;
    ArchiveSession session;
    MainWindow window;
};

} // namespace

class TestPlayerArchive final : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_theme = std::make_unique<widgets::Theme>(*qApp);
        QVERIFY(importCall(m_ctl, u"07031001"_s, {u"--seal"_s}));
        QVERIFY(importCall(m_ctl, u"07031002"_s, {}));
        QVERIFY(importCall(m_ctl, u"07031003"_s, {u"--format"_s, u"mp3"_s, u"--seal"_s}));
        QVERIFY(importCall(m_ctl, u"07031004"_s, {u"--format"_s, u"pcap"_s}));
        QVERIFY(importCall(m_ctl, u"07031005"_s, {u"--format"_s, u"pcap"_s, u"--seal"_s}));
        QVERIFY(importCall(m_ctl, u"07031006"_s, {u"--format"_s, u"mp3-internal"_s}));
        QVERIFY(importCall(m_ctl, u"07031007"_s, {}));
        QVERIFY(importCall(m_ctl, u"07031008"_s, {u"--seal"_s}));
        QVERIFY(importCall(m_ctl, u"07031009"_s, {u"--format"_s, u"mp3"_s}));
        QVERIFY(importCall(m_ctl, u"07031010"_s, {u"--format"_s, u"pcap"_s}));
        QVERIFY(importCall(m_ctl, u"07031011"_s, {u"--seal"_s}, 12));
        QVERIFY(importCall(m_ctl, u"07031012"_s, {u"--format"_s, u"mp3-external"_s}));
    }
    void cleanupTestCase() { m_theme.reset(); }

    void everyFormatIsHeard_data()
    {
        QTest::addColumn<QString>("number");
        QTest::addColumn<bool>("bothParties");
        QTest::newRow("a sealed WAV") << u"07031001"_s << true;
        QTest::newRow("a clear WAV") << u"07031002"_s << true;
        QTest::newRow("a sealed MP3") << u"07031003"_s << true;
        QTest::newRow("a clear packet recording") << u"07031004"_s << true;
        QTest::newRow("a sealed packet recording") << u"07031005"_s << true;
        QTest::newRow("an MP3 of the internal party alone") << u"07031006"_s << false;
    }
    void everyFormatIsHeard()
    {
        QFETCH(QString, number);
        QFETCH(bool, bothParties);
        Desk desk(*m_theme, m_ctl.archive(), m_ctl.config());
        QVERIFY(desk.ready());
        const archive::RecordingRow* row = desk.row(number);
        QVERIFY(row);
        const std::string uid = row->uid;
        QSignalSpy finished(&desk.window.player(), &Player::finished);
        desk.play(uid);
        QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 15'000);
        QCOMPARE(desk.notice(), QString());
        QTRY_COMPARE(desk.window.list().integrityOf(uid), std::optional(archive::Integrity::Original));
        const std::size_t second = desk.heard.rate * 2UL;
        QVERIFY(desk.heard.stereo.size() >= 2 * second + second / 2);
        const auto middle = std::span(desk.heard.stereo).subspan(second, second);
        const auto left = test::channelOf(middle, 0, 2);
        const auto right = test::channelOf(middle, 1, 2);
        QVERIFY(test::toneLevel(left, 440, desk.heard.rate) > 0.2);
        QVERIFY(test::toneLevel(left, 880, desk.heard.rate) < 0.02);
        QVERIFY(test::toneLevel(right, 440, desk.heard.rate) < (bothParties ? 0.02 : 1.0));
        QCOMPARE(test::toneLevel(right, 880, desk.heard.rate) > 0.2, bothParties);
    }

    void anAlteredRecordingIsAnAlarmInTheDeck_data()
    {
        QTest::addColumn<QString>("number");
        QTest::newRow("a clear WAV") << u"07031007"_s;
        QTest::newRow("a clear MP3") << u"07031009"_s;
        QTest::newRow("a clear packet recording") << u"07031010"_s;
    }
    void anAlteredRecordingIsAnAlarmInTheDeck()
    {
        QFETCH(QString, number);
        Desk desk(*m_theme, m_ctl.archive(), m_ctl.config());
        QVERIFY(desk.ready());
        const archive::RecordingRow* row = desk.row(number);
        QVERIFY(row);
        const std::string uid = row->uid;
        QVERIFY(flipMiddleByte(m_ctl.archive() + u'/' + QString::fromStdString(row->file)));
        desk.play(uid);
        QTRY_COMPARE(desk.window.list().integrityOf(uid), std::optional(archive::Integrity::Manipulated));
        QTRY_VERIFY2(desk.notice().contains(u"was changed after it was made"_s), qPrintable(desk.notice()));
    }

    void anAlteredSealedRecordingIsRefusedInWords()
    {
        Desk desk(*m_theme, m_ctl.archive(), m_ctl.config());
        QVERIFY(desk.ready());
        const archive::RecordingRow* row = desk.row(u"07031008"_s);
        QVERIFY(row);
        const std::string uid = row->uid;
        QVERIFY(flipMiddleByte(m_ctl.archive() + u'/' + QString::fromStdString(row->file)));
        desk.play(uid);
        QTRY_VERIFY2(desk.notice().contains(u"This sealed file was changed or is damaged."_s),
                     qPrintable(desk.notice()));
        QTRY_COMPARE(desk.window.list().integrityOf(uid), std::optional(archive::Integrity::Manipulated));
        for (const std::int16_t sample : desk.heard.stereo)
            QVERIFY2(sample == 0, "something of the altered file was played");
    }

    void anAlterationFarInsideStopsPlayingThere()
    {
        Desk desk(*m_theme, m_ctl.archive(), m_ctl.config());
        QVERIFY(desk.ready());
        const archive::RecordingRow* row = desk.row(u"07031011"_s);
        QVERIFY(row);
        const std::string uid = row->uid;
        QVERIFY(flipMiddleByte(m_ctl.archive() + u'/' + QString::fromStdString(row->file)));
        desk.play(uid);
        QTRY_VERIFY2(desk.notice().contains(u"Playing stopped where this sealed file was changed"_s),
                     qPrintable(desk.notice()));
        QVERIFY(desk.window.player().snapshot().frame > 0);
        QVERIFY(test::toneLevel(test::channelOf(desk.heard.stereo, 0, 2), 440, desk.heard.rate) > 0.05);
        QTRY_VERIFY(desk.wave().hasBars()); // up to there
        // At once, without waiting for a check of the whole file.
        QTRY_COMPARE(desk.window.list().integrityOf(uid), std::optional(archive::Integrity::Manipulated));
    }

    void aLonePartyIsNamedAndTheOtherIsOff_data()
    {
        QTest::addColumn<QString>("number");
        QTest::addColumn<int>("there");
        QTest::newRow("internal") << u"07031006"_s << 0;
        QTest::newRow("external") << u"07031012"_s << 1;
    }
    void aLonePartyIsNamedAndTheOtherIsOff()
    {
        QFETCH(QString, number);
        QFETCH(int, there);
        Desk desk(*m_theme, m_ctl.archive(), m_ctl.config());
        QVERIFY(desk.ready());
        for (int i = 0; i < desk.window.list().rowCount(); ++i) {
            if (desk.window.list().rowAt(i)->external == number.toStdString())
                desk.window.findChild<RecordingListView*>()->selectRow(i);
        }
        QTRY_VERIFY(desk.says(there == 0 ? u"internal party only"_s : u"external party only"_s));
        desk.play(desk.row(number)->uid);
        const QList<QSlider*> sliders = desk.window.findChildren<QSlider*>();
        QTRY_VERIFY(!sliders[1 - there]->isEnabled());
        QVERIFY(sliders[there]->isEnabled());
        desk.play(desk.row(u"07031002"_s)->uid);
        QTRY_VERIFY(sliders[1 - there]->isEnabled());
    }

    void aMissingFolderIsNotTakenForAForeignOne()
    {
        Desk desk(*m_theme, m_ctl.path(u"unplugged"_s), m_ctl.config());
        QVERIFY(desk.ready());
        QVERIFY2(desk.pageWords().contains(u"The folder or file is not there."_s),
                 qPrintable(desk.pageWords()));
    }

    void aForeignKeyIsAskedForInWords()
    {
        Desk desk(*m_theme, m_ctl.archive(), m_ctl.path(u"other config"_s));
        QVERIFY(desk.ready());
        QVERIFY2(desk.pageWords().contains(u"--config DIR"_s), qPrintable(desk.pageWords()));
    }

    void aFolderThatIsNoArchiveIsSaidToBeNone()
    {
        QVERIFY(QDir(m_ctl.root()).mkdir(u"plain folder"_s));
        Desk desk(*m_theme, m_ctl.path(u"plain folder"_s), m_ctl.config());
        QVERIFY(desk.ready());
        QVERIFY2(desk.pageWords().contains(u"This folder is not an archive."_s),
                 qPrintable(desk.pageWords()));
        QVERIFY(QDir(m_ctl.path(u"plain folder"_s)).isEmpty()); // and left alone
    }

    void aFolderThatVanishesIsReportedAndComesBack()
    {
        Desk desk(*m_theme, m_ctl.archive(), m_ctl.config());
        QVERIFY(desk.ready());
        const archive::RecordingRow* row = desk.row(u"07031001"_s);
        QVERIFY(row);
        const std::string uid = row->uid;
        const QString away = m_ctl.path(u"away"_s);
        QVERIFY(QDir().rename(m_ctl.archive(), away));
        QSignalSpy failed(&desk.window.player(), &Player::failed);
        desk.play(uid);
        QTRY_COMPARE(failed.size(), 1);
        QVERIFY2(desk.notice().contains(u"Check the path"_s), qPrintable(desk.notice()));
        QVERIFY(QDir().rename(away, m_ctl.archive()));
        QSignalSpy finished(&desk.window.player(), &Player::finished);
        desk.play(uid);
        QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 15'000);
        QCOMPARE(desk.notice(), QString());
    }

private:
    test::CtlFixture m_ctl;
    std::unique_ptr<widgets::Theme> m_theme;
};

QTEST_MAIN(TestPlayerArchive)
#include "tst_player_archive.moc"
