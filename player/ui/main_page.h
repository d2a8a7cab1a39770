// SPDX-License-Identifier: GPL-3.0-or-later
// Where the parts of the window stand: the columns at the sides give way first when it becomes narrow.
#pragma once

#include <QWidget>

namespace sr::player {

class MainPage final : public QWidget {
    Q_OBJECT
public:
    struct Parts {
        QWidget* top;
        QWidget* filters;
        QWidget* list;
        QWidget* details;
        QWidget* deck;
        QWidget* sound;
        QWidget* status;
    };
    MainPage(const Parts& parts, QWidget* parent);

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;

private:
    void fitSides();

    Parts m_parts;
};

} // namespace sr::player
