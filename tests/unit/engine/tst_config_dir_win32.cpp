// SPDX-License-Identifier: GPL-3.0-or-later
// Where settings live on Win32 follows the environment.
#include "core/engine/engine.h"

#include <QTest>

using namespace sr;
using namespace sr::engine;

class ConfigDirTest : public QObject {
    Q_OBJECT
private slots:
    void followsTheEnvironment()
    {
        qputenv("APPDATA", "C:\\Users\\somebody\\AppData\\Roaming");
        qputenv("PROGRAMDATA", "C:\\ProgramData");
        QCOMPARE(defaultConfigDir(), Path("C:\\Users\\somebody\\AppData\\Roaming\\Switchroom"));
        qunsetenv("APPDATA"); // a service may have none
        QCOMPARE(defaultConfigDir(), Path("C:\\ProgramData\\Switchroom"));
    }
};

QTEST_GUILESS_MAIN(ConfigDirTest)
#include "tst_config_dir_win32.moc"
