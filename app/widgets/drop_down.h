// SPDX-License-Identifier: GPL-3.0-or-later
// A combo box with an arrow in the theme's own ink; style sheets could only give it a fixed picture.
#pragma once

#include <QComboBox>

namespace sr::widgets {

class DropDown final : public QComboBox {
    Q_OBJECT
public:
    explicit DropDown(QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace sr::widgets
