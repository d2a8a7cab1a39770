// SPDX-License-Identifier: GPL-3.0-or-later
// The bottom line: what the program is doing, and how the archive stands.
#pragma once

#include <QWidget>

#include <optional>

class QLabel;

namespace sr::widgets {
class Theme;
}

namespace sr::player {

class StatusLine final : public QWidget {
    Q_OBJECT
public:
    enum class Doing { Opening, Loading, Live, Still, Failed, NoArchive };

    explicit StatusLine(const widgets::Theme& theme, QWidget* parent = nullptr);
    void setDoing(Doing doing);
    void setArchive(const QString& name, std::optional<quint64> freeBytes);

protected:
    void changeEvent(QEvent* event) override;

private:
    void refresh();
    void paintDot();

    const widgets::Theme& m_theme;
    Doing m_doing = Doing::NoArchive;
    QString m_name;
    std::optional<quint64> m_free;
    QLabel* m_dot;
    QLabel* m_text;
    QLabel* m_archive;
};

} // namespace sr::player
