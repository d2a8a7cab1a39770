// SPDX-License-Identifier: GPL-3.0-or-later
// A line edit that keeps saying at its right what its text means.
#pragma once

#include <QLineEdit>

namespace sr::widgets {

class HintEdit final : public QLineEdit {
    Q_OBJECT
public:
    explicit HintEdit(QWidget* parent = nullptr);
    /// Shown while it does not touch the typed text.
    void setHint(const QString& hint);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_hint;
};

} // namespace sr::widgets
