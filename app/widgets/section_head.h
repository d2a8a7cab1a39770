// SPDX-License-Identifier: GPL-3.0-or-later
// The small heading above a group, in capitals whatever the language.
#pragma once

#include <QLabel>

namespace sr::widgets {

class SectionHead final : public QLabel {
    Q_OBJECT
public:
    explicit SectionHead(QWidget* parent = nullptr);
};

} // namespace sr::widgets
