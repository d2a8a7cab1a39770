// SPDX-License-Identifier: GPL-3.0-or-later
// The list against brute force: paging, filters, live update, faults, a million rows.
#include "player/model/filter_state.h"
#include "player/model/format_text.h"
#include "player/model/recording_list_model.h"
#include "tests/gui/fake_archive.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QtTest>

using namespace sr;
using namespace sr::player;
using archive::RecordingFilter;
using test::FakeArchive;
using Model = RecordingListModel;

namespace {

QString uidAt(Model& model, int row)
{
    return model.index(row, 0).data(Model::UidRole).toString();
}

bool loadRow(Model& model, int row)
{
    return QTest::qWaitFor(
        [&] {
            model.want(row);
            return model.rowAt(row) != nullptr;
        },
        20'000);
}

} // namespace

class TestListModel final : public QObject {
    Q_OBJECT

private slots:
    void behavesLikeAModel()
    {
        FakeArchive archive(450);
        Model model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setArchive(&archive);
        QTRY_VERIFY(model.state() == ListState::Ready && model.countKnown());
        QCOMPARE(model.rowCount(), 450);
        QVERIFY(loadRow(model, 449));
        archive.addNewest();
        model.refresh();
        QTRY_COMPARE(model.rowCount(), 451);
        model.setArchive(nullptr);
        QCOMPARE(model.rowCount(), 0);
    }

    void showsExactlyWhatBruteForceFinds_data()
    {
        QTest::addColumn<QString>("internal");
        QTest::addColumn<QString>("external");
        QTest::addColumn<int>("direction");
        QTest::addColumn<int>("day");
        QTest::addColumn<bool>("oldestFirst");
        QTest::newRow("everything, newest first") << ""
                                                  << "" << 0 << 0 << false;
        QTest::newRow("everything, oldest first") << ""
                                                  << "" << 0 << 0 << true;
        QTest::newRow("exact internal number") << "31"
                                               << "" << 0 << 0 << false;
        QTest::newRow("a part of an internal number finds nothing") << "3"
                                                                    << "" << 0 << 0 << false;
        QTest::newRow("internal wildcard") << "3*"
                                           << "" << 0 << 0 << true;
        QTest::newRow("beginning of an external number") << ""
                                                         << "0703" << 0 << 0 << false;
        QTest::newRow("external wildcard") << ""
                                           << "0703?730" << 0 << 0 << false;
        QTest::newRow("outgoing on one day") << ""
                                             << "" << 2 << 21 << false;
        QTest::newRow("all together") << "24"
                                      << "0*" << 1 << 21 << true;
    }
    void showsExactlyWhatBruteForceFinds()
    {
        QFETCH(QString, internal);
        QFETCH(QString, external);
        QFETCH(int, direction);
        QFETCH(int, day);
        QFETCH(bool, oldestFirst);
        FakeArchive archive(3000);
        RecordingFilter filter;
        filter.year = 2026;
        filter.month = 11;
        filter.day = day;
        filter.internal = internal.toStdString();
        filter.external = external.toStdString();
        if (direction != 0)
            filter.direction = direction == 1 ? archive::CallDirection::In : archive::CallDirection::Out;
        filter.oldestFirst = oldestFirst;
        std::vector<std::string> expected;
        for (std::uint64_t i = 0; i < 3000; ++i) {
            const archive::RecordingRow row = archive.rowNumber(oldestFirst ? i : 2999 - i);
            if (FakeArchive::matches(row, filter))
                expected.push_back(row.uid);
        }
        Model model;
        model.setArchive(&archive);
        model.setFilter(filter);
        QTRY_VERIFY(model.state() == ListState::Ready && model.countKnown());
        QCOMPARE(model.rowCount(), int(expected.size()));
        for (int row = 0; row < model.rowCount(); ++row) {
            if (!model.rowAt(row))
                QVERIFY(loadRow(model, row));
            QCOMPARE(uidAt(model, row).toStdString(), expected[std::size_t(row)]);
        }
    }

