// SPDX-License-Identifier: GPL-3.0-or-later
// What the player's window looks like: focus, small screens, themes and contrast, words that fit at any
// scale.
#include "app/widgets/chip.h"
#include "app/widgets/tabular_text.h"
#include "player/ui/language.h"
#include "tests/gui/player_desk.h"

#include <QAbstractButton>
#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSlider>

using namespace sr;
using namespace sr::player;
using namespace Qt::StringLiterals;
using test::Desk;
using test::nameOf;

class TestPlayerLook final : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_theme = std::make_unique<widgets::Theme>(*qApp);
        m_language = std::make_unique<Language>(QStringLiteral(SR_BINARY_DIR "/translations"));
        QVERIFY(m_language->use(u"en"_s));
    }
    void cleanup() { m_language->use(u"en"_s); }
    void cleanupTestCase()
    {
        m_language.reset();
        m_theme.reset();
    }

    void tabReachesEveryControlAndEachHasAName()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        desk.view().setFocus();
        QSet<QWidget*> visited;
        for (int i = 0; i < 60; ++i) {
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            visited.insert(QApplication::focusWidget());
        }
        const QList<QWidget*> all = desk.window.findChildren<QWidget*>();
        for (QWidget* widget : all) {
            const bool control = qobject_cast<QAbstractButton*>(widget) || qobject_cast<QLineEdit*>(widget) ||
                                 qobject_cast<QComboBox*>(widget) || qobject_cast<QAbstractSlider*>(widget) ||
                                 qobject_cast<RecordingListView*>(widget);
            if (!control || qobject_cast<QScrollBar*>(widget) || !widget->isVisible())
                continue;
            auto* button = qobject_cast<QAbstractButton*>(widget);
            const bool named = !widget->accessibleName().isEmpty() || (button && !button->text().isEmpty());
            QVERIFY2(named, qPrintable(nameOf(*widget)));
            const bool segment = widget->property("segment").isValid() && button && !button->isChecked();
            if (widget->isEnabled() && !segment) // the arrow keys move inside a segmented choice
                QVERIFY2(visited.contains(widget), qPrintable(nameOf(*widget)));
        }
    }

    void focusIsSeenWhereverItIs()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        QTest::qWait(100); // chips that were on their way
        desk.view().setFocus();
        QSet<QWidget*> visited;
        for (int i = 0; i < 40; ++i) {
            QCoreApplication::processEvents();
            QWidget* from = QApplication::focusWidget();
            const QImage before = desk.window.grab().toImage();
            QTest::keyClick(from, Qt::Key_Tab);
            QCoreApplication::processEvents();
            QWidget* now = QApplication::focusWidget();
            if (now == &desk.view() || visited.contains(now))
                continue; // the list shows it by the bar of its current row
            visited.insert(now);
            const QRect place(now->mapTo(&desk.window, QPoint()) * before.devicePixelRatio(),
                              now->size() * before.devicePixelRatio());
            QVERIFY2(before.copy(place) != desk.window.grab().toImage().copy(place),
                     qPrintable(nameOf(*now)));
        }
        QVERIFY(visited.size() > 10);
    }

    void theSoundIsReachedInItsOrder()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        const QList<QSlider*> sliders = desk.window.findChildren<QSlider*>();
        QCOMPARE(sliders.size(), 3);
        QWidget* next = sliders.back()->nextInFocusChain();
        while (!(next->focusPolicy() & Qt::TabFocus))
            next = next->nextInFocusChain();
        QCOMPARE(qobject_cast<QPushButton*>(next)->text(), u"Full volume"_s);
    }

    void theStateShowsInNarrowWindows_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<int>("width");
        for (const int width : {1240, 1100, 1024}) {
            QTest::addRow("English at %d", width) << u"en"_s << width;
            QTest::addRow("German at %d", width) << u"de"_s << width;
        }
    }
    void theStateShowsInNarrowWindows()
    {
        QFETCH(QString, language);
        QFETCH(int, width);
        QVERIFY(m_language->use(language));
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        desk.window.resize(width, 600);
        QTRY_COMPARE(desk.window.size(), QSize(width, 600));
        RecordingListView& view = desk.view();
        const auto right = [&view](int column) {
            return view.columnViewportPosition(column) + view.columnWidth(column);
        };
        QTRY_COMPARE(right(RecordingListModel::State), view.viewport()->width());
        QTRY_VERIFY(!view.horizontalScrollBar()->isVisible());
        QVERIFY(m_language->use(u"en"_s));
    }

    void theWindowFitsSmallScreensAndNeverGrows()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        QVERIFY2(desk.window.minimumSizeHint().height() <= 560, // a 600 px screen less the title bar
                 qPrintable(QString::number(desk.window.minimumSizeHint().height())));
        QVERIFY2(desk.window.minimumSizeHint().width() <= 1024,
                 qPrintable(QString::number(desk.window.minimumSizeHint().width())));
        desk.window.resize(1024, 560);
        QTRY_COMPARE(desk.window.size(), QSize(1024, 560));
        desk.window.filter().setInternal(u"31"_s);
        QTRY_VERIFY(desk.window.settled());
        QCoreApplication::processEvents();
        QCOMPARE(desk.window.size(), QSize(1024, 560));
        const auto* facts = desk.window.findChild<QScrollArea*>(u"details"_s);
        QTRY_VERIFY(!facts->horizontalScrollBar()->isVisible()); // not even the uid is cut
        for (const QLineEdit* edit : desk.window.findChildren<QLineEdit*>())
            QVERIFY(!edit->isVisible() || edit->height() >= edit->sizeHint().height());
        auto* tan =
            desk.window.findChild<QLineEdit*>(u"tan"_s); // the last field comes into view with its focus
        desk.window.findChild<QLineEdit*>(u"external"_s)->setFocus();
        for (int i = 0; i < 4 && !tan->hasFocus(); ++i)
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        QVERIFY(tan->hasFocus());
        QTRY_COMPARE(tan->visibleRegion().boundingRect(), tan->rect());
    }

    void timesFitWithAndWithoutTheYear()
    {
        Desk desk(*m_theme);
        QVERIFY(desk.ready());
        const int start = desk.view().columnWidth(RecordingListModel::Start);
        desk.window.filter().setYear(0);
        QVERIFY(desk.view().columnWidth(RecordingListModel::Start) > start); // at once, and after the reset
        QTRY_VERIFY(desk.window.settled());
        const QFont font = desk.view().font();
        QVERIFY(desk.view().columnWidth(RecordingListModel::Start) >=
                int(widgets::tabularWidth(font, u"28/12/2028 00:00:00"_s)) + 16);
        desk.window.filter().setYear(2026);
        desk.window.filter().setMonth(11);
        QTRY_COMPARE(desk.view().columnWidth(RecordingListModel::Start), start);
    }

    void themesChangeEveryColour()
    {
        Desk desk(*m_theme, 20);
        QVERIFY(desk.ready());
        QSet<QRgb> backgrounds;
        for (const auto mode :
             {widgets::ThemeMode::Light, widgets::ThemeMode::Dark, widgets::ThemeMode::HighContrast}) {
            m_theme->setMode(mode);
            QCoreApplication::processEvents();
            const QImage shot = desk.window.grab().toImage();
            const QRgb inFilters = shot.pixel(4, shot.height() / 2);
            QCOMPARE(QColor(inFilters).name(), m_theme->tokens().background.name());
            backgrounds.insert(inFilters);
        }
        m_theme->setMode(widgets::ThemeMode::Light);
        QCOMPARE(backgrounds.size(), 3);
    }

    void textHasContrast_data()
    {
        QTest::addColumn<int>("mode");
        QTest::newRow("light") << int(widgets::ThemeMode::Light);
        QTest::newRow("dark") << int(widgets::ThemeMode::Dark);
        QTest::newRow("high contrast") << int(widgets::ThemeMode::HighContrast);
    }
    void textHasContrast()
    {
        QFETCH(int, mode);
        const widgets::Tokens t = widgets::tokensOf(static_cast<widgets::ThemeMode>(mode));
        for (const QColor& ground : {t.background, t.card}) {
            for (const QColor& ink : {t.ink, t.muted, t.alarm})
                QVERIFY2(contrast(ink, ground) >= 4.5, qPrintable(ink.name() + u' ' + ground.name()));
        }
        QVERIFY(contrast(t.ink, t.selected) >= 4.5);
        QVERIFY(contrast(t.onAccent, t.accent) >= 4.5);
        for (const auto tone : {widgets::ChipTone::Quiet, widgets::ChipTone::Good, widgets::ChipTone::Alarm})
            QVERIFY(contrast(chipInk(tone, t, static_cast<widgets::ThemeMode>(mode)), t.selected) >= 4.5);
    }

    void hintsAndDisabledFieldsAreDrawnWithContrast_data() { textHasContrast_data(); }
    void hintsAndDisabledFieldsAreDrawnWithContrast()
    {
        QFETCH(int, mode);
        m_theme->setMode(widgets::ThemeMode::Dark); // whatever was before leaves nothing behind
        m_theme->setMode(static_cast<widgets::ThemeMode>(mode));
        {
            Desk desk(*m_theme);
            QVERIFY(desk.ready());
            desk.view().setFocus();
            auto* year = desk.window.findChild<QComboBox*>(u"year"_s);
            year->setCurrentIndex(0); // all: no month, no day
            emit year->activated(0);
            QCoreApplication::processEvents();
            for (const auto& name : {u"internal"_s, u"tan"_s, u"month"_s, u"day"_s}) {
                auto* field = desk.window.findChild<QWidget*>(name);
                const double drawn = strongest(*field);
                QVERIFY2(drawn >= 4.5, qPrintable(name + u' ' + QString::number(drawn)));
            }
            auto* disabled = desk.window.findChild<QComboBox*>(u"day"_s);
            QVERIFY(!disabled->isEnabled());
            QVERIFY(mode == int(widgets::ThemeMode::HighContrast) ||
                    year->grab().toImage().pixel(4, 14) != disabled->grab().toImage().pixel(4, 14));
        }
        m_theme->setMode(widgets::ThemeMode::Light);
    }

    void noTextIsCutAtAnyScale_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<qreal>("fontScale");
        QTest::newRow("English") << u"en"_s << 1.0;
        QTest::newRow("German") << u"de"_s << 1.0;
        QTest::newRow("English with larger letters") << u"en"_s << 1.15;
        QTest::newRow("German with larger letters") << u"de"_s << 1.15;
    }
    void noTextIsCutAtAnyScale()
    {
        QFETCH(QString, language);
        QFETCH(qreal, fontScale);
        const QFont usual = QApplication::font();
        QFont larger = usual;
        larger.setPointSizeF(usual.pointSizeF() * fontScale);
        QApplication::setFont(larger);
        QVERIFY(m_language->use(language));
        {
            Desk desk(*m_theme);
            QVERIFY(desk.ready());
            desk.window.filter().setInternal(u"31"_s); // shows the button that clears
            QTRY_VERIFY(desk.window.settled());
            const QList<QWidget*> widgets = desk.window.findChildren<QWidget*>();
            for (QWidget* widget : widgets) {
                const auto* label = qobject_cast<QLabel*>(widget);
                const auto* button = qobject_cast<QAbstractButton*>(widget);
                if (!widget->isVisible() || (!label && !button) ||
                    widget->objectName() == u"qt_toolbar_ext_button"_s)
                    continue;
                if (label && label->wordWrap())
                    QVERIFY2(widget->height() >= label->heightForWidth(widget->width()),
                             qPrintable(label->text()));
                else if (label && !label->text().endsWith(u'…'))
                    QVERIFY2(widget->width() >= label->sizeHint().width() ||
                                 widget->minimumWidth() == widget->maximumWidth(),
                             qPrintable(label->text()));
                else if (button && button->text().isEmpty()) // icons: the style asks for room for a text, too
                    QVERIFY2(widget->rect()
                                 .adjusted(2, 2, -2, -2)
                                 .contains(QRect(widget->rect().center() -
                                                     button->iconSize().width() / 2 * QPoint(1, 1),
                                                 button->iconSize())),
                             qPrintable(nameOf(*widget)));
                else if (button)
                    QVERIFY2(widget->width() >= widget->sizeHint().width() &&
                                 widget->height() >= widget->sizeHint().height(),
                             qPrintable(nameOf(*widget) + button->text()));
                QVERIFY2(desk.window.rect().contains(
                             QRect(widget->mapTo(&desk.window, QPoint()), widget->size())) ||
                             widget->window() != &desk.window || insideScroll(*widget),
                         qPrintable(nameOf(*widget)));
            }
        }
        QApplication::setFont(usual);
        QVERIFY(m_language->use(u"en"_s));
    }

    void germanIsComplete()
    {
        QFile catalogue(QStringLiteral(SR_SOURCE_DIR "/translations/sr_de.ts"));
        QVERIFY(catalogue.open(QIODevice::ReadOnly));
        const QString words = QString::fromUtf8(catalogue.readAll());
        QVERIFY(words.count(u"<source>"_s) > 100);
        QVERIFY(!words.contains(u"type=\"unfinished\""_s));
        QVERIFY(!words.contains(u"<translation></translation>"_s));
        QVERIFY(!words.contains(u"<numerusform></numerusform>"_s));
    }

