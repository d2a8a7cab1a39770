// SPDX-License-Identifier: GPL-3.0-or-later
// The examples of README.md that need no service, as they stand there, one after the other on an empty
// machine.
#include "tests/support/ctl_process.h"

#include <QRegularExpression>
#include <QTest>

using sr::test::CtlFixture;

namespace {

/// Indented lines that call switchroomctl for users, objects and settings; what stands behind three blanks is
/// for people.
QStringList examples()
{
    QFile file(QStringLiteral(SR_SOURCE_DIR "/README.md"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    static const QRegularExpression example(
        QStringLiteral("^    (switchroomctl (?:user|object|settings) .*?)(?:   .*)?$"),
        QRegularExpression::MultilineOption);
    QStringList all;
    auto found = example.globalMatch(QString::fromUtf8(file.readAll()));
    while (found.hasNext())
        all << found.next().captured(1);
    return all;
}

bool write(const QString& path, const QByteArray& text)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(text) == text.size() &&
           file.setPermissions(file.permissions() | QFile::ExeOwner);
}

} // namespace

class ReadmeTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY(write(m_fixture.path(QStringLiteral("password")), "secret\n"));
        QVERIFY(write(m_fixture.path(QStringLiteral("FILE")), "<show><user cn=\"desk\"/></show>"));
        QVERIFY(write(m_fixture.path(QStringLiteral("switchroomctl")),
                      "#!/bin/sh\nexec '" SR_BINARY_DIR "/app/switchroomctl' \"$@\" --config config\n"));
    }

    void everyExampleDoesWhatItSays_data()
    {
        QTest::addColumn<QString>("line");
        const QStringList all = examples();
        for (const QString& line : all)
            QTest::newRow(line.toUtf8().constData()) << line;
        QVERIFY(all.size() > 20);
    }
    void everyExampleDoesWhatItSays()
    {
        QFETCH(QString, line);
        QProcess shell;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("PATH"),
                           m_fixture.root() + u':' + environment.value(QStringLiteral("PATH")));
        shell.setProcessEnvironment(environment);
        shell.setWorkingDirectory(m_fixture.root());
        shell.setStandardInputFile(m_fixture.path(QStringLiteral("password"))); // who is asked types it
        shell.start(QStringLiteral("/bin/sh"), {QStringLiteral("-c"), line});
        QVERIFY(shell.waitForFinished(120'000));
        QVERIFY2(shell.exitStatus() == QProcess::NormalExit && shell.exitCode() == 0,
                 shell.readAllStandardError().constData());
    }

private:
    CtlFixture m_fixture;
};

QTEST_GUILESS_MAIN(ReadmeTest)
#include "tst_readme.moc"