    void aMillionRowsCostOnlyThePagesOnView()
    {
        FakeArchive archive(1'000'000);
        Model model;
        model.setArchive(&archive);
        QTRY_VERIFY(model.state() == ListState::Ready && model.countKnown());
        QCOMPARE(model.rowCount(), 1'000'000);
        // Dragging the scroll bar through the list: a wish a step, answers come when they come.
        int slow = 0;
        for (int row = 0; row < 1'000'000; row += 1000) {
            QElapsedTimer step;
            step.start();
            model.want(row);
            model.want(row + 40);
            QCoreApplication::processEvents();
            slow += step.elapsed() < 100 ? 0 : 1;
        }
        QVERIFY(loadRow(model, 999'999));
        QVERIFY2(slow <= 10, qPrintable(QString::number(slow))); // of 1000: other programs run, too
        QVERIFY(model.cachedPages() <= 64);
        QVERIFY2(archive.rowsRead() < 1'000'000 / 2, qPrintable(QString::number(archive.rowsRead())));
        QCOMPARE(uidAt(model, 999'999).toStdString(), archive.rowNumber(0).uid);
        QVERIFY(model.index(500'000, 0).data(Model::LoadingRole).toBool() ||
                !uidAt(model, 500'000).isEmpty());
    }

    void stalePagesGoFirst()
    {
        PageCache cache(2);
        const auto rows = [](const char* uid) {
            archive::RecordingRow row;
            row.uid = uid;
            return std::vector<archive::RecordingRow>(kPageRows, row);
        };
        cache.put(0, 0, rows("a"));
        cache.put(1, kPageRows, rows("b"));
        QVERIFY(cache.row(0)); // used again
        cache.put(2, 2 * kPageRows, rows("c"));
        QVERIFY(cache.has(0));
        QVERIFY(!cache.has(1));
        cache.shift(3); // three came above
        QCOMPARE(cache.row(3)->uid, std::string("a"));
        QCOMPARE(cache.row(2), nullptr);
        QCOMPARE(cache.pageOf(2), -1);
        QCOMPARE(cache.rangeOf(-1), std::pair(0, 3));
        QCOMPARE(cache.find("c"), std::optional(2 * kPageRows + 3));
    }

    void newRecordingsArriveWithoutAReset()
    {
        FakeArchive archive(1000);
        Model model;
        model.setArchive(&archive);
        QTRY_VERIFY(model.state() == ListState::Ready && model.countKnown());
        const QString first = uidAt(model, 0);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        QSignalSpy inserts(&model, &QAbstractItemModel::rowsInserted);
        archive.addNewest();
        archive.addNewest();
        model.refresh();
        QTRY_COMPARE(inserts.size(), 1);
        QCOMPARE(resets.size(), 0);
        QCOMPARE(model.rowCount(), 1002);
        QCOMPARE(model.total(), quint64{1002});
        QCOMPARE(uidAt(model, 2), first);
        QVERIFY(loadRow(model, 0));
        QCOMPARE(uidAt(model, 0).toStdString(), archive.rowNumber(1001).uid);
        QVERIFY(loadRow(model, 700));
        QCOMPARE(uidAt(model, 700).toStdString(), archive.rowNumber(1001 - 700).uid);
    }

    void newRecordingsArriveAtTheEndWhenOldestComeFirst()
    {
        FakeArchive archive(300);
        Model model;
        RecordingFilter filter;
        filter.oldestFirst = true;
        model.setFilter(filter);
        model.setArchive(&archive);
        QTRY_VERIFY(model.state() == ListState::Ready && model.countKnown());
        QVERIFY(loadRow(model, 299));
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        archive.addNewest();
        model.refresh();
        QTRY_COMPARE(model.rowCount(), 301);
        QCOMPARE(resets.size(), 0);
        QVERIFY(loadRow(model, 300));
        QCOMPARE(uidAt(model, 300).toStdString(), archive.rowNumber(300).uid);
    }

    void aDeletedRecordingLeavesTheList()
    {
        FakeArchive archive(500);
        Model model;
        model.setArchive(&archive);
        QTRY_VERIFY(model.state() == ListState::Ready && model.countKnown());
        archive.removeNewest();
        model.refresh();
        QTRY_COMPARE(model.rowCount(), 499);
        QTRY_VERIFY(model.state() == ListState::Ready && model.countKnown());
        QCOMPARE(uidAt(model, 0).toStdString(), archive.rowNumber(498).uid);
    }

    void aTanGivenElsewhereShowsAfterARefresh()
    {
        FakeArchive archive(100);
        Model model;
        model.setArchive(&archive);
        QTRY_VERIFY(model.state() == ListState::Ready && model.countKnown());
        QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        archive.setTan(97, "118204");
        model.refresh();
        QTRY_COMPARE(changes.size(), 1);
        QCOMPARE(model.index(2, Model::State).data(Model::TanRole).toString(), QStringLiteral("118204"));
    }

    void nothingNewChangesNothing()
    {
        FakeArchive archive(100);
        Model model;
        model.setArchive(&archive);
        QTRY_VERIFY(model.state() == ListState::Ready && model.countKnown());
        QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        const std::uint64_t before = archive.pagesRead();
        model.refresh();
        QTRY_VERIFY(archive.pagesRead() > before);
        QTest::qWait(20); // lets the answer arrive; nothing to wait for can be seen
        QCOMPARE(changes.size(), 0);
        QCOMPARE(resets.size(), 0);
    }

    void aFaultIsToldAndHealsByItself()
    {
        FakeArchive archive(100);
        archive.failWith(fail(BaseErrc::Io, "share"));
        Model model;
        model.setArchive(&archive);
        QTRY_COMPARE(model.state(), ListState::Failed);
        QCOMPARE(model.error()->code, make_error_code(BaseErrc::Io));
        archive.failWith({});
        model.refresh();
        QTRY_VERIFY(model.state() == ListState::Ready && model.countKnown());
        QCOMPARE(model.rowCount(), 100);
    }

    void tanFieldFollowsItsRule()
    {
        FilterState state;
        QSignalSpy changes(&state, &FilterState::changed);
        QCOMPARE(state.enterTan(QStringLiteral("118204")), QStringLiteral("118204"));
        QCOMPARE(state.filter().tan, std::string("118204"));
        QCOMPARE(changes.size(), 1);
        QCOMPARE(state.enterTan(QStringLiteral("11820")), QString()); // a digit cleared and Enter: all again
        QCOMPARE(state.filter().tan, std::string());
        QCOMPARE(state.enterTan(QStringLiteral("11820x")), QString());
        QCOMPARE(changes.size(), 2);
    }

    void dayNeedsAMonthAndAMonthAYear()
    {
        FilterState state;
        state.setYear(2024);
        state.setMonth(1);
        state.setDay(31);
        state.setMonth(2);
        QCOMPARE(state.filter().day, 29); // a leap year
        state.setMonth(0);
        QCOMPARE(state.filter().day, 0);
        state.setYear(0);
        state.setMonth(5);
        QCOMPARE(state.filter().month, 0);
    }

    void timesReadAsPeopleWriteThem()
    {
        QCOMPARE(lengthText(252'000), QStringLiteral("4:12"));
        QCOMPARE(lengthText(3'725'400), QStringLiteral("1:02:05"));
        QCOMPARE(tenthsText(64'499), QStringLiteral("1:04.4"));
        QCOMPARE(tenthsText(-187'600), QStringLiteral("\u22123:07.6"));
        archive::RecordingRow row;
        row.start = UtcTime(std::chrono::seconds(1795251327)); // 2026-11-21 08:55:27 UTC
        row.utcOffsetMinutes = 60;
        QCOMPARE(startText(row, false, QLocale(QLocale::German)), QStringLiteral("21.11. 09:55:27"));
        QCOMPARE(startText(row, true, QLocale(QLocale::German)), QStringLiteral("21.11.2026 09:55:27"));
        row.utcOffsetMinutes = -330;
        QCOMPARE(startText(row, true, QLocale(QLocale::German)), QStringLiteral("21.11.2026 03:25:27"));
    }
};

QTEST_GUILESS_MAIN(TestListModel)
#include "tst_list_model.moc"