private:
    static bool insideScroll(const QWidget& widget)
    {
        for (const QWidget* up = widget.parentWidget(); up; up = up->parentWidget()) {
            if (up->inherits("QAbstractScrollArea"))
                return true;
        }
        return false;
    }
    /// Contrast of a field's text with its ground as drawn: four times as large, so that strokes are solid.
    static double strongest(QWidget& field)
    {
        QImage image(field.size() * 4, QImage::Format_RGB32);
        image.setDevicePixelRatio(4);
        image.fill(Qt::black);
        field.render(&image);
        const QColor ground = image.pixelColor(6 * 4, 4 * 4);
        double most = 1;
        for (int y = 7 * 4; y < image.height() - 7 * 4; ++y) {
            for (int x = 6 * 4; x < image.width() - 26 * 4; ++x) // neither frame nor arrow
                most = std::max(most, contrast(image.pixelColor(x, y), ground));
        }
        return most;
    }
    /// What the words of a chip on a selected row are drawn with.
    static QColor chipInk(widgets::ChipTone tone, const widgets::Tokens& tokens, widgets::ThemeMode mode)
    {
        widgets::Theme theme(*qApp);
        theme.setMode(mode);
        QImage image(200 * 4, 28 * 4, QImage::Format_RGB32);
        image.setDevicePixelRatio(4);
        image.fill(tokens.selected);
        QPainter painter(&image);
        const qreal width = widgets::drawChip(painter, QRectF(0, 0, 200, 27), u"HHHH"_s, tone, theme,
                                              QApplication::font(), widgets::ChipGround::Selected);
        painter.end();
        QColor most = tokens.selected;
        for (int x = 80; x < int(width) * 4 - 20; ++x) {
            const QColor here = image.pixelColor(x, image.height() / 2);
            if (contrast(here, tokens.selected) > contrast(most, tokens.selected))
                most = here;
        }
        theme.setMode(widgets::ThemeMode::Light);
        return most;
    }
    /// WCAG 2.1 contrast ratio.
    static double contrast(const QColor& a, const QColor& b)
    {
        const auto luminance = [](const QColor& color) {
            const auto linear = [](double c) {
                return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
            };
            return 0.2126 * linear(double(color.redF())) + 0.7152 * linear(double(color.greenF())) +
                   0.0722 * linear(double(color.blueF()));
        };
        const double high = std::max(luminance(a), luminance(b));
        const double low = std::min(luminance(a), luminance(b));
        return (high + 0.05) / (low + 0.05);
    }

    std::unique_ptr<widgets::Theme> m_theme;
    std::unique_ptr<Language> m_language;
};

QTEST_MAIN(TestPlayerLook)
#include "tst_player_look.moc"
