// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the built switchroomctl as a person or script would, and reads what it says.
#pragma once

#include <QDir>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>

namespace sr::test {

struct CtlResult {
    int exitCode = -1; ///< -1: killed or crashed
    QByteArray out;
    QByteArray err;
    QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
};

/// An archive and a --config of its own in a temporary folder.
class CtlFixture {
public:
    QString path(const QString& name) const { return m_dir.filePath(name); }
    QString archive() const { return path(QStringLiteral("archive")); }
    QString config() const { return path(QStringLiteral("config")); }
    QString root() const { return m_dir.path(); }

    /// `switchroomctl COMMAND ARGS --config C [--archive A]`.
    CtlResult run(QStringList arguments, const QByteArray& input = {},
                  const QStringList& environment = {}) const
    {
        arguments << QStringLiteral("--config") << config();
        static const QStringList bare{QStringLiteral("unseal"),  QStringLiteral("settings"),
                                      QStringLiteral("user"),    QStringLiteral("status"),
                                      QStringLiteral("console"), QStringLiteral("object")};
        if (!bare.contains(arguments.constFirst()))
            arguments << QStringLiteral("--archive") << archive();
        return runRaw(arguments, input, environment);
    }

    static CtlResult runRaw(const QStringList& arguments, const QByteArray& input = {},
                            const QStringList& environment = {})
    {
        QProcess process;
        QProcessEnvironment variables = QProcessEnvironment::systemEnvironment();
        for (const QString& entry : environment)
            variables.insert(entry.section(QLatin1Char('='), 0, 0), entry.section(QLatin1Char('='), 1));
        process.setProcessEnvironment(variables);
        process.start(QStringLiteral(SR_BINARY_DIR "/app/switchroomctl"), arguments);
        process.write(input);
        process.closeWriteChannel();
        process.waitForFinished(300'000);
        return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
                process.readAllStandardOutput(), process.readAllStandardError()};
    }

private:
    /// In memory where there is such a place: what a sync costs on a shared disk says nothing here.
    static QString temporary()
    {
        const QString memory = QStringLiteral("/dev/shm");
        return (QFileInfo(memory).isWritable() ? memory : QDir::tempPath()) +
               QStringLiteral("/switchroom-XXXXXX");
    }
    QTemporaryDir m_dir{temporary()};
};

} // namespace sr::test
