// SPDX-License-Identifier: GPL-3.0-or-later
// Message lamps over a restart.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "core/pbx/message_lamps.h"
#include "tests/unit/pbx/script_scene.h"

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

/// The lamps of one start.
struct Lamps {
    explicit Lamps(const Path& file)
        : lamps(
              file, worker, box.executor(),
              [this](const std::string& user, std::uint32_t fresh, std::uint32_t old) {
                  told << QStringLiteral("%1 %2 %3").arg(QString::fromStdString(user)).arg(fresh).arg(old);
              },
              [this](const std::string& line) {
                  const std::scoped_lock lock(mutex);
                  said += line;
              })
    {}
    /// Until all that was ordered of the disk is done, and posted.
    void settle()
    {
        std::atomic<bool> done = false;
        QVERIFY(worker.run([&](ScriptFiles&) { done = true; }));
        QTRY_VERIFY(done);
        box.run();
    }

    QStringList told;
    std::mutex mutex;
    std::string said;
    PostBox box;
    ScriptWorker worker;
    MessageLamps lamps;
};

} // namespace

class TestMessageLamps : public QObject {
    Q_OBJECT

private slots:
    void lastOverARestart();
    void whatIsSetFirstIsNewer();
    void oddFiles();
    void forgetsWhoIsGone();
    void withoutAFolder();

private:
    Path file() const { return pathOf(m_dir.path().toStdString()) / QTest::currentTestFunction() / "lamps"; }
    QTemporaryDir m_dir;
};

void TestMessageLamps::lastOverARestart()
{
    {
        Lamps first(file());
        first.lamps.set("otto", 2, 1);
        first.settle();
        first.lamps.set("anna", 1, 0);
        first.lamps.set("otto", 3, 1);
        first.settle();
        QCOMPARE(first.told.join(u','), QStringLiteral("otto 2 1,anna 1 0,otto 3 1"));
    }
    Lamps second(file());
    QVERIFY(second.told.isEmpty()); // it does not wait for the disk
    second.settle();
    QCOMPARE(second.told.join(u','), QStringLiteral("anna 1 0,otto 3 1"));
    QVERIFY(second.said.empty());
}

void TestMessageLamps::whatIsSetFirstIsNewer()
{
    {
        Lamps first(file());
        first.lamps.set("anna", 1, 0);
        first.lamps.set("otto", 2, 1);
        first.settle();
        first.settle();
    }
    {
        Lamps second(file());
        second.lamps.set("otto", 0, 3);
        second.settle();
        second.settle();
        QCOMPARE(second.told.join(u','), QStringLiteral("otto 0 3,anna 1 0"));
    }
    Lamps third(file());
    third.settle();
    QCOMPARE(third.told.join(u','), QStringLiteral("anna 1 0,otto 0 3"));
}

void TestMessageLamps::oddFiles()
{
    QVERIFY(makeDirs(file().parent_path()));
    QVERIFY(writeFileAtomic(file(), bytesOf("anna 1\n\notto x 1\n 1 1\ncarl 4 5 more\nbert 1 99999999999")));
    Lamps lamps(file());
    lamps.settle();
    QCOMPARE(lamps.told.join(u','), QStringLiteral("carl 4 5"));
}

void TestMessageLamps::forgetsWhoIsGone()
{
    {
        Lamps first(file());
        first.lamps.set("anna", 1, 0);
        first.lamps.set("otto", 2, 1);
        first.settle();
        const Directory directory("switchroom", std::vector<User>{{"anna", "100", "Anna", {}, {}}});
        first.lamps.forgetAllBut(directory);
        first.settle();
        first.settle();
    }
    Lamps second(file());
    second.settle();
    QCOMPARE(second.told.join(u','), QStringLiteral("anna 1 0"));
}

void TestMessageLamps::withoutAFolder()
{
    Lamps lamps{Path()};
    lamps.lamps.set("anna", 1, 0);
    lamps.settle();
    QCOMPARE(lamps.told.join(u','), QStringLiteral("anna 1 0"));
}

QTEST_GUILESS_MAIN(TestMessageLamps)
#include "tst_message_lamps.moc"
