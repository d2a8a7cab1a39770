// SPDX-License-Identifier: GPL-3.0-or-later
// Installing and removing of translators.
#include "player/ui/language.h"

#include <QApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QWidget>

namespace sr::player {

using namespace Qt::StringLiterals;

Language::Language(QString folder, QObject* parent)
    : QObject(parent)
    , m_folder(std::move(folder))
{}

Language::~Language()
{
    QCoreApplication::removeTranslator(&m_own);
    QCoreApplication::removeTranslator(&m_qt);
}

QStringList Language::codes()
{
    return {u"de"_s, u"en"_s};
}

QString Language::ofSystem()
{
    return QLocale::system().language() == QLocale::German ? u"de"_s : u"en"_s;
}

bool Language::use(const QString& code)
{
    if (!codes().contains(code))
        return false;
    m_code = code;
    // The person's own region where it speaks this language, else the language's common one.
    const QLocale system = QLocale::system();
    const bool native = system.name().startsWith(code);
    QLocale::setDefault(native ? system : QLocale(code == "de"_L1 ? u"de_DE"_s : u"en_GB"_s));
    for (QWidget* window : QApplication::topLevelWidgets())
        window->setLocale(QLocale());
    QCoreApplication::removeTranslator(&m_own);
    QCoreApplication::removeTranslator(&m_qt);
    const QString qtWords = u"qtbase_"_s + code; // English is what Qt says without any
    if (m_qt.load(qtWords, m_folder) ||
        m_qt.load(qtWords, QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QCoreApplication::installTranslator(&m_qt);
    if (m_own.load(u"sr_"_s + code, m_folder))
        QCoreApplication::installTranslator(&m_own);
    return true;
}

} // namespace sr::player
