// SPDX-License-Identifier: GPL-3.0-or-later
// Words to select and copy whose long names break where zero-width spaces allow it; copies go without them.
#pragma once

#include <QLabel>

namespace sr::widgets {

class FactLabel final : public QLabel {
    Q_OBJECT
public:
    explicit FactLabel(QWidget* parent = nullptr);
    void copy() const; ///< what is selected, as it was before it was made breakable

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
};

} // namespace sr::widgets
