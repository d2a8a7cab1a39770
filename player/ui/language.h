// SPDX-License-Identifier: GPL-3.0-or-later
// The program's language: translation, locale of numbers and dates, and switching while it runs.
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <QTranslator>

namespace sr::player {

/// Main thread. Widgets hear of a switch by their LanguageChange event.
class Language final : public QObject {
    Q_OBJECT
public:
    /// `folder` holds sr_<code>.qm and qtbase_<code>.qm, normally the resource `:/i18n`.
    explicit Language(QString folder, QObject* parent = nullptr);
    ~Language() override;
    static QStringList codes();    ///< `de`, `en`
    static QString ofSystem();     ///< `de` on German systems, else `en`
    bool use(const QString& code); ///< false: unknown, nothing changed
    const QString& code() const { return m_code; }

private:
    QString m_folder;
    QString m_code;
    QTranslator m_own;
    QTranslator m_qt; ///< Qt's own menus and names of keys
};

} // namespace sr::player
