// SPDX-License-Identifier: GPL-3.0-or-later
// Words to select and copy that invisible characters make breakable, or keep whole; copies go without them.
#pragma once

#include <QLabel>

namespace sr::widgets {

class FactLabel final : public QLabel {
    Q_OBJECT
public:
    explicit FactLabel(QWidget* parent = nullptr);
    void copy() const; ///< what is selected, as it is typed

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
};

} // namespace sr::widgets
