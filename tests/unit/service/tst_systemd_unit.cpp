// SPDX-License-Identifier: GPL-3.0-or-later
// The unit file says what the command line said, and systemd itself finds no fault with it.
#include "app/service/systemd_unit.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using namespace sr::service;

namespace {

Installation usual()
{
    return {"/bin/true",
            {"--service", "--config", "/etc/switch room", "--archive", "/srv/100% calls", "--filter",
             "udp port 5060 and not host \"$x\""},
            {"/etc/switch room", "/srv/100% calls"}};
}

} // namespace

class TestSystemdUnit : public QObject {
    Q_OBJECT
private slots:
    void wordsAreQuoted()
    {
        const QByteArray unit = QByteArray::fromStdString(systemdUnit(usual()));
        QVERIFY2(unit.contains("ExecStart=\"/bin/true\" \"--service\" \"--config\" \"/etc/switch room\" "
                               "\"--archive\" \"/srv/100%% calls\" \"--filter\" "
                               "\"udp port 5060 and not host \\\"$$x\\\"\"\n"),
                 unit.constData());
        QVERIFY(unit.contains("ReadWritePaths=\"/etc/switch room\"\nReadWritePaths=\"/srv/100%% calls\"\n"));
    }
    void hasTheRightToCaptureAndNoOther()
    {
        const QByteArray unit = QByteArray::fromStdString(systemdUnit(usual()));
        QVERIFY(unit.contains("\nAmbientCapabilities=CAP_NET_RAW\nCapabilityBoundingSet=CAP_NET_RAW\n"));
        QVERIFY(unit.contains("\nUser=switchroom\n") && unit.contains("\nNoNewPrivileges=yes\n"));
        QVERIFY(systemdUser().starts_with("u switchroom "));
    }
    void thousandsOfCallsHaveTheirSockets()
    {
        const QByteArray unit = QByteArray::fromStdString(systemdUnit(usual()));
        QVERIFY(unit.contains("\nLimitNOFILE=262144\n"));
    }
    void systemdReadsIt()
    {
        QVERIFY2(!QStandardPaths::findExecutable(QStringLiteral("systemd-analyze")).isEmpty(),
                 "package systemd");
        const QTemporaryDir dir;
        QFile file(dir.filePath(QStringLiteral("switchroomd.service")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray::fromStdString(systemdUnit(usual())));
        file.close();
        QProcess analyze;
        analyze.setProcessChannelMode(QProcess::MergedChannels);
        analyze.start(QStringLiteral("systemd-analyze"),
                      {QStringLiteral("verify"), QStringLiteral("--man=no"), file.fileName()});
        QVERIFY(analyze.waitForFinished(30'000));
        const QByteArray said = analyze.readAll();
        QVERIFY2(!said.contains("switchroomd.service:"), said.constData());
        QVERIFY2(analyze.exitCode() == 0, said.constData());
    }
};

QTEST_GUILESS_MAIN(TestSystemdUnit)
#include "tst_systemd_unit.moc"
