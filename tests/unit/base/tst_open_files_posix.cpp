// SPDX-License-Identifier: GPL-3.0-or-later
// More files are open than the soft limit let the program open.
#include "core/base/open_files.h"

#include <QTest>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

class OpenFilesTest : public QObject {
    Q_OBJECT

private slots:
    void theSoftLimitIsRaised()
    {
        constexpr rlim_t kFew = 64;
        rlimit limit{};
        QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
        limit.rlim_cur = kFew;
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &limit), 0);
        QVERIFY(openedOf(100) < 100);
        QVERIFY(sr::allowOpenFiles() > kFew);
        QCOMPARE(openedOf(100), std::size_t(100));
    }

    void whatIsAllowedAlreadyStays()
    {
        const auto most = sr::allowOpenFiles();
        QCOMPARE(sr::allowOpenFiles(), most);
        rlimit limit{};
        QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
        QCOMPARE(std::uint64_t(limit.rlim_cur), most);
    }

private:
    /// How many of `wanted` can be open at once.
    static std::size_t openedOf(std::size_t wanted)
    {
        std::vector<int> files;
        while (files.size() < wanted) {
            const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
            if (file < 0)
                break;
            files.push_back(file);
        }
        for (const int file : files)
            ::close(file);
        return files.size();
    }
};

QTEST_APPLESS_MAIN(OpenFilesTest)
#include "tst_open_files_posix.moc"
