// SPDX-License-Identifier: GPL-3.0-or-later
// The watch: what anybody commits arrives, troubles are told once, and it ends without waiting.
#include "core/pbx/directory_watch.h"
#include "tests/unit/pbx/exchange_fixture.h"

#include <QElapsedTimer>
#include <QSemaphore>
#include <QTest>

using namespace sr;
using namespace sr::pbx;
using sr::test::ExchangeFixture;

namespace {

constexpr int kPatienceMs = 20'000;

/// What the watch says, to wait for.
struct Heard {
    QSemaphore changes;
    QSemaphore complaints;
    std::unique_ptr<DirectoryWatch> start(const ExchangeFixture& fixture)
    {
        auto watch = DirectoryWatch::start(
            fixture.config(), fixture.secrets, [this](const auto&) { changes.release(); },
            [this](const Error&) { complaints.release(); });
        return watch ? std::move(watch).value() : nullptr;
    }
};

} // namespace

class TestDirectoryWatch : public QObject {
    Q_OBJECT

private slots:
    void theFirstSnapshotIsThereAtOnce();
    void changesArrive();
    void whatDoesNotOpenIsSaidAtTheStart();
    void aTroubleIsToldOnceAndTheLastSnapshotStays();
    void itEndsAtOnce();
};

void TestDirectoryWatch::theFirstSnapshotIsThereAtOnce()
{
    const ExchangeFixture fixture;
    const auto store = fixture.open();
    QVERIFY(store->add(fixture.user(*store, "anna", "12")));
    Heard heard;
    const auto watch = heard.start(fixture);
    QVERIFY(watch);
    QVERIFY(watch->latest()->byName("anna") != nullptr);
    QCOMPARE(heard.changes.available(), 0);
}

void TestDirectoryWatch::changesArrive()
{
    const ExchangeFixture fixture;
    Heard heard;
    const auto watch = heard.start(fixture);
    QVERIFY(watch && watch->latest()->objects().empty());
    const auto before = watch->latest();
    const auto store = fixture.open(); // on this thread, which is to the watch as another program is
    QVERIFY(store->add(fixture.user(*store, "anna", "12")));
    QVERIFY(heard.changes.tryAcquire(1, kPatienceMs));
    QVERIFY(watch->latest()->byNumber("12") != nullptr);
    QVERIFY(before->objects().empty()); // whoever holds an old one keeps it
    QVERIFY(store->remove("anna"));
    QVERIFY(heard.changes.tryAcquire(1, kPatienceMs));
    QVERIFY(watch->latest()->objects().empty());
    QCOMPARE(heard.complaints.available(), 0);
}

void TestDirectoryWatch::whatDoesNotOpenIsSaidAtTheStart()
{
    ExchangeFixture fixture;
    (void)fixture.open();
    fixture.secrets.settingsKey = crypto::Secret::random().value();
    const auto watch = DirectoryWatch::start(
        fixture.config(), fixture.secrets, [](const auto&) {}, [](const Error&) {});
    QVERIFY(!watch && watch.error().code == PbxErrc::OtherMachine);
}

void TestDirectoryWatch::aTroubleIsToldOnceAndTheLastSnapshotStays()
{
    const ExchangeFixture fixture;
    const auto store = fixture.open();
    QVERIFY(store->add(fixture.user(*store, "anna", "12")));
    Heard heard;
    const auto watch = heard.start(fixture);
    QVERIFY(watch);
    QVERIFY(fixture.tamper("ALTER TABLE credentials RENAME TO gone"));
    QVERIFY(heard.complaints.tryAcquire(1, kPatienceMs));
    QVERIFY(watch->latest()->byName("anna") != nullptr);
    // Each of these commits makes the watch try again; when the last has arrived, the others were silent.
    QVERIFY(fixture.tamper("UPDATE objects SET number='13'"));
    QVERIFY(fixture.tamper("ALTER TABLE gone RENAME TO credentials"));
    QVERIFY(heard.changes.tryAcquire(1, kPatienceMs));
    QCOMPARE(heard.complaints.available(), 0);
    QVERIFY(watch->latest()->byNumber("13") != nullptr);
    QVERIFY(fixture.tamper("ALTER TABLE credentials RENAME TO gone"));
    QVERIFY(heard.complaints.tryAcquire(1, kPatienceMs)); // a new trouble is told again
}

void TestDirectoryWatch::itEndsAtOnce()
{
    const ExchangeFixture fixture;
    qint64 quickest = 250; // else all would have to wait for the next look
    for (int i = 0; i < 20; ++i) {
        Heard heard;
        auto watch = heard.start(fixture);
        QVERIFY(watch);
        QElapsedTimer timer;
        timer.start();
        watch.reset();
        quickest = std::min(quickest, timer.elapsed());
    }
    QVERIFY2(quickest < 125, QByteArray::number(quickest).constData());
}

QTEST_GUILESS_MAIN(TestDirectoryWatch)
#include "tst_directory_watch.moc"
