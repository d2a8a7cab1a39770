// SPDX-License-Identifier: GPL-3.0-or-later
// A mapped file reads as it stands; what somebody cuts off it while it is read is an error, not a signal.
#include "core/base/mapped_source.h"
#include "core/base/memory.h"

#include <QTemporaryDir>
#include <QTest>

#include <numeric>

using namespace sr;

class MappedSourceTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    Path at(const char* name) const { return pathOf(m_dir.filePath(QString::fromUtf8(name)).toStdString()); }

    static constexpr std::size_t kBytes = 64 * 1024;
    static constexpr std::size_t kKept = 16 * 1024; ///< a multiple of any page we know

    std::shared_ptr<MappedSource> mapped(const char* name)
    {
        const Bytes content(kBytes, std::byte{7});
        auto source = writeFileAtomic(at(name), content) ? MappedSource::open(at(name))
                                                         : Result<std::shared_ptr<MappedSource>>(Error{});
        return source ? *source : nullptr;
    }
    bool cut(const char* name)
    {
        auto file = File::open(at(name), OpenMode::ReadWrite);
        return file && (*file)->truncate(kKept);
    }

private slots:
    void readsAsItStands()
    {
        Bytes content(100'000);
        for (std::size_t i = 0; i < content.size(); ++i)
            content[i] = static_cast<std::byte>(i * 7);
        QVERIFY(writeFileAtomic(at("whole"), content));
        auto source = MappedSource::open(at("whole"));
        QVERIFY(source);
        (*source)->expect(0, 1000);
        (*source)->expect(99'999, 1'000'000);
        (*source)->expect(1'000'000, 1);
        QCOMPARE((*source)->size(), content.size());
        QVERIFY(std::ranges::equal((*source)->view(), content));
        Bytes part(10);
        const auto got = (*source)->readAt(99'995, part);
        QVERIFY(got && *got == 5);
        QVERIFY((*source)->status());
    }

    void anEmptyFileIsEmpty()
    {
        QVERIFY(writeFileAtomic(at("empty"), {}));
        auto source = MappedSource::open(at("empty"));
        QVERIFY(source);
        QCOMPARE((*source)->size(), 0U);
        QVERIFY((*source)->view().empty());
    }

    void whatIsNoFileIsRefused()
    {
        QVERIFY(MappedSource::open(at("absent")).error().code == BaseErrc::NotFound);
        QVERIFY(MappedSource::open(at(".")).error().code == BaseErrc::Malformed);
    }

    void aFileCutWhileItIsReadIsAnError()
    {
        auto source = mapped("cut");
        auto other = mapped("other");
        QVERIFY(source && other && cut("cut"));
        const ByteView view = source->view();
        const int sum = std::accumulate(view.begin(), view.end(), 0,
                                        [](int n, std::byte b) { return n + std::to_integer<int>(b); });
        QCOMPARE(sum, 7 * static_cast<int>(kKept)); // zeros behind the cut
        QVERIFY(source->status().error().code == BaseErrc::Io);
        Bytes part(10);
        QVERIFY(source->readAt(0, part).error().code == BaseErrc::Io);
        QVERIFY(other->status()); // only the one that was cut
    }

    void thousandsMayBeMappedAtOnce()
    {
        std::vector<std::shared_ptr<MappedSource>> many;
        QVERIFY(writeFileAtomic(at("many"), Bytes(100)));
        for (int i = 0; i < 5000; ++i) {
            auto source = MappedSource::open(at("many"));
            QVERIFY(source);
            many.push_back(*source);
        }
        many.erase(many.begin(), many.begin() + 4000);
        auto source = mapped("last");
        QVERIFY(source && cut("last"));
        QCOMPARE(source->view()[kBytes - 1], std::byte{});
        QVERIFY(!source->status());
        QVERIFY(many.front()->status());
    }

    void theMachineHasMemory() { QVERIFY(physicalMemory() > 64 * 1024 * 1024); }
};

QTEST_GUILESS_MAIN(MappedSourceTest)
#include "tst_mapped_source.moc"
