// SPDX-License-Identifier: GPL-3.0-or-later
// Changes on a thread of their own: in order, all of them, and not too many.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "core/pbx/directory_writer.h"
#include "core/store/store_errors.h"
#include "tests/unit/pbx/exchange_fixture.h"

#include <QTest>

#include <atomic>
#include <future>

using namespace sr;
using namespace sr::pbx;
using sr::test::ExchangeFixture;

class TestDirectoryWriter : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { (void)ExchangeFixture().open(); } // as in tst_directory_store
    void changesComeInOrder();
    void doneHearsTheWordOfTheChange();
    void itsEndFinishesWhatWasOrdered();
    void nothingOrderedOpensNothing();
    void tooManyAreRefusedAtOnce();
    void manyThreadsOrder();
    void aDatabaseThatDoesNotOpenIsTriedAgain();
};

void TestDirectoryWriter::changesComeInOrder()
{
    const ExchangeFixture fixture;
    QVERIFY(fixture.open()->add(ExchangeFixture::user(*fixture.open(), "anna", "1")));
    std::vector<int> order;
    {
        DirectoryWriter writer(fixture.config(), fixture.secrets);
        for (int i = 0; i < 50; ++i)
            writer.write(
                [i](DirectoryStore& store) {
                    return store.setForward("anna", Diversion::Type::Always, std::to_string(i));
                },
                [&order, i](const Status& how) { order.push_back(how ? i : -1); });
    }
    QCOMPARE(order.size(), std::size_t{50});
    QVERIFY(std::ranges::is_sorted(order) && order.front() == 0);
    QCOMPARE(plainForwards(*fixture.open()->read().value()->byName("anna")).always, std::string("49"));
}

void TestDirectoryWriter::doneHearsTheWordOfTheChange()
{
    const ExchangeFixture fixture;
    DirectoryWriter writer(fixture.config(), fixture.secrets);
    std::promise<Status> word;
    writer.write([](DirectoryStore& store) { return store.remove("nobody"); },
                 [&](const Status& how) { word.set_value(how); });
    const Status how = word.get_future().get();
    QVERIFY(!how);
    QVERIFY(how.error().code == make_error_code(PbxErrc::NotFound));
}

void TestDirectoryWriter::itsEndFinishesWhatWasOrdered()
{
    const ExchangeFixture fixture;
    std::promise<void> gate; // std::latch may sleep for ever with MinGW's library
    const std::shared_future<void> open = gate.get_future().share();
    int done = 0;
    std::thread opener;
    {
        DirectoryWriter writer(fixture.config(), fixture.secrets);
        for (int i = 0; i < 20; ++i)
            writer.write(
                [open, i](DirectoryStore& store) {
                    open.wait();
                    return store.add(ExchangeFixture::user(store, "u" + std::to_string(i)));
                },
                [&done](const Status& how) { done += how ? 1 : 0; });
        opener = std::thread([&gate] { gate.set_value(); });
    }
    opener.join();
    QCOMPARE(done, 20);
    QCOMPARE(fixture.open()->read().value()->objects().size(), std::size_t{20});
}

void TestDirectoryWriter::nothingOrderedOpensNothing()
{
    const ExchangeFixture fixture;
    {
        const DirectoryWriter writer(fixture.config(), fixture.secrets);
    }
    QVERIFY(!std::filesystem::exists(fixture.file()));
}

void TestDirectoryWriter::tooManyAreRefusedAtOnce()
{
    const ExchangeFixture fixture;
    std::promise<void> begun;
    std::promise<void> gate;
    std::atomic<int> good{0};
    int busy = 0;
    {
        DirectoryWriter writer(fixture.config(), fixture.secrets);
        writer.write(
            [&](DirectoryStore&) {
                begun.set_value();
                gate.get_future().wait();
                return Status();
            },
            [&](const Status&) { ++good; });
        begun.get_future().wait(); // what runs waits no longer
        const auto caller = std::this_thread::get_id();
        for (std::size_t i = 0; i < DirectoryWriter::kMostWaiting + 3; ++i)
            writer.write([](DirectoryStore&) { return Status(); },
                         [&](const Status& how) {
                             if (how)
                                 ++good;
                             else if (how.error().code == make_error_code(store::StoreErrc::Busy) &&
                                      std::this_thread::get_id() == caller)
                                 ++busy;
                         });
        gate.set_value();
    }
    QCOMPARE(busy, 3);
    QCOMPARE(good.load(), static_cast<int>(DirectoryWriter::kMostWaiting) + 1);
}

void TestDirectoryWriter::manyThreadsOrder()
{
    const ExchangeFixture fixture;
    std::atomic<int> good{0};
    {
        DirectoryWriter writer(fixture.config(), fixture.secrets);
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&writer, &good, t] {
                for (int i = 0; i < 25; ++i)
                    writer.write(
                        [name = "u" + std::to_string(t) + "-" + std::to_string(i)](DirectoryStore& store) {
                            return store.add(ExchangeFixture::user(store, name));
                        },
                        [&good](const Status& how) { good += how ? 1 : 0; });
            });
    }
    QCOMPARE(good.load(), 100);
}

/// The next order may find it well again.
void TestDirectoryWriter::aDatabaseThatDoesNotOpenIsTriedAgain()
{
    const ExchangeFixture fixture;
    std::filesystem::create_directories(fixture.file()); // a folder in its place
    DirectoryWriter writer(fixture.config(), fixture.secrets);
    const auto order = [&] {
        std::promise<Status> word;
        writer.write([](DirectoryStore& store) { return store.add(ExchangeFixture::user(store, "anna")); },
                     [&](const Status& how) { word.set_value(how); });
        return word.get_future().get();
    };
    QVERIFY(!order());
    std::filesystem::remove(fixture.file());
    const Status how = order();
    QVERIFY2(how, how ? "" : how.error().text().c_str());
}

QTEST_GUILESS_MAIN(TestDirectoryWriter)
#include "tst_directory_writer.moc"
