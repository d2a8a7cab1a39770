// SPDX-License-Identifier: GPL-3.0-or-later
// Where settings live on POSIX follows the environment.
#include "core/engine/engine.h"

#include <QTest>

using namespace sr;
using namespace sr::engine;

class ConfigDirTest : public QObject {
    Q_OBJECT
private slots:
    void followsTheEnvironment()
    {
        qputenv("XDG_CONFIG_HOME", "/somewhere/config");
        QCOMPARE(utf8Of(defaultConfigDir()), std::string("/somewhere/config/switchroom"));
        qputenv("XDG_CONFIG_HOME", "relative/is/ignored");
        QVERIFY(defaultConfigDir().is_absolute());
        qunsetenv("XDG_CONFIG_HOME");
        QVERIFY(defaultConfigDir().is_absolute());
    }
};

QTEST_GUILESS_MAIN(ConfigDirTest)
#include "tst_config_dir_posix.moc"
